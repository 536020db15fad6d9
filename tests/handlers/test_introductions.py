"""Whoever is chosen in a form is met first: the picker offers everybody, and the rules know only whom they have met."""

from pathlib import Path
from typing import Any

import pytest

from handlers.introductions import Introductions
from handlers.work import Seen, Work
from reporting import interactions as i
from reporting.model import Identity
from reporting.ports import Profile, StoreBusy
from tests.handlers import test_pmo_forms as pmo
from tests.handlers.scene import filled as filled_in
from tests.handlers.scene import opened as opened_form
from tests.handlers.scene import scene
from tests.handlers.slack.conftest import bench as slack_bench
from tests.handlers.slack.test_app import FORM
from tests.handlers.slack.test_submissions import FILLED as SLACK_FILLED
from tests.handlers.slack.test_submissions import opened
from tests.handlers.teams.inbound import test_dialogs as teams
from tests.handlers.teams.inbound.bench import Bench, bench, shown
from tests.support.teams import FakePerson

DONE = (i.CloseForm(all=True),)


def filled(person: FakePerson) -> dict[str, str]:
    return teams.FILLED | {"in:p:of": person.aad}


def met(running: Any) -> list[str]:
    return [profile.name for profile in running.desk.met]


async def ready(running: Bench, **replies: Any) -> dict[str, Any]:
    """The form open at Ana's; nobody has been met but she."""
    dialog = await running.opens(teams.FORM)
    running.desk.met.clear()
    running.desk.replies |= {"submit": DONE, **replies}
    return dialog


# ---------------------------------------------------------------- Teams


async def test_whoever_is_chosen_in_teams_is_met_before_the_form_is_taken(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        told: list[list[str]] = []

        def submit(_form: i.Submission) -> i.Reply:
            told.append(met(running))
            return DONE

        dialog = await ready(running, submit=submit)
        assert await running.sends(dialog, "Send report", filled(running.bo)) is None
        assert told == [["Bo Li"]]
        await running.sends(dialog, "Send report", filled(running.bo) | {"in:t:summary": "Other words"})
        assert met(running) == ["Bo Li"]


@pytest.mark.parametrize("button", ["Add a risk", "Show what else is asked", "Keep draft"])
async def test_every_button_of_a_dialog_meets_whom_it_brings(tmp_path: Path, button: str) -> None:
    async with bench(tmp_path) as running:
        dialog = await ready(running)
        await running.sends(dialog, button, filled(running.bo))
        assert met(running) == ["Bo Li"]


async def test_whom_the_desk_knows_it_is_not_told_of(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        dialog = await ready(running)
        running.desk.known.add(running.bo.aad)
        await running.sends(dialog, "Send report", filled(running.bo))
        assert met(running) == []


@pytest.mark.parametrize("how", ["nobody", "another tenant", "refused"])
async def test_whom_teams_does_not_know_as_ours_is_left_to_the_form(tmp_path: Path, how: str) -> None:
    async with bench(tmp_path) as running:
        dialog = await ready(running)
        if how == "nobody":
            running.team.members.remove(running.bo)
        elif how == "another tenant":
            running.bo.tenant = "another"
        else:
            running.teams.fake.faults.add("members", "status", times=None, status=500)
        assert await running.sends(dialog, "Send report", filled(running.bo)) is None
        assert met(running) == []
        assert running.heard.form_id == "report"


async def test_a_slow_answer_about_somebody_leaves_time_for_the_form(tmp_path: Path) -> None:
    async with bench(tmp_path, budget=0.8) as running:
        dialog = await ready(running)
        running.teams.fake.faults.add("members", "slow", times=None, seconds=3.0)
        assert await running.sends(dialog, "Send report", filled(running.bo)) is None
        assert running.heard.form_id == "report"


async def test_a_store_that_is_busy_keeps_the_form_open(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        dialog = await ready(running)

        def busy(identity: Identity) -> bool:
            raise StoreBusy

        running.desk.knows = busy  # type: ignore[method-assign]
        again = shown(await running.sends(dialog, "Send report", filled(running.bo)))
        assert teams.values(again) == filled(running.bo)


# ---------------------------------------------------------------- Slack


async def test_whoever_is_chosen_in_slack_is_met_before_the_form_is_taken() -> None:
    async with slack_bench("socket") as running:
        view = await opened(running, FORM)
        running.desk.met.clear()
        running.desk.replies["submit"] = DONE
        assert (await running.pg.person("U1").submit(view, SLACK_FILLED)).ok
        assert met(running) == ["Bo Li"]


async def test_keys_do_not_ask_slack_again_and_again_about_somebody_whom_it_does_not_tell() -> None:
    async with slack_bench("socket") as running:
        view = await opened(running, FORM)
        running.desk.met.clear()
        running.desk.known.add("U1")
        asked = running.pg.faults.add("users.info", "http500", times=99)
        ana = running.pg.person("U1")
        for text in ("A", "Al", "All"):
            await ana.type(view, "Headline", text)
            await running.settled()
        first = len(running.pg.log.calls("users.info"))
        assert first > 0
        await ana.type(view, "Headline", "All f")
        await running.settled()
        assert len(running.pg.log.calls("users.info")) == first
        asked.times = 0
        running.desk.replies["submit"] = DONE
        assert (await ana.submit(view, SLACK_FILLED)).ok
        assert met(running) == ["Bo Li"]


# ---------------------------------------------------------------- the rules


async def test_somebody_new_may_lead_a_project_at_once(tmp_path: Path) -> None:
    world, work = scene(tmp_path), Work(1)

    async def profile(user_id: str) -> Profile | None:
        return Profile(Identity("slack", "T1", user_id), "Nora New", "nora@labs.example", None, None, True)

    form = opened_form(world.click("anna", "project.add"))
    values = filled_in(world, form, key="LASER", name="Laser lab", lead=pmo.STRANGER)
    sent = i.Submission(form.id, world.identity("anna"), values, form.context)
    await Introductions(world.desk, work, profile, 2.0).of(sent)
    await work.close()
    assert world.desk.submit(sent)[0] == i.CloseForm(all=True)
    lead = pmo.stored(world, "LASER").lead_id
    with world.store.read() as uow:
        assert uow.people.get(lead or 0).name == "Nora New"  # type: ignore[union-attr]


# ---------------------------------------------------------------- what is remembered


def test_what_is_remembered_for_a_while_is_forgotten_by_itself() -> None:
    now = [0.0]
    seen = Seen(keep=10.0, monotonic=lambda: now[0])
    assert seen.first("a", 1)
    now[0] = 10.0
    assert not seen.first("a", 1)
    now[0] = 20.1
    assert ("a" in seen, seen.get("a", 0), len(seen)) == (False, 0, 0)
    assert seen.first("a", 1)
