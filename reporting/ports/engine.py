"""Time, and the engine that runs jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
        lane: str | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """A job that runs once after commit; dropped while one with the same `key` is unfinished."""
        ...


class Later(Exception):
    """A job asks to be run again after some seconds; it is not a failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class JobEngine(Protocol):
    """Runs jobs. Handlers are async; they may raise `Later`."""

    def handle(self, task: str, handler: Callable[..., Awaitable[None]]) -> None:
        """Register `async handler(**args)` for a task."""
        ...

    async def run(self) -> None:
        """Run until cancelled; unfinished jobs are run again at the next start."""
        ...

    async def drain(self) -> None:
        """Run whatever is due now until nothing is (for tests, `tick` and the demo's clock)."""
        ...

    def wake(self) -> None:
        """Look for work now; safe from any thread."""
        ...
