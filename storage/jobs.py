"""The table of unfinished jobs: the half that enqueues, and the half that the embedded engine takes from."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, exists, func, or_, select, update

from reporting.ports import Job, JobTable
from storage.sql import Portable, Repository
from storage.tables import jobs

# "At once" needs no clock: before every instant there is.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

_INSERT = Portable(lambda insert: insert(jobs).on_conflict_do_nothing(index_elements=[jobs.c.key]))

_earlier = jobs.alias("earlier")
# A job of a lane must let one in hand finish, and let the due ones that were enqueued before it go first.
_must_wait = exists().where(
    _earlier.c.lane == jobs.c.lane,
    or_(_earlier.c.running == 1, (_earlier.c.id < jobs.c.id) & (_earlier.c.run_at <= bindparam("now"))),
)
_CLAIMABLE = (
    select(jobs.c.id, jobs.c.task, jobs.c.args, jobs.c.lane, jobs.c.attempt)
    .where(jobs.c.running == 0, jobs.c.run_at <= bindparam("now"))
    .where(or_(jobs.c.lane.is_(None), ~_must_wait))
    .order_by(jobs.c.run_at, jobs.c.id)
    .limit(bindparam("most"))
)
_START = update(jobs).where(jobs.c.id == bindparam("row_id")).values(running=1, attempt=jobs.c.attempt + 1)
_FINISH = delete(jobs).where(jobs.c.id == bindparam("row_id"))
_AGAIN = update(jobs).where(jobs.c.id == bindparam("row_id")).values(running=0)
_LATER = _AGAIN.values(attempt=0)
_RESET = update(jobs).where(jobs.c.running == 1).values(running=0)
_NEXT_AT = select(func.min(jobs.c.run_at)).where(jobs.c.running == 0)
_WAITS = select(jobs.c.id).where(jobs.c.task == bindparam("task")).limit(1)
_FAILING = select(jobs.c.task, jobs.c.attempt, jobs.c.error).where(jobs.c.error != "").order_by(jobs.c.id)
_DEPTH = select(func.count()).select_from(jobs)


class SqlJobQueue(Repository):
    """See `reporting.ports.JobQueue`.

    Attributes:
        enqueued: whether this transaction has added a job.
    """

    enqueued = False

    def enqueue(
        self,
        task: str,
        args: Mapping[str, Any],
        lane: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """A job that runs once after commit; dropped while one with the same `key` is unfinished."""
        row = {"task": task, "args": dict(args), "lane": lane, "run_at": at or AT_ONCE, "key": key}
        self._db.execute(_INSERT.on(self._db), {**row, "running": 0, "attempt": 0, "error": ""})
        self.enqueued = True

    def waits(self, task: str) -> bool:
        """Whether a job of this task is unfinished."""
        return self._one(_WAITS, _itself, task=task) is not None


def _itself(job_id: int) -> int:
    return job_id


@dataclass(frozen=True, slots=True)
class FailingJob:
    """A job whose last try failed.

    Attributes:
        attempts: how often it has failed in a row.
    """

    task: str
    attempts: int
    error: str


class Connections(Protocol):
    """What `SqlJobTable` needs of a store."""

    def writing(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """A connection in a writing transaction; does it have to survive a power cut?"""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection in a reading transaction."""
        ...


class SqlJobTable(JobTable):
    """See `reporting.ports.JobTable`.

    What is done here alone need not survive a power cut: a job in hand, or just done, is then done again, as after
    any other end. That spares the disk two waits for each message.
    """

    def __init__(self, store: Connections) -> None:
        """On the jobs of a store."""
        self._store = store

    def claim(self, now: datetime, limit: int) -> list[Job]:
        """Take up to `limit` due jobs, oldest first: at most one of a lane, none of a lane with a job in hand."""
        values = {"now": now, "most": limit}
        with self._store.reading() as db:
            # Most knocks find nothing, and should not wait for a writer or make one wait.
            if db.execute(_CLAIMABLE, {**values, "most": 1}).first() is None:
                return []
        with self._store.writing(durable=False) as db:
            taken = [Job(*row[:4], attempt=row[4] + 1) for row in db.execute(_CLAIMABLE, values)]
            if taken:
                db.execute(_START, [{"row_id": job.id} for job in taken])
        return taken

    def finish(self, job_id: int) -> None:
        """Done: forget it, its key is free again."""
        with self._store.writing(durable=False) as db:
            db.execute(_FINISH, {"row_id": job_id})

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        """Put it back, to run at `at`; `error` says why, and without one its attempts are counted anew."""
        with self._store.writing(durable=False) as db:
            db.execute(_AGAIN if error else _LATER, {"row_id": job_id, "run_at": at, "error": error})

    def reset_orphans(self) -> int:
        """Put back what a process that is gone had in hand. Only at start, under the lock file; returns how many."""
        with self._store.writing(durable=False) as db:
            return db.execute(_RESET).rowcount

    def next_at(self) -> datetime | None:
        """When the first waiting job is due: in the past for work to be done now, or held up by a busy lane."""
        with self._store.reading() as db:
            return db.execute(_NEXT_AT).scalar()

    def failing(self) -> list[FailingJob]:
        """Those that have failed and are tried again, the oldest first."""
        with self._store.reading() as db:
            return [FailingJob(*row) for row in db.execute(_FAILING)]

    def depth(self) -> int:
        """How many jobs are unfinished."""
        with self._store.reading() as db:
            return int(db.execute(_DEPTH).scalar_one())
