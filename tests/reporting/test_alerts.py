"""Alerts: one per cause, never repeated while open, acknowledged once, resolved when the cause is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporting.interactions import Click, Command, SendFile, Submission
from reporting.ledger import Escalation
from reporting.model import Identity, Role
from reporting.ports import UnitOfWork
from reporting.services import alerts, periods
from tests.support.policy import make_policy
from tests.support.world import World, text_of


def open_alerts(world: World) -> list[Escalation]:
    with world.store.read() as uow:
        return uow.escalations.all_open()


def week(world: World, day: str) -> None:
    world.go(day, "09:00")


def test_turning_red_is_told_once_and_closed_on_recovery(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    [alert] = open_alerts(world)
    assert alert.rule == "turned_red"
    [delivery] = world.deliveries(f"alert:{alert.id}")
    assert delivery.target == "channel:C_ALERTS"
    assert "ATLAS" in text_of(world.message(delivery.key))
    assert "The supplier is late." in text_of(world.message(delivery.key))
    world.report("ana", "ATLAS", "red", "Still stopped.")
    week(world, "2026-11-30")
    world.report("ana", "ATLAS", "red", "Still stopped.")
    assert open_alerts(world) == [alert]
    week(world, "2026-12-07")
    world.report("ana", "ATLAS", "amber", "Moving again.")
    assert not [a for a in open_alerts(world) if a.rule == "turned_red"]
    with world.store.read() as uow:
        gone = uow.escalations.get(alert.id)
    assert gone is not None
    assert gone.resolution == "amber"
    assert [d.updates for d in world.deliveries(f"alert:{alert.id}:")] == [f"alert:{alert.id}"]


def test_the_first_who_acknowledges_has_it(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    [alert] = open_alerts(world)
    assert world.click("carl", "alert.ack", str(alert.id)) == ()
    assert world.click("carl", "alert.ack", str(alert.id)) == ()
    assert "Carl has this since Mon 23 Nov 09:00" in text_of(world.click("anna", "alert.ack", str(alert.id)))
    assert "Carl" in text_of(world.message(f"alert:{alert.id}"))
    assert len(world.deliveries(f"alert:{alert.id}:")) == 1


def test_who_has_no_part_in_it_may_not_take_it(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    [alert] = open_alerts(world)
    assert "Ask Anna" in text_of(world.click("ben", "alert.ack", str(alert.id)))
    assert "out of date" in text_of(world.click("carl", "alert.ack", "999"))
    assert "out of date" in text_of(world.click("carl", "alert.ack", "x"))


def test_a_closed_alert_says_that_there_is_nothing_to_do(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    [alert] = open_alerts(world)
    world.report("ana", "ATLAS", "green", "A mistake.")
    assert "closed already" in text_of(world.click("carl", "alert.ack", str(alert.id)))


def test_two_missed_reports_are_told_and_end_with_a_report(world: World) -> None:
    world.go("2026-11-27", "12:30")
    assert not open_alerts(world)
    world.go("2026-12-04", "12:30")
    silent = [a for a in open_alerts(world) if a.rule == "silent"]
    assert len(silent) == 3
    world.report("ben", "CORE", "green", "Back.")
    assert len([a for a in open_alerts(world) if a.rule == "silent"]) == 2


def test_a_path_that_passed_is_told_the_day_after_and_once(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "amber", "Late.", path_due="2026-11-25")
    world.go("2026-11-26", "07:30")
    assert not open_alerts(world)
    world.go("2026-11-26", "08:00")
    assert [a.rule for a in open_alerts(world)] == ["path"]
    assert not world.tick().alerts
    week(world, "2026-11-30")
    world.report("ana", "ATLAS", "amber", "New plan.", path_due="2026-12-20")
    assert not open_alerts(world)


def test_amber_for_three_periods(world: World) -> None:
    for day in ("2026-11-23", "2026-11-30", "2026-12-07"):
        week(world, day)
        world.report("ana", "ATLAS", "amber", "Late.", path_due="2027-03-01")
    assert [a.rule for a in open_alerts(world) if a.project_id == world.projects["ATLAS"].id] == ["amber_long"]


def test_pausing_a_project_closes_its_alerts(world: World) -> None:
    from reporting.model import ProjectState

    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    before = world.projects["ATLAS"]
    after = replace(before, state=ProjectState.PAUSED)
    with world.store.begin() as uow:
        uow.projects.save(after)
        periods.project_changed(world.services, uow, before, after, world.clock.now())
    assert not open_alerts(world)


def test_a_confidential_project_is_told_only_in_a_cleared_channel(world: World) -> None:
    world.project("SECRET", "ben", confidential=True)
    week(world, "2026-11-30")
    world.report("ben", "SECRET", "red", "Stopped.")
    assert not open_alerts(world)


def test_an_alert_that_is_gone_is_not_sent(world: World) -> None:
    from reporting.services import outbox

    with world.store.begin() as uow:
        outbox.plan(
            uow, key="alert:999", kind="alert", target="channel:C", now=world.clock.now(), subject={"escalation": 999}
        )
    assert world.message("alert:999") is None


def test_a_project_that_never_reported_can_be_silent_and_change_hands(world: World) -> None:
    project = world.project("NEWT", "ben")
    after = replace(project, lead_id=world.people["ana"].id)
    with world.store.begin() as uow:
        uow.projects.save(after)
        periods.project_changed(world.services, uow, project, after, world.clock.now())
        assert uow.escalations.open_of(project.id) == []


class _Blind:
    """Escalations as a transaction sees them that began before another one committed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def open_of(self, project_id: int) -> list[Escalation]:
        return []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _BlindUnit:
    def __init__(self, inner: UnitOfWork) -> None:
        self._inner, self.escalations = inner, _Blind(inner.escalations)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_two_at_the_same_instant_raise_one_alert(world: World) -> None:
    week(world, "2026-11-23")
    world.report("ana", "ATLAS", "red", "Stopped.")
    [alert] = open_alerts(world)
    with world.store.begin() as uow:
        alerts.look_again(world.services, _BlindUnit(uow), world.projects["ATLAS"], world.clock.now())  # type: ignore[arg-type]
    assert open_alerts(world) == [alert]
    assert len(world.deliveries("alert:")) == 1


def test_who_has_only_a_role_in_the_settings_takes_nothing_on(tmp_path: Path) -> None:
    world = World(tmp_path, make_policy(roles={Role.PMO: ("U_ZOE",)}))
    world.person("ana")
    project = world.project("ATLAS")
    world.start()
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "red")
    zoe = Identity("slack", "T1", "U_ZOE")
    with world.store.read() as uow:
        (alert,) = uow.escalations.open_of(project.id)
    pressed = world.desk.click(Click("alert.ack", str(alert.id), zoe, "message"))
    assert "I do not know you yet" in text_of(pressed)
    opened = world.desk.click(Click("report.open", f"{world.period_id('ATLAS')}:{project.id}", zoe, "message"))
    assert "I do not know you yet" in text_of(opened)
    world.desk.command(Command(zoe, "remind", "C_LEAD"))
    files = [reply for reply in world.desk.command(Command(zoe, "export", "C_LEAD")) if isinstance(reply, SendFile)]
    world.desk.handed_over(zoe, files[0])
    with world.store.read() as uow:
        actors = {event.actor for event in uow.audit.events()}
    assert "user:U_ZOE" in actors
    assert "person:0" not in actors


def test_a_fault_of_ours_is_no_button_out_of_date(world: World) -> None:
    broken = Submission("decision", world.identity("carl"), {"outcome": "decided", "words": "Go."}, {}, "view:1")
    with pytest.raises(KeyError):
        world.desk.submit(broken)
