"""One project as digests and alerts speak of it: plain JSON values, so that it can be kept as it was shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reporting.model import Absence, PathToGreen, Person, Project, Rag, RequestState, Standing, StatusReport
from reporting.policy import CustomField, FieldKind, FormPolicy, Policy
from reporting.ports import BoardRow, UnitOfWork
from reporting.services.own_fields import NOBODY, filled, kind_of, people_in
from reporting.services.wording import unit_of

View = dict[str, Any]
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything about a set of projects, read in a few statements.

    Attributes:
        forecasts: the forecast end in each project's last report before this one.
        unsaid: projects whose report says nothing of a promise whose date had come.
    """

    policy: Policy
    reports: dict[int, StatusReport]
    trends: dict[int, list[tuple[date, Rag | None]]]
    people: dict[int, Person]
    away: dict[int, Absence]
    forms: dict[tuple[str, str], FormPolicy]
    forecasts: Mapping[int, date]
    unsaid: frozenset[int] = frozenset()


def sources(uow: UnitOfWork, policy: Policy, rows: Collection[BoardRow], today: date) -> Sources:
    """Read what stands behind the rows of a list."""
    reports = uow.reports.many([row.standing.report_id for row in rows if row.standing and row.standing.report_id])
    leads = {row.project.lead_id for row in rows if row.project.lead_id is not None}
    away = {absence.person_id: absence for absence in uow.people.absences(leads, today, today)}
    forms = {
        (row.portfolio_key, row.project.method.value): policy.form_for(row.portfolio_key, row.project.method)
        for row in rows
    }
    wanted = {i for row in rows for i in (row.project.lead_id, row.project.deputy_id, row.project.sponsor_id)}
    wanted |= {absence.deputy_id for absence in away.values()}
    wanted |= {report.decision.of_id for report in reports.values() if report.decision}
    for row in rows:
        report = reports.get((row.standing and row.standing.report_id) or 0)
        wanted |= people_in(forms[row.portfolio_key, row.project.method.value], report) if report else set()
    people = uow.people.many({i for i in wanted if i is not None})
    deputies = {person.deputy_id for i, person in people.items() if i in away and person.deputy_id is not None}
    people = people | uow.people.many(deputies - set(people))
    trends = uow.reports.trends([row.project.id for row in rows], policy.trend_periods)
    last = _last_reports(uow, rows, reports)
    forecasts = {i: report.forecast_end for i, report in last.items() if report.forecast_end is not None}
    return Sources(policy, reports, trends, people, away, forms, forecasts, _unsaid(policy, rows, reports, last))


def _last_reports(
    uow: UnitOfWork, rows: Collection[BoardRow], reports: Mapping[int, StatusReport]
) -> dict[int, StatusReport]:
    """By project, the last report before the present one."""
    places = {
        (row.project.id, row.standing.last_period_id)
        for row in rows
        if row.standing and row.standing.last_period_id is not None and (row.standing.report_id or 0) in reports
    }
    found = uow.reports.current_of({project for project, _ in places}, {period for _, period in places})
    return {report.project_id: report for report in found if (report.project_id, report.period_id) in places}


def _unsaid(
    policy: Policy,
    rows: Collection[BoardRow],
    reports: Mapping[int, StatusReport],
    last: Mapping[int, StatusReport],
) -> frozenset[int]:
    """Projects whose report leaves open what became of the last path to green, although its date had come."""
    zone = ZoneInfo(policy.zone)
    silent: set[int] = set()
    for row in rows:
        report = reports.get((row.standing and row.standing.report_id) or 0)
        before = last.get(row.project.id)
        # A green project has promised nothing, and what is imported was never asked.
        if report is None or before is None or before.path is None or report.promise_kept or report.source == "import":
            continue
        standing = row.standing
        if standing and standing.last_rag is not Rag.GREEN and before.path.due <= report.at.astimezone(zone).date():
            silent.add(row.project.id)
    return frozenset(silent)


def person_view(person: Person | None) -> View | None:
    """A person as `{id, name}`."""
    return {"id": person.id, "name": person.name} if person else None


def project_view(row: BoardRow, known: Sources) -> View:
    """A project: where it stands, what was reported, who leads it."""
    standing = row.standing or Standing(row.project.id, 0, None)
    report = known.reports.get(standing.report_id or 0)
    return {
        "id": row.project.id,
        "key": row.project.key,
        "name": row.project.name,
        "portfolio": row.portfolio_name,
        "rag": _text(standing.rag),
        "previous": _text(standing.previous),
        "last_rag": _text(standing.last_rag),
        "last_day": row.last_day.isoformat() if row.last_day and standing.rag is None else None,
        "streak": standing.streak,
        "last_streak": standing.last_streak,
        "missed": standing.missed,
        "unit": unit_of(known.policy.calendar_for(row.portfolio_key), _days(row, known)),
        "promise_kept": report.promise_kept if report else "",
        "promise_unsaid": row.project.id in known.unsaid,
        "pending": row.request_state is RequestState.PENDING,
        "trend": [_text(rag) for _, rag in known.trends.get(row.project.id, [])],
        **_people(row.project, known),
        **_said(report, known.forms[row.portfolio_key, row.project.method.value], known.people),
        "forecast_was": _changed(report, known.forecasts.get(row.project.id)),
    }


def _changed(report: StatusReport | None, before: date | None) -> str | None:
    """The forecast end of the last report, where this one gives another."""
    now = report.forecast_end if report else None
    return before.isoformat() if now is not None and before is not None and now != before else None


def _days(row: BoardRow, known: Sources) -> list[date]:
    """The days of the periods that a project's lengths of time are counted in."""
    standing = row.standing or Standing(row.project.id, 0, None)
    counted = max(standing.streak, standing.missed) + standing.last_streak
    trend = known.trends.get(row.project.id, [])
    return [day for day, _ in trend[max(len(trend) - counted, 0) :]]


def _people(project: Project, known: Sources) -> View:
    lead = known.people.get(project.lead_id or 0)
    absence = known.away.get(project.lead_id or 0)
    deputy = None
    if lead is not None and absence is not None:
        candidates = (absence.deputy_id, project.deputy_id, lead.deputy_id)
        deputy = next((known.people[i] for i in candidates if i is not None and i in known.people), None)
    return {
        "lead": person_view(lead),
        "deputy": person_view(deputy),
        "away_until": absence.last.isoformat() if absence else None,
    }


def _said(report: StatusReport | None, form: FormPolicy, people: dict[int, Person]) -> View:
    report = report or StatusReport(0, 0, 0, 0, None, _NEVER, None)
    return {
        "report_id": report.id or None,
        "revision": report.revision,
        "reported_at": report.at.isoformat() if report.id else None,
        "summary": report.summary,
        "reason": report.reason,
        "done": report.done,
        "next": report.next,
        "missed_plan": report.missed,
        "path": _path(report.path),
        "percent": report.percent,
        "forecast_end": report.forecast_end.isoformat() if report.forecast_end else None,
        "dimensions": {
            dimension.key: {"label": dimension.label, "rag": report.dimensions[dimension.key].value}
            for dimension in form.dimensions
            if dimension.key in report.dimensions
        },
        "override": report.override,
        "custom": [_own(field, value, people) for field, value in filled(form, report) if field.digest],
        "late": report.late,
        "not_reported": report.not_reported,
    }


def _path(path: PathToGreen | None) -> View | None:
    return {"action": path.action, "owner": path.owner, "due": path.due.isoformat()} if path else None


def _own(field: CustomField, value: Any, people: dict[int, Person]) -> View:
    kind = kind_of(field, value)
    view: View = {"label": field.label, "value": value, "kind": kind.value}
    if kind is not FieldKind.PERSON:
        return view
    person = person_view(people.get(value))
    return view | {"value": person["name"] if person else NOBODY, "person": person}


def _text(rag: Rag | None) -> str | None:
    return rag.value if rag else None
