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

OUTCOMES = ("decided", "delegated", "deferred")


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
    part = reader.person.id in (report.decision.of_id, project.sponsor_id)
    if not (part or reader.may_see(project)):
        raise Gone("no such decision")
    if not (reader.sees_confidential or part):
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
    for before in uow.audit.events(f"decision:{report_id}", limit=1):
        if before.actor != actor_of(reader):
            return _already(uow, reader, before)
        if before.after == taken:
            return ""
    event = uow.audit.append(
        now,
        actor_of(reader),
        "decision.recorded",
        f"decision:{report_id}",
        {"question": report.decision.question},
        taken,
    )
    news = {"kind": "decision", "revision": f"decision-{event.seq}", "name": reader.person.name, "outcome": outcome,
            "words": words}  # fmt: skip
    digests.announce(uow, report.period_id, project, news)
    if project.lead_id is not None and project.lead_id != reader.person.id:
        _tell_lead(services, uow, reader, report, project, event)
    return ""


def _already(uow: UnitOfWork, reader: Reader, before: AuditEvent) -> str:
    t = reader.texts
    person = uow.people.get(int(before.actor.removeprefix("person:")))
    return t(
        "{name} decided this on {moment}: “{words}” Nothing was changed; speak with each other.",
        name=person.name if person else t("Somebody"),
        moment=t.moment(before.at),
        words=(before.after or {}).get("words", ""),
    )


def _tell_lead(
    services: Services, uow: UnitOfWork, reader: Reader, report: StatusReport, project: Project, event: AuditEvent
) -> None:
    assert report.decision is not None, "decided"
    told = event.after or {}
    outcome, words = told["outcome"], told["words"]
    t = services.texts_for(uow.people.get(project.lead_id or 0))
    verb = {"decided": t("decided"), "delegated": t("delegated"), "deferred": t("deferred")}[outcome]
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
