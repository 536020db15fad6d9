"""Which alerts hold for a project.

An alert has a cause: a rule, a project and a subject. `active` says which causes hold now, `diff` compares them with
the alerts that are open. An unchanged project keeps its alert, so nothing is ever told twice.

What "not reported" means here: no news. It neither opens nor resolves an alert about a colour; only a report does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from reporting.ledger import Escalation
from reporting.model import ProjectState, Rag, Risk, RiskState, Standing
from reporting.policy import AlertKind, AlertRule


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the rules look at.

    Attributes:
        standing: None before the project's first period.
        path_due: when the path to green that was last promised falls due (not cleared by a period without a report).
        today: the calendar day in the policy's zone.
        risks: the project's risks; closed ones are ignored.
        open: the project's open alerts.
    """

    project_id: int
    portfolio_key: str
    confidential: bool
    state: ProjectState
    standing: Standing | None
    path_due: date | None
    today: date
    risks: tuple[Risk, ...] = ()
    open: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an alert stands. `subject` tells causes of one rule apart; `facts` (JSON) are for the words."""

    rule: str
    kind: AlertKind
    subject: str
    channel: str
    facts: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same cause: at most one alert is open for it."""
        return self.rule, self.subject


def active(rules: Iterable[AlertRule], facts: ProjectFacts) -> list[Cause]:
    """The causes that hold for one project, in the order of the rules.

    A rule that names portfolios looks at no others. A confidential project is told only by a rule whose channel is
    cleared. A project that is paused or closed has no causes.
    """
    if facts.state is not ProjectState.ACTIVE or facts.standing is None:
        return []
    return [
        Cause(rule.name, rule.kind, subject, rule.channel, found)
        for rule in rules
        if _looks_at(rule, facts)
        for subject, found in _found(rule, facts, facts.standing)
    ]


def diff(holding: Iterable[Cause], alerts: Iterable[Escalation]) -> tuple[list[Cause], list[Escalation]]:
    """What to open and which open alerts to resolve, so that exactly the causes that hold are open."""
    causes = {cause.key: cause for cause in holding}
    standing = {(alert.rule, alert.subject): alert for alert in alerts}
    to_open = [cause for key, cause in causes.items() if key not in standing]
    return to_open, [alert for key, alert in standing.items() if key not in causes]


def _looks_at(rule: AlertRule, facts: ProjectFacts) -> bool:
    cleared = rule.confidential or not facts.confidential
    return cleared and (not rule.portfolios or facts.portfolio_key in rule.portfolios)


# ---------------------------------------------------------------- one function for each kind

_Found = Iterator[tuple[str, dict[str, Any]]]


def _found(rule: AlertRule, facts: ProjectFacts, standing: Standing) -> _Found:
    open_ones = [alert for alert in facts.open if alert.rule == rule.name]
    match rule.kind:
        case AlertKind.TURNED_RED:
            return _turned_red(standing, open_ones)
        case AlertKind.AMBER_PERIODS:
            return _amber_periods(rule, standing, held=bool(open_ones))
        case AlertKind.RISK_SCORE:
            return _risk_score(rule, facts.risks)
        case AlertKind.MISSED_REPORTS:
            return _missed_reports(rule, standing)
        case AlertKind.PATH_PASSED:  # pragma: no branch - the type check proves that no kind is left
            return _path_passed(facts, standing)


def _turned_red(standing: Standing, open_ones: Sequence[Escalation]) -> _Found:
    """Subject: the period in which it turned. Red from before the rule was there is not news and opens nothing."""
    if standing.rag is Rag.RED and standing.streak == 1:
        yield f"period:{standing.period_id}", {"was": _text(standing.last_rag)}
    elif standing.rag in (Rag.RED, None):
        yield from ((alert.subject, alert.facts) for alert in open_ones)


def _amber_periods(rule: AlertRule, standing: Standing, held: bool) -> _Found:
    if (standing.rag is Rag.AMBER and standing.streak >= rule.threshold) or (standing.rag is None and held):
        yield "amber", {"periods": standing.streak or standing.last_streak, "threshold": rule.threshold}


def _risk_score(rule: AlertRule, risks: Iterable[Risk]) -> _Found:
    for risk in risks:
        if risk.state is RiskState.OPEN and risk.score >= rule.threshold:
            yield f"risk:{risk.number}", {**_risk_facts(risk), "threshold": rule.threshold}


def _missed_reports(rule: AlertRule, standing: Standing) -> _Found:
    if standing.missed >= max(1, rule.threshold):
        told = {"missed": standing.missed, "threshold": rule.threshold, "last": _text(standing.last_rag)}
        yield "missed", told


def _path_passed(facts: ProjectFacts, standing: Standing) -> _Found:
    due = facts.path_due
    colour = standing.rag or standing.last_rag
    if due is not None and due < facts.today and colour in (Rag.AMBER, Rag.RED):
        yield f"path:{due.isoformat()}", {"due": due.isoformat(), "rag": _text(colour)}


def _risk_facts(risk: Risk) -> dict[str, Any]:
    return {
        "number": risk.number,
        "title": risk.title,
        "score": risk.score,
        "probability": risk.probability,
        "impact": risk.impact,
        "owner": risk.owner,
        "due": risk.due.isoformat() if risk.due else None,
        "mitigation": risk.mitigation,
    }


def _text(rag: Rag | None) -> str | None:
    return rag.value if rag else None


# ---------------------------------------------------------------- why an alert ended


class Ending(StrEnum):
    """Why a cause holds no longer: a colour that the project has now, or what else changed."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    REPORTED = "reported"
    RISK_CLOSED = "risk_closed"
    RISK_LOWER = "risk_lower"
    PATH_NEW = "path_new"
    PROJECT = "project"
    """The project is paused or closed."""
    RULE = "rule"
    """The rule, its portfolios or the clearance of its channel changed."""


_COLOURS_THAT_END: Mapping[AlertKind | None, tuple[Rag, ...]] = MappingProxyType(
    {
        AlertKind.TURNED_RED: (Rag.GREEN, Rag.AMBER),
        AlertKind.AMBER_PERIODS: (Rag.GREEN, Rag.RED),
        AlertKind.PATH_PASSED: (Rag.GREEN,),
    }
)


def ending(kind: AlertKind | None, subject: str, facts: ProjectFacts) -> Ending:
    """Why an alert that `diff` resolves has ended.

    Args:
        kind: of the alert's rule, None when the policy no longer has it.
        subject: of the alert.
    """
    standing = facts.standing
    if facts.state is not ProjectState.ACTIVE or standing is None:
        return Ending.PROJECT
    if standing.rag in _COLOURS_THAT_END.get(kind, ()):
        return Ending(str(standing.rag))
    if kind is AlertKind.RISK_SCORE:
        return _risk_ending(subject, facts.risks)
    if kind is AlertKind.MISSED_REPORTS and standing.missed == 0:
        return Ending.REPORTED
    path = f"path:{facts.path_due.isoformat()}" if facts.path_due else ""
    return Ending.PATH_NEW if kind is AlertKind.PATH_PASSED and subject != path else Ending.RULE


def _risk_ending(subject: str, risks: Iterable[Risk]) -> Ending:
    still = any(f"risk:{risk.number}" == subject and risk.state is RiskState.OPEN for risk in risks)
    return Ending.RISK_LOWER if still else Ending.RISK_CLOSED
