"""The history of one project: every period with its report, and a way to all that was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reporting.messages import (
    Actions,
    Block,
    Button,
    ButtonCell,
    Cell,
    Heading,
    Message,
    Note,
    Pill,
    Plain,
    Spans,
    Table,
)
from reporting.model import Person, Project, ReportingPeriod, StatusReport
from reporting.query import Query, Verb
from reporting.services import answers_parts as parts
from reporting.services.answers_scope import Ask, find_project, run, said, turn


def history(ask: Ask) -> Message:
    """The periods of one project, newest first."""
    if not ask.query.subject:
        return _which(ask)
    return history_answer(ask, find_project(ask, ask.query.subject))


def history_answer(ask: Ask, asked: Project) -> Message:
    """The periods of a project, newest first: colour, headline, revisions, author, and the digest of then."""
    t = ask.t
    end = parts.offset(ask) + parts.PAGE
    # One more than the page shows whether there is another one.
    found = ask.uow.reports.history(asked.id, end + 1, ask.since)
    rows = found[parts.offset(ask) : end]
    query = replace(ask.query, verb=Verb.HISTORY, subject=asked.key)
    if not rows:
        line = (
            t("{key}: nothing is reported.", key=asked.key)
            if not found
            else t("{key}: there is no older period.", key=asked.key)
        )
        return said(line, Actions((run(asked.key, Query(Verb.PROJECT, asked.key)),)))
    first, last = parts.day(ask, rows[-1][0].day), parts.day(ask, rows[0][0].day)
    line = t("{key}, {first} to {last}", key=asked.key, first=first, last=last)
    line = line if len(rows) > 1 else t("{key}, {day}", key=asked.key, day=last)
    columns = (t("Period"), t("Status"), t("Headline"), t("Promise"), t("Revisions"), t("By"), t("Text"), t("Digest"))
    authors = ask.uow.people.many({r.author_id for _, r in rows if r is not None and r.author_id is not None})
    portfolio = ask.uow.projects.portfolio(asked.portfolio_id)
    portfolio_key = portfolio.key if portfolio else ""
    shown = ask.uow.digests.shown([p.id for p, _ in rows])
    lines = (
        (
            *_history_row(ask, p, r, _before(found, at), authors, portfolio_key),
            _digest_cell(ask, p) if p.id in shown else (Plain("–"),),
        )
        for at, (p, r) in enumerate(rows, parts.offset(ask) + 1)
    )
    table = Table(line, columns, tuple(lines), parts.PAGE)
    buttons = []
    if query.page > 1:
        buttons.append(turn(t("Newer"), replace(query, page=query.page - 1)))
    if len(found) > end:
        buttons.append(turn(t("Older"), replace(query, page=query.page + 1)))
    blocks: list[Block] = [Heading(f"{asked.key}  {asked.name}"), table]
    if any(report is not None and report.revision > 1 for _, report in rows):
        blocks.append(
            Note((Plain(t("Read also shows the earlier revisions, with who corrected them, when and why.")),))
        )
    return Message(line, (*blocks, *([Actions(tuple(buttons))] if buttons else [])))


def _which(ask: Ask) -> Message:
    t = ask.t
    own = sorted(ask.uow.projects.many(ask.reader.own_ids).values(), key=lambda p: p.key)
    line = t("Of which project? /rag history KEY")
    buttons = tuple(run(p.key, replace(ask.query, subject=p.key)) for p in own[:5])
    return said(line, Actions(buttons)) if buttons else said(line)


def _before(found: Sequence[tuple[ReportingPeriod, StatusReport | None]], at: int) -> StatusReport | None:
    """The last report from a place on, newest first."""
    return next((report for _, report in found[at:] if report is not None), None)


def _history_row(
    ask: Ask,
    period: ReportingPeriod,
    report: StatusReport | None,
    before: StatusReport | None,
    authors: dict[int, Person],
    portfolio_key: str,
) -> tuple[Cell, ...]:
    t = ask.t
    label: Spans = (Plain(parts.period_label(ask, period.day, portfolio_key)),)
    if report is None:
        return (label, (Pill(None),), (Plain(t("not reported")),), *[(Plain("–"),)] * 4)
    author = authors.get(report.author_id) if report.author_id is not None else None
    headline, _ = parts.short(report.summary or report.reason or report.not_reported, 150)
    revision = t("{n}, late", n=report.revision) if report.late else str(report.revision)
    more = ButtonCell(Button("text.more", t("Read"), str(report.id)), "–")
    return (
        label,
        (Pill(report.rag),),
        (Plain(headline or "–"),),
        (Plain(parts.promise_word(t, report, before)),),
        (Plain(revision),),
        (parts.person_span(author),),
        more,
    )


def _digest_cell(ask: Ask, period: ReportingPeriod) -> Cell:
    query = Query(Verb.DIGEST, period.day.isoformat())
    return ButtonCell(run(ask.t("Show"), query), f"{ask.t.command} digest {period.day.isoformat()}")
