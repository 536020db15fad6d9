"""Moves a whole installation from SQLite to PostgreSQL: everything, proved, or nothing.

The file is held by its lock meanwhile, so no bot runs on it. All tables are copied in one transaction of the target;
before it is committed, each table is read back and compared, and the audit chain is proved on both sides. The file
stays as it was but for a mark, which keeps a bot from being started on it by habit: two bots on two copies would each
send everything.

The mark is made before the copy and says "begun"; after the commit it says "done". A process killed at any moment thus
leaves at most one database that a bot starts on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Row, Select, Table, Text, cast, func, select
from sqlalchemy.exc import DBAPIError

from reporting.ports import StoreBusy
from storage.audit import SqlAudit
from storage.engines import ONE_WRITER, is_postgres, make_plain, parse_url, sqlite_path
from storage.jobs import SqlJobTable
from storage.lock import DatabaseLock
from storage.migrate import DatabaseFault, current, require_current
from storage.moved import MARK, Mark, mark, read_mark, safe, unmark
from storage.store import SqlStore
from storage.tables import audit_head, metadata, notes
from storage.types import utc_text

_CHUNK = 2_000
_DUE_JOBS = "procrastinate_jobs"

Progress = Callable[[str, int, int], None]
"""Called with a table's name, how many of its rows are copied, and how many there are."""


class MoveFault(DatabaseFault):
    """The move was not made; the text says why, what is as it was, and what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One table, the same on both sides.

    Attributes:
        digest: SHA-256 over the content of all its rows, in the order of their keys.
    """

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was moved.

    Attributes:
        events: in the audit trail, whole on both sides.
        last_hash: of the last of them.
    """

    tables: tuple[Copied, ...]
    events: int
    last_hash: str


def move(
    source: str,
    target: str,
    now: datetime,
    prepare: Callable[[str], None],
    progress: Progress = lambda _table, _done, _all: None,
) -> Proof:
    """Move the database at `source` to the empty one at `target`.

    Args:
        source: `sqlite:///...`; no process may run on it.
        target: `postgresql://...`, without any row of ours.
        now: for the mark.
        prepare: makes the tables of the target, those of its engine too.

    Raises:
        AlreadyRunning: a process runs on the file.
        MoveFault: it was not made; the target is as it was, but perhaps for empty tables.
        DatabaseFault, BadDatabaseUrl: one of the two cannot be used.
    """
    path = _file(source, target)
    with DatabaseLock(path):
        require_current(source)
        store = SqlStore(source, write_wait=30.0)
        try:
            _require_unmoved(store, target)
            _make_tables(target, prepare)
            return _Move(store, target, now, progress).make()
        finally:
            store.dispose()


def _file(source: str, target: str) -> Path:
    path = sqlite_path(source)
    if path is None or not is_postgres(target):
        raise MoveFault(
            "A move goes from SQLite to PostgreSQL: --from sqlite:///... --to postgresql://... Nothing was changed. "
            "There is no way back by this command."
        )
    if not path.exists():
        raise MoveFault(f"There is no database at {path}. Nothing was changed.")
    return path


def _require_unmoved(store: SqlStore, target: str) -> None:
    found = read_mark(store)
    if found is not None and (found.done or found.to != safe(target)):
        raise MoveFault(f"{found.words()} Nothing was changed.")


def _make_tables(target: str, prepare: Callable[[str], None]) -> None:
    if current(target) is not None:
        require_current(target)
        with _target(target) as new:
            _require_empty(new)
    prepare(target)


@contextmanager
def _target(url: str) -> Iterator[Connection]:
    """A transaction on the target, rolled back unless it is committed inside."""
    engine = make_plain(parse_url(url))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(ONE_WRITER)
            yield connection
    finally:
        engine.dispose()


def _require_empty(new: Connection) -> None:
    filled = [table.name for table in metadata.sorted_tables if table is not audit_head and _count(new, select(table))]
    if new.exec_driver_sql(f"SELECT to_regclass('{_DUE_JOBS}')").scalar() is not None:
        filled += [_DUE_JOBS] if new.exec_driver_sql(f"SELECT 1 FROM {_DUE_JOBS} LIMIT 1").first() else []
    if filled:
        some = ", ".join(filled[:5]) + (", ..." if len(filled) > 5 else "")
        raise MoveFault(
            f"The target is not empty: there are rows in {some}. Nothing was changed. Give an empty database; if an "
            "earlier move to this one was cut off at its very end, everything is there: start the bot on it."
        )


def _count(connection: Connection, rows: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one())


class _Move:
    """One move, under the lock."""

    def __init__(self, store: SqlStore, target: str, now: datetime, progress: Progress) -> None:
        self._store = store
        self._target = target
        self._now = now
        self._progress = progress
        self._committing = False
        self._at: tuple[str, int] | None = None

    def make(self) -> Proof:
        """Make it, or raise with everything as it was."""
        with self._store.writing() as old:
            mark(old, Mark(safe(self._target), self._now, done=False))
        # As at any start: what a process had in hand that is gone is to be done now.
        SqlJobTable(self._store).reset_orphans()
        try:
            return self._make()
        except BaseException as error:
            # Also when interrupted. Once the commit is under way only the target knows whether it came through.
            if not self._committing:
                with self._store.writing() as old:
                    unmark(old)
            self._tell(error)
            raise

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, DatabaseFault) or not isinstance(error, (DBAPIError, StoreBusy, _driver_error())):
            return
        detail = str(getattr(error, "orig", None) or error).strip()
        if self._committing:
            raise MoveFault(
                f"PostgreSQL was lost in the very moment of the last step, so it may hold everything or nothing: "
                f"{detail}. Run the same command again: it moves, or says that everything is there."
            ) from error
        where = f"table {self._at[0]}, row {self._at[1]}: " if self._at else ""
        raise MoveFault(
            f"The move broke off and was undone, the old database is in use as before: {where}{detail}"
        ) from error

    def _make(self) -> Proof:
        with self._store.writing() as old, _target(self._target) as new:
            _require_empty(new)
            new.execute(audit_head.delete())
            proof = self._carry(old, new)
            self._committing = True
            new.commit()
            mark(old, Mark(safe(self._target), self._now, done=True))
        return proof

    def _carry(self, old: Connection, new: Connection) -> Proof:
        copied = tuple(self._copy(table, old, new) for table in metadata.sorted_tables)
        self._at = None
        for table in metadata.sorted_tables:
            _reset_sequence(table, old, new)
        for was in copied:
            _require_same(was, _read_back(metadata.tables[was.table], new))
        _require_whole("the old", SqlAudit(old).verify())
        _require_whole("the new", SqlAudit(new).verify())
        events, last_hash = new.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
        return Proof(copied, events, last_hash)

    def _copy(self, table: Table, old: Connection, new: Connection) -> Copied:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        total, content = _count(old, _rows(table)), _Content()
        cursor: Any = new.connection.cursor()
        self._progress(table.name, 0, total)
        # One statement for the table: a person's deputy may stand in any row.
        with cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as sink:
            for chunk in _chunks(table, old):
                for row in chunk:
                    content.add(row)
                    self._at = table.name, content.rows
                    sink.write_row(row)
                self._progress(table.name, content.rows, total)
        return content.of(table)


class _Content:
    """The digest of rows, the same whatever database they come from."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = sha256()

    def add(self, row: Row[Any]) -> None:
        """The next row."""
        self.rows += 1
        self._hash.update(json.dumps(list(row), separators=(",", ":"), default=_plain).encode("ascii"))
        self._hash.update(b"\n")

    def of(self, table: Table) -> Copied:
        """All rows so far are those of a table."""
        return Copied(table.name, self.rows, self._hash.hexdigest())


def _plain(value: date) -> str:
    return utc_text(value) if isinstance(value, datetime) else value.isoformat()


def _rows(table: Table) -> Select[Any]:
    """All rows in the order of their keys, JSON as the very text that is stored; without the mark of a move."""
    columns = [cast(c, Text).label(c.name) if isinstance(c.type, JSON) else c for c in table.columns]
    rows = select(*columns).order_by(*table.primary_key.columns)
    return rows.where(notes.c.key != MARK) if table is notes else rows


def _chunks(table: Table, connection: Connection) -> Iterator[Any]:
    return connection.execution_options(yield_per=_CHUNK).execute(_rows(table)).partitions()


def _read_back(table: Table, new: Connection) -> Copied:
    content = _Content()
    for chunk in _chunks(table, new):
        for row in chunk:
            content.add(row)
    return content.of(table)


def _require_same(was: Copied, found: Copied) -> None:
    if was != found:
        raise MoveFault(
            f"The table {was.table} does not read back as it was: {was.rows} rows, digest {was.digest[:12]}, became "
            f"{found.rows} rows, digest {found.digest[:12]}. The move was undone; the old database is in use as before."
        )


def _require_whole(which: str, faults: list[str]) -> None:
    if faults:
        raise MoveFault(
            f"The audit trail of {which} database is not whole: {faults[0]}. The move was undone; the old database "
            "is in use as before. `rollcall check --audit` names every fault."
        )


def _reset_sequence(table: Table, old: Connection, new: Connection) -> None:
    """New ids go on behind the highest that was ever given out."""
    column = table.autoincrement_column
    if column is None:
        return
    last = old.execute(select(func.max(column))).scalar() or 0
    if table.dialect_options["sqlite"]["autoincrement"]:
        used = old.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar()
        last = max(last, used or 0)
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    new.execute(select(func.setval(sequence, max(last, 1), last > 0)))


def _driver_error() -> type[Exception]:
    # Only with an address on PostgreSQL, and reading that has proved it to be installed.
    from psycopg import Error

    return Error
