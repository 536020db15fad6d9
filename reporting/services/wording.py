"""Words that every room uses: colours, and what a period is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from string import Formatter
from typing import Literal

from babel.dates import format_skeleton

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


def lasting(t: Texts, name: Unit, n: int) -> str:
    """`one week`, `4 weeks`, `2 months`, `3 periods`."""
    match name:
        case "week":
            return t.n("one week", "{n} weeks", n)
        case "month":
            return t.n("one month", "{n} months", n)
        case _:
            return t.n("one period", "{n} periods", n)


def period_label(t: Texts, calendar: CalendarPolicy | None, day: date, year: int | None = None) -> str:
    """`week 48`, `November 2026`, or the day.

    Args:
        year: the present one; a week of another year is named with its year.
    """
    match unit(calendar):
        case "week":
            iso = day.isocalendar()
            if year in (None, iso.year):
                return t("week {number}", number=iso.week)
            return t("week {number}, {year}", number=iso.week, year=str(iso.year))
        case "month":
            return str(format_skeleton("yMMMM", day, locale=t.locale))
        case _:
            return t.day(day)
