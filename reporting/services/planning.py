"""What is due and not yet done, looked at afresh each time: the clock is never trusted to have ticked.

A restart, a sleeping laptop or a missed tick is caught up once: the newest period is opened, the newest reminder is
sent, and what is too old to be useful is recorded as skipped. The cost depends on what is due, not on what exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reporting import calendar
from reporting.model import RequestState, StatusRequest
from reporting.policy import CalendarPolicy, DigestPolicy
from reporting.ports import UnitOfWork
from reporting.services import alerts, digests, outbox, periods, prompts
from reporting.services.context import Services

_BATCH = 500
_AROUND = timedelta(days=35)
_CALENDAR = "calendar:"
_DIGEST = "digest:"


@dataclass(frozen=True, slots=True)
class Planned:
    """What one look found due."""

    opened: int = 0
    requests: int = 0
    digests: int = 0
    alerts: int = 0

    @property
    def any(self) -> bool:
        """Whether anything was due."""
        return bool(self.opened or self.requests or self.digests or self.alerts)


def reconcile(services: Services, now: datetime) -> None:
    """Bring the schedules in line with the policy; called at start.

    A due time that passed while the bot was down stays, so that it is caught up; one that the policy no longer
    knows is removed; one that the policy has moved is moved.
    """
    with services.store.begin() as uow:
        wanted = _wanted(services, uow, now)
        for key in uow.schedules.keys():  # noqa: SIM118 - a repository, not a dict
            at = uow.schedules.get(key)
            if key not in wanted or (at is not None and at > now and at != wanted[key]):
                uow.schedules.remove(key)
        for key, at in wanted.items():
            uow.schedules.ensure(key, at)


def plan_due(services: Services, now: datetime) -> Planned:
    """Do what is due at `now`: open periods, prompt, remind, mark as missed, post digests, raise dated alerts."""
    # In this order, so that a digest after a long sleep counts what was missed by then.
    opened = _fire(services, _CALENDAR, _fire_calendar, now)
    requests = 0
    while batch := _step_requests(services, now):
        requests += batch
    posted = _fire(services, _DIGEST, _fire_digest, now)
    with services.store.read() as uow:
        passed = [s.project_id for s in uow.board.paths_due(_working_today(services, now))]
    for project_id in passed:
        with services.store.begin() as uow:
            alerts.look_at_path(services, uow, project_id, now)
    return Planned(opened, requests, posted, len(passed))


def _working_today(services: Services, now: datetime) -> date:
    # A promise that ran out at midnight is told in the morning: nobody is called in the night about a date.
    _, morning = services.policy.calendars[services.policy.default_calendar].night
    return services.today(now - timedelta(hours=morning.hour, minutes=morning.minute))


# ---------------------------------------------------------------- calendars and digests


def _wanted(services: Services, uow: UnitOfWork, now: datetime) -> dict[str, datetime]:
    wanted = {}
    for policy in services.policy.calendars.values():
        day = _day_to_open(services, policy, now)
        if uow.periods.on(policy.name, day) is not None:
            day = calendar.next_day(policy, day)
        wanted[_CALENDAR + policy.name] = _opens_at(services, policy)(day)
    for digest in services.policy.digests:
        policy = digest_calendar(services, digest)
        wanted[_DIGEST + digest.name] = _digest_at(services, policy)(_day_to_tell(services, policy, now))
    return wanted


def _opens_at(services: Services, policy: CalendarPolicy) -> Callable[[date], datetime]:
    return lambda day: calendar.period_times(policy, day, services.days_off).opens_at


def _digest_at(services: Services, policy: CalendarPolicy) -> Callable[[date], datetime]:
    return lambda day: calendar.period_times(policy, day, services.days_off).digest_at


def _day_to_open(services: Services, policy: CalendarPolicy, now: datetime) -> date:
    # A bot installed on Tuesday still asks for this week, as long as answers are not yet due.
    day = calendar.latest_day(policy, now.date() + timedelta(days=1))
    if day is not None and calendar.period_times(policy, day, services.days_off).due_at > now:
        return day
    return calendar.next_day(policy, day or now.date())


def _day_to_tell(services: Services, policy: CalendarPolicy, now: datetime) -> date:
    day = _first_around(policy, now.date())
    while _digest_at(services, policy)(day) <= now:
        day = calendar.next_day(policy, day)
    return day


def _first_around(policy: CalendarPolicy, day: date) -> date:
    # Instants lie around their day (a digest some days after, a holiday moves it), so searches start well before.
    return calendar.latest_day(policy, day - _AROUND) or calendar.next_day(policy, day - _AROUND)


def digest_calendar(services: Services, digest: DigestPolicy) -> CalendarPolicy:
    """The calendar whose digest time counts for a digest."""
    if digest.calendar is not None:
        return services.policy.calendars[digest.calendar]
    return services.policy.calendar_for(digest.portfolios[0] if digest.portfolios else "")


def _fire(
    services: Services, prefix: str, fire: Callable[[Services, str, datetime, datetime], int], now: datetime
) -> int:
    with services.store.read() as uow:
        due = uow.schedules.due(now)
    return sum(fire(services, key, at, now) for key, at in due if key.startswith(prefix))


def _fire_calendar(services: Services, key: str, at: datetime, now: datetime) -> int:
    policy = services.policy.calendars[key.removeprefix(_CALENDAR)]
    instant = _opens_at(services, policy)
    days = _fired(policy, at, now, instant)
    with services.store.begin() as uow:
        if not _move_on(uow, policy, key, at, days[-1], instant):
            return 0
        for day in days[:-1]:
            _skipped(uow, now, f"period:{policy.name}:{day}", "the bot was not running while it was open")
        return int(periods.open_period(services, uow, policy, days[-1], now) is not None)


def _fire_digest(services: Services, key: str, at: datetime, now: datetime) -> int:
    digest = next(d for d in services.policy.digests if _DIGEST + d.name == key)
    policy = digest_calendar(services, digest)
    instant = _digest_at(services, policy)
    *older, day = _fired(policy, at, now, instant)
    useful = now - instant(day) <= services.policy.grace.of("digest")
    with services.store.read() as uow:
        drawn = digests.draw(services, uow, digest, day, now) if useful else None
    with services.store.begin() as uow:
        if not _move_on(uow, policy, key, at, day, instant):
            return 0
        for gone in older:
            _skipped(uow, now, f"{key}:{gone}", "a newer digest has taken its place")
        if not useful:
            _skipped(uow, now, f"{key}:{day}", "too old to be useful")
        return int(drawn is not None and digests.post(services, uow, drawn, day, now) is not None)


def _fired(policy: CalendarPolicy, at: datetime, now: datetime, instant: Callable[[date], datetime]) -> list[date]:
    """The days whose instant lies in [at, now], oldest first.

    When the calendar has been changed since `at` was planned there may be none; then the newest day before `now`.
    """
    day = _first_around(policy, at.date())
    days = [day]
    while instant(following := calendar.next_day(policy, days[-1])) <= now:
        days.append(following)
    return [day for day in days if instant(day) >= at] or days[-1:]


def _move_on(
    uow: UnitOfWork, policy: CalendarPolicy, key: str, at: datetime, day: date, instant: Callable[[date], datetime]
) -> bool:
    return uow.schedules.advance(key, at, instant(calendar.next_day(policy, day)))


def _skipped(uow: UnitOfWork, now: datetime, what: str, why: str) -> None:
    uow.audit.append(now, "system", "schedule.skipped", what, None, {"reason": why})


# ---------------------------------------------------------------- requests


def _step_requests(services: Services, now: datetime) -> int:
    with services.store.begin() as uow:
        due = uow.requests.due(now, _BATCH)
        groups: dict[tuple[int, int | None], list[StatusRequest]] = defaultdict(list)
        for request in due:
            groups[request.period_id, request.assignee_id].append(request)
        for (period_id, person_id), requests in groups.items():
            _step_group(services, uow, period_id, person_id, requests, now)
        return len(due)


def _step_group(
    services: Services,
    uow: UnitOfWork,
    period_id: int,
    person_id: int | None,
    requests: list[StatusRequest],
    now: datetime,
) -> None:
    period = uow.periods.get(period_id)
    person = uow.people.get(person_id) if person_id is not None else None
    assert period is not None, "a request belongs to a period"
    policy = services.policy.calendars.get(period.calendar)
    if policy is None or now >= period.closes_at:
        for request in requests:
            _finish(services, uow, request, now)
        return
    zone = periods.zone_of(policy, person)
    names: dict[str, datetime] = {}
    for request in requests:
        names |= _step(services, uow, policy, zone, request, period.closes_at, now)
    if person_id is not None:
        _tell(services, uow, period_id, person_id, names, now)


def _step(
    services: Services,
    uow: UnitOfWork,
    policy: CalendarPolicy,
    zone: str,
    request: StatusRequest,
    closes_at: datetime,
    now: datetime,
) -> dict[str, datetime]:
    """Do the steps of one request that have come; returns the last of those that speak to the person."""
    steps = calendar.steps(policy, request.prompt_at, request.due_at, zone, closes_at, services.days_off)
    done = steps[request.step :]
    come = [s for s in done if s.at <= now]
    left = done[len(come) :]
    changed = replace(request, step=request.step + len(come), next_at=left[0].at if left else closes_at)
    if any(s.name == "miss" for s in come) and request.state is RequestState.PENDING:
        changed = replace(changed, state=RequestState.MISSED)
    uow.requests.save(changed)
    if changed.state is not request.state:
        alerts.missed(services, uow, changed, now)
    speaking = [s for s in come if s.name != "miss"]
    prompt = {s.name: s.at for s in speaking[:1] if s.name == "prompt"}
    last = {s.name: s.at for s in speaking[-1:]}
    return prompt | last


def _finish(services: Services, uow: UnitOfWork, request: StatusRequest, now: datetime) -> None:
    # The period has closed: nothing more is due on it, and a pending one was missed.
    missed = request.state is RequestState.PENDING
    changed = replace(request, next_at=None, state=RequestState.MISSED if missed else request.state)
    uow.requests.save(changed)
    if missed:
        alerts.missed(services, uow, changed, now)
    prompts.refresh(uow, request.period_id, request.assignee_id, now, "closed")


def _tell(
    services: Services, uow: UnitOfWork, period_id: int, person_id: int, steps: dict[str, datetime], now: datetime
) -> None:
    subject = {"period": period_id, "person": person_id}
    prompted = uow.deliveries.by_key(prompts.key(period_id, person_id)) is not None
    if not prompted:
        outbox.plan(
            uow,
            key=prompts.key(period_id, person_id),
            kind="prompt",
            target=f"person:{person_id}",
            now=now,
            subject=subject,
            grace=services.policy.grace.of("prompt"),
        )
        return
    if "prompt" in steps:
        # Somebody who has a prompt already is given one project more.
        prompts.refresh(uow, period_id, person_id, now, f"more:{now.isoformat()}")
    for name in steps:
        if name != "prompt":
            _remind(services, uow, person_id, subject, name, now)


def _remind(
    services: Services, uow: UnitOfWork, person_id: int, subject: dict[str, int], name: str, now: datetime
) -> None:
    outbox.plan(
        uow,
        key=f"reminder:{subject['period']}:{person_id}:{name}",
        kind="reminder",
        target=f"person:{person_id}",
        now=now,
        subject=dict(subject),
        grace=services.policy.grace.of("reminder"),
    )
