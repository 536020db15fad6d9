"""The policy a PMO writes in app.yaml, as frozen values. Reading and checking the file is `bot.config`'s work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum

from reporting.model import Method, Rag, Role


@dataclass(frozen=True, slots=True)
class Reminder:
    """One rung of the reminder ladder, counted from the due instant.

    Attributes:
        name: shown in the delivery's key and the log.
        before: elapsed time before due (24 h), or None.
        working_days_after: 0 is at due, 1 the same wall time one working day later, ...
    """

    name: str
    before: timedelta | None = None
    working_days_after: int | None = None


@dataclass(frozen=True, slots=True)
class CalendarPolicy:
    """When a portfolio reports. Wall times are local: in the lead's zone when `zone_of_lead`, else in `zone`.

    Attributes:
        rrule: RFC 5545 rule of the period's days, `DTSTART` given by `starts` (`FREQ=WEEKLY;BYDAY=MO`).
        starts: ISO date the rule counts from (matters for fortnightly).
        prompt_at: wall time of the prompt on the period's day.
        due_day: days from the period's day to the due day (Monday to Friday: 4).
        due_at: wall time at which answers are due.
        digest_day, digest_at: the same for the digest, in `zone`.
        holidays: ISO country code, or country-region (`DE-BY`); a day that is one moves to the working day before.
        night: wall times between which no reminder arrives, in the person's zone.
    """

    name: str
    rrule: str
    starts: str
    zone: str
    zone_of_lead: bool = True
    prompt_at: time = time(9, 0)
    due_day: int = 4
    due_at: time = time(12, 0)
    digest_day: int = 4
    digest_at: time = time(16, 0)
    holidays: str | None = None
    reminders: tuple[Reminder, ...] = ()
    night: tuple[time, time] = (time(20, 0), time(8, 0))
    weekend: tuple[int, ...] = (5, 6)

    def __hash__(self) -> int:
        """Of what tells calendars apart: one is looked up for every line of a list, and hashing all of it costs."""
        return hash((self.name, self.rrule, self.starts))


class FieldKind(StrEnum):
    """Kinds of custom fields."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that a PMO adds to the form; `digest` shows it in digests."""

    key: str
    label: str
    kind: FieldKind
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    digest: bool = True


@dataclass(frozen=True, slots=True)
class Dimension:
    """One line of RAG by dimension."""

    key: str
    label: str
    definition: str = ""


DEFAULT_SECTIONS = ("done", "next", "missed", "forecast_end", "percent", "dimensions", "risks", "decision")


@dataclass(frozen=True, slots=True)
class FormPolicy:
    """The report form. `sections` are the optional parts, in the order shown (see DEFAULT_SECTIONS)."""

    name: str
    definitions: dict[Rag, str]
    dimensions: tuple[Dimension, ...]
    custom: tuple[CustomField, ...] = ()
    sections: tuple[str, ...] = DEFAULT_SECTIONS
    summary_max: int = 300
    portfolios: tuple[str, ...] = ()
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """One digest for one channel.

    Attributes:
        channel: the chat's channel id or `#name`.
        portfolios: portfolio keys; empty means all.
        confidential: whether the channel is cleared for confidential projects.
        calendar: whose digest time counts; None: the calendar of the first portfolio.
    """

    name: str
    channel: str
    portfolios: tuple[str, ...] = ()
    confidential: bool = False
    calendar: str | None = None
    template: str = "weekly.md.j2"
    title: str = ""
    locale: str | None = None


class AlertKind(StrEnum):
    """What a rule looks at."""

    TURNED_RED = "turned_red"
    AMBER_PERIODS = "amber_periods"
    RISK_SCORE = "risk_score"
    MISSED_REPORTS = "missed_reports"
    PATH_PASSED = "path_passed"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert rule. `threshold` is periods, score or reports, by kind; unused for the other two."""

    name: str
    kind: AlertKind
    channel: str
    threshold: int = 0
    portfolios: tuple[str, ...] = ()
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Grace:
    """How late a message may still be sent after downtime, by kind of delivery; later it is skipped."""

    by_kind: dict[str, timedelta] = field(default_factory=dict)
    default: timedelta = timedelta(hours=12)

    def of(self, kind: str) -> timedelta:
        """The grace of a kind of delivery."""
        return self.by_kind.get(kind, self.default)


@dataclass(frozen=True, slots=True)
class Policy:
    """All of app.yaml that is not an address or a secret.

    Attributes:
        calendar_of: portfolio key -> calendar name; portfolios not named use `default_calendar`.
        roles: role -> mail addresses (lower case) or chat user ids. Leads follow from the register.
        pmo_contact: shown to who may not do a thing; a mail address or user id among the PMO.
        templates: folder of overriding templates, or None.
        locale: of channels, and of people whose own is unknown.
        trend_periods: how many periods a trend shows.
    """

    organisation: str
    calendars: dict[str, CalendarPolicy]
    default_calendar: str
    forms: tuple[FormPolicy, ...]
    digests: tuple[DigestPolicy, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    calendar_of: dict[str, str] = field(default_factory=dict)
    roles: dict[Role, tuple[str, ...]] = field(default_factory=dict)
    pmo_channel: str | None = None
    templates: str | None = None
    locales: str | None = None
    locale: str = "en-GB"
    zone: str = "UTC"
    trend_periods: int = 6
    grace: Grace = field(default_factory=Grace)

    def calendar_for(self, portfolio_key: str) -> CalendarPolicy:
        """The calendar by which a portfolio reports."""
        return self.calendars[self.calendar_of.get(portfolio_key, self.default_calendar)]

    def form_for(self, portfolio_key: str, method: Method) -> FormPolicy:
        """The first form whose portfolios and methods fit (an empty list fits all)."""
        for form in self.forms:
            if form.portfolios and portfolio_key not in form.portfolios:
                continue
            if form.methods and method not in form.methods:
                continue
            return form
        return self.forms[-1]
