"""Raises, acknowledges and resolves alerts: one per cause, never repeated while open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reporting import escalation, trends
from reporting.ledger import Escalation
from reporting.model import Project, ReportingPeriod, Standing, StatusReport, StatusRequest
from reporting.ports import UnitOfWork
from reporting.services import outbox
from reporting.services.access import Gone, NotAllowed, Reader, actor_of, pmo_names, require_met
from reporting.services.context import Services


def look(
    services: Services,
    uow: UnitOfWork,
    project: Project,
    period: ReportingPeriod,
    standing: Standing,
    report: StatusReport | None,
    now: datetime,
) -> None:
    """Compare what the rules say now with what is open; raise what is new, resolve what is gone."""
    already = uow.escalations.open_of(project.id)
    facts = _facts(services, uow, project, standing, report, already, now)
    to_open, to_resolve = escalation.diff(escalation.active(services.policy.alerts, facts), already)
    for cause in to_open:
        _open(services, uow, project, period, cause, now)
    for gone in to_resolve:
        _resolve(services, uow, gone, facts, now)


def missed(services: Services, uow: UnitOfWork, request: StatusRequest, now: datetime) -> None:
    """A request has gone unanswered past its due time."""
    project, period = uow.projects.get(request.project_id), uow.periods.get(request.period_id)
    standing = uow.board.get(request.project_id)
    if project is None or period is None or standing is None or standing.period_id != period.id:
        return
    standing = trends.missed(standing)
    uow.board.put([standing])
    uow.audit.append(now, "system", "request.missed", f"project:{project.key}", None, {"period": period.id})
    look(services, uow, project, period, standing, _last_report(uow, standing), now)


def look_again(services: Services, uow: UnitOfWork, project: Project, now: datetime) -> None:
    """Something about a project changed that is no report: its state, its clearance, a date that has passed."""
    standing = uow.board.get(project.id)
    period = uow.periods.get(standing.period_id) if standing else None
    if standing is not None and period is not None:
        look(services, uow, project, period, standing, _last_report(uow, standing), now)


def look_at_path(services: Services, uow: UnitOfWork, project_id: int, now: datetime) -> None:
    """The date of a path to green has passed; look once, then forget the date until the next report."""
    project, standing = uow.projects.get(project_id), uow.board.get(project_id)
    assert project is not None, "a standing belongs to a project"
    assert standing is not None, "a dated promise is kept in a standing"
    look_again(services, uow, project, now)
    uow.board.put([replace(standing, path_due=None)])


def acknowledge(services: Services, uow: UnitOfWork, reader: Reader, escalation_id: int, now: datetime) -> Escalation:
    """Somebody takes an alert on. The first one counts; a later press changes nothing.

    Raises:
        Gone: no such alert.
        NotAllowed: the reader is neither PMO, executive, sponsor nor lead of the project.
    """
    alert = uow.escalations.get(escalation_id)
    project = uow.projects.get(alert.project_id) if alert else None
    if alert is None or project is None:
        raise Gone("no such alert")
    if not (reader.sees_confidential or project.id in reader.own_ids):
        names = pmo_names(uow, services.policy)
        raise NotAllowed(
            reader.texts("Only the project's people, executives and the PMO may take an alert on. Ask {names}.",
                         names=names)
        )  # fmt: skip
    require_met(reader)
    if alert.acknowledged_by is not None or alert.resolved_at is not None:
        return alert
    taken = replace(alert, acknowledged_by=reader.person.id, acknowledged_at=now)
    uow.escalations.save(taken)
    uow.audit.append(now, actor_of(reader), "alert.acknowledged", f"alert:{alert.id}", None, None)
    _redraw(uow, taken, "ack", now)
    return taken


def _facts(
    services: Services,
    uow: UnitOfWork,
    project: Project,
    standing: Standing,
    report: StatusReport | None,
    already: list[Escalation],
    now: datetime,
) -> escalation.ProjectFacts:
    portfolio = uow.projects.portfolio(project.portfolio_id)
    return escalation.ProjectFacts(
        project_id=project.id,
        portfolio_key=portfolio.key if portfolio else "",
        confidential=project.confidential,
        state=project.state,
        standing=standing,
        path_due=report.path.due if report and report.path else None,
        today=services.today(now),
        risks=tuple(uow.risks.open_of([project.id])),
        open=tuple(already),
    )


def _last_report(uow: UnitOfWork, standing: Standing) -> StatusReport | None:
    if standing.report_id is not None:
        return uow.reports.get(standing.report_id)
    if standing.last_period_id is None:
        return None
    return uow.reports.current(standing.project_id, standing.last_period_id)


def _open(
    services: Services,
    uow: UnitOfWork,
    project: Project,
    period: ReportingPeriod,
    cause: escalation.Cause,
    now: datetime,
) -> None:
    alert = uow.escalations.add(
        Escalation(0, cause.rule, project.id, cause.subject, period.id, cause.channel, now, dict(cause.facts))
    )
    if alert is None:
        return
    uow.audit.append(
        now, "system", "alert.raised", f"alert:{alert.id}", None, {"rule": cause.rule, "project": project.key}
    )
    outbox.plan(
        uow,
        key=f"alert:{alert.id}",
        kind="alert",
        target=f"channel:{cause.channel}",
        now=now,
        subject={"escalation": alert.id},
        grace=services.policy.grace.of("alert"),
    )


def _resolve(
    services: Services, uow: UnitOfWork, alert: Escalation, facts: escalation.ProjectFacts, now: datetime
) -> None:
    kind = next((rule.kind for rule in services.policy.alerts if rule.name == alert.rule), None)
    resolution = escalation.ending(kind, alert.subject, facts).value
    gone = replace(alert, resolved_at=now, resolution=resolution)
    uow.escalations.save(gone)
    uow.audit.append(now, "system", "alert.resolved", f"alert:{alert.id}", None, {"resolution": resolution})
    _redraw(uow, gone, "resolved", now)


def _redraw(uow: UnitOfWork, alert: Escalation, cause: str, now: datetime) -> None:
    outbox.plan(
        uow,
        key=f"alert:{alert.id}:{cause}",
        kind="alert",
        target=f"channel:{alert.channel}",
        now=now,
        subject={"escalation": alert.id},
        updates=f"alert:{alert.id}",
    )
