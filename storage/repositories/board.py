"""Standings and the lists made from them."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from reporting.model import Project, Rag, Risk, Standing
from reporting.ports import BoardRow, BoardTotals, RollLine
from reporting.query import BoardFilter
from storage.repositories import board_statements, ranking
from storage.repositories.board_filter import Conditions
from storage.repositories.board_statements import STANDING
from storage.repositories.projects import PROJECT
from storage.sql import Repository
from storage.tables import periods, standings

_SELECT = select(*STANDING.columns).where(standings.c.period_id.is_not(None))
_BY_PROJECT = _SELECT.where(standings.c.project_id == bindparam("project"))
_PATHS_DUE = _SELECT.where(standings.c.path_due < bindparam("today")).order_by(standings.c.path_due)
_UPDATE = (
    update(standings)
    .where(standings.c.project_id == bindparam("row_id"))
    .values(last_day=select(periods.c.day).where(periods.c.id == bindparam("reported_in")).scalar_subquery())
)
_WORST_FIRST = (Rag.RED, Rag.AMBER, Rag.GREEN, None)
_PROJECT_WIDTH = len(PROJECT.columns)
_STANDING_AT = _PROJECT_WIDTH + 3
_REST_AT = _STANDING_AT + len(STANDING.columns)


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
        wanted = Conditions.of(where)
        statement = board_statements.page_of_rows(wanted.shape)
        return self._list(statement, _row, most=limit, skip=offset, **wanted.values)

    def totals(self, where: BoardFilter) -> BoardTotals:
        """Counts over a filter: colours now, and in the period before."""
        wanted = Conditions.of(where)
        now: dict[Rag | None, int] = dict.fromkeys(_WORST_FIRST, 0)
        before = dict(now)
        for rag, previous, count in self._db.execute(board_statements.totals(wanted.shape), wanted.values):
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
        wanted = Conditions.of(where)
        statement = board_statements.page_of_risks(wanted.shape)
        return self._list(statement, _risk, most=limit, skip=offset, **wanted.values)

    def risk_count(self, where: BoardFilter) -> int:
        """How many risks `risks` would list in all."""
        wanted = Conditions.of(where)
        return int(self._db.execute(board_statements.count_of_risks(wanted.shape), wanted.values).scalar_one())

    def counts_by_period(self, where: BoardFilter, limit: int) -> list[tuple[date, int, int, int, int]]:
        """(day, red, amber, green, not reported) of the last periods, oldest first."""
        wanted = Conditions.of(where)
        statement = board_statements.counts_by_period(wanted.shape)
        counts: dict[date, dict[Rag | None, int]] = {}
        for day, rag, count in self._db.execute(statement, {**wanted.values, "most": limit}):
            counts.setdefault(day, dict.fromkeys(_WORST_FIRST, 0))[rag] = count
        return [(day, of[Rag.RED], of[Rag.AMBER], of[Rag.GREEN], of[None]) for day, of in sorted(counts.items())]

    def roll(self, project_ids: Collection[int], until: date) -> list[RollLine]:
        """All periods of these projects up to a day, by project, then oldest first."""
        found = self._of_ids(board_statements.ROLL, RollLine, project_ids, until=until)
        return sorted(found, key=lambda line: (line.project_id, line.day, line.period_id))

    def paths_due(self, today: date) -> list[Standing]:
        """Standings whose path to green fell due before today, oldest first."""
        return self._list(_PATHS_DUE, Standing, today=today)


def _values(standing: Standing) -> dict[str, Any]:
    values = STANDING.values(standing)
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
