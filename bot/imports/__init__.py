"""`rollcall import`: somebody's spreadsheet in, a register and a history out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config.faults import ConfigFaults
from bot.config.faults import Fault as SettingFault
from bot.imports.convert import convert, plain_plan, plan_of
from bot.imports.fields import Kind, fields_of
from bot.imports.mapping import ReadMapping, read_mapping
from bot.imports.reading import Table, read_table
from reporting.keys import project_key
from reporting.services.context import Services
from reporting.services.importing import Fault, ImportReport, Progress, Row
from reporting.services.importing_register import import_register
from reporting.services.importing_reports import import_reports

__all__ = ["ImportReport", "Kind", "Progress", "describe", "import_file", "read_mapping"]


def import_file(
    services: Services,
    kind: Kind,
    path: Path,
    *,
    mapping: ReadMapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    workspace: str = "",
) -> ImportReport:
    """Import a CSV or XLSX file in one transaction; with any faulty row nothing is stored.

    Args:
        mapping: how its columns are called; without one they must be called like our fields.
        dry_run: only tell what would change.
        progress: told after each row how many of how many are done.
        workspace: the Slack workspace that user ids in the file belong to.

    Raises:
        ConfigFaults: the mapping does not fit the file; nothing was read further.
        OSError: the file cannot be opened.
        StoreBusy: the database could not be written in time.
    """
    table, rows, faults = _read(services, kind, path, mapping)
    if kind == "register":
        report = import_register(
            services, rows, source=path.name, dry_run=dry_run, faults=faults, progress=progress, workspace=workspace
        )
    else:
        rows = _newest(rows, table)
        report = import_reports(services, rows, source=path.name, dry_run=dry_run, faults=faults, progress=progress)
    return replace(report, notes=tuple(table.notes))


def _newest(rows: list[Row], table: Table) -> list[Row]:
    """The rows without the revisions that a later one in the same file has replaced; a note says how many those are."""
    newest: dict[tuple[str, Any], int] = {}
    for row in rows:
        newest[_place(row)] = max(newest.get(_place(row), 0), row.values.get("revision") or 0)
    kept = [row for row in rows if (row.values.get("revision") or newest[_place(row)]) == newest[_place(row)]]
    if len(kept) < len(rows):
        left = len(rows) - len(kept)
        table.notes.append(f"Left out, for a later one is in this file: {left} (the newest revision counts).")
    return kept


def _place(row: Row) -> tuple[str, Any]:
    return project_key(row.text("project")), row.values["period"]


def _read(
    services: Services, kind: Kind, path: Path, mapping: ReadMapping | None
) -> tuple[Table, list[Row], list[Fault]]:
    """The file, its rows as values, and the faults of those that have none."""
    specs = fields_of(kind, services.policy)
    if mapping is None:
        table = read_table(path, prefer=kind)
        plan = plain_plan(table, specs)
    else:
        section = mapping.file.section(kind)
        if section is None:
            raise ConfigFaults([SettingFault(f"{mapping.name}:1", f'there is no section "{kind}"')])
        table = read_table(path, section.sheet, section.header)
        plan = plan_of(kind, section, table, specs, mapping)
    rows, faults = convert(table, plan)
    if any(spec.required and name not in plan.sources for name, spec in specs.items()):
        rows = []  # Without these no row can be told from another; the fault says so.
    return table, rows, [*table.faults, *faults]


def describe(report: ImportReport, changes: int | None = None) -> Iterator[str]:
    """The report as lines for a terminal.

    Args:
        changes: show at most so many changes, and say how many more there are.
    """
    yield from report.notes
    if report.faults:
        count = len(report.faults)
        yield f"Nothing was imported. {count} {'fault' if count == 1 else 'faults'}:"
        yield from (f"  {fault}" for fault in report.faults)
        return
    shown = report.changes if changes is None else report.changes[:changes]
    yield from (f"  {change}" for change in shown)
    if len(shown) < len(report.changes):
        yield f"  … and {len(report.changes) - len(shown)} more"
    verb = "Would be" if report.dry_run else "Were"
    yield f"{verb} added: {report.created}, changed: {report.changed}, unchanged: {report.unchanged}."
