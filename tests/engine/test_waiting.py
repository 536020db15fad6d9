"""What waits costs nothing: neither the sweep, nor unknown tasks, nor old edits, nor a workspace that refuses."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.engine.attempt import Holds
from reporting.ledger import DeliveryState as State
from reporting.ports import InstallationPaused, RetryLater
from reporting.services.outbox import lost, sweep
from storage.repositories.deliveries import SqlDeliveries
from tests.engine.bench import Bench
from tests.engine.messenger import in_turn


def swept(bench: Bench) -> int:
    """How many deliveries the sweep gives a job, two minutes from now."""
    with bench.store.begin() as uow:
        soon = bench.clock.now() + timedelta(minutes=2)
        return sweep(uow, soon, lost(uow, soon))


async def test_an_edit_that_waits_for_its_message_is_not_taken_for_lost(bench: Bench) -> None:
    bench.plan("d")
    bench.plan("d:edit", updates="d")
    bench.plan("d:answer", "channel:C2", thread_of="d")
    await bench.process(in_turn(RetryLater("ratelimited", 600))).work()
    assert bench.jobs_left() == 1
    assert swept(bench) == 0
    bench.clock.forward(minutes=11)
    await bench.process().work()
    assert bench.delivery("d:edit").state is State.SENT
    assert bench.delivery("d:answer").state is State.SENT


async def test_an_edit_that_waits_for_one_half_done_is_not_taken_for_lost(bench: Bench) -> None:
    from tests.engine.messenger import paragraphs

    bench.wanted |= {"d": paragraphs("a"), "d:r2": paragraphs("A", "B"), "d:r3": paragraphs("only")}
    bench.plan("d")
    await bench.process().work()
    bench.plan("d:r2", updates="d")
    await bench.process(in_turn("", RetryLater("ratelimited", 600))).work(patience=0)
    bench.plan("d:r3", updates="d")
    await bench.process().work(patience=0)
    assert bench.jobs_left() == 1
    assert swept(bench) == 0
    bench.clock.forward(minutes=11)
    await bench.process().work()
    assert bench.chat.texts("C1") == ["only"]


async def test_a_lost_edit_is_found_and_the_newest_is_enough(bench: Bench) -> None:
    bench.plan("d")
    await bench.process().work()
    for number in range(3):
        bench.plan(f"d:r{number}", updates="d")
    bench.lose_jobs()
    assert swept(bench) > 0
    await bench.process().work()
    assert bench.chat.texts("C1") == ["d:r2"]
    assert swept(bench) == 0


async def test_a_task_that_no_process_knows_waits_in_silence(bench: Bench) -> None:
    with bench.store.begin() as uow:
        uow.jobs.enqueue("tomorrow's", {}, key="k")
    engine, noted = bench.engine(), []

    async def work(n: int) -> None:
        noted.append(n)

    engine.handle("work", work)
    with capture_logs() as logs:
        pump = asyncio.create_task(engine.run())
        await asyncio.sleep(4)
        with bench.store.begin() as uow:
            uow.jobs.enqueue("work", {"n": 1})
        await asyncio.sleep(3)
        await engine.stop(1)
        await asyncio.wait_for(pump, 10)
    assert noted == [1]
    assert [entry for entry in logs if entry["log_level"] in ("error", "warning")] == []
    with bench.store.read() as uow:
        assert uow.jobs.waits("tomorrow's")


async def test_the_edits_of_long_ago_are_not_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.plan("d")
    await bench.process().work()
    for number in range(5):
        bench.plan(f"d:r{number}", updates="d")
        await bench.process().work()

    def never(*_: Any) -> Any:
        raise AssertionError("all edits of a message are listed for people only")

    monkeypatch.setattr(SqlDeliveries, "edits_of", never)
    bench.plan("d:last", updates="d")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["d:last"]


async def test_a_paused_workspace_is_tried_by_one_message_and_then_by_one_again(bench: Bench) -> None:
    for number in range(6):
        bench.plan(f"d{number}", f"channel:C{number}")
    refuse: Any = lambda _method: InstallationPaused("org_login_required")  # noqa: E731
    # For as long as the one that tries may take, the others wait on; a busy machine needs more than the bench's holds.
    bench.holds = Holds(sending=5.0, request=1.0, doubt=0.01)
    await bench.process(refuse).work()
    # Those under way at the same moment may have asked too; nobody does after that.
    asked = len(bench.chat.calls)
    bench.plan("d9", "channel:C9")
    await bench.process(refuse).work()
    assert len(bench.chat.calls) == asked
    bench.clock.forward(hours=1, seconds=2)
    await bench.process(refuse).work()
    assert len(bench.chat.calls) == asked + 1
    bench.clock.forward(hours=1, seconds=2)
    await bench.process().work()
    bench.clock.forward(minutes=1)
    await bench.process().work()
    assert len(bench.chat.messages) == 7
    assert bench.jobs_left() == 0
