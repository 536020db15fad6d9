"""Time, and the engine that runs jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...


class JobQueue(Protocol):
    """The enqueueing half of the engine, bound to the transaction in hand."""

    def enqueue(
        self,
        task: str,
        args: Mapping[str, Any],
        at: datetime | None = None,
        key: str | None = None,
        urgent: bool = False,
    ) -> None:
        """A job that runs after commit, at least once.

        Args:
            at: not before this instant; by default at once.
            key: while a job with the same key waits, this one is dropped. One that runs counts no longer: it may have
                looked before this transaction.
            urgent: goes before all that is not.
        """
        ...

    def waits(self, task: str) -> bool:
        """Whether a job of this task is unfinished."""
        ...

    def keys(self, task: str) -> set[str]:
        """Keys of the unfinished jobs of this task, those that run included."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A job in hand.

    Attributes:
        attempt: how often it has been started, this time included, since it last asked to be run later.
    """

    id: int
    task: str
    args: Mapping[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class DueJob:
    """A job for now, on its way to the distributed engine.

    Attributes:
        attempt: how often it has failed.
    """

    task: str
    args: Mapping[str, Any]
    key: str | None = None
    urgent: bool = False
    attempt: int = 0


class DueJobs(Protocol):
    """The distributed engine's own table, inside a transaction of ours on its database.

    Args:
        raw: the database driver's connection, in that transaction.
    """

    def put(self, raw: Any, jobs: Sequence[DueJob]) -> None:
        """Add them; of a key only the first, and none while one with the key waits."""
        ...

    def has(self, raw: Any, task: str) -> bool:
        """Whether one of a task is unfinished."""
        ...

    def depth(self, raw: Any, tasks: Collection[str] | None = None) -> int:
        """How many wait, or are in work by a process that lives; of these tasks, or of all."""
        ...

    def processes(self, raw: Any) -> int:
        """How many processes have been heard of in the last seconds."""
        ...

    def any_stalled(self, raw: Any) -> bool:
        """Whether any are in work by processes that have not been heard of for some seconds."""
        ...

    def take_stalled(self, raw: Any) -> list[DueJob]:
        """Take away those in work by processes that have not been heard of for some seconds."""
        ...

    def keys(self, raw: Any, task: str) -> set[str]:
        """Keys of those of a task that are unfinished."""
        ...


class JobTable(Protocol):
    """The shelf that the embedded engine takes its jobs from. Each call is a short transaction of its own."""

    def claim(self, now: datetime, limit: int, done: Sequence[int] = ()) -> list[Job]:
        """Forget those that are `done`, and take up to `limit` due ones: urgent ones first, then the longest due."""
        ...

    def finish(self, *job_ids: int) -> None:
        """Done: forget them, their keys are free again."""
        ...

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        """Put it back, to run at `at`; `error` says why, and without one its attempts are counted anew.

        It is forgotten when a job with its key waits already.
        """
        ...

    def reset_orphans(self) -> int:
        """Put back what a process that is gone had in hand. Only at start, under the lock file; returns how many."""
        ...

    def next_at(self) -> datetime | None:
        """When the first waiting job is due; in the past for work to be done now."""
        ...

    def depth(self) -> int:
        """How many jobs are unfinished."""
        ...


class Later(Exception):
    """A job asks to be run again after some seconds; it is not a failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class JobEngine(Protocol):
    """Runs jobs. Handlers are async; they may raise `Later`."""

    def handle(
        self,
        task: str,
        handler: Callable[..., Awaitable[None]],
        given_up: Callable[..., Awaitable[None]] | None = None,
    ) -> None:
        """Register `async handler(**args)` for a task.

        Args:
            given_up: `async given_up(reason, **args)` is called when a job has failed for about a day, and the job is
                forgotten; without it the job is tried on.
        """
        ...

    def trouble(self) -> str | None:
        """Why work may not be done while it runs, in words; None while all goes well."""
        ...

    def stuck(self) -> str | None:
        """That nothing but a restart of the process helps, in words; None otherwise."""
        ...

    async def run(self) -> None:
        """Run until cancelled; unfinished jobs are run again at the next start."""
        ...

    async def drain(self, patience: float = 0.0) -> None:
        """Run whatever is due until nothing is, and what comes due within `patience` real seconds.

        For tests, `tick` and the demo's clock.
        """
        ...

    def wake(self) -> None:
        """Look for work now; safe from any thread."""
        ...

    async def stop(self, within: float) -> None:
        """Take no more work, wait for what runs; what has not ended after `within` seconds is run again later."""
        ...
