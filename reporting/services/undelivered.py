"""Plans the message that tells the PMO, once a day, what was not delivered or not done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reporting.ledger import DeliveryState
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.services.outbox import plan

KIND = "undeliverable"
"""The kind of that message."""
SKIPPED = "schedule.skipped"
"""The action of the audit event of a period or digest that was left out."""
# A first failure is seldom alone: gather for a while, then tell all at once.
_GATHER = timedelta(minutes=10)
_BETWEEN = timedelta(hours=1)


def plan_notice(uow: UnitOfWork, policy: Policy, now: datetime) -> None:
    """Plan the notice that will tell of something that happened now; one gathers all of some minutes.

    The first of a day follows soon; after it there is one an hour at most, so that everything is told the same day.
    """
    if policy.pmo_channel is None:
        return
    last = next(iter(uow.deliveries.newest(f"{KIND}:", 1)), None)
    # One that is due is written, or being sent, and does not know of this any more.
    if last is not None and last.state is DeliveryState.PLANNED and last.due_at > now:
        return
    due = now + _GATHER if last is None else max(now + _GATHER, last.due_at + _BETWEEN)
    key = f"{KIND}:{due.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    target = f"channel:{policy.pmo_channel}"
    plan(uow, key=key, kind=KIND, target=target, now=now, due_at=due, subject={"since": now.isoformat()})
