"""Numbers about one running bot in the text format of Prometheus. The names are explained in docs/operating.md.

Everything is counted in a registry of the bot's own; the library's global one is not used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

from bot.engine.outcomes import Outcome
from bot.engine.slots import Slots
from reporting.ports import DeliveryError, RetryLater, StoreBusy

# Seconds. A message is late by parts of a second in a quiet hour, by minutes on a Monday, by hours after downtime.
_LATE = (0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
# Slack waits three seconds for an acknowledgement (Slack docs: handling user interaction).
_ACKNOWLEDGED = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 3)
_SLOT = (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "TooManyRequests", "http_429"})


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits.

    Attributes:
        jobs: unfinished.
        due: deliveries that are due and unfinished.
        oldest: seconds since the first of them was due.
    """

    jobs: int
    due: int
    oldest: float


class Metrics:
    """The numbers. Safe for use by many threads."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._build = Info("rollcall_build", "Version and way of running.", registry=registry)
        self._deliveries = Counter(
            "rollcall_deliveries", "Ends of attempts at deliveries.", ["kind", "outcome"], registry=registry
        )
        self._late = Histogram(
            "rollcall_delivery_lateness_seconds", "From due to sent.", ["kind"], buckets=_LATE, registry=registry
        )
        self._acknowledged = Histogram(
            "rollcall_acknowledgement_seconds",
            "From what a chat system sends to its acknowledgement.",
            ["kind"],
            buckets=_ACKNOWLEDGED,
            registry=registry,
        )
        self._limited = Counter(
            "rollcall_rate_limited", "Calls that a chat system refused for their rate.", ["method"], registry=registry
        )
        self._slot = Histogram(
            "rollcall_slot_wait_seconds", "Waits for a turn to send.", buckets=_SLOT, registry=registry
        )
        self._ticks = Counter("rollcall_clock_ticks", "Looks at what is due.", ["outcome"], registry=registry)
        self._jobs = Gauge("rollcall_jobs_unfinished", "Jobs that wait or run.", registry=registry)
        self._due = Gauge("rollcall_deliveries_due", "Deliveries due and not finished.", registry=registry)
        self._oldest = Gauge("rollcall_oldest_due_seconds", "Age of the first of them.", registry=registry)
        self._chats = Gauge(
            "rollcall_chat_up", "Whether a chat system can be worked with.", ["chat"], registry=registry
        )
        self._database = Gauge("rollcall_database_up", "Whether the database could be asked.", registry=registry)
        for outcome in ("done", "failed"):
            # From the beginning: a rate over a counter that appears with its first event misses that event.
            self._ticks.labels(outcome)

    def built(self, about: dict[str, str]) -> None:
        """What is built and how it runs, for `rollcall_build_info`."""
        self._build.info(about)

    def delivered(self, outcome: Outcome) -> None:
        """An attempt at a delivery has ended."""
        kind = outcome.delivery.kind
        self._deliveries.labels(kind, outcome.word).inc()
        if outcome.word == "sent":
            self._late.labels(kind).observe(max(outcome.late, 0.0))

    def acknowledged(self, kind: str, seconds: float) -> None:
        """A payload of this kind was acknowledged."""
        self._acknowledged.labels(kind).observe(seconds)

    def refused(self, method: str, error: DeliveryError) -> None:
        """The chat system did not take a call."""
        if isinstance(error, RetryLater) and error.code in _RATE_LIMITED:
            self._limited.labels(method).inc()

    def waited(self, seconds: float) -> None:
        """Somebody waited for a slot."""
        self._slot.observe(seconds)

    @contextmanager
    def tick(self) -> Iterator[None]:
        """Count one look at what is due."""
        try:
            yield
        except BaseException:
            self._ticks.labels("failed").inc()
            raise
        self._ticks.labels("done").inc()

    def page(self, queue: Queue | None, chats: Mapping[str, bool]) -> bytes:
        """Everything, as a monitoring system reads it.

        Args:
            chats: whether each chat system can be worked with.
            queue: None when the database could not be asked.
        """
        for name, well in chats.items():
            self._chats.labels(name).set(well)
        self._database.set(queue is not None)
        self._jobs.set(nan if queue is None else queue.jobs)
        self._due.set(nan if queue is None else queue.due)
        self._oldest.set(nan if queue is None else queue.oldest)
        return generate_latest(self.registry)


class TimedSlots:
    """Slots, with the time that is waited for them."""

    def __init__(self, slots: Slots, waited: Callable[[float], None]) -> None:
        self._slots = slots
        self._waited = waited

    async def take(self, channel: str) -> None:
        """See `bot.engine.slots.Slots`."""
        begun = time.perf_counter()
        try:
            await self._slots.take(channel)
        finally:
            self._waited(time.perf_counter() - begun)

    async def used(self, channel: str) -> None:
        """See `bot.engine.slots.Slots`."""
        # Where the database is busy the deliveries do not give way this once: nobody waits longer for an answer.
        with suppress(StoreBusy):
            await self._slots.used(channel)

    async def hold(self, channel: str, seconds: float) -> None:
        """See `bot.engine.slots.Slots`."""
        await self._slots.hold(channel, seconds)
