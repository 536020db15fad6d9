"""Days of a calendar: the rule, holidays, working days, labels, checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import calendar
from reporting.calendar import Holidays, PeriodDays, PeriodLabel
from reporting.calendar_checks import calendar_faults, known_zone, rule_fault
from reporting.policy import CalendarPolicy

WEEKLY = CalendarPolicy("weekly", "FREQ=WEEKLY;BYDAY=MO", "2026-01-05", "Europe/London")
FORTNIGHTLY = replace(WEEKLY, name="fortnightly", rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
MONTHLY = replace(WEEKLY, name="monthly", rrule="FREQ=MONTHLY;BYDAY=-1FR", starts="2026-01-01", due_day=3, digest_day=4)
ENGLAND = replace(WEEKLY, holidays="GB-ENG")


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def test_weekly_days_come_strictly_after_the_given_one() -> None:
    assert calendar.occurrences(WEEKLY, day("2026-11-23"), 3) == days("2026-11-30", "2026-12-07", "2026-12-14")
    assert calendar.next_day(WEEKLY, day("2026-11-22")) == day("2026-11-23")


def test_fortnightly_days_count_from_the_first_one() -> None:
    assert calendar.occurrences(FORTNIGHTLY, day("2026-01-01"), 3) == days("2026-01-05", "2026-01-19", "2026-02-02")
    shifted = replace(FORTNIGHTLY, starts="2026-01-12")
    assert calendar.next_day(shifted, day("2026-01-12")) == day("2026-01-26")


def test_monthly_days_are_the_last_friday() -> None:
    assert calendar.occurrences(MONTHLY, day("2026-01-01"), 3) == days("2026-01-30", "2026-02-27", "2026-03-27")


def test_latest_day_includes_the_day_itself_and_is_none_before_the_first() -> None:
    assert calendar.latest_day(WEEKLY, day("2026-11-23")) == day("2026-11-23")
    assert calendar.latest_day(WEEKLY, day("2026-11-29")) == day("2026-11-23")
    assert calendar.latest_day(WEEKLY, day("2026-01-04")) is None


def test_a_rule_that_has_ended_has_no_next_day() -> None:
    ended = replace(WEEKLY, rrule="FREQ=WEEKLY;COUNT=2")
    assert calendar.occurrences(ended, day("2026-01-01"), 5) == days("2026-01-05", "2026-01-12")
    with pytest.raises(LookupError, match="weekly"):
        calendar.next_day(ended, day("2026-01-12"))


def test_span_reaches_to_the_day_before_the_next_period() -> None:
    assert calendar.span(WEEKLY, day("2026-11-23")) == (day("2026-11-23"), day("2026-11-29"))
    assert calendar.span(MONTHLY, day("2026-01-30")) == (day("2026-01-30"), day("2026-02-26"))


def test_holidays_differ_by_region() -> None:
    holidays = Holidays()
    epiphany = day("2026-01-06")
    assert holidays.is_holiday("DE-BY", epiphany)
    assert not holidays.is_holiday("DE", epiphany)
    assert not holidays.is_holiday(None, epiphany)
    with pytest.raises(NotImplementedError):
        holidays.is_holiday("XX", epiphany)


@pytest.mark.parametrize(
    ("given_day", "before", "after"),
    [
        ("2026-11-24", "2026-11-24", "2026-11-24"),  # an ordinary Tuesday
        ("2026-11-28", "2026-11-27", "2026-11-30"),  # Saturday
        ("2026-04-06", "2026-04-02", "2026-04-07"),  # Easter Monday: Good Friday is a holiday too
        ("2026-12-28", "2026-12-24", "2026-12-29"),  # Boxing Day, observed on Monday
    ],
)
def test_a_day_off_moves_to_the_working_day(given_day: str, before: str, after: str) -> None:
    assert calendar.working_day_before(day(given_day), ENGLAND) == day(before)
    assert calendar.working_day_after(day(given_day), ENGLAND) == day(after)


def test_the_weekend_is_the_policys_own() -> None:
    cairo = replace(WEEKLY, weekend=(4, 5))
    assert calendar.working_day_before(day("2026-11-28"), cairo) == day("2026-11-26")
    assert calendar.is_working_day(day("2026-11-29"), cairo)


def test_without_any_working_day_days_stay() -> None:
    never = replace(WEEKLY, weekend=(0, 1, 2, 3, 4, 5, 6))
    assert calendar.working_day_before(day("2026-11-28"), never) == day("2026-11-28")
    assert calendar.add_working_days(day("2026-11-27"), 2, never) == day("2026-11-29")


def test_working_days_are_added_over_holidays_and_weekends() -> None:
    assert calendar.add_working_days(day("2026-04-02"), 0, ENGLAND) == day("2026-04-02")
    assert calendar.add_working_days(day("2026-04-02"), 1, ENGLAND) == day("2026-04-07")
    assert calendar.add_working_days(day("2026-04-02"), 2, ENGLAND) == day("2026-04-08")


def test_due_and_digest_move_to_the_working_day_before_a_holiday() -> None:
    # Good Friday, 3 April 2026.
    assert calendar.period_days(ENGLAND, day("2026-03-30")) == PeriodDays(
        *days("2026-03-30", "2026-04-02", "2026-04-02")
    )


def test_a_prompt_on_a_holiday_moves_to_the_working_day_before() -> None:
    wednesdays = replace(ENGLAND, rrule="FREQ=WEEKLY;BYDAY=FR", starts="2026-01-02", due_day=5, digest_day=5)
    assert calendar.period_days(wednesdays, day("2026-04-03")).prompt == day("2026-04-02")


def test_a_prompt_does_not_move_into_the_period_before() -> None:
    # Easter Monday: the Thursday before is still the week in which answers for 30 March are due.
    assert calendar.period_days(ENGLAND, day("2026-04-06")).prompt == day("2026-04-07")


def test_the_first_prompt_of_a_calendar_has_no_period_before_it() -> None:
    first = replace(ENGLAND, starts="2026-04-06")
    assert calendar.period_days(first, day("2026-04-06")).prompt == day("2026-04-02")


def test_days_stay_where_they_are_when_holidays_leave_no_time_to_answer() -> None:
    same_day = replace(
        ENGLAND, due_day=0, due_at=time(17, 0), digest_day=0, digest_at=time(18, 0), prompt_at=time(9, 0)
    )
    assert calendar.period_days(same_day, day("2026-04-06")).due == day("2026-04-02")
    squeezed = replace(ENGLAND, due_day=1, weekend=(1, 5, 6))  # due on Tuesday, which is free: no time after Easter
    assert calendar.period_days(squeezed, day("2026-04-06")) == PeriodDays(
        *days("2026-04-06", "2026-04-07", "2026-04-10")
    )


def test_labels() -> None:
    assert calendar.label(WEEKLY, day("2026-12-28")) == PeriodLabel("week", 2026, 53, day("2026-12-28"))
    assert calendar.label(FORTNIGHTLY, day("2027-01-04")) == PeriodLabel("week", 2027, 1, day("2027-01-04"))
    assert calendar.label(MONTHLY, day("2026-01-30")) == PeriodLabel("month", 2026, 1, day("2026-01-30"))
    daily = replace(WEEKLY, rrule="FREQ=DAILY")
    assert calendar.label(daily, day("2026-01-30")) == PeriodLabel("day", 2026, 0, day("2026-01-30"))
    several = replace(
        WEEKLY, rrule="RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31\nRRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=30"
    )
    assert calendar.label(several, day("2026-03-31")).kind == "day"


@pytest.mark.parametrize(
    ("rule", "starts", "fault"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "2026-01-05", ""),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-05", ""),
        ("FREQ=WEEKLY", "5 January", "starts must be a day"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY", "2026-01-05", "DTSTART"),
        ("FREQ=WEKLY", "2026-01-05", "not an RFC 5545 rule"),
        ("every Monday", "2026-01-05", "not an RFC 5545 rule"),
        ("", "2026-01-05", "not an RFC 5545 rule"),
        ("FREQ=HOURLY", "2026-01-05", "daily, weekly, monthly or yearly"),
        ("FREQ=WEEKLY;COUNT=3", "2026-01-05", "must not end"),
        ("FREQ=WEEKLY;UNTIL=20270101", "2026-01-05", "must not end"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-05", "no day at all"),
    ],
)
def test_a_bad_rule_is_said_in_words(rule: str, starts: str, fault: str) -> None:
    found = rule_fault(rule, starts)
    assert found == "" if not fault else fault in found


def test_all_faults_of_a_calendar_are_said_at_once() -> None:
    bad = replace(
        WEEKLY, rrule="x", zone="Europe/Londn", holidays="XX", weekend=(0, 1, 2, 3, 4, 5, 6), due_day=0, due_at=time(8)
    )
    assert len(calendar_faults(bad)) == 5
    assert not calendar_faults(ENGLAND)
    assert not calendar_faults(MONTHLY)


def test_periods_that_overlap_are_refused() -> None:
    assert "before answers are due" in calendar_faults(replace(WEEKLY, digest_day=3))[0]
    assert "would open before the digest" in calendar_faults(replace(WEEKLY, digest_day=7))[0]


@pytest.mark.parametrize(
    ("name", "known"), [("Asia/Tokyo", True), ("Europe", False), ("Nowhere", False), ("../x", False)]
)
def test_known_zones(name: str, known: bool) -> None:
    assert known_zone(name) is known


RULES = st.sampled_from(
    [WEEKLY, FORTNIGHTLY, MONTHLY, ENGLAND, replace(WEEKLY, holidays="JP"), replace(MONTHLY, holidays="DE-BY")]
)
DAYS = st.dates(date(2026, 1, 1), date(2036, 1, 1))


@given(RULES, DAYS)
def test_occurrences_agree_with_latest_and_next(policy: CalendarPolicy, after: date) -> None:
    found = calendar.occurrences(policy, after, 4)
    assert found == sorted(set(found))
    assert found[0] > after
    assert calendar.next_day(policy, after) == found[0]
    assert calendar.latest_day(policy, found[1] - timedelta(days=1)) == found[0]
    first, last = calendar.span(policy, found[0])
    assert (first, last + timedelta(days=1)) == (found[0], found[1])


@given(RULES, DAYS)
def test_the_days_of_a_period_are_in_order_and_follow_the_period_before(policy: CalendarPolicy, after: date) -> None:
    holidays = Holidays()
    first, second = (calendar.period_days(policy, d, holidays) for d in calendar.occurrences(policy, after, 2))
    assert first.prompt <= first.due <= first.digest < second.prompt
