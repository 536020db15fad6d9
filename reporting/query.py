"""What can be asked with `/rag`, and what a list may be filtered by; `reporting.grammar` reads and writes the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

from dateutil.relativedelta import relativedelta

from reporting.model import ProjectState, Rag


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which projects a list shows. Everything given must hold; an empty tuple or None means "any".

    Attributes:
        colours: colours in the newest period; None inside means not reported.
        portfolio_ids, lead_ids, project_ids: any of these.
        states: project states, active ones by default.
        moved: `worse` or `better` against the last colour reported before.
        moved_since: with `moved`, against the last colour reported on or before this day instead.
        min_streak: at least so many periods in the present colour (or without a report, for not reported).
        risk_op, risk_score: bound on the score of the worst open risk, such as `>=` 12; in lists of risks, on each.
        risk_since: in lists of risks, only those opened on or after this day (UTC).
        reported_since: last period reported on or after this day.
        confidential: False hides confidential projects, except those in `own_ids`.
        own_ids: projects that the reader leads, deputises or sponsors.
    """

    colours: tuple[Rag | None, ...] = ()
    portfolio_ids: tuple[int, ...] | None = None
    lead_ids: tuple[int, ...] | None = None
    project_ids: tuple[int, ...] | None = None
    states: tuple[ProjectState, ...] = (ProjectState.ACTIVE,)
    moved: str = ""
    moved_since: date | None = None
    min_streak: int = 0
    risk_op: str = ""
    risk_score: int = 0
    risk_since: date | None = None
    reported_since: date | None = None
    confidential: bool = False
    own_ids: tuple[int, ...] = ()


class Verb(StrEnum):
    """What is asked for."""

    OVERVIEW = "overview"
    LIST = "list"
    PROJECT = "project"
    RISKS = "risks"
    MINE = "mine"
    HISTORY = "history"
    TREND = "trend"
    DIGEST = "digest"
    HELP = "help"
    REMIND = "remind"
    DIGEST_PREVIEW = "digest preview"
    DIGEST_SEND = "digest send"
    PROJECT_ADD = "project add"
    PROJECT_EDIT = "project edit"
    ABSENCE = "absence"
    ME = "me"
    PERSON = "person"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, as understood.

    Attributes:
        subject: project key or part of a name; the person of `absence` and `person`; the topic of `help`; name or day
            of a `digest`.
        colours: colours asked for, None inside means not reported; worst first.
        mine: only projects of the asker.
        moved: `worse`, `better` or empty.
        portfolios, leads: as typed, without a leading `@`, sorted.
        since: `4w`, `10d`, `3m` or an ISO day, or empty (see `since_day`).
        risk_op, risk_score: bound on risk scores, operator one of `>=`, `>`, `<=`, `<`, `=`.
        states: project states; empty means active ones.
        page: from 1.
        file: `csv` or `xlsx` for `export`, else empty.
        history: whether `export` includes all periods.
    """

    verb: Verb = Verb.OVERVIEW
    subject: str = ""
    colours: tuple[Rag | None, ...] = ()
    mine: bool = False
    moved: str = ""
    portfolios: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    since: str = ""
    risk_op: str = ""
    risk_score: int = 0
    states: tuple[ProjectState, ...] = ()
    page: int = 1
    file: str = ""
    history: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A question that was not understood.

    Attributes:
        code: `filter` (no such filter), `value` (of a filter), `word` (has no place here), `conflict` (both cannot be).
        word: what was typed: the filter's name, the word, or the words in conflict joined by a comma.
        value: the value typed, for `value`.
        suggestion: a word of the grammar that may have been meant, or empty.
    """

    code: Literal["filter", "value", "word", "conflict"]
    word: str
    value: str = ""
    suggestion: str = ""


COLOURS: dict[str, Rag | None] = {"red": Rag.RED, "amber": Rag.AMBER, "missing": None, "green": Rag.GREEN}
"""Words for colours, worst first."""

COMMANDS = (
    "red", "amber", "green", "missing", "worse", "better", "risks", "mine", "history", "trend", "digest", "help",
    "remind", "digest preview", "digest send", "project add", "project edit", "absence", "export",
    "me", "person",
)  # fmt: skip
"""Every command and plain word, for suggestions."""

FILTERS = ("portfolio", "lead", "since", "risk", "state", "page")

_SINCE = re.compile(r"([1-9][0-9]{0,3})([dwm])")


def since_day(since: str, today: date) -> date | None:
    """The day a `since` reaches back to, or None for an empty one. `4w` is the last 28 days, today included."""
    match = _SINCE.fullmatch(since)
    if match is None:
        return date.fromisoformat(since) if since else None
    amount, unit = int(match[1]), match[2]
    try:
        if unit == "m":
            return today - relativedelta(months=amount) + timedelta(days=1)
        return today - timedelta(days=amount * (7 if unit == "w" else 1) - 1)
    except (OverflowError, ValueError):  # before the calendar begins
        return date.min


def nearest(word: str, options: Sequence[str], cutoff: float = 0.6) -> str:
    """The option a mistyped word was most likely meant to be, or empty."""
    by_folded = {option.casefold(): option for option in reversed(options)}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    # Of a short word one slip changes too large a share for a ratio.
    found = found or [option for option in by_folded if len(word) >= 3 and _one_slip(word.casefold(), option)]
    return by_folded[found[0]] if found else ""


def _one_slip(word: str, meant: str) -> bool:
    """Whether one letter is too many, too few or another one, or two neighbours have changed places."""
    same = next((at for at, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    rest, wanted = word[same:], meant[same:]
    swapped = rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:]
    return swapped or rest[1:] == wanted or rest == wanted[1:] or rest[1:] == wanted[1:]


def canonical_since(text: str) -> str | None:
    """A `since` as typed in its one written form, or None when it is neither a length of time nor a day."""
    value = text.lower()
    if _SINCE.fullmatch(value):
        return value
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None
