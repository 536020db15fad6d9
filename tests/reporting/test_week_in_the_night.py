"""Nobody is woken, nobody is forgotten: what is caught up at night waits for the morning; faults hold up nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reporting.services import periods
from tests.support.policy import make_policy
from tests.support.world import World, text_of


def planned_for(world: World, prefix: str, name: str) -> list[datetime]:
    return [
        d.due_at for d in world.deliveries(prefix) if d.target == f"person:{world.people[name].id}" and not d.updates
    ]


def test_what_is_caught_up_in_the_night_waits_for_the_morning(world: World) -> None:
    world.clock.set(world.at("2026-11-23", "23:30"))
    world.tick()
    assert planned_for(world, "prompt:", "ben") == [world.at("2026-11-24", "08:00")]
    world.go("2026-11-26", "11:30")
    world.clock.set(world.at("2026-11-27", "03:00"))
    world.tick()
    assert planned_for(world, "reminder:", "ben") == [world.at("2026-11-27", "08:00")]
    [reminder] = [d for d in world.deliveries("reminder:") if d.target == f"person:{world.people['ben'].id}"]
    assert reminder.expires_at == world.at("2026-11-26", "12:00") + world.services.policy.grace.of("reminder")


def test_a_new_lead_at_the_other_end_of_the_world_is_not_woken(world: World) -> None:
    world.person("kenji", tz="Asia/Tokyo")
    world.go("2026-11-24", "18:00")
    before = world.projects["CORE"]
    after = replace(before, lead_id=world.people["kenji"].id)
    with world.store.begin() as uow:
        uow.projects.save(after)
        periods.project_changed(world.services, uow, before, after, world.clock.now())
    world.tick()
    assert planned_for(world, "prompt:", "kenji") == [world.at("2026-11-25", "08:00", "Asia/Tokyo")]


def test_the_pmos_reminder_waits_for_the_morning_too(world: World) -> None:
    world.go("2026-11-24", "10:00")
    world.clock.set(world.at("2026-11-25", "02:30"))
    world.command("anna", "remind")
    assert planned_for(world, "reminder:", "ben") == [world.at("2026-11-25", "08:00")]


@pytest.mark.parametrize("many", [0, 50])
def test_the_pmo_hears_of_projects_that_nobody_can_be_asked_for(tmp_path: Path, many: int) -> None:
    world = World(tmp_path, make_policy(pmo_channel="C_PMO"))
    world.person("ana")
    for key in ("NOBODY", "ORPHAN", *(f"P{n}" for n in range(many))):
        world.project(key, None)
    world.start()
    world.go("2026-11-24", "09:00")
    [notice] = world.deliveries("nobody:")
    assert notice.target == "channel:C_PMO"
    told = text_of(world.message(notice.key))
    assert "/rag project edit NOBODY, /rag project edit ORPHAN" in told
    assert ("/rag missing" in told) is bool(many)
    assert len(told) < 600


def test_a_zone_learned_before_the_prompt_moves_it(world: World) -> None:
    world.person("luis", tz=None)
    world.project("LAMP", "luis")
    world.go("2026-11-30", "00:00")
    luis = replace(world.people["luis"], tz="America/New_York")
    with world.store.begin() as uow:
        uow.people.save(luis)
        periods.people_changed(world.services, uow, [luis.id], world.clock.now())
    world.go("2026-11-30", "14:30")
    prompt = f"prompt:{world.period_id('LAMP')}:"
    assert not planned_for(world, prompt, "luis")
    world.go("2026-11-30", "15:00")
    assert planned_for(world, prompt, "luis") == [world.at("2026-11-30", "09:00", "America/New_York")]


def test_a_hundred_projects_of_one_lead_are_one_message(world: World) -> None:
    for n in range(60):
        world.project(f"P{n:02}", "dora")
    world.go("2026-11-23", "09:00")
    period, dora = world.period_id("P00"), world.people["dora"].id
    message = world.message(f"prompt:{period}:{dora}")
    assert message is not None
    assert len(message.blocks) < 10
    assert "P00" in text_of(message)
    assert text_of(message).count("report.open") == 60
    world.report("dora", "P07")
    assert text_of(world.message(f"prompt:{period}:{dora}")).count("report.open") == 59


def test_one_fault_keeps_nobody_else_waiting(world: World) -> None:
    class Failing:
        """A composer whose template breaks on real data."""

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the template is broken")

    world.go("2026-11-27", "15:30")
    world.services = replace(world.services, composer=Failing())  # type: ignore[arg-type]
    with pytest.raises(ExceptionGroup):
        world.go("2026-11-27", "16:00")
    late = world.period_id("CORE")
    with pytest.raises(ExceptionGroup):
        world.go("2026-11-27", "16:30")
    with world.store.read() as uow:
        assert uow.schedules.get("digest:leadership") == world.at("2026-11-27", "16:00")  # tried again next time
    world.go("2026-11-30", "09:00", timedelta(days=3))
    assert world.period_id("CORE") != late
    assert len([d for d in world.due("prompt:") if f"prompt:{world.period_id('CORE')}:" in d.key]) == 2
