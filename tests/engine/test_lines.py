"""The order of messages in a channel, and what is done for those whose job was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reporting.ledger import DeliveryState as State
from reporting.ports import RetryLater
from reporting.services.outbox import lost, sweep
from tests.engine.bench import Bench
from tests.engine.messenger import Fault, in_turn


@pytest.mark.parametrize("fault", ["", "busy", "lost_before", "lost_after", RetryLater("ratelimited", 0.1)], ids=str)
async def test_nothing_overtakes_in_a_channel(bench: Bench, fault: Fault) -> None:
    keys = [f"m{number}" for number in range(6)]
    for key in keys:
        bench.plan(key)
    await bench.process(in_turn("", fault, "", fault)).work()
    assert bench.chat.texts("C1") == keys
    assert bench.jobs_left() == 0


async def test_what_was_due_first_goes_first_after_a_stop(bench: Bench) -> None:
    bench.plan("now")
    bench.plan("waited", minutes_late=5)
    await bench.process().work()
    assert bench.chat.texts("C1") == ["waited", "now"]


async def test_a_poisoned_message_holds_up_nobody(bench: Bench) -> None:
    bench.broken = {"poison"}
    bench.plan("poison")
    bench.plan("behind")
    bench.plan("other", "channel:C2")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["behind"]
    assert bench.chat.texts("C2") == ["other"]
    stuck = bench.delivery("poison")
    assert (stuck.state, stuck.stuck, stuck.error) == (State.PLANNED, True, "ValueError: a fault of ours")
    bench.broken = set()
    bench.clock.forward(seconds=10)
    await bench.process().work()
    assert bench.chat.texts("C1") == ["behind", "poison"]
    assert not bench.delivery("poison").stuck


async def test_one_planned_for_later_holds_up_nobody(bench: Bench) -> None:
    bench.plan("tomorrow", in_minutes=60)
    bench.plan("now")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["now"]
    bench.clock.forward(minutes=61)
    await bench.process().work()
    assert bench.chat.texts("C1") == ["now", "tomorrow"]


async def test_one_whose_job_was_lost_is_found_again(bench: Bench) -> None:
    for key in ("first", "second"):
        bench.plan(key)
    bench.lose_jobs()
    await bench.process().work()
    assert bench.chat.texts("C1") == []
    now = bench.services.clock.now()
    soon = now + timedelta(minutes=2)
    with bench.store.begin() as uow:
        assert lost(uow, now) == []  # not overdue yet
        # The first calls the second.
        assert sweep(uow, soon, lost(uow, soon)) == 1
        assert sweep(uow, soon, lost(uow, soon)) == 0
    await bench.process().work()
    assert bench.chat.texts("C1") == ["first", "second"]


async def test_an_answer_due_before_its_message_does_not_wait_with_it(bench: Bench) -> None:
    bench.plan("root", minutes_late=1)
    bench.plan("answer", thread_of="root", minutes_late=2)
    bench.plan("behind")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["root", "answer", "behind"]
    bench.plan("later", in_minutes=10)
    bench.plan("early", thread_of="later")
    bench.plan("other")
    await bench.process().work()
    assert bench.chat.texts("C1")[3:] == ["other"]
    bench.clock.forward(minutes=11)
    await bench.process().work()
    assert bench.chat.texts("C1")[3:] == ["other", "later", "early"]
