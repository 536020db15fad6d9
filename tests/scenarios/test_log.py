"""Whatever a person does leaves one line in the log with an id, and never a word of what they wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.config import LogSettings
from bot.logs import set_up
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import said, staged

WORDS = "Kryptonite in the coolant"


class Log:
    """What the bot has written."""

    def __init__(self) -> None:
        self.out = io.StringIO()

    def lines(self, **wanted: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return [line for line in found if wanted.items() <= line.items()]


@contextmanager
def logged() -> Iterator[Log]:
    """The log as JSON, as in production."""
    before = logging.getLogger().handlers[:]
    log = Log()
    set_up(LogSettings(format="json", level="info"), log.out)
    yield log
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


@pytest.fixture
def log() -> Iterator[Log]:
    with logged() as log:
        yield log


@pytest.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage of Slack: Teams' own log is tested with its adapter."""
    async with staged(tmp_path, request.param) as stage:
        yield stage


async def test_one_line_for_each_doing(log: Log, stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.ask("carl", "red " + WORDS)
    await stage.person("carl").say("show " + WORDS)
    await stage.person("carl").open_home()
    assert (await stage.person("ana").shortcut("report")).ok
    await stage.report("ben", "CORE", "Green", WORDS)
    await stage.settle()
    seen = {(line["kind"], line["user"], line["what"]) for line in log.lines(event="interaction")}
    assert {
        ("command", "U_CARL", "/rag"),
        ("event", "U_CARL", "message"),
        ("event", "U_CARL", "app_home_opened"),
        ("shortcut", "U_ANA", "report"),
        ("click", "U_BEN", "report.open"),
        ("submission", "U_BEN", "report"),
    } <= seen
    # Keystrokes are no news.
    assert "typing" not in {kind for kind, _, _ in seen}
    lines = log.lines(event="interaction")
    assert all(line["outcome"] == "done" and line["ms"] >= 0 and line["level"] == "info" for line in lines)
    assert len({line["interaction"] for line in lines}) == len(lines)
    everything = log.out.getvalue()
    assert WORDS not in everything
    assert "Kryptonite" not in everything
    app = stage.playground.workspace.app
    assert app.bot_token not in everything
    assert app.app_token not in everything


async def test_the_person_is_told_the_id_that_the_log_has(log: Log, stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    stage.playground.faults.add("views.update", "error", times=1, code="no_permission")
    ben = stage.person("ben")
    with pytest.raises(AssertionError, match="ben sees"):
        await stage.open_report("ben", "CORE")
    [line] = log.lines(event="interaction", kind="click", user="U_BEN")
    assert line["outcome"] == "failed"
    assert line["interaction"] in "".join([str(ben.modals()), *map(said, ben.messages())])
    failures = [each for each in log.lines(level="error") if "no_permission" in each["event"]]
    assert [each["interaction"] for each in failures] == [line["interaction"]]


async def test_what_was_not_taken_is_said(log: Log, stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    with pytest.raises(AssertionError):
        await stage.report("ben", "CORE", "Red", "Broken.", **{"Path to green: by when": "2020-01-31"})
    await stage.settle()
    [line] = log.lines(event="interaction", kind="submission")
    assert (line["outcome"], line["what"]) == ("corrections", "report")
