"""The embedded engine: waiting, failures, stops and restarts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.clock import RehearsalClock, SystemClock
from bot.engine.embedded import EmbeddedEngine
from reporting.ports import Job, Later
from tests.engine.fakes import MONDAY, MemoryJobs, StoppedClock


def engine_on(table: MemoryJobs, clock: StoppedClock, **options: int) -> EmbeddedEngine:
    return EmbeddedEngine(table, clock, jitter=lambda: 0.5, **options)


async def test_a_due_job_runs_once_and_a_future_one_waits() -> None:
    table, clock, seen = MemoryJobs(), StoppedClock(), []
    engine = engine_on(table, clock)

    async def note(what: str) -> None:
        seen.append(what)

    engine.handle("note", note)
    table.add("note", {"what": "now"})
    table.add("note", {"what": "later"}, at=MONDAY + timedelta(hours=1))
    await engine.drain()
    assert seen == ["now"]
    clock.forward(hours=1)
    await engine.drain()
    assert seen == ["now", "later"]
    assert table.rows == {}


async def test_no_more_jobs_at_once_than_allowed() -> None:
    table, now, most = MemoryJobs(), 0, 0
    engine = engine_on(table, StoppedClock(), concurrency=3)

    async def count() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1

    engine.handle("count", count)
    for _ in range(20):
        table.add("count", {})
    await engine.drain()
    assert most == 3


async def test_later_is_no_failure_and_holds_up_nobody() -> None:
    table, clock, seen = MemoryJobs(), StoppedClock(), []
    engine = engine_on(table, clock)

    async def work(name: str) -> None:
        if name == "waits" and clock.now() == MONDAY:
            raise Later(30)
        seen.append(name)

    engine.handle("work", work)
    waiting = table.add("work", {"name": "waits"})
    table.add("work", {"name": "behind"})
    await engine.drain()
    assert seen == ["behind"]
    assert table.rows[waiting].at == MONDAY + timedelta(seconds=30)
    assert table.rows[waiting].error == ""
    clock.forward(seconds=30)
    await engine.drain()
    assert seen == ["behind", "waits"]


async def test_a_poisoned_job_blocks_nobody_and_its_pauses_grow() -> None:
    table, clock, seen = MemoryJobs(), StoppedClock(), []
    engine = engine_on(table, clock)

    async def work(name: str) -> None:
        if name == "poison":
            raise ValueError("never works")
        seen.append(name)

    engine.handle("work", work)
    poison = table.add("work", {"name": "poison"})
    table.add("work", {"name": "behind"})
    await engine.drain()
    assert seen == ["behind"]
    pauses = []
    for _ in range(14):
        pauses.append((table.rows[poison].at - clock.now()).total_seconds())
        clock.at = table.rows[poison].at
        await engine.drain()
    assert pauses[:4] == [2, 4, 8, 16]
    assert pauses[-1] == 1800
    assert table.rows[poison].error == "ValueError: never works"


async def test_a_task_without_handler_is_kept() -> None:
    table = MemoryJobs()
    number = table.add("unknown", {})
    await engine_on(table, StoppedClock()).drain()
    assert "no handler" in table.rows[number].error


async def test_waking_from_another_thread_starts_work_at_once() -> None:
    table, done = MemoryJobs(), asyncio.Event()
    engine = engine_on(table, StoppedClock())

    async def work() -> None:
        done.set()

    engine.handle("work", work)
    pump = asyncio.create_task(engine.run())
    await asyncio.sleep(0.05)

    def elsewhere() -> None:
        table.add("work", {})
        engine.wake()

    threading.Thread(target=elsewhere).start()
    # Much less than the safety net's period: it was the wake that did it.
    await asyncio.wait_for(done.wait(), 1)
    await engine.stop(1)
    await asyncio.wait_for(pump, 1)


async def test_a_stop_waits_for_work_in_hand_then_gives_up_and_the_restart_runs_it_again() -> None:
    table, runs = MemoryJobs(), []

    async def slow() -> None:
        runs.append("begun")
        await asyncio.sleep(0 if len(runs) > 1 else 60)
        runs.append("ended")

    first = engine_on(table, StoppedClock())
    first.handle("slow", slow)
    table.add("slow", {})
    pump = asyncio.create_task(first.run())
    while not runs:
        await asyncio.sleep(0.005)
    await first.stop(within=0.05)
    await asyncio.wait_for(pump, 1)
    assert runs == ["begun"]
    assert table.rows[1].running

    second = engine_on(table, StoppedClock())
    second.handle("slow", slow)
    await second.drain()
    assert runs == ["begun", "begun", "ended"]
    assert table.rows == {}


async def test_drain_waits_for_what_comes_due_within_its_patience() -> None:
    table, seen = MemoryJobs(), []
    engine = EmbeddedEngine(table, SystemClock())

    async def work() -> None:
        seen.append(1)
        if len(seen) == 1:
            raise Later(0.05)

    engine.handle("work", work)
    table.add("work", {}, at=SystemClock().now())
    await engine.drain()
    assert len(seen) == 1
    await engine.drain(patience=1)
    assert len(seen) == 2


async def test_at_speed_a_wait_in_real_seconds_is_longer_on_the_clock() -> None:
    table, clock = MemoryJobs(), StoppedClock()
    engine = EmbeddedEngine(table, clock, speed=60)

    async def work() -> None:
        raise Later(2)

    engine.handle("work", work)
    number = table.add("work", {})
    await engine.drain()
    assert table.rows[number].at == MONDAY + timedelta(minutes=2)


class SlowLook(MemoryJobs):
    """A table whose second look for work takes as long as what the first one found."""

    def __init__(self) -> None:
        super().__init__()
        self.looks, self.seen = 0, threading.Event()

    def claim(self, now: datetime, limit: int, done: Sequence[int] = ()) -> list[Job]:
        self.looks += 1
        if self.looks == 2:
            assert self.seen.wait(5)
        return super().claim(now, limit, done)


async def test_drain_writes_down_what_ended_during_its_last_look() -> None:
    table = SlowLook()
    engine = engine_on(table, StoppedClock(), concurrency=3)

    async def work(name: str) -> None:
        while name == "late" and table.looks < 2:
            await asyncio.sleep(0)

    engine.handle("work", work)
    table.add("work", {"name": "early"})
    table.add("work", {"name": "late"})
    asyncio.get_running_loop().call_later(0.2, table.seen.set)
    await engine.drain()
    assert table.rows == {}


def test_a_rehearsal_starts_where_it_is_told_and_runs_as_fast() -> None:
    real = [100.0]
    clock = RehearsalClock(MONDAY, speed=60, monotonic=lambda: real[0])
    assert clock.now() == MONDAY
    real[0] += 10
    assert clock.now() == MONDAY + timedelta(minutes=10)
