"""What a person finds at home."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.desk import Desk
from reporting.interactions import ShowHome
from reporting.ledger import DeliveryState
from reporting.messages import Message
from reporting.model import Absence, DecisionAsk, Identity, RequestState
from reporting.policy import DigestPolicy
from reporting.services import alerts, decisions, outbox, people
from tests.handlers.scene import scene
from tests.reporting.asking import buttons, returns, risk, text
from tests.support.policy import make_policy
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def home(world: World, name: str) -> Message:
    (effect,) = world.desk.home(world.identity(name))
    assert isinstance(effect, ShowHome)
    return Message("", effect.home.blocks)


def labels(message: Message) -> list[str]:
    return [button.label for button in buttons(message)]


def test_a_lead_sees_first_what_is_owed(world: World) -> None:
    world.project("AAA", "ben")
    message = home(world, "ben")
    shown = text(message)
    assert "Your projects\nOne report is owed.\n–  CORE  Core project  due Fri 27 Nov 12:00" in shown
    assert labels(message)[:2] == ["Report", "Open"]
    assert "I am away" in labels(message)
    assert "Digest preview" not in labels(message)
    assert "Nothing is owed." in text(home(world, "ana"))


def test_a_lead_sees_their_risks_and_absences(world: World) -> None:
    for number in range(6):
        risk(world, "BEAM", f"Risk {number}", 3, 3, due=date(2026, 12, 1) if number else None)
    with world.store.begin() as uow:
        first = date(2026, 12, 7)
        ana, emil = world.people["ana"].id, world.people["emil"].id
        uow.people.add_absence(Absence(0, ana, first, first + timedelta(days=4), emil))
        uow.people.add_absence(Absence(0, ana, first + timedelta(days=20), first + timedelta(days=21)))
    message = home(world, "ana")
    assert "BEAM  R1, score 9: Risk 0" in text(message)
    assert "BEAM  R2, score 9: Risk 1, due Tue 1 Dec" in text(message)
    assert "Risk 5" not in text(message)
    assert "Mon 7 Dec to Fri 11 Dec, deputy EmilSun 27 Dec to Mon 28 Dec" in text(message)
    assert {"All your risks", "Change my absence"} <= set(labels(message))
    risk(world, "CORE", "Alone", 1, 1)
    assert "Alone" in text(home(world, "ben"))
    assert "All your risks" not in labels(home(world, "ben"))


def test_many_own_projects_have_a_way_to_the_rest(world: World) -> None:
    for number in range(25):
        world.project(f"P{number:02}", "dora")
    assert "All of mine" in labels(home(world, "dora"))


def test_what_is_owed_comes_before_what_is_worst(world: World) -> None:
    for number in range(22):
        world.project(f"R{number:02}", "ben")
        returns(world, f"R{number:02}", "R")
    message = home(world, "ben")
    assert "One report is owed.\n–  CORE  Core project  due Fri 27 Nov 12:00\nR  R00" in text(message)
    assert sum(label in ("Report", "Edit", "Open") for label in labels(message)) == 20
    assert "All of mine" in labels(message)


def test_who_stands_in_for_a_while_sees_what_is_owed(world: World) -> None:
    with world.store.begin() as uow:
        request = uow.requests.of(world.period_id("DELTA"), world.projects["DELTA"].id)
        assert request is not None
        uow.requests.save(replace(request, assignee_id=world.people["carl"].id))
        uow.requests.save(replace(request, assignee_id=world.people["anna"].id))
    message = home(world, "anna")
    assert "Your projects\nOne report is owed.\n–  DELTA" in text(message)
    assert "Report" in labels(message)


def test_an_executive_reads_first_what_waits_for_them(world: World) -> None:
    asked_of_carl(world, "ATLAS")
    world.report("ana", "BEAM", "amber", edit_reason="Better news.")
    world.report("ana", "BEAM", "red", edit_reason="Bad news again.")
    shown = text(home(world, "carl"))
    assert shown.index("asked of you") < shown.index("nobody has taken") < shown.index("Your projects")


def test_a_viewer_sees_the_portfolio(world: World) -> None:
    world.person("vera")
    message = home(world, "vera")
    assert "Example Labs\nOne project is red, one more than last time; 2 of 3 reported." in text(message)
    assert labels(message) == ["Overview", "Red", "Missing", "Trend", "Last digest", "Help"]


def test_an_empty_portfolio(tmp_path: Path) -> None:
    empty = World(tmp_path)
    empty.person("vera")
    assert "There are no such projects." in text(home(empty, "vera"))
    assert labels(home(empty, "vera")) == ["Overview", "Trend", "Last digest", "Help"]


def test_a_stranger_has_a_home_too(world: World) -> None:
    (effect,) = world.desk.home(Identity("slack", "T1", "U_NEW"))
    assert isinstance(effect, ShowHome)


def test_the_pmo_sees_what_could_not_be_delivered(world: World) -> None:
    assert "could not be delivered" not in text(home(world, "anna"))
    now = world.clock.now()
    with world.store.begin() as uow:
        for key, target in (("a", f"person:{world.people['ben'].id}"), ("b", "channel:C9"), ("c", "person:999")):
            delivery = outbox.plan(uow, key=key, kind="prompt", target=target, now=now)
            assert delivery is not None
            failed = replace(
                delivery,
                state=DeliveryState.FAILED,
                failed_at=now,
                error="" if key == "c" else "not reachable",
            )
            assert uow.deliveries.save(failed, delivery.attempt)
    message = home(world, "anna")
    shown = text(message)
    assert "3 messages could not be delivered in the last 7 days" in shown
    assert all(f"{who}, Mon 23 Nov 0" in shown for who in ("Ben", "C9", "–"))
    assert "not reachable" not in shown  # what Slack calls it helps nobody
    assert "What to do about each" not in shown
    world.desk = Desk(replace(world.services, policy=replace(world.services.policy, pmo_channel="#pmo")))
    assert "What to do about each is said in #pmo." in text(home(world, "anna"))
    assert {"Digest preview", "Export", "Add project", "Somebody is away"} <= set(labels(message))
    with world.store.begin() as uow:
        for number in range(9):
            delivery = outbox.plan(uow, key=f"m{number}", kind="prompt", target="channel:C9", now=now)
            assert delivery is not None
            uow.deliveries.save(
                replace(delivery, state=DeliveryState.FAILED, failed_at=now, error="x"), delivery.attempt
            )
    assert "2 more are older." in text(home(world, "anna"))


def test_an_executive_sees_decisions_and_alerts_nobody_has_taken(world: World) -> None:
    world.report("ana", "BEAM", "amber", edit_reason="Better news.")
    world.report("ana", "BEAM", "red", edit_reason="Bad news again.")
    message = home(world, "carl")
    assert "One alert nobody has taken\nBEAM  turned red, since Mon 23 Nov 09:00" in text(message)
    assert "nobody has taken" not in text(home(world, "ben"))
    taken = next(b for b in buttons(message) if b.label == "I have this")
    world.click("carl", taken.action, taken.value)
    assert "nobody has taken" not in text(home(world, "carl"))


def test_only_the_newest_alerts_are_listed(world: World) -> None:
    for number in range(7):
        key = f"P{number}"
        world.project(key, "ana")
        returns(world, key, "A")
        with world.store.begin() as uow:
            alert = uow.escalations.add(
                alerts.Escalation(
                    0, "gone_rule" if number else "path", world.projects[key].id, "x", world.period_id(key), "C",
                    world.clock.now() + timedelta(minutes=number),
                )
            )  # fmt: skip
            assert alert is not None
    shown = text(home(world, "carl"))
    assert "8 alerts nobody has taken\nP6  gone_rule" in shown
    assert "3 more are in their channels." in shown


def asked_of_carl(world: World, key: str) -> int:
    """BEAM or ATLAS asks Carl for a decision."""
    with world.store.begin() as uow:
        report = uow.reports.current(world.projects[key].id, world.period_id(key))
        standing = uow.board.get(world.projects[key].id)
        assert report is not None
        assert standing is not None
        ask = DecisionAsk("Take the second supplier?", world.people["carl"].id, date(2026, 12, 2))
        stored = uow.reports.add(replace(report, revision=report.revision + 1, decision=ask))
        uow.board.put([replace(standing, report_id=stored.id)])
        request = uow.requests.of(report.period_id, report.project_id)
        assert request is not None
        uow.requests.save(replace(request, report_id=stored.id, state=RequestState.SUBMITTED))
    return stored.id


def test_decisions_asked_of_an_executive_until_they_are_made(world: World) -> None:
    report_id = asked_of_carl(world, "ATLAS")
    message = home(world, "carl")
    assert "One decision is asked of you\nATLAS  Take the second supplier?" in text(message)
    assert next(b for b in buttons(message) if b.label == "Decide").value == str(report_id)
    assert "asked of you" not in text(home(world, "anna"))
    with world.store.begin() as uow:
        reader = people.reader(uow, world.services, world.identity("carl"))
        decisions.record(world.services, uow, reader, report_id, "decided", "Yes.", world.clock.now())
    assert "asked of you" not in text(home(world, "carl"))


def test_decisions_of_other_projects_come_from_the_newest_digest(tmp_path: Path) -> None:
    channels = (DigestPolicy("leadership", "C_LEAD"), DigestPolicy("none", "C_NONE", portfolios=("facilities",)))
    world = scene(tmp_path, make_policy(digests=channels))
    asked_of_carl(world, "BEAM")
    assert "asked of you" not in text(home(world, "carl"))
    world.go("2026-11-27", "16:30")
    assert "BEAM  Take the second supplier?" in text(home(world, "carl"))
    assert "asked of you" not in text(home(world, "anna"))
