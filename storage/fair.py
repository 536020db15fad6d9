"""A lock that is given in the order of asking, so that no writer waits for ever behind luckier ones."""

from collections import deque
from threading import Lock, get_ident


class FairLock:
    """First come, first served, between the threads of one process."""

    def __init__(self) -> None:
        """Free."""
        self._guard = Lock()
        self._holder: int | None = None
        self._queue: deque[tuple[int, Lock]] = deque()

    def acquire(self, seconds: float) -> bool:
        """Wait for it at most so long; whether it is held now.

        Raises:
            RuntimeError: the same thread holds it, and would wait for itself.
        """
        me = get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a writing transaction was opened inside another one")
            if self._holder is None:
                self._holder = me
                return True
            turn = Lock()
            turn.acquire()
            ticket = (me, turn)
            self._queue.append(ticket)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if ticket in self._queue:
                self._queue.remove(ticket)
                return False
            # It was handed over in the very moment of giving up.
            return True

    def release(self) -> None:
        """Hand it to whoever has waited longest."""
        with self._guard:
            if self._queue:
                self._holder, turn = self._queue.popleft()
                turn.release()
            else:
                self._holder = None
