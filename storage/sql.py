"""Small helpers over SQLAlchemy Core: a repository's base, and inserts that pass over what is there."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Double, Executable, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.prepared import Statements
from storage.types import POSTGRES

T = TypeVar("T")

# SQLite takes 32,766 parameters in one statement (SQLite docs: Limits, SQLITE_MAX_VARIABLE_NUMBER).
CHUNK = 5_000


class Fields:
    """The fields of a dataclass that have a column of their name, in the order of the fields."""

    def __init__(self, kind: type[Any], table: Table, without: Collection[str] = ()) -> None:
        """Of `kind` for `table`, except those named in `without`."""
        self.names = tuple(f.name for f in fields(kind) if f.name in table.c and f.name not in without)
        self.columns: tuple[Column[Any], ...] = tuple(table.c[name] for name in self.names)
        self._get = attrgetter(*self.names)

    def values(self, item: object) -> dict[str, Any]:
        """Column values by column name."""
        return dict(zip(self.names, self._get(item), strict=True))


class epoch(FunctionElement[float]):  # noqa: N801 - reads as the SQL function that it is
    """Seconds since 1970 on the database's own clock, one for all processes; not that of the transaction's begin."""

    type = Double()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _epoch_sqlite(_element: epoch, _compiler: object, **_: Any) -> str:
    # unixepoch() has parts of a second only since SQLite 3.42.
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(epoch, POSTGRES)
def _epoch_postgres(_element: epoch, _compiler: object, **_: Any) -> str:
    return "(extract(epoch from clock_timestamp())::double precision)"


class Portable:
    """An insert with an ON CONFLICT clause, which each database's own construct must write."""

    def __init__(self, build: Callable[[Any], Insert]) -> None:
        """`build` gets the `insert` function of a dialect."""
        self._by_dialect = {"sqlite": build(sqlite.insert), POSTGRES: build(postgresql.insert)}

    def on(self, connection: Connection | Statements) -> Insert:
        """The statement for this connection's database."""
        return self._by_dialect[connection.dialect.name]


class Repository:
    """Runs statements, built once, on the connection of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        """Work inside the transaction that `connection` is in."""
        self._db = Statements(connection)

    def _one(self, statement: Executable, make: Callable[..., T], **values: Any) -> T | None:
        row = self._db.execute(statement, values).first()
        return None if row is None else make(*row)

    def _list(self, statement: Executable, make: Callable[..., T], **values: Any) -> list[T]:
        return [make(*row) for row in self._db.execute(statement, values)]

    def _of_ids(self, statement: Executable, make: Callable[..., T], ids: Collection[int], **values: Any) -> list[T]:
        """Rows of a statement with an expanding parameter `ids`, asked for in pieces that every database takes."""
        found: list[T] = []
        for piece in pieces(ids):
            found += self._list(statement, make, ids=piece, **values)
        return found

    def _insert(self, statement: Insert, values: Mapping[str, Any]) -> int:
        """Insert one row; its new id."""
        key: Any = self._db.execute(statement, dict(values)).inserted_primary_key
        return int(key[0])

    def _insert_or_pass(self, statement: Portable, values: Mapping[str, Any]) -> int | None:
        """Insert one row and return its new id (the statement's RETURNING); None when it is there already."""
        new_id = self._db.execute(statement.on(self._db), dict(values)).scalar()
        return None if new_id is None else int(new_id)


def pieces(items: Collection[T]) -> Iterator[Sequence[T]]:
    """The items in lists of at most `CHUNK`, each item once."""
    rest = iter(dict.fromkeys(items))
    while piece := list(islice(rest, CHUNK)):
        yield piece


def like(text: str, before: str = "%", after: str = "%") -> str:
    """A LIKE pattern with ESCAPE `/` in which `text` stands for itself."""
    return before + text.replace("/", "//").replace("%", "/%").replace("_", "/_") + after
