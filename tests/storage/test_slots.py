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


def test_a_second_chat_system_has_slots_of_its_own(sql_store: SqlStore) -> None:
    slack, teams = SqlSlots(sql_store), SqlSlots(sql_store, "teams:")
    slack.hold("C1", 100)
    assert teams.reserve("C1", 10, 50) == pytest.approx(0, abs=2)
    assert teams.held() <= 0 < slack.held()
    assert teams.reserve("C2", 10, 50) == pytest.approx(10, abs=2)
