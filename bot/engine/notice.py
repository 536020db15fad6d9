"""Tells the PMO, once a day, what could not be delivered."""

from __future__ import annotations

from datetime import datetime, timedelta

from reporting.ledger import Delivery, DeliveryState
from reporting.messages import Bullets, Heading, Message, Note, Plain, Spans, Strong
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.outbox import plan

KIND = "undeliverable"
# A first failure is seldom alone: gather for a while, then tell all at once.
_GATHER = timedelta(minutes=10)
_DAY = timedelta(days=1)
_SHOWN = 20


def plan_notice(uow: UnitOfWork, policy: Policy, failed: Delivery, now: datetime) -> None:
    """Plan the notice of the day, or of the next day when today's has gone out.

    A notice that fails itself makes no other one.
    """
    if policy.pmo_channel is None or failed.kind == KIND:
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


def compose_notice(services: Services, delivery: Delivery) -> Message | None:
    """What failed since the cause of this notice, newest last."""
    t = services.texts_for_channel()
    with services.store.read() as uow:
        failures = uow.deliveries.failures_since(datetime.fromisoformat(delivery.subject["since"]))
        failures = [failure for failure in failures if failure.kind != KIND]
        if not failures:
            return None
        items: tuple[Spans, ...] = tuple(
            (Strong(_name(uow, failure)), Plain(f" – {failure.kind}: {failure.error}")) for failure in failures[:_SHOWN]
        )
    title = t.n("{n} message could not be delivered", "{n} messages could not be delivered", len(failures))
    blocks: list[Heading | Bullets | Note] = [Heading(title), Bullets(items)]
    if len(failures) > _SHOWN:
        blocks.append(Note((Plain(t("The others are listed by: rollcall shown --failed")),)))
    return Message(title, tuple(blocks))


def _name(uow: UnitOfWork, failure: Delivery) -> str:
    kind, _, name = failure.target.partition(":")
    person = uow.people.get(int(name)) if kind == "person" else None
    return person.name if person is not None else name
