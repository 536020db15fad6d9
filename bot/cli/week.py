"""The demo's clock: jumps to a moment of the week, in small steps, so that everything between happens in its order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

STEP = timedelta(minutes=30)
# A page may ask for any instant; nobody wants to wait for years of weeks.
FURTHEST = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the week to jump to. `weekday` counts from Monday = 0; None is the next day."""

    id: str
    label: str
    hint: str
    weekday: int | None
    at: time

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first such moment after `now`."""
        local = now.astimezone(zone)
        day = local.date() + timedelta(days=1)
        if self.weekday is not None:
            day = local.date() + timedelta(days=(self.weekday - local.weekday()) % 7)
            if datetime.combine(day, self.at, zone) <= now:
                day += timedelta(days=7)
        return datetime.combine(day, self.at, zone)


MOMENTS = (
    Moment("tomorrow", "Tomorrow 09:00", "the next day", None, time(9)),
    Moment("thursday", "Thursday 12:00", "a day before reports are due: reminders", 3, time(12)),
    Moment("due", "Friday 12:00", "reports are due", 4, time(12)),
    Moment("digest", "Friday 16:00", "leadership gets its digest", 4, time(16)),
    Moment("monday", "Next Monday 09:00", "the next reporting week begins", 0, time(9)),
)


class MovableClock(Protocol):
    """A clock that can be put to an instant."""

    def now(self) -> datetime:
        """The present instant, aware."""
        ...

    def set(self, instant: datetime) -> None:
        """Move to an instant; it runs on from there."""
        ...


class Week:
    """Moves the clock.

    Args:
        step: called after each small step, with the clock already moved: does everything that is due.
        zone: of the moments' wall times.
        next_at: the next instant to stop at, so that what happens then happens before what is due after it.
    """

    def __init__(
        self,
        clock: MovableClock,
        step: Callable[[], Awaitable[None]],
        zone: str,
        next_at: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._step = step
        self._next_at = next_at
        self._zone = ZoneInfo(zone)

    async def go(self, target: str | datetime) -> None:
        """To a moment by its id, or to an instant; one that has passed is no move at all."""
        if isinstance(target, str):
            moment = next((m for m in MOMENTS if m.id == target), None)
            if moment is None:
                return
            target = moment.after(self._clock.now(), self._zone)
        target = min(target, self._clock.now() + FURTHEST)
        while (now := self._clock.now()) < target:
            self._clock.set(min(now + STEP, target, self._stop(now)))
            await self._step()

    def _stop(self, now: datetime) -> datetime:
        at = self._next_at()
        return at if at is not None and at > now else now + STEP
