"""How many calls leave in any second."""

import asyncio
from bisect import bisect_right
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.slots import ROOM
from handlers.teams.limits import TENANT_SPACING
from handlers.teams.pace import Pace


class Time:
    """Seconds that pass while somebody sleeps, or when told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


def most_in_a_second(gone: list[float]) -> int:
    """The most that any second saw, both of its ends counted."""
    return max(bisect_right(gone, at + 1.0) - n for n, at in enumerate(gone))


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200), st.sampled_from([TENANT_SPACING, 0.1, 0.5, 3.0]))
async def test_no_second_sees_more_than_it_may_however_they_come(pauses: list[float], spacing: float) -> None:
    time = Time()
    pace = Pace(spacing, time.now, time.sleep)
    gone = []
    for pause in pauses:
        time.at += pause
        await pace.turn()
        gone.append(time.at)
    assert most_in_a_second(gone) <= {TENANT_SPACING: 25, 0.1: 10, 0.5: 2, 3.0: 1}[spacing]


async def test_who_comes_after_a_pause_of_the_process_goes_soon_as_far_as_the_second_has_room() -> None:
    time = Time()
    pace = Pace(TENANT_SPACING, time.now, time.sleep)
    gone = []

    async def call() -> None:
        await pace.turn()
        gone.append(time.at)

    await asyncio.gather(*(call() for _ in range(60)))
    assert gone == sorted(gone)
    assert all(after - before >= 0.0101 for before, after in pairwise(gone))
    assert [round(at, 2) for at in (gone[24], gone[25], gone[49], gone[50])] == [0.24, 1.03, 1.27, 2.06]


async def test_what_comes_evenly_from_rate_slots_never_waits() -> None:
    time = Time()
    pace = Pace(TENANT_SPACING, time.now, time.sleep)
    gone = []
    for _ in range(100):
        await pace.turn()
        gone.append(time.at)
        time.at += TENANT_SPACING * ROOM
    assert [round(at, 6) for at in gone] == [round(n * TENANT_SPACING * ROOM, 6) for n in range(100)]
