"""Tells the PMO, once a day, what could not be delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.outlets import NOT_SET_UP, Remedy
from bot.engine.skipped import skipped_blocks, skipped_title, skips_since
from reporting.ledger import Delivery
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    Channel,
    Heading,
    Message,
    Note,
    Paragraph,
    Plain,
    Row,
    Span,
    Spans,
    Strong,
)
from reporting.model import Person, ProjectState
from reporting.policy import Policy
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.outbox import NO_ACCOUNT, unsure
from reporting.services.undelivered import KIND
from reporting.services.undelivered import plan_notice as plan_day
from reporting.texts import Texts

_SHOWN = 20
_PROJECTS = 10


def plan_notice(uow: UnitOfWork, policy: Policy, ended: Delivery, now: datetime) -> None:
    """Plan the notice that tells of a delivery that came to nothing; a notice that does itself makes no other one."""
    if ended.kind != KIND:
        plan_day(uow, policy, now)


def compose_notice(services: Services, delivery: Delivery, remedies: Mapping[str, Remedy]) -> Message | None:
    """What failed since the cause of this notice, newest last, and what to do about it; then what was left out.

    Args:
        remedies: by platform, what to do for the error of a delivery that failed there.
    """
    t = services.texts_for_channel(channel=services.policy.pmo_channel or "")
    with services.store.read() as uow:
        since = datetime.fromisoformat(delivery.subject["since"])
        failures = [failure for failure in uow.deliveries.failures_since(since) if failure.kind != KIND]
        skips = skips_since(uow, since)
        if not failures and not skips:
            return None
        troubles = _troubles(uow, failures)
        failed = t.n("{n} message could not be delivered", "{n} messages could not be delivered", len(failures))
        title = failed if failures else skipped_title(t, skips)
        blocks: list[Block] = [Heading(title)]
        lines = tuple(_line(t, trouble, remedies) for trouble in troubles[:_SHOWN] if not trouble.gone)
        blocks += [Bullets(lines)] if lines else []
        blocks += _open_questions(uow, t, [failure for failure in failures if unsure(failure)])
        for trouble in troubles[:_SHOWN]:
            blocks += _gone(uow, t, trouble, remedies) if trouble.gone else []
    if len(troubles) > _SHOWN:
        blocks.append(Note((Plain(t("The others are listed by: rollcall shown --failed")),)))
    return Message(title, (*blocks, *skipped_blocks(t, skips)))


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What holds up the messages to one target, however many.

    Attributes:
        platform: the chat system that refused them; empty when they did not get so far.
        person: whom they are for; None for a channel.
        gone: since when the person is known to have left or to be out of reach for good.
    """

    target: str
    platform: str
    error: str
    kinds: tuple[str, ...]
    person: Person | None
    gone: datetime | None


def _troubles(uow: UnitOfWork, failures: Sequence[Delivery]) -> list[_Trouble]:
    grouped: dict[tuple[str, str, str], list[Delivery]] = {}
    for failure in failures:
        grouped.setdefault((failure.target, failure.platform, failure.error), []).append(failure)
    found = []
    for (target, platform, error), held_up in grouped.items():
        person = _person_of(uow, target)
        kinds = tuple(dict.fromkeys(failure.kind for failure in held_up))
        gone = _gone_since(uow, person, held_up[0]) if person is not None else None
        found.append(_Trouble(target, platform, error, kinds, person, gone))
    return found


def _gone_since(uow: UnitOfWork, person: Person, failure: Delivery) -> datetime | None:
    """When a person was found to have left, or could not be reached for a reason of their account."""
    if not person.active:
        for event in reversed(uow.audit.events(f"person:{person.id}")):
            if (event.before or {}).get("active") and (event.after or {}).get("active") is False:
                return event.at
    elif failure.error != person.unreachable:
        return None
    return failure.failed_at


def _line(t: Texts, trouble: _Trouble, remedies: Mapping[str, Remedy]) -> Spans:
    kinds = ", ".join(_what(t, kind) for kind in trouble.kinds)
    return (_name(trouble), Plain(f" ({kinds}): {_advice(t, trouble, remedies)}"))


def _open_questions(uow: UnitOfWork, t: Texts, open_ones: Sequence[Delivery]) -> Iterator[Block]:
    """What may have arrived, each with two buttons: only somebody who looks there can say whether it is missing."""
    for failure in open_ones[:_PROJECTS]:
        confirm = t("Send it again? If it has arrived after all, it is there twice then.")
        again = Button("delivery.resend", t("Send again"), str(failure.id), confirm=confirm)
        there = Button("delivery.arrived", t("It arrived"), str(failure.id))
        due = t("{what}, due {moment}", what=_what(t, failure.kind), moment=t.moment(failure.due_at))
        yield Paragraph((_named(failure.target, _person_of(uow, failure.target)), Plain(f" ({due})")))
        yield Actions((again, there))
    if len(open_ones) > _PROJECTS:
        yield Note((Plain(t("The others are listed by: rollcall shown --failed")),))


def _gone(uow: UnitOfWork, t: Texts, trouble: _Trouble, remedies: Mapping[str, Remedy]) -> list[Block]:
    """Somebody who has left or is out of reach: since when, and a button for each project they lead."""
    person, since = trouble.person, trouble.gone
    assert person is not None, "people leave"
    assert since is not None, "on some day"
    day = t.short_day(since.astimezone(t.zone).date())
    line = (
        t("out of reach since {day}. {advice}", day=day, advice=_advice(t, trouble, remedies))
        if person.active
        else t("has left, found on {day}. Their projects need a new lead.", day=day)
    )
    led = [
        project
        for project in uow.projects.of_person(person.id)
        if project.lead_id == person.id and project.state is not ProjectState.CLOSED
    ]
    rows: list[Block] = [
        Row((Strong(project.key), Plain(f"  {project.name}")),
            Button("project.edit", t("Choose a lead"), str(project.id)))
        for project in sorted(led, key=lambda project: project.key)[:_PROJECTS]
    ]  # fmt: skip
    left = len(led) - _PROJECTS
    more = t.n("{n} more: /rag lead:{name}", "{n} more: /rag lead:{name}", left, name=f'"{person.name}"')
    rest: list[Block] = [Note((Plain(more),))] if left > 0 else []
    return [Paragraph((_name(trouble), Plain(f" {line}"))), *rows, *rest]


def _what(t: Texts, kind: str) -> str:
    known = {"prompt": t("prompt"), "reminder": t("reminder"), "alert": t("alert"), "digest": t("digest")}
    return known.get(kind, t("message"))


def _advice(t: Texts, trouble: _Trouble, remedies: Mapping[str, Remedy]) -> str:
    if trouble.error == NO_ACCOUNT:
        return t("No chat account is known for them. Correct their mail address in the register, or name another lead.")
    if trouble.error.startswith(NOT_SET_UP):
        return t("Its chat system is not set up any more. Name another channel or lead, or tell the operator.")
    remedy = remedies.get(trouble.platform)
    if remedy is None:
        return t("It was not sent ({error}). Tell the operator; the log has more.", error=trouble.error)
    return remedy(t, trouble.error)


def _name(trouble: _Trouble) -> Span:
    return _named(trouble.target, trouble.person)


def _named(target: str, person: Person | None) -> Span:
    return Strong(person.name) if person is not None else Channel(target.partition(":")[2])


def _person_of(uow: UnitOfWork, target: str) -> Person | None:
    kind, _, name = target.partition(":")
    return uow.people.get(int(name)) if kind == "person" else None
