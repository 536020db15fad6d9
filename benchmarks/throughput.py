"""Throughput and waking of the engines: python -m benchmarks.throughput [--quick].

Jobs that do nothing, all enqueued in one transaction and then run by one process, beside the bare library on the same
machine, by turns: Procrastinate with the same options and a task that does nothing; for SQLite the same rows inserted
in one transaction, taken eight at a time and deleted one by one, through Python's `sqlite3` with the same settings.

For SQLite also as jobs mostly come: each enqueued in a transaction of its own that waits for the disk, since its cause
must not be lost, beside plain inserts that do the same and nothing else: nothing takes those rows.

Idle wake-up is the time from a commit that enqueues one job until its handler runs, the engine having been idle.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from procrastinate import App, PsycopgConnector

from benchmarks.engines import ENGINES, database, quiet
from benchmarks.measure import PAIR_COLUMNS, Pair, conditions, millis, row, table
from benchmarks.torture.cluster import NoServer
from bot.engine.choice import make_engine, make_store
from bot.engine.clock import SystemClock
from bot.engine.distributed import HEARTBEAT, libpq
from bot.engine.running import POLL, STALLED
from storage.engines import sqlite_path

AIM, WAKE_AIM = "1.5", "50 ms"
_TASK, _CONCURRENCY = "nothing", 8
_TABLE = "bare (id INTEGER PRIMARY KEY, task TEXT, args TEXT, run_at TEXT, running INT)"
_INSERT = "INSERT INTO bare (task, args, run_at, running) VALUES (?, '{}', '1970', 0)"


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds: on the clock, and of the processor in this process."""

    wall: float
    processor: float


class _Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        return Spent(time.perf_counter() - self._wall, time.process_time() - self._processor)


class Ours:
    """The product's engine over a database, with a task that counts."""

    def __init__(self, url: str) -> None:
        """With tables already there."""
        self.store = make_store(url)
        self.engine = make_engine(self.store, SystemClock(), concurrency=_CONCURRENCY)
        self.engine.handle(_TASK, self._nothing)
        self.done = 0
        self.all_done = asyncio.Event()
        self.awaited = 0
        self.at = 0.0

    async def _nothing(self) -> None:
        self.done += 1
        self.at = time.perf_counter()
        if self.done >= self.awaited:
            self.all_done.set()

    async def run(self, count: int) -> Spent:
        """From before they are enqueued until all have run."""
        self.done, self.awaited = 0, count
        self.all_done.clear()
        watch = _Watch()
        await asyncio.to_thread(self.enqueue, count)
        await self.all_done.wait()
        return watch.spent()

    async def run_each(self, count: int) -> Spent:
        """The same, each enqueued in a transaction of its own."""
        self.done, self.awaited = 0, count
        self.all_done.clear()
        watch = _Watch()
        await asyncio.to_thread(lambda: [self.enqueue(1) for _ in range(count)])
        await self.all_done.wait()
        return watch.spent()

    def enqueue(self, count: int) -> float:
        """In one transaction; returns when it was committed."""
        with self.store.begin() as uow:
            for _ in range(count):
                uow.jobs.enqueue(_TASK, {}, urgent=True)
        return time.perf_counter()

    async def wake_up(self) -> float:
        """Seconds from the commit of one job until it runs."""
        self.done, self.awaited = 0, 1
        self.all_done.clear()
        committed = await asyncio.to_thread(self.enqueue, 1)
        await self.all_done.wait()
        return max(self.at - committed, 0.0)


async def bare_procrastinate(url: str, count: int) -> Spent:
    """The same number of jobs by the library alone."""
    app = App(connector=PsycopgConnector(conninfo=libpq(url), min_size=1, max_size=4))
    done, all_done = 0, asyncio.Event()

    @app.task(name="bare", queue="bare")
    async def bare() -> None:
        nonlocal done
        done += 1
        if done == count:
            all_done.set()

    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=["bare"],
                concurrency=_CONCURRENCY,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                delete_jobs="always",
                install_signal_handlers=False,
            )
        )
        # As on our side, where the worker is up already.
        await asyncio.sleep(1)
        watch = _Watch()
        await bare.batch_defer_async(*({} for _ in range(count)))
        await all_done.wait()
        spent = watch.spent()
        worker.cancel()
        await asyncio.wait([worker])
    return spent


def bare_sqlite(count: int) -> Spent:
    """The same rows by hand, in as few transactions as an engine could."""
    with _bare() as db:
        watch = _Watch()
        db.execute("BEGIN IMMEDIATE")
        db.executemany(_INSERT, ((_TASK,) for _ in range(count)))
        db.execute("COMMIT")
        while found := _taken(db):
            for (job_id,) in found:
                db.execute("DELETE FROM bare WHERE id = ?", (job_id,))
        return watch.spent()


def bare_inserts(url: str, count: int) -> Spent:
    """The same rows inserted by hand into the product's own file, each in a transaction that waits for the disk."""
    db = sqlite3.connect(sqlite_path(url) or "", isolation_level=None)
    try:
        for pragma in ("synchronous=FULL", "wal_autocheckpoint=4000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE}")
        watch = _Watch()
        for _ in range(count):
            db.execute("BEGIN IMMEDIATE")
            db.execute(_INSERT, (_TASK,))
            db.execute("COMMIT")
        return watch.spent()
    finally:
        db.close()


@contextmanager
def _bare() -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
        db = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=4000"):
                db.execute(f"PRAGMA {pragma}")
            db.execute(f"CREATE TABLE {_TABLE}")
            db.execute("CREATE INDEX waiting ON bare (run_at, id) WHERE running = 0")
            yield db
        finally:
            db.close()


def _taken(db: sqlite3.Connection) -> list[tuple[int]]:
    db.execute("BEGIN IMMEDIATE")
    found = db.execute(f"SELECT id FROM bare WHERE running = 0 ORDER BY run_at, id LIMIT {_CONCURRENCY}").fetchall()
    db.executemany("UPDATE bare SET running = 1 WHERE id = ?", found)
    db.execute("COMMIT")
    return found


async def measure(engine: str, count: int, rounds: int, wakes: int) -> tuple[dict[str, Pair], list[float]]:
    """Throughput of ours and theirs by turns, and the wake-ups."""
    async with database(engine) as url:
        ours = Ours(url)
        pump = asyncio.create_task(ours.engine.run())
        try:
            await ours.run(100)
            name, pairs = f"{engine}, {count:,} jobs", {}
            pairs[name], processor = await _by_turns(ours.run, _theirs(engine, url), count, rounds)
            if engine == "embedded":
                pairs[f"{name}, processor time"] = processor
                each = f"{name}, each with its cause"
                pairs[each], _ = await _by_turns(ours.run_each, _in_thread(partial(bare_inserts, url)), count, rounds)
            waits = []
            for _ in range(wakes):
                await asyncio.sleep(0.2)
                waits.append(await ours.wake_up())
        finally:
            await ours.engine.stop(5)
            await pump
            ours.store.dispose()
    return pairs, waits


Timed = Callable[[int], Awaitable[Spent]]


def _theirs(engine: str, url: str) -> Timed:
    return partial(bare_procrastinate, url) if engine == "procrastinate" else _in_thread(bare_sqlite)


def _in_thread(run: Callable[[int], Spent]) -> Timed:
    async def timed(count: int) -> Spent:
        return await asyncio.to_thread(run, count)

    return timed


async def _by_turns(ours: Timed, theirs: Timed, count: int, rounds: int) -> tuple[Pair, Pair]:
    """On the clock, and of the processor."""
    spent: tuple[list[Spent], list[Spent]] = ([], [])
    for n in range(rounds):
        for at in ((0, 1), (1, 0))[n % 2]:
            spent[at].append(await (ours, theirs)[at](count))
    wall = [tuple(one.wall for one in each) for each in spent]
    processor = [tuple(one.processor for one in each) for each in spent]
    return Pair(*wall), Pair(*processor)


@click.command()
@click.option("--jobs", default=10_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--wakes", default=50, show_default=True)
@click.option("--engine", "only", type=click.Choice(ENGINES), multiple=True, default=ENGINES, help="Both by default.")
@click.option("--quick", is_flag=True, help="2,000 jobs once, 20 wake-ups.")
def main(jobs: int, rounds: int, wakes: int, only: Sequence[str], quick: bool) -> None:
    """Jobs that do nothing, and waking from idleness, on both engines."""
    if quick:
        jobs, rounds, wakes = 2_000, 1, 20
    quiet()
    pairs, waking = [], []
    for engine in only:
        try:
            found, waits = asyncio.run(measure(engine, jobs, rounds, wakes))
        except NoServer as error:
            print(f"{engine} was not measured: {error}")
            continue
        pairs += [row(name, pair, AIM) for name, pair in found.items()]
        waking.append((f"{engine}, wake-up", millis(statistics.median(waits)), millis(max(waits)), WAKE_AIM))
    table(f"Throughput, medians of {rounds} by turns ({conditions()})", PAIR_COLUMNS, pairs)
    table(f"Idle wake-up, {wakes} times", ("what", "median", "longest", "aim"), waking)


if __name__ == "__main__":
    main()
