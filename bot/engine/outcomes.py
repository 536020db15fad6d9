"""How an attempt at a delivery has ended: one line of the log, and whoever counts is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from reporting.ledger import Delivery, DeliveryState

WORDS = {
    DeliveryState.PLANNED: "again",
    DeliveryState.UNCERTAIN: "uncertain",
    DeliveryState.SENT: "sent",
    DeliveryState.FAILED: "failed",
    DeliveryState.CANCELLED: "cancelled",
    DeliveryState.SKIPPED: "skipped",
}
STUCK = "stuck"
_LEVELS = {"uncertain": logging.WARNING, "skipped": logging.WARNING, STUCK: logging.ERROR, "failed": logging.ERROR}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt.

    Attributes:
        word: `sent`, `failed`, `skipped`, `cancelled`, `again` (certainly not sent, tried again), `uncertain` (looked
            for before it is tried again) or `stuck` (a fault of ours, tried again).
        late: seconds from when it was due, on the bot's clock.
        reason: why it was not sent; empty when it was.
    """

    delivery: Delivery
    word: str
    late: float
    reason: str = ""


Watch = Callable[[Outcome], None]


def unwatched(_outcome: Outcome) -> None:
    """Count nothing."""


class Outcomes:
    """Tells of outcomes, once they are written down."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._log = structlog.get_logger("deliver")

    def tell(self, delivery: Delivery, now: datetime, word: str = "") -> None:
        """An attempt has ended as `delivery` says."""
        found = word or WORDS[delivery.state]
        reason = "" if found == "sent" else delivery.error
        outcome = Outcome(delivery, found, (now - delivery.due_at).total_seconds(), reason)
        self._log.log(
            _LEVELS.get(found, logging.INFO),
            "delivery",
            outcome=found,
            key=delivery.key,
            kind=delivery.kind,
            target=delivery.target,
            attempt=delivery.attempt,
            late=round(outcome.late, 1),
            **({"reason": reason.partition("\n")[0]} if reason else {}),
        )
        self._watch(outcome)
