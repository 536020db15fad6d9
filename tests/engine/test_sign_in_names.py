"""People whom the register names by what they sign in with, where their mail address is another one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.accounts import Accounts
from reporting.ledger import ClaimState
from reporting.model import Identity, Person
from reporting.services import people
from reporting.services.context import Services
from reporting.texts import Catalogues
from tests.engine.bench import NoTemplates
from tests.support.policy import make_policy
from tests.support.teams import FakePerson
from tests.support.teams.wired import Wired, wired

UPN = "ruiz@labs.example"


@dataclass
class Office:
    """A tenant, the register, and who looks for accounts."""

    teams: Wired
    services: Services
    accounts: Accounts

    def registered(self, email: str, *identities: Identity) -> Person:
        with self.services.store.begin() as uow:
            return uow.people.add(Person(0, "Ana Ruiz", email, identities=identities))

    def everybody(self) -> list[Person]:
        with self.services.store.read() as uow:
            return uow.people.all()

    async def speaks(self, person: FakePerson) -> Person | None:
        profile = await self.teams.messenger.profile(person.aad)
        assert profile is not None
        with self.services.store.begin() as uow:
            return people.meet(uow, self.services, profile, self.services.clock.now())

    def claims(self, person: FakePerson) -> list[ClaimState]:
        with self.services.store.read() as uow:
            return [claim.state for claim in uow.claims.of_account(account(person))]


def account(person: FakePerson) -> Identity:
    return Identity("teams", person.tenant, person.aad)


@pytest.fixture(params=["rosters", "directory"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    async with wired(tmp_path, graph=request.param == "directory") as teams:
        policy = replace(make_policy(), roles={})
        services = Services(teams.store, teams.clock, policy, Catalogues(), NoTemplates())
        yield Office(teams, services, Accounts(services, teams.messenger, pause=0.0))


def employed(office: Office, guest: bool = False) -> FakePerson:
    """Somebody in a team of ours, who never wrote to us."""
    person = office.teams.fake.world.person("Ana Ruiz", upn=UPN, guest=guest)
    office.teams.met_team(office.teams.fake.world.team("Everybody", [person]))
    return person


@pytest.mark.parametrize("registered", [UPN, "ana.ruiz@labs.example"])
async def test_somebody_is_found_by_sign_in_name_as_by_mail_address(office: Office, registered: str) -> None:
    found, lead = employed(office), office.registered(registered)
    assert await office.accounts.find(lead.id)
    (known,) = office.everybody()
    assert (known.id, known.email, known.identities) == (lead.id, registered, (account(found),))
    # And they stay who they are when they write.
    assert await office.speaks(found) == known


async def test_an_account_is_theirs_for_whom_it_was_looked(office: Office) -> None:
    """Also where the register names the same account twice, by each of its addresses."""
    found, other, lead = employed(office), office.registered("ana.ruiz@labs.example"), office.registered(UPN)
    assert await office.accounts.find(lead.id)
    assert not await office.accounts.find(other.id)
    assert {person.id: person.identities for person in office.everybody()} == {lead.id: (account(found),), other.id: ()}


async def test_who_writes_first_is_known_by_their_sign_in_name(office: Office) -> None:
    found, lead = employed(office), office.registered(UPN)
    met = await office.speaks(found)
    assert met is not None
    assert (met.id, met.email, met.identities) == (lead.id, UPN, (account(found),))
    assert len(office.everybody()) == 1


async def test_a_mail_address_says_more_than_a_sign_in_name(office: Office) -> None:
    found, other, lead = employed(office), office.registered(UPN), office.registered("ana.ruiz@labs.example")
    met = await office.speaks(found)
    assert met is not None
    assert met.id == lead.id
    # The account is somebody's already, so nothing was found for the other one.
    assert not await office.accounts.find(other.id)
    assert {person.id: len(person.identities) for person in office.everybody()} == {lead.id: 1, other.id: 0}


async def test_whoever_has_an_account_already_is_asked_also_about_a_sign_in_name(office: Office) -> None:
    found, lead = employed(office), office.registered(UPN, Identity("slack", "T1", "U1"))
    assert await office.speaks(found) is None
    assert office.claims(found) == [ClaimState.ASKED]
    assert not await office.accounts.find(lead.id)
    assert [person.identities for person in office.everybody()] == [lead.identities]


async def test_a_guest_in_the_register_is_welcome_by_sign_in_name(office: Office) -> None:
    found, lead = employed(office, guest=True), office.registered(UPN)
    met = await office.speaks(found)
    assert met is not None
    assert met.id == lead.id
