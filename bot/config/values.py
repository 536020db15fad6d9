"""Single values of app.yaml: each reader takes what was written and raises ValueError in plain words."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

import holidays
from babel import Locale, UnknownLocaleError
from dateutil.rrule import rrulestr

from bot.config.faults import nearest
from reporting.keys import portfolio_key

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# Teams docs: ids of channels; the older ones end in @thread.skype.
_TEAMS_CHANNEL = re.compile(r"19:[^\s/;@]{1,200}@thread\.(tacv2|skype)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[smhd])\s*")


def duration(value: Any) -> timedelta:
    """`24h`, `90m`, `200ms`, `1d 12h`."""
    text = str(value).strip().lower()
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text):
        raise ValueError(f'"{value}" is no length of time; write for example 24h, 90m, 30s or "1d 12h"')
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def wall_time(value: Any) -> time:
    """`09:00`."""
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - a wall time has no zone
    except ValueError:
        raise ValueError(f'"{value}" is no time of day; write for example 09:00 or 16:30') from None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(value: Any) -> str:
    """An IANA zone such as `Europe/London`."""
    if str(value) not in _zones():
        raise ValueError(f'"{value}" is no time zone{nearest(value, _zones()) or "; write for example Europe/London"}')
    return str(value)


def locale(value: Any) -> str:
    """A language tag such as `en-GB`."""
    try:
        Locale.parse(str(value).replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f'"{value}" is no known language; write for example en-GB or de-DE') from None
    return str(value)


def rrule(value: Any) -> str:
    """An RFC 5545 rule; `DTSTART` is given by `starts`, the time of day by `prompt_at`."""
    text = str(value).removeprefix("RRULE:")
    # A fixed instant only to try the rule; which one does not matter.
    try:
        rule = rrulestr(text, dtstart=datetime(2026, 1, 5))  # noqa: DTZ001
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'"{value}" is no recurrence rule ({error}); write for example FREQ=WEEKLY;BYDAY=MO') from None
    if not re.search(r"FREQ=(WEEKLY|MONTHLY|DAILY|YEARLY)", text):
        raise ValueError(f'"{value}" repeats more often than daily; use DAILY, WEEKLY, MONTHLY or YEARLY')
    if next(iter(rule), None) is None:
        raise ValueError(f'"{value}" never happens')
    return text


def holidays_region(value: Any) -> str:
    """A country code, or country-region: `GB`, `GB-ENG`, `DE-BY`."""
    country, _, region = str(value).partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise ValueError(f'no holidays are known for "{value}"; write a country code such as GB, or GB-ENG')
    if region and region not in known[country]:
        raise ValueError(f'"{value}": {country} has no region "{region}"{nearest(region, known[country])}')
    return str(value)


def week_day(value: Any) -> int:
    """`saturday` as 5."""
    name = str(value).lower()
    if name not in DAYS:
        raise ValueError(f'"{value}" is no day of the week{nearest(name, DAYS)}')
    return DAYS.index(name)


def portfolio(value: Any) -> str:
    """A portfolio's key or name, as the key that the register has."""
    key = portfolio_key(str(value))
    if not key:
        raise ValueError(f'"{value}" is no portfolio; write its key, such as imaging')
    return key


def channel(value: Any) -> str:
    """`#name` or a channel id such as `C0123ABC` for Slack; for Teams `19:...@thread.tacv2` or the channel's link."""
    text = str(value).strip()
    if "://" in text:
        return _linked(text)
    # Slack docs: channel names are lower case, without spaces or full stops, at most 80 characters.
    if not re.fullmatch(r"#[^\s.A-Z#@]{1,80}|[CG][A-Z0-9]{2,20}", text) and not _TEAMS_CHANNEL.fullmatch(text):
        raise ValueError(
            f'"{value}" is no channel; write "#name" in quotes (lower case) or an id such as C0123ABC, '
            "or for Microsoft Teams the link to the channel"
        )
    return text


def _linked(text: str) -> str:
    """The channel's id in the link that Teams gives for it."""
    try:
        steps = [unquote(step) for step in urlsplit(text).path.split("/") if step]
    except ValueError:
        steps = []
    # Teams docs: deep links; a channel's begins with /l/channel/<id>/.
    if steps[:2] != ["l", "channel"] or len(steps) < 3 or not _TEAMS_CHANNEL.fullmatch(steps[2]):
        raise ValueError(
            f'"{text}" is no link to a channel; in Teams choose "Copy link" in the menu of the channel itself'
        )
    return steps[2]
