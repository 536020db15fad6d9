"""What people type stays what they typed: never markup, a mention or a broadcast, and never in a log."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.config import LogSettings
from bot.logs import set_up
from handlers.slack.forms import draw_form
from handlers.slack.render import render, render_home
from handlers.slack.words import Words
from reporting.interactions import Form, OpenForm, Reply, Say, ShowHome, TextField, UpdateForm, UserRef
from reporting.services.compose import compose
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import staged
from tests.support.world import World, form_of

NASTY = (
    "NASTY <!channel> <!here|here> @here @channel *bold* _it_ ~no~ `code` <@U_CARL> "
    "<https://evil.example|press> :x: &lt;"
)
LONG = f"{NASTY}\n> quote\n- item\n" + "word " * 800
_MARKUP = re.compile(r"<[!@#]|<https?:|<mailto:")
QUESTIONS = ("", "red", "ATLAS", "history ATLAS", "risks", "risks ATLAS", "mine", "missing", "trend", "digest",
             "digest preview", f"lead:{NASTY}", NASTY, f"portfolio:{NASTY}", f"project add {NASTY}")  # fmt: skip


def parts(payload: Any) -> Iterator[dict[str, Any]]:
    """Every object in a payload."""
    if isinstance(payload, dict):
        yield payload
        for value in payload.values():
            yield from parts(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from parts(value)


def assert_harmless(payloads: list[dict[str, Any]]) -> int:
    """No live markup in anything typed; how many texts hold what was typed."""
    found = 0
    for payload in payloads:
        for part in parts(payload):
            kind = part.get("type")
            assert kind not in ("broadcast", "usergroup", "channel"), part
            assert kind != "user" or part["user_id"] != "U_CARL" or "NASTY" not in str(payload.get("text")), part
            assert kind != "link" or "evil.example" not in part["url"], part
            text = part.get("text")
            if isinstance(text, str) and "NASTY" in text:
                found += 1
                if kind == "mrkdwn" or "blocks" in part:
                    assert not _MARKUP.search(text), part
                    assert "&lt;!channel&gt;" in text or "<" not in text, part
                if kind == "text":
                    assert not part.get("style"), part
    return found


def typed(form: Form) -> dict[str, Any]:
    """Every text field full of it."""
    values = {}
    for item in form.items:
        if isinstance(item, TextField):
            values[item.id] = (LONG if item.multiline else NASTY)[: item.max_length]
    return values


def drawn(reply: Reply) -> Iterator[dict[str, Any]]:
    """A reply as Slack is given it, in newest and oldest blocks."""
    for new in (True, False):
        for effect in reply:
            match effect:
                case Say(message):
                    yield from render(message, {}, Words(), new)
                case OpenForm(form) | UpdateForm(form):
                    yield draw_form(form, {}, Words(), new)
                case ShowHome(home):
                    yield render_home(home, {}, Words(), new)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """ATLAS, red, with everything typed that can be."""
    world = World(tmp_path)
    for name in ("ana", "carl", "anna"):
        world.person(name)
    world.project("ATLAS", sponsor="carl", description=LONG)
    world.start()
    world.go("2026-11-23", "09:00")
    form = world.open_report("ana", "ATLAS")
    form = form_of(world.desk.typing(world.submission("ana", form, rag="red")))
    risk = form_of(world.click("ana", "risk.add", "", form=world.submission("ana", form)))
    reply = world.submit("ana", risk, **typed(risk), probability="5", impact="5")
    form = form_of(reply)
    more = typed(form) | {"rag": "red", "path_due": "2027-01-29"}
    if any(getattr(item, "id", "") == "decision_of" for item in form.items):
        more |= {"decision_by": "2026-12-01", "decision_of": UserRef(world.identity("carl"))}
    assert "FieldErrors" not in repr(world.submit("ana", form, **more))
    world.go("2026-11-27", "16:00")
    return world


def test_in_every_message_form_and_answer(world: World) -> None:
    found = 0
    for delivery in world.deliveries(""):
        message = compose(world.services, delivery)
        if message is not None:
            kinds = [p for new in (True, False) for p in render(message, {}, Words(), new)]
            found += assert_harmless(kinds)
    assert {d.kind for d in world.deliveries("")} >= {"prompt", "alert", "digest"}
    for name in ("ana", "carl", "anna"):
        for line in QUESTIONS:
            found += assert_harmless(list(drawn(world.command(name, line))))
        found += assert_harmless(list(drawn(world.desk.home(world.identity(name)))))
    found += assert_harmless(list(drawn(world.click("ana", "report.open", "1:1"))))
    found += assert_harmless(list(drawn(world.click("carl", "text.more", "1"))))
    assert found > 40


def test_nothing_long_is_lost(world: World) -> None:
    whole = "".join(
        str(part.get("text", "")) for p in drawn(world.click("carl", "text.more", "1")) for part in parts(p)
    )
    assert whole.count("word") >= 2 * 580
    assert "…" not in whole


async def test_through_slack_itself_and_never_in_a_log(tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    out = io.StringIO()
    set_up(LogSettings(format="json", level="debug"), out)
    try:
        async with staged(tmp_path, "socket") as stage:
            await _a_day_with_faults(stage)
            app = stage.playground.workspace.app
            secrets = [app.bot_token, app.app_token, app.signing_secret]
            everything = [*stage.playground.log.calls("chat.postMessage"), *stage.playground.log.calls("chat.update")]
            assert assert_harmless([call.args for call in everything]) > 3
            assert not stage.playground.refusals
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
    log = out.getvalue()
    assert "uncertain" in log
    for secret in (*secrets, "NASTY", "evil.example", "ticket=", "/hooks/"):
        assert secret not in log, next(line for line in log.splitlines() if secret in line)


async def _a_day_with_faults(stage: Stage) -> None:
    stage.playground.faults.add("chat.postMessage", "http500_after", channel="U_ANA")
    for wall in ("09:00:00", "09:00:10", "09:00:20"):
        await stage.go("2026-09-28", wall)
    await stage.report("ana", "ATLAS", "Red", NASTY[:150], **{"Why is it not green?": NASTY})
    stage.playground.faults.add("views.update", "error", code="view_too_large")
    prompt = stage.prompt("ben")
    await stage.person("ben").click(None, prompt.ts, "Report")
    await stage.settle()
    await stage.ask("carl", f"{NASTY}")
    await stage.ask("carl", "ATLAS")
    await stage.go("2026-10-02", "16:00")
