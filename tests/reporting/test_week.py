"""A week: the period opens, each lead gets one message, reminders go only to who still owes something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from reporting.ledger import DeliveryState
from reporting.messages import Channel, Note
from reporting.model import RequestState
from reporting.policy import DigestPolicy
from reporting.ports import UnitOfWork
from reporting.services import outbox, periods, planning
from tests.support.policy import make_policy
from tests.support.world import World, text_of


def states(world: World, key: str) -> RequestState:
    with world.store.read() as uow:
        request = uow.requests.of(world.period_id(key), world.projects[key].id)
    assert request is not None
    return request.state


def test_one_message_per_lead_however_many_projects(world: World) -> None:
    world.go("2026-11-23", "09:00")
    prompts = world.due("prompt:")
    assert sorted(d.target for d in prompts) == sorted(
        [f"person:{world.people['ana'].id}", f"person:{world.people['ben'].id}"]
    )
    message = world.message(next(d.key for d in prompts if d.target.endswith(str(world.people["ana"].id))))
    assert message is not None
    assert "ATLAS" in text_of(message)
    assert "BEAM" in text_of(message)
    assert "CORE" not in text_of(message)
    assert "Good morning Ana. 2 projects report this week, due Fri 27 Nov 12:00" in text_of(message)
    assert "C_LEAD" in text_of(message)


def test_nobody_is_asked_before_their_own_morning(world: World) -> None:
    world.go("2026-11-23", "08:30")
    assert not world.due("prompt:")


def test_each_lead_is_asked_in_their_own_zone(world: World) -> None:
    world.person("yuki", tz="Asia/Tokyo")
    world.project("YAK", "yuki")
    world.go("2026-11-30", "00:30")
    assert not world.due(f"prompt:{world.period_id('YAK')}:")
    world.go("2026-11-30", "01:00")
    assert [d.target for d in world.due("prompt:") if str(world.period_id("YAK")) in d.key.split(":")[1]] == [
        f"person:{world.people['yuki'].id}"
    ]


def test_a_second_look_plans_nothing_more(world: World) -> None:
    world.go("2026-11-23", "09:00")
    before = len(world.deliveries(""))
    assert not world.tick().any
    assert len(world.deliveries("")) == before


def test_reminders_climb_the_ladder_and_stop_with_the_answer(world: World) -> None:
    world.go("2026-11-26", "12:00")
    assert [d.key.rsplit(":", 1)[1] for d in world.deliveries("reminder:")] == ["day_before"] * 2
    world.report("ana", "ATLAS")
    world.report("ana", "BEAM")
    world.go("2026-12-01", "12:30")
    ana, ben = world.people["ana"].id, world.people["ben"].id
    ladder = [d.key.rsplit(":", 1)[1] for d in world.deliveries("reminder:") if d.target == f"person:{ben}"]
    assert ladder == ["day_before", "due", "one_day", "two_days"]
    assert len([d for d in world.deliveries("reminder:") if d.target == f"person:{ana}" and d.updates is None]) == 1
    assert world.message(f"reminder:{world.deliveries('reminder:')[0].subject['period']}:{ana}:day_before") is None


def test_after_the_due_time_a_pending_request_is_missed_and_may_still_be_answered(world: World) -> None:
    world.go("2026-11-27", "12:30")
    assert states(world, "CORE") is RequestState.MISSED
    world.report("ben", "CORE")
    assert states(world, "CORE") is RequestState.LATE
    assert states(world, "ATLAS") is RequestState.MISSED


def test_the_reminder_says_what_is_open_and_after_the_due_time_that_late_counts(world: World) -> None:
    world.go("2026-11-26", "12:00")
    ben = world.people["ben"].id
    period = world.period_id("CORE")
    assert "Still open: CORE. Due Fri 27 Nov 12:00" in text_of(world.message(f"reminder:{period}:{ben}:day_before"))
    world.go("2026-11-27", "12:00")
    assert "CORE was due Fri 27 Nov 12:00. A late report still counts" in text_of(
        world.message(f"reminder:{period}:{ben}:due")
    )
    assert "ATLAS, BEAM were due Fri 27 Nov 12:00. Late reports still count" in text_of(
        world.message(f"reminder:{period}:{world.people['ana'].id}:due")
    )


def test_snooze_holds_reminders_back_and_asks_again_in_the_morning(world: World) -> None:
    world.go("2026-11-26", "11:00")
    period, ben = world.period_id("CORE"), world.people["ben"].id
    answer = world.click("ben", "request.snooze", f"{period}:24")
    assert "Fri 27 Nov 11:00" in text_of(answer)
    world.go("2026-11-26", "12:30")
    assert world.message(f"reminder:{period}:{ben}:day_before") is None
    world.go("2026-11-27", "11:00")
    snoozed = [d for d in world.due("reminder:") if "snooze" in d.key]
    assert len(snoozed) == 1
    assert "CORE" in text_of(world.message(snoozed[0].key))


def test_of_several_snoozes_the_last_counts(world: World) -> None:
    world.go("2026-11-26", "11:00")
    period = world.period_id("CORE")
    for hours in (2, 24, 4, 4):
        world.click("ben", "request.snooze", f"{period}:{hours}")
        world.clock.set(world.clock.now() + timedelta(milliseconds=5))
    world.go("2026-11-28", "11:00")
    snoozed = world.deliveries(f"reminder:{period}:{world.people['ben'].id}:snooze:")
    wanted = [d for d in snoozed if d.state is not DeliveryState.CANCELLED]
    assert [f"{d.due_at:%d %H:%M}" for d in wanted] == ["26 14:00"]


def test_a_snooze_never_ends_in_the_night(world: World) -> None:
    world.go("2026-11-25", "19:00")
    answer = world.click("ben", "request.snooze", f"{world.period_id('CORE')}:4")
    assert "Thu 26 Nov 08:00" in text_of(answer)


def test_an_old_snooze_button_changes_nothing(world: World) -> None:
    world.go("2026-11-23", "09:00")
    for value in ("x", "1:2:3", "999:4", f"{world.period_id('CORE')}:900"):
        assert "out of date" in text_of(world.click("ben", "request.snooze", value))


def test_the_prompt_becomes_a_receipt(world: World) -> None:
    world.go("2026-11-23", "09:12")
    period, ana = world.period_id("ATLAS"), world.people["ana"].id
    world.report("ana", "ATLAS", "amber")
    message = text_of(world.message(f"prompt:{period}:{ana}"))
    assert "amber, sent Mon 23 Nov 09:12" in message
    assert "1 of 2 answered" in message
    world.report("ana", "BEAM")
    done = text_of(world.message(f"prompt:{period}:{ana}"))
    assert "Thank you, that is all." in done
    assert "Nothing changed" not in done
    updates = [d for d in world.deliveries(f"prompt:{period}:{ana}:") if d.updates]
    assert len(updates) == 2


def test_the_next_prompt_knows_last_week(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "amber", path_due="2026-12-04")
    world.go("2026-11-30", "09:00")
    message = text_of(world.message(f"prompt:{world.period_id('ATLAS')}:{world.people['ana'].id}"))
    assert "amber for one week. You promised: Second supplier signed, Fri 4 Dec" in message
    assert "first report" in message  # BEAM never reported
    world.go("2026-12-07", "09:00")
    message = text_of(world.message(f"prompt:{world.period_id('ATLAS')}:{world.people['ana'].id}"))
    assert "not reported last time (last: amber, Mon 23 Nov)" in message


def test_a_restart_after_a_long_sleep_asks_once_for_the_present_week(tmp_path: Path, world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.clock.set(world.at("2026-12-15", "10:00"))
    world.tick()
    assert len([d for d in world.due("prompt:") if not d.updates]) == 4  # two of the first week, two of the present one
    with world.store.read() as uow:
        skipped = [e.subject for e in uow.audit.events() if e.action == "schedule.skipped"]
    assert [s for s in skipped if s.startswith("period:")] == [
        "period:weekly:2026-11-30",
        "period:weekly:2026-12-07",
    ]
    assert world.period_id("CORE") != 1


def test_a_bot_installed_in_midweek_still_asks_for_this_week(tmp_path: Path) -> None:
    world = World(tmp_path, now=World.at(None, "2026-11-25", "10:00"))  # type: ignore[arg-type]
    world.person("ana")
    world.project("ATLAS")
    world.start()
    world.tick()
    assert len(world.due("prompt:")) == 1


def test_a_changed_calendar_moves_what_is_still_to_come(world: World) -> None:
    policy = world.services.policy
    later = replace(policy.calendars["weekly"], digest_at=policy.calendars["weekly"].digest_at.replace(hour=17))
    world.services = replace(
        world.services, policy=replace(policy, calendars=policy.calendars | {"weekly": later}, digests=policy.digests)
    )
    world.start()
    with world.store.read() as uow:
        assert uow.schedules.get("digest:leadership") == world.at("2026-11-27", "17:00")
    world.services = replace(world.services, policy=replace(world.services.policy, digests=()))
    world.start()
    with world.store.read() as uow:
        assert uow.schedules.get("digest:leadership") is None


def test_a_digest_too_old_to_be_useful_is_recorded_as_skipped(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.clock.set(world.at("2026-11-28", "12:00"))
    world.tick()
    with world.store.read() as uow:
        skipped = [(e.subject, e.after) for e in uow.audit.events() if e.action == "schedule.skipped"]
    assert ("digest:leadership:2026-11-23", {"reason": "too old to be useful"}) in skipped


def test_a_period_is_opened_once(world: World) -> None:
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        policy = world.services.policy.calendars["weekly"]
        period = uow.periods.latest("weekly")
        assert period is not None
        assert periods.open_period(world.services, uow, policy, period.day, world.clock.now()) is None


def test_a_project_without_a_lead_is_missed_and_nobody_is_asked(world: World) -> None:
    world.project("NOBODY", None)
    world.go("2026-11-30", "09:00")
    world.go("2026-12-04", "12:30")
    assert states(world, "NOBODY") is RequestState.MISSED
    assert len(world.due(f"prompt:{world.period_id('NOBODY')}:")) == 2


def test_a_period_that_closed_unwatched_leaves_missed_requests(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.clock.set(world.at("2026-12-04", "13:00"))
    first = world.period_id("CORE")
    world.tick()
    with world.store.read() as uow:
        request = uow.requests.of(first, world.projects["CORE"].id)
    assert request is not None
    assert request.state is RequestState.MISSED
    assert request.next_at is None


def test_a_greeting_fits_the_hour(world: World) -> None:
    world.go("2026-11-23", "09:00")
    key = f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}"
    for wall, hello in (("11:30", "Good morning"), ("15:00", "Good afternoon"), ("19:00", "Good evening")):
        world.go("2026-11-23", wall)
        assert f"{hello} Ben." in text_of(world.message(key))


def test_a_green_week_is_remembered_without_a_promise(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.report("ben", "CORE", "green")
    world.go("2026-11-30", "09:00")
    world.report("ben", "CORE", "green")
    world.go("2026-12-07", "09:00")
    message = world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}")
    assert "green for 2 weeks" in text_of(message)


def test_a_receipt_names_the_colour_before(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.report("ben", "CORE", "green")
    world.go("2026-12-04", "13:00")
    world.report("ben", "CORE", "red", "Stopped.")
    message = text_of(world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}"))
    assert "red (was green), late, sent Fri 4 Dec 13:00" in message


def test_a_portfolio_without_a_digest_promises_no_channel(world: World) -> None:
    world.project("SIDE", "dora", portfolio="software")
    world.go("2026-11-23", "09:00")
    assert "They go to" not in text_of(world.message(f"prompt:{world.period_id('SIDE')}:{world.people['dora'].id}"))


def test_a_prompt_for_who_is_not_there_is_not_wanted(world: World) -> None:
    with world.store.begin() as uow:
        subject = {"period": 999, "person": 999}
        outbox.plan(uow, key="prompt:x", kind="prompt", target="person:1", now=world.clock.now(), subject=subject)
        outbox.plan(uow, key="reminder:x", kind="reminder", target="person:1", now=world.clock.now(), subject=subject)
    assert world.message("prompt:x") is None
    assert world.message("reminder:x") is None


def test_a_prompt_links_to_the_channel_it_goes_to(world: World) -> None:
    world.go("2026-11-23", "09:00")
    message = world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}")
    assert message is not None
    channels = [s.ref for b in message.blocks if isinstance(b, Note) for s in b.spans if isinstance(s, Channel)]
    assert channels == ["C_LEAD"]


def test_a_digest_may_follow_a_calendar_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path, make_policy(digests=(DigestPolicy("board", "C_BOARD", calendar="monthly"),)))
    world.start()
    with world.store.read() as uow:
        assert uow.schedules.get("digest:board") == world.at("2026-12-04", "16:00")


class _Stale:
    """Schedules as another process saw them a moment ago."""

    def __init__(self, due: list[tuple[str, datetime]]) -> None:
        self._due = due

    def due(self, now: datetime) -> list[tuple[str, datetime]]:
        return self._due


class _StaleUnit:
    def __init__(self, inner: UnitOfWork, due: list[tuple[str, datetime]]) -> None:
        self._inner, self.schedules = inner, _Stale(due)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _StaleStore:
    """A store whose reader still sees what was due before somebody else fired it."""

    def __init__(self, world: World, due: list[tuple[str, datetime]]) -> None:
        self._world, self._due = world, due

    def begin(self) -> Any:
        return self._world.store.begin()

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self._world.store.read() as uow:
            yield _StaleUnit(uow, self._due)


def test_of_two_processes_one_fires(world: World) -> None:
    with world.store.read() as uow:
        due = uow.schedules.due(world.at("2026-11-27", "16:00"))
    assert [key for key, _ in due] == ["calendar:weekly", "calendar:fortnightly", "digest:leadership"]
    world.go("2026-11-27", "16:00")
    before = len(world.deliveries(""))
    other = replace(world.services, store=_StaleStore(world, due))  # type: ignore[arg-type]
    planned = planning.plan_due(other, world.clock.now())
    assert (planned.opened, planned.digests) == (0, 0)
    assert len(world.deliveries("")) == before


def test_a_restart_in_an_open_week_waits_for_the_next(world: World) -> None:
    world.go("2026-11-25", "09:00")
    world.start()
    with world.store.read() as uow:
        assert uow.schedules.get("calendar:weekly") == world.at("2026-11-30", "09:00", "Etc/GMT-14")
