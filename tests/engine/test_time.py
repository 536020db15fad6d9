"""Time as it is: hours that are missing or come twice, people who move, clocks that jump, and pauses of the bot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.schedulers import base

from bot.engine import clock
from bot.engine.choice import make_store, prepare
from bot.engine.clock import Ticker
from bot.engine.notice import compose_notice
from reporting.policy import Grace
from reporting.services import periods, planning
from reporting.services.planning import Planned
from storage.store import SqlStore
from tests.support.databases import BOTH, database
from tests.support.policy import WEEKLY, make_policy
from tests.support.world import World, text_of

NO_NIGHT = (time(0), time(0))
SUNDAYS = replace(
    WEEKLY, rrule="FREQ=WEEKLY;BYDAY=SU", starts="2026-01-04", weekend=(), holidays=None, zone_of_lead=False,
    prompt_at=time(2, 30), night=NO_NIGHT,
)  # fmt: skip


def started(folder: Path, begins: str, calendar: Any = WEEKLY, **changes: Any) -> World:
    """Ana leads ATLAS under one calendar; the bot starts at a wall time of Berlin."""
    policy = make_policy(calendars={calendar.name: calendar}, default_calendar=calendar.name, calendar_of={}, **changes)
    at = datetime.fromisoformat(begins).astimezone(UTC)
    world = World(folder, policy, now=at)
    world.person("ana")
    world.project("ATLAS", "ana")
    world.start()
    return world


def prompts(world: World) -> list[datetime]:
    """When new prompts were due; edits of them are left out."""
    return [delivery.due_at for delivery in world.deliveries("prompt:") if delivery.updates is None]


# ---------------------------------------------------------------- clock changes and zones


def test_a_prompt_in_the_hour_that_is_missing_comes_once_when_it_is_over(tmp_path: Path) -> None:
    world = started(tmp_path, "2027-03-27T12:00+01:00", SUNDAYS)
    world.go("2027-03-28", "01:59", timedelta(minutes=1))
    assert prompts(world) == []
    world.go("2027-03-28", "06:00", timedelta(minutes=1))
    assert prompts(world) == [world.at("2027-03-28", "03:00")]


def test_a_prompt_in_the_hour_that_comes_twice_comes_in_the_first_only(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-10-24T12:00+02:00", SUNDAYS)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    world.go("2026-10-25", "06:00", timedelta(minutes=1))
    assert prompts(world) == [first]


def test_the_wall_time_stays_the_same_over_both_changes(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-10-19T06:00+02:00")
    world.go("2026-10-26", "09:00")
    world.clock.set(world.at("2027-03-22", "06:00"))
    world.go("2027-03-29", "23:00")
    hours = {at.astimezone(world.at("2026-10-19", "09:00").tzinfo).hour for at in prompts(world)[:2]}
    assert hours == {7, 8}
    # Easter Monday is a holiday: the prompt of the 29th goes out on the Thursday before.
    assert world.at("2027-03-22", "09:00") in prompts(world)


def test_who_moves_after_the_prompt_is_not_asked_a_second_time(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00")
    world.go("2026-11-23", "09:00")
    moved = replace(world.people["ana"], tz="America/New_York")
    with world.store.begin() as uow:
        uow.people.save(moved)
        periods.people_changed(world.services, uow, [moved.id], world.clock.now())
    world.go("2026-11-24", "09:00")
    assert prompts(world) == [world.at("2026-11-23", "09:00")]
    # The next one is at nine where they live now.
    world.go("2026-11-30", "20:00")
    assert prompts(world)[1:] == [world.at("2026-11-30", "15:00")]


def test_a_period_on_the_leap_day(tmp_path: Path) -> None:
    yearly = replace(WEEKLY, rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", starts="2024-02-29", holidays=None)
    world = started(tmp_path, "2028-02-28T12:00+01:00", yearly)
    world.go("2028-03-06", "12:00")
    assert prompts(world) == [world.at("2028-02-29", "09:00")]
    with world.store.read() as uow:
        following = uow.schedules.get("calendar:weekly")
    assert following is not None
    assert (following.year, following.month) == (2032, 2)


# ---------------------------------------------------------------- a wall clock that jumps


def test_a_clock_that_jumps_ahead_and_back_does_nothing_twice(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00")
    world.go("2026-11-23", "10:00")
    for day, wall in (("2026-11-27", "17:00"), ("2026-11-23", "10:30"), ("2026-11-16", "09:00")):
        world.clock.set(world.at(day, wall))
        world.tick()
    planned = {d.key for d in world.deliveries("")}
    # Now the true time passes once more over all that was done too early.
    world.clock.set(world.at("2026-11-23", "10:30"))
    world.go("2026-11-27", "17:00")
    assert {d.key for d in world.deliveries("")} == planned
    world.go("2026-11-30", "09:00")
    assert len(prompts(world)) == 2


class JumpingClock(datetime):
    """The machine's clock, put back by some time."""

    back = timedelta(0)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) - cls.back


@pytest.mark.parametrize("hours", [1, -1])
async def test_the_ticks_go_on_when_the_machines_clock_is_put_back_or_ahead(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    for module in (base, clock):
        monkeypatch.setattr(module, "datetime", JumpingClock)
    monkeypatch.setattr(JumpingClock, "back", timedelta(0))
    asked: list[int] = []
    ticker = Ticker(lambda: asked.append(1), lambda: None, seconds=0.1)
    ticker.start()
    await _until(lambda: len(asked) >= 2)
    monkeypatch.setattr(JumpingClock, "back", timedelta(hours=hours))
    before = len(asked)
    await _until(lambda: len(asked) >= before + 4)
    await ticker.stop()


async def _until(done: Any) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0.01)


# ---------------------------------------------------------------- after a pause


def test_a_prompt_four_hours_late_is_still_sent(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00", grace=Grace({"prompt": timedelta(hours=8)}))
    world.clock.set(world.at("2026-11-23", "13:00"))
    world.tick()
    [prompt] = world.due("prompt:")
    assert prompt.expires_at is not None
    assert prompt.expires_at > world.clock.now()
    assert world.message(prompt.key) is not None


def test_after_days_only_the_newest_reminder_is_sent(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00")
    world.go("2026-11-23", "09:00")
    # A day before, and at the due time: the bot was away for both.
    world.clock.set(world.at("2026-11-27", "12:30"))
    world.tick()
    assert len(world.deliveries("reminder:")) == 1


def test_a_reminder_that_was_planned_is_not_sent_after_the_answer(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00")
    world.go("2026-11-26", "12:00")
    [reminder] = world.due("reminder:")
    assert world.message(reminder.key) is not None
    world.report("ana", "ATLAS")
    assert world.message(reminder.key) is None


def test_after_weeks_everything_is_caught_up_once_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-09T06:00+01:00", pmo_channel="C_PMO")
    world.go("2026-11-09", "09:00")
    world.clock.set(world.at("2026-11-27", "16:30"))
    world.tick()
    assert world.tick() == Planned()
    assert len(prompts(world)) == 2
    with world.store.read() as uow:
        skipped = {e.subject: (e.after or {})["reason"] for e in uow.audit.events() if e.action == "schedule.skipped"}
    assert skipped == {
        "period:weekly:2026-11-16": "the bot was not running while it was open",
        "digest:leadership:2026-11-09": planning.SUPERSEDED,
        "digest:leadership:2026-11-16": planning.SUPERSEDED,
    }
    [notice] = world.deliveries("undeliverable:")
    told = text_of(compose_notice(world.services, notice, {"": lambda _t, error: error}))
    assert "left out because it was too late" in told
    assert "The period of Mon 16 Nov in the calendar weekly was not opened, so nobody was asked." in told
    assert "The digest leadership of Mon 16 Nov was not posted." in told


def test_a_digest_too_old_is_left_out_and_told(tmp_path: Path) -> None:
    world = started(tmp_path, "2026-11-23T06:00+01:00", pmo_channel="C_PMO")
    world.go("2026-11-23", "09:00")
    world.clock.set(world.at("2026-11-28", "12:00"))
    world.tick()
    assert world.deliveries("digest:") == []
    [notice] = world.deliveries("undeliverable:")
    told = text_of(compose_notice(world.services, notice, {"": lambda _t, error: error}))
    assert "The digest leadership of Mon 23 Nov was not posted." in told


# ---------------------------------------------------------------- several processes


@pytest.fixture(params=BOTH)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[SqlStore]]:
    """Three stores on one database, as of three processes."""
    with database(request.param, tmp_path) as url:
        prepare(url)
        made = [make_store(url) for _ in range(3)]
        yield made
        for store in made:
            store.dispose()


def test_however_many_plan_at_once_each_due_time_fires_once(stores: list[SqlStore], tmp_path: Path) -> None:
    policy = make_policy(pmo_channel="C_PMO")
    world = World(tmp_path, policy, store=stores[0])
    for name in ("ana", "ben", "dora"):
        world.person(name)
        world.project(f"P_{name}", name)
    world.start()
    found: list[Planned] = []
    for day, wall in (("11-23", "09:00"), ("11-26", "12:00"), ("11-27", "16:00"), ("12-14", "09:00")):
        world.clock.set(world.at(f"2026-{day}", wall))
        found += _all_at_once(world, stores)
    keys = [delivery.key for delivery in world.deliveries("")]
    with world.store.read() as uow:
        events = [(event.action, event.subject) for event in uow.audit.events()]
        assert uow.audit.verify() == []
    with stores[1].reading() as db:
        periods_there = db.exec_driver_sql("SELECT count(*) FROM periods").scalar_one()
    assert sum(look.opened for look in found) == periods_there > 2
    assert sum(look.digests for look in found) == 1
    assert len(keys) == len(set(keys))
    assert len(events) == len(set(events))
    assert len(prompts(world)) == 6


def _all_at_once(world: World, stores: list[SqlStore]) -> list[Planned]:
    """Several looks at the same moment; whoever meets a busy database looks again, as the ticker does."""
    start, found = threading.Barrier(len(stores)), list[Planned]()

    def look(store: SqlStore) -> None:
        services = replace(world.services, store=store)
        start.wait()
        for _ in range(5):
            try:
                found.append(planning.plan_due(services, world.clock.now()))
                return
            except ExceptionGroup:
                continue

    threads = [threading.Thread(target=look, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(stores)
    return found
