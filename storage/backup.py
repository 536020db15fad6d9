"""Copies of a SQLite database: one made while it is in use, one put in its place while it is not.

A copy is one file, proved before it gets its name: pages, keys, and the chain of the audit trail.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, update

from reporting.ledger import DeliveryState
from storage import migrate
from storage.audit import SqlAudit
from storage.engines import make_plain, parse_url
from storage.lock import DatabaseLock
from storage.tables import deliveries

# Pages in one step: progress is told after each, and the copy can be interrupted there.
_STEP = 2_000
_SECONDS = 30.0
# SQLite docs (database file format): how every file begins.
_MAGIC = b"SQLite format 3\0"
Progress = Callable[[int, int], None]
_IN_QUESTION = (
    update(deliveries)
    .where(deliveries.c.state.in_([DeliveryState.PLANNED, DeliveryState.SENDING]))
    .where(deliveries.c.updates.is_(None), deliveries.c.due_at <= bindparam("now"))
    .values(state=DeliveryState.UNCERTAIN, held_until=None)
)


class CopyRefused(Exception):
    """A copy cannot be made or used; the text says why. What was there before is as it was."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        kept: where the database is that was there before; None when there was none.
        in_question: how many messages are looked for in the chat before they are sent.
    """

    kept: Path | None
    in_question: int


def back_up(database: Path, copy: Path, progress: Progress) -> int:
    """Copy a database that may be in use as it is at this moment; returns the copy's size in bytes.

    Args:
        progress: told after each step: pages copied, pages in all.

    Raises:
        CopyRefused: the copy is there already, cannot be written, or is not sound.
    """
    if copy.exists():
        raise CopyRefused(f"{copy} is there already, and nothing is ever overwritten. Choose another name.")
    with _partial(copy) as partial:
        _copy(database, partial, progress)
        _prove(partial, "the copy")
        # A link refuses a name that somebody else has taken meanwhile; a rename would overwrite it.
        try:
            os.link(partial, copy)
        except FileExistsError:
            raise CopyRefused(
                f"{copy} is there already, and nothing is ever overwritten. Choose another name."
            ) from None
        _to_disk(copy.parent)
        return copy.stat().st_size


def restore(copy: Path, database: Path, now: datetime, progress: Progress) -> Restored:
    """Put a copy in the place of a database that nobody uses; the old one is kept beside it.

    Messages that were due by now and are not sent in the copy may have been sent since it was made: they are marked,
    so that each is looked for in the chat first.

    Raises:
        AlreadyRunning: a process works on the database.
        CopyRefused: the copy is not sound, or another program has the database open.
    """
    if not copy.is_file():
        raise CopyRefused(f"there is no file {copy}")
    with DatabaseLock(database), _partial(database) as partial:
        _copy(copy, partial, progress)
        _prove(partial, str(copy))
        marked = _mark(partial, copy, now)
        kept = _set_aside(database, now) if database.exists() else None
        partial.replace(database)
        _to_disk(database.parent)
    return Restored(kept, marked)


def _copy(source: Path, target: Path, progress: Progress) -> None:
    try:
        with closing(_opened(source)) as old, closing(sqlite3.connect(target)) as new:
            # Inside of one reading transaction: what others write meanwhile does not make it begin anew.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()
            old.backup(new, pages=_STEP, progress=lambda _status, left, total: progress(total - left, total))
            old.rollback()
            # One file, without a log beside it.
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise CopyRefused(f"{source} cannot be copied: {error}") from error
    _to_disk(target)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_SECONDS, isolation_level=None)


def _prove(path: Path, name: str) -> None:
    """Raise unless the file is a whole database of ours."""
    try:
        with closing(_opened(path)) as db:
            faults = [row[0] for row in db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
            faults += [f"a row of {row[0]} points to nothing" for row in db.execute("PRAGMA foreign_key_check")]
    except sqlite3.Error as error:
        faults = [str(error)]
    faults = faults or _faults_of_content(path)
    if faults:
        raise CopyRefused(f"{name} is not sound, and was not used: {'; '.join(faults[:5])}")


def _faults_of_content(path: Path) -> list[str]:
    url = f"sqlite:///{path}"
    found = migrate.current(url)
    if found is None:
        return ["it is no database of Rollcall"]
    if found != migrate.newest():
        return [f"it is at revision {found} and this program at {migrate.newest()}: use it with the version it is from"]
    with _connected(url) as connection:
        return SqlAudit(connection).verify()


def _mark(path: Path, copy: Path, now: datetime) -> int:
    with _connected(f"sqlite:///{path}") as connection:
        marked = connection.execute(_IN_QUESTION, {"now": now}).rowcount
        after = {"file": copy.name, "in_question": marked}
        SqlAudit(connection).append(now, "system", "database.restored", "database", None, after)
    return marked


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = make_plain(parse_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _set_aside(database: Path, now: datetime) -> Path:
    """Rename the database, with everything that was committed in the one file."""
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    logs = [database.with_name(database.name + end) for end in ("-wal", "-shm")]
    try:
        if not _begins_well(database):
            raise sqlite3.DatabaseError("no database, and SQLite would throw its log away")
        with closing(_opened(database)) as db:
            busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError:
        # Too broken to be read: everything is kept as it is, the log first, which must never meet the new file.
        busy = 0
        for log in [log for log in logs if log.exists()]:
            log.replace(kept.with_name(kept.name + log.name.removeprefix(database.name)))
    if busy or logs[0].exists():
        raise CopyRefused(f"another program has {database} open; close it first. Nothing was changed.")
    database.replace(kept)
    return kept


def _begins_well(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A name beside a file for what is not finished; gone afterwards, with all that SQLite puts beside it."""
    partial = path.with_name(f"{path.name}.partial-{os.getpid()}")
    try:
        # Readable for the owner alone: it holds everything.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise CopyRefused(f"{partial} cannot be written: {error.strerror}") from error
    try:
        yield partial
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            path.with_name(partial.name + end).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk, where the system offers it."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
