"""The register changed in chat: checked, audited, and requests follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporting.model import Absence, Identity, Project, ProjectState, RequestState, StatusRequest
from reporting.services import people, register
from reporting.services.access import NotAllowed, Reader
from reporting.services.importing import Row
from reporting.services.importing_register import import_register
from reporting.services.register import Refused
from tests.support.world import World


@pytest.fixture
def week(world: World) -> World:
    world.go("2026-11-23", "09:00")
    return world


def reader(world: World, name: str) -> Reader:
    with world.store.read() as uow:
        return people.reader(uow, world.services, world.identity(name))


def save(world: World, name: str, project: Project, portfolio: str = "") -> Project:
    with world.store.begin() as uow:
        return register.save_project(world.services, uow, reader(world, name), project, portfolio, world.clock.now())


def request(world: World, key: str) -> StatusRequest | None:
    with world.store.read() as uow:
        project = uow.projects.by_key(key)
        assert project is not None
        standing = uow.board.get(project.id)
        return uow.requests.of(standing.period_id, project.id) if standing else None


def away(world: World, name: str, whose: str, first: date, last: date, deputy: str | None = None) -> Absence:
    with world.store.begin() as uow:
        deputy_id = world.people[deputy].id if deputy else None
        return register.add_absence(
            world.services, uow, reader(world, name), world.people[whose].id, first, last, deputy_id, world.clock.now()
        )


def new(world: World, **fields: object) -> Project:
    given: dict[str, object] = {
        "id": 0, "key": "laser", "name": "Laser  lab ", "portfolio_id": world.projects["BEAM"].portfolio_id,
        "lead_id": world.people["ben"].id,
    }  # fmt: skip
    return Project(**(given | fields))  # type: ignore[arg-type]


def test_a_new_project_is_asked_at_once_and_audited(week: World) -> None:
    added = save(week, "anna", new(week, start=date(2026, 1, 1)))
    assert (added.key, added.name) == ("LASER", "Laser lab")
    found = request(week, "LASER")
    assert found is not None
    assert found.assignee_id == week.people["ben"].id
    with week.store.read() as uow:
        (event,) = [e for e in uow.audit.events("project:LASER") if e.action == "project.added"]
    assert event.actor == f"person:{week.people['anna'].id}"
    assert event.before is None
    assert event.after is not None
    assert event.after["start"] == "2026-01-01"


def test_a_change_is_audited_with_before_and_after_and_requests_follow(week: World) -> None:
    changed = replace(week.projects["CORE"], lead_id=week.people["dora"].id, name="Core two")
    save(week, "anna", changed)
    found = request(week, "CORE")
    assert found is not None
    assert found.assignee_id == week.people["dora"].id
    with week.store.read() as uow:
        (event,) = [e for e in uow.audit.events("project:CORE") if e.action == "project.changed"]
    assert event.before == {"lead_id": week.people["ben"].id, "name": "Core project"}
    assert event.after == {"lead_id": week.people["dora"].id, "name": "Core two"}
    paused = save(week, "anna", replace(changed, state=ProjectState.PAUSED))
    assert paused.state is ProjectState.PAUSED
    found = request(week, "CORE")
    assert found is not None
    assert found.state is RequestState.EXCUSED


def test_saving_without_a_change_changes_nothing(week: World) -> None:
    save(week, "anna", week.projects["CORE"])
    with week.store.read() as uow:
        assert not [e for e in uow.audit.events("project:CORE") if e.action == "project.changed"]


def test_only_the_pmo_may(week: World) -> None:
    for change in (new(week), week.projects["BEAM"]):
        with pytest.raises(NotAllowed, match="Only the PMO may do this: Anna"):
            save(week, "ana", change)
    with week.store.begin() as uow, pytest.raises(NotAllowed):
        register.portfolio_named(week.services, uow, reader(week, "carl"), "X", week.clock.now())


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"key": "a b"}, {"key": "Letters, digits and - _ . & / +, at most 40, such as ATLAS."}),
        ({"key": ""}, {"key": "Letters, digits and - _ . & / +, at most 40, such as ATLAS."}),
        ({"key": "beam"}, {"key": "BEAM is Beam project already. Choose another key."}),
        ({"name": " "}, {"name": "A name of at most 200 characters."}),
        ({"name": "x" * 201}, {"name": "A name of at most 200 characters."}),
        ({"portfolio_id": 99}, {"portfolio": "Choose a portfolio, or write a new one below."}),
        ({"deputy_id": 2, "lead_id": 2}, {"deputy": "Somebody other than the lead, or nobody."}),
        (
            {"start": date(2026, 5, 1), "end": date(2026, 4, 30), "key": "!"},
            {
                "key": "Letters, digits and - _ . & / +, at most 40, such as ATLAS.",
                "end": "A day after the start, or clear it.",
            },
        ),
    ],
)
def test_every_fault_says_what_would_be_right(week: World, fields: dict[str, object], errors: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        save(week, "anna", new(week, **fields))
    assert refused.value.errors == errors


def test_a_key_from_an_import_may_stay_as_it_is(week: World) -> None:
    week.project("GMPP/12 A")
    assert save(week, "anna", replace(week.projects["GMPP/12 A"], name="Renamed")).name == "Renamed"


def test_a_project_that_is_gone(week: World) -> None:
    with pytest.raises(Refused, match="key"):
        save(week, "anna", replace(week.projects["BEAM"], id=999, key="NEW"))


def test_a_new_portfolio_comes_with_its_project_or_not_at_all(week: World) -> None:
    added = save(week, "anna", new(week, portfolio_id=0), "Quantum  Optics")
    with week.store.read() as uow:
        made = uow.projects.portfolio_by_key("quantum-optics")
        events = [e.action for e in uow.audit.events("portfolio:quantum-optics")]
    assert made is not None
    assert (made.name, added.portfolio_id) == ("Quantum Optics", made.id)
    assert events == ["portfolio.added"]
    assert save(week, "anna", new(week, key="TWO"), "quantum optics").portfolio_id == made.id
    assert save(week, "anna", new(week, key="SIX"), "Imaging").portfolio_id == week.projects["BEAM"].portfolio_id
    with pytest.raises(Refused):
        save(week, "anna", new(week, key="BEAM"), "Never made")
    with pytest.raises(Refused, match="new_portfolio"):
        save(week, "anna", new(week, key="THREE"), "!!!")
    with week.store.read() as uow:
        assert uow.projects.portfolio_by_key("never-made") is None


# ---------------------------------------------------------------- absences

FRIDAY = date(2026, 11, 27)
MONDAY = date(2026, 11, 23)


def test_an_absence_routes_to_the_deputy_and_its_end_routes_back(week: World) -> None:
    absence = away(week, "ana", "ana", MONDAY, FRIDAY, "dora")
    found = request(week, "BEAM")
    assert found is not None
    assert found.assignee_id == week.people["dora"].id
    with week.store.begin() as uow:
        assert register.absences_ahead(uow, week.people["ana"].id, FRIDAY) == [absence]
        ended = register.end_absences(
            week.services, uow, reader(week, "ana"), week.people["ana"].id, {absence.id, 999}, week.clock.now()
        )
    assert ended == 1
    found = request(week, "BEAM")
    assert found is not None
    assert found.assignee_id == week.people["ana"].id
    with week.store.read() as uow:
        actions = [e.action for e in uow.audit.events(f"person:{week.people['ana'].id}")]
    assert actions == ["absence.added", "absence.removed"]


def test_nothing_to_end_is_no_change(week: World) -> None:
    with week.store.begin() as uow:
        anna = reader(week, "anna")
        assert register.end_absences(week.services, uow, anna, week.people["ana"].id, {1}, week.clock.now()) == 0


def test_the_pmo_for_anyone_others_for_themselves(week: World) -> None:
    assert away(week, "anna", "ben", MONDAY, FRIDAY).set_by == week.people["anna"].id
    with pytest.raises(NotAllowed, match="Only they themselves or the PMO may do this: Anna"):
        away(week, "ana", "ben", MONDAY, FRIDAY)
    with week.store.read() as uow:
        stranger = people.reader(uow, week.services, Identity("slack", "T1", "U_NOBODY"))
    with week.store.begin() as uow, pytest.raises(NotAllowed):
        register.end_absences(week.services, uow, stranger, 0, set(), week.clock.now())


def test_a_longer_absence_takes_the_place_of_one_within(week: World) -> None:
    away(week, "ana", "ana", MONDAY, MONDAY + timedelta(days=1))
    overlapping = away(week, "ana", "ana", FRIDAY, FRIDAY + timedelta(days=9))
    longer = away(week, "ana", "ana", MONDAY, FRIDAY)
    with week.store.read() as uow:
        assert register.absences_ahead(uow, week.people["ana"].id, MONDAY) == [longer, overlapping]


@pytest.mark.parametrize(
    ("first", "last", "deputy", "errors"),
    [
        (FRIDAY, MONDAY, None, {"last": "The first day or a later one."}),
        (date(2026, 11, 1), date(2026, 11, 22), None, {"last": "Today or a later day."}),
        (MONDAY, date(2028, 1, 1), None, {"last": "At most 400 days. For longer, choose a new lead."}),
        (MONDAY, FRIDAY, "ana", {"deputy": "Somebody else, or nobody."}),
        (MONDAY, FRIDAY, "emil", {"deputy": "Emil has left. Choose somebody else, or nobody."}),
    ],
)
def test_absences_that_cannot_be(
    week: World, first: date, last: date, deputy: str | None, errors: dict[str, str]
) -> None:
    with week.store.begin() as uow:
        uow.people.save(replace(week.people["emil"], active=False))
    with pytest.raises(Refused) as refused:
        away(week, "ana", "ana", first, last, deputy)
    assert refused.value.errors == errors


def test_an_absence_of_nobody(week: World) -> None:
    with week.store.begin() as uow, pytest.raises(Refused, match="person"):
        register.add_absence(week.services, uow, reader(week, "anna"), 999, MONDAY, FRIDAY, None, week.clock.now())


def test_the_audit_trail_has_one_shape_whether_a_project_is_typed_or_imported(week: World) -> None:
    with week.store.begin() as uow:
        register.save_project(
            week.services, uow, reader(week, "anna"), new(week, portfolio_id=0), "Optics Lab", week.clock.now()
        )
    row = {"key": "GATE", "name": "Gate", "portfolio": "Gate Lab"}
    assert import_register(week.services, [Row(2, row)], source="register.csv").created == 1
    for action, typed, imported in (
        ("project.added", "project:LASER", "project:GATE"),
        ("portfolio.added", "portfolio:optics-lab", "portfolio:gate-lab"),
    ):
        with week.store.read() as uow:
            shapes = [[*(e.after or {})] for s in (typed, imported) for e in uow.audit.events(s) if e.action == action]
        assert len(shapes) == 2
        assert shapes[0] == shapes[1]
