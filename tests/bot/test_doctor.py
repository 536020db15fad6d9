"""What the doctor finds in a database that has seen trouble."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.accounts import TASK
from bot.app import Rollcall
from bot.chats import Checks, Finding
from bot.config import Secret
from bot.doctor import _held_up, examine
from reporting.ledger import Delivery, DeliveryState
from tests.bot.live import MONDAY, Live, running
from tests.support.databases import BOTH, database


def checks(bot: Rollcall) -> list[Checks]:
    return [chat.checks for chat in bot.chats.values()]


async def examined(live: Live) -> dict[str, Finding]:
    """The findings by what they are about."""
    bot = live.bot
    findings = await examine(bot.settings, bot.store, checks(bot), live.clock.now())
    return {finding.about: finding for finding in findings}


async def test_a_healthy_bot_has_nothing_to_tell(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=3)
        found = await examined(live)
    # The clock of the playground's week is not the machine's.
    assert [finding for finding in found.values() if not finding.good and finding.about != "clock"] == []
    assert found["audit trail"].text == "whole"
    assert found["jobs"].text == "none has failed"
    assert found["messages held up"].text == "none"


async def test_a_poisoned_job_is_named_with_its_error_and_no_token(tmp_path: Path) -> None:
    async with running(tmp_path) as live:

        async def poisoned(**_: object) -> None:
            raise ValueError("week 48 of xoxb-12-34-abc has no end\nand this is a second line")

        live.bot.engine.handle("digest.refresh", poisoned)
        with live.bot.store.begin() as uow:
            uow.jobs.enqueue("digest.refresh", {}, key="a")
            uow.jobs.enqueue("digest.refresh", {}, key="b")
        await live.bot.catch_up()
        jobs = (await examined(live))["jobs"]
    assert not jobs.good
    assert (
        "2 failed and will be tried again: digest.refresh 2 (last: ValueError: week 48 of *** has no end" in jobs.text
    )
    assert "second line" not in jobs.text


async def test_what_was_not_delivered_is_counted_by_kind_with_its_last_error(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        live.playground.faults.add("chat.postMessage", "error", channel="U1", code="messages_tab_disabled")
        await live.forward(hours=3)
        found = await examined(live)
    assert "1 could not be delivered" in found["messages"].text
    assert "prompt 1 (last: messages_tab_disabled" in found["messages"].text
    assert found["people"].text.startswith("Ana Lead cannot be reached (messages_tab_disabled")


async def test_a_lead_who_left(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=1)
        live.playground.change_user("U1", deleted=True)
        await live.playground.settled()
        await live.bot.catch_up()
        assert "Ana Lead cannot be reached (no longer active)" in (await examined(live))["people"].text


def test_what_is_held_up_is_told() -> None:
    state, at = DeliveryState.PLANNED, MONDAY
    one = Delivery(1, "prompt:1:1", "prompt", "person:1", {}, at, state, at, error="ratelimited")
    assert _held_up([one], at + timedelta(minutes=9)).good
    held = _held_up([one, replace(one, id=2, kind="alert", error="")], at + timedelta(minutes=11))
    assert not held.good
    assert "prompt 1 (last: ratelimited)" in held.text
    assert "alert 1 (last: not tried yet)" in held.text


async def test_a_broken_audit_trail(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=3)
        _tamper(live.bot)
        audit = (await examined(live))["audit trail"]
    assert not audit.good
    assert "check --audit" in audit.text


def _tamper(bot: Rollcall) -> None:
    path = bot.settings.data_dir / "rollcall.db"
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        table = next(n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if "audit" in n)
        db.execute(f"UPDATE {table} SET actor = 'somebody else' WHERE seq = 2")


@pytest.mark.parametrize("kind", BOTH)
async def test_the_engine_and_who_keeps_the_time(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        async with running(tmp_path, database_url=Secret(url)) as live:
            await live.forward(hours=3)
            with live.bot.store.begin() as uow:
                uow.jobs.enqueue(TASK, {}, key="one", at=live.clock.now() + timedelta(days=1))
            found = await examined(live)
            assert found["engine"].good
            jobs = int(found["database"].text.split("; ")[1].split()[0])
            assert jobs >= 2
            settings = live.bot.settings
            if kind == "postgres":
                assert "1 process has been heard of" in found["engine"].text
                await live.bot.engine.stop(1)
                assert "no processes have been heard of" in (await examined(live))["engine"].text
                assert not (await examined(live))["engine"].good
            else:
                assert found["engine"].text == "embedded, for one process"
            later = await examine(settings, live.bot.store, checks(live.bot), live.clock.now() + timedelta(days=30))
    [engine] = [finding for finding in later if finding.about == "engine"]
    assert not engine.good
    assert "nobody keeps the time: " in engine.text
    assert "calendar:" in engine.text
