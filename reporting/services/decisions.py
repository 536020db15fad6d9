"""Decisions that leads ask leadership for: recorded with who, when and what, and told to the lead."""

from __future__ import annotations

from datetime import datetime

from reporting.messages import Message, Note, Paragraph, Plain, Quote
from reporting.messages_json import to_json
from reporting.model import Project, StatusReport
from reporting.ports import UnitOfWork
from reporting.services import digests, outbox
from reporting.services.access import NotAllowed, Reader
from reporting.services.context import Services

OUTCOMES = ("decided", "delegated", "deferred")


def asked(uow: UnitOfWork, reader: Reader, report_id: int) -> tuple[StatusReport, Project]:
    """The report that asks, for somebody who may decide.

    Raises:
        LookupError: no such question.
        NotAllowed: the reader is neither the one asked, nor the sponsor, nor executive or PMO.
    """
    report = uow.reports.get(report_id)
    project = uow.projects.get(report.project_id) if report else None
    if report is None or project is None or report.decision is None:
        raise LookupError("no such decision")
    if not (reader.sees_confidential or reader.person.id in (report.decision.of_id, project.sponsor_id)):
        decider = uow.people.get(report.decision.of_id) if report.decision.of_id else None
        raise NotAllowed(reader.texts("This decision is asked of {name}.", name=decider.name if decider else "–"))
    return report, project


def record(
    services: Services, uow: UnitOfWork, reader: Reader, report_id: int, outcome: str, words: str, now: datetime
) -> None:
    """Keep the decision, tell the lead, and bring the digests that ask for it up to date."""
    report, project = asked(uow, reader, report_id)
    assert report.decision is not None
    event = uow.audit.append(
        now,
        f"person:{reader.person.id}",
        "decision.recorded",
        f"decision:{report_id}",
        {"question": report.decision.question},
        {"outcome": outcome, "words": words},
    )
    news = {"kind": "decision", "revision": f"decision-{event.seq}", "name": reader.person.name, "outcome": outcome,
            "words": words}  # fmt: skip
    digests.announce(uow, report.period_id, project, news)
    if project.lead_id is None or project.lead_id == reader.person.id:
        return
    t = services.texts_for(uow.people.get(project.lead_id))
    verb = {"decided": t("decided"), "delegated": t("delegated"), "deferred": t("deferred")}[outcome]
    text = t("{name} has {verb} your question for {key}.", name=reader.person.name, verb=verb, key=project.key)
    message = Message(
        text, (Paragraph((Plain(text),)), Quote((Plain(words),)), Note((Plain(report.decision.question),)))
    )
    outbox.plan(
        uow,
        key=f"decision:{report_id}:{event.seq}",
        kind="notice",
        target=f"person:{project.lead_id}",
        now=now,
        content=to_json(message),
    )
