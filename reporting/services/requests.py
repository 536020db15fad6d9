"""What people do with their status requests besides answering: put off, be reminded by the PMO."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from reporting import calendar
from reporting.ledger import DeliveryState
from reporting.model import Person, StatusRequest
from reporting.ports import UnitOfWork
from reporting.query import BoardFilter
from reporting.services import outbox, periods, prompt_posts
from reporting.services.access import Gone, Reader, actor_of, require_pmo
from reporting.services.context import Services

_ALL = 100_000


def snooze(
    services: Services, uow: UnitOfWork, person: Person, period_id: int, hours: int, now: datetime
) -> datetime | None:
    """No reminder for some hours, then one; never in the person's night.

    Returns:
        When the reminder comes; None when the person owes nothing.
    """
    period = uow.periods.get(period_id)
    if period is None:
        raise Gone("no such period")
    owed = [request for request in uow.requests.of_person(period_id, person.id) if request.state.owes]
    if not owed:
        return None
    policy = services.policy.calendars[period.calendar]
    until = calendar.after_snooze(now + timedelta(hours=hours), policy, periods.zone_of(policy, person))
    for request in owed:
        uow.requests.save(replace(request, snoozed_until=until))
    key = prompt_posts.reminder_key(period_id, person.id, f"snooze:{until.isoformat()}")
    _call_off(uow, prompt_posts.reminder_key(period_id, person.id, "snooze:"), key)
    outbox.plan(
        uow,
        key=key,
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


def _call_off(uow: UnitOfWork, put_off: str, key: str) -> None:
    """The last choice counts, also of two that were made by a double click: what was put off before comes no more."""
    for earlier in uow.deliveries.with_prefix(put_off):
        if earlier.state is DeliveryState.PLANNED and earlier.updates is None and earlier.key != key:
            uow.deliveries.save(replace(earlier, state=DeliveryState.CANCELLED, error="put off again"), earlier.attempt)


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
    owed = _owed(uow, where)
    people = uow.people.many([r.assignee_id for r in owed if r.assignee_id is not None])
    projects = uow.projects.many([r.project_id for r in owed])
    groups: dict[tuple[int, int], list[StatusRequest]] = {}
    for request in owed:
        if request.assignee_id in people:
            groups.setdefault((request.period_id, request.assignee_id), []).append(request)
    for (period_id, person_id), requests in groups.items():
        _remind(services, uow, period_id, people[person_id], requests, now)
    if groups:
        names = sorted({people[person_id].name for _, person_id in groups})
        uow.audit.append(now, actor_of(reader), "request.reminded", "request:many", None, {"people": names})
    nobody = sorted(projects[r.project_id].key for r in owed if r.assignee_id not in people)
    reminded = {person_id: people[person_id] for _, person_id in groups}
    return sorted(reminded.values(), key=lambda person: person.name), nobody


def _owed(uow: UnitOfWork, where: BoardFilter) -> list[StatusRequest]:
    rows = uow.board.rows(replace(where, colours=(None,)), _ALL)
    standings = {row.project.id: row.standing for row in rows if row.standing is not None}
    period_ids = {standing.period_id for standing in standings.values()}
    requests = [request for period_id in sorted(period_ids) for request in uow.requests.in_period(period_id)]
    return [
        r for r in requests if r.state.owes and r.project_id in standings
        and standings[r.project_id].period_id == r.period_id
    ]  # fmt: skip


def _remind(
    services: Services,
    uow: UnitOfWork,
    period_id: int,
    person: Person,
    requests: list[StatusRequest],
    now: datetime,
) -> None:
    for request in requests:
        if request.snoozed_until is not None:
            uow.requests.save(replace(request, snoozed_until=None))
    period = uow.periods.get(period_id)
    assert period is not None, "a request belongs to a period"
    policy = services.policy.calendars.get(period.calendar)
    # One a minute at most: a nervous second press reminds nobody twice.
    stamp = now.replace(second=0, microsecond=0).isoformat()
    outbox.plan(
        uow,
        key=prompt_posts.reminder_key(period_id, person.id, f"pmo:{stamp}"),
        kind="reminder",
        target=f"person:{person.id}",
        now=now,
        due_at=calendar.out_of_night(now, policy, periods.zone_of(policy, person)) if policy else now,
        subject={"period": period_id, "person": person.id},
    )
