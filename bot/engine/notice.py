"""Tells the PMO, once a day, what could not be delivered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from reporting.ledger import Delivery, DeliveryState
from reporting.messages import Bullets, Heading, Message, Note, Plain, Spans, Strong
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.outbox import NO_ACCOUNT, plan
from reporting.texts import Texts

KIND = "undeliverable"
Remedy = Callable[[Texts, str], str]
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


def compose_notice(services: Services, delivery: Delivery, remedy: Remedy) -> Message | None:
    """What failed since the cause of this notice, newest last, and what to do about it.

    Args:
        remedy: what to do, for the error of a failed delivery.
    """
    t = services.texts_for_channel()
    with services.store.read() as uow:
        failures = uow.deliveries.failures_since(datetime.fromisoformat(delivery.subject["since"]))
        failures = [failure for failure in failures if failure.kind != KIND]
        if not failures:
            return None
        lines = _lines(uow, failures, t, remedy)
    title = t.n("{n} message could not be delivered", "{n} messages could not be delivered", len(failures))
    blocks: list[Heading | Bullets | Note] = [Heading(title), Bullets(tuple(lines[:_SHOWN]))]
    if len(lines) > _SHOWN:
        blocks.append(Note((Plain(t("The others are listed by: rollcall shown --failed")),)))
    return Message(title, tuple(blocks))


def _lines(uow: UnitOfWork, failures: Sequence[Delivery], t: Texts, remedy: Remedy) -> list[Spans]:
    """One line for each target and reason, however many messages it holds up."""
    causes: dict[tuple[str, str], dict[str, None]] = {}
    for failure in failures:
        causes.setdefault((failure.target, failure.error), {})[_what(t, failure.kind)] = None
    return [
        (Strong(_name(uow, target)), Plain(f" ({', '.join(kinds)}): {_advice(t, error, remedy)}"))
        for (target, error), kinds in causes.items()
    ]


def _what(t: Texts, kind: str) -> str:
    known = {"prompt": t("prompt"), "reminder": t("reminder"), "alert": t("alert"), "digest": t("digest")}
    return known.get(kind, t("message"))


def _advice(t: Texts, error: str, remedy: Remedy) -> str:
    if error == NO_ACCOUNT:
        return t("No chat account is known for them. Correct their mail address in the register, or name another lead.")
    return remedy(t, error)


def _name(uow: UnitOfWork, target: str) -> str:
    kind, _, name = target.partition(":")
    person = uow.people.get(int(name)) if kind == "person" else None
    return person.name if person is not None else name
