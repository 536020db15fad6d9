"""A week that begins on SQLite and ends on PostgreSQL: nobody notices, but for the operator."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.engine.choice import prepare
from reporting.ledger import DeliveryState
from storage.move import move
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import said, staged
from tests.support.databases import database

NOW = datetime(2026, 9, 30, tzinfo=UTC)


async def move_to(stage: Stage, url: str) -> None:
    """Stop the bot, move everything, and have the next start on the new database."""
    await stage.bot.stop()
    await asyncio.to_thread(move, stage.url, url, NOW, prepare)
    stage.url = url


async def begin_again(stage: Stage) -> None:
    stage.bot = stage.make_bot()
    await stage.begin()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_week_that_is_moved_in_its_middle(tmp_path: Path, mode: str) -> None:
    with database("postgres", tmp_path) as url:
        async with staged(tmp_path, mode) as stage:
            await stage.go("2026-09-28", "09:00")
            await stage.report("ana", "ATLAS", "Amber", "Parts are late.")
            modal = await stage.open_report("ben", "CORE")
            await stage.person("ben").type(modal["id"], "Headline", "Half a sentence about the pu")
            await stage.settle()
            await stage.person("ben").close(modal["id"])
            await move_to(stage, url)
            await begin_again(stage)
            await _rest_of_the_week(stage)


async def _rest_of_the_week(stage: Stage) -> None:
    await stage.go("2026-09-28", "15:00")
    ana = stage.person("ana")
    # The prompt that was sent from the old database is brought up to date by the new one.
    await stage.report("ana", "BEAM")
    assert "Thank you, that is all." in said(ana.messages()[0])
    modal = await stage.open_report("ben", "CORE")
    assert "Half a sentence about the pu" in str(modal)
    await stage.person("ben").close(modal["id"])
    await stage.go("2026-10-01", "12:00")
    assert len(ana.messages()) == 1
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    await stage.report("dora", "DELTA")
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.channel("LEAD")
    assert "all 4 reported" in said(digest)
    assert len(stage.channel("ALERTS")) == 1
    await stage.go("2026-10-05", "09:00")
    assert [len(stage.person(name).messages()) for name in ("ana", "ben")] == [2, 3]
    with stage.bot.store.read() as uow:
        assert uow.audit.verify() == []
    assert not stage.playground.refusals


async def test_what_was_not_yet_sent_is_sent_once_from_the_new_place(tmp_path: Path) -> None:
    """Planned, begun, in doubt: each arrives once."""
    with database("postgres", tmp_path) as url:
        async with staged(tmp_path, "socket") as stage:
            # Slack takes the first post and the answer is lost; the second one hangs when the bot is stopped.
            stage.playground.faults.add("chat.postMessage", "drop_after", times=1)
            stage.playground.faults.add("chat.postMessage", "error", times=None, code="service_unavailable")
            stage.playground.workspace.clock.set(stage.at("2026-09-28", "15:00"))
            await stage.bot.catch_up()
            states = _states(stage)
            assert states.total() == 3
            # The one in doubt may have been found in the meantime.
            assert states[DeliveryState.SENT] <= 1
            await move_to(stage, url)
            stage.playground.faults.clear()
            await begin_again(stage)
            await stage.bot.catch_up(patience=3.0)
            assert _states(stage) == {DeliveryState.SENT: 3}
            assert [len(stage.person(name).messages()) for name in ("ana", "ben", "dora")] == [1, 1, 1]


def _states(stage: Stage) -> Counter[DeliveryState]:
    with stage.bot.store.read() as uow:
        return Counter(delivery.state for delivery in uow.deliveries.with_prefix("prompt:"))
