"""Plans messages: a delivery and its job, in the transaction of their cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reporting.ledger import Delivery, DeliveryState
from reporting.ports import UnitOfWork

NO_ACCOUNT = "the person has no chat account here"
"""The error of a delivery to somebody without an account; it is planned again when one is found."""
_LOOKED_BACK = timedelta(days=7)


def plan(
    uow: UnitOfWork,
    *,
    key: str,
    kind: str,
    target: str,
    now: datetime,
    subject: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    grace: timedelta | None = None,
    since: datetime | None = None,
    updates: str | None = None,
    thread_of: str | None = None,
    content: dict[str, Any] | None = None,
) -> Delivery | None:
    """Plan one message to one target.

    Args:
        key: says what it is; a second call with the same key plans nothing.
        due_at: not before this instant (default: now).
        grace: how long after `since` it is still useful.
        since: when it should have been sent (default: `due_at`); earlier after downtime or in somebody's night.
        content: the neutral message as JSON when it must not be composed anew at sending.

    Returns:
        The delivery, or None when its key is known already.
    """
    due = due_at or now
    expires = (since or due) + grace if grace else None
    delivery = Delivery(
        0, key, kind, target, subject or {}, lane=target, due_at=due, state=DeliveryState.PLANNED, created_at=now,
        expires_at=expires,
    )  # fmt: skip
    added = uow.deliveries.add(replace(delivery, updates=updates, thread_of=thread_of, content=content))
    if added is not None:
        enqueue(uow, added, now)
    return added


def enqueue(uow: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """Give a delivery its job. A future one gets no lane, so that it blocks nobody while it waits."""
    future = delivery.due_at > now
    uow.jobs.enqueue(
        "deliver",
        {"delivery_id": delivery.id},
        lane=None if future else delivery.lane,
        at=delivery.due_at if future else None,
        key=f"deliver:{delivery.id}",
    )


def plan_again(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """An account was found: send what could not be sent without one, where it is still of use."""
    for failed in uow.deliveries.failures_since(now - _LOOKED_BACK):
        mine = failed.target == f"person:{person_id}" and failed.error == NO_ACCOUNT
        if mine and (failed.expires_at is None or failed.expires_at > now):
            planned = replace(failed, state=DeliveryState.PLANNED, error="", failed_at=None)
            if uow.deliveries.save(planned, failed.attempt):
                enqueue(uow, planned, now)
