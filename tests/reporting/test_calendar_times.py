"""Instants of a calendar: clock changes, periods, requests, steps, nights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reporting import calendar
from reporting.calendar import Step
from reporting.policy import CalendarPolicy, Reminder

LADDER = (
    Reminder("day-before", before=timedelta(hours=24)),
    Reminder("due", working_days_after=0),
    Reminder("one-day-late", working_days_after=1),
    Reminder("two-days-late", working_days_after=2),
)
WEEKLY = CalendarPolicy("weekly", "FREQ=WEEKLY;BYDAY=MO", "2026-01-05", "Europe/London", due_day=2, reminders=LADDER)
ZONES = ("UTC", "Europe/London", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Australia/Lord_Howe")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def times_of(steps: list[Step]) -> dict[str, datetime]:
    return {step.name: step.at for step in steps}


# ---------------------------------------------------------------- clock changes


def test_an_ordinary_wall_time() -> None:
    assert calendar.instant(day("2026-07-01"), time(9), "Europe/Berlin") == at("2026-07-01T07:00")
    assert calendar.instant(day("2026-07-01"), time(9), calendar.zone("Asia/Tokyo")) == at("2026-07-01T00:00")


def test_a_wall_time_in_the_spring_gap_is_the_first_instant_after_the_gap() -> None:
    for wall in (time(2, 0), time(2, 30), time(2, 59, 59)):
        assert calendar.instant(day("2026-03-29"), wall, "Europe/Berlin") == at("2026-03-29T01:00")
    assert calendar.instant(day("2026-03-29"), time(3, 0), "Europe/Berlin") == at("2026-03-29T01:00")
    assert calendar.instant(day("2026-03-29"), time(1, 59), "Europe/Berlin") == at("2026-03-29T00:59")


def test_a_wall_time_in_the_autumn_fold_is_the_first_of_the_two() -> None:
    assert calendar.instant(day("2026-10-25"), time(2, 30), "Europe/Berlin") == at("2026-10-25T00:30")
    assert calendar.instant(day("2026-11-01"), time(1, 15), "America/New_York") == at("2026-11-01T05:15")


def test_a_half_hour_gap_ends_after_half_an_hour() -> None:
    assert calendar.instant(day("2026-10-04"), time(2, 10), "Australia/Lord_Howe") == at("2026-10-03T15:30")


def test_a_day_that_a_country_left_out_means_the_next_midnight() -> None:
    assert calendar.instant(day("2011-12-30"), time(9), "Pacific/Apia") == at("2011-12-30T10:00")


def test_prompts_keep_their_wall_time_over_a_clock_change() -> None:
    before = calendar.request_times(WEEKLY, day("2026-03-23"), "Europe/Berlin")
    after = calendar.request_times(WEEKLY, day("2026-03-30"), "Europe/Berlin")
    assert (before[0], after[0]) == (at("2026-03-23T08:00"), at("2026-03-30T07:00"))


# ---------------------------------------------------------------- periods and requests


def test_a_period_opens_with_the_first_prompt_anywhere_in_the_world() -> None:
    times = calendar.period_times(WEEKLY, day("2026-11-23"))
    assert times.opens_at == at("2026-11-22T19:00")  # 09:00 at UTC+14
    assert times.due_at == at("2026-11-25T12:00")
    assert times.digest_at == at("2026-11-27T16:00")
    assert times.closes_at == at("2026-12-02T12:00")  # when the next one is due
    earliest, _ = calendar.request_times(WEEKLY, day("2026-11-23"), "Pacific/Kiritimati")
    assert earliest == times.opens_at


def test_a_calendar_with_one_zone_opens_there() -> None:
    fixed = replace(WEEKLY, zone_of_lead=False)
    assert calendar.period_times(fixed, day("2026-11-23")).opens_at == at("2026-11-23T09:00")
    assert calendar.request_times(fixed, day("2026-11-23"), "Asia/Tokyo") == (
        at("2026-11-23T09:00"),
        at("2026-11-25T12:00"),
    )


def test_a_lead_without_a_zone_is_asked_in_the_calendars() -> None:
    assert calendar.request_times(WEEKLY, day("2026-11-23"), None)[0] == at("2026-11-23T09:00")
    assert calendar.request_times(WEEKLY, day("2026-11-23"), "Asia/Tokyo")[0] == at("2026-11-23T00:00")


def test_a_prompt_is_never_after_due() -> None:
    silly = replace(WEEKLY, due_day=0, due_at=time(8))
    prompt, due = calendar.request_times(silly, day("2026-11-23"), None)
    assert prompt == due == at("2026-11-23T08:00")


def test_a_digest_moved_to_the_due_day_does_not_come_before_answers_are_due() -> None:
    evening = replace(WEEKLY, holidays="GB-ENG", due_day=3, due_at=time(17), digest_at=time(10))
    times = calendar.period_times(evening, day("2026-03-30"))  # Good Friday is the digest's day
    assert times.digest_at == times.due_at == at("2026-04-02T16:00")


# ---------------------------------------------------------------- steps


def steps_in(zone: str | None, policy: CalendarPolicy = WEEKLY, period: str = "2026-11-23") -> list[Step]:
    prompt, due = calendar.request_times(policy, day(period), zone)
    closes = calendar.period_times(policy, day(period)).closes_at
    return calendar.steps(policy, prompt, due, zone, closes)


def test_the_ladder_in_order() -> None:
    assert steps_in("Europe/London") == [
        Step("prompt", at("2026-11-23T09:00")),
        Step("day-before", at("2026-11-24T12:00")),
        Step("due", at("2026-11-25T12:00")),
        Step("miss", at("2026-11-25T12:00")),
        Step("one-day-late", at("2026-11-26T12:00")),
        Step("two-days-late", at("2026-11-27T12:00")),
    ]


def test_late_rungs_keep_the_wall_time_over_a_clock_change_and_skip_the_weekend() -> None:
    friday = replace(WEEKLY, due_day=4, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", starts="2026-10-19")
    found = times_of(steps_in("Europe/London", friday, "2026-10-19"))
    assert found["due"] == at("2026-10-23T11:00")
    assert found["one-day-late"] == at("2026-10-26T12:00")


def test_reminders_after_the_period_has_closed_are_dropped() -> None:
    friday = replace(WEEKLY, due_day=4)
    ladder = ["prompt", "day-before", "due", "miss", "one-day-late", "two-days-late"]
    assert [step.name for step in steps_in(None, friday)] == ladder
    prompt, due = calendar.request_times(friday, day("2026-11-23"), None)
    monday = at("2026-11-30T09:00")
    assert [step.name for step in calendar.steps(friday, prompt, due, None, monday)] == ladder[:4]


def test_reminders_before_the_prompt_are_dropped() -> None:
    tomorrow = replace(WEEKLY, due_day=1, due_at=time(8, 30))
    assert "day-before" not in times_of(steps_in(None, tomorrow))


def test_a_reminder_in_the_evening_waits_for_the_morning() -> None:
    late = replace(WEEKLY, due_at=time(22, 0))
    found = times_of(steps_in("America/New_York", late))
    assert found["day-before"] == at("2026-11-25T13:00")  # Wednesday 08:00 in New York
    assert found["miss"] == at("2026-11-26T03:00")  # the state does not wait for the morning
    assert found["due"] == at("2026-11-26T13:00")


def test_a_reminder_before_dawn_waits_for_the_same_morning() -> None:
    early = replace(WEEKLY, due_at=time(6, 0))
    assert times_of(steps_in(None, early))["due"] == at("2026-11-25T08:00")


def test_a_reminder_that_counts_back_onto_a_sunday_comes_on_friday() -> None:
    monday = replace(WEEKLY, rrule="FREQ=WEEKLY;BYDAY=TH", starts="2026-01-01", due_day=4)
    assert times_of(steps_in(None, monday, "2026-11-19"))["day-before"] == at("2026-11-20T12:00")


def test_reminders_at_one_instant_become_one() -> None:
    twice = replace(WEEKLY, reminders=(Reminder("a", before=timedelta(0)), Reminder("b", working_days_after=0)))
    assert [step.name for step in steps_in(None, twice)] == ["prompt", "b", "miss"]


def test_a_prompt_from_another_zone_waits_for_the_morning() -> None:
    fixed = replace(WEEKLY, zone_of_lead=False)
    assert steps_in("America/Los_Angeles", fixed)[0] == Step("prompt", at("2026-11-23T16:00"))


def test_a_snooze_that_ends_at_night_ends_in_the_morning() -> None:
    assert calendar.after_snooze(at("2026-11-24T23:00"), WEEKLY, "Europe/London") == at("2026-11-25T08:00")
    assert calendar.after_snooze(at("2026-11-24T15:00"), WEEKLY, None) == at("2026-11-24T15:00")


def test_a_night_may_begin_after_midnight_or_not_exist() -> None:
    owl = replace(WEEKLY, night=(time(1), time(6)))
    assert calendar.out_of_night(at("2026-11-24T02:00"), owl, None) == at("2026-11-24T06:00")
    assert calendar.out_of_night(at("2026-11-24T23:00"), owl, None) == at("2026-11-24T23:00")
    never = replace(WEEKLY, night=(time(0), time(0)))
    assert calendar.out_of_night(at("2026-11-24T02:00"), never, None) == at("2026-11-24T02:00")


@pytest.mark.parametrize("where", ["Europe/Berlin", "America/New_York"])
def test_a_night_with_a_clock_change_ends_at_its_wall_time(where: str) -> None:
    for evening in (day("2026-03-28"), day("2026-03-07"), day("2026-10-24"), day("2026-10-31")):
        asleep = calendar.instant(evening, time(23), where)
        awake = calendar.out_of_night(asleep, WEEKLY, where)
        assert awake.astimezone(ZoneInfo(where)).time() == time(8)


def test_a_morning_that_a_country_left_out_is_the_next_one() -> None:
    awake = calendar.out_of_night(at("2011-12-30T08:00"), WEEKLY, "Pacific/Apia")  # 29 December, 22:00
    assert awake.astimezone(ZoneInfo("Pacific/Apia")).isoformat() == "2011-12-31T08:00:00+14:00"


WALLS = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda t: t.replace(microsecond=0))


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), WALLS, st.sampled_from(ZONES))
def test_an_instant_shows_its_wall_time_or_the_end_of_a_gap(when: date, wall: time, where: str) -> None:
    found = calendar.instant(when, wall, where)
    local = found.astimezone(ZoneInfo(where))
    if (local.date(), local.time()) != (when, wall):
        assert local.replace(tzinfo=None) > datetime.combine(when, wall)
        just_before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(where))
        assert just_before.utcoffset() != local.utcoffset()
    assert local.fold == 0 or local.utcoffset() == local.replace(fold=1).utcoffset()


@given(
    st.dates(date(2026, 1, 1), date(2036, 1, 1)),
    st.sampled_from(ZONES),
    st.sampled_from([None, "JP", "GB-ENG"]),
    st.integers(0, 4),
    WALLS,
)
def test_steps_are_in_order_within_the_period_and_never_wake_anybody(
    after: date, where: str, code: str | None, due_day: int, due_at: time
) -> None:
    assume((due_day, due_at) > (0, WEEKLY.prompt_at))  # the settings refuse other policies
    policy = replace(WEEKLY, holidays=code, due_day=due_day, due_at=due_at)
    period = calendar.next_day(policy, after)
    prompt, due = calendar.request_times(policy, period, where)
    times = calendar.period_times(policy, period)
    steps = calendar.steps(policy, prompt, due, where, times.closes_at)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert times.opens_at <= prompt <= due
    reminders = [step for step in steps if step.name not in ("prompt", "miss")]
    assert all(prompt < step.at < times.closes_at for step in reminders)
    assert all(time(8) <= step.at.astimezone(ZoneInfo(where)).time() < time(20) for step in reminders)
