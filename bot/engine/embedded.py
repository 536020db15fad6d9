"""The embedded engine: one process, one job table, one pump."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.engine.pulse import Pulse
from bot.engine.running import LOOKED_LATE, POLL, Handler, News, Tasks, until_next
from reporting.ports import Clock, Job, JobTable


@dataclass(frozen=True, slots=True)
class _Again:
    """A job that is to be run again at an instant, to be written down."""

    job: Job
    at: datetime
    error: str


class EmbeddedEngine:
    """A `JobEngine` on a job table in the store's own database.

    A job that fails is put back with a growing pause, so a poisoned one blocks nobody. After a crash whatever was
    running is run again. That a job is done is written down with the next look for work, in the same transaction; what
    cannot be written down is kept in memory and tried again with every look.

    Args:
        table: the jobs on disk.
        clock: decides what is due.
        speed: clock seconds in a real second (a rehearsal's is larger than 1).
        concurrency: how many jobs run at once.
    """

    def __init__(
        self,
        table: JobTable,
        clock: Clock,
        *,
        concurrency: int = 8,
        speed: float = 1.0,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._table = table
        self._clock = clock
        self._concurrency = concurrency
        self._speed = speed
        self._tasks = Tasks(jitter)
        self._running: set[asyncio.Task[None]] = set()
        self._done: list[int] = []
        self._unwritten: deque[_Again] = deque()
        self._news = News()
        self._filling = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._orphans_reset = False
        self._stopping = False
        self.pulse = Pulse("the work to be done", LOOKED_LATE)
        self._log = structlog.get_logger("engine")

    def handle(self, task: str, handler: Handler, given_up: Handler | None = None) -> None:
        """Register `async handler(**args)` for a task.

        Args:
            given_up: `async given_up(reason, **args)` is called when a job has failed for about a day, and the job is
                forgotten; without it the job is tried on.
        """
        self._tasks.handle(task, handler, given_up)

    def wake(self) -> None:
        """Look for work now; safe from any thread, and before the start."""
        self._news.tell()

    def trouble(self) -> str | None:
        """Why work may not be done, in words; None while all goes well."""
        return self.pulse.trouble()

    def stuck(self) -> str | None:
        """That no look for work has ended for minutes, in words; None otherwise."""
        return self.pulse.stuck()

    async def run(self) -> None:
        """Run until cancelled or stopped; unfinished jobs are run again at the next start."""
        self.pulse.begin()
        while not self._stopping:
            self._news.clear()
            try:
                await self._fill()
                pause = await self._pause()
                self.pulse.good()
            except Exception as error:  # noqa: BLE001 - the pump must outlive any fault of the database
                self.pulse.bad(error)
                self._log.error("jobs_unreadable", error=type(error).__name__, detail=str(error))
                pause = POLL
            await self._news.rest(pause)

    async def drain(self, patience: float = 0.0) -> None:
        """Run whatever is due until nothing is, and what becomes due within `patience` real seconds."""
        while not self._stopping:
            await self._fill()
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                continue
            if self._done:
                # They ended while the last look was under way: what is done is written down with the next one.
                continue
            wait = await until_next(self._table.next_at, self._clock, self._speed)
            if wait is None or wait > patience:
                return
            await asyncio.sleep(max(wait, 0.01))

    async def stop(self, within: float) -> None:
        """Take no more work, wait for what runs; after `within` seconds cancel it (it runs again at the next start)."""
        self._stopping = True
        self._news.set()
        async with self._filling:
            # What was just being taken has either been started by now or been put back.
            pass
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for _ in range(2):
            # The second time for those that the database did not take the first time.
            await self._write_ends()

    async def _fill(self) -> None:
        """Start as many due jobs as there is room for."""
        async with self._filling:
            await self._once()
            await self._put_back()
            room, done = self._concurrency - len(self._running), tuple(self._done)
            if self._stopping or (room <= 0 and not done):
                return
            jobs = await asyncio.to_thread(self._table.claim, self._clock.now(), room, done)
            del self._done[: len(done)]
            if self._stopping:
                for job in jobs:
                    await self._again(job, 0.0, "")
                return
            for job in jobs:
                task = asyncio.create_task(self._run_job(job), name=f"{job.task}:{job.id}")
                self._running.add(task)
                task.add_done_callback(self._ended)

    async def _once(self) -> None:
        self._news.listen()
        if self._orphans_reset:
            return
        orphans = await asyncio.to_thread(self._table.reset_orphans)
        # Only now: when the database was busy the next look tries again, and nothing has been taken before.
        self._orphans_reset = True
        if orphans:
            self._log.info("jobs_taken_up_again", count=orphans)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._news.set()

    async def _run_job(self, job: Job) -> None:
        outcome = await self._tasks.run(job)
        if outcome.again_in is None:
            # The pump is woken by the end of this task.
            self._done.append(job.id)
        else:
            await self._again(job, outcome.again_in, outcome.error)

    async def _again(self, job: Job, seconds: float, error: str) -> None:
        """A job's end must be written down, or it would run again after the next start."""
        at = self._clock.now() + timedelta(seconds=seconds * self._speed)
        self._unwritten.append(_Again(job, at, error))
        await self._put_back()

    async def _write_ends(self) -> None:
        """Write down the ends that wait for it, as far as the database takes them."""
        async with self._filling:
            if self._done:
                done = tuple(self._done)
                try:
                    await asyncio.to_thread(self._table.finish, *done)
                except Exception as error:  # noqa: BLE001 - whatever ails the database, the ends are kept and tried again
                    self._log.warning("job_end_not_written", jobs=len(done), error=str(error))
                else:
                    del self._done[: len(done)]
        await self._put_back()

    async def _put_back(self) -> None:
        """Put back those that are to be run again, until the database does not take one."""
        async with self._writing:
            while self._unwritten:
                end = self._unwritten[0]
                try:
                    await asyncio.to_thread(self._table.again, end.job.id, end.at, end.error)
                except Exception as error:  # noqa: BLE001 - whatever ails the database, the end is kept and tried again
                    self._log.warning("job_end_not_written", job=end.job.id, task=end.job.task, error=str(error))
                    return
                self._unwritten.popleft()

    async def _pause(self) -> float:
        if len(self._running) >= self._concurrency:
            # Whatever is due waits for room; the job that ends raises `_news`.
            return POLL
        wait = await until_next(self._table.next_at, self._clock, self._speed)
        if wait is None or (wait <= 0 and self._running):
            # What is due waits for room; the job that ends raises `_news`.
            return POLL
        # Due and yet not taken: it has come due this very moment.
        return min(max(wait, 0.01), POLL)
