"""The shape of app.yaml. Every key is explained in docs/configuration.md (a test compares the two)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.config import values
from reporting.model import Method
from reporting.policy import DEFAULT_SECTIONS, AlertKind, FieldKind

Duration = Annotated[timedelta, BeforeValidator(values.duration)]
Zone = Annotated[str, BeforeValidator(values.zone)]
Locale = Annotated[str, BeforeValidator(values.locale)]
Rule = Annotated[str, BeforeValidator(values.rrule)]
Holidays = Annotated[str, BeforeValidator(values.holidays_region)]
WeekDay = Annotated[int, BeforeValidator(values.week_day)]
Channel = Annotated[str, BeforeValidator(values.channel)]
Wall = Annotated[time, BeforeValidator(values.wall_time)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
Portfolio = Annotated[str, BeforeValidator(values.portfolio)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReminderPart(_Part):
    """One rung of the ladder: either `before` due, or so many working days after."""

    name: Name
    before: Duration | None = None
    working_days_after: Annotated[int, Field(ge=0, le=20)] | None = None


class NightPart(_Part):
    """Wall times between which nobody is disturbed."""

    begins: Wall = time(20, 0)
    ends: Wall = time(8, 0)


class CalendarPart(_Part):
    """When a portfolio reports."""

    rrule: Rule
    starts: date
    zone: Zone | None = None
    zone_of_lead: bool = True
    prompt_at: Wall = time(9, 0)
    due_day: Annotated[int, Field(ge=0, le=60)] = 4
    due_at: Wall = time(12, 0)
    digest_day: Annotated[int, Field(ge=0, le=60)] = 4
    digest_at: Wall = time(16, 0)
    holidays: Holidays | None = None
    reminders: list[ReminderPart] = []
    night: NightPart = NightPart()
    weekend: list[WeekDay] = [5, 6]


class DimensionPart(_Part):
    """One line of RAG by dimension."""

    key: Name
    label: Text
    definition: str = ""


class CustomFieldPart(_Part):
    """A field of one's own."""

    key: Name
    label: Annotated[Text, Field(max_length=150)]
    kind: FieldKind
    required: bool = False
    hint: Annotated[str, Field(max_length=1500)] = ""
    choices: list[Text] = []
    digest: bool = True


class DefinitionsPart(_Part):
    """What each colour means here."""

    green: Text
    amber: Text
    red: Text


class FormPart(_Part):
    """The report form of some portfolios or methods."""

    name: Name
    portfolios: list[Portfolio] = []
    methods: list[Method] = []
    definitions: DefinitionsPart
    dimensions: list[DimensionPart] = []
    sections: list[str] = list(DEFAULT_SECTIONS)
    custom: list[CustomFieldPart] = []
    summary_max: Annotated[int, Field(ge=50, le=3000)] = 300


class DigestPart(_Part):
    """One digest for one channel."""

    name: Name
    channel: Channel
    portfolios: list[Portfolio] = []
    confidential: bool = False
    calendar: str | None = None
    template: str = "weekly.md.j2"
    title: str = ""
    locale: Locale | None = None


class AlertPart(_Part):
    """One alert rule."""

    name: Name
    kind: AlertKind
    channel: Channel
    threshold: Annotated[int, Field(ge=0)] = 0
    portfolios: list[Portfolio] = []
    confidential: bool = False


class RolesPart(_Part):
    """Who is the PMO and who are the executives; leads follow from the register."""

    pmo: list[Text] = []
    executive: list[Text] = []


class GracePart(_Part):
    """How late a message is still worth sending."""

    default: Duration = timedelta(hours=12)
    by_kind: dict[Name, Duration] = {}


class EnginePart(_Part):
    """How work runs."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    tick: Duration = timedelta(seconds=5)
    channel_spacing: Duration | None = None
    workspace_spacing: Duration | None = None
    lookup_spacing: Duration = timedelta(milliseconds=1200)
    stop_within: Duration = timedelta(seconds=10)


class LogPart(_Part):
    """How the log is written."""

    format: Literal["json", "console"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class AppFile(_Part):
    """The whole of app.yaml."""

    organisation: Text
    locale: Locale = "en-GB"
    zone: Zone = "UTC"
    pmo_channel: Channel | None = None
    roles: RolesPart = RolesPart()
    calendars: Annotated[dict[Name, CalendarPart], Field(min_length=1)]
    default_calendar: str
    calendar_of: dict[Portfolio, str] = {}
    forms: Annotated[list[FormPart], Field(min_length=1)]
    digests: list[DigestPart] = []
    alerts: list[AlertPart] = []
    templates: str | None = None
    locales: str | None = None
    trend_periods: Annotated[int, Field(ge=2, le=26)] = 6
    grace: GracePart = GracePart()
    engine: EnginePart = EnginePart()
    log: LogPart = LogPart()
