"""The ticker: asks again and again, whatever happens."""

from __future__ import annotations

import asyncio
import time

from bot.engine.clock import Ticker


async def test_it_ticks_at_once_and_then_again_and_wakes_the_engine() -> None:
    asked, woken = [], []
    ticker = Ticker(lambda: asked.append(1), lambda: woken.append(1), seconds=0.05)
    ticker.start()
    async with asyncio.timeout(5):
        while len(asked) < 3:
            await asyncio.sleep(0.01)
    await ticker.stop()
    seen = len(asked)
    await asyncio.sleep(0.15)
    assert len(asked) == seen
    assert len(woken) >= 2


async def test_a_failing_tick_is_followed_by_the_next() -> None:
    asked = []

    def fail() -> None:
        asked.append(1)
        raise OSError("the disk is full")

    ticker = Ticker(fail, lambda: None, seconds=0.05)
    ticker.start()
    async with asyncio.timeout(5):
        while len(asked) < 2:
            await asyncio.sleep(0.01)
    await ticker.stop()


async def test_a_tick_missed_while_the_loop_stood_still_is_made_up_for() -> None:
    asked: list[float] = []
    ticker = Ticker(lambda: asked.append(time.monotonic()), lambda: None, seconds=0.2)
    ticker.start()
    while not asked:
        await asyncio.sleep(0.01)
    time.sleep(0.9)  # the loop stands still for several periods
    before = len(asked)
    await asyncio.sleep(0.1)
    assert len(asked) in (before + 1, before + 2)
    await ticker.stop()


async def test_trouble_is_told_when_a_tick_failed_or_none_came_for_long() -> None:
    now, faults = [0.0], [ExceptionGroup("what is due", [ValueError("a digest"), ValueError("an alert")])]

    def work() -> None:
        if faults:
            raise faults.pop()

    ticker = Ticker(work, lambda: None, seconds=30, monotonic=lambda: now[0])
    assert ticker.trouble() is None
    await ticker.tick()
    assert ticker.failure is not None
    assert "what is due" in (ticker.trouble() or "")
    await ticker.tick()
    assert ticker.trouble() is None
    now[0] += 151
    assert ticker.trouble() == "what is due was looked at 151 s ago"
    await ticker.tick()
    assert ticker.trouble() is None
