"""Rate slots, on a clock that moves with the sleep."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.choice import make_slots, make_store
from bot.engine.slots import Frozen, RateSlots, SharedSlots, Slots, steady
from playground import RateLimits


class Time:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self, oversleep: float = 0.0) -> None:
        self.at = 1000.0
        self.oversleep = oversleep

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds + self.oversleep


class Table:
    """What processes share, on the same clock; keeps the promises of the real table, which is tested with the store."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._free: dict[str, float] = {}

    def reserve(self, channel: str, workspace_spacing: float, channel_spacing: float) -> float:
        now = self._time.at
        start = max(now, self._free.get("", 0.0))
        slot = max(start, self._free.get(channel, 0.0))
        self._free |= {"": start + workspace_spacing, channel: slot + channel_spacing}
        return slot - now

    def hold(self, channel: str, seconds: float) -> None:
        self._free |= dict.fromkeys(("", "quiet", channel), self._time.at + seconds)

    def held(self) -> float:
        return self._free.get("quiet", 0.0) - self._time.at


MakeSlots = Callable[[Time], Slots]


@pytest.fixture(params=["own", "shared"])
def slots_on(request: pytest.FixtureRequest) -> MakeSlots:
    def make(time: Time) -> Slots:
        if request.param == "own":
            return RateSlots(1.0, 0.2, monotonic=time.now, sleep=time.sleep)
        return SharedSlots(Table(time), 1.0, 0.2, monotonic=time.now, sleep=time.sleep)

    return make


async def test_one_channel_is_spaced_and_the_first_goes_at_once(slots_on: MakeSlots) -> None:
    time = Time()
    slots = slots_on(time)
    at = []
    for _ in range(3):
        await slots.take("C1")
        at.append(round(time.at - 1000, 3))
    assert at == [0.0, 1.0, 2.0]


async def test_other_channels_wait_only_for_the_workspace(slots_on: MakeSlots) -> None:
    time = Time()
    slots = slots_on(time)
    at = []
    for channel in ("C1", "C2", "C3"):
        await slots.take(channel)
        at.append(round(time.at - 1000, 3))
    assert at == [0.0, 0.2, 0.4]


@pytest.mark.parametrize("channel", ["C1", "C2"])
async def test_a_refusal_keeps_the_channel_and_the_workspace_quiet(slots_on: MakeSlots, channel: str) -> None:
    time = Time()
    slots = slots_on(time)
    await slots.hold("C1", 30)
    await slots.take(channel)
    assert time.at == 1030.0


async def test_who_waits_already_heeds_a_refusal_too(slots_on: MakeSlots) -> None:
    time = Time()
    slots = slots_on(time)
    await slots.take("C1")
    real, told = time.sleep, False

    async def sleep(seconds: float) -> None:
        nonlocal told
        if not told:
            told = True
            await slots.hold("C9", 30)
        await real(seconds)

    slots._sleep = sleep  # type: ignore[attr-defined]
    await slots.take("C1")
    assert time.at == pytest.approx(1030.0)


class Crowd(Time):
    """Seconds that pass when everybody sleeps: the one who wakes first wakes first."""

    def __init__(self) -> None:
        super().__init__()
        self._asleep: list[tuple[float, int, asyncio.Event]] = []
        self._number = 0

    async def sleep(self, seconds: float) -> None:
        self._number += 1
        woken = asyncio.Event()
        self._asleep.append((self.at + seconds, self._number, woken))
        await woken.wait()

    async def pass_by(self) -> bool:
        """Let the next one wake; whether there was one."""
        # Those who ask the table do so in threads.
        await asyncio.sleep(0.02)
        if not self._asleep:
            return False
        self._asleep.sort(key=lambda one: one[:2])
        at, _, woken = self._asleep.pop(0)
        self.at = max(self.at, at)
        woken.set()
        return True


async def six_go(slots: Slots, time: Crowd, meanwhile: Callable[[], Awaitable[None]]) -> list[float]:
    """When each of six goes, after something has happened while five of them wait."""
    gone: list[float] = []

    async def go(channel: str) -> None:
        await slots.take(channel)
        gone.append(round(time.at - 1000, 3))

    going = [asyncio.create_task(go(f"C{n}")) for n in range(6)]
    await asyncio.sleep(0.05)
    await meanwhile()
    while await time.pass_by():
        pass
    await asyncio.gather(*going)
    return gone


async def test_those_who_waited_through_a_refusal_do_not_all_go_at_once(slots_on: MakeSlots) -> None:
    time = Crowd()
    slots = slots_on(time)
    gone = await six_go(slots, time, lambda: slots.hold("C0", 30))
    later = [at for at in gone if at >= 30]
    assert len(later) >= 4
    assert all(after - before >= 0.199 for before, after in pairwise(later)), gone


async def test_those_who_waited_through_a_pause_of_the_process_do_not_all_go_at_once(slots_on: MakeSlots) -> None:
    time = Crowd()
    slots = slots_on(time)

    async def pause() -> None:
        time.at += 0.85

    gone = await six_go(slots, time, pause)
    # The slot at 0.8 is used a little late; those at 0.2, 0.4 and 0.6 are lost.
    assert gone == pytest.approx([0.0, 0.85, 1.0, 1.2, 1.4, 1.6])


async def test_a_machine_that_is_always_late_sends_all_the_same(slots_on: MakeSlots) -> None:
    time = Time(oversleep=0.15)
    slots = slots_on(time)
    for n in range(10):
        await slots.take(f"C{n}")
    # Each takes two slots at most, and sleeps twice at most for each.
    assert time.at - 1000.0 < 10 * 2 * (0.2 + 2 * 0.15)


async def test_what_did_not_wait_takes_its_slot_all_the_same(slots_on: MakeSlots) -> None:
    time = Time()
    slots = slots_on(time)
    await slots.take("C1")
    await slots.used("C9")
    assert time.at == 1000.0
    await slots.take("C2")
    assert time.at == pytest.approx(1000.4)
    await slots.used("C2")
    await slots.take("C2")
    assert time.at == pytest.approx(1002.4)


async def test_ten_thousand_at_the_limit_are_never_refused_and_lose_little(tmp_path: Path) -> None:
    """Arrivals are late by this and that, and people are answered in between; the chat counts what arrives."""
    store = make_store(f"sqlite:///{tmp_path / 'never-opened.db'}")
    slots, time, luck = make_slots(store, 0.1, 0.02), Time(), random.Random(3)
    slots._monotonic, slots._sleep = time.now, time.sleep  # type: ignore[attr-defined]
    arrivals = []
    for n in range(10_000):
        await slots.take(f"U{n}")
        arrivals.append(time.at + luck.expovariate(20))
        if n % 25 == 0:
            await slots.used(f"U{n + 50_000}")
            arrivals.append(time.at + luck.expovariate(20))
    arrivals.sort()
    at = iter(arrivals)
    now = [arrivals[0]]
    limits = RateLimits(posts_per_minute=30, scale=100.0, now=lambda: now[0])
    refused = 0
    for n, now[0] in enumerate(at):
        refused += limits.retry_after("chat.postMessage", 0, f"U{n}") is not None
    assert refused == 0
    assert len(arrivals) / (arrivals[-1] - arrivals[0]) >= 0.97 * 50


async def test_a_process_that_stood_still_must_look_again(slots_on: MakeSlots) -> None:
    slots = slots_on(Time(oversleep=1.5))
    await slots.take("C1")
    with pytest.raises(Frozen):
        await slots.take("C1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["C1", "C2", "C3"]), max_size=60))
async def test_no_channel_is_ever_used_faster_than_allowed(slots_on: MakeSlots, channels: list[str]) -> None:
    time = Time()
    slots = slots_on(time)
    last: dict[str, float] = {}
    for channel in channels:
        await slots.take(channel)
        assert time.at - last.get(channel, 0.0) >= 0.999
        last[channel] = time.at


def test_the_steady_clock_goes_forward() -> None:
    assert steady() <= steady()
