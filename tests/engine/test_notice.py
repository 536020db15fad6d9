"""What could not be delivered reaches the PMO, with the notice as it is really written."""

from __future__ import annotations

from datetime import timedelta

from reporting.ledger import DeliveryState as State
from reporting.ports import AppFault, TargetGone
from tests.engine.bench import Bench
from tests.engine.messenger import in_turn


def notices(bench: Bench) -> list[str]:
    return bench.chat.texts("#pmo")


async def test_the_first_failure_is_told(bench: Bench) -> None:
    bench.plan("prompt:1", minutes_late=30)
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    assert notices(bench) == []
    bench.clock.forward(minutes=11)
    await bench.process().work()
    [told] = notices(bench)
    assert "1 message could not be delivered" in told
    assert "is_archived" in told


async def test_failures_of_ten_minutes_are_told_together_and_later_ones_the_next_day(bench: Bench) -> None:
    bench.plan("a", "channel:C1")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=5)
    bench.plan("b", "channel:C2", minutes_late=600)
    await bench.process(in_turn(AppFault("missing_scope"))).work()
    bench.clock.forward(minutes=6)
    await bench.process().work()
    [told] = notices(bench)
    assert "2 messages could not be delivered" in told
    bench.clock.forward(minutes=5)
    bench.plan("c", "channel:C3", minutes_late=600)
    await bench.process(in_turn(TargetGone("channel_not_found"))).work()
    bench.clock.forward(days=1)
    await bench.process().work()
    _, next_day = notices(bench)
    assert "1 message could not be delivered" in next_day
    assert "channel_not_found" in next_day


async def test_a_notice_that_fails_makes_no_other(bench: Bench) -> None:
    bench.plan("a")
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    bench.clock.forward(minutes=11)
    await bench.process(in_turn(TargetGone("is_archived"))).work()
    with bench.store.read() as uow:
        [notice] = uow.deliveries.with_prefix("undeliverable:")
    assert notice.state is State.FAILED


async def test_what_fails_for_a_reason_of_ours_is_given_up_after_a_day_and_told(bench: Bench) -> None:
    bench.plan("a")
    bench.broken.add("a")
    begun = bench.clock.now()
    process = bench.process()
    while bench.delivery("a").state is State.PLANNED:
        await process.work(patience=0)
        bench.clock.forward(minutes=46)
        assert bench.clock.now() - begun < timedelta(days=3)
    assert (bench.delivery("a").state, bench.delivery("a").error) == (State.FAILED, "ValueError: a fault of ours")
    await process.work()
    [told] = notices(bench)
    assert "a fault of ours" in told
