"""What is due and not yet done, looked at afresh each time: the clock is never trusted to have ticked.

A restart, a sleeping laptop or a missed tick is caught up once: the newest period is opened, the newest reminder is
sent, and what is too old to be useful is recorded as skipped. The cost depends on what is due, not on what exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from reporting import calendar
from reporting.messages import Message, Paragraph, Plain, Strong
from reporting.messages_json import to_json
from reporting.model import RequestState, StatusRequest
from reporting.policy import CalendarPolicy, DigestPolicy
from reporting.ports import UnitOfWork
from reporting.services import alerts, digests, outbox, periods, prompt_posts, undelivered
from reporting.services.context import Services

_BATCH = 500
_NAMED = 5
_AROUND = timedelta(days=35)
_CALENDAR = "calendar:"
_DIGEST = "digest:"
SUPERSEDED = "a newer digest has taken its place"
"""Why a digest was skipped whose time had passed more than once."""


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
    """Do what is due at `now`: open periods, prompt, remind, mark as missed, post digests, raise dated alerts.

    Raises:
        ExceptionGroup: some of it could not be done; everything else has been, and the rest is tried again next time.
    """
    look = _Look(services, now)
    # In this order, so that a digest after a long sleep counts what was missed by then.
    opened = look.fire(_CALENDAR, _fire_calendar)
    requests = look.step_requests()
    posted = look.fire(_DIGEST, _fire_digest)
    passed = look.dated()
    if look.faults:
        raise ExceptionGroup("not everything that was due could be done", look.faults)
    return Planned(opened, requests, posted, passed)


class _Look:
    """One look at what is due. A fault in one thing keeps nobody else waiting."""

    def __init__(self, services: Services, now: datetime) -> None:
        self._services = services
        self._now = now
        self.faults: list[Exception] = []

    def fire(self, prefix: str, fire: Callable[[Services, str, datetime, datetime], int]) -> int:
        """Fire the schedules of one kind."""
        with self._services.store.read() as uow:
            due = [(key, at) for key, at in uow.schedules.due(self._now) if key.startswith(prefix)]
        return sum(self._try(partial(fire, self._services, key, at, self._now)) for key, at in due)

    def dated(self) -> int:
        """Look at projects whose path to green has run out."""
        with self._services.store.read() as uow:
            passed = [s.project_id for s in uow.board.paths_due(_working_today(self._services, self._now))]
        return sum(self._try(partial(self._look_at_path, project_id)) for project_id in passed)

    def step_requests(self) -> int:
        """Do the steps of requests that have come, many in one transaction; those that fail are tried alone."""
        total, stuck = 0, set[int]()
        while True:
            limit = _BATCH + len(stuck)
            with self._services.store.read() as uow:
                due = [r for r in uow.requests.due(self._now, limit) if r.id not in stuck]
            if not due:
                return total
            groups = {(r.period_id, r.assignee_id) for r in due}
            before = len(self.faults)
            total += self._step(groups, limit)
            if len(self.faults) > before:
                self.faults.pop()
                total += sum(self._step({one}, limit) for one in groups)
                stuck |= {r.id for r in due}

    def _step(self, groups: Collection[tuple[int, int | None]], limit: int) -> int:
        return self._try(lambda: _step_groups(self._services, groups, limit, self._now))

    def _look_at_path(self, project_id: int) -> int:
        with self._services.store.begin() as uow:
            alerts.look_at_path(self._services, uow, project_id, self._now)
        return 1

    def _try(self, work: Callable[[], int]) -> int:
        try:
            return work()
        except Exception as fault:  # noqa: BLE001 - whatever it is, what else is due must not wait for it
            self.faults.append(fault)
            return 0


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


def told_at(services: Services, digest: DigestPolicy, day: date) -> datetime:
    """When the digest of the period of this day is posted by itself, aware UTC."""
    return _digest_at(services, digest_calendar(services, digest))(day)


def _fire_calendar(services: Services, key: str, at: datetime, now: datetime) -> int:
    policy = services.policy.calendars[key.removeprefix(_CALENDAR)]
    instant = _opens_at(services, policy)
    days = _fired(policy, at, now, instant)
    with services.store.begin() as uow:
        if not _move_on(uow, policy, key, at, days[-1], instant):
            return 0
        for day in days[:-1]:
            _skipped(services, uow, now, f"period:{policy.name}:{day}", "the bot was not running while it was open")
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
            _skipped(services, uow, now, f"{key}:{gone}", "a newer digest has taken its place")
        if not useful:
            _skipped(services, uow, now, f"{key}:{day}", "too old to be useful")
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


def _skipped(services: Services, uow: UnitOfWork, now: datetime, what: str, why: str) -> None:
    uow.audit.append(now, "system", undelivered.SKIPPED, what, None, {"reason": why})
    undelivered.plan_notice(uow, services.policy, now)


# ---------------------------------------------------------------- requests


def _step_groups(services: Services, groups: Collection[tuple[int, int | None]], limit: int, now: datetime) -> int:
    with services.store.begin() as uow:
        # Read again under the lock: somebody may have answered since it was seen to be due.
        due: dict[tuple[int, int | None], list[StatusRequest]] = defaultdict(list)
        for request in uow.requests.due(now, limit):
            if (request.period_id, request.assignee_id) in groups:
                due[request.period_id, request.assignee_id].append(request)
        for (period_id, person_id), requests in due.items():
            _step_group(services, uow, period_id, person_id, requests, now)
        return sum(len(requests) for requests in due.values())


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
        _tell(services, uow, period_id, person_id, names, now, calendar.out_of_night(now, policy, zone))
    elif "prompt" in names:
        _nobody(services, uow, period_id, requests, now)


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
    prompt_posts.refresh(uow, request.period_id, request.assignee_id, now, "closed")


def _tell(
    services: Services,
    uow: UnitOfWork,
    period_id: int,
    person_id: int,
    steps: dict[str, datetime],
    now: datetime,
    awake: datetime,
) -> None:
    """Prompt or remind a person; `awake` is now, or the end of their night."""
    subject = {"period": period_id, "person": person_id}
    if uow.deliveries.by_key(prompt_posts.key(period_id, person_id)) is None:
        outbox.plan(
            uow,
            key=prompt_posts.key(period_id, person_id),
            kind="prompt",
            target=f"person:{person_id}",
            now=now,
            due_at=awake,
            subject=subject,
            grace=services.policy.grace.of("prompt"),
        )
        return
    if "prompt" in steps:
        # Somebody who has a prompt already is given one project more.
        prompt_posts.refresh(uow, period_id, person_id, now, f"more:{now.isoformat()}")
    for name, at in steps.items():
        if name != "prompt":
            outbox.plan(
                uow,
                key=prompt_posts.reminder_key(period_id, person_id, name),
                kind="reminder",
                target=f"person:{person_id}",
                now=now,
                due_at=awake,
                subject=subject,
                grace=services.policy.grace.of("reminder"),
                since=at,
            )


def _nobody(services: Services, uow: UnitOfWork, period_id: int, requests: list[StatusRequest], now: datetime) -> None:
    """Nobody can be asked for these projects: the PMO hears of it in one message."""
    channel = services.policy.pmo_channel
    if channel is None:
        return
    projects = sorted(p.key for p in uow.projects.many([r.project_id for r in requests]).values())
    t = services.texts_for_channel(channel=channel)
    text = t.n(
        "One project has nobody to be asked for its report.", "{n} projects have nobody to be asked.", len(projects)
    )
    cure = t(
        "Name a lead: {commands}", commands=", ".join(f"{t.command} project edit {key}" for key in projects[:_NAMED])
    )
    if len(projects) > _NAMED:
        more = t("The others are under /rag missing; an import of the register can name all leads at once.")
        cure = f"{cure} {more}"
    outbox.plan(
        uow,
        key=f"nobody:{period_id}:{min(r.id for r in requests)}",
        kind="notice",
        target=f"channel:{channel}",
        now=now,
        content=to_json(Message(text, (Paragraph((Strong(text),)), Paragraph((Plain(cure),))))),
    )
