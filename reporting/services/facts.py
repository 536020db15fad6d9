"""The register as the audit trail keeps it, in one shape wherever a change comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Any

from reporting.model import Portfolio, Project

Facts = dict[str, Any]


def project_facts(project: Project) -> Facts:
    """A project as JSON values."""
    return {name: _plain(value) for name, value in asdict(project).items()}


def portfolio_facts(portfolio: Portfolio) -> Facts:
    """A portfolio as JSON values."""
    return asdict(portfolio)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Facts, Facts]:
    """What changed: the old values and the new ones."""
    names = [name for name in after if after[name] != before[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
