"""A digest of a week gone by is drawn anew as of its own week, whatever has happened since."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reporting.ledger import Digest
from reporting.messages_json import from_json
from reporting.model import Absence, ProjectState, ReportingPeriod, Risk
from reporting.policy import DigestPolicy
from reporting.services import digests
from tests.reporting.asking import returns
from tests.support.policy import make_policy
from tests.support.world import World, text_of

WEEK_48, WEEK_49 = "2026-11-23", "2026-11-30"


def kept(world: World, channel: str = "C_LEAD", day: str = WEEK_48) -> Digest:
    with world.store.read() as uow:
        found = uow.digests.on(channel, date.fromisoformat(day))
    assert found is not None
    return found


def posted(world: World) -> int:
    """ATLAS red, BEAM green, CORE silent in week 48; its digest is out, week 49 has begun. Gives the period of 48."""
    world.go(WEEK_48, "09:00")
    world.report("ana", "ATLAS", "red", "Stopped.")
    world.report("ana", "BEAM", "green", "On plan.")
    world.go("2026-11-27", "16:30")
    period_id = world.period_id("CORE")
    world.go(WEEK_49, "09:00")
    assert world.period_id("CORE") != period_id
    return period_id


def told(world: World, key: str, name: str = "leadership", day: str = WEEK_48) -> str:
    """The newest text of a message of the digest."""
    found = [d for d in world.deliveries(f"digest:{name}:{day}") if key in (d.key, d.updates)]
    newest = max(found, key=lambda delivery: int(delivery.subject["revision"]))
    assert newest.content is not None
    return text_of(from_json(newest.content))


def late(world: World, key: str, rag: str, revision: int = 1) -> None:
    """A report of week 48 that comes in week 49, and what follows from it."""
    returns(world, key, rag, newest=date.fromisoformat(WEEK_48))
    period = kept(world).period_ids[0]
    news = {"kind": "late", "rag": None, "was": None, "revision": revision, "reason": ""}
    digests.refresh(world.services, period, world.projects[key].id, news, world.clock.now())


def test_a_late_report_is_in_the_digest_of_its_week(world: World) -> None:
    before = kept_view(world, posted(world))
    world.report("ana", "ATLAS", "green", "It runs again.")
    late(world, "CORE", "R")
    view = kept(world).view
    assert kept(world).revision > before["revision"]
    assert (view["period"]["label"], view["reported"], view["total"]) == ("week 48", 3, 3)
    assert [p["key"] for p in view["attention"]] == ["ATLAS", "CORE"]
    assert view["takeaway"] == "Two are red; all 3 reported."
    assert "all 3 reported" in told(world, f"digest:leadership:{WEEK_48}")
    assert "CORE R." in told(world, f"digest:leadership:{WEEK_48}:detail:1")
    assert "It runs again" not in json.dumps(view)


def kept_view(world: World, period_id: int) -> dict[str, Any]:
    assert kept(world).period_ids == (period_id,)
    return {"revision": kept(world).revision}


def test_only_what_the_report_says_is_different(world: World) -> None:
    """Drawn as of its week, the digest reads as it did, but for the project that has reported."""
    posted(world)
    before = kept(world)
    with world.store.begin() as uow:
        uow.projects.save(replace(world.projects["ATLAS"], state=ProjectState.CLOSED))
        uow.projects.save(replace(world.projects["CORE"], state=ProjectState.PAUSED))
    world.project("LATER", "ben")
    world.go("2026-12-03", "09:00")
    news = {"kind": "late", "rag": None, "was": None, "revision": 9, "reason": ""}
    digests.refresh(world.services, before.period_ids[0], world.projects["BEAM"].id, news, world.clock.now())
    after = kept(world)
    gone = {"as_of", "takeaway", "counts", "total", "missing", "trend"}
    assert {k: v for k, v in after.view.items() if k not in gone} == {
        k: v for k, v in before.view.items() if k not in gone
    }
    # CORE, paused without a report, is no longer spoken of; ATLAS reported before it was closed.
    assert (before.view["total"], after.view["total"]) == (3, 2)
    assert [p["key"] for p in after.view["attention"]] == ["ATLAS"]


def test_leads_absences_and_risks_of_the_others_stay_as_they_were_shown(world: World) -> None:
    beam = world.projects["BEAM"].id
    with world.store.begin() as uow:
        uow.risks.add(Risk(0, beam, 1, "Supplier stops", 4, 4))
    posted(world)
    before = kept(world).view
    assert [risk["title"] for risk in before["risks"]] == ["Supplier stops"]
    world.go("2026-12-03", "09:00")
    with world.store.begin() as uow:
        atlas = replace(world.projects["ATLAS"], name="Atlas renamed", lead_id=world.people["dora"].id)
        uow.projects.save(atlas)
        uow.risks.add(Risk(0, beam, 2, "Fire", 5, 5))
        uow.risks.add(Risk(0, world.projects["CORE"].id, 1, "Flood", 5, 4))
        uow.people.add_absence(Absence(0, world.people["ana"].id, date(2026, 12, 1), date(2026, 12, 9)))
    late(world, "CORE", "R")
    after = kept(world).view

    def shown(view: dict[str, Any], key: str) -> Any:
        groups = ("attention", "worse", "better", "standing", "missing", "greens")
        return [(group, p) for group in groups for p in view[group] if p["key"] == key]

    assert shown(after, "ATLAS") == shown(before, "ATLAS")
    assert shown(after, "BEAM") == shown(before, "BEAM")
    assert [risk["title"] for risk in after["risks"]] == ["Flood", "Supplier stops"]
    answered = {"as_of", "takeaway", "counts", "reported", "trend", "attention", "standing", "missing", "risks"}
    assert {k: v for k, v in after.items() if k not in answered} == {
        k: v for k, v in before.items() if k not in answered
    }


def test_excused_then_is_excused_in_it_now(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.add_absence(Absence(0, world.people["ben"].id, date(2026, 11, 20), date(2026, 11, 28)))
    posted(world)
    assert [p["key"] for p in kept(world).view["excused"]] == ["CORE"]
    late(world, "BEAM", "A")
    view = kept(world).view
    assert ([p["key"] for p in view["excused"]], view["total"]) == (["CORE"], 2)
    assert view["standing"][-1]["key"] == "BEAM"


def test_streaks_and_trends_end_with_the_week(world: World) -> None:
    posted(world)
    world.report("ana", "ATLAS", "red", "Still stopped.")
    world.report("ana", "BEAM", "red", "Stopped too.")
    world.go("2026-12-04", "16:30")
    world.report("ben", "CORE", "red", "Stopped.")
    late(world, "CORE", "A")
    view = kept(world).view
    atlas = next(p for p in view["attention"] if p["key"] == "ATLAS")
    assert (atlas["streak"], atlas["trend"], atlas["cells"]) == (1, ["red"], ["red"])
    assert view["trend"]["days"] == [WEEK_48]
    beam = next(p for p in view["greens"] if p["key"] == "BEAM")
    assert (beam["last_rag"], beam["summary"]) == (None, "On plan.")
    assert kept(world, day=WEEK_49).view["period"]["label"] == "week 49"


def test_the_week_before_is_compared_with(world: World) -> None:
    posted(world)
    world.report("ana", "ATLAS", "amber", "Better.")
    world.report("ben", "CORE", "green", "Fine.")
    world.go("2026-12-04", "16:30")
    period = world.period_id("BEAM")
    world.go("2026-12-07", "09:00")
    returns(world, "BEAM", "A", newest=date.fromisoformat(WEEK_49))
    news = {"kind": "late", "rag": "amber", "was": None, "revision": 1, "reason": ""}
    digests.refresh(world.services, period, world.projects["BEAM"].id, news, world.clock.now())
    view = kept(world, day=WEEK_49).view
    assert {name: figure["change"] for name, figure in view["counts"].items()} == {
        "red": -1, "amber": 2, "green": 0, "missing": -1,
    }  # fmt: skip
    assert ([p["key"] for p in view["worse"]], [p["key"] for p in view["better"]]) == (["BEAM"], ["ATLAS"])
    assert view["corrections"] == 0


@pytest.fixture
def everything(world: World) -> World:
    channels = (DigestPolicy("all", "C_ALL"), *make_policy().digests)
    world.services = replace(world.services, policy=replace(world.services.policy, digests=channels))
    world.start()
    return world


def test_each_project_stands_in_its_own_calendars_period(everything: World) -> None:
    everything.project("HALL", "ben", portfolio="facilities")
    everything.go(WEEK_48, "09:00")
    everything.go(WEEK_49, "09:00")
    everything.report("ben", "HALL", "amber", "Wet.", path_due="2027-03-01")
    everything.report("ana", "BEAM", "amber", "Late.", path_due="2027-03-01")
    everything.go("2026-12-04", "16:30")
    found = kept(everything, "C_ALL", WEEK_49)
    assert len(found.period_ids) == 2
    everything.go("2026-12-07", "09:00")
    with everything.store.begin() as uow:
        stray = uow.projects.add(replace(everything.projects["CORE"], id=0, key="STRAY"))
        now = everything.clock.now()
        uow.periods.add(ReportingPeriod(0, "import", date(2026, 11, 1), now, now, now, now))
    news = {"kind": "late", "rag": None, "was": None, "revision": 7, "reason": ""}
    period = next(i for i in found.period_ids)
    digests.refresh(everything.services, period, stray.id, news, everything.clock.now())
    view = kept(everything, "C_ALL", WEEK_49).view
    assert [p["key"] for p in view["attention"]] == ["BEAM", "HALL"]
    assert (view["total"], view["not_asked"]) == (4, found.view["not_asked"])


def test_a_calendar_that_begins_later_is_not_in_it(everything: World) -> None:
    everything.project("HALL", "ben", portfolio="facilities")
    posted(everything)
    before = kept(everything, "C_ALL")
    assert len(before.period_ids) == 1
    late(everything, "CORE", "A")
    view = kept(everything, "C_ALL").view
    assert (view["total"], view["reported"], view["period"]["label"]) == (3, 3, "week 48")
