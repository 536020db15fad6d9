"""What one part of app.yaml says about another: references, doubles, thresholds, files.

Works on the raw data, so that a fault of shape in one place does not hide these in another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from bot.config import values
from bot.config.faults import Finding, Path, nearest
from reporting.keys import portfolio_key
from reporting.policy import DEFAULT_SECTIONS
from reporting.routing import SLACK, TEAMS, platform_of_channel

Raw = Mapping[str, Any]

# (least, most) threshold by kind of alert; a score is 5 x 5 at most.
_THRESHOLDS = {"amber_periods": (2, 52), "risk_score": (1, 25), "missed_reports": (1, 52)}

_ELSEWHERE = {
    SLACK: '"{name}" is a channel of Slack, which is not set up: set SLACK_BOT_TOKEN, or name a channel of Teams',
    TEAMS: '"{name}" is a channel of Microsoft Teams, which is not set up: set TEAMS_CLIENT_ID, or name one of Slack',
}

# A mail address, or the id of an account: of Slack, or of Entra for Teams.
_MEMBER = re.compile(r"[^@\s]+@[^@\s]+|[UW][A-Z0-9]{2,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def cross_findings(raw: Raw, templates: FilePath, folder: FilePath) -> Iterator[Finding]:
    """All faults between parts.

    Args:
        raw: the file as read.
        templates: the shipped templates.
        folder: where app.yaml stands; relative folders count from there.
    """
    yield from _calendar_references(raw)
    yield from _doubles(raw)
    for name, calendar in _group(raw, "calendars").items():
        yield from _calendar(("calendars", name), _mapping(calendar))
    yield from _forms(raw)
    for index, alert in enumerate(_list(raw, "alerts")):
        yield from _alert(("alerts", index), alert)
    yield from _roles(raw)
    if "pmo_channel" in raw and raw["pmo_channel"] is None:
        yield Finding(("pmo_channel",), 'pmo_channel is empty; a name with # must stand in quotes: "#pmo"')
    yield from _files(raw, templates, folder)


def _calendar_references(raw: Raw) -> Iterator[Finding]:
    names = [str(name) for name in _group(raw, "calendars")]
    uses: list[tuple[Path, Any]] = [(("default_calendar",), raw.get("default_calendar"))]
    uses += [(("calendar_of", key), value) for key, value in _group(raw, "calendar_of").items()]
    uses += [(("digests", i, "calendar"), d.get("calendar")) for i, d in enumerate(_list(raw, "digests"))]
    for path, used in uses:
        if used is not None and str(used) not in names:
            yield Finding(path, f'there is no calendar "{used}"{nearest(used, names)}')


def _doubles(raw: Raw) -> Iterator[Finding]:
    for section in ("forms", "digests", "alerts"):
        yield from _double_names((section,), _list(raw, section), "name")
    for index, form in enumerate(_list(raw, "forms")):
        for part in ("dimensions", "custom"):
            yield from _double_names(("forms", index, part), _list(form, part), "key")
    for name, calendar in _group(raw, "calendars").items():
        yield from _double_names(("calendars", name, "reminders"), _list(_mapping(calendar), "reminders"), "name")


def _double_names(path: Path, items: list[Raw], key: str) -> Iterator[Finding]:
    counts = Counter(str(item[key]) for item in items if key in item)
    seen: set[str] = set()
    for index, item in enumerate(items):
        name = str(item.get(key))
        if counts[name] > 1 and name in seen:
            yield Finding((*path, index, key), f'{key} "{name}" is used twice in {path[-1]}; each needs its own')
        seen.add(name)


def _calendar(path: Path, calendar: Raw) -> Iterator[Finding]:
    for index, reminder in enumerate(_list(calendar, "reminders")):
        given = [key for key in ("before", "working_days_after") if reminder.get(key) is not None]
        if len(given) != 1:
            yield Finding((*path, "reminders", index), 'a reminder needs either "before" or "working_days_after"')
    due = _moment(calendar, "due", "12:00")
    digest = _moment(calendar, "digest", "16:00")
    if due is not None and digest is not None and digest < due:
        where = "digest_at" if "digest_at" in calendar else "due_day"
        yield Finding((*path, where), "the digest would be posted before answers are due")


def _moment(calendar: Raw, what: str, default: str) -> tuple[int, str] | None:
    """Day and time of day, when both are what they should be."""
    day, at = _number(calendar.get(f"{what}_day", 4)), str(calendar.get(f"{what}_at", default))
    return (day, at) if day is not None and re.fullmatch(r"[0-2]\d:[0-5]\d", at) else None


def _forms(raw: Raw) -> Iterator[Finding]:
    forms = _list(raw, "forms")
    fits_all = [not form.get("portfolios") and not form.get("methods") for form in forms]
    for index, form in enumerate(forms):
        path: Path = ("forms", index)
        if any(fits_all[:index]):
            first = forms[fits_all.index(True)].get("name")
            yield Finding(path, f'form "{form.get("name")}" is never used: "{first}" above it fits every project')
        yield from _form(path, form)
    if forms and not any(fits_all):
        yield Finding(("forms", len(forms) - 1), 'the last form must fit every project (no "portfolios", no "methods")')


def _form(path: Path, form: Raw) -> Iterator[Finding]:
    given = form.get("sections")
    sections = given if isinstance(given, list) else []
    for index, section in enumerate(sections):
        if section not in DEFAULT_SECTIONS:
            yield Finding((*path, "sections", index), f'"{section}" is no section{nearest(section, DEFAULT_SECTIONS)}')
        elif section in sections[:index]:
            yield Finding((*path, "sections", index), f'section "{section}" is listed twice')
    for index, field in enumerate(_list(form, "custom")):
        choices = field.get("choices") or []
        here = (*path, "custom", index)
        if field.get("kind") == "choice" and not choices:
            yield Finding(here, f'field "{field.get("key")}" is a choice and needs "choices"')
        elif field.get("kind") != "choice" and choices:
            yield Finding(here, f'field "{field.get("key")}" is no choice; remove "choices" or set kind: choice')
        # Slack docs: a select holds 100 options of 75 characters each.
        if isinstance(choices, list) and (len(choices) > 100 or any(len(str(c)) > 75 for c in choices)):
            yield Finding((*here, "choices"), "at most 100 choices of at most 75 characters fit in a form")


def _alert(path: Path, alert: Raw) -> Iterator[Finding]:
    kind, threshold = str(alert.get("kind")), _number(alert.get("threshold", 0))
    bounds = _THRESHOLDS.get(kind)
    if threshold is None:
        return
    if bounds and not bounds[0] <= threshold <= bounds[1]:
        yield Finding((*path, "threshold"), f"threshold of {kind} must be from {bounds[0]} to {bounds[1]}")
    if kind in ("turned_red", "path_passed") and threshold:
        yield Finding((*path, "threshold"), f"{kind} has no threshold")


def _roles(raw: Raw) -> Iterator[Finding]:
    roles = _group(raw, "roles")
    if not roles.get("pmo"):
        yield Finding(("roles",), "roles.pmo must name at least one person, by mail address or chat user id")
    for role, members in roles.items():
        for index, member in enumerate(members if isinstance(members, list) else []):
            if not _MEMBER.fullmatch(str(member)):
                yield Finding(("roles", role, index), f'"{member}" is neither a mail address nor a chat user id')


def _files(raw: Raw, templates: FilePath, folder: FilePath) -> Iterator[Finding]:
    for key in ("templates", "locales"):
        if raw.get(key) is not None and not (folder / str(raw[key])).is_dir():
            yield Finding((key,), f'folder "{raw[key]}" does not exist (relative to {folder.resolve().name}/)')
    own = folder / str(raw["templates"]) if raw.get("templates") else None
    known = {path.name for place in (templates, own) if place and place.is_dir() for path in place.glob("*.j2")}
    for index, digest in enumerate(_list(raw, "digests")):
        name = str(digest.get("template", "weekly.md.j2"))
        if name not in known:
            yield Finding(("digests", index, "template"), f'there is no template "{name}"{nearest(name, known)}')


def unknown_portfolios(raw: Raw, known: set[str]) -> Iterator[Finding]:
    """Portfolio keys in the file that the register does not have."""
    has: Callable[[Any], bool] = lambda key: portfolio_key(str(key)) in known  # noqa: E731 - short and local
    for key in _group(raw, "calendar_of"):
        if not has(key):
            yield Finding(("calendar_of", str(key)), f'the register has no portfolio "{key}"{nearest(key, known)}')
    for section in ("forms", "digests", "alerts"):
        for index, item in enumerate(_list(raw, section)):
            for place, key in enumerate(item.get("portfolios") or []):
                if not has(key):
                    path = (section, index, "portfolios", place)
                    yield Finding(path, f'the register has no portfolio "{key}"{nearest(key, known)}')


def channels_elsewhere(raw: Raw, platforms: Collection[str]) -> Iterator[Finding]:
    """Channels of a chat system that is not set up.

    Args:
        platforms: those that are.
    """
    named: list[tuple[Path, Any]] = [(("pmo_channel",), raw.get("pmo_channel"))]
    for section in ("digests", "alerts"):
        named += [((section, index, "channel"), part.get("channel")) for index, part in enumerate(_list(raw, section))]
    for path, name in named:
        try:
            platform = platform_of_channel(values.channel(name))
        except ValueError:
            continue  # told as a fault of the value itself
        if platform not in platforms:
            yield Finding(path, _ELSEWHERE[platform].format(name=name))


# ---------------------------------------------------------------- raw data may have any shape


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, dict) else {}


def _group(raw: Raw, key: str) -> Raw:
    return _mapping(raw.get(key))


def _list(raw: Raw, key: str) -> list[Raw]:
    # Places are kept: what is no mapping becomes an empty one, and its shape is reported elsewhere.
    value = raw.get(key)
    return [_mapping(item) for item in value] if isinstance(value, list) else []


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
