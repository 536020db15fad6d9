"""What the tests of people with several accounts share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reporting.ledger import Claim, Delivery, DeliveryState
from reporting.messages import Message
from reporting.model import Identity, Person
from reporting.ports import Profile
from reporting.services import linking, people
from reporting.services.access import Reader
from reporting.services.compose import compose
from tests.support.world import World


def teams(name: str) -> Identity:
    return Identity("teams", "tenant", f"entra-{name}")


def profile(name: str, /, **more: object) -> Profile:
    fields: dict[str, object] = {
        "identity": teams(name), "name": f"{name.capitalize()} (Teams)", "email": f"{name}@labs.example", "tz": None,
        "locale": "de-DE", "active": True,
    }  # fmt: skip
    return Profile(**(fields | more))  # type: ignore[arg-type]


def meet(world: World, found: Profile) -> Person | None:
    with world.store.begin() as uow:
        return people.meet(uow, world.services, found, world.clock.now())


def read(world: World, account: Identity) -> Reader:
    with world.store.read() as uow:
        return people.reader(uow, world.services, account)


def person(world: World, name: str) -> Person:
    with world.store.read() as uow:
        found = uow.people.get(world.people[name].id)
    assert found is not None
    return found


def claim_of(world: World, account: Identity) -> Claim:
    with world.store.read() as uow:
        (found,) = uow.claims.of_account(account)
    return found


def asked(world: World, name: str) -> Claim:
    assert meet(world, profile(name)) is None
    return claim_of(world, teams(name))


def linked(world: World, name: str) -> Person:
    claim = asked(world, name)
    do(world, name, linking.confirm, claim.id)
    return person(world, name)


def do(world: World, name: str, what: Callable[..., object], value: Any, account: Identity | None = None) -> object:
    reader = read(world, account or world.identity(name))
    with world.store.begin() as uow:
        now = world.clock.now()
        if what in (linking.refuse, linking.remove):
            return what(uow, reader, value, now)
        return what(world.services, uow, reader, value, now)


def audited(world: World, name: str) -> list[str]:
    with world.store.read() as uow:
        return [event.action for event in uow.audit.events(f"person:{world.people[name].id}")]


def shown(world: World, delivery: Delivery) -> Message:
    message = compose(world.services, delivery)
    assert message is not None
    return message


def post(world: World, prefix: str, platform: str = "slack") -> None:
    """What is planned under a prefix is drawn for a chat system and sent."""
    with world.store.begin() as uow:
        for delivery in uow.deliveries.with_prefix(prefix):
            if delivery.state is DeliveryState.PLANNED:
                sent = replace(delivery, state=DeliveryState.SENT, platform=platform, sent_at=world.clock.now())
                assert uow.deliveries.save(sent, delivery.attempt)
