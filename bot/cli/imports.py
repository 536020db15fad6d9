"""`import`: somebody's spreadsheets in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click

from bot.cli.known import FAILED, offline
from bot.imports import ImportReport, Kind, Progress, describe, import_file, read_mapping
from reporting.services.context import Services

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 40
_EVERY = 500
"""Rows between two lines of progress."""


@click.command("import")
@click.argument("kind", type=click.Choice(list(get_args(Kind))))
@click.argument("file", type=_FILE)
@click.option("--mapping", type=_FILE, help="YAML that names columns and translates values.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def import_(kind: Kind, file: Path, mapping: Path | None, dry_run: bool) -> None:
    """Import a register of projects, or a history of reports, from CSV or XLSX.

    One transaction: with any faulty row nothing is imported, and every fault is named with its line. The same file
    again changes nothing.
    """
    report = load_file(offline(), kind, file, mapping, dry_run)
    for line in describe(report, _SHOWN):
        click.echo(line, err=bool(report.faults))
    if report.faults:
        raise SystemExit(FAILED)


def load_file(
    services: Services, kind: Kind, file: Path, mapping: Path | None = None, dry_run: bool = False
) -> ImportReport:
    """Import one file, with a progress bar."""
    read = read_mapping(mapping) if mapping else None
    with progress_bar(f"Reading {file.name}") as progress:
        return import_file(services, kind, file, mapping=read, dry_run=dry_run, progress=progress)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A bar on stderr that learns its length with the first step; where that is no terminal, a line now and then."""
    if not sys.stderr.isatty():
        click.echo(label, err=True)
        yield _line_now_and_then
        return
    with click.progressbar(length=1, label=label, show_pos=True, file=sys.stderr) as bar:

        def step(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield step


def _line_now_and_then(done: int, total: int) -> None:
    if done % _EVERY == 0 and done < total:
        click.echo(f"  {done} of {total} rows", err=True)
