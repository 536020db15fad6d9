"""Accounts that claim a known person's mail address."""

from dataclasses import replace
from datetime import timedelta

from reporting.ledger import Claim, ClaimState
from reporting.model import Identity, Person
from storage.store import SqlStore
from tests.storage.made import NOW

OTHER = Identity("teams", "tenant", "entra-1")


def claim(person_id: int, user_id: str = "entra-1", minutes: int = 0) -> Claim:
    return Claim(0, person_id, "teams", "tenant", user_id, "Ana", ClaimState.ASKED, NOW + timedelta(minutes=minutes))


def test_one_claim_for_each_account_and_person(store: SqlStore) -> None:
    with store.begin() as uow:
        ana, ben = (uow.people.add(Person(0, name)) for name in ("Ana", "Ben"))
        first = uow.claims.add(claim(ana.id))
        second = uow.claims.add(claim(ben.id, minutes=1))
        assert first is not None
        assert second is not None
        assert uow.claims.add(claim(ana.id, minutes=2)) is None
        assert first.identity == OTHER
        assert uow.claims.get(first.id) == first
        assert uow.claims.get(second.id + 1) is None
        assert uow.claims.of_account(OTHER) == [second, first]
        assert uow.claims.of_account(replace(OTHER, workspace="")) == []
        assert uow.claims.of_person(ana.id) == [first]


def test_those_nobody_has_said_yes_to(store: SqlStore) -> None:
    with store.begin() as uow:
        ana = uow.people.add(Person(0, "Ana"))
        found = [uow.claims.add(claim(ana.id, f"entra-{n}", minutes=n)) for n in range(4)]
        claims = [each for each in found if each is not None]
        confirmed = replace(claims[3], state=ClaimState.CONFIRMED, answered_at=NOW)
        refused = replace(claims[2], state=ClaimState.REFUSED, answered_at=NOW)
        uow.claims.save(confirmed)
        uow.claims.save(refused)
    with store.read() as uow:
        assert uow.claims.get(confirmed.id) == confirmed
        assert uow.claims.unconfirmed(2) == [refused, claims[1]]
