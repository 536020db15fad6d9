"""`migrate`: tables up to date, or a whole installation moved from SQLite to PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.cli.known import FAILED, database_url
from bot.engine.choice import make_store, prepare
from bot.engine.clock import SystemClock
from storage import migrate as tables
from storage.engines import sqlite_path
from storage.lock import DatabaseLock
from storage.move import Proof, move
from storage.moved import safe, unmark


@click.command()
@click.option("--verify", is_flag=True, help="Only prove, on a database of its own, that migrations and code agree.")
@click.option("--from", "source", metavar="URL", help="Move from here, sqlite:///...; stop the bot first.")
@click.option("--to", "target", metavar="URL", help="Move to here, postgresql://...  [default: ROLLCALL_DATABASE_URL]")
@click.option("--reopen", is_flag=True, help="Use a database again that was moved elsewhere; nothing may run there.")
def migrate(verify: bool, source: str | None, target: str | None, reopen: bool) -> None:
    """Make the tables, or bring them up to date; or move everything to PostgreSQL.

    A move copies every table in one transaction, proves number and content of the rows and the audit trail on both
    sides, and leaves all as it was when anything is amiss.
    """
    if sum([verify, reopen, source is not None or target is not None]) > 1:
        raise click.UsageError("--verify, --reopen and --from are three different things. Nothing was changed.")
    if verify:
        _verify()
    elif reopen:
        _reopen(database_url())
    elif source is not None:
        _move(source, target or database_url())
    elif target is not None:
        raise click.UsageError("--to needs --from: what is to be moved? Nothing was changed.")
    else:
        _upgrade(database_url())


def _upgrade(url: str) -> None:
    before = tables.current(url)
    prepare(url)
    after = tables.newest()
    if before == after:
        click.echo(f"Nothing to do: the database is at {after}.")
    else:
        click.echo(f"Migrated from {before or 'nothing'} to {after}.")


def _move(source: str, target: str) -> None:
    proof = move(source, target, SystemClock().now(), prepare, _progress)
    for line in _table(proof):
        click.echo(line)
    click.echo(f"Moved to {safe(target)}. The old database stays as it was; the bot does not start on it any more.")
    click.echo("Next: set ROLLCALL_DATABASE_URL to the new address and start the bot.")


def _progress(table: str, done: int, total: int) -> None:
    if not sys.stderr.isatty():
        return
    click.echo(f"\r\033[K{table}: {done:,} of {total:,}", nl=False, err=True)
    if done == total:
        click.echo("\r\033[K", nl=False, err=True)


def _table(proof: Proof) -> list[str]:
    width = max(len(copied.table) for copied in proof.tables)
    lines = [f"{'table':<{width}}  {'rows':>10}  content, the same on both sides"]
    lines += [f"{c.table:<{width}}  {c.rows:>10,}  {c.digest[:16]}" for c in proof.tables]
    lines.append(f"{'all':<{width}}  {sum(c.rows for c in proof.tables):>10,}")
    lines.append(
        f"The audit trail is whole on both sides: {proof.events:,} events, the last is {proof.last_hash[:16]}."
    )
    return lines


def _reopen(url: str) -> None:
    path = sqlite_path(url)
    if path is None or tables.current(url) is None:
        raise tables.DatabaseFault("Only a SQLite database is ever marked as moved, and here is none.")
    with DatabaseLock(path):
        tables.require_current(url)
        store = make_store(url)
        try:
            with store.writing() as db:
                marked = unmark(db)
        finally:
            store.dispose()
    click.echo("The bot may start on it again." if marked else "Nothing to do: it was not moved.")


def _verify() -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        tables.upgrade(url)
        faults = tables.check(url)
        tables.downgrade(url)
        if tables.current(url) is not None:
            faults.append("the downgrade to nothing leaves a revision behind")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(FAILED)
    click.echo(f"models and migrations agree ({tables.newest()}); upgrade from empty and downgrade work")
