"""The PMO's notice of what came to nothing: one for all of some minutes, one an hour at most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reporting.services import undelivered
from tests.support.world import World


def notice(world: World, channel: str | None = "#pmo") -> list[str]:
    """Something came to nothing now; the keys of all notices there are then."""
    policy = replace(world.services.policy, pmo_channel=channel)
    with world.store.begin() as uow:
        undelivered.plan_notice(uow, policy, world.clock.now())
    return [delivery.key for delivery in world.deliveries(f"{undelivered.KIND}:")]


def test_one_gathers_all_of_some_minutes_and_the_next_comes_an_hour_later(world: World) -> None:
    (first,) = notice(world)
    assert notice(world) == [first]
    [planned] = world.deliveries(first)
    world.clock.set(planned.due_at)
    # It is due, so it is being written, and may not know of this any more.
    _, second = notice(world)
    assert notice(world) == [first, second]
    [later] = world.deliveries(second)
    assert later.due_at - planned.due_at == timedelta(hours=1)
    world.clock.set(planned.due_at + timedelta(days=2))
    [*_, third] = notice(world)
    [last] = world.deliveries(third)
    assert last.due_at - world.clock.now() == timedelta(minutes=10)


def test_without_a_channel_nobody_is_told(world: World) -> None:
    assert notice(world, None) == []
