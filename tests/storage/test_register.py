"""People, absences, portfolios, projects and periods."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from reporting.model import Absence, Identity, Project, ProjectState
from reporting.ports import Store
from tests.storage.made import DAY, World, period, person


def test_a_person_comes_back_with_all_accounts(store: Store) -> None:
    accounts = (Identity("slack", "T1", "U1"), Identity("teams", "tenant", "29:x"))
    with store.begin() as uow:
        added = uow.people.add(person(email="Ana@Example.org", tz="Europe/Berlin", identities=accounts))
    with store.read() as uow:
        assert added.email == "ana@example.org"
        assert uow.people.get(added.id) == added
        assert uow.people.by_identity(accounts[1]) == added
        assert uow.people.by_email("ANA@example.org") == added
        assert uow.people.many([added.id, 999]) == {added.id: added}
        assert uow.people.all() == [added]
        assert uow.people.get(999) is None
        assert uow.people.by_identity(Identity("slack", "T2", "U1")) is None


def test_saving_a_person_replaces_the_accounts(store: Store, world: World) -> None:
    changed = replace(world.ana, name="Ana Weiß", identities=(Identity("slack", "T1", "U9"),), active=False)
    with store.begin() as uow:
        uow.people.save(changed)
    with store.read() as uow:
        assert uow.people.get(world.ana.id) == changed
        assert uow.people.by_identity(Identity("slack", "T1", "U1")) is None
        assert uow.people.find("weiss") == [changed]


def test_one_account_belongs_to_one_person(store: Store, world: World) -> None:
    with pytest.raises(IntegrityError), store.begin() as uow:
        uow.people.add(person("Somebody", identities=world.ana.identities))


@pytest.mark.parametrize("text", ["U1", "@U1", "ana@example.org", "ANA", "@ana", "müll", "MULLER", "a müller"])
def test_people_are_found_by_account_mail_and_name(store: Store, world: World, text: str) -> None:
    with store.read() as uow:
        assert uow.people.find(text) == [world.ana]


def test_the_best_match_comes_first_and_wildcards_are_text(store: Store) -> None:
    with store.begin() as uow:
        inside = uow.people.add(person("Joanna Roth"))
        word = uow.people.add(person("Maria Anand"))
        start = uow.people.add(person("Ana Roth"))
        mail = uow.people.add(person("Xu Li", email="ana@example.org"))
        for number in range(30):
            uow.people.add(person(f"Zoe {number}"))
    with store.read() as uow:
        assert uow.people.find("ana") == [mail, start, word]
        assert uow.people.find("anna") == [inside]
        assert uow.people.find("%") == []
        assert uow.people.find("_") == []
        assert uow.people.find("  ") == []
        assert len(uow.people.find("zoe")) == 20


def test_absences_overlap_by_whole_days(store: Store, world: World) -> None:
    with store.begin() as uow:
        away = uow.people.add_absence(
            Absence(0, world.ana.id, DAY, DAY + timedelta(days=4), world.ben.id, set_by=world.ana.id)
        )
    last = DAY + timedelta(days=4)
    with store.begin() as uow:
        ids = [world.ana.id, world.ben.id]
        assert uow.people.absences(ids, last, last + timedelta(days=9)) == [away]
        assert uow.people.absences(ids, date(2026, 1, 1), DAY) == [away]
        assert uow.people.absences(ids, last + timedelta(days=1), last + timedelta(days=9)) == []
        assert uow.people.absences([world.ben.id], DAY, last) == []
        assert uow.people.absences([], DAY, last) == []
        uow.people.remove_absence(away.id)
        assert uow.people.absences(ids, DAY, last) == []


def test_user_ids_only_of_the_platform(store: Store, world: World) -> None:
    with store.read() as uow:
        assert uow.people.user_ids([world.ana.id, world.ben.id], "slack") == {world.ana.id: "U1"}
        assert uow.people.user_ids([world.ana.id], "teams") == {}


def test_project_keys_ignore_case(store: Store, world: World) -> None:
    with store.read() as uow:
        assert uow.projects.by_key(" atlas") == world.projects[0]
    with pytest.raises(IntegrityError), store.begin() as uow:
        uow.projects.add(Project(0, "Atlas", "Another", world.imaging.id))


def test_projects_are_listed_and_changed(store: Store, world: World) -> None:
    atlas, boreas, cirrus = world.projects
    paused = replace(boreas, state=ProjectState.PAUSED, lead_id=None, deputy_id=None, sponsor_id=world.ben.id)
    with store.begin() as uow:
        uow.projects.save(paused)
    with store.read() as uow:
        assert uow.projects.all() == [atlas, paused, cirrus]
        assert uow.projects.active_in([world.imaging.id]) == [atlas, cirrus]
        assert uow.projects.active_in([]) == []
        assert uow.projects.of_person(world.ben.id) == [atlas, paused, cirrus]
        assert uow.projects.of_person(world.ana.id) == [atlas, cirrus]
        assert uow.projects.many([atlas.id, 77]) == {atlas.id: atlas}
        assert uow.projects.names()[1] == (boreas.id, "BOREAS", "Boreas cooling", False)
        assert uow.projects.get(77) is None


def test_projects_are_found_by_part(store: Store, world: World) -> None:
    atlas, boreas, cirrus = world.projects
    with store.begin() as uow:
        uml = uow.projects.add(Project(0, "ÄTNA", "Überwachung der Straße", world.imaging.id))
    with store.read() as uow:
        assert uow.projects.find("COOL") == [boreas]
        assert uow.projects.find("c")[0] == cirrus
        assert uow.projects.find("strasse") == uow.projects.find("UBERW") == uow.projects.find("ätna") == [uml]
        assert uow.projects.find("a", limit=1) == [atlas]
        assert uow.projects.find("%") == []


def test_portfolios_are_found_by_key(store: Store, world: World) -> None:
    with store.begin() as uow:
        added = uow.projects.add_portfolio("Devices", "Devices")
        assert added.key == "devices"
        assert uow.projects.portfolio_by_key("DEVICES") == uow.projects.portfolio(added.id) == added
        assert uow.projects.portfolios() == [added, world.imaging]


def test_periods_are_unique_and_follow_each_other(store: Store, world: World) -> None:
    first, _, third, last = world.periods
    with store.begin() as uow:
        other = uow.periods.add(period(DAY, "monthly"))
        assert uow.periods.on("weekly", DAY) == uow.periods.get(first.id) == first
        assert uow.periods.latest("weekly") == last
        assert uow.periods.latest("none") is None
        assert uow.periods.recent("weekly", 2) == [last, third]
        assert uow.periods.many([first.id, other.id]) == {first.id: first, other.id: other}
    with pytest.raises(IntegrityError), store.begin() as uow:
        uow.periods.add(period(DAY))
