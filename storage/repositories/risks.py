"""Risk items."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from reporting.model import Risk
from storage.sql import Fields, Repository
from storage.tables import projects, risks, standings

RISK = Fields(Risk, risks, without=["score"])

_SELECT = select(*RISK.columns)
_BY_ID = _SELECT.where(risks.c.id == bindparam("id"))
# Written out, so that the planner sees that the partial index serves.
_OPEN_OF = _SELECT.where(
    risks.c.project_id.in_(bindparam("ids", expanding=True)), text("risks.state = 'open'")
).order_by(risks.c.score.desc(), risks.c.project_id, risks.c.number)
# On PostgreSQL two at once would take the same number; SQLite has one writer and ignores the lock.
_LOCK_PROJECT = select(projects.c.id).where(projects.c.id == bindparam("project")).with_for_update()
_LAST_NUMBER = select(func.max(risks.c.number)).where(risks.c.project_id == bindparam("project"))
_INSERT = insert(risks)
_UPDATE = update(risks).where(risks.c.id == bindparam("row_id"))
_RANK = (
    update(standings)
    .where(standings.c.project_id == bindparam("project"))
    .values(
        top_score=select(func.coalesce(func.max(risks.c.score), 0))
        .where(risks.c.project_id == bindparam("project"), text("risks.state = 'open'"))
        .scalar_subquery()
    )
)


class SqlRisks(Repository):
    """See `reporting.ports.Risks`."""

    def get(self, risk_id: int) -> Risk | None:
        """One risk."""
        return self._one(_BY_ID, Risk, id=risk_id)

    def open_of(self, project_ids: Collection[int]) -> list[Risk]:
        """Open risks, highest score first."""
        found = self._of_ids(_OPEN_OF, Risk, project_ids)
        return sorted(found, key=lambda risk: -risk.score)

    def add(self, risk: Risk) -> Risk:
        """Insert with the project's next number (id and number given are ignored)."""
        self._db.execute(_LOCK_PROJECT, {"project": risk.project_id}).first()
        last = self._db.execute(_LAST_NUMBER, {"project": risk.project_id}).scalar()
        numbered = replace(risk, number=(last or 0) + 1)
        numbered = replace(numbered, id=self._insert(_INSERT, _values(numbered)))
        self._rank(risk.project_id)
        return numbered

    def save(self, risk: Risk) -> None:
        """Update all columns."""
        self._db.execute(_UPDATE, {**_values(risk), "row_id": risk.id})
        self._rank(risk.project_id)

    def _rank(self, project_id: int) -> None:
        self._db.execute(_RANK, {"project": project_id})


def _values(risk: Risk) -> dict[str, Any]:
    values = RISK.values(risk)
    del values["id"]
    values["score"] = risk.score
    return values
