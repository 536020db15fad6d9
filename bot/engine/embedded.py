"""The embedded engine: one process, one job table, one pump."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from reporting.ports import Clock, Job, JobTable, Later, StoreBusy

Handler = Callable[..., Awaitable[None]]

# However quiet it is, look again after so many real seconds: a safety net, work is announced by `wake`.
POLL = 2.0
_FIRST_RETRY, _LAST_RETRY = 2.0, 1800.0
_IDLE_LOOKS = 20
_RECORD_TRIES = 5


class EmbeddedEngine:
    """A `JobEngine` on a job table in the store's own database.

    Jobs of one lane run one after another. A job that fails is put back with a growing pause and gives its lane free,
    so a poisoned one blocks nobody. After a crash whatever was running is run again.

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
        self._jitter = jitter
        self._handlers: dict[str, Handler] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._failures: dict[int, int] = {}
        self._news = asyncio.Event()
        self._filling = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._log = structlog.get_logger("engine")

    def handle(self, task: str, handler: Handler) -> None:
        """Register `async handler(**args)` for a task."""
        self._handlers[task] = handler

    def wake(self) -> None:
        """Look for work now; safe from any thread, and before the start."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Run until cancelled or stopped; unfinished jobs are run again at the next start."""
        while not self._stopping:
            self._news.clear()
            try:
                await self._fill()
                pause = await self._pause()
            except Exception as error:  # noqa: BLE001 - the pump must outlive any fault of the database
                self._log.error("jobs_unreadable", error=type(error).__name__, detail=str(error))
                pause = POLL
            await self._rest(pause)

    async def drain(self, patience: float = 0.0) -> None:
        """Run whatever is due until nothing is, and what becomes due within `patience` real seconds."""
        idle = 0
        while not self._stopping and idle < _IDLE_LOOKS:
            started = await self._fill()
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                idle = 0
                continue
            wait = await self._until_next()
            if wait is None or wait > patience:
                return
            # Due and yet not taken: it was added this very moment, or its lane is blocked by a job lost to a fault.
            idle = idle + 1 if wait <= 0 and not started else 0
            await asyncio.sleep(max(wait, 0.01))

    async def stop(self, within: float) -> None:
        """Take no more work, wait for what runs; after `within` seconds cancel it (it runs again at the next start)."""
        self._stopping = True
        self._news.set()
        async with self._filling:
            # What was just being taken has either been started by now or been put back.
            pass
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _fill(self) -> int:
        """Start as many due jobs as there is room for; returns how many."""
        async with self._filling:
            await self._once()
            room = self._concurrency - len(self._running)
            if room <= 0 or self._stopping:
                return 0
            jobs = await asyncio.to_thread(self._table.claim, self._clock.now(), room)
            if self._stopping:
                for job in jobs:
                    await self._again(job, 0.0, "")
                return 0
            for job in jobs:
                task = asyncio.create_task(self._run_job(job), name=f"{job.task}:{job.id}")
                self._running.add(task)
                task.add_done_callback(self._ended)
            return len(jobs)

    async def _once(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            orphans = await asyncio.to_thread(self._table.reset_orphans)
            if orphans:
                self._log.info("jobs_taken_up_again", count=orphans)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._news.set()
        if not task.cancelled() and task.exception() is not None:
            # Only the table's own faults arrive here; the job stays taken and is run again at the next start.
            self._log.error("job_not_recorded", job=task.get_name(), error=str(task.exception()))

    async def _run_job(self, job: Job) -> None:
        handler = self._handlers.get(job.task)
        try:
            with structlog.contextvars.bound_contextvars(interaction=f"job-{job.id}"):
                if handler is None:
                    raise LookupError(f"no handler for task {job.task!r}")
                await handler(**job.args)
        except Later as later:
            await self._again(job, later.seconds, "")
        except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others; it is logged and tried again
            pause = self._backoff(self._failures.get(job.id, 0))
            self._failures[job.id] = self._failures.get(job.id, 0) + 1
            self._log.error("job_failed", job=job.id, task=job.task, again_in=round(pause), exc_info=error)
            await self._again(job, pause, f"{type(error).__name__}: {error}")
        else:
            self._failures.pop(job.id, None)
            await _recorded(self._table.finish, job.id)

    async def _again(self, job: Job, seconds: float, error: str) -> None:
        at = self._clock.now() + timedelta(seconds=max(seconds, 0.0) * self._speed)
        await _recorded(self._table.again, job.id, at, error)

    def _backoff(self, failures: int) -> float:
        """2 s, 4 s, 8 s ... half an hour, each between half and one and a half of that."""
        return min(_FIRST_RETRY * 2.0 ** min(failures, 20), _LAST_RETRY) * (0.5 + self._jitter())

    async def _until_next(self) -> float | None:
        """Real seconds until the next waiting job is due; none or less than none when it is."""
        at = await asyncio.to_thread(self._table.next_at)
        return None if at is None else (at - self._clock.now()).total_seconds() / self._speed

    async def _pause(self) -> float:
        wait = await self._until_next()
        if wait is None or (wait <= 0 and self._running):
            # What is due waits for its lane or for room; the job that ends raises `_news`.
            return POLL
        return min(max(wait, 0.01), POLL)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return


async def _recorded(write: Callable[..., None], *values: object) -> None:
    """A job's end must be written down: the lane behind it waits for that."""
    for left in reversed(range(_RECORD_TRIES)):
        try:
            await asyncio.to_thread(write, *values)
        except StoreBusy:
            if left == 0:
                raise
            await asyncio.sleep(0.2)
        else:
            return
