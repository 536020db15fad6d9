"""Rate slots, on a clock that moves with the sleep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.slots import Frozen, RateSlots, steady


class Time:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self, oversleep: float = 0.0) -> None:
        self.at = 1000.0
        self.oversleep = oversleep

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds + self.oversleep


def slots_on(time: Time) -> RateSlots:
    return RateSlots(1.0, 0.2, monotonic=time.now, sleep=time.sleep)


async def test_one_channel_is_spaced_and_the_first_goes_at_once() -> None:
    time = Time()
    slots = slots_on(time)
    at = []
    for _ in range(3):
        await slots.take("C1")
        at.append(round(time.at - 1000, 3))
    assert at == [0.0, 1.0, 2.0]


async def test_other_channels_wait_only_for_the_workspace() -> None:
    time = Time()
    slots = slots_on(time)
    at = []
    for channel in ("C1", "C2", "C3"):
        await slots.take(channel)
        at.append(round(time.at - 1000, 3))
    assert at == [0.0, 0.2, 0.4]


async def test_a_channel_that_was_told_to_wait_is_held() -> None:
    time = Time()
    slots = slots_on(time)
    await slots.hold("C1", 30)
    await slots.take("C1")
    assert time.at == 1030.0


async def test_a_process_that_stood_still_must_look_again() -> None:
    slots = slots_on(Time(oversleep=1.5))
    await slots.take("C1")
    with pytest.raises(Frozen):
        await slots.take("C1")


@given(st.lists(st.sampled_from(["C1", "C2", "C3"]), max_size=60))
async def test_no_channel_is_ever_used_faster_than_allowed(channels: list[str]) -> None:
    time = Time()
    slots = slots_on(time)
    last: dict[str, float] = {}
    for channel in channels:
        await slots.take(channel)
        assert time.at - last.get(channel, 0.0) >= 0.999
        last[channel] = time.at


def test_the_steady_clock_goes_forward() -> None:
    assert steady() <= steady()
