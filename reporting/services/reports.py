"""Records status reports: one transaction for the revision, the request, the risks and all that follows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from reporting import trends
from reporting.model import (
    Person,
    Project,
    Rag,
    ReportingPeriod,
    RequestState,
    Risk,
    RiskState,
    Standing,
    StatusReport,
    StatusRequest,
)
from reporting.ports import RevisionTaken, UnitOfWork
from reporting.services import alerts, digests, prompt_posts
from reporting.services.access import Gone
from reporting.services.context import Services
from reporting.services.standings import standing_of


@dataclass(frozen=True, slots=True)
class RiskChange:
    """What a lead did to one risk: a new one (`risk.id` 0), a changed one, or one closed."""

    risk: Risk
    close: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A report as a person sends it.

    Attributes:
        report: the answer; id, revision, time, author and lateness are filled in here.
        base_revision: the revision that the person saw when they opened the form; 0 for none.
        risks: what they did to risks.
    """

    report: StatusReport
    base_revision: int
    risks: tuple[RiskChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """Taken. `repeated` when the very same had been taken before."""

    report: StatusReport
    late: bool
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else wrote first; nothing was stored. `theirs` is what they wrote."""

    theirs: StatusReport
    author: Person | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The period takes no more answers; nothing was stored."""

    period: ReportingPeriod


@dataclass(frozen=True, slots=True)
class _Desk:
    """What recording needs of one project and period."""

    project: Project
    period: ReportingPeriod
    request: StatusRequest | None
    current: StatusReport | None
    standing: Standing | None
    facts: dict[str, Any] = field(default_factory=dict)


def record(services: Services, author: Person, entry: Entry, now: datetime) -> Recorded | Conflict | Closed:
    """Store a report and everything that follows from it, in one transaction.

    A second sending of the same answer is recognised by its content and base revision and changes nothing. An answer
    written on an older base than the stored one is refused as a `Conflict`, so that nobody overwrites unseen.

    Raises:
        StoreBusy: the database could not be written in time; nothing was stored.
        Gone: project or period do not exist.
    """
    with services.store.begin() as uow:
        return record_in(services, uow, author, entry, now)


def record_in(
    services: Services, uow: UnitOfWork, author: Person, entry: Entry, now: datetime
) -> Recorded | Conflict | Closed:
    """The same inside a transaction in hand."""
    desk = _look(uow, entry)
    if now >= desk.period.closes_at:
        return Closed(desk.period)
    report = _finished(desk, author, entry, now)
    if desk.current is not None and desk.current.revision != entry.base_revision:
        if _same(desk.current, replace(report, revision=desk.current.revision)):
            return Recorded(desk.current, desk.current.late, repeated=True)
        return Conflict(desk.current, _author(uow, desk.current))
    try:
        stored = uow.reports.add(report)
    except RevisionTaken:
        theirs = uow.reports.current(desk.project.id, desk.period.id)
        assert theirs is not None
        return Conflict(theirs, _author(uow, theirs))
    _follow(services, uow, desk, stored, entry, now)
    return Recorded(stored, stored.late)


def _look(uow: UnitOfWork, entry: Entry) -> _Desk:
    project = uow.projects.get(entry.report.project_id)
    period = uow.periods.get(entry.report.period_id)
    if project is None or period is None:
        raise Gone("no such project or period")
    return _Desk(
        project,
        period,
        uow.requests.of(period.id, project.id),
        uow.reports.current(project.id, period.id),
        uow.board.get(project.id),
    )


def _finished(desk: _Desk, author: Person, entry: Entry, now: datetime) -> StatusReport:
    due = desk.request.due_at if desk.request else desk.period.due_at
    # A correction of a report that came in time is not late: lateness belongs to the first answer.
    late = desk.current.late if desk.current is not None else now > due
    return replace(entry.report, id=0, revision=entry.base_revision + 1, author_id=author.id, at=now, late=late)


def _same(stored: StatusReport, sent: StatusReport) -> bool:
    return replace(stored, id=0, at=sent.at, late=sent.late) == sent


def _author(uow: UnitOfWork, report: StatusReport) -> Person | None:
    return uow.people.get(report.author_id) if report.author_id is not None else None


def _follow(
    services: Services, uow: UnitOfWork, desk: _Desk, report: StatusReport, entry: Entry, now: datetime
) -> None:
    assert report.author_id is not None
    actor = f"person:{report.author_id}"
    answer(uow, desk.period, desk.request, report, now)
    _apply_risks(uow, actor, desk.project, entry.risks, now)
    standing = _stand(uow, desk, report)
    uow.drafts.delete(desk.project.id, desk.period.id, report.author_id)
    before = summary_of(desk.current) if desk.current else None
    uow.audit.append(now, actor, "report.recorded", f"project:{desk.project.key}", before, summary_of(report))
    tell(services, uow, desk.project, desk.period, standing, desk.current, report, now)


def tell(
    services: Services,
    uow: UnitOfWork,
    project: Project,
    period: ReportingPeriod,
    standing: Standing,
    current: StatusReport | None,
    report: StatusReport,
    now: datetime,
) -> None:
    """What leadership hears of a report for an open period: alerts, and digests that are out brought up to date.

    Args:
        standing: as it is with the report.
        current: the revision that the report replaces, or None.
    """
    if standing.period_id != period.id and standing.rag is None:
        # A late answer, and no newer one yet: for the alerts it is the newest that is known.
        standing = standing_of(uow, project.id, until=period.id) or standing
    if standing.period_id == period.id:
        alerts.look(services, uow, project, period, standing, report, now)
    digests.announce(uow, period.id, project, _news(current, report))


def answer(
    uow: UnitOfWork, period: ReportingPeriod, request: StatusRequest | None, report: StatusReport, now: datetime
) -> None:
    """Note on the request, if there was one, that it is answered; nobody is reminded of it any more."""
    if request is None:
        return
    state = request.state if request.state.answered else _answered(report)
    uow.requests.save(
        replace(request, state=state, report_id=report.id, next_at=None, answered_at=request.answered_at or now)
    )
    if now < period.closes_at:
        prompt_posts.refresh(uow, period.id, request.assignee_id, now, f"r:{report.id}")


def _answered(report: StatusReport) -> RequestState:
    return RequestState.LATE if report.late else RequestState.SUBMITTED


def _apply_risks(uow: UnitOfWork, actor: str, project: Project, changes: tuple[RiskChange, ...], now: datetime) -> None:
    for change in changes:
        before = uow.risks.get(change.risk.id) if change.risk.id else None
        if before is None:
            after = uow.risks.add(replace(change.risk, project_id=project.id, opened_at=now))
        else:
            after = _closed(before, now) if change.close else _kept(before, change.risk)
            uow.risks.save(after)
        action = "risk.closed" if change.close else ("risk.changed" if before else "risk.added")
        uow.audit.append(
            now, actor, action, f"risk:{project.key}/R{after.number}", risk_facts(before), risk_facts(after)
        )


def _closed(risk: Risk, now: datetime) -> Risk:
    return replace(risk, state=RiskState.CLOSED, closed_at=now)


def _kept(before: Risk, after: Risk) -> Risk:
    return replace(
        after, project_id=before.project_id, number=before.number, opened_at=before.opened_at, state=before.state
    )


def _stand(uow: UnitOfWork, desk: _Desk, report: StatusReport) -> Standing:
    path_due = report.path.due if report.path else None
    standing = desk.standing
    if standing is not None and standing.period_id == desk.period.id:
        standing = trends.reported(standing, report.rag, report.id, path_due)
    elif standing is None or _newer(uow, desk.period, standing.period_id):
        opened = trends.opened(standing, desk.project.id, desk.period.id)
        standing = trends.reported(opened, report.rag, report.id, path_due)
    else:
        # An older period than the newest: its colour changes what came after.
        standing = standing_of(uow, desk.project.id) or standing
    uow.board.put([standing])
    return standing


def _newer(uow: UnitOfWork, period: ReportingPeriod, period_id: int) -> bool:
    other = uow.periods.get(period_id)
    return other is None or period.day > other.day


def _news(current: StatusReport | None, report: StatusReport) -> dict[str, Any]:
    """What a digest that is already out says in its thread."""
    return {
        "kind": "corrected" if current else "late",
        "rag": report.rag.value if report.rag else None,
        "was": current.rag.value if current and current.rag else None,
        "revision": report.revision,
        "reason": report.edit_reason,
    }


def summary_of(report: StatusReport) -> dict[str, Any]:
    """A report as the audit trail keeps it: everything that was said."""
    return {
        "period": report.period_id,
        "revision": report.revision,
        "rag": _text(report.rag),
        "summary": report.summary,
        "reason": report.reason,
        "dimensions": {k: v.value for k, v in report.dimensions.items()},
        "done": report.done,
        "next": report.next,
        "missed": report.missed,
        "forecast_end": _day(report.forecast_end),
        "percent": report.percent,
        "path": {"action": report.path.action, "owner": report.path.owner, "due": _day(report.path.due)}
        if report.path
        else None,
        "decision": {
            "question": report.decision.question,
            "of": report.decision.of_id,
            "by": _day(report.decision.by),
        }
        if report.decision
        else None,
        "override": report.override,
        "custom": report.custom,
        "promise_kept": report.promise_kept,
        "edit_reason": report.edit_reason,
        "late": report.late,
        "source": report.source,
    }


def risk_facts(risk: Risk | None) -> dict[str, Any] | None:
    """A risk as the audit trail keeps it."""
    if risk is None:
        return None
    return {
        "title": risk.title,
        "probability": risk.probability,
        "impact": risk.impact,
        "owner": risk.owner,
        "due": _day(risk.due),
        "response": risk.response.value,
        "mitigation": risk.mitigation,
        "state": risk.state.value,
    }


def _text(rag: Rag | None) -> str | None:
    return rag.value if rag else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
