"""Parts that several answers share: how a colour, a length of time, a table and a page are drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from reporting.messages import (
    Actions,
    Block,
    Cell,
    Mention,
    Note,
    NumberCell,
    Paragraph,
    Pill,
    Plain,
    Span,
    Spans,
    Strong,
    Table,
)
from reporting.model import Person, Project, ProjectState, Rag, Standing, StatusReport
from reporting.ports import BoardRow, BoardTotals
from reporting.query import BoardFilter
from reporting.services import wording
from reporting.services.answers_scope import Ask, turn
from reporting.services.wording import rag_word
from reporting.texts import Texts

PAGE = 15
"""Rows of one page."""

SHOWN = 600
"""Characters of a long text shown before "More"."""

Trend = Sequence[tuple[date, Rag | None]]


def day(ask: Ask, value: date | None) -> str:
    """A day, or a dash for none."""
    return "–" if value is None else ask.t.short_day(value)


def lasting(ask: Ask, n: int, portfolio_key: str, trend: Trend) -> str:
    """`4 weeks`, or what the last `n` periods of a project with this trend are called."""
    calendar = ask.services.policy.calendar_for(portfolio_key)
    return wording.lasting(ask.t, wording.unit_of(calendar, (day for day, _ in trend[-n:])), n)


def trends_of(ask: Ask, rows: Sequence[BoardRow]) -> Mapping[int, Trend]:
    """The last periods of the projects of a list, oldest first."""
    ids = [row.project.id for row in rows]
    return ask.uow.reports.trends(ids, ask.services.policy.trend_periods) if ids else {}


def period_label(ask: Ask, value: date, portfolio_key: str) -> str:
    """`week 48`, with the year when that is not this one; or the month; or the period's day."""
    calendar = ask.services.policy.calendar_for(portfolio_key)
    return wording.period_label(ask.t, calendar, value)


def letters(trend: Trend) -> str:
    """`G G A – R`: the last periods, oldest first."""
    # No-break spaces: a trend that wraps cannot be read at a glance.
    return "\u00a0".join(rag.letter if rag else "–" for _, rag in trend) or "–"


def person_span(person: Person | None) -> Span:
    """A person, or a dash."""
    return Mention(person.id, person.name) if person else Plain("–")


def lead_spans(row: BoardRow) -> Spans:
    """The lead of a row of the board."""
    lead_id = row.project.lead_id
    return (Mention(lead_id, row.lead_name) if lead_id is not None and row.lead_name else Plain("–"),)


def title_spans(project: Project) -> Spans:
    """`BEAM  Beamline upgrade`."""
    return (Strong(project.key), Plain(f"  {project.name}"))


def stays(standing: Standing | None) -> int:
    """For how many periods a project has been in its colour, or without a report."""
    if standing is None:
        return 0
    return standing.streak if standing.rag is not None else standing.missed


def promise_word(t: Texts, report: StatusReport, before: StatusReport | None) -> str:
    """What a report says of the promise before it, as a word; a dash when none was due.

    Args:
        before: the last report before this one.
    """
    word = {"kept": t("kept"), "missed": t("missed"), "moved": t("moved")}.get(report.promise_kept)
    if word or before is None or before.path is None or report.source == "import":
        return word or "–"  # nobody was asked, as in imported history
    return t("not said") if before.path.due <= report.at.astimezone(t.zone).date() else "–"


def short(text: str, limit: int = SHOWN) -> tuple[str, bool]:
    """As much of a text as fits, whole sentences if it can be; and whether something is left out."""
    text = text.strip()
    if len(text) <= limit:
        return text, False
    head = text[: limit + 1]
    ends = [match.end() for match in re.finditer(r"[.!?…](?=\s)|\n", head[:limit])]
    cut = ends[-1] if ends and ends[-1] >= limit // 3 else max(head.rfind(" "), limit // 3)
    return head[: min(cut, limit)].rstrip() + " …", True


def takeaway(ask: Ask, totals: BoardTotals) -> str:
    """The one sentence that a reader who stops there is not misled by."""
    t = ask.t
    if totals.total == 0:
        return t("There are no such projects.")
    share = t("{reported} of {total} reported", reported=t.number(totals.reported), total=t.number(totals.total))
    if totals.reported == 0:
        return t("Nothing is reported yet: {share}.", share=share)
    if 2 * totals.reported < totals.total:
        return t("Only {share}. {colours}.", share=share, colours=_worst(ask, totals))
    return t("{colours}; {share}.", colours=_worst(ask, totals), share=share)


def _worst(ask: Ask, totals: BoardTotals) -> str:
    t = ask.t
    if totals.red == 0 and totals.amber == 0:
        return t("All that reported are green")
    if totals.red == 0:
        return t.n("None is red, one is amber", "None is red, {n} are amber", totals.amber)
    red = t.n("One project is red", "{n} projects are red", totals.red)
    if not _compared(totals) or totals.red == totals.previous_red:
        return red
    change = totals.red - totals.previous_red
    if change > 0:
        return t.n("{red}, one more than last time", "{red}, {n} more than last time", change, red=red)
    return t.n("{red}, one fewer than last time", "{red}, {n} fewer than last time", -change, red=red)


def _compared(totals: BoardTotals) -> bool:
    return bool(totals.previous_red or totals.previous_amber or totals.previous_green)


def counts(ask: Ask, totals: BoardTotals) -> Paragraph:
    """`R 3 (+2)   A 6 (-1)   G 10 (=)   – 5 (+1)`."""
    shown = (
        (Rag.RED, totals.red, totals.previous_red),
        (Rag.AMBER, totals.amber, totals.previous_amber),
        (Rag.GREEN, totals.green, totals.previous_green),
        (None, totals.missing, totals.previous_missing),
    )
    spans: list[Span] = []
    for rag, now, before in shown:
        change = f" ({now - before:+d})".replace("-", "−") if now != before else " (=)"
        change = change if _compared(totals) else ""
        words = ask.t("not reported") + " " if rag is None else ""
        spans += [Pill(rag), Plain(f" {words}{ask.t.number(now)}{change}    ")]
    return Paragraph(tuple(spans))


def board_table(ask: Ask, caption: str, rows: Sequence[BoardRow], trends: Mapping[int, Trend]) -> Table:
    """Projects as a table, in the order given."""
    t = ask.t
    columns = (t("Project"), t("Status"), t("Trend"), t("For"), t("Lead"), t("Next date"), t("Reported"))
    return Table(caption, columns, tuple(_board_row(ask, row, trends) for row in rows), page_size=PAGE)


def _board_row(ask: Ask, row: BoardRow, trends: Mapping[int, Trend]) -> tuple[Cell, ...]:
    n = stays(row.standing)
    trend = trends.get(row.project.id, ())
    return (
        title_spans(row.project),
        (Pill(row.standing.rag if row.standing else None),),
        (Plain(letters(trend)),),
        NumberCell(n, lasting(ask, n, row.portfolio_key, trend) if n else "–"),
        lead_spans(row),
        (Plain(next_date(ask, row)),),
        (Plain(last_reported(ask, row)),),
    )


def last_reported(ask: Ask, row: BoardRow) -> str:
    """The last period with a report."""
    return period_label(ask, row.last_day, row.portfolio_key) if row.last_day is not None else "–"


def next_date(ask: Ask, row: BoardRow) -> str:
    """What is awaited next: the path to green while amber or red, else the project's end."""
    standing = row.standing
    if standing is not None and standing.path_due is not None:
        return ask.t("path {day}", day=day(ask, standing.path_due))
    return ask.t("end {day}", day=day(ask, row.project.end)) if row.project.end else "–"


def pager(ask: Ask, shown: int, total: int, size: int = PAGE) -> list[Block]:
    """What part of a list this is, with buttons to the others; nothing when it is all."""
    t, page = ask.t, ask.query.page
    if shown == total:
        return []
    first = (page - 1) * size + 1
    if shown == 0:
        pages = -(-total // size)
        text = t.n(
            "There is no page {page}: the list has one page.",
            "There is no page {page}: the list has {n} pages.",
            pages,
            page=t.number(page),
        )
    else:
        text = t("{first} to {last} of {total}.", first=t.number(first), last=t.number(first + shown - 1),
                 total=t.number(total))  # fmt: skip
    buttons = []
    if page > 1:
        back = page - 1 if shown else 1
        buttons.append(turn(t("Previous page"), replace(ask.query, page=back)))
    if first + shown - 1 < total and shown:
        buttons.append(turn(t("Next page"), replace(ask.query, page=page + 1)))
    return [Note((Plain(text),)), *([Actions(tuple(buttons))] if buttons else [])]


def offset(ask: Ask, size: int = PAGE) -> int:
    """Rows before the page asked for."""
    return (ask.query.page - 1) * size


def state_note(ask: Ask, where: BoardFilter) -> list[Block]:
    """How many paused and closed projects the question left out, if any, and how to see them."""
    others = tuple(state for state in ProjectState if state not in where.states)
    left = ask.uow.board.totals(replace(where, states=others)).total if others and not ask.query.states else 0
    if not left:
        return []
    line = ask.t.n(
        "{n} paused or closed project is left out: state:all shows it.",
        "{n} paused or closed projects are left out: state:all shows them.",
        left,
    )
    return [Note((Plain(line),))]


def colour_words(t: Texts, colours: Sequence[Rag | None]) -> str:
    """`red or amber`."""
    words = [rag_word(t, rag) for rag in colours]
    return words[0] if len(words) == 1 else t("{first} or {last}", first=", ".join(words[:-1]), last=words[-1])
