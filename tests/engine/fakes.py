"""A job table in memory and clocks that stand still; they keep the same promises as the real ones."""

from __future__ import annotations

import threading
from collections.abc import Mapping
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


class MemoryJobs:
    """A job table without a disk."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self._lock = threading.Lock()

    def add(self, task: str, args: Mapping[str, Any], lane: str | None = None, at: datetime = MONDAY) -> int:
        number = len(self.rows) + 1
        self.rows[number] = Row(Job(number, task, args, lane, 0), at)
        return number

    def reset_orphans(self) -> int:
        lost = [number for number, row in self.rows.items() if row.running]
        for number in lost:
            self.rows[number] = replace(self.rows[number], running=False)
        return len(lost)

    def claim(self, now: datetime, limit: int) -> list[Job]:
        with self._lock:
            busy: set[str | None] = {row.job.lane for row in self.rows.values() if row.running}
            taken: list[Job] = []
            for number, row in sorted(self.rows.items(), key=lambda item: (item[1].at, item[0])):
                if len(taken) == limit or row.at > now:
                    break
                if row.running or (row.job.lane is not None and row.job.lane in busy):
                    continue
                busy.add(row.job.lane)
                job = replace(row.job, attempt=row.job.attempt + 1)
                self.rows[number] = replace(row, running=True, job=job)
                taken.append(job)
            return taken

    def finish(self, job_id: int) -> None:
        del self.rows[job_id]

    def again(self, job_id: int, at: datetime, error: str = "") -> None:
        job = self.rows[job_id].job
        self.rows[job_id] = Row(job if error else replace(job, attempt=0), at, error=error)

    def next_at(self) -> datetime | None:
        waiting = [row.at for row in self.rows.values() if not row.running]
        return min(waiting, default=None)

    def depth(self) -> int:
        return len(self.rows)
