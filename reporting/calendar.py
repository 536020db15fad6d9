"""When things are due: occurrences of a reporting calendar, and the instants that follow from one of them.

A calendar is a rule in local terms (days by RRULE, wall times, a zone); an instant is aware UTC and is computed anew
from the rule each time, so a clock change or a holiday never has to be undone.

How the days of one period are found (`period_days`):

1. The due day and the digest day, when they fall on a holiday or the weekend, move to the working day before.
2. So does the prompt's day; but where that would reach into the period before (on or before its digest day), the
   prompt goes to the next working day instead. Otherwise a holiday on a Monday would ask for the coming week before
   the present one is answered.
3. When no working time is left between prompt and due (a week of holidays), the days stay as the rule has them.

A wall time that does not exist (clocks go forward) means the first instant after the gap; one that comes twice
(clocks go back) means the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

import holidays as public_holidays
from dateutil.rrule import MONTHLY, WEEKLY, rrule, rruleset, rrulestr

from reporting.policy import CalendarPolicy, Reminder

DAY = timedelta(days=1)
EARLIEST_ZONE = "Etc/GMT-14"
"""UTC+14, the zone in which every wall time comes first (the sign of `Etc` names is reversed)."""

PROMPT = "prompt"
MISS = "miss"


class Holidays:
    """Public holidays by `country` or `country-region` (`DE`, `DE-BY`), each year worked out once.

    Values are only ever added, so one object may be shared by threads.
    """

    def __init__(self) -> None:
        self._days: dict[tuple[str, int], frozenset[date]] = {}

    def is_holiday(self, code: str | None, day: date) -> bool:
        """Whether a day is a public holiday there; never when `code` is None.

        Raises:
            NotImplementedError: the `holidays` package does not know the country or region.
        """
        if code is None:
            return False
        key = (code, day.year)
        if key not in self._days:
            country, _, region = code.partition("-")
            found = public_holidays.country_holidays(country, subdiv=region or None, years=day.year)
            self._days[key] = frozenset(found)
        return day in self._days[key]


@dataclass(frozen=True, slots=True)
class PeriodDays:
    """The local days of one period after holidays have been heeded."""

    prompt: date
    due: date
    digest: date


@dataclass(frozen=True, slots=True)
class PeriodTimes:
    """The instants of one period, see `ReportingPeriod`."""

    opens_at: datetime
    due_at: datetime
    digest_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Something due on a request: `prompt`, a reminder by its name, or `miss` (pending becomes missed)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PeriodLabel:
    """What a period is called: ISO week `number` of `year`, month `number` of `year`, or just its day (number 0)."""

    kind: Literal["week", "month", "day"]
    year: int
    number: int
    day: date


# ---------------------------------------------------------------- days


def occurrences(policy: CalendarPolicy, after: date, n: int) -> list[date]:
    """The next `n` days of the rule after a day, fewer when the rule ends."""
    return list(islice(_days_after(policy, after), n))


def next_day(policy: CalendarPolicy, after: date) -> date:
    """The first day of the rule after a day.

    Raises:
        LookupError: the rule has no further day (`rule_fault` refuses such rules in the settings).
    """
    for day in _days_after(policy, after):
        return day
    raise LookupError(f"calendar {policy.name!r} has no day after {after}")


def latest_day(policy: CalendarPolicy, on_or_before: date) -> date | None:
    """The last day of the rule up to and including a day; None when it has not begun."""
    found = _rule(policy).before(_midnight(on_or_before), inc=True)
    return found.date() if found else None


def is_working_day(day: date, policy: CalendarPolicy, days_off: Holidays | None = None) -> bool:
    """Neither weekend nor holiday in this calendar."""
    return day.weekday() not in policy.weekend and not (days_off or Holidays()).is_holiday(policy.holidays, day)


def working_day_before(day: date, policy: CalendarPolicy, days_off: Holidays | None = None) -> date:
    """The day itself when it is a working day, else the nearest one before it."""
    return _nearest(day, policy, days_off or Holidays(), -DAY)


def working_day_after(day: date, policy: CalendarPolicy, days_off: Holidays | None = None) -> date:
    """The day itself when it is a working day, else the nearest one after it."""
    return _nearest(day, policy, days_off or Holidays(), DAY)


def add_working_days(day: date, n: int, policy: CalendarPolicy, days_off: Holidays | None = None) -> date:
    """The n-th working day after a day; the day itself for 0."""
    holidays = days_off or Holidays()
    for _ in range(n):
        day = _nearest(day + DAY, policy, holidays, DAY)
    return day


def period_days(policy: CalendarPolicy, day: date, days_off: Holidays | None = None) -> PeriodDays:
    """The days of the period that the rule puts on `day`, moved as the head of this module says."""
    holidays = days_off or Holidays()
    nominal = PeriodDays(day, day + policy.due_day * DAY, day + policy.digest_day * DAY)
    due = working_day_before(nominal.due, policy, holidays)
    prompt = _prompt_day(policy, day, holidays)
    if (prompt, policy.prompt_at) >= (due, policy.due_at):
        return nominal
    return PeriodDays(prompt, due, max(due, working_day_before(nominal.digest, policy, holidays)))


def span(policy: CalendarPolicy, day: date) -> tuple[date, date]:
    """First and last day that a period speaks for: up to the day before the next one."""
    return day, next_day(policy, day) - DAY


def label(policy: CalendarPolicy, day: date) -> PeriodLabel:
    """What the period on `day` is called; the words are the catalogue's."""
    rule = _rule(policy)
    kind = rule._freq if isinstance(rule, rrule) else None  # type: ignore[attr-defined]  # no public reader
    if kind == WEEKLY:
        iso = day.isocalendar()
        return PeriodLabel("week", iso.year, iso.week, day)
    if kind == MONTHLY:
        return PeriodLabel("month", day.year, day.month, day)
    return PeriodLabel("day", day.year, 0, day)


# ---------------------------------------------------------------- instants


def zone(name: str) -> ZoneInfo:
    """An IANA zone.

    Raises:
        ZoneInfoNotFoundError: no such zone.
    """
    return ZoneInfo(name)


def instant(day: date, wall: time, where: str | ZoneInfo) -> datetime:
    """The UTC instant of a wall time on a day in a zone (missing and repeated hours: see the module).

    Raises:
        ZoneInfoNotFoundError: no such zone.
    """
    place = zone(where) if isinstance(where, str) else where
    local = datetime.combine(day, wall, place)
    at = local.astimezone(UTC)
    if at.astimezone(place).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), at, place)


def period_times(policy: CalendarPolicy, day: date, days_off: Holidays | None = None) -> PeriodTimes:
    """The instants of the period on `day`.

    It opens at the earliest prompt anywhere in the world when leads are asked at their own local time. It closes when
    the next one is due: until then a late answer or a correction is still taken, and late reminders have their time.
    """
    holidays = days_off or Holidays()
    days = period_days(policy, day, holidays)
    due_at = instant(days.due, policy.due_at, policy.zone)
    next_due = period_days(policy, next_day(policy, day), holidays).due
    return PeriodTimes(
        opens_at=_opens_at(policy, day, holidays),
        due_at=due_at,
        # A holiday may move the digest to the due day, where its wall time may be the earlier one.
        digest_at=max(due_at, instant(days.digest, policy.digest_at, policy.zone)),
        closes_at=instant(next_due, policy.due_at, policy.zone),
    )


def request_times(
    policy: CalendarPolicy, day: date, zone: str | None, days_off: Holidays | None = None
) -> tuple[datetime, datetime]:
    """When one person is prompted and when their answer is due; never due before the prompt.

    Args:
        zone: the person's zone; the calendar's own counts when it is None or the calendar does not follow leads.
    """
    days = period_days(policy, day, days_off)
    where = zone if zone and policy.zone_of_lead else policy.zone
    due = instant(days.due, policy.due_at, where)
    return min(instant(days.prompt, policy.prompt_at, where), due), due


def steps(
    policy: CalendarPolicy,
    prompt_at: datetime,
    due_at: datetime,
    zone: str | None,
    closes_at: datetime | None = None,
    days_off: Holidays | None = None,
) -> list[Step]:
    """What happens to a request, in order: prompt, reminders, and the miss at `due_at`.

    At `due_at` a pending request becomes missed; it can still be answered late, and later reminders go on. A reminder
    is pushed out of the person's night, one that counts back onto a day off goes to the working day before, and those
    not after the prompt, or not before the period closes, are dropped. Of reminders at one instant the last rung stays.

    Args:
        zone: the person's zone, whose night is respected; None: the calendar's.
    """
    where = zone or policy.zone
    holidays = days_off or Holidays()
    asked = prompt_at if policy.zone_of_lead else min(out_of_night(prompt_at, policy, where), due_at)
    rungs: dict[datetime, str] = {}
    for reminder in policy.reminders:
        at = out_of_night(_reminder_at(reminder, due_at, policy, where, holidays), policy, where)
        if at > asked and (closes_at is None or at < closes_at):
            rungs[at] = reminder.name
    found = [Step(PROMPT, asked), *(Step(name, at) for at, name in rungs.items()), Step(MISS, due_at)]
    return sorted(found, key=lambda step: (step.at, step.name == MISS))


def out_of_night(at: datetime, policy: CalendarPolicy, zone: str | None) -> datetime:
    """The same instant, or the end of the night it falls into, in a zone (None: the calendar's)."""
    where = zone or policy.zone
    starts, ends = policy.night
    while _in_night(wall := at.astimezone(ZoneInfo(where)), policy.night):
        morning = wall.date() + (DAY if starts > ends and wall.time() >= starts else 0 * DAY)
        at = max(instant(morning, ends, where), at + timedelta(minutes=1))
    return at


def after_snooze(at: datetime, policy: CalendarPolicy, zone: str | None) -> datetime:
    """When the reminder comes that was snoozed until `at`: not in the person's night."""
    return out_of_night(at, policy, zone)


# ---------------------------------------------------------------- inside


def _midnight(day: date) -> datetime:
    # Days of a rule are local and have no zone; dateutil wants a naive datetime for them.
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _rule(policy: CalendarPolicy) -> rrule | rruleset:
    return rrulestr(policy.rrule, dtstart=_midnight(date.fromisoformat(policy.starts)))


def _days_after(policy: CalendarPolicy, after: date) -> Iterator[date]:
    return (found.date() for found in _rule(policy).xafter(_midnight(after)))


def _nearest(day: date, policy: CalendarPolicy, holidays: Holidays, step: timedelta) -> date:
    if set(policy.weekend) >= set(range(7)):
        return day
    while not is_working_day(day, policy, holidays):
        day += step
    return day


def _prompt_day(policy: CalendarPolicy, day: date, holidays: Holidays) -> date:
    moved = working_day_before(day, policy, holidays)
    before = latest_day(policy, day - DAY) if moved < day else None
    if before and moved <= working_day_before(before + policy.digest_day * DAY, policy, holidays):
        return working_day_after(day, policy, holidays)
    return moved


def _opens_at(policy: CalendarPolicy, day: date, holidays: Holidays) -> datetime:
    prompt = period_days(policy, day, holidays).prompt
    return instant(prompt, policy.prompt_at, EARLIEST_ZONE if policy.zone_of_lead else policy.zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    # The clocks change between the two instants; halve the way until one second is left.
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _in_night(wall: datetime, night: tuple[time, time]) -> bool:
    starts, ends = night
    now = wall.time()
    return starts <= now < ends if starts <= ends else now >= starts or now < ends


def _reminder_at(
    reminder: Reminder, due_at: datetime, policy: CalendarPolicy, zone: str, holidays: Holidays
) -> datetime:
    if reminder.before is None:
        due = due_at.astimezone(ZoneInfo(zone))
        n = reminder.working_days_after or 0
        return instant(add_working_days(due.date(), n, policy, holidays), due.time(), zone) if n else due_at
    at = due_at - reminder.before
    local = at.astimezone(ZoneInfo(zone))
    day = working_day_before(local.date(), policy, holidays)
    return at if day == local.date() else instant(day, local.time(), zone)
