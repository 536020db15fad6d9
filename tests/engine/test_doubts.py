"""What may have been sent stays in doubt, whatever comes between; and no older text ever covers a newer one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.engine.attempt import Holds
from bot.engine.slots import RateSlots
from reporting.ledger import Delivery, DeliveryState
from reporting.messages import Message
from reporting.ports import RetryLater, StoreBusy, TargetGone
from reporting.services.mending import account_found, planned_again
from tests.engine.bench import Bench
from tests.engine.messenger import in_turn, paragraphs


async def test_a_doubt_outlives_a_failure(bench: Bench) -> None:
    bench.plan("d")
    await bench.process(in_turn("lost_after", TargetGone("not_in_channel"))).work()
    failed = bench.delivery("d")
    assert (failed.state, failed.error) == (DeliveryState.FAILED, "not_in_channel")
    with bench.store.begin() as uow:
        assert planned_again(uow, failed, bench.clock.now()) is not None
    await bench.process().work()
    assert bench.delivery("d").state is DeliveryState.SENT
    assert bench.chat.texts("C1") == ["d"]


async def test_a_doubt_outlives_the_loss_of_the_account(bench: Bench) -> None:
    bench.holds = Holds(sending=24, request=12, doubt=0.5)
    ana = bench.person("ana")
    bench.plan("prompt:1", f"person:{ana.id}")
    await bench.process(in_turn("lost_after")).work(patience=0)
    with bench.store.begin() as uow:
        uow.people.save(replace(ana, identities=()))
    await bench.process().work(patience=1)
    assert bench.delivery("prompt:1").state is DeliveryState.FAILED
    with bench.store.begin() as uow:
        uow.people.save(ana)
        account_found(uow, ana.id, bench.clock.now())
    await bench.process().work()
    assert bench.delivery("prompt:1").state is DeliveryState.SENT
    assert bench.chat.keys() == ["prompt:1#0"]


async def test_an_edit_that_a_newer_one_overtook_while_it_was_drawn_is_dropped(bench: Bench) -> None:
    bench.plan("d")
    await bench.process().work()
    bench.wanted |= {"d:r2": paragraphs("OLD"), "d:r3": paragraphs("NEW")}
    bench.plan("d:r2", updates="d")
    other, real, loop = bench.process(), bench.compose, asyncio.get_running_loop()

    def slow(delivery: Delivery) -> Message | None:
        if delivery.key == "d:r2" and "d:r3" not in planned:
            planned.append("d:r3")
            bench.plan("d:r3", updates="d")
            sending = other.deliver(bench.delivery("d:r3").id)
            asyncio.run_coroutine_threadsafe(sending, loop).result(10)
        return real(delivery)

    planned: list[str] = []
    bench.compose = slow  # type: ignore[method-assign]
    await bench.process().work()
    assert bench.chat.texts("C1") == ["NEW"]
    assert bench.delivery("d:r2").state is DeliveryState.CANCELLED


async def test_a_stuck_edit_gives_way_and_its_parts_are_taken_over(bench: Bench) -> None:
    bench.wanted["d"] = paragraphs("a")
    bench.plan("d")
    await bench.process().work()
    bench.wanted |= {"d:r2": paragraphs("OLD1", "OLD2", "OLD3"), "d:r3": paragraphs("NEW")}
    bench.plan("d:r2", updates="d")
    calls = iter(range(100))

    def fault_of_ours(_method: str) -> str:
        if next(calls) == 2:
            raise ValueError("a fault of ours")
        return ""

    await bench.process(fault_of_ours).work(patience=0)
    assert bench.chat.texts("C1") == ["OLD1", "OLD2"]
    bench.plan("d:r3", updates="d")
    await bench.process().work(patience=0.5)
    bench.clock.forward(minutes=5)
    await bench.process().work(patience=0.5)
    assert bench.chat.texts("C1") == ["NEW"]
    assert bench.delivery("d:r2").state is DeliveryState.CANCELLED


class BusySlots(RateSlots):
    """The first time the database cannot be asked."""

    def __init__(self) -> None:
        super().__init__(0, 0)
        self.asked = 0

    async def take(self, channel: str) -> None:
        self.asked += 1
        if self.asked == 1:
            raise StoreBusy("somebody writes")
        await super().take(channel)


async def test_a_database_that_is_busy_before_the_post_costs_no_doubt(bench: Bench) -> None:
    bench.slots, bench.holds = BusySlots(), Holds(sending=24, request=12, doubt=5)
    bench.plan("d")
    await bench.process().work()
    assert bench.chat.calls == ["post"]
    assert bench.delivery("d").state is DeliveryState.SENT


async def test_one_refused_again_and_again_holds_up_nobody_and_is_given_up_after_a_day(bench: Bench) -> None:
    bench.plan("refused")
    bench.plan("behind")
    refused = bench.delivery("refused").id

    async def refuse_for_a_while() -> None:
        await bench.process(lambda _method: RetryLater("busy", 0.01)).killed_after(0.5)

    async with asyncio.timeout(20):
        while not bench.delivery("refused").stuck:
            await refuse_for_a_while()
    with bench.store.read() as uow:
        assert uow.deliveries.first_in_line("channel:C1", bench.clock.now()) != refused
    bench.clock.forward(days=1, hours=1)
    await refuse_for_a_while()
    assert bench.delivery("refused").state is DeliveryState.FAILED
    with bench.store.read() as uow:
        assert uow.deliveries.with_prefix("undeliverable:")
