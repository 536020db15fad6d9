"""Standings and the lists made from them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text, update

from reporting.model import Project, Rag, Risk, Standing
from reporting.ports import BoardRow, BoardTotals
from reporting.query import BoardFilter
from storage.repositories import ranking
from storage.repositories.board_filter import Conditions
from storage.repositories.projects import PROJECT
from storage.repositories.risks import RISK
from storage.sql import Fields, Repository
from storage.tables import people, periods, portfolios, projects, reports, requests, risks, roll, standings

_STANDING = Fields(Standing, standings)
_SELECT = select(*_STANDING.columns).where(standings.c.period_id.is_not(None))
_BY_PROJECT = _SELECT.where(standings.c.project_id == bindparam("project"))
_PATHS_DUE = _SELECT.where(standings.c.path_due < bindparam("today")).order_by(standings.c.path_due)
_UPDATE = (
    update(standings)
    .where(standings.c.project_id == bindparam("row_id"))
    .values(last_day=select(periods.c.day).where(periods.c.id == bindparam("reported_in")).scalar_subquery())
)

# Outer joins keep the standings outermost: their index gives the order, and a page reads nothing beyond itself.
_ROWS = (
    select(
        *PROJECT.columns,
        portfolios.c.key,
        portfolios.c.name,
        people.c.name,
        *_STANDING.columns,
        requests.c.state,
        reports.c.summary,
        reports.c.reason,
        standings.c.top_score,
        standings.c.last_day,
    )
    .select_from(
        standings.outerjoin(projects, projects.c.id == standings.c.project_id)
        .outerjoin(portfolios, portfolios.c.id == standings.c.portfolio_id)
        .outerjoin(people, people.c.id == standings.c.lead_id)
        .outerjoin(reports, reports.c.id == standings.c.report_id)
        .outerjoin(
            requests,
            (requests.c.period_id == standings.c.period_id) & (requests.c.project_id == standings.c.project_id),
        )
    )
    .order_by(standings.c.place, standings.c.key_fold)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_TOTALS = select(standings.c.rag, standings.c.previous, func.count()).group_by(standings.c.rag, standings.c.previous)
_is_open = text("risks.state = 'open'")
_RISKS = (
    select(*RISK.columns, projects.c.key, projects.c.name)
    .select_from(
        risks.join(standings, standings.c.project_id == risks.c.project_id).join(
            projects, projects.c.id == risks.c.project_id
        )
    )
    .where(_is_open)
    .order_by(risks.c.score.desc(), standings.c.key_fold, risks.c.number)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_RISK_COUNT = (
    select(func.count())
    .select_from(risks.join(standings, standings.c.project_id == risks.c.project_id))
    .where(_is_open)
)

_PROJECT_WIDTH = len(PROJECT.columns)
_STANDING_AT = _PROJECT_WIDTH + 3
_REST_AT = _STANDING_AT + len(_STANDING.columns)


class SqlBoard(Repository):
    """See `reporting.ports.Board`."""

    def get(self, project_id: int) -> Standing | None:
        """Where a project stands; None before its first period."""
        return self._one(_BY_PROJECT, Standing, project=project_id)

    def put(self, standings: Iterable[Standing]) -> None:
        """Replace what stands there (every project has its row from the day it is added)."""
        rows = [_values(standing) for standing in standings]
        if rows:
            self._db.execute(_UPDATE, rows)

    def rows(self, where: BoardFilter, limit: int, offset: int = 0) -> list[BoardRow]:
        """Worst first (red, amber, not reported, green), then longest in that state, then key."""
        wanted = Conditions(where)
        return self._list(_ROWS.where(*wanted.clauses), _row, most=limit, skip=offset, **wanted.values)

    def totals(self, where: BoardFilter) -> BoardTotals:
        """Counts over a filter: colours now, and in the period before."""
        wanted = Conditions(where)
        now: dict[Rag | None, int] = dict.fromkeys((*Rag, None), 0)
        before = dict(now)
        for rag, previous, count in self._db.execute(_TOTALS.where(*wanted.clauses), wanted.values):
            now[rag] += count
            before[previous] += count
        total = sum(now.values())
        return BoardTotals(
            total=total,
            red=now[Rag.RED],
            amber=now[Rag.AMBER],
            green=now[Rag.GREEN],
            missing=now[None],
            previous_red=before[Rag.RED],
            previous_amber=before[Rag.AMBER],
            previous_green=before[Rag.GREEN],
            previous_missing=before[None],
            reported=total - now[None],
        )

    def risks(self, where: BoardFilter, limit: int, offset: int = 0) -> list[tuple[Risk, str, str]]:
        """Open risks of the projects in the filter with project key and name, highest score first."""
        wanted = Conditions(where, each_risk=True)
        return self._list(_RISKS.where(*wanted.clauses), _risk, most=limit, skip=offset, **wanted.values)

    def risk_count(self, where: BoardFilter) -> int:
        """How many risks `risks` would list in all."""
        wanted = Conditions(where, each_risk=True)
        return int(self._db.execute(_RISK_COUNT.where(*wanted.clauses), wanted.values).scalar_one())

    def counts_by_period(self, where: BoardFilter, limit: int) -> list[tuple[date, int, int, int, int]]:
        """(day, red, amber, green, not reported) of the last periods, oldest first."""
        wanted = Conditions(where)
        counts: dict[date, dict[Rag | None, int]] = {}
        for day, rag, count in self._db.execute(_by_period(wanted), {**wanted.values, "most": limit}):
            counts.setdefault(day, {})[rag] = count
        order = (Rag.RED, Rag.AMBER, Rag.GREEN, None)
        return [(day, *(counts[day].get(rag, 0) for rag in order)) for day in sorted(counts)]  # type: ignore[misc]

    def paths_due(self, today: date) -> list[Standing]:
        """Standings whose path to green fell due before today, oldest first."""
        return self._list(_PATHS_DUE, Standing, today=today)


def _by_period(wanted: Conditions) -> Select[Any]:
    in_filter = (standings.c.project_id == roll.c.project_id, *wanted.clauses)
    # The days come from the few periods, so that no more of the roll is read than is shown.
    days = (
        select(periods.c.day)
        .distinct()
        .where(select(roll.c.project_id).where(roll.c.day == periods.c.day, *in_filter).correlate(periods).exists())
        .order_by(periods.c.day.desc())
        .limit(bindparam("most"))
    )
    return (
        select(roll.c.day, roll.c.rag, func.count())
        .where(roll.c.day.in_(days), *in_filter)
        .group_by(roll.c.day, roll.c.rag)
    )


def _values(standing: Standing) -> dict[str, Any]:
    values = _STANDING.values(standing)
    periods_held = ranking.held(standing)
    reported_in = standing.period_id if standing.rag is not None else standing.last_period_id
    return values | {
        "row_id": values.pop("project_id"),
        "held": periods_held,
        "place": ranking.place(standing.rag, periods_held),
        "moved": ranking.moved(standing),
        "reported_in": reported_in,
    }


def _row(*row: Any) -> BoardRow:
    standing = row[_STANDING_AT:_REST_AT]
    portfolio_key, portfolio_name, lead_name = row[_PROJECT_WIDTH:_STANDING_AT]
    state, summary, reason, top_score, last_day = row[_REST_AT:]
    return BoardRow(
        project=Project(*row[:_PROJECT_WIDTH]),
        portfolio_key=portfolio_key,
        portfolio_name=portfolio_name,
        lead_name=lead_name,
        standing=None if standing[1] is None else Standing(*standing),
        request_state=state,
        summary=summary or "",
        reason=reason or "",
        top_score=top_score,
        last_day=last_day,
    )


def _risk(*row: Any) -> tuple[Risk, str, str]:
    return Risk(*row[:-2]), row[-2], row[-1]
