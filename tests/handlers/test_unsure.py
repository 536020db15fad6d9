"""The PMO says of a message that may have arrived whether it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.interactions import Reply, Say
from reporting.ledger import Delivery, DeliveryState
from reporting.services.outbox import UNCERTAIN, plan
from tests.handlers.scene import scene
from tests.reporting.asking import text
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def in_doubt(world: World) -> Delivery:
    """A message that nobody can look for."""
    now = world.clock.now()
    with world.store.begin() as uow:
        planned = plan(uow, key="digest:1", kind="digest", target="channel:19:x", now=now, content={"kind": "Message"})
        assert planned is not None
        failed = replace(
            planned, state=DeliveryState.FAILED, attempt=2, parts=[{}], failed_at=now, error=f"{UNCERTAIN}: timeout"
        )
        assert uow.deliveries.save(failed, 0)
    return failed


def said(reply: Reply) -> str:
    return " ".join(text(block) for effect in reply if isinstance(effect, Say) for block in effect.message.blocks)


def now_is(world: World) -> Delivery:
    with world.store.read() as uow:
        found = uow.deliveries.by_key("digest:1")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("action", "state", "words", "audited"),
    [
        ("delivery.resend", DeliveryState.PLANNED, "It is sent again now.", "delivery.resent"),
        ("delivery.arrived", DeliveryState.SENT, "Noted: it has arrived.", "delivery.arrived"),
    ],
)
def test_it_is_settled_once(world: World, action: str, state: DeliveryState, words: str, audited: str) -> None:
    number = str(in_doubt(world).id)
    assert words in said(world.click("anna", action, number))
    assert now_is(world).state is state
    for again in ("delivery.resend", "delivery.arrived"):
        assert "Nothing was changed." in said(world.click("anna", again, number))
    assert now_is(world).state is state
    with world.store.read() as uow:
        [event] = uow.audit.events("delivery:digest:1")
    assert (event.action, event.actor) == (audited, f"person:{world.people['anna'].id}")


@pytest.mark.parametrize("action", ["delivery.resend", "delivery.arrived"])
def test_only_the_pmo_may_say_so(world: World, action: str) -> None:
    number = str(in_doubt(world).id)
    world.click("ana", action, number)
    assert now_is(world).state is DeliveryState.FAILED


@pytest.mark.parametrize("value", ["", "x", "999"])
@pytest.mark.parametrize("action", ["delivery.resend", "delivery.arrived"])
def test_a_button_that_means_nothing_changes_nothing(world: World, action: str, value: str) -> None:
    in_doubt(world)
    assert said(world.click("anna", action, value))
    assert now_is(world).state is DeliveryState.FAILED
