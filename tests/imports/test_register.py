"""Importing a register: people, portfolios, projects; all or nothing; the same again changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reporting.model import Identity, Method, Person, ProjectState, RequestState
from reporting.ports import Profile
from reporting.services import people, planning
from reporting.services.importing import Row
from reporting.services.importing_register import import_register
from tests.imports.company import Company

HEADER = "key,name,portfolio,lead,lead_email,deputy,sponsor_email,method,state,confidential,start,end,description"
ATLAS = (
    "ATLAS,Atlas,Imaging,Ana Dias,ANA@labs.example,Emil Ono,carl@labs.example,agile,,yes,2026-01-05,2027-03-31,"
    '"A ""big"" one"'
)
BEAM = "beam,Beam line,imaging,Ana Dias,ana@labs.example,,,,paused,,,,"


def test_projects_people_and_portfolios_come_in(company: Company) -> None:
    report = company.register(HEADER, ATLAS, BEAM)
    assert (report.created, report.changed, report.unchanged, report.stored) == (2, 0, 0, True)
    atlas, beam = company.project("atlas"), company.project("BEAM")
    assert (atlas.method, atlas.state, atlas.confidential) == (Method.AGILE, ProjectState.ACTIVE, True)
    assert (atlas.start, atlas.end, atlas.description) == (date(2026, 1, 5), date(2027, 3, 31), 'A "big" one')
    assert (beam.key, beam.state, beam.method, beam.lead_id) == (
        "BEAM",
        ProjectState.PAUSED,
        Method.HYBRID,
        atlas.lead_id,
    )
    with company.services.store.read() as uow:
        people = {person.id: person for person in uow.people.all()}
        assert [p.key for p in uow.projects.portfolios()] == ["imaging"]
    assert (people[atlas.lead_id].name, people[atlas.lead_id].email) == ("Ana Dias", "ana@labs.example")
    assert (people[atlas.deputy_id].name, people[atlas.deputy_id].email) == ("Emil Ono", None)
    assert people[atlas.sponsor_id].name == "carl"
    assert len(people) == 3


def test_the_same_again_changes_nothing(company: Company) -> None:
    company.register(HEADER, ATLAS, BEAM)
    with company.services.store.read() as uow:
        events = len(uow.audit.events())
    report = company.register(HEADER, ATLAS, BEAM)
    assert (report.created, report.changed, report.unchanged, report.changes) == (0, 0, 2, ())
    with company.services.store.read() as uow:
        assert len(uow.audit.events()) == events


def test_a_change_is_told_stored_and_audited(company: Company) -> None:
    company.register(HEADER, ATLAS, BEAM)
    report = company.register(
        "key,name,lead,state,confidential,description,start,portfolio",
        "ATLAS,Atlas Two,Ben Ito,paused,no,Small,2026-02-01,Detectors",
    )
    (person, portfolio, change) = sorted(report.changes, key=len)[:3]
    assert {person, portfolio} == {"person Ben Ito added", "portfolio detectors added: Detectors"}
    assert change.startswith(
        "project ATLAS: name Atlas -> Atlas Two; portfolio changed; lead Ana Dias -> Ben Ito; state"
    )
    assert "confidential yes -> no" in change
    assert company.project("ATLAS").deputy_id is not None  # not spoken of, so it stays
    with company.services.store.read() as uow:
        (event,) = [e for e in uow.audit.events("project:ATLAS") if e.action == "project.changed"]
        assert uow.audit.verify() == []
    assert (event.actor, event.before["name"], event.after["name"]) == ("import:register.csv", "Atlas", "Atlas Two")
    assert event.after["start"] == "2026-02-01"


def test_an_empty_cell_clears_a_person_and_a_missing_column_does_not(company: Company) -> None:
    company.register(HEADER, ATLAS)
    company.register("key,deputy", "ATLAS,")
    atlas = company.project("ATLAS")
    assert atlas.deputy_id is None
    assert atlas.lead_id is not None
    assert "deputy Emil Ono -> nobody" not in company.register("key,deputy", "ATLAS,").changes


def test_with_any_fault_nothing_is_stored_and_all_faults_are_told(company: Company) -> None:
    report = company.register(
        HEADER,
        ATLAS,
        '"bad key",X,imaging,,,,,,,,,,',
        ",No key,imaging,,,,,,,,,,",
        "NONAME,,imaging,,,,,,,,,,",
        "NOPORT,Name,,,,,,,,,,,",
        "atlas,Again,imaging,,,,,,,,,,",
        "WRONG,Wrong,imaging,,no mail,,,scrum,open,maybe,5 May,2026-13-01,",
    )
    assert not report.stored
    assert [(fault.line, fault.column) for fault in report.faults] == [
        (3, "key"), (4, "key"), (5, "name"), (6, "portfolio"), (7, "key"),
        (8, "confidential"), (8, "end"), (8, "lead_email"), (8, "method"), (8, "start"), (8, "state"),
    ]  # fmt: skip
    assert str(report.faults[4]) == "line 7, key: this key stands on line 2 already"
    assert "'scrum' is none of agile, waterfall, hybrid" in report.faults[8].reason
    with company.services.store.read() as uow:
        assert uow.projects.all() == []
        assert uow.people.all() == []
        assert uow.audit.events() == []


def test_a_dry_run_tells_and_stores_nothing(company: Company) -> None:
    report = company.register(HEADER, ATLAS, dry_run=True)
    assert (report.created, report.stored) == (1, False)
    assert "project ATLAS added: Atlas" in report.changes
    with company.services.store.read() as uow:
        assert uow.projects.all() == []


def test_people_are_found_by_mail_then_by_exact_name(company: Company) -> None:
    with company.services.store.begin() as uow:
        nameless = uow.people.add(Person(0, "Ana Dias"))
        other = uow.people.add(Person(0, "Ben Ito", "ben@elsewhere.example"))
    report = company.register(
        "key,name,portfolio,lead,lead_email,lead_tz,lead_locale,deputy,deputy_email",
        "ATLAS,Atlas,imaging,Ana Dias,ana@labs.example,Europe/Lisbon,pt-PT,Ben Ito,ben@labs.example",
        "BEAM,Beam,imaging,A. Dias,ana@labs.example,,,Ben Ito,ben@elsewhere.example",
    )
    atlas, beam = company.project("ATLAS"), company.project("BEAM")
    assert atlas.lead_id == beam.lead_id == nameless.id
    assert beam.deputy_id == other.id != atlas.deputy_id
    with company.services.store.read() as uow:
        ana = uow.people.get(nameless.id)
    assert ana == Person(nameless.id, "Ana Dias", "ana@labs.example", "Europe/Lisbon", "pt-PT")
    assert "person Ana Dias: details filled in" in report.changes


def test_a_name_that_two_people_have_needs_a_mail_address(company: Company) -> None:
    with company.services.store.begin() as uow:
        for number in (1, 2):
            uow.people.add(Person(0, "Ana Dias", f"ana{number}@labs.example"))
    report = company.register("key,name,portfolio,lead", "ATLAS,Atlas,imaging,Ana Dias")
    assert [fault.reason for fault in report.faults] == ["2 people are called Ana Dias; give the mail address"]


def test_chat_accounts_belong_to_the_workspace_given(company: Company) -> None:
    company.register("key,name,portfolio,lead,lead_slack", "ATLAS,Atlas,imaging,Ana Dias,U0ANA", workspace="T0LABS")
    with company.services.store.read() as uow:
        found = uow.people.by_identity(Identity("slack", "T0LABS", "U0ANA"))
    assert found is not None
    assert found.name == "Ana Dias"


def test_an_account_without_a_workspace_waits_for_its_owner(company: Company) -> None:
    company.register("key,name,portfolio,lead,lead_slack", "ATLAS,Atlas,imaging,Ana Dias,U0ANA")
    account = Identity("slack", "T0LABS", "U0ANA")
    with company.services.store.begin() as uow:
        met = people.meet(uow, company.services, Profile(account, "ana", None, None, None, True), company.clock.at)
    assert met is not None
    assert met.id == company.project("ATLAS").lead_id
    # The same register again names the account that is known by now, whatever the person is called.
    company.register("key,name,portfolio,lead,lead_slack", "BEAM,Beam,imaging,A. Dias,U0ANA")
    assert company.project("BEAM").lead_id == met.id
    with company.services.store.read() as uow:
        assert [person.identities for person in uow.people.all()] == [(account,)]


ENTRA = "0a1b2c3d-1111-2222-3333-444455556666"
CHATS = "key,name,portfolio,lead,lead_email,lead_slack,lead_teams,lead_prefers"


def accounts(company: Company) -> dict[str, tuple[Identity, ...]]:
    with company.services.store.read() as uow:
        return {person.name: person.identities for person in uow.people.all()}


def test_an_account_in_teams_that_the_register_names_is_believed(company: Company) -> None:
    company.register(CHATS, f"ATLAS,Atlas,imaging,Ana Dias,ana@labs.example,U0ANA,{ENTRA.upper()},teams")
    unplaced = (Identity("slack", "", "U0ANA"), Identity("teams", "", ENTRA))
    assert accounts(company) == {"Ana Dias": unplaced}
    account = Identity("teams", "tenant", ENTRA)
    with company.services.store.begin() as uow:
        met = people.meet(uow, company.services, Profile(account, "ana", None, None, None, True), company.clock.at)
        assert met is not None
        assert met.prefers == "teams"
        assert uow.claims.of_person(met.id) == []
    assert accounts(company) == {"Ana Dias": (unplaced[0], account)}


def test_a_second_chat_system_is_added_and_what_is_known_stays(company: Company) -> None:
    known = (Identity("slack", "T0LABS", "U0OLD"),)
    with company.services.store.begin() as uow:
        uow.people.add(Person(0, "Ana Dias", "ana@labs.example", prefers="slack", identities=known))
    line = f"ATLAS,Atlas,imaging,Ana Dias,ana@labs.example,U0NEW,{ENTRA},teams"
    report = company.register(CHATS, line)
    assert "person Ana Dias: details filled in" in report.changes
    assert accounts(company) == {"Ana Dias": (*known, Identity("teams", "", ENTRA))}
    with company.services.store.read() as uow:
        (ana,) = uow.people.all()
        assert ana.prefers == "slack"
        (event,) = [e for e in uow.audit.events(f"person:{ana.id}") if e.action == "person.changed"]
    assert event.after is not None
    assert event.after["identities"] == ["slack:T0LABS:U0OLD", f"teams::{ENTRA}"]
    assert company.register(CHATS, line).changes == ()


def test_an_account_that_only_wrote_to_the_bot_is_given_to_whom_the_register_names(company: Company) -> None:
    account = Identity("teams", "tenant", ENTRA)
    with company.services.store.begin() as uow:
        people.meet(uow, company.services, Profile(account, "a.dias", None, None, None, True), company.clock.at)
        uow.people.add(Person(0, "Ana Dias", "ana@labs.example"))
    company.register(CHATS, f"ATLAS,Atlas,imaging,Ana Dias,ana@labs.example,,{ENTRA},")
    assert accounts(company) == {"Ana Dias": (account,), "a.dias": ()}


def test_an_account_of_somebody_else_is_a_fault(company: Company) -> None:
    account = Identity("teams", "tenant", ENTRA)
    with company.services.store.begin() as uow:
        uow.people.add(Person(0, "Ben", "ben@labs.example", identities=(account,)))
        uow.people.add(Person(0, "Ana Dias", "ana@labs.example"))
    report = company.register(CHATS, f"ATLAS,Atlas,imaging,Ana Dias,ana@labs.example,,{ENTRA},")
    assert [str(fault) for fault in report.faults] == [f"line 2, lead_teams: {ENTRA} is the account of Ben"]
    assert accounts(company) == {"Ana Dias": (), "Ben": (account,)}


def test_a_zone_that_nobody_knows_is_a_fault(company: Company) -> None:
    report = import_register(
        company.services,
        [Row(2, {"key": "ATLAS", "name": "Atlas", "portfolio": "imaging", "lead": "Ana", "lead_tz": "Mars/Base"})],
        source="made",
    )
    assert [str(fault) for fault in report.faults] == ["line 2, lead_tz: not a time zone: Mars/Base"]


def test_an_imported_change_reaches_the_period_that_is_open(company: Company) -> None:
    company.clock.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    company.register(HEADER, ATLAS)
    planning.reconcile(company.services, company.clock.at)
    company.clock.at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    planning.plan_due(company.services, company.clock.at)
    company.register("key,state", "ATLAS,paused")
    with company.services.store.read() as uow:
        period = uow.periods.on("weekly", date(2026, 11, 23))
        assert period is not None
        (request,) = uow.requests.in_period(period.id)
    assert request.state is RequestState.EXCUSED


def test_progress_is_told_row_by_row(company: Company) -> None:
    seen: list[tuple[int, int]] = []
    company.register(HEADER, ATLAS, BEAM, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize("key", ["BEIS_0001_1617-Q2", "A", "R&D/7.1", "ÄRZTE-1"])
def test_keys_of_the_real_world_are_keys(company: Company, key: str) -> None:
    company.register("key,name,portfolio", f"{key.lower()},Name,Research & Design")
    assert company.project(key).key == key
    with company.services.store.read() as uow:
        assert [(p.key, p.name) for p in uow.projects.portfolios()] == [("research-design", "Research & Design")]
