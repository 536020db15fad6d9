"""Alert rules as tables: which causes hold, what opens, what resolves, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import trends
from reporting.escalation import Cause, Ending, ProjectFacts, active, diff, ending
from reporting.ledger import Escalation
from reporting.model import ProjectState, Rag, Risk, RiskState
from reporting.policy import AlertKind, AlertRule

G, A, R = Rag.GREEN, Rag.AMBER, Rag.RED
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
RED = AlertRule("turned-red", AlertKind.TURNED_RED, "#steering")
AMBER = AlertRule("amber-3", AlertKind.AMBER_PERIODS, "#steering", threshold=3)
RISK = AlertRule("risk-15", AlertKind.RISK_SCORE, "#risks", threshold=15)
MISSED = AlertRule("silent", AlertKind.MISSED_REPORTS, "#pmo", threshold=2)
PATH = AlertRule("promise", AlertKind.PATH_PASSED, "#steering")
RULES = (RED, AMBER, RISK, MISSED, PATH)


def risk(number: int, probability: int, impact: int, state: RiskState = RiskState.OPEN) -> Risk:
    return Risk(number, 1, number, f"risk {number}", probability, impact, due=date(2026, 12, 1), state=state)


def facts(*colours: Rag | None, path_due: date | None = None, risks: tuple[Risk, ...] = ()) -> ProjectFacts:
    standing = trends.fold(1, enumerate(colours, start=1)) if colours else None
    return ProjectFacts(1, "imaging", False, ProjectState.ACTIVE, standing, path_due, date(2026, 11, 27), risks)


def alert(cause: Cause, alert_id: int = 1) -> Escalation:
    return Escalation(alert_id, cause.rule, 1, cause.subject, 1, cause.channel, NOW, cause.facts)


def subjects(causes: list[Cause]) -> list[tuple[str, str]]:
    return [cause.key for cause in causes]


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        (facts(), []),
        (facts(G), []),
        (facts(R), [("turned-red", "period:1")]),
        (facts(G, R), [("turned-red", "period:2")]),
        (facts(R, G, R), [("turned-red", "period:3")]),
        (facts(R, R), []),  # was red before anybody watched: not news
        (facts(A, A), []),
        (facts(A, A, A), [("amber-3", "amber")]),
        (facts(A, A, None, A), [("amber-3", "amber")]),
        (facts(A, A, A, None), []),
        (facts(G, None), []),
        (facts(G, None, None), [("silent", "missed")]),
        (facts(G, risks=(risk(1, 3, 5), risk(2, 2, 5), risk(3, 5, 5, RiskState.CLOSED))), [("risk-15", "risk:1")]),
        (facts(A, path_due=date(2026, 11, 26)), [("promise", "path:2026-11-26")]),
        (facts(A, path_due=date(2026, 11, 27)), []),  # it has until the end of the day
        (facts(A, None, path_due=date(2026, 11, 26)), [("promise", "path:2026-11-26")]),
        (facts(A, G, path_due=date(2026, 11, 26)), []),
        (facts(None, path_due=date(2026, 11, 26)), []),
    ],
)
def test_causes(given_facts: ProjectFacts, expected: list[tuple[str, str]]) -> None:
    assert subjects(active(RULES, given_facts)) == expected


def test_facts_tell_what_the_words_need() -> None:
    found = {cause.kind: cause.facts for cause in active(RULES, facts(G, R, path_due=date(2026, 11, 1)))}
    assert found[AlertKind.TURNED_RED] == {"was": "green"}
    assert found[AlertKind.PATH_PASSED] == {"due": "2026-11-01", "rag": "red"}
    (cause,) = active([RISK], facts(G, risks=(risk(1, 4, 5),)))
    assert cause.facts["score"] == 20
    assert cause.facts["due"] == "2026-12-01"
    (cause,) = active([RISK], facts(G, risks=(replace(risk(1, 4, 5), due=None),)))
    assert cause.facts["due"] is None
    (cause,) = active([MISSED], facts(None, None))
    assert cause.facts == {"missed": 2, "threshold": 2, "last": None}


def test_rules_look_at_their_portfolios_only() -> None:
    assert not active([replace(RED, portfolios=("software",))], facts(R))
    assert active([replace(RED, portfolios=("software", "imaging"))], facts(R))


def test_a_confidential_project_is_told_only_to_a_cleared_channel() -> None:
    secret = replace(facts(R), confidential=True)
    assert not active([RED], secret)
    assert active([replace(RED, confidential=True)], secret)


@pytest.mark.parametrize("state", [ProjectState.PAUSED, ProjectState.CLOSED])
def test_a_project_that_is_not_active_has_no_causes(state: ProjectState) -> None:
    assert not active(RULES, replace(facts(R, R, R), state=state))


def test_an_alert_is_opened_once_and_resolved_once() -> None:
    (cause,) = active([RED], facts(G, R))
    assert diff([cause], []) == ([cause], [])
    assert diff([cause], [alert(cause)]) == ([], [])
    assert diff([], [alert(cause)]) == ([], [alert(cause)])


@pytest.mark.parametrize(
    ("rule", "before", "later", "stays"),
    [
        (RED, facts(G, R), facts(G, R, R), True),
        (RED, facts(G, R), facts(G, R, None), True),  # not reported is no news
        (RED, facts(G, R), facts(G, R, None, R), True),
        (RED, facts(G, R), facts(G, R, A), False),
        (AMBER, facts(A, A, A), facts(A, A, A, A), True),
        (AMBER, facts(A, A, A), facts(A, A, A, None), True),
        (AMBER, facts(A, A, A), facts(A, A, A, G), False),
        (MISSED, facts(G, None, None), facts(G, None, None, None), True),
        (MISSED, facts(G, None, None), facts(G, None, None, G), False),
        (RISK, facts(G, risks=(risk(1, 4, 4),)), facts(G, None, risks=(risk(1, 5, 5),)), True),
        (RISK, facts(G, risks=(risk(1, 4, 4),)), facts(G, risks=(risk(1, 1, 4),)), False),
        (PATH, facts(R, path_due=date(2026, 11, 2)), facts(R, None, path_due=date(2026, 11, 2)), True),
        (PATH, facts(R, path_due=date(2026, 11, 2)), facts(R, R, path_due=date(2026, 12, 2)), False),
    ],
)
def test_an_alert_stays_while_its_cause_does(
    rule: AlertRule, before: ProjectFacts, later: ProjectFacts, stays: bool
) -> None:
    (cause,) = active([rule], before)
    opened = alert(cause)
    to_open, to_resolve = diff(active([rule], replace(later, open=(opened,))), [opened])
    assert not to_open
    assert to_resolve == ([] if stays else [opened])


@pytest.mark.parametrize(
    ("kind", "subject", "now", "expected"),
    [
        (AlertKind.TURNED_RED, "period:1", facts(R, G), Ending.GREEN),
        (AlertKind.TURNED_RED, "period:1", facts(R, A), Ending.AMBER),
        (AlertKind.TURNED_RED, "period:1", facts(R, R), Ending.RULE),
        (AlertKind.AMBER_PERIODS, "amber", facts(A, A, A, R), Ending.RED),
        (AlertKind.MISSED_REPORTS, "missed", facts(None, None, G), Ending.REPORTED),
        (AlertKind.MISSED_REPORTS, "missed", facts(None), Ending.RULE),
        (AlertKind.RISK_SCORE, "risk:1", facts(G, risks=(risk(1, 1, 1),)), Ending.RISK_LOWER),
        (AlertKind.RISK_SCORE, "risk:1", facts(G, risks=(risk(1, 5, 5, RiskState.CLOSED),)), Ending.RISK_CLOSED),
        (AlertKind.PATH_PASSED, "path:2026-11-02", facts(R, G), Ending.GREEN),
        (AlertKind.PATH_PASSED, "path:2026-11-02", facts(R, R), Ending.PATH_NEW),
        (AlertKind.PATH_PASSED, "path:2026-11-02", facts(R, path_due=date(2026, 11, 2)), Ending.RULE),
        (None, "gone", facts(R), Ending.RULE),
        (AlertKind.TURNED_RED, "period:1", facts(), Ending.PROJECT),
        (AlertKind.TURNED_RED, "period:1", replace(facts(R), state=ProjectState.PAUSED), Ending.PROJECT),
    ],
)
def test_why_an_alert_ended(kind: AlertKind | None, subject: str, now: ProjectFacts, expected: Ending) -> None:
    assert ending(kind, subject, now) is expected


COLOURS = st.sampled_from([G, A, R, None])
RISKS = st.lists(st.builds(risk, st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)), max_size=4)


@given(st.lists(st.tuples(COLOURS, RISKS), min_size=1, max_size=15), st.one_of(st.none(), st.dates()))
def test_whatever_happens_at_most_one_alert_is_open_for_a_cause_and_repeating_changes_nothing(
    weeks: list[tuple[Rag | None, list[Risk]]], path_due: date | None
) -> None:
    opened: list[Escalation] = []
    colours: list[Rag | None] = []
    for rag, risks in weeks:
        colours.append(rag)
        now = replace(facts(*colours, path_due=path_due, risks=tuple(risks)), open=tuple(opened))
        to_open, to_resolve = diff(active(RULES, now), opened)
        opened = [a for a in opened if a not in to_resolve] + [alert(cause) for cause in to_open]
        assert len({(a.rule, a.subject) for a in opened}) == len(opened)
        assert diff(active(RULES, replace(now, open=tuple(opened))), opened) == ([], [])
        red_alerts = [a for a in opened if a.rule == "turned-red"]
        last = next((c for c in reversed(colours) if c is not None), None)
        assert len(red_alerts) == (1 if last is R else 0)
