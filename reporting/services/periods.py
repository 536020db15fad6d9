"""Opens reporting periods and keeps their status requests true while projects and people change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from reporting import calendar, trends
from reporting.calendar_checks import known_zone
from reporting.model import Person, Project, ProjectState, ReportingPeriod, RequestState, StatusRequest
from reporting.policy import CalendarPolicy
from reporting.ports import UnitOfWork
from reporting.services import alerts, digests, prompt_posts
from reporting.services.assignment import Assigner, Assignment
from reporting.services.context import Services

AWAY = "away"
PAUSED = "paused"
CLOSED = "closed"
MOVED = "moved"

# An absence or holiday can move a prompt by some days; look a little around the period.
_MARGIN = timedelta(days=14)


def open_period(
    services: Services, uow: UnitOfWork, policy: CalendarPolicy, day: date, now: datetime
) -> ReportingPeriod | None:
    """Open one occurrence: a request for every active project of the calendar's portfolios.

    Returns:
        The period, or None when it was open already.
    """
    if uow.periods.on(policy.name, day) is not None:
        return None
    times = calendar.period_times(policy, day, services.days_off)
    period = uow.periods.add(
        ReportingPeriod(0, policy.name, day, times.opens_at, times.due_at, times.digest_at, times.closes_at)
    )
    projects = uow.projects.active_in(_portfolio_ids(services, uow, policy))
    assigner = _assigner(uow, projects, period)
    requests = [_request(services, assigner, policy, period, project, now) for project in projects]
    uow.requests.add_many(requests)
    uow.board.put(trends.opened(uow.board.get(p.id), p.id, period.id) for p in projects)
    uow.audit.append(
        now, "system", "period.opened", f"period:{period.id}", None, {"day": day.isoformat(), "requests": len(requests)}
    )
    return period


def project_changed(services: Services, uow: UnitOfWork, before: Project | None, after: Project, now: datetime) -> None:
    """Bring requests in line with a project that was added, paused, closed, moved or given to somebody else.

    Args:
        before: None for a new project.
    """
    if before is not None and before.confidential is not after.confidential:
        digests.look_over(services, uow, after, now)
        alerts.look_again(services, uow, after, now)
    if before is not None and _duty(before) == _duty(after):
        return
    policy = _calendar(services, uow, after)
    for request in uow.requests.open_of_project(after.id):
        period = uow.periods.get(request.period_id)
        if period is None or now >= period.closes_at:
            continue
        if after.state is not ProjectState.ACTIVE:
            excuse(uow, request, PAUSED if after.state is ProjectState.PAUSED else CLOSED, now)
        elif period.calendar != policy.name:
            excuse(uow, request, MOVED, now)
        else:
            reassign(services, uow, request, period, after, now)
    if after.state is ProjectState.ACTIVE:
        _join(services, uow, policy, after, now)
    alerts.look_again(services, uow, after, now)


def people_changed(services: Services, uow: UnitOfWork, person_ids: Iterable[int], now: datetime) -> None:
    """Bring pending requests in line after an absence, a deputy or an account changed."""
    wanted = set(person_ids)
    project_ids = {p.id for person_id in wanted for p in uow.projects.of_person(person_id)}
    project_ids |= {r.project_id for person_id in wanted for r in uow.requests.owed_by(person_id)}
    for project in uow.projects.many(project_ids).values():
        if project.state is ProjectState.ACTIVE:
            _realign(services, uow, project, now)


def reassign(
    services: Services,
    uow: UnitOfWork,
    request: StatusRequest,
    period: ReportingPeriod,
    project: Project,
    now: datetime,
) -> None:
    """Give an unanswered request to whoever answers for the project now."""
    policy = services.policy.calendars[period.calendar]
    fresh = _request(services, _assigner(uow, [project], period), policy, period, project, now)
    unchanged = fresh.assignee_id == request.assignee_id and fresh.state is request.state
    if unchanged and request.step == 0 and request.state is RequestState.PENDING:
        # Not asked yet: the person's zone may have become known since.
        uow.requests.save(replace(fresh, id=request.id, snoozed_until=request.snoozed_until))
    if unchanged or not (request.state.owes or request.reason == AWAY):
        return
    if fresh.state is RequestState.EXCUSED:
        excuse(uow, request, AWAY, now)
        return
    changed = replace(
        fresh, id=request.id, state=request.state if request.state.owes else RequestState.PENDING, reason=""
    )
    uow.requests.save(changed)
    uow.audit.append(
        now,
        "system",
        "request.assigned",
        f"request:{request.id}",
        {"assignee": request.assignee_id},
        {"assignee": changed.assignee_id},
    )
    prompt_posts.refresh(uow, period.id, request.assignee_id, now, f"left:{request.id}:{changed.assignee_id}")


def excuse(uow: UnitOfWork, request: StatusRequest, reason: str, now: datetime) -> None:
    """Nothing is owed any more; the assignee's message says so."""
    uow.requests.save(replace(request, state=RequestState.EXCUSED, reason=reason, next_at=None))
    uow.audit.append(
        now,
        "system",
        "request.excused",
        f"request:{request.id}",
        {"state": request.state.value},
        {"state": RequestState.EXCUSED.value, "reason": reason},
    )
    prompt_posts.refresh(uow, request.period_id, request.assignee_id, now, f"excused:{request.id}:{reason}")


def _duty(project: Project) -> tuple[object, ...]:
    return (project.state, project.portfolio_id, project.lead_id, project.deputy_id, project.sponsor_id)


def _realign(services: Services, uow: UnitOfWork, project: Project, now: datetime) -> None:
    period = uow.periods.latest(_calendar(services, uow, project).name)
    request = uow.requests.of(period.id, project.id) if period is not None else None
    if period is not None and request is not None and now < period.closes_at:
        reassign(services, uow, request, period, project, now)


def _join(services: Services, uow: UnitOfWork, policy: CalendarPolicy, project: Project, now: datetime) -> None:
    # Who joins before the due time reports in this period; later, from the next one on.
    period = uow.periods.latest(policy.name)
    if period is None or now >= period.closes_at:
        return
    request = _request(services, _assigner(uow, [project], period), policy, period, project, now)
    existing = uow.requests.of(period.id, project.id)
    if now >= request.due_at or (existing is not None and existing.reason not in (PAUSED, CLOSED, MOVED)):
        return
    if existing is None:
        uow.requests.add_many([request])
        uow.board.put([trends.opened(uow.board.get(project.id), project.id, period.id)])
    else:
        uow.requests.save(replace(request, id=existing.id))


def _request(
    services: Services,
    assigner: Assigner,
    policy: CalendarPolicy,
    period: ReportingPeriod,
    project: Project,
    now: datetime,
) -> StatusRequest:
    days = calendar.period_days(policy, period.day, services.days_off)
    assignment = assigner.assign(project, days.prompt, days.due)
    zone = zone_of(policy, assignment.person)
    prompt_at, due_at = calendar.request_times(policy, period.day, zone, services.days_off)
    if assignment.held_until is not None:
        prompt_at = min(calendar.instant(assignment.held_until, policy.prompt_at, zone), due_at)
    return StatusRequest(
        id=0,
        period_id=period.id,
        project_id=project.id,
        assignee_id=assignment.person.id if assignment.person else None,
        state=RequestState.EXCUSED if assignment.excused else RequestState.PENDING,
        prompt_at=max(prompt_at, now),
        due_at=due_at,
        next_at=None if assignment.excused else max(prompt_at, now),
        reason=_reason(assignment),
    )


def _reason(assignment: Assignment) -> str:
    return AWAY if assignment.excused else ""


def zone_of(policy: CalendarPolicy, person: Person | None) -> str:
    """The zone in which a person is prompted."""
    if policy.zone_of_lead and person is not None and person.tz and known_zone(person.tz):
        return person.tz
    return policy.zone


def _assigner(uow: UnitOfWork, projects: list[Project], period: ReportingPeriod) -> Assigner:
    return Assigner(uow, projects, period.day - _MARGIN, period.closes_at.date() + _MARGIN)


def _calendar(services: Services, uow: UnitOfWork, project: Project) -> CalendarPolicy:
    portfolio = uow.projects.portfolio(project.portfolio_id)
    return services.policy.calendar_for(portfolio.key if portfolio else "")


def _portfolio_ids(services: Services, uow: UnitOfWork, policy: CalendarPolicy) -> list[int]:
    return [p.id for p in uow.projects.portfolios() if services.policy.calendar_for(p.key).name == policy.name]
