"""The demo's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.week import FURTHEST, MOMENTS, STEP, Moment, Week
from tests.engine.fakes import StoppedClock


class Movable(StoppedClock):
    """A stopped clock that the demo may move."""

    def set(self, instant: datetime) -> None:
        self.at = instant.astimezone(UTC)


@given(st.integers(0, 366 * 24 * 60), st.sampled_from(MOMENTS))
def test_a_moment_is_the_next_one_on_the_wall(minutes: int, moment: Moment) -> None:
    zone = ZoneInfo("Europe/London")
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = moment.after(now, zone)
    local = found.astimezone(zone)
    assert found > now
    assert found - now <= timedelta(days=7, hours=1)
    assert local.time() == moment.at
    assert moment.weekday in (None, local.weekday())


async def test_a_jump_goes_in_small_steps_and_ends_at_its_target() -> None:
    clock = Movable(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    seen: list[datetime] = []

    async def step() -> None:
        seen.append(clock.now())

    await Week(clock, step, "Europe/London").go("digest")
    assert seen[-1] == datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    assert all(later - earlier <= STEP for earlier, later in pairwise(seen))


@pytest.mark.parametrize("target", ["unknown", datetime(2026, 11, 1, tzinfo=UTC)])
async def test_no_way_back(target: str | datetime) -> None:
    clock = Movable()
    before = clock.now()

    async def step() -> None:
        raise AssertionError

    await Week(clock, step, "UTC").go(target)
    assert clock.now() == before


async def test_not_further_than_anybody_would_wait() -> None:
    clock = Movable()
    before = clock.now()

    async def step() -> None:
        return

    await Week(clock, step, "UTC").go(before + timedelta(days=5000))
    assert clock.now() == before + FURTHEST
