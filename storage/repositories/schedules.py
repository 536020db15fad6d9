"""Due times of calendars and digests."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from storage.sql import Portable, Repository
from storage.tables import schedules

_DUE = (
    select(schedules.c.key, schedules.c.at)
    .where(schedules.c.at <= bindparam("now"))
    .order_by(schedules.c.at, schedules.c.key)
)
_GET = select(schedules.c.at).where(schedules.c.key == bindparam("key"))
_KEYS = select(schedules.c.key).order_by(schedules.c.key)
_ENSURE = Portable(lambda insert: insert(schedules).on_conflict_do_nothing(index_elements=[schedules.c.key]))
_ADVANCE = (
    update(schedules)
    .where(schedules.c.key == bindparam("row_key"), schedules.c.at == bindparam("old"))
    .values(at=bindparam("new"))
)
_DELETE = delete(schedules).where(schedules.c.key == bindparam("row_key"))


class SqlSchedules(Repository):
    """See `reporting.ports.Schedules`."""

    def due(self, now: datetime) -> list[tuple[str, datetime]]:
        """(key, due time) of all that is due, the oldest first."""
        return self._list(_DUE, lambda *row: row, now=now)

    def get(self, key: str) -> datetime | None:
        """When it is due next."""
        return self._one(_GET, _itself, key=key)

    def ensure(self, key: str, at: datetime) -> None:
        """Insert unless there."""
        self._db.execute(_ENSURE.on(self._db), {"key": key, "at": at})

    def advance(self, key: str, old: datetime, new: datetime) -> bool:
        """Compare and swap; False when another process was first."""
        moved: int = self._db.execute(_ADVANCE, {"row_key": key, "old": old, "new": new}).rowcount
        return moved == 1

    def remove(self, key: str) -> None:
        """Forget it."""
        self._db.execute(_DELETE, {"row_key": key})

    def keys(self) -> list[str]:
        """All keys."""
        return self._list(_KEYS, _word)


def _itself(at: datetime) -> datetime:
    return at


def _word(key: str) -> str:
    return key
