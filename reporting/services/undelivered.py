"""Plans the message that tells the PMO, once a day, what was not delivered or not done."""

from __future__ import annotations

from datetime import datetime, timedelta

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
_DAY = timedelta(days=1)


def plan_notice(uow: UnitOfWork, policy: Policy, now: datetime) -> None:
    """Plan the notice of the day, or of the next day when today's has gone out."""
    if policy.pmo_channel is None:
        return
    today = f"{KIND}:{now.date().isoformat()}"
    known = uow.deliveries.by_key(today)
    if known is None:
        due, key = now + _GATHER, today
    elif known.state is DeliveryState.PLANNED:
        return
    else:
        due = known.due_at + _DAY
        key = f"{KIND}:{due.date().isoformat()}"
    target = f"channel:{policy.pmo_channel}"
    plan(uow, key=key, kind=KIND, target=target, now=now, due_at=due, subject={"since": now.isoformat()})
