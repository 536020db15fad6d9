"""Decisions that leads ask leadership for: recorded with who, when and what, and told to the lead."""

from __future__ import annotations

from datetime import datetime

from reporting.ledger import AuditEvent
from reporting.messages import Message, Note, Paragraph, Plain, Quote
from reporting.messages_json import to_json
from reporting.model import Project, StatusReport
from reporting.ports import UnitOfWork
from reporting.services import digests, outbox
from reporting.services.access import Gone, NotAllowed, Reader, actor_of
from reporting.services.context import Services
from reporting.services.questions import DECIDED, DEFERRED, DELEGATED, Answer, answer_to, subject_of


def may_decide(reader: Reader, report: StatusReport, project: Project) -> bool:
    """Whether the reader is the one asked, or the sponsor, or executive or PMO."""
    return reader.sees_confidential or _part(reader, report, project)


def _part(reader: Reader, report: StatusReport, project: Project) -> bool:
    of_id = report.decision.of_id if report.decision else None
    return reader.person.id in (of_id, project.sponsor_id)


def asked(uow: UnitOfWork, reader: Reader, report_id: int) -> tuple[StatusReport, Project]:
    """The report that asks, for somebody who may decide.

    Raises:
        Gone: no such question.
        NotAllowed: the reader is neither the one asked, nor the sponsor, nor executive or PMO.
    """
    report = uow.reports.get(report_id)
    project = uow.projects.get(report.project_id) if report else None
    if report is None or project is None or report.decision is None:
        raise Gone("no such decision")
    if not (_part(reader, report, project) or reader.may_see(project)):
        raise Gone("no such decision")
    if not may_decide(reader, report, project):
        decider = uow.people.get(report.decision.of_id) if report.decision.of_id else None
        raise NotAllowed(reader.texts("This decision is asked of {name}.", name=decider.name if decider else "–"))
    return report, project


def record(
    services: Services, uow: UnitOfWork, reader: Reader, report_id: int, outcome: str, words: str, now: datetime
) -> str:
    """Keep the decision, tell the lead, and bring the digests that ask for it up to date.

    The same decision sent twice is kept and told once. Whoever decided may change it; others see what was decided.

    Returns:
        Empty when it was taken; else who decided already, and what, for the person.
    """
    report, project = asked(uow, reader, report_id)
    assert report.decision is not None
    taken = {"outcome": outcome, "words": words}
    before = answer_to(uow, report)
    if before is not None and before.actor != actor_of(reader):
        return _already(uow, reader, before)
    if before is not None and (before.outcome, before.words) == (outcome, words):
        return ""
    asked_in = {"question": report.decision.question, "project": project.key, "period": report.period_id}
    event = uow.audit.append(now, actor_of(reader), "decision.recorded", subject_of(report), asked_in, taken)
    news = {"kind": "decision", "revision": f"decision-{event.seq}", "name": reader.person.name, "outcome": outcome,
            "words": words}  # fmt: skip
    for period_id in _periods(uow, report):
        digests.announce(uow, period_id, project, news)
    if project.lead_id is not None and project.lead_id != reader.person.id:
        _tell_lead(services, uow, reader, report, project, event)
    return ""


def _periods(uow: UnitOfWork, report: StatusReport) -> list[int]:
    """The periods whose digests ask this: the report's own, and the newest when the question was carried on."""
    standing = uow.board.get(report.project_id)
    newest = uow.reports.get(standing.report_id) if standing and standing.report_id else None
    carried = newest is not None and newest.decision is not None and subject_of(newest) == subject_of(report)
    return sorted({report.period_id} | ({newest.period_id} if newest is not None and carried else set()))


def _already(uow: UnitOfWork, reader: Reader, before: Answer) -> str:
    t = reader.texts
    person = uow.people.get(before.person_id) if before.person_id is not None else None
    return t(
        "{name} decided this on {moment}: “{words}” Nothing was changed; speak with each other.",
        name=person.name if person else t("Somebody"),
        moment=t.moment(before.at),
        words=before.words,
    )


def _tell_lead(
    services: Services, uow: UnitOfWork, reader: Reader, report: StatusReport, project: Project, event: AuditEvent
) -> None:
    assert report.decision is not None, "decided"
    told = event.after or {}
    outcome, words = told["outcome"], told["words"]
    t = services.texts_for(uow.people.get(project.lead_id or 0))
    verb = {DECIDED: t("decided"), DELEGATED: t("delegated"), DEFERRED: t("deferred")}[outcome]
    text = t("{name} has {verb} your question for {key}.", name=reader.person.name, verb=verb, key=project.key)
    message = Message(
        text, (Paragraph((Plain(text),)), Quote((Plain(words),)), Note((Plain(report.decision.question),)))
    )
    outbox.plan(
        uow,
        key=f"decision:{report.id}:{event.seq}",
        kind="notice",
        target=f"person:{project.lead_id}",
        now=event.at,
        content=to_json(message),
    )
