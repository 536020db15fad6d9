"""Brings the tables up to date, and proves that tables and migrations agree. Works from an installed package.

Alembic is imported where tables are made or changed: a start that finds them up to date needs only two numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import DBAPIError

from storage.engines import ONE_WRITER, make_plain, parse_url, sqlite_path
from storage.tables import metadata
from storage.types import POSTGRES

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic docs: the table in which it keeps the revision.
_VERSION = table("alembic_version", column("version_num"))


class DatabaseFault(Exception):
    """The database cannot be used as it is; the text says what is wrong and what to do."""


def upgrade(url: str) -> None:
    """Make the tables, or bring them up to date; a folder that is missing is made.

    Raises:
        DatabaseFault: the database cannot be opened or changed.
        BadDatabaseUrl: the address cannot be used.
    """
    from alembic import command

    path = sqlite_path(url)
    if path is not None:
        _make_folder(path.parent)
    with _connected(url, prepare=True) as connection:
        if connection.dialect.name == POSTGRES:
            # Of several processes that start at once one makes the tables, and the others find them.
            connection.exec_driver_sql(ONE_WRITER)
        command.upgrade(_config(connection), "head")


def downgrade(url: str, to: str = "base") -> None:
    """Go back to a revision; `base` drops everything, data included."""
    from alembic import command

    with _connected(url) as connection:
        command.downgrade(_config(connection), to)


def current(url: str) -> str | None:
    """The revision that the database is at; None when it has no tables of ours yet."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return None
    with _connected(url, reads=True) as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        found: str | None = connection.scalar(select(_VERSION.c.version_num))
        return found


def newest() -> str:
    """The revision that this program needs."""
    return _revisions()[-1]


def require_current(url: str) -> None:
    """Refuse a database that this program does not fit.

    Raises:
        DatabaseFault: no tables yet, older or newer ones, or the database cannot be read.
    """
    found, needed = current(url), newest()
    if found is None:
        raise DatabaseFault("the database has no tables yet; run `rollcall migrate`")
    if found != needed:
        hint = (
            "run `rollcall migrate`"
            if found in _revisions()
            else "it was written by a newer Rollcall; install that one"
        )
        raise DatabaseFault(f"the database is at revision {found}, this program needs {needed}; {hint}")


def check(url: str) -> list[str]:
    """Differences between the tables in the code and those in the database, in words; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _connected(url, reads=True) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _revisions() -> list[str]:
    """Every revision, oldest first: migrations are named by it, `0001_register.py`."""
    names = [file.name for file in files("storage.migrations").joinpath("versions").iterdir()]
    return sorted(name.partition("_")[0] for name in names if name.endswith(".py"))


def _make_folder(folder: Any) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseFault(f"the folder {folder} cannot be made: {error.strerror}") from error


@contextmanager
def _connected(url: str, *, prepare: bool = False, reads: bool = False) -> Iterator[Connection]:
    engine = make_plain(parse_url(url), prepare=prepare, reads=reads)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise DatabaseFault(f"the database cannot be used: {error.orig}") from error
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
