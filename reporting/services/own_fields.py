"""Values of the policy's own fields: how they are shown, and whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from reporting.messages import Mention, Plain, Span
from reporting.model import Person, StatusReport
from reporting.policy import CustomField, FieldKind, FormPolicy
from reporting.texts import Texts

NOBODY = "–"


def kind_of(field: CustomField, value: Any) -> FieldKind:
    """How a value can be shown: as text when it was written while the field was of another kind."""
    match field.kind:
        case FieldKind.PERSON if isinstance(value, int):
            return FieldKind.PERSON
        case FieldKind.NUMBER if isinstance(value, int | float):
            return FieldKind.NUMBER
        case FieldKind.DATE if _is_day(value):
            return FieldKind.DATE
        case FieldKind.CHOICE:
            return FieldKind.CHOICE
        case _:
            return FieldKind.TEXT


def filled(form: FormPolicy, report: StatusReport) -> Iterable[tuple[CustomField, Any]]:
    """The fields that a report fills in, in the form's order."""
    for field in form.custom:
        value = report.custom.get(field.key)
        if value not in (None, ""):
            yield field, value


def people_in(form: FormPolicy, report: StatusReport) -> set[int]:
    """The ids of the people that a report's own fields name."""
    return {value for field, value in filled(form, report) if kind_of(field, value) is FieldKind.PERSON}


def span(t: Texts, field: CustomField, value: Any, people: Mapping[int, Person]) -> Span:
    """A value as its reader writes it; a person is mentioned."""
    match kind_of(field, value):
        case FieldKind.PERSON:
            person = people.get(value)
            return Mention(person.id, person.name) if person else Plain(NOBODY)
        case FieldKind.NUMBER:
            return Plain(t.number(value))
        case FieldKind.DATE:
            return Plain(t.day(date.fromisoformat(value)))
        case _:
            return Plain(str(value))


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
