"""The table of unfinished jobs: the half that enqueues, and the half that the embedded engine takes from."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, case, delete, exists, func, select, text, update

from reporting.ports import DueJob, DueJobs, Job, JobQueue, JobTable
from storage.prepared import Statements
from storage.sql import Portable, Repository
from storage.tables import jobs
from storage.types import UtcDateTime

# "At once" needs no clock: before every instant there is.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)

_waiting = text("running = 0")


def _insert(insert: Any) -> Any:
    statement = insert(jobs)
    new = statement.excluded
    # Of one that waits already the earlier time counts, and the more urgent wish.
    return statement.on_conflict_do_update(
        index_elements=[jobs.c.key],
        index_where=_waiting,
        set_={"run_at": _earlier(new.run_at, jobs.c.run_at), "patient": new.patient & jobs.c.patient},
    )


def _earlier(one: Any, other: Any) -> Any:
    return case((one < other, one), else_=other)


_INSERT = Portable(_insert)

_CLAIMABLE = (
    select(jobs.c.id, jobs.c.task, jobs.c.args, jobs.c.attempt)
    .where(jobs.c.running == 0, jobs.c.patient == bindparam("patient"), jobs.c.run_at <= bindparam("now"))
    .order_by(jobs.c.run_at, jobs.c.id)
    .limit(bindparam("most"))
)
# Handed over at once: nobody else writes meanwhile.
_HANDFUL = 500
_DUE = (
    select(jobs.c.id, jobs.c.task, jobs.c.args, jobs.c.key, jobs.c.patient, jobs.c.attempt)
    .where(jobs.c.running == 0, jobs.c.run_at <= bindparam("now"))
    .order_by(jobs.c.patient, jobs.c.run_at, jobs.c.id)
    .limit(_HANDFUL)
)
_ANY_DUE = select(jobs.c.id).where(jobs.c.running == 0, jobs.c.run_at <= bindparam("now")).limit(1)
_these = jobs.c.id.in_(bindparam("row_ids", expanding=True))
_START_ALL = update(jobs).where(_these).values(running=1, attempt=jobs.c.attempt + 1)
_FINISH_ALL = delete(jobs).where(_these)
_FINISH = delete(jobs).where(jobs.c.id == bindparam("row_id"))
_other = jobs.alias("other")
_waits_already = exists().where(_other.c.key == jobs.c.key, _other.c.running == 0)
_in_hand = (jobs.c.id == bindparam("row_id")) & (jobs.c.running == 1)
_AGAIN = update(jobs).where(_in_hand, ~_waits_already).values(running=0)
_own_key = select(_other.c.key).where(_other.c.id == bindparam("row_id"), _other.c.running == 1).scalar_subquery()
_SOONER = (
    update(jobs)
    .where(jobs.c.running == 0, jobs.c.key == _own_key)
    .values(run_at=_earlier(bindparam("sooner", type_=UtcDateTime), jobs.c.run_at))
)
_DROP = delete(jobs).where(_in_hand)
_LATER = _AGAIN.values(attempt=0)
_FORGET = delete(jobs).where(jobs.c.running == 1, _waits_already)
_RESET = update(jobs).where(jobs.c.running == 1).values(running=0)
_NEXT_AT = select(func.min(jobs.c.run_at)).where(jobs.c.running == 0)
_WAITS = select(jobs.c.id).where(jobs.c.task == bindparam("task")).limit(1)
_KEYS = select(jobs.c.key).where(jobs.c.task == bindparam("task"), jobs.c.key.is_not(None))
_FAILING = select(jobs.c.task, jobs.c.attempt, jobs.c.error).where(jobs.c.error != "").order_by(jobs.c.id)
_OF_KEY = select(jobs.c.run_at, jobs.c.running, jobs.c.attempt, jobs.c.error).where(jobs.c.key == bindparam("key"))
_DEPTH = select(func.count()).select_from(jobs)


class SqlJobQueue(Repository, JobQueue):
    """See `reporting.ports.JobQueue`. Jobs for now go to the distributed engine where there is one.

    Attributes:
        enqueued: whether this transaction has added a job.
    """

    def __init__(self, connection: Connection, due: DueJobs | None = None) -> None:
        """Inside the transaction that `connection` is in."""
        super().__init__(connection)
        self.enqueued = False
        self._due = due
        self._raw: Any = connection.connection.driver_connection
        self._new: list[DueJob] = []

    def enqueue(
        self,
        task: str,
        args: Mapping[str, Any],
        at: datetime | None = None,
        key: str | None = None,
        urgent: bool = False,
    ) -> None:
        """A job that runs after commit, at least once; dropped while one with the same key waits."""
        self.enqueued = True
        if at is None and self._due is not None:
            self._new.append(DueJob(task, dict(args), key, urgent))
            return
        row = {"task": task, "args": dict(args), "run_at": at or AT_ONCE, "key": key, "patient": not urgent}
        self._db.execute(_INSERT.on(self._db), {**row, "running": 0, "attempt": 0, "error": ""})

    def hand_over(self) -> None:
        """Give the jobs for now to the distributed engine; the last thing in a transaction."""
        if self._due is not None and self._new:
            self._due.put(self._raw, self._new)
            self._new = []

    def waits(self, task: str) -> bool:
        """Whether a job of this task is unfinished."""
        if self._one(_WAITS, _itself, task=task) is not None or any(job.task == task for job in self._new):
            return True
        return self._due is not None and self._due.has(self._raw, task)

    def keys(self, task: str) -> set[str]:
        """Keys of the unfinished jobs of this task, those that run included."""
        found = set(self._list(_KEYS, _itself, task=task)) | {job.key for job in self._new if job.key}
        return found if self._due is None else found | self._due.keys(self._raw, task)


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class FailingJob:
    """A job whose last try failed.

    Attributes:
        attempts: how often it has failed in a row.
    """

    task: str
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job on the shelf.

    Attributes:
        at: when it is to run; long ago for one that is to run at once.
        running: whether it is in hand; under the distributed engine those in hand are not on the shelf.
        attempts: how often it was tried in a row.
    """

    at: datetime
    running: bool
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

    def claim(self, now: datetime, limit: int, done: Sequence[int] = ()) -> list[Job]:
        """Forget those that are `done`, and take up to `limit` due ones: urgent ones first, then the longest due."""
        if not done and not self._any_due(now):
            return []
        taken: list[Job] = []
        with self._store.writing(durable=False) as connection:
            db = Statements(connection)
            if done:
                db.execute(_FINISH_ALL, {"row_ids": list(done)})
            for patient in (False, True):
                if len(taken) < limit:
                    values = {"now": now, "patient": patient, "most": limit - len(taken)}
                    found = db.execute(_CLAIMABLE, values)
                    taken += [Job(row_id, task, args, tried + 1) for row_id, task, args, tried in found]
            if taken:
                db.execute(_START_ALL, {"row_ids": [job.id for job in taken]})
        return taken

    def _any_due(self, now: datetime) -> bool:
        # Most knocks find nothing, and should not wait for a writer or make one wait.
        with self._store.reading() as db:
            return db.execute(_ANY_DUE, {"now": now}).first() is not None

    def finish(self, *job_ids: int) -> None:
        """Done: forget them."""
        with self._store.writing(durable=False) as db:
            Statements(db).execute(_FINISH_ALL, {"row_ids": list(job_ids)})

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        """Put it back, to run at `at`; `error` says why, and without one its attempts are counted anew."""
        with self._store.writing(durable=False) as db:
            put_back = db.execute(_AGAIN if error else _LATER, {"row_id": job_id, "run_at": at, "error": error})
            if put_back.rowcount == 0:
                # Another one of its key waits; or it was put back before.
                db.execute(_SOONER, {"row_id": job_id, "sooner": at})
                db.execute(_DROP, {"row_id": job_id})

    def reset_orphans(self) -> int:
        """Put back what a process that is gone had in hand. Only at start, under the lock file; returns how many."""
        with self._store.writing(durable=False) as db:
            forgotten = db.execute(_FORGET).rowcount
            return forgotten + db.execute(_RESET).rowcount

    def next_at(self) -> datetime | None:
        """When the first waiting job is due; in the past for work to be done now."""
        with self._store.reading() as db:
            return db.execute(_NEXT_AT).scalar()

    def failing(self) -> list[FailingJob]:
        """Those that have failed and are tried again, the oldest first."""
        with self._store.reading() as db:
            return [FailingJob(*row) for row in db.execute(_FAILING)]

    def of_key(self, key: str) -> list[WaitingJob]:
        """Those with a key, that in hand first."""
        with self._store.reading() as db:
            found = [WaitingJob(row[0], bool(row[1]), row[2], row[3]) for row in db.execute(_OF_KEY, {"key": key})]
        return sorted(found, key=lambda job: not job.running)

    def depth(self) -> int:
        """How many jobs are unfinished."""
        with self._store.reading() as db:
            return int(db.execute(_DEPTH).scalar_one())


class Databased(Connections, Protocol):
    """A store that knows whether a distributed engine works on it."""

    @property
    def due(self) -> DueJobs | None:
        """That engine's own table."""
        ...


def unfinished_jobs(store: Databased) -> int:
    """How many jobs wait or run: ours, and those that the distributed engine has in hand."""
    with store.reading() as db:
        ours = int(db.execute(_DEPTH).scalar_one())
        return ours if store.due is None else ours + store.due.depth(db.connection.driver_connection)


class SqlShelf:
    """The jobs for later of the distributed engine, until they are due."""

    def __init__(self, store: Connections, due: DueJobs) -> None:
        """On the jobs of a store, whose due ones go to `due`."""
        self._store = store
        self._due = due

    def put(self, job: DueJob, at: datetime, error: str = "") -> None:
        """Lay a job aside until `at`; dropped while one with its key lies there."""
        row = {"task": job.task, "args": dict(job.args), "run_at": at, "key": job.key, "patient": not job.urgent}
        with self._store.writing() as db:
            db.execute(_INSERT.on(db), {**row, "running": 0, "attempt": job.attempt, "error": error})

    def hand_over(self, now: datetime) -> int:
        """Give what is due to the engine, some hundreds in a transaction; returns how many. Any process may."""
        with self._store.reading() as db:
            if db.execute(_ANY_DUE, {"now": now}).first() is None:
                return 0
        with self._store.writing() as db:
            rows = db.execute(_DUE, {"now": now}).all()
            if rows:
                db.execute(_FINISH, [{"row_id": row[0]} for row in rows])
            found = [DueJob(row[1], row[2], row[3], not row[4], row[5]) for row in rows]
            self._due.put(db.connection.driver_connection, found)
        return len(found)

    def rescue(self) -> int:
        """Run again what processes had in hand that are gone; returns how many."""
        with self._store.reading() as db:
            # Nearly always there is none, and nobody should wait for that to be found out.
            if not self._due.any_stalled(db.connection.driver_connection):
                return 0
        with self._store.writing() as db:
            raw = db.connection.driver_connection
            lost = self._due.take_stalled(raw)
            self._due.put(raw, lost)
        return len(lost)

    def in_hand(self, tasks: Collection[str]) -> int:
        """How many of these tasks the engine has, those in work by processes that live included."""
        with self._store.reading() as db:
            return self._due.depth(db.connection.driver_connection, tasks)

    def next_at(self) -> datetime | None:
        """When the first of them is due."""
        with self._store.reading() as db:
            return db.execute(_NEXT_AT).scalar()
