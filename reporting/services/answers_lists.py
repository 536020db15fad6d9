"""Answers that list projects or risks: the overview, colours, who is missing, one's own, risks."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    Cell,
    Heading,
    Mention,
    Message,
    Note,
    NumberCell,
    Paragraph,
    Pill,
    Plain,
    Row,
    Span,
    Spans,
    Strong,
    Table,
)
from reporting.model import Absence, Person, Project, ProjectState, Rag, RequestState, Risk, Standing, StatusRequest
from reporting.ports import BoardRow, BoardTotals
from reporting.query import BoardFilter, Query, Verb
from reporting.services import answers_parts as parts
from reporting.services import prompts
from reporting.services.answers_scope import Ask, find_project, in_colour_since, run, said, scope

OWN_STATES = (ProjectState.ACTIVE, ProjectState.PAUSED)


def overview(ask: Ask) -> Message:
    """The portfolio at a glance: takeaway, counts with change, the worst projects first."""
    where = replace(scope(ask), reported_since=ask.since)
    totals = ask.uow.board.totals(where)
    line = parts.takeaway(ask, totals)
    limits = _limits(ask)
    line = f"{limits}: {line}" if limits else line
    if totals.total == 0:
        return said(line, *parts.state_note(ask, where))
    rows = ask.uow.board.rows(where, parts.PAGE, parts.offset(ask))
    blocks: list[Block] = [Paragraph((Strong(line),)), parts.counts(ask, totals)]
    blocks += _table(ask, ask.t("Projects, worst first"), rows)
    blocks += parts.pager(ask, len(rows), totals.total)
    blocks += parts.state_note(ask, where)
    blocks.append(Note((Plain(ask.t("One project: /rag KEY. All questions: /rag help")),)))
    return Message(line, tuple(blocks))


def listed(ask: Ask) -> Message:
    """Projects of some colours or movements."""
    where = in_colour_since(ask, scope(ask))
    if where.colours == (None,):
        return missing(ask, where)
    rows = ask.uow.board.rows(where, parts.PAGE, parts.offset(ask))
    total = _total(ask, where, rows)
    if total == 0:
        return _nothing(ask, where)
    line = _list_line(ask, total)
    blocks: list[Block] = [Paragraph((Strong(line),)), *_table(ask, ask.t("Projects, worst first"), rows)]
    blocks += [*parts.pager(ask, len(rows), total), *parts.state_note(ask, where)]
    return Message(line, tuple(blocks))


def _total(ask: Ask, where: BoardFilter, rows: Sequence[BoardRow]) -> int:
    # A first page that is not full is the whole list: no need to count.
    if ask.query.page == 1 and len(rows) < parts.PAGE:
        return len(rows)
    return ask.uow.board.totals(where).total


def _table(ask: Ask, caption: str, rows: Sequence[BoardRow]) -> list[Block]:
    if not rows:
        return []
    return [parts.board_table(ask, caption, rows, parts.trends_of(ask, rows))]


def _what(ask: Ask) -> str:
    """What a list shows, such as `red or amber, worse than before`."""
    t, query = ask.t, ask.query
    words = [parts.colour_words(t, query.colours)] if query.colours else []
    if query.moved and ask.since is not None:
        day = parts.day(ask, ask.since)
        words.append(
            t("worse than on {day}", day=day) if query.moved == "worse" else t("better than on {day}", day=day)
        )
    elif query.moved:
        words.append(t("worse than before") if query.moved == "worse" else t("better than before"))
    return ", ".join(words)


def _list_line(ask: Ask, total: int) -> str:
    line = ask.t.n("One project is {what}.", "{n} projects are {what}.", total, what=_what(ask))
    return f"{line[:-1]} ({_limits(ask)})." if _limits(ask) else line


def _limits(ask: Ask) -> str:
    """The filters in force, as typed: a list must say what it is a list of."""
    query = ask.query
    words = [f"portfolio:{name}" for name in query.portfolios] + [f"lead:{_lead_name(ask, n)}" for n in query.leads]
    words += [f"since:{query.since}"] if query.since else []
    words += [f"risk:{query.risk_op}{query.risk_score}"] if query.risk_op else []
    words += [f"state:{state}" for state in query.states]
    return ", ".join([*words, ask.t("yours")] if query.mine else words)


def _lead_name(ask: Ask, typed: str) -> str:
    found = ask.uow.people.find(typed)
    return found[0].name if len(found) == 1 else typed


def _nothing(ask: Ask, where: BoardFilter) -> Message:
    t = ask.t
    limits = f" ({_limits(ask)})" if _limits(ask) else ""
    line = t("Nothing is {what}{limits}.", what=_what(ask), limits=limits)
    wide = replace(where, colours=(), moved="", moved_since=None, min_streak=0)
    totals = ask.uow.board.totals(wide)
    button = _next_best(ask, totals)
    if button is None:
        return said(line, *parts.state_note(ask, where))
    return said(f"{line} {button.label}.", Actions((button,)))


def _next_best(ask: Ask, totals: BoardTotals) -> Button | None:
    """The worst list that is not empty."""
    t, query = ask.t, replace(ask.query, moved="", since="", page=1, verb=Verb.LIST)
    if totals.red and Rag.RED not in query.colours:
        return run(t.n("One is red", "{n} are red", totals.red), replace(query, colours=(Rag.RED,)))
    if totals.amber and Rag.AMBER not in query.colours:
        return run(t.n("One is amber", "{n} are amber", totals.amber), replace(query, colours=(Rag.AMBER,)))
    if totals.missing and None not in query.colours:
        return run(t.n("One is not reported", "{n} are not reported", totals.missing), replace(query, colours=(None,)))
    return None


# ---------------------------------------------------------------- missing


@dataclass(frozen=True, slots=True)
class _Away:
    """Who of the leads is away today."""

    absences: dict[int, Absence]
    people: dict[int, Person]


def missing(ask: Ask, where: BoardFilter) -> Message:
    """Who has not reported: for how long, whose it is, and whether they were reached."""
    t = ask.t
    rows = ask.uow.board.rows(where, parts.PAGE, parts.offset(ask))
    total = _total(ask, where, rows)
    if total == 0:
        limits = f" ({_limits(ask)})" if _limits(ask) else ""
        return said(t("Everything is reported{limits}.", limits=limits), *parts.state_note(ask, where))
    away = _away(ask, rows)
    line = t.n("One project has not reported.", "{n} projects have not reported.", total)
    columns = (t("Project"), t("Last"), t("For"), t("Lead"), t("Last report"), t("Prompt"))
    trends = parts.trends_of(ask, rows)
    lines = tuple(_missing_row(ask, row, away, trends.get(row.project.id, ())) for row in rows)
    table = Table(t("Not reported"), columns, lines, page_size=parts.PAGE)
    blocks: list[Block] = [Paragraph((Strong(line),))]
    blocks += [table] if rows else []
    blocks += [*parts.pager(ask, len(rows), total), *parts.state_note(ask, where)]
    return Message(line, tuple(blocks))


def _away(ask: Ask, rows: Sequence[BoardRow]) -> _Away:
    leads = {row.project.lead_id for row in rows if row.project.lead_id is not None}
    absences = {a.person_id: a for a in ask.uow.people.absences(leads, ask.today, ask.today)}
    stand_ins = {a.deputy_id for a in absences.values() if a.deputy_id is not None}
    stand_ins |= {d for r in rows if r.project.lead_id in absences and (d := r.project.deputy_id) is not None}
    return _Away(absences, ask.uow.people.many(leads | stand_ins))


def _missing_row(ask: Ask, row: BoardRow, away: _Away, trend: parts.Trend) -> tuple[Cell, ...]:
    standing = row.standing
    n = parts.stays(standing)
    return (
        parts.title_spans(row.project),
        (Pill(standing.last_rag if standing else None),),
        NumberCell(n, parts.lasting(ask, n, row.portfolio_key, trend) if n else ask.t("not yet due")),
        _lead_away(ask, row, away),
        (Plain(parts.last_reported(ask, row)),),
        (Plain(_prompt_state(ask, row, away)),),
    )


def _lead_away(ask: Ask, row: BoardRow, away: _Away) -> Spans:
    lead_id = row.project.lead_id
    absence = away.absences.get(lead_id) if lead_id is not None else None
    if absence is None:
        return parts.lead_spans(row)
    until = ask.t(" (away until {day}", day=parts.day(ask, absence.last))
    deputy = away.people.get(absence.deputy_id or row.project.deputy_id or 0)
    if deputy is None:
        return (*parts.lead_spans(row), Plain(until + ")"))
    return (*parts.lead_spans(row), Plain(until + ask.t(", deputy ")), Mention(deputy.id, deputy.name), Plain(")"))


def _prompt_state(ask: Ask, row: BoardRow, away: _Away) -> str:
    t = ask.t
    lead = away.people.get(row.project.lead_id or 0)
    if lead is not None and lead.unreachable:
        return t("not delivered")
    words = {
        RequestState.PENDING: t("asked, no answer yet"),
        RequestState.MISSED: t("overdue"),
        RequestState.EXCUSED: t("excused"),
        RequestState.SUBMITTED: t("reported without a colour"),
        RequestState.LATE: t("reported without a colour"),
    }
    if lead is None:
        return t("nobody to ask")
    return words[row.request_state] if row.request_state is not None else t("not asked")


# ---------------------------------------------------------------- mine


def mine(ask: Ask) -> Message:
    """The reader's own projects, each with its button."""
    t = ask.t
    where = scope(ask, OWN_STATES)
    rows = ask.uow.board.rows(where, parts.PAGE, parts.offset(ask))
    total = _total(ask, where, rows)
    if total == 0:
        return said(t("None of your projects fits."), Actions((run(t("All of mine"), Query(Verb.MINE, mine=True)),)))
    owed = {r.project_id: r for r in ask.uow.requests.owed_by(ask.reader.person.id)}
    every = ask.uow.projects.many(ask.reader.own_ids).values()
    led = all(project.lead_id == ask.reader.person.id for project in every)
    line = (
        t.n("One project is yours", "{n} projects are yours", total)
        if led
        else t.n("You have a part in one project", "You have a part in {n} projects", total)
    )
    due = t.n("one report is owed.", "{n} reports are owed.", len(owed)) if owed else t("nothing is owed.")
    blocks: list[Block] = [Paragraph((Strong(f"{line}; {due}"),)), *own_rows(ask, rows, owed)]
    return Message(f"{line}; {due}", (*blocks, *parts.pager(ask, len(rows), total)))


def own_rows(ask: Ask, rows: Sequence[BoardRow], owed: dict[int, StatusRequest]) -> list[Block]:
    """Projects as lines with a button to report, edit or open."""
    trends = parts.trends_of(ask, rows)
    return [
        Row(
            _own_spans(ask, row, owed.get(row.project.id), trends.get(row.project.id, ())),
            own_button(ask, row, owed.get(row.project.id)),
        )
        for row in rows
    ]


def _own_spans(ask: Ask, row: BoardRow, request: StatusRequest | None, trend: parts.Trend) -> Spans:
    t, standing = ask.t, row.standing
    spans: list[Span] = [Pill(standing.rag if standing else None), Plain("  "), *parts.title_spans(row.project)]
    part = _part(ask, row.project)
    spans += [Plain(f" ({part})")] if part else []
    n = parts.stays(standing)
    if row.project.state is not ProjectState.ACTIVE:
        spans.append(Plain("  " + t("paused")))
    elif request is not None:
        moment = t.moment(request.due_at)
        due = t("due {moment}", moment=moment) if ask.now < request.due_at else t("was due {moment}", moment=moment)
        spans.append(Plain("  " + due))
    elif n:
        spans.append(Plain("  " + t("for {time}", time=parts.lasting(ask, n, row.portfolio_key, trend))))
    return tuple(spans)


def _part(ask: Ask, project: Project) -> str:
    """What the reader is to a project that somebody else leads."""
    if ask.reader.person.id == project.deputy_id != project.lead_id:
        return ask.t("you are deputy")
    if ask.reader.person.id == project.sponsor_id != project.lead_id:
        return ask.t("you are sponsor")
    return ""


def own_button(ask: Ask, row: BoardRow, request: StatusRequest | None = None) -> Button:
    """Report while it is owed, edit while it can be, else open.

    Args:
        request: what the reader owes for it, who may but stand in for its lead.
    """
    if request is not None:
        return Button("report.open", ask.t("Report"), f"{request.period_id}:{row.project.id}", style="primary")
    button = own_button_of(ask, row.project, row.standing, row.request_state) if row.standing else None
    return button or Button("project.open", ask.t("Open"), str(row.project.id))


def own_button_of(ask: Ask, project: Project, standing: Standing, state: RequestState | None) -> Button | None:
    """The button to report or edit, for who may; None when there is nothing to answer."""
    if state in (None, RequestState.EXCUSED) or not ask.reader.may_report(project):
        return None
    value = f"{standing.period_id}:{project.id}"
    if state in (RequestState.PENDING, RequestState.MISSED):
        return Button("report.open", ask.t("Report"), value, style="primary")
    return Button("report.open", ask.t("Edit"), value)


# ---------------------------------------------------------------- risks


def risks(ask: Ask) -> Message:
    """Open risks, highest score first; of one project in full."""
    if ask.query.subject:
        return _risks_of(ask)
    t = ask.t
    where = replace(scope(ask), risk_since=ask.since)
    found = ask.uow.board.risks(where, parts.PAGE, parts.offset(ask))
    whole = ask.query.page == 1 and len(found) < parts.PAGE
    total = len(found) if whole else ask.uow.board.risk_count(where)
    if total == 0:
        limits = f" ({_limits(ask)})" if _limits(ask) else ""
        return said(t("No risk is open{limits}.", limits=limits), *parts.state_note(ask, where))
    line = t.n("One risk is open.", "{n} risks are open, highest score first.", total)
    columns = (t("Project"), t("Risk"), t("Score"), t("Owner"), t("Due"), t("Response"))
    rows = tuple(_risk_row(ask, risk, key) for risk, key, _ in found)
    blocks: list[Block] = [Paragraph((Strong(line),))]
    blocks += [Table(t("Open risks"), columns, rows, page_size=parts.PAGE)] if rows else []
    return Message(line, (*blocks, *parts.pager(ask, len(found), total), *parts.state_note(ask, where)))


def _risk_row(ask: Ask, risk: Risk, key: str) -> tuple[Cell, ...]:
    return (
        (Strong(key), Plain(f"  R{risk.number}")),
        (Plain(risk.title),),
        NumberCell(risk.score, f"{risk.score} ({risk.probability}×{risk.impact})"),
        (Plain(risk.owner or "–"),),
        (Plain(parts.day(ask, risk.due)),),
        (Plain(response_word(ask, risk)),),
    )


def response_word(ask: Ask, risk: Risk) -> str:
    """What is done about a risk, as a word."""
    t = ask.t
    return {"avoid": t("avoid"), "reduce": t("reduce"), "transfer": t("transfer"), "accept": t("accept")}[risk.response]


def _risks_of(ask: Ask) -> Message:
    t = ask.t
    project = find_project(ask, ask.query.subject)
    found = [risk for risk in ask.uow.risks.open_of([project.id]) if _asked_for(ask, risk)]
    line = t.n("{key}: one risk is open.", "{key}: {n} risks are open.", len(found), key=project.key)
    if not found:
        return said(t("{key}: no risk is open.", key=project.key))
    return Message(line, (Heading(line), Bullets(tuple(risk_spans(ask, risk) for risk in found))))


def _asked_for(ask: Ask, risk: Risk) -> bool:
    since, bound = ask.since, ask.query.risk_score
    if since is not None and (risk.opened_at is None or risk.opened_at.date() < since):
        return False
    compare = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "=": operator.eq}
    return not ask.query.risk_op or bool(compare[ask.query.risk_op](risk.score, bound))


def risk_spans(ask: Ask, risk: Risk) -> Spans:
    """One risk in full."""
    t = ask.t
    text = prompts.risk_line(t, risk) + t(". Response: {response}", response=response_word(ask, risk))
    return (Plain(f"{text}. {risk.mitigation}".strip() if risk.mitigation else f"{text}."),)
