"""What an alert shows, as plain JSON values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reporting.ledger import Escalation
from reporting.model import ProjectState
from reporting.policy import AlertKind
from reporting.ports import UnitOfWork
from reporting.query import BoardFilter
from reporting.routing import platform_of_channel
from reporting.services.context import Services
from reporting.services.digest_project import person_view, project_view, sources

_KINDS = {
    "period": AlertKind.TURNED_RED,
    "amber": AlertKind.AMBER_PERIODS,
    "risk": AlertKind.RISK_SCORE,
    "missed": AlertKind.MISSED_REPORTS,
    "path": AlertKind.PATH_PASSED,
}
"""What an alert is about, by the first word of its subject: its rule may be gone from the policy by now."""


def alert_view(services: Services, uow: UnitOfWork, alert: Escalation, now: datetime) -> dict[str, Any] | None:
    """The data of an alert as things stand now; None when its project is gone."""
    where = BoardFilter(project_ids=(alert.project_id,), states=tuple(ProjectState), confidential=True)
    rows = uow.board.rows(where, 1)
    if not rows:
        return None
    known = sources(uow, services.policy, rows, services.today(now))
    row = rows[0]
    taker = uow.people.get(alert.acknowledged_by) if alert.acknowledged_by is not None else None
    project = project_view(row, known)
    return {
        "escalation_id": alert.id,
        "rule": alert.rule,
        "kind": _KINDS[alert.subject.partition(":")[0]].value,
        "state": "resolved" if alert.resolved_at else "acknowledged" if alert.acknowledged_at else "open",
        "project": project,
        "facts": dict(alert.facts),
        "lead": person_view(known.people.get(row.project.lead_id or 0)),
        "sponsor": person_view(known.people.get(row.project.sponsor_id or 0)),
        "as_of": now.isoformat(),
        "opened_at": alert.opened_at.isoformat(),
        "acknowledged": _acknowledged(alert, person_view(taker)),
        "resolved": _resolved(alert),
        "unit": project["unit"],
        "zone": services.policy.zone,
        "platform": platform_of_channel(alert.channel),
    }


def _acknowledged(alert: Escalation, taker: dict[str, Any] | None) -> dict[str, Any] | None:
    if alert.acknowledged_at is None:
        return None
    return {"by": taker, "at": alert.acknowledged_at.isoformat()}


def _resolved(alert: Escalation) -> dict[str, Any] | None:
    if alert.resolved_at is None:
        return None
    return {
        "at": alert.resolved_at.isoformat(),
        "resolution": alert.resolution,
        "days": (alert.resolved_at - alert.opened_at).days,
    }
