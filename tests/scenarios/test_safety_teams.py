"""Requests that Teams did not send, and payloads that no client of ours would send: nobody gets more than is theirs."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.data import OURS, STATE, form_data
from handlers.teams.inputs import input_id
from handlers.teams.state import State, seal, unseal
from reporting.interactions import Form, TextField
from reporting.model import Identity, StatusReport
from tests.scenarios.on_teams import TeamsStage as Stage
from tests.scenarios.on_teams import staged_in_teams
from tests.scenarios.teams_client import words

OTHER_TENANT = "0ddba11e-0000-4000-8000-00000000beef"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage at nine on Monday, with ATLAS red and Eve, whom nobody has told the bot about."""
    async with staged_in_teams(tmp_path) as stage:
        eve = stage.teams.world.person("Eve", "eve@labs.example")
        stage.team.members.append(eve)
        stage.people["eve"] = eve
        await stage.go("2026-09-28", "09:00")
        await stage.report("ana", "ATLAS", "Red", "The pump broke.")
        yield stage


def current(stage: Stage, key: str) -> StatusReport | None:
    """A project's newest report."""
    with stage.bot.store.read() as uow:
        return uow.reports.current(stage.project(key).id, stage.standing(key).period_id)


def deeds(stage: Stage) -> list[tuple[str, str]]:
    """What the books say was done by people."""
    with stage.bot.store.read() as uow:
        return [(e.action, e.subject) for e in uow.audit.events(limit=10_000) if e.actor.startswith("person:")]


# ---------------------------------------------------------------- who may knock


async def test_only_teams_itself_is_heard(stage: Stage) -> None:
    anna, fake = stage.client("anna"), stage.teams
    line = fake.activity(stage.people["anna"], text="remind")
    before = len(stage.inbox("anna"))
    for bad in ({"aud": "another-bot"}, {"iss": "https://sts.windows.net/x/"}, {"exp": 1}, {"key": "key-2"},
                {"algorithm": "none"}, {"serviceurl": "https://elsewhere.example/"}):  # fmt: skip
        assert await anna.knock(line, fake.inbound_headers(**bad)) == 401
    assert await anna.knock(line, {}) == 401
    assert await anna.knock(line | {"serviceUrl": "https://elsewhere.example/"}) == 401
    assert await anna.knock(line | {"text": "x" * (1024 * 1024)}) == 413
    await stage.settle()
    assert len(stage.inbox("anna")) == before
    assert [await anna.knock(line), await anna.knock(line)] == [200, 200]
    await stage.settle()
    # Delivered twice, it was heard once.
    assert len(stage.inbox("anna")) == before + 1


async def test_another_tenant_is_not_served(stage: Stage) -> None:
    anna, before = stage.client("anna"), deeds(stage)
    theirs = {"channelData": {"tenant": {"id": OTHER_TENANT}}}
    seen = len(stage.inbox("anna"))
    line = stage.teams.activity(stage.people["anna"], text="project edit ATLAS", **theirs)
    line["conversation"] |= {"tenantId": OTHER_TENANT}
    assert await anna.knock(line) == 200
    event = stage.teams.activity(stage.people["anna"], type="installationUpdate", action="remove", **theirs)
    event["conversation"] |= {"tenantId": OTHER_TENANT}
    assert await anna.knock(event) == 200
    await stage.settle()
    new = stage.inbox("anna")[seen:]
    assert "ATLAS" not in "".join(one.text for one in new)
    assert deeds(stage) == before
    # And nobody of ours was struck out for it.
    assert "ATLAS" in await stage.ask("anna", "ATLAS")


# ---------------------------------------------------------------- buttons

CRAFTED = (
    ("query.run", "digest send leadership"), ("query.run", "remind"), ("export.run", "export csv"),
    ("project.add", ""), ("project.edit", "1"), ("absence.open", "1"), ("alert.ack", "1"), ("decision.open", "1"),
    ("report.unchanged", "2"), ("report.open", "2:1"), ("delivery.resend", "1"), ("account.confirm", "1"),
    ("account.vouch", "1"), ("account.prefer", "slack"), ("nothing.such", "1"), ("report.open", "x" * 5_000),
)  # fmt: skip


def told(answer: dict[str, Any]) -> str:
    """What a dialog that cannot be gone on with says; it has nothing left to send."""
    task = answer["task"]
    if task["type"] == "message":
        return str(task["value"])
    assert '"kind": "send"' not in json.dumps(task)
    return words(task["value"]["card"]["content"])


@pytest.mark.parametrize("way", ["dialog", "execute", "message"])
@pytest.mark.parametrize("who", ["eve", "dora"])
async def test_buttons_nobody_gave_them(stage: Stage, who: str, way: str) -> None:
    client = stage.client(who)
    before, posts = deeds(stage), len(stage.posted("LEAD"))
    for action, value in CRAFTED:
        assert "Headline" not in await client.pressing(action, value, way)
    await stage.settle()
    assert not [deed for deed in deeds(stage)[len(before) :] if deed[0] not in ("person.added", "person.changed")]
    assert len(stage.posted("LEAD")) == posts
    assert "has this since" not in stage.posted("ALERTS")[0].text
    assert not stage.teams.uploads


# ---------------------------------------------------------------- forms


def crafted(stage: Stage, who: str, form: Form, key: bytes | None = None, **values: str) -> dict[str, Any]:
    """A form that was never drawn, sealed with our key or another one."""
    state = State(form, "once-1")
    sealed = seal(state, key if key is not None else seal_key(stage), account(stage, who))
    return form_data("send", state=sealed) | {
        input_id(item): values[item.id] for item in form.items if isinstance(item, TextField) and item.id in values
    }


def seal_key(stage: Stage) -> bytes:
    with stage.bot.store.read() as uow:
        return base64.b64decode(uow.notes.get("teams:seal") or "")


def account(stage: Stage, who: str) -> Identity:
    return Identity("teams", stage.tenant, stage.people[who].aad)


async def test_a_state_that_was_changed_or_made_elsewhere_is_not_believed(stage: Stage) -> None:
    ben = stage.client("ben")
    await stage.open_sheet("ben", "CORE")
    data = ben.sending(**{"Overall status": "Green"}, Headline="Mine now.")
    sealed = data[OURS].get("state") or data[STATE]
    mine = unseal(sealed, seal_key(stage), account(stage, "ben"))
    atlas = {**mine.form.context, "p": stage.project("ATLAS").id}
    made = seal(State(Form(mine.form.id, mine.form.title, mine.form.items, context=atlas), mine.once),
                b"a guess", account(stage, "ben"))  # fmt: skip
    damaged = sealed[:-8] + ("A" if sealed[-8] != "A" else "B") + sealed[-7:]
    for bad in (made, damaged, "", "ünsealed", sealed[:30], "A" * 100_000):
        wrong = {**data, OURS: {**data[OURS], "state": bad}, STATE: bad}
        answer = await ben.submit(wrong)
        assert "out of date" in told(answer) or "open it" in told(answer), told(answer)
    await stage.settle()
    report = current(stage, "ATLAS")
    assert report is not None
    assert (report.revision, report.summary) == (1, "The pump broke.")
    assert current(stage, "CORE") is None
    # What was not tampered with is taken.
    assert await ben.submit(data) == {}
    assert current(stage, "CORE") is not None


@pytest.mark.parametrize("who", ["eve", "dora"])
async def test_somebody_elses_open_form_is_not_theirs_to_send(stage: Stage, who: str) -> None:
    await stage.open_sheet("ben", "CORE")
    data = stage.client("ben").sending(**{"Overall status": "Green"}, Headline="Not Ben's words.")
    before = deeds(stage)
    answer = await stage.client(who).submit(data)
    assert told(answer)
    assert deeds(stage) == before
    assert current(stage, "CORE") is None


@pytest.mark.parametrize("who", ["eve", "dora"])
async def test_even_a_well_sealed_form_gives_nobody_rights(stage: Stage, who: str) -> None:
    client, before = stage.client(who), deeds(stage)
    atlas, period = stage.project("ATLAS").id, stage.standing("ATLAS").period_id
    text = (TextField("summary", "Headline"),)
    forms = [
        Form("report", "Report", text, context={"p": atlas, "q": period, "b": 1}),
        Form("project", "Project", (TextField("name", "Name"),), context={"p": atlas, "id": atlas}),
        Form("absence", "Absence", (TextField("first", "First", optional=True),), context={"p": 1, "person": 1}),
        Form("decision", "Decision", (TextField("words", "Words"),), context={"r": 1}),
        Form("unchanged", "Nothing changed", text, context={"q": period}),
    ]
    for form in forms:
        await client.submit(crafted(stage, who, form, summary="Eve was here.", name="Eve's", words="Pay Eve."))
    await stage.settle()
    assert [deed for deed in deeds(stage) if deed[0] != "person.added"] == before
    report = current(stage, "ATLAS")
    assert report is not None
    assert report.summary == "The pump broke."


async def test_a_form_that_does_not_exist(stage: Stage) -> None:
    form = Form("nothing.such", "Nothing", (TextField("x", "X"),))
    answer = await stage.client("ana").submit(crafted(stage, "ana", form, x="y"))
    assert told(answer)


async def test_a_text_that_no_field_takes_comes_back_whole(stage: Stage) -> None:
    ben = stage.client("ben")
    await stage.open_sheet("ben", "CORE")
    long = "The pump broke again. " * 400
    assert not await ben.send(**{"Overall status": "Green"}, Headline=long)
    assert long.strip() in ben.form().text
    assert current(stage, "CORE") is None
    huge = "x" * 400_000
    answer = await ben.submit(ben.sending(Headline=huge))
    assert answer["task"]["value"]
    assert current(stage, "CORE") is None
    assert await ben.send(Headline="Short.")
    assert current(stage, "CORE") is not None


# ---------------------------------------------------------------- twice


async def test_a_form_sent_again_and_again_is_one_report(stage: Stage) -> None:
    ben = stage.client("ben")
    await stage.open_sheet("ben", "CORE")
    data = ben.sending(**{"Overall status": "Green"}, Headline="Fine.")
    assert await asyncio.gather(*(ben.submit(data) for _ in range(4))) == [{}] * 4
    await stage.settle()
    # Also after a start, when nobody remembers the first.
    await stage.restart()
    await ben.submit(data)
    await stage.settle()
    report = current(stage, "CORE")
    assert report is not None
    assert report.revision == 1
    assert len(stage.inbox("ben")) == 1
    assert len([deed for deed in deeds(stage) if deed[0] == "report.recorded"]) == 2


async def test_double_clicks_count_once(stage: Stage) -> None:
    carl, ben = stage.client("carl"), stage.client("ben")
    [alert] = stage.posted("ALERTS")
    await asyncio.gather(*(carl.press(alert, action="alert.ack") for _ in range(3)), return_exceptions=True)
    snooze = next(b for b in stage.asked("ben").buttons if b.action == "request.snooze")
    for _ in range(2):
        await ben.press(stage.asked("ben"), action="request.snooze", value=snooze.value)
    await stage.settle()
    acts = [action for action, _ in deeds(stage)]
    assert acts.count("alert.acknowledged") == 1
    [alert] = stage.posted("ALERTS")
    assert alert.text.count("has this since") == 1
    await stage.go("2026-09-28", "20:00")
    assert len([seen for seen in stage.inbox("ben") if "Still open" in seen.text]) <= 1


# ---------------------------------------------------------------- when it cannot be saved now


async def test_a_busy_database_keeps_the_form_with_everything_typed(stage: Stage) -> None:
    ben = stage.client("ben")
    await stage.open_sheet("ben", "CORE")
    await ben.fill("Overall status", "Green")
    with stage.bot.store.begin():
        # Somebody else writes, for longer than Teams waits for an answer.
        assert not await ben.send(Headline="Fine, though it took long.")
        shown = ben.form()
        assert shown is not None
        assert "Fine, though it took long." in shown.text
        assert current(stage, "CORE") is None
    await stage.settle()
    assert await ben.send()
    await stage.settle()
    report = current(stage, "CORE")
    assert report is not None
    assert (report.revision, report.summary) == (1, "Fine, though it took long.")
