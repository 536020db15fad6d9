"""An attempt that stands still while another one takes over: it notices, wherever it stood."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from bot.engine.slots import RateSlots
from reporting.ledger import Delivery, DeliveryState
from reporting.messages import Message
from reporting.ports import Later
from tests.engine.bench import Bench, Process
from tests.engine.messenger import in_turn


def overtaken_once(process: Process, delivery_id: int) -> Any:
    """Calls the other process from a worker thread, the first time; whoever called stands still meanwhile."""
    loop = asyncio.get_running_loop()
    done: list[bool] = []

    def overtake() -> None:
        if not done:
            done.append(True)
            asyncio.run_coroutine_threadsafe(process.deliver(delivery_id), loop).result(20)

    return overtake


async def test_frozen_between_composing_and_claiming(bench: Bench) -> None:
    bench.plan("d")
    number = bench.delivery("d").id
    overtake, compose = overtaken_once(bench.process(), number), bench.compose

    def slow(delivery: Delivery) -> Message | None:
        message = compose(delivery)
        overtake()
        return message

    bench.compose = slow  # type: ignore[method-assign]
    with pytest.raises(Later):
        await bench.process().deliver(number)
    assert bench.chat.texts("C1") == ["d"]
    assert (bench.delivery("d").state, bench.delivery("d").attempt) == (DeliveryState.SENT, 1)


async def test_frozen_between_composing_and_claiming_while_the_other_one_failed_for_now(bench: Bench) -> None:
    bench.plan("d")
    number = bench.delivery("d").id
    overtake, compose = overtaken_once(bench.process(in_turn("lost_after")), number), bench.compose

    def slow(delivery: Delivery) -> Message | None:
        message = compose(delivery)
        with suppress(Later):
            overtake()
        return message

    bench.compose = slow  # type: ignore[method-assign]
    with pytest.raises(Later):
        await bench.process().deliver(number)
    assert bench.delivery("d").state is DeliveryState.UNCERTAIN
    await bench.process().work()
    assert bench.chat.texts("C1") == ["d"]


class StandStill(RateSlots):
    """Whoever takes a slot stands still for longer than a delivery is held; another process takes it meanwhile."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(0, 0)
        self._bench, self._other = bench, bench.process()

    async def take(self, channel: str) -> None:
        await asyncio.sleep(self._bench.holds.sending * 1.5)
        await self._other.deliver(self._bench.delivery("d").id)


async def test_frozen_before_the_last_check(bench: Bench) -> None:
    bench.plan("d")
    bench.slots = StandStill(bench)
    with pytest.raises(Later):
        await bench.process().deliver(bench.delivery("d").id)
    assert bench.chat.texts("C1") == ["d"]
