"""Whatever is done to the process and to the network: nothing is missing and nothing is there twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from reporting.ledger import DeliveryState as State
from tests.engine.bench import Bench
from tests.engine.messenger import Fault, in_turn, paragraphs

FAULTS: list[Fault] = ["busy", "lost_before", "lost_after", "hang_before", "hang_after"]


def unreliable(seed: int, share: float) -> Callable[[str], Fault]:
    """Some of the calls go wrong, in every way there is."""
    dice = random.Random(seed)
    return lambda _method: dice.choice(FAULTS) if dice.random() < share else ""


@pytest.mark.parametrize("seed", range(4))
async def test_kills_lost_answers_and_limits(bench: Bench, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(40):
        key = f"m{number}"
        bench.wanted[key] = paragraphs(*(f"{key}.{part}" for part in range(dice.choice([1, 1, 1, 2, 3]))))
        bench.plan(key, f"channel:C{number % 5}")
        if number % 8 == 0:
            bench.plan(f"{key}:edit", f"channel:C{number % 5}", updates=key)
            bench.wanted[f"{key}:edit"] = paragraphs(f"{key}.edited")
    for run in range(6):
        await bench.process(unreliable(seed * 100 + run, 0.15)).killed_after(0.1)
    # What met a busy database is tried again a second later.
    await bench.process().work(patience=1.5)
    assert bench.jobs_left() == 0
    shown = Counter(text for channel in range(5) for text in bench.chat.texts(f"C{channel}"))
    expected = Counter()
    for number in range(40):
        edited = number % 8 == 0
        message = bench.wanted[f"m{number}:edit" if edited else f"m{number}"]
        assert message is not None
        expected.update("".join(s.text for s in block.spans) for block in message.blocks)
    assert shown == expected


@pytest.mark.parametrize("moment", ["hang_before", "hang_after"])
@pytest.mark.parametrize("part", [0, 1, 2])
async def test_killed_in_the_middle_of_a_part(bench: Bench, moment: Fault, part: int) -> None:
    bench.wanted["d"] = paragraphs("one", "two", "three")
    bench.plan("d")
    await bench.process(in_turn(*[""] * part, moment)).killed_in_call(part + 1)
    assert bench.delivery("d").state is State.SENDING
    second = bench.process()
    await second.work()
    assert bench.chat.texts("C1") == ["one", "two", "three"]
    assert second.messenger.found == 1


async def test_killed_while_editing(bench: Bench) -> None:
    bench.wanted |= {"d": paragraphs("a", "b"), "e": paragraphs("A", "B", "C")}
    bench.plan("d")
    await bench.process().work()
    bench.plan("e", updates="d")
    await bench.process(in_turn("", "hang_after")).killed_in_call(len(bench.chat.calls) + 2)
    await bench.process().work()
    assert bench.chat.texts("C1") == ["A", "B", "C"]
    assert bench.delivery("d").refs == bench.delivery("e").refs


async def test_what_was_begun_is_finished_as_it_was(bench: Bench) -> None:
    bench.wanted["d"] = paragraphs("one", "two")
    bench.plan("d")
    await bench.process(in_turn("", "hang_before")).killed_in_call(2)
    bench.wanted["d"] = paragraphs("ONE", "TWO")
    await bench.process().work()
    assert bench.chat.texts("C1") == ["one", "two"]


async def test_without_looking_there_would_be_two(bench: Bench) -> None:
    """The proof that the tests above can fail: a messenger that never finds anything sends twice."""
    bench.plan("d")
    await bench.process(in_turn("hang_after")).killed_in_call(1)
    blind = bench.process()

    async def find_nothing(*_: object, **__: object) -> None:
        return None

    blind.messenger.find = find_nothing  # type: ignore[method-assign]
    await blind.work()
    assert bench.chat.texts("C1") == ["d", "d"]
