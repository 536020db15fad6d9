"""`backup` and `restore`: copies of a SQLite database."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.known import database_url
from bot.engine.clock import SystemClock
from bot.rooms import no_database
from storage import migrate
from storage.backup import back_up
from storage.backup import restore as put_back
from storage.engines import sqlite_path

_FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 10


@click.command()
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Copy the database to FILE, while the bot runs. The copy is proved; nothing is overwritten."""
    url = database_url()
    path = _path(url, 'pg_dump --format=custom --file="FILE" "$ROLLCALL_DATABASE_URL"')
    if migrate.current(url) is None:
        raise migrate.DatabaseFault(no_database(url))
    size = back_up(path, file, _Told())
    click.echo(f"{file} is a copy of {path} ({size / 1024 / 1024:.1f} MiB): whole, and its audit trail too.")


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Put the copy FILE in the place of the database. The bot must not run; the old database is kept."""
    path = _path(
        database_url(), 'pg_restore --clean --if-exists --single-transaction --dbname="$ROLLCALL_DATABASE_URL" "FILE"'
    )
    done = put_back(file, path, SystemClock().now(), _Told())
    click.echo(f"{path} is what {file} was." + (f" The old one is kept: {done.kept}" if done.kept else ""))
    if done.in_question:
        click.echo(
            f"{done.in_question} messages were due and may have been sent since: each is looked for in the chat first."
        )


def _path(url: str, on_postgres: str) -> Path:
    path = sqlite_path(url)
    if path is None:
        raise click.UsageError(
            "this is for SQLite. On PostgreSQL use its own tools, which copy a database in use as well:\n"
            f"  {on_postgres}\nNothing was done."
        )
    return path


class _Told:
    """Says how far it is, in steps of a tenth."""

    def __init__(self) -> None:
        self._next = 1

    def __call__(self, done: int, total: int) -> None:
        while total and done * _SHOWN >= self._next * total:
            click.echo(f"{self._next * 100 // _SHOWN:3} %", err=True)
            self._next += 1
