"""What became of a question that a report puts to leadership.

A question is one of its project and its words, not one of a revision: it outlives corrections and is carried from
period to period until it is answered or taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from reporting.ledger import AuditEvent
from reporting.model import DecisionAsk, ReportingPeriod, StatusReport
from reporting.ports import UnitOfWork

DECIDED, DELEGATED, DEFERRED = "decided", "delegated", "deferred"
OUTCOMES = (DECIDED, DELEGATED, DEFERRED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, by whom and when.

    Attributes:
        outcome: one of `OUTCOMES`.
        actor: as in the audit trail.
    """

    outcome: str
    words: str
    at: datetime
    actor: str

    @property
    def person_id(self) -> int | None:
        """Who answered; None for somebody without a row of their own."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "person" else None

    @property
    def settled(self) -> bool:
        """Whether the next report need not ask again. What is deferred comes back."""
        return self.outcome != DEFERRED


def subject_of(report: StatusReport) -> str:
    """Under which subject the audit trail keeps the answers to a report's question.

    Blanks and capitals make no other question.
    """
    assert report.decision is not None, "it asks"
    words = " ".join(report.decision.question.split()).casefold()
    return f"decision:{report.project_id}:{sha256(words.encode()).hexdigest()[:16]}"


def answer_to(uow: UnitOfWork, report: StatusReport) -> Answer | None:
    """The newest answer to a report's question; None while it is open, or when it asks nothing."""
    return answers_to(uow, [report]).get(report.id)


def answers_to(uow: UnitOfWork, reports: Collection[StatusReport]) -> dict[int, Answer]:
    """The newest answers to the questions of several reports, by report id; open questions are left out.

    An answer counts for every period that had begun when it was given. The same question put again in a later period
    is a new one.
    """
    asking = [report for report in reports if report.decision is not None]
    periods = uow.periods.many({report.period_id for report in asking})
    found = {}
    for report in asking:
        for event in uow.audit.events(subject_of(report), _since(report, periods[report.period_id]), limit=1):
            found[report.id] = _answer(event)
    return found


def _since(report: StatusReport, period: ReportingPeriod) -> datetime:
    # A report may be imported before its period opens.
    return min(report.at, period.opens_at)


def still_asked(uow: UnitOfWork, last: StatusReport) -> DecisionAsk | None:
    """The question of the last report that the next one asks again; None when there is none or it is settled."""
    answer = answer_to(uow, last)
    return last.decision if answer is None or not answer.settled else None


def _answer(event: AuditEvent) -> Answer:
    said = event.after or {}
    return Answer(said["outcome"], said["words"], event.at, event.actor)
