"""The PMO's notice of what came to nothing: one a day."""

from __future__ import annotations

from dataclasses import replace

from reporting.ledger import DeliveryState
from reporting.services import undelivered
from tests.support.world import World


def notice(world: World, channel: str | None = "#pmo") -> list[str]:
    """Something came to nothing now; the keys of all notices there are then."""
    policy = replace(world.services.policy, pmo_channel=channel)
    with world.store.begin() as uow:
        undelivered.plan_notice(uow, policy, world.clock.now())
    return [delivery.key for delivery in world.deliveries(f"{undelivered.KIND}:")]


def test_there_is_one_a_day_and_later_causes_are_told_the_next_day(world: World) -> None:
    today = f"undeliverable:{world.clock.now().date()}"
    assert notice(world) == [today]
    assert notice(world) == [today]
    [planned] = world.deliveries(today)
    with world.store.begin() as uow:
        assert uow.deliveries.save(replace(planned, state=DeliveryState.SENT), planned.attempt)
    _, tomorrow = notice(world)
    assert tomorrow > today
    assert notice(world) == [today, tomorrow]
    [later] = world.deliveries(tomorrow)
    assert (later.due_at - planned.due_at).days == 1


def test_without_a_channel_nobody_is_told(world: World) -> None:
    assert notice(world, None) == []
