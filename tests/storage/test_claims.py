"""Accounts that claim a known person's mail address."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from reporting.interactions import Click
from reporting.ledger import Claim, ClaimState
from reporting.model import Identity, Person
from reporting.ports import Profile
from storage.store import SqlStore
from tests.storage.made import NOW
from tests.support.world import World

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


def test_from_a_claim_to_a_preference_on_both_databases(store: SqlStore, tmp_path: Path) -> None:
    world = World(tmp_path, store=store)
    slack = world.person("ana").identities[0]
    world.desk.meet(Profile(OTHER, "Ana (Teams)", "ana@labs.example", None, None, active=True))
    with store.read() as uow:
        (waiting,) = uow.claims.unconfirmed(5)
    for action, value in (("account.refuse", str(waiting.id)), ("account.confirm", str(waiting.id)),
                          ("account.prefer", "me:teams")):  # fmt: skip
        world.desk.click(Click(action, value, slack, "message"))
    with store.read() as uow:
        ana = uow.people.by_identity(OTHER)
        assert ana is not None
        assert (ana.identities, ana.prefers) == ((slack, OTHER), "teams")
        assert uow.audit.verify() == []
        assert [event.action for event in uow.audit.events(f"person:{ana.id}")] == [
            "account.asked",
            "account.refused",
            "account.linked",
            "person.preferred",
        ]
        assert len(uow.deliveries.with_prefix("account:")) == 4
