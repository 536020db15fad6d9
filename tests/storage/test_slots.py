"""The slots that all processes share."""

import pytest

from storage.slots import SqlSlots
from storage.store import SqlStore


def test_a_channel_is_spaced_after_the_workspace(sql_store: SqlStore) -> None:
    slots = SqlSlots(sql_store)
    waits = [slots.reserve(channel, 10, 50) for channel in ("C1", "C2", "C1", "C3")]
    assert waits == pytest.approx([0, 10, 50, 30], abs=2)


def test_a_hold_is_for_all(sql_store: SqlStore) -> None:
    SqlSlots(sql_store).hold("C1", 100)
    other = SqlSlots(sql_store)
    assert other.reserve("C2", 1, 1) == pytest.approx(100, abs=2)
    other.hold("C2", 10)
    assert other.reserve("C1", 1, 1) == pytest.approx(101, abs=2)


def test_a_clock_that_was_set_back_holds_up_nobody(sql_store: SqlStore) -> None:
    slots = SqlSlots(sql_store)
    slots.hold("C1", 100_000)
    assert slots.reserve("C1", 1, 1) == pytest.approx(0, abs=2)
