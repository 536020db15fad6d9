"""What `reporting.ports.JobEngine` promises, on both engines with real databases."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.choice import make_engine, make_store
from reporting.ports import JobEngine, Later
from tests.engine.bench import Bench


def put(bench: Bench, task: str = "work", args: dict[str, Any] | None = None, **more: Any) -> None:
    """Enqueue a job in a transaction of its own."""
    with bench.store.begin() as uow:
        uow.jobs.enqueue(task, args or {}, **more)


def later(bench: Bench, **length: float) -> Any:
    return bench.clock.now() + timedelta(**length)


@asynccontextmanager
async def running(engine: JobEngine, within: float = 5.0) -> AsyncIterator[None]:
    """The engine runs inside of the block."""
    pump = asyncio.create_task(engine.run())
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        await engine.stop(within)
        await asyncio.wait_for(pump, 10)


async def until(done: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.005)


class Noted:
    """A handler that notes what it is given, after doing `then`."""

    def __init__(self, then: Callable[[Any], Awaitable[None]] | None = None) -> None:
        self.seen: list[Any] = []
        self._then = then

    async def __call__(self, n: Any = None) -> None:
        self.seen.append(n)
        if self._then is not None:
            await self._then(n)


def engine_of(bench: Bench, handler: Callable[..., Awaitable[None]], **options: Any) -> JobEngine:
    engine = make_engine(bench.store, bench.clock, **options) if options else bench.engine()
    engine.handle("work", handler)
    return engine


async def test_a_due_job_runs_once_with_what_it_was_given(bench: Bench) -> None:
    noted = Noted()
    put(bench, args={"n": {"deep": ["ä", 1, None]}})
    engine = engine_of(bench, noted)
    await engine.drain()
    await engine.drain()
    assert noted.seen == [{"deep": ["ä", 1, None]}]


async def test_what_a_failed_transaction_enqueued_never_runs(bench: Bench) -> None:
    noted = Noted()

    def fail() -> None:
        with bench.store.begin() as uow:
            uow.jobs.enqueue("work", {"n": 1})
            uow.jobs.enqueue("work", {"n": 2}, at=bench.clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    await engine_of(bench, noted).drain(0.3)
    assert noted.seen == []


async def test_a_later_one_waits_for_its_time_on_the_given_clock(bench: Bench) -> None:
    noted = Noted()
    put(bench, args={"n": "later"}, at=later(bench, hours=1))
    engine = engine_of(bench, noted)
    await engine.drain(0.3)
    assert noted.seen == []
    bench.clock.forward(minutes=59)
    await engine.drain(0.3)
    assert noted.seen == []
    bench.clock.forward(minutes=2)
    await engine.drain()
    assert noted.seen == ["later"]


async def test_an_hour_from_now_comes_at_its_very_moment(bench: Bench) -> None:
    late: list[float] = []
    due = later(bench, seconds=1.2)

    async def work() -> None:
        late.append((bench.clock.now() - due).total_seconds())

    async with running(engine_of(bench, work)):
        put(bench, at=due)
        await until(lambda: bool(late))
    assert 0 <= late[0] < 0.5


async def test_later_is_no_failure_and_holds_up_nobody(bench: Bench) -> None:
    async def first_time(n: Any) -> None:
        if n == "waits" and noted.seen.count("waits") == 1:
            raise Later(30)

    noted = Noted(first_time)
    put(bench, args={"n": "waits"}, key="k")
    put(bench, args={"n": "behind"})
    engine = engine_of(bench, noted)
    await engine.drain(0.3)
    assert noted.seen == ["waits", "behind"]
    # Its key is taken while it waits.
    put(bench, args={"n": "same key"}, at=later(bench, seconds=1), key="k")
    bench.clock.forward(seconds=31)
    await engine.drain()
    assert noted.seen == ["waits", "behind", "waits"]


async def test_a_failing_job_is_tried_again_with_growing_pauses(bench: Bench) -> None:
    async def fail(_n: Any) -> None:
        raise ValueError("never works")

    noted, pauses = Noted(fail), []
    put(bench)
    engine = engine_of(bench, noted)
    for _ in range(5):
        await engine.drain()
        pauses.append(_pause(bench))
        bench.clock.forward(seconds=pauses[-1] + 0.01)
    assert len(noted.seen) == 5
    # 2 s, 4 s, 8 s, ... each between half and one and a half of that.
    assert all(0.5 * 2.0 ** (n + 1) - 0.5 < pause < 1.5 * 2.0 ** (n + 1) for n, pause in enumerate(pauses))


def _pause(bench: Bench) -> float:
    with bench.store.reading() as db:
        [(at,)] = db.exec_driver_sql("SELECT run_at FROM jobs").all()
    at = at if not isinstance(at, str) else type(bench.clock.now()).fromisoformat(at)
    return float((at - bench.clock.now()).total_seconds())


async def test_after_about_a_day_it_is_given_up_and_somebody_is_told(bench: Bench) -> None:
    told: list[Any] = []

    async def fail(**_: Any) -> None:
        raise ValueError("never works")

    async def given_up(reason: str, n: int) -> None:
        told.append((reason, n))

    engine = bench.engine()
    engine.handle("work", fail, given_up)
    put(bench, args={"n": 7})
    await engine.drain()
    with bench.store.writing() as db:
        db.exec_driver_sql("UPDATE jobs SET attempt = 55")
    for expected in ([], [("ValueError: never works", 7)]):
        bench.clock.forward(hours=1)
        await engine.drain()
        assert told == expected
    bench.clock.forward(hours=2)
    await engine.drain()
    assert len(told) == 1


async def test_of_a_key_one_waits_and_another_may_run(bench: Bench) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(n: Any) -> None:
        if n == 1:
            begun.set()
            await go_on.wait()

    noted = Noted(hold)
    put(bench, args={"n": 1}, key="k")
    put(bench, args={"n": 2}, key="k")
    async with running(engine_of(bench, noted, concurrency=1)):
        await begun.wait()
        # One that runs may have looked before this one's cause; of those that wait one is enough.
        put(bench, args={"n": 3}, key="k")
        put(bench, args={"n": 4}, key="k")
        with bench.store.read() as uow:
            assert uow.jobs.keys("work") == {"k"}
            assert uow.jobs.waits("work")
        go_on.set()
        await until(lambda: len(noted.seen) == 2)
        await asyncio.sleep(0.2)
    assert noted.seen == [1, 3]
    with bench.store.read() as uow:
        assert not uow.jobs.waits("work")


async def test_urgent_ones_go_first(bench: Bench) -> None:
    noted = Noted()
    for n in range(6):
        put(bench, args={"n": n}, urgent=n >= 4)
    await engine_of(bench, noted, concurrency=1).drain()
    assert noted.seen == [4, 5, 0, 1, 2, 3]


async def test_no_more_at_once_than_allowed_and_as_many_as_allowed(bench: Bench) -> None:
    now = most = 0

    async def count(_n: Any) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1

    noted = Noted(count)
    for n in range(12):
        put(bench, args={"n": n})
    await engine_of(bench, noted, concurrency=3).drain()
    assert sorted(noted.seen) == list(range(12))
    assert most == 3


async def test_a_commit_wakes_an_idle_engine_within_a_moment(bench: Bench) -> None:
    waits: list[float] = []
    sent = 0.0

    async def work() -> None:
        waits.append(time.monotonic() - sent)

    async with running(engine_of(bench, work)):
        for n in range(15):
            await asyncio.sleep(0.05)
            sent = time.monotonic()
            await asyncio.to_thread(put, bench)
            await until(lambda n=n: len(waits) > n)  # type: ignore[misc]
    # The commit itself is in it; far less than the two seconds of the safety net.
    assert statistics.median(waits) < 0.15


async def test_a_stop_waits_for_what_runs(bench: Bench) -> None:
    ended: list[int] = []

    async def slow(_n: Any) -> None:
        await asyncio.sleep(0.6)
        ended.append(1)

    noted = Noted(slow)
    put(bench)
    async with running(engine_of(bench, noted)):
        await until(lambda: bool(noted.seen))
    assert ended == [1]
    await engine_of(bench, noted).drain()
    assert len(noted.seen) == 1


async def test_what_has_not_ended_in_time_is_run_again_by_the_next(bench: Bench) -> None:
    async def hang(_n: Any) -> None:
        await asyncio.sleep(60)

    noted, again = Noted(hang), Noted()
    for n in range(3):
        put(bench, args={"n": n}, key=f"k{n}")
    begun = time.monotonic()
    async with running(engine_of(bench, noted), within=0.2):
        await until(lambda: len(noted.seen) == 3)
    assert time.monotonic() - begun < 5
    await engine_of(bench, again).drain(0.3)
    assert sorted(again.seen) == [0, 1, 2]


async def test_a_stopped_engine_takes_nothing_more_and_the_next_loses_nothing(bench: Bench) -> None:
    noted, again = Noted(lambda _n: asyncio.sleep(0.05)), Noted()
    for n in range(40):
        put(bench, args={"n": n})
    async with running(engine_of(bench, noted, concurrency=2)):
        await until(lambda: len(noted.seen) >= 5)
    seen = len(noted.seen)
    assert seen < 40
    await asyncio.sleep(0.2)
    assert len(noted.seen) == seen
    await engine_of(bench, again).drain()
    assert sorted(noted.seen + again.seen) == list(range(40))


async def test_a_task_without_handler_is_kept_for_a_program_that_has_one(bench: Bench) -> None:
    """As while a new version takes the place of an old one, process by process."""
    noted = Noted()
    old = bench.engine()
    old.handle("something else", noted)
    put(bench, args={"n": 1}, key="k")
    await old.drain()
    bench.clock.forward(minutes=1)
    async with running(engine_of(bench, noted)):
        await until(lambda: bool(noted.seen))
    assert noted.seen == [1]
    assert bench.jobs_left() == 0


async def test_a_store_of_another_process_is_heard_too(bench: Bench) -> None:
    """On PostgreSQL any process may enqueue; on SQLite a command line does, and is heard within the safety net."""
    noted = Noted()
    async with running(engine_of(bench, noted)):
        other = make_store(bench.url)
        with other.begin() as uow:
            uow.jobs.enqueue("work", {"n": "from outside"})
        other.dispose()
        await until(lambda: bool(noted.seen), 4.0)
    assert noted.seen == ["from outside"]
