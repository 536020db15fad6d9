"""What an alert is made of, read from the store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from reporting.ledger import Escalation
from reporting.model import Risk
from reporting.services.alert_view import alert_view
from tests.support.world import World, text_of


def red(world: World) -> Escalation:
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "red", "Stopped.")
    with world.store.read() as uow:
        [alert] = uow.escalations.all_open()
    return alert


def view_of(world: World, alert: Escalation) -> dict[str, Any]:
    with world.store.read() as uow:
        view = alert_view(world.services, uow, alert, world.clock.now())
    assert view is not None
    assert json.loads(json.dumps(view)) == view
    return view


def test_an_open_alert(world: World) -> None:
    view = view_of(world, red(world))
    assert (view["state"], view["kind"], view["rule"], view["unit"]) == ("open", "turned_red", "turned_red", "week")
    assert (view["lead"]["name"], view["sponsor"]["name"]) == ("Ana", "Carl")
    assert (view["project"]["key"], view["project"]["reason"]) == ("ATLAS", "The supplier is late.")
    assert (view["acknowledged"], view["resolved"]) == (None, None)


def test_taken_and_resolved(world: World) -> None:
    alert = red(world)
    now = world.clock.now()
    taken = replace(alert, acknowledged_by=world.people["carl"].id, acknowledged_at=now)
    view = view_of(world, taken)
    assert (view["state"], view["acknowledged"]) == (
        "acknowledged", {"by": {"id": world.people["carl"].id, "name": "Carl"}, "at": now.isoformat()},
    )  # fmt: skip
    view = view_of(world, replace(taken, resolved_at=now, resolution="amber"))
    assert (view["state"], view["resolved"]) == ("resolved", {"at": now.isoformat(), "resolution": "amber", "days": 0})


def test_no_alert_without_its_project(world: World) -> None:
    alert = replace(red(world), project_id=4711)
    with world.store.read() as uow:
        assert alert_view(world.services, uow, alert, world.clock.now()) is None


def test_every_kind_is_told_in_words(world: World) -> None:
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        uow.risks.add(Risk(0, world.projects["ATLAS"].id, 0, "Supplier insolvent", 5, 4, due=date(2026, 12, 1)))
    for day in ("2026-11-23", "2026-11-30", "2026-12-07"):
        world.go(day, "09:00")
        world.report("ana", "ATLAS", "amber", "Late.", path_due="2026-12-18")
        world.report("ana", "BEAM", "red" if day == "2026-12-07" else "green", "x", **later(day == "2026-12-07"))
    world.go("2026-12-22", "09:00")
    with world.store.read() as uow:
        alerts = {alert.rule: alert for alert in uow.escalations.all_open()}
    said = {rule: text_of(world.message(f"alert:{alert.id}")) for rule, alert in alerts.items()}
    assert "turned red (was " in said["turned_red"]
    assert "has been amber for 3 weeks." in said["amber_long"]
    assert "has a risk with score 20 (5 × 4): R1 Supplier insolvent." in said["high_risk"]
    assert "has not reported for " in said["silent"]
    assert "its path to green was due Fri 18 Dec." in said["path"]


def later(wanted: bool) -> dict[str, str]:
    return {"path_due": "2027-03-01"} if wanted else {}
