"""Runs statements on SQLite with as little as can be between them and the driver.

SQLAlchemy writes each statement once; after that only values are bound and rows converted, by the very processors of
its types. Asking SQLAlchemy each time costs several times what SQLite needs for most of our statements, and a report is
recorded with thirty of them while its author waits.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Executable, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.sql.compiler import SQLCompiler

from storage.types import dump_json, load_json

Processor = Callable[[Any], Any]
Written = Select[Any] | Insert | Update | Delete

# Far more than there are; shapes of filters and lengths of lists make several of one statement.
_KEPT = 2_048
_LONGEST = 8_192


class Rows:
    """What a statement returned, in the manner of SQLAlchemy's results.

    Attributes:
        rowcount: rows that were changed.
        inserted_primary_key: the id of the row that was inserted last.
    """

    __slots__ = ("_rows", "inserted_primary_key", "rowcount")

    def __init__(self, rows: Sequence[Sequence[Any]], rowcount: int, last_id: int | None) -> None:
        self._rows = rows
        self.rowcount = rowcount
        self.inserted_primary_key = (last_id,)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return iter(self._rows)

    def all(self) -> Sequence[Sequence[Any]]:
        """Every row."""
        return self._rows

    def first(self) -> Sequence[Any] | None:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first value of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        ((value, *_),) = self._rows
        return value


class Statements:
    """Runs statements in the transaction that a connection is in."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = connection.dialect
        self._connection = connection

    @cached_property
    def _driver(self) -> sqlite3.Connection | None:
        driver = self._connection.connection.driver_connection
        return driver if isinstance(driver, sqlite3.Connection) else None

    def execute(self, statement: Executable, values: Any = None) -> Any:
        """Run a statement with its values by name; a list of several runs it once for each.

        Raises:
            sqlalchemy.exc.DBAPIError: in the subclasses that SQLAlchemy itself raises.
        """
        if isinstance(values, list) and len(values) == 1:
            values = values[0]
        prepared = None if self._driver is None or isinstance(values, list) else _find(statement, values or {})
        if prepared is None:
            return self._connection.execute(statement, values)
        assert self._driver is not None
        return prepared.run(self._driver, values or {})


class _Prepared:
    """One statement, for lists of given lengths."""

    def __init__(self, statement: Written, written: SQLCompiler, lengths: Mapping[str, int]) -> None:
        self._sql = written.string
        for name, length in lengths.items():
            self._sql = self._sql.replace(f"__[POSTCOMPILE_{name}]", ", ".join("?" * length))
        dialect = _dialect()
        self._places: list[tuple[str, Processor | None, int]] = []
        self._given: dict[str, Any] = {}
        for name in written.positiontup or ():
            bind = written.binds[name]
            if not bind.required:
                self._given[name] = bind.effective_value
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            self._places.append((name, process, lengths.get(name, 0)))
        found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in _returned(statement)]
        self._results = [(at, process) for at, process in enumerate(found) if process is not None]

    def run(self, driver: sqlite3.Connection, values: Mapping[str, Any]) -> Rows:
        try:
            parameters = self._bound({**self._given, **values} if self._given else values)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise StatementError(str(error), self._sql, None, error, hide_parameters=True) from error
        try:
            cursor = driver.execute(self._sql, parameters)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            # As SQLAlchemy would raise it, without the values: people's texts do not belong into a log.
            raise DBAPIError.instance(
                self._sql, None, error, sqlite3.Error, hide_parameters=True, dialect=_dialect()
            ) from error
        found = [self._converted(row) for row in rows] if self._results else rows
        return Rows(found, cursor.rowcount, cursor.lastrowid)

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        parameters: list[Any] = []
        for name, process, length in self._places:
            value = values[name]
            if length:
                # Lists are filled up with their last value: that changes no IN, and few statements serve all lengths.
                items = [*value, *[value[-1]] * (length - len(value))]
                parameters += map(process, items) if process else items
            else:
                parameters.append(process(value) if process else value)
        return parameters

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        cells = list(row)
        for at, process in self._results:
            cells[at] = process(cells[at])
        return cells


def _returned(statement: Written) -> Sequence[ColumnElement[Any]]:
    if isinstance(statement, Select):
        return list(statement.selected_columns)
    return list(statement.exported_columns)


def _find(statement: Executable, values: Mapping[str, Any]) -> _Prepared | None:
    names = tuple(values) if isinstance(statement, Insert | Update) else ()
    lengths: tuple[tuple[str, int], ...] = ()
    for name, value in values.items():
        if isinstance(value, list | tuple) and name in _lists(statement):
            if not value or len(value) > _LONGEST:
                return None
            lengths += ((name, 1 << (len(value) - 1).bit_length()),)
    return _prepare(statement, names, lengths)


@lru_cache(_KEPT)
def _lists(statement: Executable) -> frozenset[str]:
    """Names of the parameters that are lists."""
    written = _written(statement, ())
    return frozenset(name for name, bind in written.binds.items() if bind.expanding)


@lru_cache(_KEPT)
def _prepare(statement: Executable, names: tuple[str, ...], lengths: tuple[tuple[str, int], ...]) -> _Prepared | None:
    """None for what must go through SQLAlchemy."""
    if not isinstance(statement, Select | Insert | Update | Delete):
        return None
    written = _written(statement, names)
    if written.literal_execute_params:
        return None
    return _Prepared(statement, written, dict(lengths))


def _written(statement: Any, names: tuple[str, ...]) -> SQLCompiler:
    written: SQLCompiler = statement.compile(dialect=_dialect(), column_keys=list(names) or None)
    return written


@cache
def _dialect() -> Dialect:
    return sqlite.dialect(json_serializer=dump_json, json_deserializer=load_json)
