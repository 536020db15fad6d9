"""The embedded engine: one process, one job table, one pump."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from bot.engine.jobs import Job, JobTable
from reporting.ports import Clock, Later

Handler = Callable[..., Awaitable[None]]

# However quiet it is, look again after so many real seconds: a safety net, work is announced by `wake`.
POLL = 2.0
_FIRST_RETRY, _LAST_RETRY = 2.0, 1800.0


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
        while not self._stopping:
            await self._fill()
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                continue
            wait = await self._until_next()
            if wait is None or wait > patience:
                return
            await asyncio.sleep(wait)

    async def stop(self, within: float) -> None:
        """Take no more work, wait for what runs; after `within` seconds cancel it (it runs again at the next start)."""
        self._stopping = True
        self._news.set()
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _fill(self) -> None:
        """Start as many due jobs as there is room for."""
        async with self._filling:
            await self._once()
            room = self._concurrency - len(self._running)
            if room <= 0 or self._stopping:
                return
            for job in await asyncio.to_thread(self._table.claim, self._clock.now(), room):
                task = asyncio.create_task(self._run_job(job), name=f"{job.task}:{job.id}")
                self._running.add(task)
                task.add_done_callback(self._ended)

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
            if handler is None:
                raise LookupError(f"no handler for task {job.task!r}")
            await handler(**job.args)
        except Later as later:
            await self._put_back(job, later.seconds, None)
        except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others; it is logged and tried again
            pause = self._backoff(job.attempts)
            self._log.error("job_failed", job=job.id, task=job.task, again_in=round(pause), exc_info=error)
            await self._put_back(job, pause, f"{type(error).__name__}: {error}")
        else:
            await asyncio.to_thread(self._table.finish, job.id)

    async def _put_back(self, job: Job, seconds: float, failure: str | None) -> None:
        at = self._clock.now() + timedelta(seconds=max(seconds, 0.0) * self._speed)
        await asyncio.to_thread(self._table.put_back, job.id, at, failure)

    def _backoff(self, attempts: int) -> float:
        """2 s, 4 s, 8 s ... half an hour, each between half and one and a half of that."""
        return min(_FIRST_RETRY * 2.0 ** min(attempts, 20), _LAST_RETRY) * (0.5 + self._jitter())

    async def _until_next(self) -> float | None:
        """Real seconds until the next waiting job is due."""
        at = await asyncio.to_thread(self._table.next_at)
        return None if at is None else max((at - self._clock.now()).total_seconds() / self._speed, 0.01)

    async def _pause(self) -> float:
        # At full house a finished job raises `_news`; asking the table again would only find what cannot start.
        if len(self._running) >= self._concurrency:
            return POLL
        wait = await self._until_next()
        return POLL if wait is None else min(wait, POLL)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
