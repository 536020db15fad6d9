"""A `BoardFilter` as conditions on the standings, and those conditions' values as parameters.

The statement has one shape for each set of conditions used, so that SQLAlchemy and the database compile it once.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, or_

from reporting.model import Rag
from reporting.query import BoardFilter
from storage.repositories.ranking import places
from storage.sql import CHUNK
from storage.tables import risks, standings

_COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    "=": lambda column, value: column == value,
}
_MOVED = {"worse": 1, "better": -1}


class Conditions:
    """Collects conditions and their values.

    Attributes:
        clauses: conditions on `standings` (and `risks`, when asked for each risk).
        values: parameters by name.
    """

    def __init__(self, where: BoardFilter, *, each_risk: bool = False) -> None:
        """Of a filter.

        Args:
            where: what to show.
            each_risk: the bound on the score is meant for each risk, not for the project's worst one.

        Raises:
            ValueError: the filter has an unknown word or operator.
        """
        self.clauses: list[ColumnElement[bool]] = []
        self.values: dict[str, Any] = {}
        self._any_of(standings.c.state, "states", where.states or None)
        if where.colours:
            self._colours(where.colours)
        self._any_of(standings.c.portfolio_id, "portfolios", where.portfolio_ids)
        self._any_of(standings.c.lead_id, "leads", where.lead_ids)
        self._any_of(standings.c.project_id, "projects", where.project_ids)
        if where.moved:
            self._bound("=", standings.c.moved, "moved", _known(_MOVED, where.moved))
        if where.min_streak:
            self._bound(">=", standings.c.held, "held", where.min_streak)
        if where.risk_op:
            column = risks.c.score if each_risk else standings.c.top_score
            self._bound(where.risk_op, column, "score", where.risk_score)
        if each_risk and where.risk_since:
            self._bound(">=", risks.c.opened_at, "opened", datetime.combine(where.risk_since, time.min, UTC))
        if where.reported_since:
            self._bound(">=", standings.c.last_day, "since", where.reported_since)
        if not where.confidential:
            self._hide_confidential(where.own_ids)

    def _bound(self, op: str, column: ColumnElement[Any], name: str, value: Any) -> None:
        self.clauses.append(_known(_COMPARE, op)(column, bindparam(name, type_=column.type)))
        self.values[name] = value

    def _any_of(self, column: ColumnElement[Any], name: str, wanted: Sequence[Any] | None) -> None:
        if wanted is None:
            return
        # One value is an equality, after which an index still gives the order. Very many are written into the
        # statement: databases limit the number of parameters, not the length of a list of whole numbers.
        if len(wanted) == 1:
            self._bound("=", column, name, wanted[0])
        elif len(wanted) > CHUNK:
            self.clauses.append(column.in_(bindparam(name, expanding=True, literal_execute=True)))
            self.values[name] = list(wanted)
        else:
            self.clauses.append(column.in_(bindparam(name, expanding=True)))
            self.values[name] = list(wanted)

    def _colours(self, colours: Sequence[Rag | None]) -> None:
        # The range lets the index of places begin at the first wanted colour.
        ranges = [places(rag) for rag in colours]
        place = standings.c.place
        self.clauses.append(place.between(bindparam("first_place"), bindparam("last_place")))
        self.values["first_place"] = min(first for first, _ in ranges)
        self.values["last_place"] = max(last for _, last in ranges)
        if len(set(colours)) > 1:
            coloured = [rag for rag in colours if rag is not None]
            wanted = standings.c.rag.in_(bindparam("rags", expanding=True))
            self.values["rags"] = coloured
            self.clauses.append(or_(wanted, standings.c.rag.is_(None)) if None in colours else wanted)

    def _hide_confidential(self, own_ids: Sequence[int]) -> None:
        is_open = standings.c.confidential == false()
        if not own_ids:
            self.clauses.append(is_open)
            return
        self.clauses.append(or_(is_open, standings.c.project_id.in_(bindparam("own", expanding=True))))
        self.values["own"] = list(own_ids)


def _known(table: dict[str, Any], word: str) -> Any:
    if word not in table:
        raise ValueError(f"unknown word in a filter: {word!r}")
    return table[word]
