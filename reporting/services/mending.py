"""What an operator does to single messages: send one that did not arrive, send one once more, call one off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from reporting.ledger import NOWHERE, Delivery, DeliveryState
from reporting.ports import UnitOfWork
from reporting.services.compose import is_composed
from reporting.services.outbox import DOUBTFUL, NO_ACCOUNT, enqueue, let_next, plan, unsure

# How far back to look for what could not be sent without an account.
_LOOKED_BACK = timedelta(days=7)
_CAME_TO_NOTHING = (DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.CANCELLED)
# So many copies of one message nobody means.
_COPIES = 100


class NotDone(Exception):
    """It cannot be done, or must not be; the text says why and what can. Nothing was changed."""


def resend(uow: UnitOfWork, key: str, by: str, now: datetime, copy: bool = False, actor: str | None = None) -> Delivery:
    """Plan a message again that came to nothing, with what came to nothing for want of it.

    One that may have arrived is looked for before it is sent. What depends on the state of things is written anew.

    Args:
        by: the operator's name, for the audit trail.
        copy: send one that has arrived once more, under a key of its own.
        actor: as audit events name it, where it was no operator.

    Raises:
        NotDone: there is no such message, it has arrived, or it is on its way.
    """
    found = _known(uow, key)
    match found.state:
        case DeliveryState.SENT if copy:
            return _copied(uow, found, actor or _operator(by), now)
        case DeliveryState.SENT:
            raise NotDone(f"{key} was sent, so nothing was changed. With --again a copy is sent, under a new key.")
        case DeliveryState.PLANNED | DeliveryState.SENDING:
            raise NotDone(
                f"{key} is on its way ({found.state}), so nothing was changed. See what it waits for: explain."
            )
        case _:
            again = planned_again(uow, found, now, urgent=True)
            if again is None:
                raise NotDone(f"{key} was just taken by a sender, so nothing was changed. Look at it again.")
            _noted(uow, found, again, actor or _operator(by), "delivery.resent", now)
    for follower in followers(uow, found):
        planned_again(uow, follower, now)
    return again


def arrived(uow: UnitOfWork, key: str, by: str, now: datetime, actor: str | None = None) -> Delivery:
    """Somebody has looked: what may have arrived, and could not be looked for, is there. Its further parts are sent.

    Answers to it that were cancelled are planned again, as messages of their own: where it is, is not known. Changes of
    it stay cancelled for the same reason.

    Args:
        by: the operator's name, for the audit trail.
        actor: as audit events name it, where it was no operator.

    Raises:
        NotDone: there is no such message, or no doubt about it.
    """
    found = _known(uow, key)
    if not unsure(found):
        raise NotDone(f"{key} is {found.state}, and there is no doubt about that. Nothing was changed.")
    refs = (*found.refs, NOWHERE)
    whole = len(refs) >= len(found.parts or ())
    there = replace(
        found,
        state=DeliveryState.SENT if whole else DeliveryState.PLANNED,
        refs=refs, sent_at=now if whole else None, failed_at=None, error="", expires_at=None, stuck=False,
    )  # fmt: skip
    _save(uow, there, found)
    _noted(uow, found, there, actor or _operator(by), "delivery.arrived", now)
    if not whole:
        enqueue(uow, there, now)
    for follower in followers(uow, found):
        if follower.thread_of == key:
            planned_again(uow, follower, now)
    return there


def planned_again(uow: UnitOfWork, delivery: Delivery, now: datetime, urgent: bool = False) -> Delivery | None:
    """Plan a message again that came to nothing, or may have; None when another attempt has it.

    Args:
        urgent: also when it is too late by now to be of use.
    """
    doubtful = delivery.state is DeliveryState.UNCERTAIN or _doubtful(uow, delivery)
    begun = doubtful or bool(delivery.refs)
    planned = replace(
        delivery,
        state=DeliveryState.UNCERTAIN if doubtful else DeliveryState.PLANNED,
        # What may be there already is looked for from its due time on, and finished as it was.
        due_at=delivery.due_at if begun else max(delivery.due_at, now),
        content=delivery.content if begun or not is_composed(delivery.kind) else None,
        parts=delivery.parts if begun else None,
        expires_at=None if urgent else delivery.expires_at,
        failed_at=None,
        error="",
        stuck=False,
    )
    if not uow.deliveries.save(planned, delivery.attempt, uow.deliveries.held(delivery.id)):
        return None
    enqueue(uow, planned, now)
    return planned


def account_found(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """Send somebody what could not be sent without an account, where it is still of use."""
    for failed in uow.deliveries.failures_since(now - _LOOKED_BACK):
        mine = failed.target == f"person:{person_id}" and failed.error == NO_ACCOUNT
        if mine and (failed.expires_at is None or failed.expires_at > now):
            planned_again(uow, failed, now)


def reached_again(uow: UnitOfWork, person_id: int, platform: str, lost: tuple[str, ...], now: datetime) -> None:
    """Somebody can be written to in a chat system where they could not be: send what they missed and can still use.

    A prompt is of use until its report is due, and says what the reminders after it said.

    Args:
        lost: how the errors begin of what failed only because they could not be reached there.
    """
    person = uow.people.get(person_id)
    if person is not None and (person.unreachable or "").startswith(lost):
        uow.people.save(replace(person, unreachable=None))
    missed = [
        failed
        for failed in uow.deliveries.failures_since(now - _LOOKED_BACK)
        if (failed.target, failed.platform) == (f"person:{person_id}", platform) and failed.error.startswith(lost)
    ]
    prompts = {failed.subject["period"]: failed for failed in missed if _asks(uow, failed, now)}
    for failed in missed:
        asks = failed in prompts.values()
        told = failed.kind == "reminder" and failed.subject["period"] in prompts
        if asks or not (told or (failed.expires_at is not None and failed.expires_at <= now)):
            for delivery in (failed, *followers(uow, failed)):
                planned_again(uow, delivery, now, urgent=asks)


def _asks(uow: UnitOfWork, failed: Delivery, now: datetime) -> bool:
    """Whether it is a prompt for a report that is not due yet."""
    if failed.kind != "prompt" or failed.updates is not None:
        return False
    period = uow.periods.get(failed.subject["period"])
    return period is not None and period.due_at > now


def followers(uow: UnitOfWork, delivery: Delivery) -> Iterator[Delivery]:
    """What was to follow a message, and was cancelled with it."""
    for each in uow.deliveries.with_prefix(f"{delivery.key}:"):
        if delivery.key in (each.thread_of, each.updates) and each.state is DeliveryState.CANCELLED:
            yield each


def cancel(uow: UnitOfWork, key: str, by: str, reason: str, now: datetime) -> Delivery:
    """Call off a message that is planned.

    Raises:
        NotDone: there is no such message, or it is not planned.
    """
    found = _known(uow, key)
    if found.state is not DeliveryState.PLANNED:
        raise NotDone(f"{key} is {found.state}; only what is planned can be cancelled. Nothing was changed.")
    gone = replace(found, state=DeliveryState.CANCELLED, error=f"cancelled by {by}: {reason}")
    _save(uow, gone, found)
    let_next(uow, gone, now)
    _noted(uow, found, gone, _operator(by), "delivery.cancelled", now)
    return gone


def _known(uow: UnitOfWork, key: str) -> Delivery:
    found = uow.deliveries.by_key(key)
    if found is None:
        raise NotDone(f'there is no message with the key "{key}"; `rollcall deliveries list` names keys')
    return found


def _doubtful(uow: UnitOfWork, delivery: Delivery) -> bool:
    """Whether a failed one may have arrived all the same."""
    if delivery.state is not DeliveryState.FAILED:
        return False
    events = [e for e in uow.audit.events(f"delivery:{delivery.key}") if e.action == "delivery.failed"]
    return bool(events and (events[-1].after or {}).get(DOUBTFUL))


def _copied(uow: UnitOfWork, sent: Delivery, actor: str, now: datetime) -> Delivery:
    if sent.updates is not None:
        raise NotDone(f"{sent.key} changes another message ({sent.updates}); send that one again. Nothing was changed.")
    for number in range(1, _COPIES):
        key = f"{sent.key}:again:{number}"
        copy = plan(
            uow, key=key, kind=sent.kind, target=sent.target, now=now, subject=sent.subject, content=sent.content,
            thread_of=sent.thread_of,
        )  # fmt: skip
        if copy is not None:
            _noted(uow, sent, copy, actor, "delivery.copied", now)
            return copy
    raise NotDone(f"{sent.key} was copied {_COPIES - 1} times already. Nothing was changed.")


def _operator(name: str) -> str:
    return f"operator:{name}"


def _save(uow: UnitOfWork, changed: Delivery, found: Delivery) -> None:
    """Write it, unless somebody has taken it since it was found.

    Raises:
        NotDone: somebody has.
    """
    if not uow.deliveries.save(changed, found.attempt):
        raise NotDone(f"{found.key} was just taken by a sender, so nothing was changed. Look at it again.")


def _noted(uow: UnitOfWork, before: Delivery, after: Delivery, actor: str, action: str, now: datetime) -> None:
    was = {"state": str(before.state), "error": before.error}
    became = {"state": str(after.state), "key": after.key, "reason": after.error}
    uow.audit.append(now, actor, action, f"delivery:{before.key}", was, became)
