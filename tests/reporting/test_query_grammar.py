"""The grammar of `/rag`: every command and filter, in any order, and never a crash."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.grammar import format_query, parse
from reporting.model import ProjectState, Rag
from reporting.query import COLOURS, Fault, Query, Verb, nearest, since_day

ALL_STATES = tuple(ProjectState)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("  \u00a0 ", Query()),
        ("red", Query(Verb.LIST, colours=(Rag.RED,))),
        ("RED", Query(Verb.LIST, colours=(Rag.RED,))),
        ("green missing red", Query(Verb.LIST, colours=(Rag.RED, None, Rag.GREEN))),
        ("missing", Query(Verb.LIST, colours=(None,))),
        ("worse", Query(Verb.LIST, moved="worse")),
        ("better amber", Query(Verb.LIST, colours=(Rag.AMBER,), moved="better")),
        ("mine", Query(Verb.MINE, mine=True)),
        ("red mine", Query(Verb.LIST, colours=(Rag.RED,), mine=True)),
        ("risks", Query(Verb.RISKS)),
        ("risks mine", Query(Verb.RISKS, mine=True)),
        ("risks BEAM", Query(Verb.RISKS, "BEAM")),
        ("trend", Query(Verb.TREND)),
        ("trend beam", Query(Verb.TREND, "beam")),
        ("history", Query(Verb.HISTORY)),
        ("history BEAM since:12w", Query(Verb.HISTORY, "BEAM", since="12w")),
        ("history red sea", Query(Verb.HISTORY, "red sea")),
        ("BEAM", Query(Verb.PROJECT, "BEAM")),
        ("atlas  detector", Query(Verb.PROJECT, "atlas detector")),
        ("infra red camera", Query(Verb.PROJECT, "infra red camera")),
        ('"Red"', Query(Verb.PROJECT, "Red")),
        ("“Red Sea”", Query(Verb.PROJECT, "Red Sea")),
        ('"unclosed name', Query(Verb.PROJECT, "unclosed name")),
        ('""', Query()),
        ("project", Query(Verb.PROJECT, "project")),
        ("project beam", Query(Verb.PROJECT, "beam")),
        ("project add", Query(Verb.PROJECT_ADD)),
        ("project edit BEAM", Query(Verb.PROJECT_EDIT, "BEAM")),
        ("digest", Query(Verb.DIGEST)),
        ("digest 2026-11-27", Query(Verb.DIGEST, "2026-11-27")),
        ("digest preview", Query(Verb.DIGEST_PREVIEW)),
        ("digest send imaging weekly", Query(Verb.DIGEST_SEND, "imaging weekly")),
        ('digest "preview"', Query(Verb.DIGEST, "preview")),
        ("help", Query(Verb.HELP)),
        ("?", Query(Verb.HELP)),
        ("help colours", Query(Verb.HELP, "colours")),
        ("remind", Query(Verb.REMIND)),
        ("remind red mine lead:@ana", Query(Verb.REMIND, colours=(Rag.RED,), mine=True, leads=("ana",))),
        ("absence", Query(Verb.ABSENCE)),
        ("absence @U123", Query(Verb.ABSENCE, "U123")),
        ("absence ana silva", Query(Verb.ABSENCE, "ana silva")),
        ("me", Query(Verb.ME)),
        ("ME", Query(Verb.ME)),
        ("me too", Query(Verb.PROJECT, "me too")),
        ('"me"', Query(Verb.PROJECT, "me")),
        ("person", Query(Verb.PERSON)),
        ("person @ana", Query(Verb.PERSON, "ana")),
        ("person ana silva", Query(Verb.PERSON, "ana silva")),
        ("export", Query(Verb.EXPORT)),
        ("export csv history red", Query(Verb.EXPORT, colours=(Rag.RED,), file="csv", history=True)),
        ("export xlsx xlsx portfolio:imaging", Query(Verb.EXPORT, file="xlsx", portfolios=("imaging",))),
        ("portfolio:imaging", Query(portfolios=("imaging",))),
        ("portfolio: imaging", Query(portfolios=("imaging",))),
        ("portfolio:b,a,", Query(portfolios=("a", "b"))),
        ('portfolio:"Imaging, north"', Query(portfolios=("Imaging, north",))),
        ("lead:@ana lead:ben", Query(leads=("ana", "ben"))),
        ("@U123 red", Query(Verb.LIST, colours=(Rag.RED,), leads=("U123",))),
        ("since:4w", Query(since="4w")),
        ("since:4W since:4w", Query(since="4w")),
        ("SINCE:2026-10-01", Query(since="2026-10-01")),
        ("risk:>=12", Query(risk_op=">=", risk_score=12)),
        ("risk:>= 12", Query(risk_op=">=", risk_score=12)),
        ("risk:≥12", Query(risk_op=">=", risk_score=12)),
        ("risk:12", Query(risk_op="=", risk_score=12)),
        ("state:paused", Query(states=(ProjectState.PAUSED,))),
        ("state:closed state:active", Query(states=(ProjectState.ACTIVE, ProjectState.CLOSED))),
        ("state:all", Query(states=ALL_STATES)),
        ("red page:2", Query(Verb.LIST, colours=(Rag.RED,), page=2)),
        ("page:1 page:2", Query(page=2)),
        ("page:2 page:1", Query(page=2)),
    ],
)
def test_understood(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("portfolo:imaging", Fault("filter", "portfolo", "imaging", "portfolio")),
        ("http://example.org", Fault("filter", "http", "//example.org")),
        ("portfolio:", Fault("value", "portfolio")),
        ("portfolio:,", Fault("value", "portfolio", ",")),
        ("lead:@", Fault("value", "lead", "@")),
        ("since:yesterday", Fault("value", "since", "yesterday")),
        ("since:0w", Fault("value", "since", "0w")),
        ("risk:high", Fault("value", "risk", "high")),
        ("risk:>=26", Fault("value", "risk", ">=26")),
        ("risk:0", Fault("value", "risk", "0")),
        ("state:pausd", Fault("value", "state", "pausd", "paused")),
        ("page:0", Fault("value", "page", "0")),
        ("page:two", Fault("value", "page", "two")),
        ("page:٣", Fault("value", "page", "٣")),
        ("worse better", Fault("conflict", "better, worse")),
        ("risks trend", Fault("conflict", "risks, trend")),
        ("since:4w since:5w", Fault("conflict", "since:4w, since:5w")),
        ("risk:3 risk:>3", Fault("conflict", "risk:=3, risk:>3")),
        ("page:3 page:2", Fault("conflict", "page:2, page:3")),
        ("export csv xlsx", Fault("conflict", "csv, xlsx")),
        ("export ambr", Fault("word", "ambr", suggestion="amber")),
        ('remind "red"', Fault("word", "red", suggestion="red")),
    ],
)
def test_not_understood(text: str, fault: Fault) -> None:
    assert parse(text) == fault


PIECES = st.sampled_from(
    [
        "red", "amber", "green", "missing", "worse", "better", "mine", "risks", "trend", "history", "digest", "preview",
        "send", "help", "remind", "project", "add", "edit", "absence", "export", "csv", "xlsx", "@ana", "BEAM", '"',
        "“", "portfolio:", "lead:@", "since:4w", "since:2026-01-01", "risk:>=12", "risk:", "state:all", "page:2",
        ":", "x:y", "me", "person",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=6).map(" ".join) | st.text())
def test_any_text_is_a_query_that_can_be_written_or_a_fault(text: str) -> None:
    query = parse(text)
    if isinstance(query, Query):
        assert parse(format_query(query)) == query


NAMES = st.text(st.characters(exclude_characters='"“”„‟«»＂', exclude_categories=("Cs",)), min_size=1, max_size=12)
SUBJECTS = NAMES.map(lambda name: " ".join(name.split())).filter(lambda name: name.strip("@ ") == name and name)
ORDER = list(COLOURS.values())


@given(
    st.sets(st.sampled_from(ORDER), min_size=1),
    st.sets(SUBJECTS, max_size=3),
    st.sampled_from(["", "4w", "10d", "3m", "2026-10-01"]),
    st.sampled_from(["", ">=", ">", "<=", "<", "="]),
    st.integers(1, 25),
    st.sampled_from(["", "worse", "better"]),
    st.integers(1, 99999),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_written_and_read_again_in_any_order(colours, names, since, op, score, moved, page, mine, random) -> None:  # type: ignore[no-untyped-def]
    query = Query(
        Verb.LIST,
        colours=tuple(colour for colour in ORDER if colour in colours),
        portfolios=tuple(sorted(names)),
        leads=tuple(sorted(names)),
        since=since,
        risk_op=op,
        risk_score=score if op else 0,
        moved=moved,
        page=page,
        mine=mine,
    )
    assert parse(format_query(query)) == query
    words = [word for word in format_query(replace_names(query)).split() if word]
    random.shuffle(words)
    assert parse(" ".join(words)) == replace_names(query)


def replace_names(query: Query) -> Query:
    """The same without names, whose spaces a shuffle of words would tear apart."""
    return replace(query, portfolios=("imaging",), leads=("ana",))


NAMING = [Verb.PROJECT, Verb.HISTORY, Verb.RISKS, Verb.PROJECT_EDIT, Verb.ABSENCE, Verb.PERSON, Verb.HELP]


@given(SUBJECTS, st.sampled_from(NAMING))
def test_any_name_can_be_asked_for(name: str, verb: Verb) -> None:
    assert parse(format_query(Query(verb, name))) == Query(verb, name)


@pytest.mark.parametrize(
    ("since", "day"),
    [
        ("", None),
        ("1d", date(2026, 11, 27)),
        ("4w", date(2026, 10, 31)),
        ("1m", date(2026, 10, 28)),
        ("2026-10-01", date(2026, 10, 1)),
        ("9999w", date(1835, 4, 11)),
        ("9999m", date(1193, 8, 28)),
    ],
)
def test_how_far_back(since: str, day: date | None) -> None:
    assert since_day(since, date(2026, 11, 27)) == day


def test_before_the_calendar_begins() -> None:
    assert since_day("9999m", date(20, 1, 1)) == date.min
    assert since_day("9999w", date(20, 1, 1)) == date.min


def test_nearest_keeps_the_spelling_and_may_find_none() -> None:
    assert nearest("baem", ["BEAM", "CORE"]) == "BEAM"
    assert nearest("zzz", ["BEAM", "CORE"]) == ""
