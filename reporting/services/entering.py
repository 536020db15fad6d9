"""What a lead needs to fill in a report: the form's data, the draft, the changes to risks not yet sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reporting.model import (
    Draft,
    Person,
    Project,
    Rag,
    ReportingPeriod,
    Risk,
    RiskResponse,
    StatusReport,
    StatusRequest,
)
from reporting.policy import CalendarPolicy, FormPolicy
from reporting.ports import UnitOfWork
from reporting.services import entry
from reporting.services.access import Gone, NotAllowed, Reader, require_met
from reporting.services.context import Services
from reporting.services.questions import still_asked
from reporting.services.reports import RiskChange

RISKS = "_risks"
"""Under this key a draft keeps changes to risks: `{"12": {"close": true}, "new1": {...fields}}`."""
BEGUN = "_begun"
"""Under this key it keeps risks that are being typed, unchecked: `{"new1": {...fields}}`. They are not sent."""
KEPT = (RISKS, BEGUN)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the form of one project and period is drawn from.

    Attributes:
        current: the newest revision of this period, or None.
        previous: the last report before this period, or None.
        trend: the last colours, oldest first.
        risks: open risks, worst first.
        draft: what this person has typed before.
        settled: whether what the last report asked leadership for is answered, so that it is not asked again.
    """

    project: Project
    period: ReportingPeriod
    calendar: CalendarPolicy | None
    request: StatusRequest | None
    form: FormPolicy
    current: StatusReport | None
    previous: StatusReport | None
    trend: tuple[tuple[date, Rag | None], ...]
    risks: tuple[Risk, ...]
    draft: Draft | None
    settled: bool = False

    @property
    def base_revision(self) -> int:
        """The revision that the person sees."""
        return self.current.revision if self.current else 0

    def promise_due(self, today: date) -> bool:
        """Whether the last report's path to green was due by today and wants an answer."""
        last = self.previous
        return last is not None and last.path is not None and last.path.due <= today

    def sent_by(self, person: Person, base: int) -> bool:
        """Whether the person themselves has sent since they saw revision `base`: keys heard later are of no use."""
        return self.current is not None and self.current.author_id == person.id and base < self.base_revision

    @property
    def overtaken(self) -> bool:
        """Whether somebody has sent a report since the draft was begun."""
        return self.draft is not None and self.draft.base_revision < self.base_revision

    def start(self, today: date) -> dict[str, Any]:
        """Values to begin with: the draft, or the report being edited, or last period's.

        From last period comes what is likely to be still true, and the question to leadership while it is open; the
        overall colour is asked anew every time.
        """
        if self.draft is not None:
            return dict(self.draft.values)
        if self.current is not None:
            return dict(entry.values_of(self.current))
        if self.previous is None:
            return {}
        values = entry.values_of(self.previous)
        answered = entry.DECISION_FIELDS if self.settled else ()
        for gone in (entry.RAG, "done", "missed", entry.OVERRIDE, entry.PROMISE, *answered):
            values.pop(gone, None)
        if self.previous.path is not None and self.previous.path.due < today:
            values.pop("path_due")  # a promise needs a new date
        return dict(values)


def sheet(services: Services, uow: UnitOfWork, reader: Reader, project_id: int, period_id: int) -> Sheet:
    """Read what the form needs.

    Raises:
        NotAllowed: the reader does not answer for this project.
        Gone: project or period are gone.
    """
    require_met(reader)  # a draft is somebody's
    project, period = uow.projects.get(project_id), uow.periods.get(period_id)
    if project is None or period is None:
        raise Gone("no such project or period")
    request = uow.requests.of(period_id, project_id)
    assigned = request is not None and request.assignee_id == reader.person.id
    if not (assigned or reader.may_see(project)):
        raise Gone("no such project")
    if not (reader.may_report(project) or assigned):
        raise NotAllowed(_whom(uow, reader, project))
    portfolio = uow.projects.portfolio(project.portfolio_id)
    standing = uow.board.get(project_id)
    last = _last_period(uow, standing.last_period_id if standing else None, period)
    previous = uow.reports.current(project_id, last) if last is not None else None
    return Sheet(
        project=project,
        period=period,
        calendar=services.policy.calendars.get(period.calendar),
        request=request,
        form=services.policy.form_for(portfolio.key if portfolio else "", project.method),
        current=uow.reports.current(project_id, period_id),
        previous=previous,
        trend=tuple(uow.reports.trends([project_id], services.policy.trend_periods).get(project_id, ())),
        risks=tuple(uow.risks.open_of([project_id])),
        draft=uow.drafts.get(project_id, period_id, reader.person.id),
        settled=previous is not None and still_asked(uow, previous) is None,
    )


def _last_period(uow: UnitOfWork, last_period_id: int | None, period: ReportingPeriod) -> int | None:
    # An edit of an older period must not start from a newer one.
    last = uow.periods.get(last_period_id) if last_period_id is not None else None
    return last.id if last is not None and last.day < period.day else None


def _whom(uow: UnitOfWork, reader: Reader, project: Project) -> str:
    lead = uow.people.get(project.lead_id) if project.lead_id is not None else None
    if lead is None:
        return reader.texts("{key} has no lead yet; the PMO can name one.", key=project.key)
    return reader.texts("{name} reports for {key}.", name=lead.name, key=project.key)


def save_draft(
    uow: UnitOfWork, person: Person, project_id: int, period_id: int, base: int, values: dict[str, Any], now: datetime
) -> None:
    """Keep what is typed. Changes to risks kept before stay unless `values` brings its own."""
    before = uow.drafts.get(project_id, period_id, person.id)
    if before is not None:
        values = {name: before.values[name] for name in KEPT if name in before.values} | values
    uow.drafts.put(Draft(project_id, period_id, person.id, values, base, now))


def begun(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The new risk that was begun and not finished, with its name in the draft."""
    found: Mapping[str, dict[str, Any]] = values.get(BEGUN, {})
    return next(((name, fields) for name, fields in found.items() if name.startswith("new")), None)


def risk_changes(values: dict[str, Any], risks: tuple[Risk, ...]) -> tuple[RiskChange, ...]:
    """The changes to risks that a draft holds, ready to be recorded."""
    known = {str(risk.id): risk for risk in risks}
    changes = []
    for name, what in values.get(RISKS, {}).items():
        if what.get("close"):
            changes += [RiskChange(known[name], close=True)] if name in known else []
        elif name in known or name.startswith("new"):
            changes.append(RiskChange(risk_from(what, known[name].id if name in known else 0)))
    return tuple(changes)


def risk_from(fields: dict[str, Any], risk_id: int) -> Risk:
    """A risk from checked fields."""
    return Risk(
        id=risk_id,
        project_id=0,
        number=0,
        title=fields["title"],
        probability=int(fields["probability"]),
        impact=int(fields["impact"]),
        owner=fields.get("owner", ""),
        due=date.fromisoformat(fields["due"]) if fields.get("due") else None,
        response=RiskResponse(fields.get("response") or RiskResponse.REDUCE),
        mitigation=fields.get("mitigation", ""),
    )
