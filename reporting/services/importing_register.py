"""Imports the register: portfolios, projects and the people who answer for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reporting.keys import portfolio_key, project_key
from reporting.model import Portfolio, Project
from reporting.ports import UnitOfWork
from reporting.services import periods
from reporting.services.context import Services
from reporting.services.facts import difference, portfolio_facts, project_facts
from reporting.services.importing import Fault, ImportReport, Progress, Row, Tally, one_line_end, repeated, run
from reporting.services.importing_people import Directory, speaks_of

ROLES = ("lead", "deputy", "sponsor")
_PLAIN = ("name", "start", "end", "description")
_WITH_DEFAULT = ("method", "state", "confidential")


def import_register(
    services: Services,
    rows: Sequence[Row],
    *,
    source: str,
    dry_run: bool = False,
    faults: Iterable[Fault] = (),
    progress: Progress | None = None,
    workspace: str = "",
) -> ImportReport:
    """Add and change projects as the rows say. Projects that no row names stay as they are.

    Args:
        source: the file's name, for the audit trail.
        faults: found while reading the file; with any, nothing is stored.
        workspace: the Slack workspace that user ids in the rows belong to.
    """

    def work(uow: UnitOfWork, tally: Tally) -> None:
        _Import(services, uow, tally, workspace).take(rows)

    return run(services, source, dry_run, faults, work, progress)


@dataclass(slots=True)
class _Import:
    services: Services
    uow: UnitOfWork
    tally: Tally
    workspace: str

    def take(self, rows: Sequence[Row]) -> None:
        people = Directory(self.uow, self.tally, self.workspace)
        portfolios = {portfolio.key: portfolio for portfolio in self.uow.projects.portfolios()}
        known = {project_key(project.key): project for project in self.uow.projects.all()}
        rows = repeated(rows, lambda row: project_key(row.text("key")), self.tally, "key", "this key")
        for done, row in enumerate(rows, start=1):
            before = known.get(project_key(row.text("key")))
            wanted = self._wanted(row, before, people, portfolios)
            if wanted is not None:
                self._store(before, wanted, people)
            if self.tally.progress is not None:
                self.tally.progress(done, len(rows))

    def _wanted(
        self, row: Row, before: Project | None, people: Directory, portfolios: dict[str, Portfolio]
    ) -> Project | None:
        """The project as the row wants it; None after a fault."""
        values = {name: row.values[name] for name in _PLAIN if name in row.values}
        values |= {name: row.values[name] for name in _WITH_DEFAULT if row.values.get(name) is not None}
        if not values.get("name", before.name if before else ""):
            self.tally.fault(row, "name", "is missing")
            return None
        portfolio = self._portfolio(row, portfolios)
        if portfolio is None and before is None:
            self.tally.fault(row, "portfolio", "is missing")
            return None
        if portfolio is not None:
            values["portfolio_id"] = portfolio.id
        values |= {f"{role}_id": people.resolve(row, role) for role in ROLES if speaks_of(row, role)}
        base = before or Project(0, project_key(row.text("key")), "", 0)
        description = values.pop("description", base.description) or ""
        if one_line_end(description) == one_line_end(base.description):
            description = base.description
        return replace(base, **values, description=description)

    def _portfolio(self, row: Row, portfolios: dict[str, Portfolio]) -> Portfolio | None:
        key = portfolio_key(row.text("portfolio"))
        if not key:
            return None
        if key not in portfolios:
            portfolios[key] = self.uow.projects.add_portfolio(key, row.text("portfolio_name") or row.text("portfolio"))
            self.tally.changes.append(f"portfolio {key} added: {portfolios[key].name}")
            self._audit("portfolio.added", f"portfolio:{key}", None, portfolio_facts(portfolios[key]))
        return portfolios[key]

    def _store(self, before: Project | None, wanted: Project, people: Directory) -> None:
        if wanted == before:
            self.tally.unchanged += 1
            return
        subject = f"project:{wanted.key}"
        if before is None:
            stored = self.uow.projects.add(wanted)
            self.tally.created += 1
            self.tally.changes.append(f"project {stored.key} added: {stored.name}")
            self._audit("project.added", subject, None, project_facts(stored))
        else:
            stored = wanted
            self.uow.projects.save(stored)
            self.tally.changed += 1
            old, new = difference(project_facts(before), project_facts(stored))
            self.tally.changes.append(f"project {stored.key}: {_told(old, new, people)}")
            self._audit("project.changed", subject, old, new)
        if not self.tally.faults and not self.tally.trial:
            periods.project_changed(self.services, self.uow, before, stored, self.tally.now)

    def _audit(self, action: str, subject: str, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        self.uow.audit.append(self.tally.now, self.tally.actor, action, subject, before, after)


def _told(old: dict[str, Any], new: dict[str, Any], people: Directory) -> str:
    parts = []
    for name, value in new.items():
        role = name.removesuffix("_id")
        if role in ROLES:
            parts.append(f"{role} {people.name(old[name])} -> {people.name(value)}")
        elif name in ("description", "portfolio_id"):
            parts.append(f"{role} changed")
        else:
            parts.append(f"{name} {_shown(old[name])} -> {_shown(value)}")
    return "; ".join(parts)


def _shown(value: Any) -> str:
    return {None: "none", "": "none", True: "yes", False: "no"}.get(value, str(value))
