"""The distributed engine: Procrastinate on PostgreSQL, any number of processes.

Procrastinate has the jobs for now, which it hands at once to whoever is free. Jobs for later lie on our own shelf until
they are due: so every clock is obeyed, a rehearsal's too, waking is exact, and Procrastinate's table stays small.

Procrastinate docs (retry stalled jobs): what a killed process had in hand is for the program to find; `rescue` does.
The end of a job is not fenced there: whoever was frozen may end a job that another one runs. Handlers therefore must
bear being run twice, and `reporting.services.outbox.sweep` finds deliveries whose job was lost.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job as Row
from psycopg import connect

from bot.engine.pulse import Pulse
from bot.engine.running import LOOKED_LATE, POLL, STALLED, Handler, News, Tasks, until_next
from reporting.ports import Clock, DueJob, Job
from storage.engines import ONE_WRITER

_URGENT = 10
# Seconds between two signs of life.
HEARTBEAT = 2.0
_RESCUE_EVERY = 3.0
_RESTART = 1.0
# Seconds for the end of the worker, after its jobs have ended.
_LAST_WORDS = 5.0
_KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

_WAITING = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)"
_UNFINISHED = "status IN ('todo', 'doing')"
_ALIVE = "SELECT id FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"
_STALLED = f"""
    FROM procrastinate_jobs
    WHERE status IN ('failed', 'aborted') OR (status = 'doing' AND (worker_id IS NULL OR worker_id NOT IN ({_ALIVE})))
"""
_TAKE_STALLED = f"DELETE {_STALLED} RETURNING task_name, args, priority"
_DEPTH = f"""
    SELECT count(*) FROM procrastinate_jobs
    WHERE (status = 'todo' OR (status = 'doing' AND worker_id IN ({_ALIVE})))
    AND (%s::text[] IS NULL OR task_name = ANY(%s))
"""


def libpq(url: str) -> str:
    """The database's address as PostgreSQL's own library takes it."""
    return "postgresql://" + url.partition("://")[2]


def queue_of(task: str) -> str:
    """Each task has a queue of its own: a process takes from those only whose tasks it has handlers for."""
    return f"rollcall.{task}"


def install(url: str) -> None:
    """Make Procrastinate's tables, unless they are there; several processes may start at once."""
    schema = App(connector=SyncPsycopgConnector()).schema_manager.get_schema()
    with connect(libpq(url), **_KEEPALIVE) as raw:
        raw.execute(ONE_WRITER)
        found = raw.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if found is None or found[0] is None:
            # Without values, so that the driver takes more than one statement.
            raw.execute(schema.encode())


class ProcrastinateJobs:
    """See `reporting.ports.DueJobs`. Every call is inside a transaction of ours, under its lock for writers."""

    def __init__(self) -> None:
        self._manager = App(connector=SyncPsycopgConnector()).job_manager

    def put(self, raw: Any, jobs: Sequence[DueJob]) -> None:
        """Add them; of a key only the first, and none while one with the key waits."""
        keys = [job.key for job in jobs if job.key is not None]
        known = {row[0] for row in raw.execute(_WAITING, [keys])} if keys else set()
        rows = []
        for job in jobs:
            if job.key is None or job.key not in known:
                rows.append(_row(job))
                known.add(job.key)
        if rows:
            self._manager.batch_defer_jobs(rows, connection=raw)

    def has(self, raw: Any, task: str) -> bool:
        """Whether one of a task is unfinished."""
        sql = f"SELECT 1 FROM procrastinate_jobs WHERE {_UNFINISHED} AND task_name = %s LIMIT 1"
        return raw.execute(sql, [task]).fetchone() is not None

    def keys(self, raw: Any, task: str) -> set[str]:
        """Keys of those of a task that are unfinished."""
        sql = f"SELECT queueing_lock FROM procrastinate_jobs WHERE {_UNFINISHED} AND task_name = %s"
        return {row[0] for row in raw.execute(sql, [task]) if row[0] is not None}

    def depth(self, raw: Any, tasks: Collection[str] | None = None) -> int:
        """How many wait, or are in work by a process that lives; of these tasks, or of all."""
        names = None if tasks is None else list(tasks)
        return int(raw.execute(_DEPTH, [STALLED, names, names]).fetchone()[0])

    def processes(self, raw: Any) -> int:
        """How many processes have been heard of in the last seconds."""
        return len(raw.execute(_ALIVE, [STALLED]).fetchall())

    def any_stalled(self, raw: Any) -> bool:
        """Whether any are in work by processes that have not been heard of for some seconds."""
        return raw.execute(f"SELECT 1 {_STALLED} LIMIT 1", [STALLED]).fetchone() is not None

    def take_stalled(self, raw: Any) -> list[DueJob]:
        """Take away those in work by processes that have not been heard of for some seconds.

        And those that Procrastinate itself gave up, whatever for.
        """
        return [_job(*row) for row in raw.execute(_TAKE_STALLED, [STALLED])]


def _row(job: DueJob) -> Row:
    return Row(
        id=None,
        queue=queue_of(job.task),
        task_name=job.task,
        lock=None,
        queueing_lock=job.key,
        priority=_URGENT if job.urgent else 0,
        task_kwargs={"args": dict(job.args), "key": job.key, "attempt": job.attempt},
    )


def _job(task: str, kwargs: dict[str, Any], priority: int) -> DueJob:
    return DueJob(task, kwargs["args"], kwargs["key"], priority >= _URGENT, kwargs["attempt"])


class Shelf(Protocol):
    """Where jobs for later lie. Each call is a short transaction; any number of processes may make it."""

    def put(self, job: DueJob, at: datetime, error: str = "") -> None:
        """Lay a job aside until `at`."""
        ...

    def hand_over(self, now: datetime) -> int:
        """Give all that is due to Procrastinate."""
        ...

    def rescue(self) -> int:
        """Run again what processes had in hand that are gone."""
        ...

    def in_hand(self, tasks: Collection[str]) -> int:
        """How many of these tasks Procrastinate has."""
        ...

    def next_at(self) -> datetime | None:
        """When the first of those for later is due."""
        ...


class DistributedEngine:
    """A `JobEngine` for several processes on one PostgreSQL.

    Args:
        url: of the database.
        shelf: the jobs for later, on the same database.
        clock: decides what is due.
        speed: clock seconds in a real second.
        concurrency: how many jobs this process runs at once.
    """

    def __init__(
        self,
        url: str,
        shelf: Shelf,
        clock: Clock,
        *,
        concurrency: int = 8,
        speed: float = 1.0,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._url = url
        self._shelf = shelf
        self._clock = clock
        self._concurrency = concurrency
        self._speed = speed
        self._tasks = Tasks(jitter)
        self._running: set[asyncio.Task[Any]] = set()
        self._news = News()
        self._worker: asyncio.Task[None] | None = None
        self._stopping = False
        self.pulse = Pulse("the work to be done", LOOKED_LATE)
        self._log = structlog.get_logger("engine")

    def handle(self, task: str, handler: Handler, given_up: Handler | None = None) -> None:
        """See `reporting.ports.JobEngine.handle`."""
        self._tasks.handle(task, handler, given_up)

    def wake(self) -> None:
        """Look at the shelf now; safe from any thread, and before the start."""
        self._news.tell()

    def trouble(self) -> str | None:
        """Why work may not be done, in words; None while all goes well."""
        if self._worker is None or self._worker.done():
            return "the worker that takes the jobs is not running"
        return self.pulse.trouble()

    def stuck(self) -> str | None:
        """That no look for work has ended for minutes, in words; None otherwise."""
        return self.pulse.stuck()

    async def run(self) -> None:
        """Run until stopped; whatever ails the database, go on when it is back."""
        self.pulse.begin()
        self._news.listen()
        timekeeper = asyncio.create_task(self._keep_time(), name="shelf")
        try:
            while not self._stopping:
                self._worker = asyncio.create_task(self._work(wait=True), name="procrastinate")
                await self._ended(self._worker)
                if not self._stopping:
                    self._log.error("worker_ended", again_in=_RESTART, detail=_reason(self._worker))
                    await asyncio.sleep(_RESTART)
        finally:
            self._worker = None
            timekeeper.cancel()
            await asyncio.wait([timekeeper])

    async def _ended(self, worker: asyncio.Task[None]) -> None:
        """Until the worker has ended, or this engine was stopped and has waited for it long enough."""
        while not worker.done():
            stopped = self._stopping
            await asyncio.wait([worker], timeout=_LAST_WORDS)
            if stopped:
                return

    async def drain(self, patience: float = 0.0) -> None:
        """Run whatever is due until nothing is, and what becomes due within `patience` real seconds."""
        self._news.listen()
        await self._rescue()
        while not self._stopping:
            await self._hand_over()
            if await asyncio.to_thread(self._shelf.in_hand, self._tasks.names):
                # The worker of `run` is at it already, or one for this once is.
                await (asyncio.sleep(0.01) if self._worker is not None else self._work(wait=False))
                continue
            wait = await until_next(self._shelf.next_at, self._clock, self._speed)
            if wait is None or wait > patience:
                return
            await asyncio.sleep(max(wait, 0.01))

    async def stop(self, within: float) -> None:
        """Take no more work, wait for what runs; after `within` seconds put it back for somebody else."""
        self._stopping = True
        self._news.set()
        if self._worker is not None:
            # Procrastinate fetches nothing more and waits for what it has in hand.
            self._worker.cancel()
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=within)
            for task in late:
                task.cancel()
        if self._worker is not None:
            # With the database away it may hang; whatever it has in hand is rescued by others, or at the next start.
            await asyncio.wait([self._worker], timeout=_LAST_WORDS)

    async def _work(self, wait: bool) -> None:
        app = App(connector=PsycopgConnector(conninfo=libpq(self._url), kwargs=_KEEPALIVE, min_size=1, max_size=4))
        for task in self._tasks.names:
            app.task(name=task, queue=queue_of(task), pass_context=True)(self._runner(task))
        async with app.open_async():
            await app.run_worker_async(
                queues=[queue_of(task) for task in self._tasks.names],
                concurrency=self._concurrency,
                wait=wait,
                listen_notify=wait,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
                # What ended otherwise is for `rescue`: the failures of our handlers have been laid aside by then.
                delete_jobs="successful",
                install_signal_handlers=False,
            )

    def _runner(self, task: str) -> Callable[..., Any]:
        async def run(context: JobContext, args: dict[str, Any], key: str | None, attempt: int) -> None:
            me = asyncio.current_task()
            assert me is not None, "a job runs in a task"
            self._running.add(me)
            try:
                await self._run(context.job, DueJob(task, args, key, context.job.priority >= _URGENT, attempt))
            finally:
                self._running.discard(me)

        return run

    async def _run(self, row: Row, job: DueJob) -> None:
        try:
            outcome = await self._tasks.run(Job(row.id or 0, job.task, job.args, job.attempt + 1))
        except asyncio.CancelledError:
            # It ends here as done, because from now on it is on the shelf.
            await asyncio.shield(self._lay_aside(job, 0.0, "the process was stopped"))
            return
        if outcome.again_in is not None:
            attempt = job.attempt + 1 if outcome.error else 0
            again = DueJob(job.task, job.args, job.key, job.urgent, attempt)
            await self._lay_aside(again, outcome.again_in, outcome.error)

    async def _lay_aside(self, job: DueJob, seconds: float, error: str) -> None:
        """Until this is written down the job is not ended: after a crash it is rescued."""
        at = self._clock.now() + timedelta(seconds=seconds * self._speed)
        while True:
            try:
                await asyncio.to_thread(self._shelf.put, job, at, error)
            except Exception as fault:
                # Whatever ails the database: a job whose end is not written down must not be taken for done.
                self._log.warning("job_end_not_written", task=job.task, error=str(fault))
                if self._stopping:
                    raise
                await asyncio.sleep(_RESTART)
            else:
                self._news.set()
                return

    async def _keep_time(self) -> None:
        """Hand over what comes due, the moment it does; now and then look for what was lost."""
        rescue_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            try:
                await self._hand_over()
                if loop.time() >= rescue_at:
                    rescue_at = loop.time() + _RESCUE_EVERY
                    await self._rescue()
                wait = await until_next(self._shelf.next_at, self._clock, self._speed)
                self.pulse.good()
            except Exception as error:  # noqa: BLE001 - the timekeeper must outlive any fault of the database
                self.pulse.bad(error)
                self._log.error("jobs_unreadable", error=type(error).__name__, detail=str(error))
                wait = POLL
            await self._news.rest(min(max(POLL if wait is None else wait, 0.005), POLL))

    async def _hand_over(self) -> None:
        await asyncio.to_thread(self._shelf.hand_over, self._clock.now())

    async def _rescue(self) -> None:
        found = await asyncio.to_thread(self._shelf.rescue)
        if found:
            self._log.info("jobs_taken_up_again", count=found)


def _reason(worker: asyncio.Task[None]) -> str:
    if worker.cancelled():
        return "cancelled"
    error = worker.exception()
    return "" if error is None else f"{type(error).__name__}: {error}"
