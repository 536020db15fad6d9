"""The workspace's idea of now, which a demo may move and a test may stop."""

import time
from datetime import UTC, datetime, timedelta


class SimClock:
    """A clock that runs from a chosen instant at a chosen speed.

    Message timestamps, event times and the life of a response_url come from here. The two three-second deadlines
    of Slack (trigger ids and acknowledgements) do not: those guard real work and run on real time.

    Args:
        start: an aware datetime.
        speed: simulated seconds per real second; 0 stops the clock.
    """

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        self._speed = speed
        self._start = _aware(start)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """The simulated instant, aware and in UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    def set(self, instant: datetime) -> None:
        """Move the clock to `instant` (aware), forwards or backwards; it runs on from there."""
        self._start = _aware(instant)
        self._origin = time.monotonic()

    def epoch(self) -> float:
        """The simulated instant in Unix seconds."""
        return self.now().timestamp()


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("the clock needs an aware datetime")
    return instant.astimezone(UTC)
