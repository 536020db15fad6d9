"""Words that every room uses: colours, and what a period is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from string import Formatter
from typing import Literal

from babel.dates import format_skeleton
from dateutil.relativedelta import relativedelta

from reporting.calendar import latest_day
from reporting.messages import Channel, Plain, Spans
from reporting.model import Rag
from reporting.policy import CalendarPolicy
from reporting.texts import Texts

Unit = Literal["week", "month", "period"]


def rag_word(t: Texts, rag: Rag | None) -> str:
    """The colour as a word."""
    if rag is None:
        return t("not reported")
    return {Rag.GREEN: t("green"), Rag.AMBER: t("amber"), Rag.RED: t("red")}[rag]


def system_name(platform: str) -> str:
    """What a chat system is called; a name is not translated."""
    return {"slack": "Slack", "teams": "Microsoft Teams"}.get(platform, platform)


def woven(sentence: str, **parts: Spans) -> Spans:
    """A translated sentence whose `{name}` places are filled with spans, such as mentions.

    A place that has no such name stays as it is written: a faulty translation must not cost a message.
    """
    spans: Spans = ()
    for text, name, _, _ in Formatter().parse(sentence):
        spans += (Plain(text),) if text else ()
        if name is not None:
            spans += parts.get(name, (Plain(f"{{{name}}}"),))
    return spans


def listed(channels: Iterable[str]) -> Spans:
    """Channels as links, each once, with commas between them."""
    spans: Spans = ()
    for ref in dict.fromkeys(channels):
        spans += (*((Plain(", "),) if spans else ()), Channel(ref))
    return spans


def unit(calendar: CalendarPolicy | None) -> Unit:
    """What one period of a calendar is called: week, month or period."""
    rule = dict(part.partition("=")[::2] for part in calendar.rrule.upper().split(";")) if calendar else {}
    if rule.get("INTERVAL", "1") != "1":
        return "period"
    units: dict[str, Unit] = {"WEEKLY": "week", "MONTHLY": "month"}
    return units.get(rule.get("FREQ", ""), "period")


def unit_of(calendar: CalendarPolicy | None, days: Iterable[date]) -> Unit:
    """What these periods of a project are called together.

    Imported history may have been kept to other days than the calendar's, by the quarter or the year: then they are
    but periods.
    """
    return unit(calendar) if calendar is not None and all(_occurs(calendar, day) for day in days) else "period"


# The same few days come again in every list, and a rule counts them from its beginning.
@lru_cache(4096)
def _occurs(calendar: CalendarPolicy, day: date) -> bool:
    starts = date.fromisoformat(calendar.starts)
    if day < starts:
        # History goes further back than the calendar; every week or month of it would have had its day too.
        if unit(calendar) == "week":
            starts -= timedelta(weeks=(starts - day).days // 7 + 1)
        else:
            starts -= relativedelta(years=starts.year - day.year + 1)
        calendar = replace(calendar, starts=starts.isoformat())
    return latest_day(calendar, day) == day


def lasting(t: Texts, name: Unit, n: int) -> str:
    """`one week`, `4 weeks`, `2 months`, `3 periods`."""
    match name:
        case "week":
            return t.n("one week", "{n} weeks", n)
        case "month":
            return t.n("one month", "{n} months", n)
        case _:
            return t.n("one period", "{n} periods", n)


def period_label(t: Texts, calendar: CalendarPolicy | None, day: date) -> str:
    """`week 48` (with its year when that is not the present one), `November 2026`, or the day."""
    return called(t, unit_of(calendar, (day,)), day)


def called(t: Texts, name: Unit, day: date) -> str:
    """The same for a day that stands for a week, a month or but itself."""
    match name:
        case "week":
            iso = day.isocalendar()
            if t.today is None or iso.year == t.today.isocalendar().year:
                return t("week {number}", number=iso.week)
            return t("week {number}, {year}", number=iso.week, year=str(iso.year))
        case "month":
            return str(format_skeleton("yMMMM", day, locale=t.locale))
        case _:
            return t.day(day)
