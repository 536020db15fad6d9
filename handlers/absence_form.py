"""The form in which somebody says that they, or for the PMO that somebody else, will be away."""

from __future__ import annotations

from datetime import date

from handlers.handler import numbers, resolved, show
from reporting.interactions import (
    ChecksField,
    Click,
    CloseForm,
    DateField,
    FieldErrors,
    Form,
    FormItem,
    PersonField,
    Reply,
    Say,
    Submission,
    UserRef,
)
from reporting.messages import Option, Paragraph, Plain
from reporting.model import Absence, Person
from reporting.ports import UnitOfWork
from reporting.services import register
from reporting.services.access import NotAllowed, Reader, require_pmo
from reporting.services.answers_scope import said
from reporting.services.context import Services
from reporting.texts import Texts

MOST_CHECKS = 10
ANYONE = "anyone"
"""The button's value when the form is to ask who is away."""


def open_absence(services: Services, reader: Reader, click: Click) -> Reply:
    """The button “I am away”; its value is whose absence it is, or `anyone`."""
    ids = numbers(click.value, 1)
    anyone = click.value == ANYONE and reader.is_pmo
    return absence(services, reader, None if anyone else ids[0] if ids else reader.person.id)


def absence(services: Services, reader: Reader, person_id: int | None) -> Reply:
    """The absence form.

    Args:
        person_id: whose; None lets the PMO choose.

    Raises:
        NotAllowed: it is somebody else's, and the reader does not belong to the PMO.
    """
    t, today = reader.texts, services.today(services.clock.now(), reader.person)
    with services.store.read() as uow:
        if person_id is None or not register.may_set_absence(reader, person_id):
            require_pmo(uow, services.policy, reader)
        person = uow.people.get(person_id) if person_id is not None else None
        ahead = register.absences_ahead(uow, person.id, today) if person is not None else []
    if person is None and person_id is not None:
        raise NotAllowed(t("I have not met this person yet."))
    items = [*_who(t, reader, person), *_days(t, ahead), _deputy(t, person), *_ahead(t, ahead)]
    context = {"person": person.id if person else None}
    return show(Form("absence", t("Away"), tuple(items), submit=t("Save"), context=context))


def _who(t: Texts, reader: Reader, person: Person | None) -> list[FormItem]:
    if person is not None and person.id == reader.person.id:
        return [Paragraph((Plain(t("While you are away your deputy is asked; without one nothing is owed.")),))]
    if person is not None:
        return [Paragraph((Plain(t("When is {name} away?", name=person.name)),))]
    return [PersonField("person", t("Who is away"))]


def _days(t: Texts, ahead: list[Absence]) -> list[FormItem]:
    # With absences to end, the form may be sent for that alone.
    return [
        DateField("first", t("First day away"), optional=bool(ahead)),
        DateField("last", t("Last day away"), optional=bool(ahead)),
    ]


def _deputy(t: Texts, person: Person | None) -> FormItem:
    usual = person.deputy_id if person is not None else None
    return PersonField("deputy", t("Deputy"), usual, t("Answers instead. Empty: the project's deputy."), optional=True)


def _ahead(t: Texts, ahead: list[Absence]) -> list[FormItem]:
    if not ahead:
        return []
    options = tuple(Option(str(a.id), _span(t, a.first, a.last)) for a in ahead[:MOST_CHECKS])
    return [ChecksField("end", t("Known absences: tick to remove"), options)]


def _span(t: Texts, first: date, last: date) -> str:
    if first == last:
        return t.short_day(first)
    return t("{first} to {last}", first=t.short_day(first), last=t.short_day(last))


# ---------------------------------------------------------------- sending


def send_absence(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Note an absence, remove others, or both."""
    t, now = reader.texts, services.clock.now()
    try:
        with services.store.begin() as uow:
            person_id = _person(uow, reader, submission)
            ended = _end(services, uow, reader, submission, person_id)
            days = _wanted(t, submission, ended > 0)
            added = None
            if days is not None:
                deputy = _deputy_id(uow, t, submission)
                added = register.add_absence(services, uow, reader, person_id, *days, deputy, now)
            line = _told(uow, reader, person_id, added, ended)
    except register.Refused as refused:
        errors = {name: text for name, text in refused.errors.items() if name in submission.values}
        return (FieldErrors(errors or {next(iter(submission.values)): str(next(iter(refused.errors.values())))}),)
    return (CloseForm(all=True), Say(said(line)))


def _person(uow: UnitOfWork, reader: Reader, submission: Submission) -> int:
    if "person" not in submission.values:
        return int(submission.context["person"])
    chosen = resolved(uow, {"person": submission.values["person"]}).get("person")
    if not chosen:
        raise register.Refused({"person": _unmet(reader.texts, submission.values["person"])})
    return int(chosen)


def _unmet(t: Texts, value: object) -> str:
    if isinstance(value, UserRef):
        return t("I have not met this person yet. Ask them to write me a word, then choose them again.")
    return t("Choose who is away.")


def _deputy_id(uow: UnitOfWork, t: Texts, submission: Submission) -> int | None:
    value = submission.values.get("deputy")
    chosen = resolved(uow, {"deputy": value}).get("deputy")
    if isinstance(value, UserRef) and not chosen:
        raise register.Refused({"deputy": _unmet(t, value)})
    return int(chosen) if chosen else None


def _end(services: Services, uow: UnitOfWork, reader: Reader, submission: Submission, person_id: int) -> int:
    ticked = submission.values.get("end")
    ids = {int(value) for value in ticked if value.isdigit()} if isinstance(ticked, tuple) else set()
    return register.end_absences(services, uow, reader, person_id, ids, services.clock.now())


def _wanted(t: Texts, submission: Submission, ended: bool) -> tuple[date, date] | None:
    """First and last day, or None when the form was sent only to end an absence."""
    texts = {name: submission.values.get(name) for name in ("first", "last")}
    if not any(texts.values()) and ended:
        return None
    days = {}
    errors = {}
    for name, text in texts.items():
        try:
            days[name] = date.fromisoformat(text if isinstance(text, str) else "")
        except ValueError:
            errors[name] = t("Choose a day.")
    if errors:
        raise register.Refused(errors)
    return days["first"], days["last"]


def _told(uow: UnitOfWork, reader: Reader, person_id: int, added: Absence | None, ended: int) -> str:
    t, person = reader.texts, uow.people.get(person_id)
    name = person.name if person else "–"
    own = person_id == reader.person.id
    lines = [_removed(t, name, own, ended)] if ended else []
    if added is not None:
        deputy = uow.people.get(added.deputy_id) if added.deputy_id is not None else None
        lines.append(_noted(t, name, own, added, deputy.name if deputy else ""))
    return " ".join(lines)


def _removed(t: Texts, name: str, own: bool, ended: int) -> str:
    if own:
        return t.n("One of your absences is removed.", "{n} of your absences are removed.", ended)
    return t.n("One absence of {name} is removed.", "{n} absences of {name} are removed.", ended, name=name)


def _noted(t: Texts, name: str, own: bool, added: Absence, deputy: str) -> str:
    first, last = t.short_day(added.first), t.short_day(added.last)
    span = t("on {day}", day=first) if first == last else t("from {first} to {last}", first=first, last=last)
    if own:
        away = t("You are away {span}", span=span)
        return t("{away}; {name} answers for you.", away=away, name=deputy) if deputy else f"{away}."
    away = t("{name} is away {span}", name=name, span=span)
    return t("{away}; {name} stands in.", away=away, name=deputy) if deputy else f"{away}."
