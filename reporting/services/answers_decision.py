"""What a project's report asks leadership for, what became of it, and a button for who may decide."""

from __future__ import annotations

from reporting.messages import Block, Button, Mention, Paragraph, Plain, Row, Span, Strong
from reporting.model import Project, StatusReport
from reporting.services import answers_parts as parts
from reporting.services.access import actor_of
from reporting.services.answers_scope import Ask
from reporting.services.decisions import may_decide
from reporting.services.questions import DECIDED, DEFERRED, DELEGATED, Answer, answer_to


def decision_blocks(ask: Ask, project: Project, report: StatusReport) -> list[Block]:
    """The question, and beneath it the answer; nothing when the report asks nothing."""
    if report.decision is None:
        return []
    answer = answer_to(ask.uow, report)
    spans = _question(ask, report)
    blocks: list[Block] = [Paragraph(spans)]
    if _may(ask, project, report, answer):
        blocks = [Row(spans, Button("decision.open", ask.t("Decide"), str(report.id)))]
    return [*blocks, *([_answered(ask, answer)] if answer is not None else [])]


def _may(ask: Ask, project: Project, report: StatusReport, answer: Answer | None) -> bool:
    """What is decided stands; what is delegated or deferred may still be decided by who did that."""
    still = answer is None or (answer.outcome != DECIDED and answer.actor == actor_of(ask.reader))
    return still and may_decide(ask.reader, report, project)


def _question(ask: Ask, report: StatusReport) -> tuple[Span, ...]:
    t, decision = ask.t, report.decision
    assert decision is not None, "it asks"
    spans: list[Span] = [Strong(t("Decision asked for: ")), Plain(decision.question)]
    whom = ask.uow.people.get(decision.of_id) if decision.of_id is not None else None
    spans += [Plain(t(" Of ")), Mention(whom.id, whom.name)] if whom else []
    spans += [Plain(t(", by {day}", day=parts.day(ask, decision.by)))] if decision.by else []
    ended = len(spans) == 2 and decision.question.endswith(("?", ".", "!"))
    return (*spans, *(() if ended else (Plain("."),)))


def _answered(ask: Ask, answer: Answer) -> Paragraph:
    t = ask.t
    person = ask.uow.people.get(answer.person_id) if answer.person_id is not None else None
    name, moment = person.name if person else t("somebody"), t.moment(answer.at)
    line = {
        DECIDED: t("Decided by {name}, {moment}: ", name=name, moment=moment),
        DELEGATED: t("Delegated by {name}, {moment}: ", name=name, moment=moment),
        DEFERRED: t("Deferred by {name}, {moment}: ", name=name, moment=moment),
    }[answer.outcome]
    return Paragraph((Strong(line), Plain(parts.short(answer.words)[0])))
