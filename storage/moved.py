"""The mark on a SQLite database that was moved elsewhere, so that no bot is started on it by habit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage.engines import parse_url
from storage.migrate import DatabaseFault
from storage.store import SqlStore
from storage.tables import notes
from storage.types import utc_text

MARK = "moved"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a database was moved to.

    Attributes:
        to: the address, without a password.
        done: False for a move that has begun; it may have been cut off at any moment.
    """

    to: str
    at: datetime
    done: bool

    def words(self) -> str:
        """What it means and what to do, in words."""
        day = f"{self.at:%Y-%m-%d %H:%M} UTC"
        if self.done:
            return (
                f"This database was moved to {self.to} on {day}: set ROLLCALL_DATABASE_URL to that one. "
                "To use this one again all the same, and lose what was done since: `rollcall migrate --reopen`."
            )
        return (
            f"A move of this database to {self.to} was begun on {day} and cut off. Run it again: `rollcall migrate "
            "--from ... --to ...`. To stay here instead, with nothing running there: `rollcall migrate --reopen`."
        )


def safe(url: str) -> str:
    """An address as it may be shown: without its password."""
    return parse_url(url).set(drivername="postgresql").render_as_string(hide_password=True)


def read_mark(store: SqlStore) -> Mark | None:
    """The mark of a database with tables, if it has one."""
    with store.reading() as db:
        value: Mapping[str, Any] | None = db.execute(select(notes.c.value).where(notes.c.key == MARK)).scalar()
    return None if value is None else Mark(value["to"], datetime.fromisoformat(value["at"]), value["done"])


def refuse_moved(store: SqlStore) -> None:
    """Refuse a database that was moved elsewhere.

    Raises:
        DatabaseFault: it was, or a move was cut off.
    """
    found = read_mark(store)
    if found is not None:
        raise DatabaseFault(found.words())


def mark(db: Connection, new: Mark) -> None:
    """Put the mark there, in place of an older one."""
    unmark(db)
    value = {"to": new.to, "at": utc_text(new.at), "done": new.done}
    db.execute(insert(notes), {"key": MARK, "value": value})


def unmark(db: Connection) -> bool:
    """Take it away; whether there was one."""
    return db.execute(delete(notes).where(notes.c.key == MARK)).rowcount > 0
