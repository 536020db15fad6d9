"""Planned messages: who calls whom, and what is found again when its job was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reporting.ledger import Delivery, DeliveryState
from reporting.services import outbox
from storage.jobs import SqlJobTable
from tests.support.world import World


@pytest.fixture
def messages(world: World) -> dict[str, Delivery]:
    """A message that is out, two edits of it, and two more to the same channel; all their jobs are lost."""
    made = {key: plan(world, key) for key in ("base", "second", "third")}
    made |= {key: plan(world, key, updates="base") for key in ("edit1", "edit2")}
    save(world, replace(made["base"], state=DeliveryState.SENT))
    forget_jobs(world)
    return made


def plan(world: World, key: str, **more: Any) -> Delivery:
    with world.store.begin() as uow:
        made = outbox.plan(uow, key=key, kind="digest", target="channel:C1", now=world.clock.now(), **more)
    assert made is not None
    return made


def save(world: World, delivery: Delivery) -> None:
    with world.store.begin() as uow:
        assert uow.deliveries.save(delivery, delivery.attempt)


def forget_jobs(world: World) -> None:
    table = SqlJobTable(world.store)
    for job in table.claim(world.clock.now(), 100):
        table.finish(job.id)


def called(world: World, ended: Delivery) -> list[str]:
    """Who gets a job when this one has ended."""
    with world.store.begin() as uow:
        outbox.let_next(uow, ended, world.clock.now())
        return sorted(uow.jobs.keys(outbox.TASK))


def keys(*deliveries: Delivery) -> list[str]:
    return sorted(outbox.job_key(delivery.id) for delivery in deliveries)


def test_a_message_that_is_out_calls_its_edits_and_the_next(world: World, messages: dict[str, Delivery]) -> None:
    assert called(world, messages["base"]) == keys(messages["edit1"], messages["edit2"], messages["second"])


def test_an_edit_calls_the_other_edits_only_and_never_itself(world: World, messages: dict[str, Delivery]) -> None:
    stuck = replace(messages["edit1"], stuck=True)
    save(world, stuck)
    assert called(world, stuck) == keys(messages["edit2"])


def test_of_what_was_lost_the_first_of_each_line_and_every_edit_is_found(
    world: World, messages: dict[str, Delivery]
) -> None:
    save(world, replace(messages["second"], stuck=True))
    later = world.clock.now() + timedelta(minutes=2)
    with world.store.read() as uow:
        assert outbox.lost(uow, world.clock.now()) == []
        found = outbox.lost(uow, later)
    assert found == [messages[key].id for key in ("second", "third", "edit1", "edit2")]
    with world.store.begin() as uow:
        assert outbox.sweep(uow, later, outbox.lost(uow, later)) == 4
        assert outbox.sweep(uow, later, outbox.lost(uow, later)) == 0
