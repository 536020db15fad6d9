"""Throughput and waking of the engines: python -m benchmarks.throughput [--quick].

Jobs that do nothing, all enqueued in one transaction and then run by one process, beside the bare library on the same
machine, by turns: Procrastinate with the same options and a task that does nothing; for SQLite the same rows inserted
in one transaction, taken eight at a time and deleted one by one, through Python's `sqlite3` with the same settings.

Idle wake-up is the time from a commit that enqueues one job until its handler runs, the engine having been idle.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import click
from procrastinate import App, PsycopgConnector

from benchmarks.engines import ENGINES, database, quiet
from benchmarks.measure import PAIR_COLUMNS, Pair, conditions, millis, row, table
from benchmarks.torture.cluster import NoServer
from bot.engine.choice import make_engine, make_store
from bot.engine.clock import SystemClock
from bot.engine.distributed import HEARTBEAT, STALLED, libpq
from bot.engine.running import POLL

AIM, WAKE_AIM = "1.5", "50 ms"
_TASK, _CONCURRENCY = "nothing", 8


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

    async def run(self, count: int) -> float:
        """Seconds from before they are enqueued until all have run."""
        self.done, self.awaited = 0, count
        self.all_done.clear()
        began = time.perf_counter()
        await asyncio.to_thread(self.enqueue, count)
        await self.all_done.wait()
        return time.perf_counter() - began

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


async def bare_procrastinate(url: str, count: int) -> float:
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
        began = time.perf_counter()
        await bare.batch_defer_async(*({} for _ in range(count)))
        await all_done.wait()
        seconds = time.perf_counter() - began
        worker.cancel()
        await asyncio.wait([worker])
    return seconds


def bare_sqlite(count: int) -> float:
    """The same rows by hand, in as few transactions as an engine could."""
    with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
        db = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=4000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, task TEXT, args TEXT, run_at TEXT, running INT)")
        db.execute("CREATE INDEX waiting ON jobs (run_at, id) WHERE running = 0")
        began = time.perf_counter()
        db.execute("BEGIN IMMEDIATE")
        insert = "INSERT INTO jobs (task, args, run_at, running) VALUES (?, '{}', '1970', 0)"
        db.executemany(insert, ((_TASK,) for _ in range(count)))
        db.execute("COMMIT")
        while found := _taken(db):
            for (job_id,) in found:
                db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        seconds = time.perf_counter() - began
        db.close()
    return seconds


def _taken(db: sqlite3.Connection) -> list[tuple[int]]:
    db.execute("BEGIN IMMEDIATE")
    found = db.execute(f"SELECT id FROM jobs WHERE running = 0 ORDER BY run_at, id LIMIT {_CONCURRENCY}").fetchall()
    db.executemany("UPDATE jobs SET running = 1 WHERE id = ?", found)
    db.execute("COMMIT")
    return found


async def measure(engine: str, count: int, rounds: int, wakes: int) -> tuple[Pair, list[float]]:
    """Throughput of ours and theirs by turns, and the wake-ups."""
    async with database(engine) as url:
        ours = Ours(url)
        pump = asyncio.create_task(ours.engine.run())
        try:
            await ours.run(100)
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(rounds):
                times[0].append(await ours.run(count))
                theirs = bare_procrastinate(url, count) if engine == "procrastinate" else None
                times[1].append(await theirs if theirs else await asyncio.to_thread(bare_sqlite, count))
            waits = []
            for _ in range(wakes):
                await asyncio.sleep(0.2)
                waits.append(await ours.wake_up())
        finally:
            await ours.engine.stop(5)
            await pump
            ours.store.dispose()
    return Pair(tuple(times[0]), tuple(times[1])), waits


@click.command()
@click.option("--jobs", default=10_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--wakes", default=50, show_default=True)
@click.option("--quick", is_flag=True, help="2,000 jobs once, 20 wake-ups.")
def main(jobs: int, rounds: int, wakes: int, quick: bool) -> None:
    """Jobs that do nothing, and waking from idleness, on both engines."""
    if quick:
        jobs, rounds, wakes = 2_000, 1, 20
    quiet()
    pairs, waking = [], []
    for engine in ENGINES:
        try:
            pair, waits = asyncio.run(measure(engine, jobs, rounds, wakes))
        except NoServer as error:
            print(f"{engine} was not measured: {error}")
            continue
        pairs.append(row(f"{engine}, {jobs:,} jobs", pair, AIM))
        waking.append((f"{engine}, wake-up", millis(statistics.median(waits)), millis(max(waits)), WAKE_AIM))
    table(f"Throughput, medians of {rounds} by turns ({conditions()})", PAIR_COLUMNS, pairs)
    table(f"Idle wake-up, {wakes} times", ("what", "median", "longest", "aim"), waking)


if __name__ == "__main__":
    main()
