"""What both engines have in common: handlers by task, and what becomes of a job that asks for later or fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from reporting.ports import Clock, Job, Later

Handler = Callable[..., Awaitable[None]]

# However quiet it is, look again after so many real seconds: a safety net, work is announced by `wake`.
POLL = 2.0
# A process on PostgreSQL that has not been heard of for so long is gone, or frozen.
STALLED = 10.0
# A shelf that has not been looked at for so many seconds is looked at no more.
LOOKED_LATE = 30.0
# Work is announced in the thread that has just committed it, mostly for somebody who waits for an answer. Begun at once
# it would take the processor from that answer.
_ANSWER_FIRST = 0.01
# A task that no handler here knows: a program of another version has one, perhaps soon.
_UNKNOWN = 60.0
_FIRST_RETRY, _LAST_RETRY = 2.0, 1800.0
# With the pauses above: about a day.
_LAST_ATTEMPT = 57


class News:
    """That there may be work: told from any thread, heard in the engine's loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self) -> None:
        """Be heard in the loop that runs now."""
        self._loop = asyncio.get_running_loop()

    def tell(self) -> None:
        """There may be work, to be looked for in a moment; safe from any thread, and before anybody listens."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, _ANSWER_FIRST, self._event.set)

    def set(self) -> None:
        """There may be work; from the loop itself."""
        self._event.set()

    def clear(self) -> None:
        """What was told so far is being looked into."""
        self._event.clear()

    async def rest(self, seconds: float) -> None:
        """Until there is news, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return


async def until_next(next_at: Callable[[], datetime | None], clock: Clock, speed: float) -> float | None:
    """Real seconds until the first waiting job is due; none or less than none when it is, None when none waits.

    Args:
        next_at: asks the table, in a worker thread.
        speed: the clock's seconds in a real second.
    """
    at = await asyncio.to_thread(next_at)
    return None if at is None else (at - clock.now()).total_seconds() / speed


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of a job has ended.

    Attributes:
        again_in: real seconds until it is to be run again; None when it is done.
        error: why, when it failed.
    """

    again_in: float | None = None
    error: str = ""


DONE = Outcome()


class Tasks:
    """The handlers, and the pauses between the tries of a job that fails."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._handlers: dict[str, Handler] = {}
        self._given_up: dict[str, Handler] = {}
        self._unknown: set[str] = set()
        self._log = structlog.get_logger("engine")

    def handle(self, task: str, handler: Handler, given_up: Handler | None = None) -> None:
        """See `reporting.ports.JobEngine.handle`."""
        self._handlers[task] = handler
        if given_up is not None:
            self._given_up[task] = given_up

    @property
    def names(self) -> list[str]:
        """The tasks that have a handler."""
        return list(self._handlers)

    async def run(self, job: Job) -> Outcome:
        """Run a job once; its failure is logged, never raised."""
        handler = self._handlers.get(job.task)
        if handler is None:
            return self._not_ours(job.task)
        try:
            with structlog.contextvars.bound_contextvars(interaction=f"job-{job.id}"):
                await handler(**job.args)
        except Later as later:
            return Outcome(max(later.seconds, 0.0))
        except Exception as error:  # noqa: BLE001 - one job's fault must not stop the others; it is logged and tried again
            return await self._failed(job, error)
        return DONE

    def _not_ours(self, task: str) -> Outcome:
        """Kept for a program that has a handler; said once."""
        if task not in self._unknown:
            self._unknown.add(task)
            self._log.info("task_unknown", task=task, kept="for a version of the program that knows it")
        return Outcome(_UNKNOWN, f"no handler for task {task!r}")

    async def _failed(self, job: Job, error: Exception) -> Outcome:
        reason = f"{type(error).__name__}: {error}"
        given_up = self._given_up.get(job.task)
        if given_up is not None and job.attempt >= _LAST_ATTEMPT:
            self._log.critical("job_given_up", job=job.id, task=job.task, exc_info=error)
            try:
                await given_up(reason, **job.args)
            except Exception as again:  # noqa: BLE001 - nobody could be told: the job stays and is tried on
                self._log.error("job_not_given_up", job=job.id, exc_info=again)
            else:
                return DONE
        pause = self._backoff(job.attempt - 1)
        self._log.error("job_failed", job=job.id, task=job.task, again_in=round(pause), exc_info=error)
        return Outcome(pause, reason)

    def _backoff(self, failures: int) -> float:
        """2 s, 4 s, 8 s ... half an hour, each between half and one and a half of that."""
        return min(_FIRST_RETRY * 2.0 ** min(failures, 20), _LAST_RETRY) * (0.5 + self._jitter())
