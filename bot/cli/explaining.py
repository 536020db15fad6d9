"""What one message is, how it stands, and what it waits for, in lines for an operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.engine.outlets import way_of
from bot.engine.turns import IN_DOUBT, OVER, NotYet, Stop, before_edit, before_post, begun
from reporting.ledger import NOWHERE, AuditEvent, Delivery, DeliveryState, MessageRef
from reporting.ports import UnitOfWork
from reporting.routing import PLATFORMS, TEAMS
from reporting.services.mending import NotDone
from reporting.services.outbox import NO_ACCOUNT, TASK, job_key, unsure
from storage.jobs import SqlJobTable, WaitingJob
from storage.store import SqlStore

_SHOWN = 20


def explained(store: SqlStore, key: str, now: datetime) -> Iterator[str]:
    """The lines.

    Raises:
        NotDone: there is no such message.
    """
    with store.read() as uow:
        delivery = uow.deliveries.by_key(key)
        if delivery is None:
            raise NotDone(f'there is no message with the key "{key}"; `rollcall deliveries list` names keys')
        handed = job_key(delivery.id) in uow.jobs.keys(TASK)
        jobs = SqlJobTable(store).of_key(job_key(delivery.id))
        yield from _facts(uow, delivery)
        yield f"why      {_why(uow, delivery, now, bool(jobs) or handed)}"
        if delivery.state not in OVER:
            yield f"job      {_job(jobs, handed, now)}"
        events = uow.audit.events(f"delivery:{key}", limit=_SHOWN)
        yield from (f"audit    {_event(event)}" for event in events)


def _facts(uow: UnitOfWork, delivery: Delivery) -> Iterator[str]:
    yield f"key      {delivery.key}"
    yield f"kind     {delivery.kind}"
    yield f"target   {delivery.target}{_person(uow, delivery)}"
    platform = way_of(uow, delivery, PLATFORMS).platform if delivery.state not in OVER else delivery.platform
    if platform:
        yield f"chat     {platform}"
    yield f"state    {delivery.state}, attempts: {delivery.attempt}"
    yield f"planned  {_at(delivery.created_at)}, due {_at(delivery.due_at)}{_expiry(delivery)}"
    if delivery.updates is not None:
        yield f"changes  {delivery.updates}"
    if delivery.thread_of is not None:
        yield f"answers  {delivery.thread_of}"
    yield from (f"at       {_place(ref)}" for ref in delivery.refs)
    if delivery.error:
        yield f"error    {delivery.error}"


def _place(ref: MessageRef) -> str:
    return "(somewhere: people say that it has arrived)" if ref == NOWHERE else f"{ref.channel} {ref.message_id}"


def _person(uow: UnitOfWork, delivery: Delivery) -> str:
    kind, _, name = delivery.target.partition(":")
    person = uow.people.get(int(name)) if kind == "person" else None
    return f" ({person.name})" if person else ""


def _expiry(delivery: Delivery) -> str:
    return "" if delivery.expires_at is None else f", of use until {_at(delivery.expires_at)}"


def _why(uow: UnitOfWork, delivery: Delivery, now: datetime, has_job: bool) -> str:
    if delivery.state is DeliveryState.SENT:
        late = (delivery.sent_at or now) - delivery.due_at
        return f"it was sent {_at(delivery.sent_at or now)}, {_span(late)} after it was due"
    if delivery.state in OVER:
        return _over(delivery)
    held = uow.deliveries.held(delivery.id)
    if held > 0:
        return f"a sender has it in hand, for {held:.0f} s at most"
    if delivery.due_at > now:
        return f"it is not due for {_span(delivery.due_at - now)}"
    if delivery.expires_at is not None and delivery.expires_at < now and not begun(delivery):
        return "it is too late to be of use, and is skipped at the next look"
    return _blocked(uow, delivery, now) or _tried(delivery, has_job)


def _over(delivery: Delivery) -> str:
    if unsure(delivery):
        return "it may have arrived, and its chat cannot be asked: look there, then say `resend` or `arrived`"
    return f"it was {delivery.state}: {delivery.error or 'no reason is known'}"


def _blocked(uow: UnitOfWork, delivery: Delivery, now: datetime) -> str:
    if delivery.updates is None:
        found = before_post(uow, delivery, now)
    else:
        found = before_edit(uow, delivery, delivery.updates, now)
    if isinstance(found, Stop):
        return f"it is {found.state} at the next look: {found.reason}"
    if isinstance(found, NotYet):
        return f"it waits for {_ahead(uow, delivery, now)}"
    if way_of(uow, delivery, PLATFORMS).stranger is not None:
        return f"{NO_ACCOUNT}; it is looked for once more before the message is given up"
    return ""


def _ahead(uow: UnitOfWork, delivery: Delivery, now: datetime) -> str:
    """The message that goes first."""
    linked = delivery.updates or delivery.thread_of
    other = uow.deliveries.by_key(linked) if linked else None
    if other is None or other.state is DeliveryState.SENT:
        first = uow.deliveries.first_in_line(delivery.target, now) if delivery.updates is None else None
        other = uow.deliveries.get(first) if first is not None else None
    if other is None:
        return "an older change of the same message that is not finished"
    return f"{other.key} ({other.state}{f': {other.error}' if other.error else ''})"


def _tried(delivery: Delivery, has_job: bool) -> str:
    if delivery.stuck and delivery.error:
        return f"a fault of Rollcall's own keeps it; it is tried again, the log has more: {delivery.error}"
    if delivery.state in IN_DOUBT and delivery.platform == TEAMS:
        return "it may have arrived, and Teams cannot be asked; at the next look it is given up and the PMO is told"
    if delivery.state in IN_DOUBT:
        return "it may have arrived; it is looked for in the chat before it is sent again"
    if delivery.error:
        return f"it is tried again after: {delivery.error}"
    if not has_job:
        return "it has lost its job; the running bot gives it a new one within a minute"
    return "nothing holds it up: a running bot sends it now. Does one run?"


def _job(jobs: list[WaitingJob], handed: bool, now: datetime) -> str:
    if not jobs:
        return "handed to the engine, for now" if handed else "none"
    job = jobs[0]
    if job.running:
        return f"in hand, try {job.attempts}"
    wait = f"in {_span(job.at - now)}" if job.at > now else "now"
    tried = f", tried {job.attempts} times: {job.error}" if job.attempts else ""
    return f"waits, to be run {wait}{tried}"


def _event(event: AuditEvent) -> str:
    after = {name: value for name, value in (event.after or {}).items() if value not in ("", None)}
    return f"{_at(event.at)}  {event.actor}  {event.action}  {json.dumps(after, ensure_ascii=False)}"


def _at(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def _span(length: timedelta) -> str:
    seconds = max(length.total_seconds(), 0.0)
    return f"{seconds:.1f} s" if seconds < 120 else f"{timedelta(seconds=round(seconds))}"
