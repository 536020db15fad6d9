"""A `BoardFilter` as conditions on the standings.

A filter is taken apart into its shape (which conditions it has) and its values (parameters). Statements are built once
for each shape; there are few shapes, and building a statement costs more than running it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, false, or_, select

from reporting.model import Rag
from reporting.query import BoardFilter
from storage.repositories.ranking import places
from storage.sql import CHUNK
from storage.tables import risks, roll, standings

Clause = ColumnElement[bool]
Shape = tuple[str, ...]

_COMPARE: dict[str, Callable[[Any, Any], Clause]] = {
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    "=": lambda column, value: column == value,
}
_LISTS: dict[str, ColumnElement[Any]] = {
    "state": standings.c.state,
    "portfolio": standings.c.portfolio_id,
    "lead": standings.c.lead_id,
    "project": standings.c.project_id,
}
_MOVED = {"worse": 1, "better": -1}


@dataclass
class Conditions:
    """What a filter asks for.

    Attributes:
        shape: names of the conditions; `clauses` knows what they mean.
        values: parameters by name.
    """

    shape: Shape = ()
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, where: BoardFilter) -> "Conditions":
        """Take a filter apart.

        Raises:
            ValueError: the filter has an unknown word or operator.
        """
        taken = cls()
        taken._any_of("state", where.states or None)
        if where.colours:
            taken._colours(where.colours)
        taken._any_of("portfolio", where.portfolio_ids)
        taken._any_of("lead", where.lead_ids)
        taken._any_of("project", where.project_ids)
        if where.moved:
            taken._moved(where.moved, where.moved_since)
        if where.min_streak:
            taken._add("held", held=where.min_streak)
        if where.risk_op:
            _known(_COMPARE, where.risk_op)
            taken._add(f"score {where.risk_op}", score=where.risk_score)
        if where.risk_since:
            taken._add("opened", opened=datetime.combine(where.risk_since, time.min, UTC))
        if where.reported_since:
            taken._add("since", since=where.reported_since)
        if not where.confidential:
            taken._hide_confidential(where.own_ids)
        return taken

    def _add(self, name: str, **values: Any) -> None:
        self.shape += (name,)
        self.values |= values

    def _any_of(self, name: str, wanted: Sequence[Any] | None) -> None:
        if wanted is None:
            return
        # One value is an equality, after which an index still gives the order. Very many are written into the
        # statement: databases limit the number of parameters, not the length of a list of whole numbers.
        if len(wanted) == 1:
            self._add(f"{name} one", **{name: wanted[0]})
        elif len(wanted) > CHUNK:
            self._add(f"{name} many", **{name: list(wanted)})
        else:
            self._add(f"{name} some", **{name: list(wanted)})

    def _colours(self, colours: Sequence[Rag | None]) -> None:
        ranges = [places(rag) for rag in colours]
        first, last = min(first for first, _ in ranges), max(last for _, last in ranges)
        self._add("places", first_place=first, last_place=last)
        if len(set(colours)) > 1:
            name = "rags or none" if None in colours else "rags"
            self._add(name, rags=[rag for rag in colours if rag is not None])

    def _moved(self, word: str, since: date | None) -> None:
        step = _known(_MOVED, word)
        if since is None:
            self._add("moved", moved=step)
        else:
            self._add(f"{word} then", then=since)

    def _hide_confidential(self, own_ids: Sequence[int]) -> None:
        if own_ids:
            self._add("open or own", own=list(own_ids))
        else:
            self._add("open")


def clauses(shape: Shape) -> list[Clause]:
    """The conditions of a shape, on `standings`. When a risk was opened matters in lists of risks only."""
    return [_clause(name) for name in shape if name != "opened"]


def clauses_of_project(shape: Shape) -> list[Clause]:
    """Those of a shape that are on the project, where a bound on the score is meant for each risk."""
    return [_clause(name) for name in shape if not _is_of_risk(name)]


def clauses_of_risk(shape: Shape) -> list[Clause]:
    """Those of a shape that are on `risks`, where a bound on the score is meant for each risk."""
    return [_risk_clause(name) for name in shape if _is_of_risk(name)]


def shows_few(shape: Shape) -> bool:
    """Whether a filter of this shape shows but a few of all projects."""
    return any(name.split()[0] in ("portfolio", "lead", "project", "places") for name in shape)


def _is_of_risk(name: str) -> bool:
    return name == "opened" or name.startswith("score ")


def _risk_clause(name: str) -> Clause:
    if name == "opened":
        return risks.c.opened_at >= bindparam("opened", type_=risks.c.opened_at.type)
    return _score(name, risks.c.score)


def _clause(name: str) -> Clause:
    word, _, how = name.partition(" ")
    if word in _LISTS:
        return _in_list(_LISTS[word], word, how)
    if word == "score":
        return _score(name, standings.c.top_score)
    return _SIMPLE[name]


def _in_list(column: ColumnElement[Any], name: str, how: str) -> Clause:
    if how == "one":
        return column == bindparam(name, type_=column.type)
    return column.in_(bindparam(name, expanding=True, literal_execute=how == "many"))


def _score(name: str, column: ColumnElement[Any]) -> Clause:
    return _COMPARE[name.removeprefix("score ")](column, bindparam("score", type_=column.type))


# How bad a colour is, and how bad the last one was that was reported on or before a day. Nothing is worse or better
# than no colour: a comparison with NULL does not hold.
_SEVERITY = {rag: rag.severity for rag in Rag}
_now = case(_SEVERITY, value=standings.c.rag)
_then = (
    select(case(_SEVERITY, value=roll.c.rag))
    .where(roll.c.project_id == standings.c.project_id, roll.c.rag.is_not(None))
    .where(roll.c.day <= bindparam("then", type_=roll.c.day.type))
    .order_by(roll.c.day.desc(), roll.c.period_id.desc())
    .limit(1)
    .correlate(standings)
    .scalar_subquery()
)
_rag_in = standings.c.rag.in_(bindparam("rags", expanding=True))
_is_open = standings.c.confidential == false()
_SIMPLE: Mapping[str, Clause] = {
    # The range lets the index of places begin at the first wanted colour.
    "places": standings.c.place.between(bindparam("first_place"), bindparam("last_place")),
    "rags": _rag_in,
    "rags or none": or_(_rag_in, standings.c.rag.is_(None)),
    "moved": standings.c.moved == bindparam("moved"),
    "worse then": _now > _then,
    "better then": _now < _then,
    "held": standings.c.held >= bindparam("held"),
    "since": standings.c.last_day >= bindparam("since", type_=standings.c.last_day.type),
    "open": _is_open,
    "open or own": or_(_is_open, standings.c.project_id.in_(bindparam("own", expanding=True))),
}


def _known(table: Mapping[str, Any], word: str) -> Any:
    if word not in table:
        raise ValueError(f"unknown word in a filter: {word!r}")
    return table[word]
