"""The parts of app.yaml as the ground floor's policy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.config import models as m
from bot.config.settings import EngineSettings, LogSettings
from reporting import policy as p
from reporting.model import Rag, Role


def to_policy(file: m.AppFile, folder: Path) -> p.Policy:
    """The policy; relative folders count from `folder`."""
    return p.Policy(
        organisation=file.organisation,
        calendars={name: to_calendar(name, part, file.zone) for name, part in file.calendars.items()},
        default_calendar=file.default_calendar,
        forms=tuple(_form(part) for part in file.forms),
        digests=tuple(_digest(part) for part in file.digests),
        alerts=tuple(_alert(part) for part in file.alerts),
        calendar_of=dict(file.calendar_of),
        roles={Role.PMO: _members(file.roles.pmo), Role.EXECUTIVE: _members(file.roles.executive)},
        pmo_channel=file.pmo_channel,
        templates=str(folder / file.templates) if file.templates else None,
        locales=str(folder / file.locales) if file.locales else None,
        locale=file.locale,
        zone=file.zone,
        trend_periods=file.trend_periods,
        grace=p.Grace(by_kind=dict(file.grace.by_kind), default=file.grace.default),
    )


def to_engine(part: m.EnginePart) -> EngineSettings:
    """How work runs."""
    return EngineSettings(
        concurrency=part.concurrency,
        tick=_seconds(part.tick),
        channel_spacing=None if part.channel_spacing is None else _seconds(part.channel_spacing),
        workspace_spacing=None if part.workspace_spacing is None else _seconds(part.workspace_spacing),
        lookup_spacing=_seconds(part.lookup_spacing),
        stop_within=_seconds(part.stop_within),
    )


def to_log(part: m.LogPart) -> LogSettings:
    """How the log is written."""
    return LogSettings(format=part.format, level=part.level)


def _seconds(length: timedelta) -> float:
    return length.total_seconds()


def to_calendar(name: str, part: m.CalendarPart, zone: str) -> p.CalendarPolicy:
    """A reporting calendar; `zone` is its own unless it names one."""
    return p.CalendarPolicy(
        name=name,
        rrule=part.rrule,
        starts=part.starts.isoformat(),
        zone=part.zone or zone,
        zone_of_lead=part.zone_of_lead,
        prompt_at=part.prompt_at,
        due_day=part.due_day,
        due_at=part.due_at,
        digest_day=part.digest_day,
        digest_at=part.digest_at,
        holidays=part.holidays,
        reminders=tuple(p.Reminder(r.name, r.before, r.working_days_after) for r in part.reminders),
        night=(part.night.begins, part.night.ends),
        weekend=tuple(part.weekend),
    )


def _form(part: m.FormPart) -> p.FormPolicy:
    return p.FormPolicy(
        name=part.name,
        definitions={rag: getattr(part.definitions, rag.value) for rag in Rag},
        dimensions=tuple(p.Dimension(d.key, d.label, d.definition) for d in part.dimensions),
        custom=tuple(_custom(field) for field in part.custom),
        sections=tuple(part.sections),
        summary_max=part.summary_max,
        portfolios=tuple(part.portfolios),
        methods=tuple(part.methods),
    )


def _custom(part: m.CustomFieldPart) -> p.CustomField:
    return p.CustomField(
        part.key, part.label, part.kind, part.required, part.hint, choices=tuple(part.choices), digest=part.digest
    )


def _digest(part: m.DigestPart) -> p.DigestPolicy:
    return p.DigestPolicy(
        name=part.name,
        channel=part.channel,
        portfolios=tuple(part.portfolios),
        confidential=part.confidential,
        calendar=part.calendar,
        template=part.template,
        title=part.title,
        locale=part.locale,
    )


def _alert(part: m.AlertPart) -> p.AlertRule:
    return p.AlertRule(part.name, part.kind, part.channel, part.threshold, tuple(part.portfolios), part.confidential)


def _members(names: list[str]) -> tuple[str, ...]:
    return tuple(name.lower() if "@" in name else name for name in names)
