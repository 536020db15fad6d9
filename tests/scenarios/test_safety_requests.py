"""Requests that Slack did not send, and payloads that no client of ours would send: nobody gets more than is theirs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from handlers.slack.forms.context import Carried, dump
from playground import User
from playground.delivery.http import sign
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import said, staged


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over signed HTTP."""
    async with staged(tmp_path, "http") as stage:
        yield stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage at nine on Monday, with ATLAS red and Eve, whom nobody has told the bot about."""
    async with staged(tmp_path, "socket") as stage:
        space = stage.playground.workspace
        eve = User("U_EVE", "eve", "Eve", tz="Europe/Berlin", locale="en-GB", email="eve@labs.example")
        space.users[eve.id] = eve
        space.channels["C_LEAD"].members.append(eve.id)
        await stage.go("2026-09-28", "09:00")
        await stage.report("ana", "ATLAS", "Red", "The pump broke.")
        yield stage


# ---------------------------------------------------------------- who may knock


def body_of(text: str, user: str = "U_ANNA") -> str:
    """A slash command as Slack posts it."""
    return urlencode({"command": "/rag", "text": text, "user_id": user, "channel_id": "C_PMO", "team_id": "T0PLAY",
                      "response_url": "", "trigger_id": "1.2.x"})  # fmt: skip


async def post(stage: Stage, body: str, secret: str | None = None, age: float = 0.0, signature: str = "") -> int:
    """Knock; the status of the answer."""
    stamp = str(int(time.time() - age))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if secret is not None or signature:
        headers |= {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or sign(secret or "", stamp, body),
        }
    async with aiohttp.ClientSession() as client:
        address = f"{stage.bot.web.address}/slack/events"
        async with client.post(address, data=body.encode(), headers=headers) as answer:
            return answer.status


async def test_only_slack_itself_is_heard_and_once(web: Stage) -> None:
    secret = web.playground.workspace.app.signing_secret
    await web.go("2026-09-28", "09:00")
    before = len(web.playground.log.calls("chat.postMessage"))
    body = body_of("remind")
    assert await post(web, body) == 401
    assert await post(web, body, "wrong") == 401
    assert await post(web, body, secret, age=301) == 401
    assert await post(web, body, secret, age=-301) == 401
    assert await post(web, body, signature="v0=ünsigned") == 401
    assert await post(web, body.replace("remind", "help"), signature=sign(secret, str(int(time.time())), body)) == 401
    await web.settle()
    assert len(web.playground.log.calls("chat.postMessage")) == before
    assert reminders(web) == 0
    assert [await post(web, body, secret), await post(web, body, secret)] == [200, 401]
    await web.settle()
    assert reminders(web) == 2  # Ana and Ben; it is still night for Dora


async def test_a_body_without_end_is_not_read(web: Stage) -> None:
    secret = web.playground.workspace.app.signing_secret
    assert await post(web, "x" * (2 * 1024 * 1024 + 1), secret) == 413


def reminders(stage: Stage) -> int:
    """Reminders planned or sent."""
    with stage.bot.store.read() as uow:
        return sum(d.kind == "reminder" and d.due_at <= stage.bot.clock.now() for d in uow.deliveries.with_prefix(""))


# ---------------------------------------------------------------- crafted payloads


async def press(stage: Stage, user: str, action: str, value: str) -> str:
    """A button that the person was never shown; all that they see afterwards."""
    payload = deepcopy(stage.playground.log.deliveries("block_actions")[0].payload)
    payload |= {"trigger_id": stage.playground.world.views.new_trigger(user), "response_url": ""}
    payload["user"] |= {"id": user, "name": "x", "username": "x"}
    payload["actions"] = [{"type": "button", "block_id": "b", "action_id": action, "value": value, "action_ts": "1.0"}]
    await stage.playground.courier.deliver("interactive", "block_actions", payload)
    await stage.settle()
    seen = stage.playground.person(user)
    return str(seen.modals()) + "".join(said(m) for m in seen.messages())


async def send(stage: Stage, user: str, callback: str, context: dict[str, Any], values: dict[str, Any]) -> Any:
    """A form that the person never had open; what is answered."""
    state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in values.items()}
    blocks = [{"type": "input", "block_id": name, "label": {"type": "plain_text", "text": name},
               "element": {"type": "plain_text_input", "action_id": name}} for name in values]  # fmt: skip
    view = {"id": "V_CRAFTED", "type": "modal", "callback_id": callback, "hash": "1.x", "blocks": blocks,
            "private_metadata": dump(Carried(context)), "state": {"values": state}}  # fmt: skip
    payload = {"type": "view_submission", "user": {"id": user, "team_id": "T0PLAY"}, "team": {"id": "T0PLAY"},
               "view": view, "api_app_id": stage.playground.workspace.app.app_id}  # fmt: skip
    ack = await stage.playground.courier.deliver("interactive", "view_submission", payload)
    await stage.settle()
    return ack.body


def deeds(stage: Stage) -> list[tuple[str, str]]:
    """What the books say was done by people."""
    with stage.bot.store.read() as uow:
        return [(e.action, e.subject) for e in uow.audit.events(limit=10_000) if e.actor.startswith("person:")]


CRAFTED = (
    ("query.run", "digest send leadership"), ("query.run", "remind"), ("query.run", "digest preview"),
    ("query.run", "export xlsx history"), ("export.run", "export csv"), ("project.add", ""), ("project.edit", "1"),
    ("absence.open", "1"), ("alert.ack", "1"), ("decision.open", "1"), ("report.unchanged", "2"),
    ("report.open", "2:1"),
)  # fmt: skip


@pytest.mark.parametrize("user", ["U_EVE", "U_DORA"])
async def test_buttons_nobody_gave_them(stage: Stage, user: str) -> None:
    before, posts = deeds(stage), len(stage.channel("LEAD"))
    for action, value in CRAFTED:
        await press(stage, user, action, value)
    assert not [deed for deed in deeds(stage)[len(before) :] if deed[0] not in ("person.added", "person.changed")]
    assert len(stage.channel("LEAD")) == posts
    assert not stage.playground.workspace.files
    assert "project" not in [modal["callback_id"] for modal in stage.playground.person(user).modals()]
    assert "report" not in [modal["callback_id"] for modal in stage.playground.person(user).modals()]
    with stage.bot.store.read() as uow:
        assert not [a for d in uow.deliveries.with_prefix("alert:") if d.updates for a in [d]]


@pytest.mark.parametrize("user", ["U_EVE", "U_DORA"])
async def test_forms_nobody_gave_them(stage: Stage, user: str) -> None:
    await press(stage, user, "query.run", "help")
    before = deeds(stage)
    standing, atlas = stage.standing("ATLAS"), stage.project("ATLAS")
    report = {"rag": "green", "summary": "All is well, says Eve."}
    mine = {"p": atlas.id, "q": standing.period_id, "b": 1}
    for context in (mine, mine | {"q": 1}, mine | {"b": 0}, {"p": standing.period_id, "q": atlas.id, "b": 1}):
        await send(stage, user, "report", context, report)
    await send(stage, user, "project", {"p": atlas.id, "id": atlas.id}, {"key": "ATLAS", "name": "Eve's now"})
    await send(stage, user, "absence", {"p": 1, "person": 1}, {"first": "2026-10-01", "last": "2026-10-30"})
    await send(stage, user, "decision", {"r": 1}, {"outcome": "decided", "words": "Pay Eve."})
    await send(stage, user, "unchanged", {"q": standing.period_id}, {"x": "y"})
    await send(stage, user, "nothing.such", {}, {"x": "y"})
    assert deeds(stage) == before
    with stage.bot.store.read() as uow:
        current = uow.reports.current(atlas.id, standing.period_id)
        absent = uow.people.absences(
            [1], stage.at("2026-01-01", "00:00").date(), stage.at("2027-01-01", "00:00").date()
        )
    assert current is not None
    assert (current.revision, current.summary) == (1, "The pump broke.")
    assert stage.project("ATLAS") == atlas
    assert not absent


async def test_a_context_changed_on_the_way_is_not_believed(stage: Stage) -> None:
    ben = stage.person("ben")
    modal = await stage.open_report("ben", "CORE")
    view = stage.playground.world.views.find(modal["id"])
    assert view is not None
    atlas, core = stage.project("ATLAS").id, stage.project("CORE").id
    metadata = view.body["private_metadata"]
    assert f'"p":{core}' in metadata.replace(" ", "")
    view.body["private_metadata"] = metadata.replace(" ", "").replace(f'"p":{core}', f'"p":{atlas}')
    outcome = await ben.submit(modal["id"], {"Overall status": "Green", "Headline": "Mine now."})
    await stage.settle()
    assert "errors" in str(outcome.ack)
    with stage.bot.store.read() as uow:
        current = uow.reports.current(atlas, stage.standing("ATLAS").period_id)
    assert current is not None
    assert current.summary == "The pump broke."


async def test_the_same_payloads_work_for_those_who_may(stage: Stage) -> None:
    """Otherwise the tests above would prove nothing."""
    standing, atlas = stage.standing("ATLAS"), stage.project("ATLAS")
    context = {"p": atlas.id, "q": standing.period_id, "b": 1}
    await send(stage, "U_ANA", "report", context, {"rag": "green", "summary": "Fixed.", "edit_reason": "Repaired."})
    with stage.bot.store.read() as uow:
        current = uow.reports.current(atlas.id, standing.period_id)
    assert current is not None
    assert (current.revision, current.summary) == (2, "Fixed.")
    assert "report" in await press(stage, "U_ANA", "report.open", f"{standing.period_id}:{atlas.id}")
    assert "project" in await press(stage, "U_ANNA", "project.edit", str(atlas.id))
    await press(stage, "U_ANNA", "query.run", "export xlsx history")
    assert stage.playground.workspace.files
