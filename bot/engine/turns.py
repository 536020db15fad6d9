"""Whose turn it is: what must be there before a message is sent, and what makes it needless.

To a channel or a person nothing overtakes what was due before. An edit follows its message and the older edits of it; a
newer one takes the place of an older one that is not begun. What is stuck through a fault of ours holds up nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reporting.ledger import NOWHERE, Delivery, DeliveryState, MessageRef
from reporting.ports import UnitOfWork
from reporting.services.outbox import half_done

NOTHING = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.SKIPPED)
OVER = (DeliveryState.SENT, *NOTHING)
# Whoever was sending it may be gone; its last request may have arrived.
IN_DOUBT = (DeliveryState.SENDING, DeliveryState.UNCERTAIN)
TOO_LATE = "too late to be of use"
"""Why most skipped deliveries were skipped."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The delivery comes to nothing."""

    state: DeliveryState
    reason: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """Another message goes first; its end calls this one back."""


def before_post(uow: UnitOfWork, delivery: Delivery, now: datetime) -> Delivery | Stop | NotYet | None:
    """The message that is answered; nothing to a channel or person overtakes what was due before."""
    other = None if delivery.thread_of is None else _there(uow, delivery.thread_of, whole=False)
    if isinstance(other, Stop) or delivery.stuck:
        return other
    first = uow.deliveries.first_in_line(delivery.target, now)
    return other if first in (delivery.id, None) else NotYet()


def before_edit(uow: UnitOfWork, delivery: Delivery, base: str, now: datetime) -> Delivery | Stop | NotYet:
    """The message that is edited. A newer edit makes an older one needless; one half done is finished first."""
    waiting = uow.deliveries.edits_waiting(base)
    newer = any(e.id > delivery.id and e.due_at <= now for e in waiting)
    # One half done is finished first, unless a newer one was not kept waiting and stands there by now.
    if (newer and not begun(delivery)) or uow.deliveries.edited_after(base, delivery.id):
        return Stop(DeliveryState.CANCELLED, "a newer edit takes its place")
    if any(e.id < delivery.id and half_done(e) and not e.stuck for e in waiting):
        return NotYet()
    there = _there(uow, base, whole=True)
    if isinstance(there, Delivery) and NOWHERE in there.refs:
        return Stop(DeliveryState.CANCELLED, f'nobody knows where the message is ("{base}")')
    return there


def all_parts(uow: UnitOfWork, base: Delivery) -> tuple[MessageRef, ...]:
    """Where the parts of a message are, those too that an edit added before it got stuck."""
    stuck = [e.refs for e in uow.deliveries.edits_waiting(base.key) if e.stuck]
    return max([base.refs, *stuck], key=len)


def thread_of(delivery: Delivery, other: Delivery | None) -> MessageRef | None:
    """Where an answer belongs; None where nobody knows, and then it stands by itself."""
    root = other.refs[0] if other and delivery.thread_of and other.refs else NOWHERE
    return None if root == NOWHERE else root


def begun(delivery: Delivery) -> bool:
    """Whether a part of it is, or may be, there already."""
    return delivery.parts is not None and (delivery.state in IN_DOUBT or bool(delivery.refs))


def _there(uow: UnitOfWork, key: str, whole: bool) -> Delivery | Stop | NotYet:
    """The message with this key once it is there, or what of it is.

    Args:
        whole: an edit needs all of a message, a thread only its first part.
    """
    other = uow.deliveries.by_key(key)
    if other is None or other.state in NOTHING:
        return Stop(DeliveryState.CANCELLED, f'the message it belongs to ("{key}") was not sent')
    there = other.state is DeliveryState.SENT or (not whole and bool(other.refs))
    return other if there else NotYet()
