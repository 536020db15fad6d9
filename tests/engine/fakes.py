"""A job table in memory and clocks that stand still; they keep the same promises as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reporting.ports import Job

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass(frozen=True, slots=True)
class Row:
    """One job of the table."""

    job: Job
    at: datetime
    running: bool = False
    error: str = ""
    key: str | None = None
    urgent: bool = False


class MemoryJobs:
    """A job table without a disk."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._added = 0
        self._lock = threading.Lock()

    def add(
        self,
        task: str,
        args: Mapping[str, Any],
        at: datetime = MONDAY,
        key: str | None = None,
        urgent: bool = False,
    ) -> int:
        if key is not None and any(row.key == key and not row.running for row in self.rows.values()):
            return 0
        self._added += 1
        self.rows[self._added] = Row(Job(self._added, task, args, 0), at, key=key, urgent=urgent)
        return self._added

    def reset_orphans(self) -> int:
        lost = [number for number, row in self.rows.items() if row.running]
        for number in lost:
            self._put_back(number, replace(self.rows[number], running=False))
        return len(lost)

    def claim(self, now: datetime, limit: int, done: Sequence[int] = ()) -> list[Job]:
        if done:
            self.finish(*done)
        with self._lock:
            due = [(not row.urgent, row.at, n) for n, row in self.rows.items() if not row.running and row.at <= now]
            taken: list[Job] = []
            for _, _, number in sorted(due)[:limit]:
                row = self.rows[number]
                job = replace(row.job, attempt=row.job.attempt + 1)
                self.rows[number] = replace(row, running=True, job=job)
                taken.append(job)
            return taken

    def finish(self, *job_ids: int) -> None:
        for job_id in job_ids:
            self.rows.pop(job_id, None)

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        row = self.rows[job_id]
        job = row.job if error else replace(row.job, attempt=0)
        self._put_back(job_id, replace(row, job=job, at=at, running=False, error=error))

    def _put_back(self, number: int, row: Row) -> None:
        del self.rows[number]
        if row.key is None or all(other.key != row.key or other.running for other in self.rows.values()):
            self.rows[number] = row

    def next_at(self) -> datetime | None:
        waiting = [row.at for row in self.rows.values() if not row.running]
        return min(waiting, default=None)

    def depth(self) -> int:
        return len(self.rows)
