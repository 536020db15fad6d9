"""Plans messages: a delivery and its job, in the transaction of their cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reporting.ledger import Delivery, DeliveryState
from reporting.ports import UnitOfWork

NO_ACCOUNT = "the person has no chat account here"
"""The error of a delivery to somebody without an account; it is planned again when one is found."""
UNCERTAIN = "uncertain"
"""How the error begins of a delivery that may have arrived, where nobody can be asked: people say what happens next."""
DOUBTFUL = "doubtful"
"""In the audit event of a failed delivery: that it may have arrived all the same."""
TASK = "deliver"
"""The task of the engine that sends a delivery."""
_UNFINISHED = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCERTAIN)
# They go to many at once, and none of them waits for an answer.
_PATIENT = frozenset({"prompt", "reminder"})
# Machines' clocks differ a little: what is due so soon is called now, and waits for its time by itself.
_SKEW = timedelta(seconds=5)
# A delivery overdue for so long should have been sent, or have a job.
_LOST = timedelta(seconds=60)
# Given a job in one transaction: nobody else writes meanwhile.
_HANDFUL = 200


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
    ahead: bool = False,
) -> Delivery | None:
    """Plan one message to one target.

    Args:
        key: says what it is; a second call with the same key plans nothing.
        due_at: not before this instant (default: now).
        grace: how long after `since` it is still useful.
        since: when it should have been sent (default: `due_at`); earlier after downtime or in somebody's night.
        content: the neutral message as JSON when it must not be composed anew at sending.
        ahead: whether it waits for nothing that was due to the target before, and nothing there waits for it.

    Returns:
        The delivery, or None when its key is known already.
    """
    due = due_at or now
    expires = (since or due) + grace if grace else None
    delivery = Delivery(
        0, key, kind, target, subject or {}, due_at=due, state=DeliveryState.PLANNED, created_at=now,
        expires_at=expires, stuck=ahead,
    )  # fmt: skip
    added = uow.deliveries.add(
        replace(delivery, updates=updates, thread_of=thread_of, content=content, preset=content is not None)
    )
    if added is not None:
        enqueue(uow, added, now)
    return added


def enqueue(uow: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """Give a delivery its job: at its due time, and before the mass of prompts where somebody waits for it."""
    uow.jobs.enqueue(
        TASK,
        {"delivery_id": delivery.id},
        at=delivery.due_at if delivery.due_at > now else None,
        key=job_key(delivery.id),
        urgent=delivery.kind not in _PATIENT,
    )


def unsure(delivery: Delivery) -> bool:
    """Whether it may have arrived, and only people can find out."""
    return delivery.state is DeliveryState.FAILED and delivery.error.startswith(f"{UNCERTAIN}: ")


def job_key(delivery_id: int) -> str:
    """The key of a delivery's job: one at most waits."""
    return f"{TASK}:{delivery_id}"


def let_next(uow: UnitOfWork, ended: Delivery, now: datetime) -> None:
    """A delivery has come to its end, or must hold up nobody any more: give those behind it their jobs.

    A job that finds another message ahead of its own ends without a word; this is what calls it back.
    """
    behind = uow.deliveries.waiting_for(ended.updates or ended.key, now + _SKEW)
    if ended.updates is None:
        first = uow.deliveries.first_in_line(ended.target, now + _SKEW)
        behind += [first] if first is not None else []
    for delivery_id in dict.fromkeys(behind):
        # What is being sent calls those behind it by itself.
        if delivery_id != ended.id and not uow.deliveries.held(delivery_id):
            enqueue(uow, _known(uow, delivery_id), now)


def lost(uow: UnitOfWork, now: datetime) -> list[int]:
    """Ids of deliveries that are overdue and have no job, nor anybody to call them, whatever they were lost to.

    Only reads: with a long backlog this takes its time, and must keep no writer waiting.
    """
    overdue = uow.deliveries.overdue(now - _LOST)
    known = uow.jobs.keys(TASK) if overdue else set()
    firsts: dict[str, int | None] = {}
    return [one.id for one in overdue if job_key(one.id) not in known and _leads(uow, one, firsts, now)]


def _leads(uow: UnitOfWork, delivery: Delivery, firsts: dict[str, int | None], now: datetime) -> bool:
    """Whether nobody else calls it: the head of a line calls those behind. `firsts` are the heads known so far."""
    if delivery.stuck:
        return True
    if delivery.updates is not None:
        waiting = uow.deliveries.edits_waiting(delivery.updates)
        behind = any(edit.id < delivery.id and half_done(edit) and not edit.stuck for edit in waiting)
        return not behind and _settled(uow, delivery.updates)
    if delivery.target not in firsts:
        firsts[delivery.target] = uow.deliveries.first_in_line(delivery.target, now)
    first = firsts[delivery.target] == delivery.id
    return first and (delivery.thread_of is None or _settled(uow, delivery.thread_of))


def _settled(uow: UnitOfWork, key: str) -> bool:
    """Whether a message is there, or will never be: whatever waits for it need not wait any more."""
    message = uow.deliveries.by_key(key)
    return message is None or message.state not in _UNFINISHED


def half_done(edit: Delivery) -> bool:
    """Whether a part of an edit is, or may be, there already; of one that is unfinished."""
    return edit.state is not DeliveryState.PLANNED or bool(edit.refs)


def sweep(uow: UnitOfWork, now: datetime, found: Sequence[int]) -> int:
    """Give those that were found lost a job, some hundreds at a time; returns how many.

    Args:
        found: what `lost` has found, in a transaction of its own.
    """
    known = uow.jobs.keys(TASK)
    still = [one for one in found if job_key(one) not in known][:_HANDFUL]
    again = [delivery for one in still if (delivery := _known(uow, one)).state in _UNFINISHED]
    for delivery in again:
        enqueue(uow, delivery, now)
    return len(again)


def _known(uow: UnitOfWork, delivery_id: int) -> Delivery:
    delivery = uow.deliveries.get(delivery_id)
    assert delivery is not None, "a delivery is never deleted"
    return delivery
