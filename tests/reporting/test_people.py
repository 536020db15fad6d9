"""Who is asking, and what chat accounts say of people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.model import Identity, Person, ProjectState, RequestState, Role
from reporting.ports import Profile
from reporting.services import people
from reporting.services.access import Reader
from reporting.services.people import STRANGER, Synced
from tests.support.policy import make_policy
from tests.support.world import World


def account(name: str) -> Identity:
    return Identity("slack", "T1", f"U_{name.upper()}")


def profile(name: str, /, **more: object) -> Profile:
    fields: dict[str, object] = {
        "identity": account(name), "name": name.capitalize(), "email": f"{name}@labs.example",
        "tz": "Asia/Tokyo", "locale": "ja-JP", "active": True,
    }  # fmt: skip
    return Profile(**(fields | more))  # type: ignore[arg-type]


def read(world: World, name: str) -> Reader:
    with world.store.read() as uow:
        return people.reader(uow, world.services, account(name))


def meet(world: World, found: Profile) -> Person | None:
    with world.store.begin() as uow:
        return people.meet(uow, world.services, found, world.clock.now())


def sync(world: World, *found: Profile) -> Synced:
    with world.store.begin() as uow:
        return people.sync(uow, world.services, found, world.clock.now())


def audited(world: World, person: Person) -> list[str]:
    with world.store.read() as uow:
        return [event.action for event in uow.audit.events(f"person:{person.id}")]


@pytest.mark.parametrize(
    ("name", "roles", "own"),
    [
        ("ana", {Role.LEAD, Role.VIEWER}, {"ATLAS", "BEAM"}),
        ("emil", {Role.LEAD, Role.VIEWER}, {"ATLAS"}),
        ("carl", {Role.EXECUTIVE, Role.VIEWER}, {"ATLAS"}),
        ("anna", {Role.PMO, Role.VIEWER}, set()),
        ("dora", {Role.VIEWER}, set()),
    ],
)
def test_roles_come_from_the_policy_and_the_register(world: World, name: str, roles: set[Role], own: set[str]) -> None:
    reader = read(world, name)
    assert reader.person == world.people[name]
    assert reader.roles == roles
    assert set(reader.own_ids) == {world.projects[key].id for key in own}


def test_the_lead_of_a_closed_project_only_is_a_viewer(world: World) -> None:
    world.project("OLD", "dora", state=ProjectState.CLOSED)
    reader = read(world, "dora")
    assert reader.roles == {Role.VIEWER}
    assert reader.own_ids == (world.projects["OLD"].id,)


def test_a_stranger_is_a_viewer_with_what_the_policy_grants_the_account(tmp_path: Path) -> None:
    world = World(tmp_path, make_policy(roles={Role.PMO: ("U_ZOE",)}))
    reader = read(world, "zoe")
    assert reader.person == Person(STRANGER, "U_ZOE", identities=(account("zoe"),))
    assert reader.is_pmo
    assert read(world, "yan").roles == {Role.VIEWER}
    assert read(world, "yan").own_ids == ()


def test_texts_are_in_the_readers_language_and_zone(world: World) -> None:
    meet(world, profile("ana", locale="en-US", tz="Asia/Tokyo"))
    texts = read(world, "ana").texts
    assert str(texts.locale) == "en_US"
    assert str(texts.zone) == "Asia/Tokyo"


def test_a_new_account_becomes_a_person(world: World) -> None:
    person = meet(world, profile("zoe", email="Zoe@Labs.Example"))
    assert person is not None
    assert (person.name, person.email, person.tz) == ("Zoe", "zoe@labs.example", "Asia/Tokyo")
    assert read(world, "zoe").person == person
    assert audited(world, person) == ["person.added"]
    assert meet(world, profile("zoe", email=None)) == person
    assert audited(world, person) == ["person.added"]


def test_an_account_without_an_address_is_a_person_too(world: World) -> None:
    person = meet(world, profile("zoe", email=None))
    assert person is not None
    assert person.email is None
    again = meet(world, profile("zoe"))
    assert again is not None
    assert again.email == "zoe@labs.example"


def test_a_taken_address_is_not_given_to_a_second_person(world: World) -> None:
    meet(world, profile("zoe", email=None))
    person = meet(world, profile("zoe", email="ana@labs.example"))
    assert person is not None
    assert person.email is None


def test_an_account_finds_its_person_by_mail_address_and_keeps_the_registers_name(world: World) -> None:
    with world.store.begin() as uow:
        known = uow.people.add(Person(0, "Zoe Zimmer, PhD", "zoe@labs.example", locale="de-DE"))
    person = meet(world, profile("zoe", name="zozo", locale=None))
    assert person is not None
    assert person.id == known.id
    assert (person.name, person.tz, person.locale) == ("Zoe Zimmer, PhD", "Asia/Tokyo", "de-DE")
    assert person.identities == (account("zoe"),)
    assert audited(world, person) == ["person.changed"]


def test_a_bot_is_nobody(world: World) -> None:
    assert meet(world, profile("robot", human=False)) is None
    assert sync(world, profile("robot", human=False)) == Synced()


def test_who_left_is_noted_and_their_requests_follow(world: World) -> None:
    world.go("2026-11-23", "09:00")
    ana = world.people["ana"]
    done = sync(
        world, profile("ana", active=False), profile("ben"), profile("zoe"), profile("carl", tz=None, locale=None)
    )
    assert [p.id for p in done.left] == [ana.id]
    assert [p.name for p in done.added] == ["Zoe"]
    assert [p.name for p in done.changed] == ["Ben"]
    with world.store.read() as uow:
        request = uow.requests.of(world.period_id("ATLAS"), world.projects["ATLAS"].id)
    assert request is not None
    assert request.assignee_id == world.people["emil"].id
    assert request.state is RequestState.PENDING


def test_who_comes_back_can_be_reached_again(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ben"], active=False, unreachable="account_inactive"))
    (back,) = sync(world, profile("ben")).changed
    assert back.active
    assert back.unreachable is None


def test_a_person_who_cannot_be_reached_stays_so_until_something_changes(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ben"], unreachable="blocked"))
    (same,) = sync(world, profile("ben")).changed
    assert same.unreachable == "blocked"


@pytest.mark.parametrize("zone", ["Mars/Base", "Europe", "../etc/passwd", "\0", "posixrules\n"])
def test_a_zone_that_nobody_knows_is_not_kept(world: World, zone: str) -> None:
    met = meet(world, profile("zoe", tz=zone))
    assert met is not None
    assert met.tz is None
    again = meet(world, profile("ana", tz=zone))
    assert again is not None
    assert again.tz == "Europe/Berlin"


def test_a_zone_that_the_register_has_wrong_stops_no_period(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ana"], tz="Mars/Base"))
    world.go("2026-11-23", "09:30")
    with world.store.read() as uow:
        request = uow.requests.of(world.period_id("ATLAS"), world.projects["ATLAS"].id)
    assert request is not None
    assert request.due_at == world.at("2026-11-27", "12:00")
    assert [d.target for d in world.deliveries("prompt:")]


def test_an_account_of_the_register_without_a_workspace_is_adopted(world: World) -> None:
    with world.store.begin() as uow:
        known = uow.people.add(Person(0, "Zoe Zimmer", identities=(Identity("slack", "", "U_ZOE"),)))
    assert read(world, "zoe").person.id == known.id
    met = meet(world, profile("zoe"))
    assert met is not None
    assert met.id == known.id
    assert met.identities == (account("zoe"),)
    with world.store.read() as uow:
        assert uow.people.by_identity(Identity("slack", "", "U_ZOE")) is None
    assert meet(world, profile("zoe")) == met


def test_a_guest_is_somebody_only_when_the_register_or_the_settings_name_them(tmp_path: Path) -> None:
    world = World(tmp_path, make_policy(roles={Role.EXECUTIVE: ("gil@labs.example",), Role.PMO: ("U_HAL",)}))
    world.person("ana")
    with world.store.begin() as uow:
        uow.people.add(Person(0, "Ida", identities=(Identity("slack", "", "U_IDA"),)))
    assert meet(world, profile("zoe", guest=True)) is None
    assert meet(world, profile("zoe", guest=True, email=None)) is None
    assert sync(world, profile("zoe", guest=True)) == Synced()
    assert world.desk.meet(profile("zoe", guest=True)) is False
    for name in ("ana", "gil", "hal", "ida"):
        assert world.desk.meet(profile(name, guest=True)) is True
    assert world.desk.knows(account("gil"))
    assert not world.desk.knows(account("zoe"))
