"""Rate slots that all processes share, on the database's clock."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select

from storage.sql import Portable, epoch
from storage.tables import rate_slots

WORKSPACE = "workspace"
# Until when all were told to be quiet.
_QUIET = "quiet"
# Chat platforms ask for seconds or minutes of silence. More than this was written before the clock was set back.
_LONGEST_WAIT = 6 * 3600.0


def _free(name: str) -> Any:
    return select(rate_slots.c.free_at).where(rate_slots.c.name == bindparam(name)).scalar_subquery()


# The instant, and when the workspace and a channel are free: one question.
_STANDING = select(epoch(), _free("workspace"), _free("channel"))


def _put(insert: Any) -> Any:
    statement = insert(rate_slots)
    return statement.on_conflict_do_update(
        index_elements=[rate_slots.c.name], set_={"free_at": statement.excluded.free_at}
    )


_PUT = Portable(_put)


class Connections(Protocol):
    """What `SqlSlots` needs of a store."""

    def slots(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction in which nobody else takes slots."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection in a reading transaction."""
        ...


class SqlSlots:
    """Says how long to wait for the next slot. Each call is a short transaction.

    Slots need not survive a crash of the database, and whoever takes one waits for nobody but others who do: not for a
    long import, and not for the disk.
    """

    def __init__(self, store: Connections, prefix: str = "") -> None:
        """On the slots of a store, those whose names begin with `prefix`: each chat system has its own."""
        self._store = store
        self._prefix = prefix

    def reserve(self, channel: str, workspace_spacing: float, channel_spacing: float) -> float:
        """Take the workspace's next slot, and the channel's no earlier than that; seconds to wait for it."""
        with self._store.slots() as db:
            now, workspace_free, channel_free = self._standing(db, WORKSPACE, channel)
            start = max(now, workspace_free)
            slot = max(start, channel_free)
            # The workspace's own slot is used up at `start`: a wait for one channel must not hold up the others.
            self._write(db, {WORKSPACE: start + workspace_spacing, channel: slot + channel_spacing})
            return slot - now

    def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds."""
        with self._store.slots() as db:
            now, workspace_free, channel_free = self._standing(db, WORKSPACE, channel)
            _, quiet, _ = self._standing(db, _QUIET, channel)
            free = {channel: channel_free, WORKSPACE: workspace_free, _QUIET: quiet}
            self._write(db, {name: max(at, now + seconds) for name, at in free.items()})

    def held(self) -> float:
        """For how many seconds all were told to be quiet; 0 or less for none."""
        with self._store.reading() as db:
            now, quiet, _ = self._standing(db, _QUIET, _QUIET)
            return quiet - now

    def _standing(self, db: Connection, workspace: str, channel: str) -> tuple[float, float, float]:
        """(now, when the one is free, when the other is); no earlier than now."""
        names = {"workspace": self._prefix + workspace, "channel": self._prefix + channel}
        now, *free = db.execute(_STANDING, names).one()
        one, other = (at if at is not None and now < at < now + _LONGEST_WAIT else now for at in free)
        return now, one, other

    def _write(self, db: Connection, free: Mapping[str, float]) -> None:
        db.execute(_PUT.on(db), [{"name": self._prefix + name, "free_at": at} for name, at in free.items()])
