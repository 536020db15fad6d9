"""Standings: folded one event at a time, equal to folding the whole history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import trends
from reporting.model import Rag, Standing

G, A, R = Rag.GREEN, Rag.AMBER, Rag.RED
HISTORIES = st.lists(st.sampled_from([G, A, R, None]), min_size=1, max_size=30)


def folded(*colours: Rag | None) -> Standing:
    return trends.fold(1, enumerate(colours, start=1))


@pytest.mark.parametrize(
    ("colours", "streak", "missed"),
    [
        ((G,), 1, 0),
        ((None,), 0, 1),
        ((G, G, G), 3, 0),
        ((G, A), 1, 0),
        ((R, A), 1, 0),
        ((R, None), 0, 1),
        ((R, None, R), 2, 0),  # a gap neither counts in a streak nor breaks it
        ((R, R, None, None, R), 3, 0),
        ((R, None, A), 1, 0),
        ((G, None, None, None), 0, 3),
    ],
)
def test_streak_and_missed(colours: tuple[Rag | None, ...], streak: int, missed: int) -> None:
    standing = folded(*colours)
    assert (standing.streak, standing.missed) == (streak, missed)


def test_not_reported_is_no_colour_but_the_last_one_is_remembered() -> None:
    standing = folded(G, R, R, None)
    assert (standing.rag, standing.previous) == (None, R)
    assert (standing.last_rag, standing.last_period_id, standing.last_streak) == (R, 3, 2)
    assert folded(G, R, R, None, None).previous is None


def test_a_pending_period_has_not_missed_anything_yet() -> None:
    pending = trends.opened(folded(A, None), 1, 3)
    assert (pending.rag, pending.missed, pending.streak) == (None, 1, 0)
    assert trends.missed(pending).missed == 2


def test_a_late_report_ends_the_run_of_missed_ones() -> None:
    late = trends.reported(folded(A, None, None), A, 9, None)
    assert (late.missed, late.streak, late.report_id) == (0, 2, 9)


def test_a_reported_period_cannot_be_missed() -> None:
    standing = folded(G)
    assert trends.missed(standing) is standing


def test_a_revision_replaces_what_was_reported_in_the_same_period() -> None:
    red = trends.reported(trends.opened(folded(A, A), 1, 3), R, 7, date(2026, 12, 1))
    assert (red.streak, red.path_due) == (1, date(2026, 12, 1))
    amber = trends.reported(red, A, 8, None)
    assert (amber.streak, amber.report_id, amber.path_due) == (3, 8, None)


def test_a_return_without_a_rating_is_a_gap_that_is_not_counted_as_missed() -> None:
    exempt = trends.reported(trends.opened(folded(A, None), 1, 3), None, 5, None)
    assert (exempt.rag, exempt.report_id, exempt.missed, exempt.streak) == (None, 5, 1, 0)
    assert trends.fold(1, [(1, A), (2, None), (3, None)], excused={3}, report_id=5) == exempt


def test_a_promise_holds_until_a_report_replaces_it() -> None:
    promised = trends.reported(trends.opened(None, 1, 1), R, 4, date(2026, 12, 1))
    waiting = trends.missed(trends.opened(promised, 1, 2))
    again = trends.opened(waiting, 1, 3)
    assert waiting.path_due == again.path_due == date(2026, 12, 1)
    assert trends.reported(again, G, 6, None).path_due is None


def test_an_empty_history_has_no_standing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        trends.fold(1, [])


@given(HISTORIES, st.data())
def test_one_event_at_a_time_is_the_same_as_folding_the_history(colours: list[Rag | None], data: st.DataObject) -> None:
    """Revisions, late answers and excused gaps on the way make no difference to where it ends."""
    standing: Standing | None = None
    excused = set()
    for period_id, rag in enumerate(colours, start=1):
        standing = trends.opened(standing, 1, period_id)
        if rag is None and data.draw(st.booleans()):
            excused.add(period_id)
        elif rag is None or data.draw(st.booleans()):
            standing = trends.missed(standing)
        if rag is not None:
            for draft in data.draw(st.lists(st.sampled_from([G, A, R]), max_size=2)):
                standing = trends.reported(standing, draft, 1, date(2026, 1, 1))
            standing = trends.reported(standing, rag, None, None)
    assert standing is not None
    assert standing == trends.fold(1, enumerate(colours, start=1), excused)


@given(HISTORIES)
def test_a_streak_counts_the_reported_periods_at_the_end(colours: list[Rag | None]) -> None:
    standing = folded(*colours)
    reported = [rag for rag in colours if rag is not None]
    run = 0
    for rag in reversed(reported):
        if rag is not reported[-1]:
            break
        run += 1
    assert (standing.streak or standing.last_streak) == run
    assert standing.rag is colours[-1]
    assert replace(standing, rag=None).rag is None
