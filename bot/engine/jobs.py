"""What the engine needs of a job table. The table itself belongs to the store, in the same database as all else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """One job taken from the table. `attempts` counts the runs before this one that failed."""

    id: int
    task: str
    args: Mapping[str, Any]
    lane: str | None
    attempts: int


class JobTable(Protocol):
    """Jobs on disk. Every method is one short transaction."""

    def reset_orphans(self) -> int:
        """Give back what a dead process had taken; returns how many."""
        ...

    def claim(self, now: datetime, limit: int) -> list[Job]:
        """Take due jobs, oldest first, at most one of each lane and none of a lane that has one running."""
        ...

    def finish(self, job_id: int) -> None:
        """The job is done."""
        ...

    def put_back(self, job_id: int, at: datetime, failure: str | None) -> None:
        """Run it again at `at`. A `failure` counts as one; without it the job merely asked to wait."""
        ...

    def next_at(self) -> datetime | None:
        """When the next waiting job is due, or None."""
        ...
