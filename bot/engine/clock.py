"""Time: the real one, a rehearsed one, and the ticker that asks again and again what is due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.engine.pulse import Pulse

# A clock that has not ticked for so many seconds, or periods, has stopped.
_LATE, _LATE_TICKS = 60.0, 5
# A next tick further ahead than so many periods was planned before the machine's clock was put back.
_AHEAD = 2


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return datetime.now(UTC)


class RehearsalClock:
    """A clock that starts at a chosen instant and runs a number of times as fast.

    Args:
        start: aware.
        speed: clock seconds in a real second.
    """

    def __init__(self, start: datetime, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        if start.tzinfo is None:
            raise ValueError("a rehearsal starts at an aware instant")
        if speed <= 0:
            raise ValueError("the speed must be more than nothing")
        self._start = start.astimezone(UTC)
        self._monotonic = monotonic
        self._origin = monotonic()
        self.speed = speed

    def now(self) -> datetime:
        """The rehearsed instant, aware UTC."""
        return self._start + timedelta(seconds=(self._monotonic() - self._origin) * self.speed)


class Ticker:
    """Calls `work` in a thread every so many seconds, then `after` in the loop.

    APScheduler does the timing, with a memory store: nothing is remembered here, because what is due is asked of the
    database each time. A tick missed while the loop was blocked or the machine slept is made up for once. APScheduler
    counts on the machine's clock; when that is put back, a watch that never jumps calls for the tick that is missing.
    """

    def __init__(
        self,
        work: Callable[[], None],
        after: Callable[[], None],
        seconds: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self.pulse = Pulse("what is due", max(_LATE, _LATE_TICKS * seconds), monotonic=monotonic)
        self._after = after
        self._seconds = max(seconds, 0.05)
        self._watch: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._job = self._scheduler.add_job(
            self.tick,
            IntervalTrigger(seconds=self._seconds, timezone=UTC),
            next_run_time=SystemClock().now(),
            # Without these two a tick that comes late is dropped, and many late ones run one after another.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._busy = asyncio.Lock()
        self._log = structlog.get_logger("clock")

    def start(self) -> None:
        """Begin; needs a running loop."""
        self.pulse.begin()
        self._scheduler.start()
        self._watch = asyncio.create_task(self._keep_watch(), name="clock")

    @property
    def failure(self) -> str | None:
        """Why the last tick failed, in a few words; None when it went well."""
        return self.pulse.failure

    def trouble(self) -> str | None:
        """Why what is due may not be done, in words; None while the ticks go well."""
        return self.pulse.trouble()

    async def tick(self) -> None:
        """One look at what is due; a failure is logged and noted, and the next tick looks again.

        A group of exceptions is such a failure too: whatever could be done has been done by then.
        """
        async with self._busy:
            try:
                await asyncio.to_thread(self._work)
            except Exception as error:  # noqa: BLE001 - the clock must go on; what was due is still due at the next tick
                self.pulse.bad(error)
                self._log.error("tick_failed", exc_info=error)
            else:
                self.pulse.good()
        self._after()

    async def stop(self) -> None:
        """No more ticks; waits for the one in hand."""
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        if self._watch is not None:
            self._watch.cancel()
        async with self._busy:
            # A shutdown cancels what runs; the tick in hand has ended by now.
            self._scheduler.shutdown(wait=False)

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            next_run = self._job.next_run_time
            if next_run is not None and next_run - SystemClock().now() > timedelta(seconds=_AHEAD * self._seconds):
                self._log.warning("clock_was_put_back")
                self._job.modify(next_run_time=SystemClock().now())
