"""Brings the tables up to date, and proves that tables and migrations agree. Works from an installed package."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.engines import make_plain, parse_url, sqlite_path
from storage.tables import metadata


class DatabaseFault(Exception):
    """The database cannot be used as it is; the text says what is wrong and what to do."""


def upgrade(url: str) -> None:
    """Make the tables, or bring them up to date; a folder that is missing is made.

    Raises:
        DatabaseFault: the database cannot be opened or changed.
        BadDatabaseUrl: the address cannot be used.
    """
    path = sqlite_path(url)
    if path is not None:
        _make_folder(path.parent)
    with _connected(url, prepare=True) as connection:
        command.upgrade(_config(connection), "head")


def downgrade(url: str, to: str = "base") -> None:
    """Go back to a revision; `base` drops everything, data included."""
    with _connected(url) as connection:
        command.downgrade(_config(connection), to)


def current(url: str) -> str | None:
    """The revision that the database is at; None when it has no tables of ours yet."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return None
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def require_current(url: str) -> None:
    """Refuse a database that this program does not fit.

    Raises:
        DatabaseFault: no tables yet, older or newer ones, or the database cannot be read.
    """
    found, needed = current(url), newest()
    if found is None:
        raise DatabaseFault("the database has no tables yet; run `rollcall migrate`")
    if found != needed:
        known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
        hint = "run `rollcall migrate`" if found in known else "it was written by a newer Rollcall; install that one"
        raise DatabaseFault(f"the database is at revision {found}, this program needs {needed}; {hint}")


def check(url: str) -> list[str]:
    """Differences between the tables in the code and those in the database, in words; empty when they agree."""
    with _connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def _make_folder(folder: Any) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseFault(f"the folder {folder} cannot be made: {error.strerror}") from error


@contextmanager
def _connected(url: str, *, prepare: bool = False) -> Iterator[Connection]:
    engine = make_plain(parse_url(url), prepare=prepare)
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise DatabaseFault(f"the database cannot be used: {error.orig}") from error
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
