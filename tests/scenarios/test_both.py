"""One bot in Slack and in Microsoft Teams at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from reporting.model import Identity
from tests.scenarios.on_both import BothStage, Setting, staged_in_both

IN_SLACK = Setting("slack", ("ana", "emil"))
IN_TEAMS = Setting("teams", ("carl", "anna"))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[BothStage]:
    """Ana and her deputy work in Teams; everybody else, and every channel, is in Slack."""
    async with staged_in_both(tmp_path, IN_SLACK) as stage:
        yield stage


@pytest.mark.parametrize("setting", [IN_SLACK, IN_TEAMS], ids=["channels-in-slack", "channels-in-teams"])
async def test_a_week_across_both(tmp_path: Path, setting: Setting) -> None:
    async with staged_in_both(tmp_path, setting) as stage:
        await stage.go("2026-09-28", "09:00")
        await stage.report("ana", "ATLAS", "Red", "The pump broke.")
        await stage.report("ana", "BEAM")
        await stage.report("ben", "CORE", "Amber", "Parts are late.")
        [alert] = stage.posted("ALERTS")
        assert "ATLAS" in alert.text
        carl = stage.client("carl")
        await carl.press(alert, action="alert.ack")
        await stage.settle()
        [alert] = stage.posted("ALERTS")
        assert "has this since Mon 28 Sept 09:00" in alert.text
        await stage.go("2026-10-02", "16:00")
        [digest] = stage.posted("LEAD")
        assert "3 of 4 reported" in digest.text
        detail = "".join(reply.text for reply in stage.replies(digest))
        assert "The pump broke." in digest.text + detail
        await stage.report("dora", "DELTA", "Green", "Back on track.")
        assert "all 4 reported" in stage.posted("LEAD")[0].text
        assert "ATLAS" in await stage.ask("carl", "red")
        for name in ("ana", "ben", "dora", "carl"):
            other = stage.side("slack" if name in setting.teams else "teams").client(name)
            assert not other.inbox(), name
        assert not stage.refusals


# ---------------------------------------------------------------- names


async def test_somebody_of_the_other_system_reads_as_a_name_in_slack(stage: BothStage) -> None:
    carl = real_account(stage, "carl")
    await stage.go("2026-09-28", "09:00")
    await stage.report("ana", "ATLAS", "Red", "The pump broke.")
    [alert] = stage.slack.channel("ALERTS")
    line = alert.blocks[0]["elements"][0]["elements"]
    assert {"type": "text", "text": "Ana"} in line
    assert {"type": "user", "user_id": carl} in line
    assert stage.account("ana", "teams").user_id not in str(alert.blocks)
    assert not stage.refusals


async def test_somebody_of_the_other_system_reads_as_a_name_in_teams(tmp_path: Path) -> None:
    async with staged_in_both(tmp_path, Setting("teams", ("carl", "anna"))) as stage:
        await stage.go("2026-09-28", "09:00")
        await stage.report("ben", "CORE", "Red", "The pump broke.")
        [alert] = stage.teams.place("ALERTS").messages("")
        assert "Lead Ben, sponsor <at>Carl</at>" in alert.card["body"][0]["text"]
        [named] = alert.card["msteams"]["entities"]
        assert named["mentioned"]["id"] == stage.account("carl", "teams").user_id
        assert "U_BEN" not in str(alert.activity)
        assert not stage.refusals


def real_account(stage: BothStage, name: str) -> str:
    """Give somebody an account in Slack whose id looks like a real one, which alone is mentioned; its id."""
    account = f"U0{name.upper()}"
    users = stage.slack.playground.workspace.users
    users[account] = replace(users[f"U_{name.upper()}"], id=account)
    human = stage.human(name)
    with stage.bot.store.begin() as uow:
        uow.people.save(replace(human, identities=(Identity("slack", stage.slack.tenant, account),)))
    return account


# ---------------------------------------------------------------- one person, two accounts


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[BothStage]:
    """Everybody works in Slack so far; the app is there in Teams."""
    async with staged_in_both(tmp_path, Setting("slack", ())) as stage:
        await stage.go("2026-09-28", "09:00")
        yield stage


async def test_a_second_account_has_no_rights_before_the_yes(slack: BothStage) -> None:
    await slack.report("ana", "ATLAS", "Amber", "Parts are late.")
    prompt = slack.asked("ana")
    ana, anna = slack.teams.client("ana"), slack.teams.client("anna")
    for client in (ana, anna):
        await client.installed()
    await slack.settle()
    for name in ("ana", "anna"):
        assert "from the account" in slack.inbox(name)[-1].text
        assert len(slack.human(name).identities) == 1
    await ana.owed()
    assert "asked there whether this account is yours" in ana.form().text
    await slack.teams.ask("anna", "remind")
    for line in ("me", "mine"):
        assert "asked there whether this account is yours" in await slack.teams.ask("ana", line)
    with slack.bot.store.read() as uow:
        assert {event.actor for event in uow.audit.events(limit=1_000)} == {"system", f"person:{slack.human('ana').id}"}
        assert not list(uow.deliveries.with_prefix("reminder:"))
        assert uow.people.by_identity(slack.account("ana", "teams")) is None
    # A button of hers, from another screen, does nothing in this account's name either.
    standing, beam = slack.standing("BEAM"), slack.project("BEAM")
    opened = await ana.pressing("report.open", f"{standing.period_id}:{beam.id}")
    assert "asked there whether this account is yours" in opened
    assert prompt.id == slack.asked("ana").id


async def test_a_person_moves_from_slack_to_teams_in_the_middle_of_a_week(slack: BothStage) -> None:
    await slack.report("ana", "ATLAS", "Amber", "Parts are late.")
    here, there = slack.client("ana"), slack.teams.client("ana")
    await there.installed()
    await slack.settle()
    prompt, question = slack.inbox("ana")
    await here.press(question, "Yes, that is me")
    await slack.settle()
    there.begin()
    await here.press(slack.inbox("ana")[-1], "In Microsoft Teams")
    await slack.settle()
    # What is open stays where it is and says so; nothing comes twice.
    prompt = slack.inbox("ana")[0]
    assert "From now on I write to you in Microsoft Teams" in prompt.text
    assert not there.inbox()
    await slack.go("2026-09-30", "16:00")
    await slack.go("2026-10-01", "12:00")
    assert len(slack.inbox("ana")) == 2
    [reminder] = there.inbox()
    assert "Still open: BEAM" in reminder.text
    # Answered in Teams, it is answered in Slack.
    await slack.teams.open_from("ana", reminder, "BEAM")
    await there.fill("Overall status", "Green")
    assert await there.send(Headline="All is well.")
    await slack.settle()
    assert "Thank you, that is all." in slack.inbox("ana")[0].text
    assert "Still open: BEAM" not in there.inbox()[0].text
    await slack.go("2026-10-05", "09:00")
    assert len(slack.inbox("ana")) == 2
    assert "ATLAS" in there.inbox()[-1].text
    assert len(there.inbox()) == 2
    assert not slack.refusals


async def test_who_says_no_keeps_the_other_account_out(slack: BothStage) -> None:
    there = slack.teams.client("ana")
    await there.installed()
    await slack.settle()
    await slack.client("ana").press(slack.inbox("ana")[-1], "No")
    await slack.settle()
    assert "said that this account is not theirs" in await slack.teams.ask("ana", "me")
    await slack.go("2026-10-05", "09:00")
    assert all("ATLAS" not in seen.text for seen in there.inbox())
    assert len(slack.human("ana").identities) == 1


# ---------------------------------------------------------------- one of them ends


def asked_in(stage: BothStage, name: str) -> int:
    """How many prompts somebody has."""
    return sum(any(b.action == "report.open" for b in seen.buttons) for seen in stage.inbox(name))


async def test_slack_that_is_revoked_does_not_stop_teams(stage: BothStage) -> None:
    faults = stage.slack.playground.faults
    faults.add("chat.postMessage", "error", times=None, code="token_revoked")
    await stage.go("2026-09-28", "09:00")
    assert (asked_in(stage, "ana"), asked_in(stage, "ben")) == (1, 0)
    assert await stage.bot.health.not_ready() == []
    assert list(await stage.bot.health.unwell()) == ["slack"]
    await stage.report("ana", "ATLAS", "Red", "The pump broke.")
    assert not stage.posted("ALERTS")
    faults.clear()
    await stage.restart(("2026-09-28", "10:00"))
    await stage.settle()
    assert (asked_in(stage, "ana"), asked_in(stage, "ben")) == (1, 1)
    assert "ATLAS" in stage.posted("ALERTS")[0].text


async def test_teams_that_is_closed_does_not_stop_slack(stage: BothStage) -> None:
    login = stage.teams.teams.login
    login.revoke()
    login.closed = True
    await stage.go("2026-09-28", "09:00")
    assert (asked_in(stage, "ana"), asked_in(stage, "ben")) == (0, 1)
    assert await stage.bot.health.not_ready() == []
    assert list(await stage.bot.health.unwell()) == ["teams"]
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    assert "CORE" in stage.posted("ALERTS")[0].text
    login.closed = False
    await stage.restart(("2026-09-28", "10:00"))
    await stage.settle()
    assert (asked_in(stage, "ana"), asked_in(stage, "ben")) == (1, 1)
