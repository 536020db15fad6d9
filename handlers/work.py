"""Where inbound work runs: synchronous rules in worker threads, tasks that are waited for at the end, and only the
newest of many keystrokes.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, ParamSpec, TypeVar

from handlers.telling import log

P = ParamSpec("P")
R = TypeVar("R")
# Seconds for which it is remembered that somebody is one of ours: they may leave, or be taken out of the register.
DAY: Final = 86_400.0


class Work:
    """Threads and tasks of one adapter.

    Args:
        threads: how many rules may run at once.
    """

    def __init__(self, threads: int = 8) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="desk")
        self._tasks: set[asyncio.Task[Any]] = set()

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> asyncio.Future[R]:
        """Run a synchronous function in a worker thread; what it logs carries the id of the interaction."""
        context = copy_context()
        return asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(function, *args, **kwargs))

    def spawn(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """Start a task that `close` waits for. The work itself must catch what it raises."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self, seconds: float = 10.0) -> None:
        """Let what is under way end, at most for so long; then stop it."""
        try:
            async with asyncio.timeout(seconds):
                await self.settled()
        except TimeoutError:
            log.warning("%d pieces of work did not end within %s s and are stopped", len(self._tasks), seconds)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self._pool.shutdown(wait=False, cancel_futures=True)


class Latest:
    """For each key, one piece of work at a time, and of those that wait only the newest; nothing after its end."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ended = Seen()
        self._waiting: dict[str, Callable[[], Awaitable[None]]] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}

    def offer(self, key: str, job: Callable[[], Awaitable[None]]) -> None:
        """Do this after what runs for the key now, unless something newer or its end comes in the meantime."""
        if key in self._ended:
            return
        self._waiting[key] = job
        if key not in self._running:
            self._running[key] = self._work.spawn(self._run(key))

    async def stop(self, key: str, seconds: float = 1.0) -> None:
        """Forget what waits for the key, and give what runs a moment to end."""
        self._waiting.pop(key, None)
        running = self._running.get(key)
        if running is not None:
            await asyncio.wait([running], timeout=seconds)

    def end(self, key: str) -> None:
        """Nothing is to be done for the key any more: forget what waits, and take nothing new."""
        self._waiting.pop(key, None)
        self._ended.first(key)

    async def _run(self, key: str) -> None:
        try:
            while (job := self._waiting.pop(key, None)) is not None:
                await job()
        finally:
            self._running.pop(key, None)


class Seen:
    """The newest keys, bounded.

    Args:
        keep: seconds after which a key is forgotten by itself; without it none is.
    """

    def __init__(
        self, most: int = 10_000, keep: float | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._keep = keep
        self._monotonic = monotonic
        self._keys: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()

    def first(self, key: Hashable, value: Any = True) -> bool:
        """Remember a key; False when it was known with the same value."""
        known = self.get(key) == value
        self._keys[key] = value, self._monotonic()
        self._keys.move_to_end(key)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return not known

    def get(self, key: Hashable, default: Any = None) -> Any:
        """What is remembered with a key."""
        return self._keys[key][0] if key in self else default

    def forget(self, key: Hashable) -> None:
        """Do not know the key any more."""
        self._keys.pop(key, None)

    def __contains__(self, key: Hashable) -> bool:
        known = self._keys.get(key)
        if known is not None and self._keep is not None and self._monotonic() - known[1] > self._keep:
            self.forget(key)
            return False
        return known is not None

    def __len__(self) -> int:
        return len(self._keys)
