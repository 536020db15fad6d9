"""What was found out about the surroundings, by key."""

from typing import Any

from sqlalchemy import bindparam, select

from storage.sql import Portable, Repository
from storage.tables import notes

_GET = select(notes.c.value).where(notes.c.key == bindparam("key"))


def _upsert(insert: Any) -> Any:
    statement = insert(notes)
    return statement.on_conflict_do_update(index_elements=[notes.c.key], set_={"value": statement.excluded.value})


_PUT = Portable(_upsert)


class SqlNotes(Repository):
    """See `reporting.ports.Notes`."""

    def get(self, key: str) -> Any:
        """The JSON value noted, or None."""
        return self._one(_GET, _itself, key=key)

    def put(self, key: str, value: Any) -> None:
        """Note a JSON value; it replaces the one before."""
        self._db.execute(_PUT.on(self._db), {"key": key, "value": value})


def _itself(value: Any) -> Any:
    return value
