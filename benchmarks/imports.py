"""Who waits for an import: python -m benchmarks.imports [--quick].

A register of so many projects and a history of five periods are imported from CSV, as `rollcall import` does, on both
databases; meanwhile somebody writes a few rows every 20 ms, as a lead who hands in a form does. An import is stored in
one transaction, and there is one writer at a time: the longest of these waits is what a lead may feel. After two
seconds they are asked to try again.
"""

from __future__ import annotations

import asyncio
import csv
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.engines import ENGINES, database
from benchmarks.measure import conditions, millis, table
from benchmarks.plan import OPENING
from benchmarks.torture.cluster import NoServer
from benchmarks.world import FrozenClock, policy, services_over
from bot.engine.choice import make_store
from bot.imports import ImportReport, Kind, import_file
from reporting.ports import StoreBusy
from reporting.services.context import Services
from storage.store import SqlStore

_LAST = date(2026, 11, 20)
_EVERY = 0.02
_COLOURS = ("green", "green", "amber", "red")


@dataclass
class Lead:
    """Somebody who writes meanwhile.

    Attributes:
        waits: seconds for each time.
        refused: how often they were asked to try again.
    """

    store: SqlStore
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        """Until it is over."""
        while not self._over.wait(_EVERY):
            began = time.perf_counter()
            try:
                with self.store.begin() as uow:
                    uow.notes.put("benchmark", len(self.waits))
            except StoreBusy:
                self.refused += 1
            self.waits.append(time.perf_counter() - began)

    def during(self, work: Callable[[], ImportReport]) -> tuple[ImportReport, float]:
        """(what the import said, its seconds)."""
        self.waits, self.refused = [], 0
        self._over.clear()
        thread = threading.Thread(target=self.write)
        thread.start()
        began = time.perf_counter()
        try:
            return work(), time.perf_counter() - began
        finally:
            self._over.set()
            thread.join()


def write_files(folder: Path, projects: int, periods: int) -> tuple[Path, Path]:
    """A register, and a history."""
    register, reports = folder / "register.csv", folder / "reports.csv"
    with register.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("key", "name", "portfolio", "lead", "lead_email", "description"))
        for n in range(projects):
            who = f"Lead Number{n % 100}", f"lead{n % 100}@example.org"
            lines.writerow((f"P{n:05}", f"Project number {n}", f"area{n % 10}", *who, "What it is for. " * 20))
    with reports.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("project", "period", "rag", "summary", "author_email", "path_action", "path_due"))
        for period in range(periods):
            day = _LAST - timedelta(weeks=period)
            for n in range(projects):
                rag = _COLOURS[(n + period) % 4]
                path = ("", "") if rag == "green" else ("Second supplier signed", "2027-01-29")
                lines.writerow((f"P{n:05}", day, rag, "It goes on. " * 60, f"lead{n % 100}@example.org", *path))
    return register, reports


def rows(name: str, services: Services, lead: Lead, files: tuple[Path, Path]) -> list[tuple[str, ...]]:
    """A line for each import: a dry run, the real one, and the same once more, for the history of reports."""
    lines: list[tuple[str, ...]] = []
    steps: tuple[tuple[str, Kind, Path, bool], ...] = (
        ("register, dry", "register", files[0], True),
        ("register", "register", files[0], False),
        ("history, dry", "reports", files[1], True),
        ("history", "reports", files[1], False),
        ("history again", "reports", files[1], False),
    )
    for what, kind, path, dry in steps:
        report, seconds = lead.during(partial(import_file, services, kind, path, dry_run=dry))
        assert not report.faults, report.faults[:3]
        count = f"{report.created + report.changed + report.unchanged:,}"
        longest = millis(max(lead.waits, default=0.0))
        lines.append((f"{name}, {what}", count, millis(seconds), longest, f"{lead.refused} of {len(lead.waits)}"))
    return lines


async def measure(engine: str, projects: int, periods: int) -> list[tuple[str, ...]]:
    """All imports on one database."""
    async with database(engine) as url:
        with TemporaryDirectory(prefix="rollcall-imports-") as folder:
            files = write_files(Path(folder), projects, periods)
            store = make_store(url)
            try:
                services = services_over(store, FrozenClock(OPENING), policy())
                return await asyncio.to_thread(rows, engine, services, Lead(store), files)
            finally:
                store.dispose()


@click.command()
@click.option("--projects", default=370, show_default=True)
@click.option("--periods", default=5, show_default=True)
@click.option("--quick", is_flag=True, help="50 projects.")
def main(projects: int, periods: int, quick: bool) -> None:
    """How long somebody who writes meanwhile waits for an import."""
    lines: list[tuple[str, ...]] = []
    for engine in ENGINES:
        try:
            lines += asyncio.run(measure(engine, 50 if quick else projects, periods))
        except NoServer as error:
            print(f"{engine} was not measured: {error}")
    columns = ("import", "rows", "took", "longest wait of a writer", "asked to try again")
    table(f"Imports ({conditions()})", columns, lines)


if __name__ == "__main__":
    main()
