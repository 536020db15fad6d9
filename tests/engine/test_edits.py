"""Edits of one message: the newest one is what is shown at the end."""

from __future__ import annotations

import pytest

from reporting.ledger import DeliveryState as State
from reporting.ports import RetryLater
from tests.engine.bench import Bench
from tests.engine.messenger import Fault, in_turn, paragraphs


async def posted(bench: Bench, *texts: str) -> None:
    bench.wanted["d"] = paragraphs(*texts)
    bench.plan("d")
    await bench.process().work()
    bench.chat.calls.clear()


async def test_an_older_edit_never_overwrites_a_newer_one(bench: Bench) -> None:
    await posted(bench, "first")
    bench.plan("d:r2", updates="d")
    bench.plan("d:r3", updates="d")
    # The first edit is told to wait, so the second goes ahead of it.
    await bench.process(in_turn(RetryLater("ratelimited", 0.05))).work()
    assert bench.chat.texts("C1") == ["d:r3"]
    assert bench.delivery("d:r3").state is State.SENT
    older = bench.delivery("d:r2")
    assert (older.state, older.error) == (State.CANCELLED, "a newer edit takes its place")
    assert bench.jobs_left() == 0


async def test_a_newer_edit_that_came_to_nothing_takes_nobodys_place(bench: Bench) -> None:
    await posted(bench, "first")
    bench.wanted["d:r3"] = None
    bench.plan("d:r2", updates="d")
    await bench.process(in_turn(RetryLater("ratelimited", 0.3))).work(patience=0)
    bench.plan("d:r3", updates="d")
    await bench.process().work(patience=0)
    await bench.process().work(patience=1)
    assert bench.delivery("d:r3").state is State.CANCELLED
    assert bench.chat.texts("C1") == ["d:r2"]


@pytest.mark.parametrize("fault", [RetryLater("ratelimited", 0.05), "lost_after"])
async def test_an_edit_half_done_is_finished_before_a_newer_one_begins(bench: Bench, fault: Fault) -> None:
    await posted(bench, "a")
    bench.wanted |= {"d:r2": paragraphs("A", "B"), "d:r3": paragraphs("only")}
    bench.plan("d:r2", updates="d")
    # The first edit changes a part, and is held up before it adds the second.
    await bench.process(in_turn("", fault)).work(patience=0)
    bench.plan("d:r3", updates="d")
    await bench.process().work(patience=1)
    assert bench.chat.texts("C1") == ["only"]
    assert bench.delivery("d:r2").state is State.SENT
    assert bench.delivery("d:r3").state is State.SENT


@pytest.mark.parametrize("moment", ["hang_before", "hang_after", RetryLater("ratelimited", 0.01)])
@pytest.mark.parametrize("number", [3, 4, 5])
async def test_interrupted_while_it_is_made_plainer(bench: Bench, moment: Fault, number: int) -> None:
    """The plain drawing is split elsewhere than the rich one: parts of both must not stand side by side."""
    bench.chat.takes_new = False
    bench.wanted["d"] = paragraphs("one|two", "new:three")
    bench.plan("d")
    process = bench.process(in_turn(*[""] * (number - 1), moment))
    if isinstance(moment, RetryLater):
        await process.work()
    else:
        await process.killed_in_call(number)
    await bench.process().work()
    assert bench.delivery("d").state is State.SENT
    assert bench.chat.texts("C1") == ["one", "two", "three"]
    assert len(bench.delivery("d").refs) == 3
