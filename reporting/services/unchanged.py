"""“Nothing changed”: confirms last period's reports one by one; never sends blindly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from reporting.model import Person, Project, Rag, StatusReport, StatusRequest
from reporting.ports import UnitOfWork
from reporting.services import reports
from reporting.services.context import Services
from reporting.services.questions import still_asked


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that may be confirmed. `obstacle` is why it needs the full form instead, or empty.

    Obstacles: `draft` (the person has begun to type), `none` (no earlier report), `path` (the promised date has come),
    `end` (the forecast end has passed).
    """

    project: Project
    request: StatusRequest
    last: StatusReport | None
    obstacle: str = ""


def candidates(uow: UnitOfWork, person: Person, period_id: int, today: date) -> list[Candidate]:
    """What the person owes in the period, by project key."""
    found = []
    for request in uow.requests.of_person(period_id, person.id):
        project = uow.projects.get(request.project_id)
        if project is not None and request.state.owes:
            last = _last(uow, project, period_id)
            typed = uow.drafts.get(project.id, period_id, person.id) is not None
            found.append(Candidate(project, request, last, "draft" if typed else _obstacle(last, today)))
    return sorted(found, key=lambda c: c.project.key)


def confirm(
    services: Services, uow: UnitOfWork, person: Person, period_id: int, chosen: dict[int, Rag], now: datetime
) -> list[StatusReport]:
    """Record last period's report again for every project whose shown colour was confirmed.

    Args:
        chosen: the colour that the person saw and confirmed, by project id. One that does not fit the last report
            any more is left out: it must be looked at again. So is one of which a draft was begun since.

    Returns:
        The reports that stand as they were confirmed; those too that the same sending recorded before, when its answer
        was lost.
    """
    recorded = _recorded_before(uow, person, period_id, chosen)
    for candidate in candidates(uow, person, period_id, services.today(now, person)):
        last = candidate.last
        if candidate.obstacle or last is None or chosen.get(candidate.project.id) is not last.rag:
            continue
        report = replace(
            last,
            period_id=period_id,
            done="",
            missed="",
            decision=still_asked(uow, last),
            promise_kept="",
            edit_reason="",
            source="unchanged",
        )
        outcome = reports.record_in(services, uow, person, reports.Entry(report, 0), now)
        if isinstance(outcome, reports.Recorded):
            recorded.append(outcome.report)
    return recorded


def _recorded_before(uow: UnitOfWork, person: Person, period_id: int, chosen: dict[int, Rag]) -> list[StatusReport]:
    standing = [uow.reports.current(project_id, period_id) for project_id in chosen]
    return [
        report
        for report in standing
        if report is not None
        and (report.source, report.author_id, report.rag) == ("unchanged", person.id, chosen[report.project_id])
    ]


def _last(uow: UnitOfWork, project: Project, period_id: int) -> StatusReport | None:
    standing = uow.board.get(project.id)
    if standing is None or standing.period_id != period_id or standing.last_period_id is None:
        return None
    return uow.reports.current(project.id, standing.last_period_id)


def _obstacle(last: StatusReport | None, today: date) -> str:
    if last is None or last.rag is None:
        return "none"
    if last.path is not None and last.path.due <= today:
        return "path"
    return "end" if last.forecast_end is not None and last.forecast_end < today else ""
