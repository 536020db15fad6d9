"""What a register and a report may say, field by field, and how a cell becomes a value.

The names are the ones of our own export, so that a file with these columns needs no mapping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.imports.reading import Cell
from reporting.calendar_checks import known_zone
from reporting.keys import JOINERS, PROJECT_KEY_MAX, is_project_key, project_key
from reporting.model import Method, ProjectState, Rag
from reporting.policy import CustomField, FieldKind, Policy
from reporting.routing import PLATFORMS

Kind = Literal["register", "reports"]

ISO = "iso"
YES = frozenset({"yes", "y", "true", "1", "x"})
COUNTED = frozenset({"revision", "edit_reason"})
"""Columns of our export that are not stored: revisions are counted anew, and a reason is that of a correction here."""
NO = frozenset({"no", "n", "false", "0", ""})


class BadCell(Exception):
    """A cell that says no value of its kind. The text says why."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field: how its cells are read, and whether every row must have it."""

    name: str
    parse: Callable[[Cell, Sequence[str]], Any]
    required: bool = False


def fields_of(kind: Kind, policy: Policy) -> dict[str, FieldSpec]:
    """All fields of a kind of file, with the dimensions and custom fields that app.yaml has."""
    specs = _register() if kind == "register" else _reports(policy)
    return {spec.name: spec for spec in specs}


def _register() -> list[FieldSpec]:
    people = [
        FieldSpec(role + suffix, parse) for role in ("lead", "deputy", "sponsor") for suffix, parse in _PERSON.items()
    ]
    return [
        FieldSpec("key", _key, required=True),
        FieldSpec("name", _line),
        FieldSpec("portfolio", _line),
        FieldSpec("portfolio_name", _line),
        *people,
        FieldSpec("method", _choice(Method)),
        FieldSpec("state", _choice(ProjectState)),
        FieldSpec("confidential", _yes_or_no),
        FieldSpec("start", _date),
        FieldSpec("end", _date),
        FieldSpec("description", _text),
    ]


def _reports(policy: Policy) -> list[FieldSpec]:
    dimensions = {dimension.key for form in policy.forms for dimension in form.dimensions}
    custom = {custom.key: custom for form in policy.forms for custom in form.custom}
    return [
        FieldSpec("project", _key, required=True),
        FieldSpec("period", _date, required=True),
        FieldSpec("rag", _choice(Rag)),
        *(FieldSpec(name, _text) for name in ("summary", "reason", "done", "next", "missed", "not_reported")),
        FieldSpec("promise_kept", _one_of(("kept", "missed", "moved"))),
        FieldSpec("forecast_end", _date),
        FieldSpec("percent", _percent),
        FieldSpec("path_action", _text),
        FieldSpec("path_owner", _line),
        FieldSpec("path_due", _date),
        FieldSpec("decision", _text),
        FieldSpec("decision_of_email", _email),
        FieldSpec("decision_by", _date),
        FieldSpec("override", _text),
        FieldSpec("author_email", _email),
        FieldSpec("at", _instant(policy.zone)),
        FieldSpec("late", _late),
        FieldSpec("revision", _revision),
        *(FieldSpec(f"dimensions.{key}", _choice(Rag)) for key in sorted(dimensions)),
        *(FieldSpec(f"custom.{key}", _custom(field)) for key, field in sorted(custom.items())),
    ]


# ---------------------------------------------------------------- cells to values


def plain(cell: Cell) -> str:
    """A cell as the text a person would type: days in ISO order, whole numbers without a fraction."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell


def _text(cell: Cell, formats: Sequence[str]) -> str:  # noqa: ARG001 - all parsers have one shape
    return plain(cell)


def _line(cell: Cell, formats: Sequence[str]) -> str:  # noqa: ARG001
    return " ".join(plain(cell).split("\n")).strip(" \t\r")


def _key(cell: Cell, formats: Sequence[str]) -> str:
    key = project_key(_line(cell, formats))
    if not is_project_key(key):
        raise BadCell(f"not a project key: {key!r} (letters, digits and {JOINERS}, at most {PROJECT_KEY_MAX})")
    return key


def _email(cell: Cell, formats: Sequence[str]) -> str:
    email = _line(cell, formats).lower()
    if email and re.fullmatch(r"[^@\s]+@[^@\s]+", email) is None:
        raise BadCell(f"not a mail address: {email!r}")
    return email


def _zone(cell: Cell, formats: Sequence[str]) -> str:
    zone = _line(cell, formats)
    if zone and not known_zone(zone):
        raise BadCell(f"not a time zone: {zone!r} (such as Europe/Berlin)")
    return zone


def _locale(cell: Cell, formats: Sequence[str]) -> str:
    locale = _line(cell, formats)
    if locale and re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", locale) is None:
        raise BadCell(f"not a locale: {locale!r} (such as en-GB)")
    return locale


def _platform(cell: Cell, formats: Sequence[str]) -> str:
    platform = _line(cell, formats).lower()
    if platform and platform not in PLATFORMS:
        raise BadCell(f"not a chat system: {platform!r} ({' or '.join(PLATFORMS)})")
    return platform


def _entra_id(cell: Cell, formats: Sequence[str]) -> str:
    user_id = _line(cell, formats).lower()
    if user_id and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", user_id) is None:
        raise BadCell(f"not an Entra object id: {user_id!r} (such as 00000000-0000-0000-0000-000000000000)")
    return user_id


def _date(cell: Cell, formats: Sequence[str]) -> date | None:
    if isinstance(cell, date):
        return cell
    text = _line(cell, formats)
    if not text:
        return None
    for pattern in formats:
        try:
            return date.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise BadCell(f"not a date: {text!r} (expected {' or '.join(_example(pattern) for pattern in formats)})")


def _instant(zone: str) -> Callable[[Cell, Sequence[str]], datetime | None]:
    """Days and times; those without a zone are of this one."""

    def parse(cell: Cell, formats: Sequence[str]) -> datetime | None:
        text = _line(cell, formats)
        if not text:
            return None
        for pattern in formats:
            try:
                found = datetime.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern)  # noqa: DTZ007
            except ValueError:
                continue
            return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
        raise BadCell(f"not a time: {text!r} (expected {' or '.join(_example(pattern) for pattern in formats)})")

    return parse


def _example(pattern: str) -> str:
    sample = date(2026, 11, 27)
    return sample.isoformat() if pattern == ISO else sample.strftime(pattern)


def _choice(words: type[StrEnum]) -> Callable[[Cell, Sequence[str]], StrEnum | None]:
    def parse(cell: Cell, formats: Sequence[str]) -> StrEnum | None:
        text = _line(cell, formats).lower()
        try:
            return words(text) if text else None
        except ValueError:
            raise BadCell(f"{plain(cell)!r} is none of {', '.join(words)}") from None

    return parse


def _yes_or_no(cell: Cell, formats: Sequence[str]) -> bool:
    text = _line(cell, formats).lower()
    if text not in YES | NO:
        raise BadCell(f"{plain(cell)!r} is neither yes nor no")
    return text in YES


def _late(cell: Cell, formats: Sequence[str]) -> bool | None:
    return None if cell == "" else _yes_or_no(cell, formats)


def _number(cell: Cell, formats: Sequence[str]) -> float | int | None:
    text = _line(cell, formats)
    if not text:
        return None
    if re.fullmatch(r"[-+]?\d{1,15}(\.\d+)?(e[-+]\d{1,3})?", text) is None:
        raise BadCell(f"not a number: {text!r} (digits, and a point before decimals)")
    number = float(text)
    return int(number) if number.is_integer() else number


def _percent(cell: Cell, formats: Sequence[str]) -> int | None:
    number = _number(_line(cell, formats).removesuffix("%").rstrip(), formats)
    if number is None:
        return None
    if number != int(number) or not 0 <= number <= 100:
        raise BadCell(f"not a whole number from 0 to 100: {plain(cell)!r}")
    return int(number)


def _revision(cell: Cell, formats: Sequence[str]) -> int | None:
    # Only our own export has numbers here that mean anything; another file may use the word for something else.
    text = _line(cell, formats)
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _custom(field: CustomField) -> Callable[[Cell, Sequence[str]], Any]:
    match field.kind:
        case FieldKind.TEXT:
            return _text
        case FieldKind.PERSON:
            return _line
        case FieldKind.NUMBER:
            return _number
        case FieldKind.DATE:
            return _iso_text
        case FieldKind.CHOICE:
            return _one_of(field.choices)


def _iso_text(cell: Cell, formats: Sequence[str]) -> str | None:
    day = _date(cell, formats)
    return day.isoformat() if day else None


def _one_of(choices: Sequence[str]) -> Callable[[Cell, Sequence[str]], str | None]:
    def parse(cell: Cell, formats: Sequence[str]) -> str | None:
        text = _line(cell, formats)
        if text and text not in choices:
            raise BadCell(f"{text!r} is none of {', '.join(choices)}")
        return text or None

    return parse


_PERSON: Mapping[str, Callable[[Cell, Sequence[str]], str]] = {
    "": _line,
    "_email": _email,
    "_tz": _zone,
    "_locale": _locale,
    "_prefers": _platform,
    "_slack": _line,
    "_teams": _entra_id,
}
