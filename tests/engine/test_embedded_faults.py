"""The embedded engine when the database does not answer, and when a job never succeeds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.engine import embedded
from bot.engine.embedded import EmbeddedEngine
from reporting.ports import StoreBusy
from tests.engine.fakes import MONDAY, MemoryJobs, StoppedClock


class BusyJobs(MemoryJobs):
    """A table that is busy for some of its calls."""

    def __init__(self, resets: int = 0, ends: int = 0) -> None:
        super().__init__()
        self.resets, self.ends = resets, ends

    def reset_orphans(self) -> int:
        self.resets -= 1
        if self.resets >= 0:
            raise StoreBusy("somebody writes")
        return super().reset_orphans()

    def finish(self, *job_ids: int) -> None:
        self._end()
        super().finish(*job_ids)

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        self._end()
        super().again(job_id, at, error)

    def _end(self) -> None:
        self.ends -= 1
        if self.ends >= 0:
            raise StoreBusy("somebody writes")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "POLL", 0.1)


async def until(done: asyncio.Event, engine: EmbeddedEngine) -> None:
    pump = asyncio.create_task(engine.run())
    try:
        await asyncio.wait_for(done.wait(), 5)
    finally:
        await engine.stop(1)
        await asyncio.wait_for(pump, 1)


async def test_orphans_are_taken_up_although_the_first_look_met_a_busy_store() -> None:
    table, done = BusyJobs(resets=2), asyncio.Event()
    lost = table.add("work", {})
    table.rows[lost] = replace(table.rows[lost], running=True)
    engine = EmbeddedEngine(table, StoppedClock())

    async def work() -> None:
        done.set()

    engine.handle("work", work)
    await until(done, engine)
    assert table.rows == {}


async def test_an_end_that_cannot_be_written_down_is_written_later() -> None:
    table, done, seen = BusyJobs(ends=6), asyncio.Event(), []
    engine = EmbeddedEngine(table, StoppedClock())

    async def work(name: str) -> None:
        seen.append(name)
        done.set()

    engine.handle("work", work)
    table.add("work", {"name": "once"})
    pump = asyncio.create_task(engine.run())
    await asyncio.wait_for(done.wait(), 5)
    while table.rows:
        await asyncio.sleep(0.01)
    await engine.stop(1)
    await asyncio.wait_for(pump, 1)
    assert seen == ["once"]


async def test_an_end_still_unwritten_at_the_stop_is_tried_once_more() -> None:
    table, seen = BusyJobs(ends=1), []
    engine = EmbeddedEngine(table, StoppedClock())

    async def work() -> None:
        seen.append(1)

    engine.handle("work", work)
    table.add("work", {})
    pump = asyncio.create_task(engine.run())
    while not seen:
        await asyncio.sleep(0)
    await engine.stop(1)
    await asyncio.wait_for(pump, 1)
    assert table.rows == {}


async def test_a_restart_does_not_forget_how_often_a_job_has_failed() -> None:
    table, clock = MemoryJobs(), StoppedClock()

    async def work() -> None:
        raise ValueError("never works")

    number = table.add("work", {})
    pauses = []
    for _ in range(4):
        engine = EmbeddedEngine(table, clock, jitter=lambda: 0.5)
        engine.handle("work", work)
        await engine.drain()
        pauses.append((table.rows[number].at - clock.now()).total_seconds())
        clock.at = table.rows[number].at
    assert pauses == [2, 4, 8, 16]


async def test_after_about_a_day_a_job_is_given_up_and_somebody_is_told() -> None:
    table, clock, told = MemoryJobs(), StoppedClock(), []
    engine = EmbeddedEngine(table, clock, jitter=lambda: 0.5)

    async def work(name: str) -> None:
        raise ValueError("never works")

    async def given_up(reason: str, name: str) -> None:
        told.append((reason, name))

    engine.handle("work", work, given_up)
    table.add("work", {"name": "poison"})
    while table.rows:
        [row] = table.rows.values()
        clock.at = row.at
        await engine.drain()
    assert told == [("ValueError: never works", "poison")]
    assert timedelta(hours=20) < clock.now() - MONDAY < timedelta(hours=28)


async def test_without_anybody_to_tell_it_is_kept_and_tried_on() -> None:
    table, clock = MemoryJobs(), StoppedClock()
    engine = EmbeddedEngine(table, clock, jitter=lambda: 0.5)

    async def work() -> None:
        raise ValueError("never works")

    engine.handle("work", work)
    number = table.add("work", {})
    for _ in range(70):
        await engine.drain()
        clock.at = table.rows[number].at
    assert table.rows[number].error == "ValueError: never works"
