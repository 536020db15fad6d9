"""Where nobody can look: what may have arrived is never sent again by itself, holds up nobody, and people settle it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime

import pytest

from bot.engine.deliver import Deliver
from bot.engine.outlets import Outlet
from bot.engine.slots import RateSlots
from bot.engine.turns import OVER
from reporting.ledger import NOWHERE, MessageRef
from reporting.ledger import DeliveryState as State
from reporting.ports import JobEngine, Uncertain
from reporting.services import mending
from reporting.services.outbox import unsure
from tests.engine.bench import Bench
from tests.engine.messenger import FakeMessenger, Fault, in_turn, paragraphs
from tests.engine.test_torture import unreliable


class Blind(FakeMessenger):
    """It cannot be asked what was sent."""

    looks_back = False

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        raise Uncertain("cannot_look")


def process(bench: Bench, *faults: Fault) -> JobEngine:
    """Start the program with a chat system that cannot be asked."""
    return engine_of(bench, Blind(bench.chat, in_turn(*faults)))


def engine_of(bench: Bench, messenger: Blind) -> JobEngine:
    outlets = {"slack": Outlet(messenger, RateSlots(0, 0))}
    deliver = Deliver(bench.services, outlets, bench.compose, holds=bench.holds, jitter=lambda: 0.0)
    engine = bench.engine()
    engine.handle("deliver", deliver, deliver.give_up)
    return engine


async def work(bench: Bench, *faults: Fault, patience: float = 0.3) -> None:
    async with asyncio.timeout(30):
        await process(bench, *faults).drain(patience)


async def settled(bench: Bench, keys: list[str]) -> None:
    """Work until nothing is left to be done; on PostgreSQL what a stopped process had in hand may be found later."""
    async with asyncio.timeout(90):
        while not all(bench.delivery(key).state in OVER for key in keys):
            await work(bench, patience=1)
            await asyncio.sleep(0.2)


def arrived(bench: Bench, key: str) -> None:
    with bench.store.begin() as uow:
        mending.arrived(uow, key, "Petra", bench.clock.now(), actor="person:1")


def resent(bench: Bench, key: str) -> None:
    with bench.store.begin() as uow:
        mending.resend(uow, key, "Petra", bench.clock.now(), actor="person:1")


@pytest.mark.parametrize("fault", ["lost_before", "lost_after"])
async def test_it_is_not_sent_again_and_holds_up_nobody(bench: Bench, fault: Fault) -> None:
    bench.plan("d")
    bench.plan("d:edit", updates="d")
    bench.plan("d:answer", thread_of="d")
    bench.plan("behind")
    await work(bench, fault)
    assert bench.chat.texts("C1") == (["d", "behind"] if fault == "lost_after" else ["behind"])
    assert unsure(bench.delivery("d"))
    assert [bench.delivery(key).state for key in ("d:edit", "d:answer")] == [State.CANCELLED] * 2
    assert bench.jobs_left() == 1  # the notice to the PMO
    bench.clock.forward(minutes=11)
    await work(bench)
    [told] = bench.chat.texts("#pmo")
    assert "Send again" in told
    assert "It arrived" in told


async def test_somebody_says_that_it_has_arrived(bench: Bench) -> None:
    bench.plan("d")
    bench.plan("d:edit", updates="d")
    bench.plan("d:answer", thread_of="d")
    await work(bench, "lost_after")
    arrived(bench, "d")
    await work(bench)
    there = bench.delivery("d")
    assert (there.state, there.refs, there.error) == (State.SENT, (NOWHERE,), "")
    # The answer stands by itself; what cannot be found cannot be changed.
    assert bench.chat.texts("C1") == ["d", "d:answer"]
    assert bench.chat.messages["2"].thread is None
    bench.plan("d:later", updates="d")
    await work(bench)
    assert bench.delivery("d:later").error == 'nobody knows where the message is ("d")'
    with pytest.raises(mending.NotDone, match="no doubt"):
        arrived(bench, "d")
    with bench.store.read() as uow:
        assert [(e.actor, e.action) for e in uow.audit.events("delivery:d")] == [
            ("system", "delivery.failed"),
            ("person:1", "delivery.arrived"),
        ]


async def test_somebody_says_that_it_is_missing(bench: Bench) -> None:
    bench.plan("d")
    bench.plan("d:answer", thread_of="d")
    await work(bench, "lost_before")
    resent(bench, "d")
    await work(bench)
    assert bench.chat.texts("C1") == ["d", "d:answer"]
    assert bench.chat.messages["2"].thread == "1"


@pytest.mark.parametrize("there", [True, False])
async def test_a_later_part_in_doubt(bench: Bench, there: bool) -> None:
    bench.wanted["d"] = paragraphs("one", "two", "three")
    bench.plan("d")
    await work(bench, "", "lost_after" if there else "lost_before")
    assert bench.chat.texts("C1") == (["one", "two"] if there else ["one"])
    (arrived if there else resent)(bench, "d")
    await work(bench)
    assert bench.chat.texts("C1") == ["one", "two", "three"]
    assert bench.delivery("d").state is State.SENT


async def test_the_first_of_several_parts_has_arrived(bench: Bench) -> None:
    bench.wanted["d"] = paragraphs("one", "two")
    bench.plan("d")
    await work(bench, "lost_after")
    arrived(bench, "d")
    await work(bench)
    assert bench.chat.texts("C1") == ["one", "two"]
    assert bench.delivery("d").state is State.SENT


async def test_a_change_in_doubt_is_made_again(bench: Bench) -> None:
    bench.plan("d")
    await work(bench)
    bench.plan("d:edit", updates="d")
    await work(bench, "lost_before")
    assert bench.chat.texts("C1") == ["d:edit"]
    assert bench.delivery("d:edit").state is State.SENT


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_done_nothing_is_there_twice_and_all_is_accounted_for(bench: Bench, seed: int) -> None:
    """Kills, lost answers and limits: what is neither there nor known to be missing is told to the PMO."""
    dice = random.Random(seed)
    keys = [f"m{number}" for number in range(40)]
    for number, key in enumerate(keys):
        bench.wanted[key] = paragraphs(*(f"{key}.{part}" for part in range(dice.choice([1, 1, 1, 2, 3]))))
        bench.plan(key, f"channel:C{number % 5}")
    for run in range(5):
        engine = engine_of(bench, Blind(bench.chat, unreliable(seed * 100 + run, 0.15)))
        pump = asyncio.create_task(engine.run())
        await asyncio.sleep(0.2)
        await engine.stop(within=0)
        await asyncio.wait_for(pump, 20)
    await settled(bench, keys)
    shown = Counter(text for channel in range(5) for text in bench.chat.texts(f"C{channel}"))
    assert not [text for text, count in shown.items() if count > 1]
    states = {key: bench.delivery(key) for key in keys}
    assert all(delivery.state is State.SENT or unsure(delivery) for delivery in states.values())
    assert any(unsure(delivery) for delivery in states.values())
    # Somebody looks at each: is the part in doubt there, or not?
    for _ in range(4):
        for key in keys:
            delivery = bench.delivery(key)
            if unsure(delivery):
                there = shown[f"{key}.{len(delivery.refs)}"]
                (arrived if there else resent)(bench, key)
        await settled(bench, keys)
        shown = Counter(text for channel in range(5) for text in bench.chat.texts(f"C{channel}"))
    expected = [part["text"] for key in keys for part in bench.delivery(key).parts or ()]
    assert shown == Counter(expected)
