"""Imports a register and a history of reports from rows that somebody else has read from a file.

Every row is checked first, in a transaction that only reads: when one is faulty nothing at all is stored and all
faults are told with their lines. What is to be stored is stored in one short transaction, in which everything is looked
at once more, since others may have written meanwhile. It is idempotent: the same rows again change nothing. A dry run,
a faulty file and one that changes nothing keep no writer waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any, cast

from reporting.model import Portfolio
from reporting.ports import AuditEntry, UnitOfWork
from reporting.services.context import Services

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, already parsed.

    Attributes:
        line: where it begins in the file, counted from 1.
        values: by field name. A field that is not there is not spoken of and stays as it is; None or an empty text
            says that there is none.
    """

    line: int
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text, empty when absent."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken. `column` is the file's column, or our field where the file has none."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}" if self.column else f"line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do; with faults, what it would have done to the rows without one.

    Attributes:
        changes: one line for each thing added or changed.
        notes: what the reader of the file should know, such as a guessed encoding.
    """

    created: int
    changed: int
    unchanged: int
    faults: tuple[Fault, ...]
    changes: tuple[str, ...]
    dry_run: bool
    notes: tuple[str, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether the rows are in the register now."""
        return not self.faults and not self.dry_run


@dataclass(slots=True)
class Tally:
    """Counts while an import runs.

    Attributes:
        progress: told after each row; None where nobody is to be told.
        trial: whether it is only looked what would be stored: nothing follows from it.
    """

    source: str
    now: datetime
    progress: Progress | None = None
    trial: bool = False
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def actor(self) -> str:
        """Whom the audit trail names."""
        return f"import:{self.source}"

    def fault(self, row: Row, column: str, reason: str) -> None:
        """Note a fault; the import goes on, to find the others."""
        self.faults.append(Fault(row.line, column, reason))


class _Undo(Exception):
    """Takes a transaction back."""


class _Instead:
    """Something with other methods in the place of some; the rest is its own."""

    def __init__(self, real: object, **instead: object) -> None:
        self._real = real
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        return self._instead[name] if name in self._instead else getattr(self._real, name)


def _looking(uow: UnitOfWork) -> UnitOfWork:
    """What an import adds gets a made-up id here, and nothing is stored."""
    ids = count(-1, -1)

    def added(new: Any) -> Any:
        return replace(new, id=next(ids))

    def portfolio(key: str, name: str) -> Portfolio:
        return Portfolio(next(ids), key, name)

    def forgotten(*_what: Any) -> None:
        return None

    looking = _Instead(
        uow,
        people=_Instead(uow.people, add=added, save=forgotten),
        projects=_Instead(uow.projects, add=added, save=forgotten, add_portfolio=portfolio),
        periods=_Instead(uow.periods, add=added),
        reports=_Instead(uow.reports, add_many=lambda reports: [added(report) for report in reports]),
        audit=_Instead(uow.audit, append=forgotten),
    )
    return cast(UnitOfWork, looking)


def _noting(uow: UnitOfWork, events: list[AuditEntry]) -> UnitOfWork:
    """The audit events of an import are appended together at its end: others wait for each statement."""

    def append(at: datetime, actor: str, action: str, subject: str, before: Any = None, after: Any = None) -> None:
        events.append((at, actor, action, subject, before, after))

    return cast(UnitOfWork, _Instead(uow, audit=_Instead(uow.audit, append=append)))


def run(
    services: Services,
    source: str,
    dry_run: bool,
    found_before: Iterable[Fault],
    work: Callable[[UnitOfWork, Tally], None],
    progress: Progress | None = None,
) -> ImportReport:
    """Look what the work would do; then, unless something is faulty or it is a dry run, do it in one transaction."""
    before, now = tuple(found_before), services.clock.now()
    trial = Tally(source, now, progress, trial=True, faults=list(before))
    with services.store.read() as uow:
        work(_looking(uow), trial)
    if dry_run or trial.faults or not trial.changes:
        return _report(trial, dry_run)
    tally = Tally(source, now)
    try:
        with services.store.begin() as uow:
            events: list[AuditEntry] = []
            work(_noting(uow, events), tally)
            if tally.faults:
                raise _Undo
            after = {"created": tally.created, "changed": tally.changed, "unchanged": tally.unchanged}
            events.append((now, tally.actor, "import.finished", f"import:{source}", None, after))
            uow.audit.append_many(events)
    except _Undo:
        pass
    return _report(tally, dry_run)


def _report(tally: Tally, dry_run: bool) -> ImportReport:
    faults = tuple(sorted(tally.faults, key=lambda fault: (fault.line, fault.column)))
    return ImportReport(tally.created, tally.changed, tally.unchanged, faults, tuple(tally.changes), dry_run)


def one_line_end(text: str) -> str:
    """A text as a workbook keeps it, which knows one line end only."""
    return text.replace("\r\n", "\n")


def repeated(rows: Iterable[Row], key_of: Callable[[Row], Any], tally: Tally, column: str, what: str) -> list[Row]:
    """The rows without those whose key came before; each of those is a fault that names both lines."""
    first: dict[Any, int] = {}
    kept = []
    for row in rows:
        line = first.setdefault(key_of(row), row.line)
        if line == row.line:
            kept.append(row)
        else:
            tally.fault(row, column, f"{what} stands on line {line} already")
    return kept
