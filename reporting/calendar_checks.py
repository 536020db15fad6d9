"""Checks of a reporting calendar for the settings: everything that is wrong, in words."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, rrulestr

from reporting.calendar import DAY, Holidays, next_day, occurrences, period_times
from reporting.policy import CalendarPolicy


def known_zone(zone: str) -> bool:
    """Whether an IANA zone exists."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name that is a folder of the database
        return False
    return True


def rule_fault(rule: str, starts: str) -> str:
    """What is wrong with a rule and its first day, in words; empty when it is good."""
    try:
        start = date.fromisoformat(starts)
    except ValueError:
        return f"starts must be a day such as 2026-01-05, not {starts!r}"
    if "DTSTART" in rule.upper():
        return "the rule must not name DTSTART; use `starts`"
    try:
        parsed = rrulestr(rule, dtstart=datetime(start.year, start.month, start.day))  # noqa: DTZ001 - days have no zone
    except (ValueError, KeyError, AttributeError) as error:
        return f"not an RFC 5545 rule ({error})"
    if "COUNT=" in rule.upper() or "UNTIL=" in rule.upper():
        return "the rule must not end (COUNT, UNTIL); pause its projects instead"
    if isinstance(parsed, rrule) and parsed._freq not in (DAILY, WEEKLY, MONTHLY, YEARLY):  # type: ignore[attr-defined]
        return "the rule must be daily, weekly, monthly or yearly"
    return "" if next(iter(parsed), None) else "the rule has no day at all"


def calendar_faults(policy: CalendarPolicy, days: int = 60) -> list[str]:
    """Everything wrong with a calendar, in words: rule, zone, holidays, and the order of prompt, due and digest.

    Args:
        days: how many occurrences from the first are tried for order.
    """
    faults = [fault] if (fault := rule_fault(policy.rrule, policy.starts)) else []
    if not known_zone(policy.zone):
        faults.append(f"unknown time zone {policy.zone!r}")
    if fault := _holiday_fault(policy.holidays):
        faults.append(fault)
    if set(policy.weekend) >= set(range(7)):
        faults.append("the weekend must leave a working day")
    if (policy.due_day, policy.due_at) <= (0, policy.prompt_at):
        faults.append("answers must be due after the prompt")
    if (policy.digest_day, policy.digest_at) < (policy.due_day, policy.due_at):
        faults.append("the digest must not come before answers are due")
    return faults or _order_faults(policy, days)


def _holiday_fault(code: str | None) -> str:
    try:
        Holidays().is_holiday(code, date(2026, 1, 1))
    except (NotImplementedError, ValueError):
        return f"unknown holidays {code!r}; use a country such as DE, or country and region such as DE-BY"
    return ""


def _order_faults(policy: CalendarPolicy, days: int) -> list[str]:
    holidays = Holidays()
    first = date.fromisoformat(policy.starts) - DAY
    for day in occurrences(policy, first, days):
        times = period_times(policy, day, holidays)
        if period_times(policy, next_day(policy, day), holidays).opens_at < times.digest_at:
            return [f"the next period would open before the digest of {day}; bring the digest forward"]
    return []
