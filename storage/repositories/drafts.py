"""What is typed and not sent."""

from typing import Any

from sqlalchemy import bindparam, delete, select

from reporting.model import Draft
from storage.sql import Fields, Portable, Repository
from storage.tables import drafts

_DRAFT = Fields(Draft, drafts)
_KEY = (drafts.c.project_id, drafts.c.period_id, drafts.c.person_id)
_at = (
    drafts.c.project_id == bindparam("project"),
    drafts.c.period_id == bindparam("period"),
    drafts.c.person_id == bindparam("person"),
)
_SELECT = select(*_DRAFT.columns).where(*_at)
_DELETE = delete(drafts).where(*_at)


def _put(insert: Any) -> Any:
    statement = insert(drafts)
    new = statement.excluded
    changed = {name: new[name] for name in ("values", "base_revision", "updated_at")}
    return statement.on_conflict_do_update(index_elements=_KEY, set_=changed)


_PUT = Portable(_put)


class SqlDrafts(Repository):
    """See `reporting.ports.Drafts`."""

    def get(self, project_id: int, period_id: int, person_id: int) -> Draft | None:
        """A person's draft of a report."""
        return self._one(_SELECT, Draft, project=project_id, period=period_id, person=person_id)

    def put(self, draft: Draft) -> None:
        """Insert or replace."""
        self._db.execute(_PUT.on(self._db), _DRAFT.values(draft))

    def delete(self, project_id: int, period_id: int, person_id: int) -> None:
        """Forget it, if it is there."""
        self._db.execute(_DELETE, {"project": project_id, "period": period_id, "person": person_id})
