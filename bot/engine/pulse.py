"""Whether something that should come round again and again still does, and whether it goes well."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pulse:
    """Beats each time a look has ended. Safe to ask from any thread.

    Args:
        about: what is looked at, for sentences: "the last look at {about} failed".
        late: seconds without a good look after which something is wrong.
        gone: seconds in which no look has ended at all, neither well nor badly: nothing but a restart helps.

    Attributes:
        failure: why the last look failed, in a few words; None when it went well.
    """

    def __init__(
        self, about: str, late: float, gone: float = 300.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._about = about
        self._late = late
        self._gone = max(gone, 2 * late)
        self._monotonic = monotonic
        self._good_at: float | None = None
        self._ended_at: float | None = None
        self.failure: str | None = None

    def begin(self) -> None:
        """From now on it should beat."""
        self._good_at = self._ended_at = self._monotonic()

    def good(self) -> None:
        """A look went well."""
        self.failure = None
        self._good_at = self._ended_at = self._monotonic()

    def bad(self, error: BaseException) -> None:
        """A look failed."""
        self.failure = f"{type(error).__name__}: {error}"
        self._ended_at = self._monotonic()

    def trouble(self) -> str | None:
        """What is wrong, in words; None while all goes well, and before the beginning."""
        if self.failure is not None:
            return f"the last look at {self._about} failed: {self.failure}"
        silence = self._since(self._good_at)
        return f"{self._about} was looked at {silence:.0f} s ago" if silence > self._late else None

    def stuck(self) -> str | None:
        """That no look has ended for so long that none will any more, in words; None otherwise."""
        silence = self._since(self._ended_at)
        return f"{self._about} has not been looked at for {silence:.0f} s" if silence > self._gone else None

    def _since(self, at: float | None) -> float:
        return 0.0 if at is None else self._monotonic() - at
