"""Alerts."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, text, update

from reporting.ledger import Escalation
from storage.sql import Fields, Portable, Repository
from storage.tables import escalations

_ESCALATION = Fields(Escalation, escalations)
_SELECT = select(*_ESCALATION.columns)
_BY_ID = _SELECT.where(escalations.c.id == bindparam("id"))
_ALL_OPEN = _SELECT.where(escalations.c.resolved_at.is_(None)).order_by(escalations.c.id)
_OPEN_OF = _ALL_OPEN.where(escalations.c.project_id == bindparam("project"))
_UPDATE = update(escalations).where(escalations.c.id == bindparam("row_id"))
_INSERT = Portable(
    lambda insert: (
        insert(escalations)
        .on_conflict_do_nothing(
            index_elements=[escalations.c.project_id, escalations.c.rule, escalations.c.subject],
            index_where=text("resolved_at IS NULL"),
        )
        .returning(escalations.c.id)
    )
)


class SqlEscalations(Repository):
    """See `reporting.ports.Escalations`."""

    def get(self, escalation_id: int) -> Escalation | None:
        """One alert."""
        return self._one(_BY_ID, Escalation, id=escalation_id)

    def open_of(self, project_id: int) -> list[Escalation]:
        """Not resolved yet, oldest first."""
        return self._list(_OPEN_OF, Escalation, project=project_id)

    def all_open(self) -> list[Escalation]:
        """Not resolved yet, oldest first."""
        return self._list(_ALL_OPEN, Escalation)

    def add(self, escalation: Escalation) -> Escalation | None:
        """Insert (the id given is ignored); None when one is open already for (rule, project, subject)."""
        new_id = self._insert_or_pass(_INSERT, _values(escalation))
        return None if new_id is None else replace(escalation, id=new_id)

    def save(self, escalation: Escalation) -> None:
        """Update all columns."""
        self._db.execute(_UPDATE, {**_values(escalation), "row_id": escalation.id})


def _values(escalation: Escalation) -> dict[str, Any]:
    values = _ESCALATION.values(escalation)
    del values["id"]
    return values
