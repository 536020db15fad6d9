"""Where a person's prompts and reminders stand: their delivery keys, and redrawing them in place."""

from __future__ import annotations

from datetime import UTC, datetime

from reporting.ledger import DeliveryState
from reporting.model import Person
from reporting.ports import UnitOfWork
from reporting.services import outbox

_OUT = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.SENT)


def key(period_id: int, person_id: int) -> str:
    """The delivery key of a person's prompt."""
    return f"prompt:{period_id}:{person_id}"


def reminder_key(period_id: int, person_id: int, name: str) -> str:
    """The delivery key of one of a person's reminders."""
    return f"reminder:{period_id}:{person_id}:{name}"


def refresh(uow: UnitOfWork, period_id: int, person_id: int | None, now: datetime, cause: str) -> None:
    """Redraw a person's prompt and reminders in place, those that are out. The same cause redraws once."""
    if person_id is None or uow.deliveries.by_key(key(period_id, person_id)) is None:
        return
    for prompt in _prompts(uow, period_id, person_id):
        _redraw(uow, prompt, "prompt", period_id, person_id, now, cause)
    for reminder in uow.deliveries.with_prefix(reminder_key(period_id, person_id, "")):
        # One that is yet to come is written from what is owed by then.
        if reminder.updates is None and reminder.state in _OUT and reminder.due_at <= now:
            _redraw(uow, reminder.key, "reminder", period_id, person_id, now, cause)


def _redraw(uow: UnitOfWork, shown: str, kind: str, period_id: int, person_id: int, now: datetime, cause: str) -> None:
    outbox.plan(
        uow,
        key=f"{shown}:{cause}",
        kind=kind,
        target=f"person:{person_id}",
        now=now,
        subject={"period": period_id, "person": person_id},
        updates=shown,
    )


def _prompts(uow: UnitOfWork, period_id: int, person_id: int) -> list[str]:
    """Keys of a person's prompt: it is posted anew where the account that it was posted to is lost."""
    first = key(period_id, person_id)
    return [first, *(d.key for d in uow.deliveries.with_prefix(f"{first}:moved:") if d.updates is None)]


def placed_anew(uow: UnitOfWork, person_id: int, now: datetime) -> None:
    """The person is written to elsewhere from now on: their open prompts stay where they are and say so."""
    for period_id in _owed_periods(uow, person_id):
        refresh(uow, period_id, person_id, now, f"placed:{now.astimezone(UTC):%Y%m%dT%H%M%S%f}")


def account_lost(uow: UnitOfWork, person: Person, platform: str, now: datetime) -> None:
    """An account is the person's no more: a prompt in a chat system where they have none left is posted once more."""
    if any(account.platform == platform for account in person.identities):
        return
    for period_id in _owed_periods(uow, person.id):
        shown = [uow.deliveries.by_key(one) for one in _prompts(uow, period_id, person.id)]
        if shown[-1] is not None and shown[-1].platform == platform:
            outbox.plan(
                uow,
                key=f"{key(period_id, person.id)}:moved:{len(shown)}",
                kind="prompt",
                target=f"person:{person.id}",
                now=now,
                subject={"period": period_id, "person": person.id},
            )


def _owed_periods(uow: UnitOfWork, person_id: int) -> list[int]:
    return sorted({request.period_id for request in uow.requests.owed_by(person_id)})
