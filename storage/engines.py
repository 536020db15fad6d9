"""Connections: one engine that writes, one that reads, set up so that SQLite is safe and readers never wait."""

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.types import POSTGRES, dump_json, load_json

# On PostgreSQL: whoever writes waits here for the one before. Any number will do, as long as no other program takes it
# on the same database.
ONE_WRITER = "SELECT pg_advisory_xact_lock(7266655)"
# Whoever takes a rate slot waits for others who do, and not for the disk (PostgreSQL docs: synchronous_commit).
ONE_SLOT = "SELECT pg_advisory_xact_lock(7266656), set_config('synchronous_commit', 'off', true)"
_MIB = 1024 * 1024
_WAL = "PRAGMA journal_mode=WAL"
# FULL: a commit survives a power cut, which "commit first, then acknowledge" needs. With NORMAL the newest commits may
# be lost in one, the file stays sound (SQLite docs: PRAGMA synchronous).
_DURABLE, _QUICK = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"
# Pages in the log before a commit copies them into the database file, four times SQLite's own: that commit keeps all
# others waiting for the disk, and 1,000 pages are written in half a second of many reports.
_LOG_PAGES = 4_000
_READERS = 8
_MORE_READERS = 56
# PostgreSQL docs (libpq, connect_timeout): the least there is.
_CONNECT_SECONDS = 2
# A writer keeps everybody else waiting, a reader nobody.
_IDLE_WRITER, _IDLE_READER = 5, 60
# PostgreSQL docs (libpq, keepalives): a dead server is noticed within some ten seconds instead of two hours.
_KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}


class BadDatabaseUrl(ValueError):
    """The address of the database cannot be used; the text says why."""


def parse_url(url: str) -> URL:
    """The address, with the driver this product uses.

    Raises:
        BadDatabaseUrl: not SQLite in a file, nor PostgreSQL with psycopg installed.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadDatabaseUrl("the database address cannot be read; it looks like sqlite:///path/to/file.db") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite_url(parsed)
    if backend in (POSTGRES, "postgres"):
        return _postgres_url(parsed)
    raise BadDatabaseUrl(f"a database of kind {backend!r} is not supported; use sqlite:/// or postgresql://")


def _sqlite_url(parsed: URL) -> URL:
    if not parsed.database or parsed.database == ":memory:" or parsed.query:
        raise BadDatabaseUrl("SQLite must be a plain file: readers and the writer each need a connection to it")
    return parsed.set(drivername="sqlite+pysqlite")


def _postgres_url(parsed: URL) -> URL:
    if find_spec("psycopg") is None:
        raise BadDatabaseUrl("PostgreSQL needs the package psycopg: pip install 'rollcall[postgres]'")
    return parsed.set(drivername="postgresql+psycopg")


def is_postgres(url: str) -> bool:
    """Whether it is an address on PostgreSQL.

    Raises:
        BadDatabaseUrl: the address cannot be used.
    """
    return parse_url(url).get_backend_name() == POSTGRES


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite database; None for another kind."""
    parsed = parse_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def make_writer(url: URL, wait: float) -> Engine:
    """The engine for writing transactions; `wait` in seconds for a lock that another process holds."""
    if url.get_backend_name() == "sqlite":
        engine = _engine(url, pool_size=1, max_overflow=1)
        _prepare_sqlite(engine, "BEGIN IMMEDIATE", _pragmas(wait))
        return engine
    return _postgres(url, wait, _IDLE_WRITER)


def prepare_write(connection: Connection, seconds: float, durable: bool) -> None:
    """How long this connection to SQLite waits for another process's lock, and whether its commits wait for the disk.

    Outside of a transaction.
    """
    raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}").close()
    raw.execute(_DURABLE if durable else _QUICK).close()


def make_reader(url: URL, wait: float) -> Engine:
    """The engine for reading transactions: one consistent picture, and no writing."""
    if url.get_backend_name() == "sqlite":
        engine = _engine(url, pool_size=_READERS, max_overflow=_MORE_READERS, pool_timeout=wait)
        _prepare_sqlite(engine, "BEGIN", [*_pragmas(wait), "PRAGMA query_only=ON"])
        return engine
    engine = _postgres(url, wait, _IDLE_READER)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def make_plain(url: URL, *, prepare: bool = False, reads: bool = False) -> Engine:
    """An engine for migrations: transactions that cover changes of tables too.

    Args:
        prepare: turns a SQLite file to WAL for good, before anybody else has it open: later that needs a lock.
        reads: nothing is changed, so that whoever writes is not waited for.
    """
    engine = _engine(url)
    if url.get_backend_name() == "sqlite":
        begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
        _prepare_sqlite(engine, begin, ["PRAGMA busy_timeout=5000", *([_WAL] if prepare else [])])
    return engine


def _engine(url: URL, **options: Any) -> Engine:
    return create_engine(url, json_serializer=dump_json, json_deserializer=load_json, **options)


def _postgres(url: URL, wait: float, idle: int) -> Engine:
    # Half of the time for a connection of the pool, half for a lock: together no longer than promised.
    # Whoever stands still inside a transaction is sent away after `idle` seconds, and everything undone.
    options = f"-c lock_timeout={int(wait * 500)} -c idle_in_transaction_session_timeout={idle * 1000}"
    limits = {"options": options, "connect_timeout": _CONNECT_SECONDS, **_KEEPALIVE}
    return _engine(url, pool_size=_READERS, pool_timeout=wait / 2, pool_pre_ping=True, connect_args=limits)


def _pragmas(wait: float) -> list[str]:
    return [
        f"PRAGMA busy_timeout={int(wait * 1000)}",
        _WAL,
        _DURABLE,
        f"PRAGMA wal_autocheckpoint={_LOG_PAGES}",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA cache_size={-16 * _MIB // 1024}",
        f"PRAGMA mmap_size={256 * _MIB}",
        "PRAGMA temp_store=MEMORY",
        f"PRAGMA journal_size_limit={64 * _MIB}",
    ]


def _prepare_sqlite(engine: Engine, begin: str, pragmas: list[str]) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun below, in words, and not by the driver at some statement.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # By the driver itself: a question is answered in a millisecond, of which SQLAlchemy's way took a tenth.
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute(begin).close()
        except sqlite3.Error as error:
            # As SQLAlchemy would raise it.
            raise DBAPIError.instance(begin, None, error, sqlite3.Error, dialect=connection.dialect) from error
