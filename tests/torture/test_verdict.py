"""The verdict sees each fault by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.torture.fleet import Freeze
from benchmarks.torture.verdict import Row, Taken, Verdict, judge
from benchmarks.torture.wishes import Wish

A = Wish("a", "channel", "channel:C1", due=100.0, batch=1, committed=99.0)
B = Wish("b", "channel", "channel:C1", due=110.0, batch=2, committed=99.5)


def post(wish: Wish, at: float, who: str = "run1.1", thread: str | None = None) -> Taken:
    return Taken(at, who, "post", "C1", f"{at:.6f}", f"{wish.key}#0", thread, "")


def edit(wish: Wish, at: float) -> Taken:
    return Taken(at, "run1.1", "edit", "C1", "101.000000", "a#0", None, wish.key)


def look(at: float, who: str) -> Taken:
    return Taken(at, who, "look", "C1", "", "", None, "")


def verdict_on(wishes: list[Wish], *record: Taken, state: str = "sent", freezes: tuple[Freeze, ...] = ()) -> Verdict:
    rows = {w.key: Row(n, w.key, state, "", w.updates, w.thread_of, False) for n, w in enumerate(wishes, 1)}
    return judge(wishes, rows, record, freezes)


def test_all_is_well() -> None:
    verdict = verdict_on([A, B], post(A, 101), post(B, 111))
    assert verdict.good
    assert str(verdict) == "missing=0 twice=0 early=0 out_of_order=0 after_cancel=0 in_window=0"


@pytest.mark.parametrize("state", ["sent", "planned", "sending", "uncertain", "failed", "cancelled", "skipped"])
def test_what_nobody_has_seen_is_missing(state: str) -> None:
    assert len(verdict_on([A], state=state).missing) == 1


def test_what_is_not_in_the_table_is_missing() -> None:
    assert len(judge([A], {}, [], []).missing) == 1


def test_two_posts_with_one_key_are_twice() -> None:
    assert len(verdict_on([A], post(A, 101), post(A, 130)).twice) == 1


def test_a_freeze_in_the_window_is_counted_apart_when_it_can_be_proven() -> None:
    freeze = Freeze("run1.1", 100.5, 125.0)
    doubles = (look(120, "run2.1"), post(A, 121, "run2.1"), post(A, 125.3))
    found = verdict_on([A], *doubles, freezes=(freeze,))
    assert (len(found.in_window), len(found.twice)) == (1, 0)
    for unproven in (Freeze("run1.1", 120.5, 125.0), Freeze("run2.1", 100.5, 125.0), Freeze("run1.1", 100.5, 110.0)):
        assert len(verdict_on([A], *doubles, freezes=(unproven,)).twice) == 1
    assert len(verdict_on([A], *doubles[1:], freezes=(freeze,)).twice) == 1
    # It stood still right before its check, which would have told it.
    assert len(verdict_on([A], *doubles, freezes=(replace(freeze, snared=True),)).twice) == 1


def test_early() -> None:
    assert len(verdict_on([A], post(A, 99.9)).early) == 1


def test_overtaken_only_where_it_was_known_in_time() -> None:
    first, second = post(B, 111), post(A, 112)
    assert len(verdict_on([A, B], first, second).out_of_order) == 1
    late = replace(A, batch=3, committed=110.5)
    assert not verdict_on([late, B], first, second).out_of_order


def test_an_answer_stands_in_its_thread_and_in_line_behind_its_message() -> None:
    answer = Wish("c", "reply", "channel:C1", due=90.0, batch=2, committed=99.5, thread_of="a")
    root = post(A, 101)
    assert verdict_on([A, answer], root, post(answer, 102, thread=root.ts)).good
    assert verdict_on([A, answer], root, post(answer, 102, thread="7.0")).out_of_order
    between = Wish("d", "channel", "channel:C1", due=95.0, batch=1, committed=80.0)
    assert verdict_on([A, answer, between], post(between, 100.5), root, post(answer, 102, thread=root.ts)).good


def test_answers_to_one_message_stand_by_their_own_due_times() -> None:
    later, sooner = (
        Wish(key, "reply", "channel:C1", due, 1, 80.0, thread_of="a") for key, due in (("c", 95), ("d", 90))
    )
    root = post(A, 101)
    first, second = post(sooner, 102, thread=root.ts), post(later, 103, thread=root.ts)
    assert verdict_on([A, later, sooner], root, first, second).good
    first, second = post(later, 102, thread=root.ts), post(sooner, 103, thread=root.ts)
    assert len(verdict_on([A, later, sooner], root, first, second).out_of_order) == 1


def test_an_older_edit_after_a_newer_one() -> None:
    old, new = (Wish(key, "edit", "channel:C1", 105.0, 3, 99.8, updates="a") for key in ("old", "new"))
    assert verdict_on([A, old, new], post(A, 101), edit(old, 106), edit(new, 107)).good
    assert verdict_on([A, old, new], post(A, 101), edit(new, 106), edit(old, 107)).out_of_order


def test_sent_after_it_was_taken_back() -> None:
    gone = replace(A, unwanted_at=95.0)
    assert verdict_on([gone], state="cancelled").good
    assert len(verdict_on([gone], post(gone, 101)).after_cancel) == 1
    assert len(verdict_on([A], post(A, 101), state="cancelled").after_cancel) == 1
