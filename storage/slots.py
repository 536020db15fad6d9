"""Rate slots that all processes share, on the database's clock."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage.jobs import Connections
from storage.sql import Portable, epoch
from storage.tables import rate_slots

WORKSPACE = "workspace"
# Until when all were told to be quiet.
_QUIET = "quiet"
# Chat platforms ask for seconds or minutes of silence. More than this was written before the clock was set back.
_LONGEST_WAIT = 6 * 3600.0

_NOW = select(epoch())
_FREE_AT = select(rate_slots.c.free_at).where(rate_slots.c.name == bindparam("name"))


def _put(insert: Any) -> Any:
    statement = insert(rate_slots)
    return statement.on_conflict_do_update(
        index_elements=[rate_slots.c.name], set_={"free_at": statement.excluded.free_at}
    )


_PUT = Portable(_put)


class SqlSlots:
    """Says how long to wait for the next slot. Each call is a short transaction."""

    def __init__(self, store: Connections, prefix: str = "") -> None:
        """On the slots of a store, those whose names begin with `prefix`: each chat system has its own."""
        self._store = store
        self._prefix = prefix

    def reserve(self, channel: str, workspace_spacing: float, channel_spacing: float) -> float:
        """Take the workspace's next slot, and the channel's no earlier than that; seconds to wait for it."""
        with self._store.writing() as db:
            now = db.execute(_NOW).scalar_one()
            start = max(now, self._free_at(db, WORKSPACE, now))
            slot = max(start, self._free_at(db, channel, now))
            # The workspace's own slot is used up at `start`: a wait for one channel must not hold up the others.
            self._write(db, WORKSPACE, start + workspace_spacing)
            self._write(db, channel, slot + channel_spacing)
            return slot - now

    def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds."""
        with self._store.writing() as db:
            now = db.execute(_NOW).scalar_one()
            for name in (channel, WORKSPACE, _QUIET):
                self._write(db, name, max(self._free_at(db, name, now), now + seconds))

    def held(self) -> float:
        """For how many seconds all were told to be quiet; 0 or less for none."""
        with self._store.reading() as db:
            now = db.execute(_NOW).scalar_one()
            return self._free_at(db, _QUIET, now) - now

    def _free_at(self, db: Connection, name: str, now: float) -> float:
        at = db.execute(_FREE_AT, {"name": self._prefix + name}).scalar()
        return at if at is not None and at < now + _LONGEST_WAIT else now

    def _write(self, db: Connection, name: str, at: float) -> None:
        db.execute(_PUT.on(db), {"name": self._prefix + name, "free_at": at})
