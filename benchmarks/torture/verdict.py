"""The verdict: what the chat has taken, against what was asked for and what the product says of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from benchmarks.torture.fleet import Freeze
from benchmarks.torture.wishes import Wish
from storage.store import SqlStore
from storage.tables import deliveries

# A request that was ready when its process was frozen arrives so soon after it goes on.
_AFTER_THAW = 2.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that the chat did. `what` is post, edit, delete or look (somebody read the history)."""

    at: float
    who: str
    what: str
    channel: str
    ts: str
    key: str
    thread: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery as the table has it in the end."""

    id: int
    key: str
    state: str
    error: str
    updates: str | None
    thread_of: str | None
    expires: bool


@dataclass
class Verdict:
    """What was found, each with the keys concerned and why."""

    missing: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    after_cancel: list[str] = field(default_factory=list)
    in_window: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong, apart from the known window."""
        return not (self.missing or self.twice or self.early or self.out_of_order or self.after_cancel)

    def __str__(self) -> str:
        """The last line."""
        counts = {name: len(getattr(self, name)) for name in self.__dataclass_fields__}
        return " ".join(f"{name}={count}" for name, count in counts.items())


def read_record(path: Path) -> list[Taken]:
    """What the chat has written down."""
    return [Taken(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def read_rows(store: SqlStore) -> dict[str, Row]:
    """All deliveries by key."""
    d = deliveries.c
    with store.reading() as db:
        found = db.execute(select(d.id, d.key, d.state, d.error, d.updates, d.thread_of, d.expires_at))
        return {r[1]: Row(r[0], r[1], str(r[2]), r[3], r[4], r[5], r[6] is not None) for r in found}


def judge(
    wishes: Sequence[Wish], rows: Mapping[str, Row], record: Sequence[Taken], freezes: Sequence[Freeze]
) -> Verdict:
    """Compare the three."""
    verdict = Verdict()
    posts: dict[str, list[Taken]] = defaultdict(list)
    for taken in record:
        if taken.what == "post":
            posts[taken.key.rpartition("#")[0]].append(taken)
    edits = [taken for taken in record if taken.what == "edit"]
    verdict.missing = list(_missing(wishes, rows, posts, edits))
    _doubles(verdict, posts, record, freezes)
    texts = {taken.text: taken.at for taken in reversed(edits)}
    for wish in wishes:
        first = texts.get(wish.key) if wish.updates else (posts[wish.key][0].at if posts[wish.key] else None)
        if first is not None and first < wish.due:
            verdict.early.append(f"{wish.key}: {wish.due - first:.3f} s early")
    verdict.out_of_order = [*_overtaken(wishes, rows, posts), *_astray(wishes, posts), *_older_edits(wishes, edits)]
    verdict.after_cancel = list(_after_cancel(wishes, rows, posts))
    return verdict


def _missing(
    wishes: Sequence[Wish], rows: Mapping[str, Row], posts: Mapping[str, Sequence[Taken]], edits: Iterable[Taken]
) -> Iterable[str]:
    shown = {taken.text for taken in edits}
    newest: dict[str | None, str] = {wish.updates: wish.key for wish in wishes if wish.updates}
    asked = {wish.key: wish for wish in wishes}
    for key in dict.fromkeys([*asked, *rows]):
        wish, row = asked.get(key), rows.get(key)
        if row is None:
            yield f"{key}: not in the table"
        elif row.state == "sent":
            if not (key in shown if row.updates and wish else posts.get(key) or row.updates):
                yield f"{key}: sent, says the table, and nobody has seen it"
        elif row.state == "planned" and wish is None:
            # The product's own, for later: the PMO is told some minutes after something was left out.
            continue
        elif not _may_end(row, wish, newest):
            yield f"{key}: {row.state} ({row.error})"


def _may_end(row: Row, wish: Wish | None, newest: Mapping[str | None, str]) -> bool:
    """Whether a delivery may have come to nothing."""
    if row.state == "skipped":
        return row.expires
    if row.state != "cancelled" or wish is None:
        return False
    return bool(wish.unwanted_at) or (wish.updates is not None and newest[wish.updates] != wish.key)


def _doubles(
    verdict: Verdict, posts: Mapping[str, Sequence[Taken]], record: Sequence[Taken], freezes: Sequence[Freeze]
) -> None:
    for key, taken in posts.items():
        by_part: dict[str, list[Taken]] = defaultdict(list)
        for post in taken:
            by_part[post.key].append(post)
        for first, *more in by_part.values():
            for second in more:
                words = f"{key}: by {first.who}, and {second.at - first.at:.1f} s later by {second.who}"
                known = in_window(first, second, record, freezes)
                (verdict.in_window if known else verdict.twice).append(words)


def in_window(first: Taken, second: Taken, record: Sequence[Taken], freezes: Iterable[Freeze]) -> bool:
    """Whether it can be proven that one of two posts came from a process frozen between its check and its post.

    That process had gone on shortly before its post arrived, and had not stood still right before its check. The other
    one had looked at the history after the freeze began, before either of the two was there.
    """
    for one, other in ((second, first), (first, second)):
        thawed = [f for f in freezes if f.who == one.who and f.until <= one.at <= f.until + _AFTER_THAW]
        if one.who == other.who or not thawed or thawed[-1].snared:
            continue
        looks = (t.at for t in record if t.what == "look" and t.who == other.who and t.channel == other.channel)
        if any(thawed[-1].since < at <= first.at for at in looks):
            return True
    return False


def _overtaken(wishes: Sequence[Wish], rows: Mapping[str, Row], posts: Mapping[str, Sequence[Taken]]) -> Iterable[str]:
    """Posts to one target go out in the order of their due times, as far as they were known by then."""
    due = {wish.key: wish.due for wish in wishes}
    in_line = {wish.key: _place(wish, due.get(wish.thread_of or "", 0.0)) for wish in wishes}
    lines: dict[str, list[Wish]] = defaultdict(list)
    for wish in wishes:
        if posts.get(wish.key) and not wish.updates and wish.key in rows:
            lines[wish.target].append(wish)
    for line in lines.values():
        line.sort(key=lambda wish: posts[wish.key][0].at)
        for at, later in enumerate(line):
            for one in line[at + 1 :]:
                before = (in_line[one.key], rows[one.key].id) < (in_line[later.key], rows[later.key].id)
                known = one.batch == later.batch or one.committed < later.due
                if before and known:
                    yield f"{later.key} before {one.key} in {one.target}"


def _place(wish: Wish, root_due: float) -> tuple[float, bool, float]:
    """An answer stands in line behind its message; several answers there by their own due times."""
    return max(wish.due, root_due), root_due > wish.due, wish.due


def _astray(wishes: Iterable[Wish], posts: Mapping[str, Sequence[Taken]]) -> Iterable[str]:
    """An answer stands in the thread of its message, after it."""
    for wish in wishes:
        if wish.thread_of and posts.get(wish.key):
            roots = {root.ts: root.at for root in posts.get(wish.thread_of, ())}
            answer = posts[wish.key][0]
            if answer.thread not in roots or roots[answer.thread] > answer.at:
                yield f"{wish.key}: not in the thread of {wish.thread_of}"


def _older_edits(wishes: Sequence[Wish], edits: Iterable[Taken]) -> Iterable[str]:
    """A message never goes back to an older edit."""
    order = {wish.key: at for at, wish in enumerate(wishes)}
    newest: dict[tuple[str, str], str] = {}
    for taken in edits:
        if taken.text in order:
            place = (taken.channel, taken.ts)
            if order[taken.text] < order.get(newest.get(place, ""), -1):
                yield f"{taken.text} over {newest[place]}"
            newest[place] = taken.text


def _after_cancel(
    wishes: Iterable[Wish], rows: Mapping[str, Row], posts: Mapping[str, Sequence[Taken]]
) -> Iterable[str]:
    for wish in wishes:
        for post in posts.get(wish.key, ()):
            if wish.unwanted_at and post.at > wish.unwanted_at:
                yield f"{wish.key}: sent {post.at - wish.unwanted_at:.1f} s after it was taken back"
            elif rows[wish.key].state in ("cancelled", "skipped"):
                yield f"{wish.key}: sent, and {rows[wish.key].state}"
