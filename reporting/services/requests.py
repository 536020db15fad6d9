"""What people do with their status requests besides answering: put off, be reminded by the PMO."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from reporting import calendar
from reporting.model import Person, StatusRequest
from reporting.ports import UnitOfWork
from reporting.query import BoardFilter
from reporting.services import outbox, periods
from reporting.services.access import Reader, require_pmo
from reporting.services.context import Services

_ALL = 100_000


def snooze(services: Services, uow: UnitOfWork, person: Person, period_id: int, hours: int, now: datetime) -> datetime:
    """No reminder for some hours, then one; never in the person's night.

    Returns:
        When the reminder comes.
    """
    period = uow.periods.get(period_id)
    if period is None:
        raise LookupError("no such period")
    policy = services.policy.calendars[period.calendar]
    until = calendar.after_snooze(now + timedelta(hours=hours), policy, periods.zone_of(policy, person))
    for request in uow.requests.of_person(period_id, person.id):
        if request.state.owes:
            uow.requests.save(replace(request, snoozed_until=until))
    outbox.plan(
        uow,
        key=f"reminder:{period_id}:{person.id}:snooze:{until.isoformat()}",
        kind="reminder",
        target=f"person:{person.id}",
        now=now,
        due_at=until,
        subject={"period": period_id, "person": person.id},
        grace=services.policy.grace.of("reminder"),
    )
    uow.audit.append(
        now, f"person:{person.id}", "request.snoozed", f"period:{period_id}", None, {"until": until.isoformat()}
    )
    return until


def remind_now(
    services: Services, uow: UnitOfWork, reader: Reader, where: BoardFilter, now: datetime
) -> tuple[list[Person], list[str]]:
    """The PMO reminds everybody who still owes a report of the projects in the filter.

    Returns:
        Who is reminded, and the keys of projects with nobody to remind.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
    """
    require_pmo(uow, services.policy, reader)
    wanted = {row.project.id: row.project.key for row in uow.board.rows(replace(where, colours=(None,)), _ALL)}
    reminded: dict[int, Person] = {}
    nobody = []
    for project_id, key in wanted.items():
        request = _owed(uow, project_id)
        if request is None:
            continue
        person = uow.people.get(request.assignee_id) if request.assignee_id is not None else None
        if person is None:
            nobody.append(key)
            continue
        reminded[person.id] = person
        uow.requests.save(replace(request, snoozed_until=None))
        # One a minute at most: a nervous second press reminds nobody twice.
        stamp = now.replace(second=0, microsecond=0).isoformat()
        outbox.plan(
            uow,
            key=f"reminder:{request.period_id}:{person.id}:pmo:{stamp}",
            kind="reminder",
            target=f"person:{person.id}",
            now=now,
            subject={"period": request.period_id, "person": person.id},
        )
    if reminded:
        names = sorted(person.name for person in reminded.values())
        uow.audit.append(now, f"person:{reader.person.id}", "request.reminded", "request:many", None, {"people": names})
    return list(reminded.values()), nobody


def _owed(uow: UnitOfWork, project_id: int) -> StatusRequest | None:
    standing = uow.board.get(project_id)
    request = uow.requests.of(standing.period_id, project_id) if standing else None
    return request if request is not None and request.state.owes else None
