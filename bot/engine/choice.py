"""Which engine runs: the database's address alone says it."""

from __future__ import annotations

from bot.engine.embedded import EmbeddedEngine
from bot.engine.slots import ROOM, RateSlots, SharedSlots, Slots
from reporting.ports import Clock, DueJobs, JobEngine
from reporting.routing import SLACK
from storage import migrate
from storage.engines import is_postgres
from storage.jobs import SqlJobTable, SqlShelf
from storage.slots import SqlSlots
from storage.store import SqlStore


def prepare(url: str) -> None:
    """Make all tables or bring them up to date, those of the distributed engine too.

    Raises:
        BadDatabaseUrl, DatabaseFault: the database cannot be used.
    """
    migrate.upgrade(url)
    if is_postgres(url):
        from bot.engine.distributed import install

        install(url)


def make_store(url: str) -> SqlStore:
    """The store, with its jobs where the engine of its database looks for them."""
    return SqlStore(url, due=_due_jobs(url))


def make_engine(store: SqlStore, clock: Clock, *, speed: float = 1.0, concurrency: int = 8) -> JobEngine:
    """The engine of a store made by `make_store`; it is woken by the store's commits."""
    engine = _engine(store, clock, speed, concurrency)
    store.on_commit(engine.wake)
    return engine


def make_slots(store: SqlStore, channel_spacing: float, workspace_spacing: float, platform: str = SLACK) -> Slots:
    """The rate slots of a chat system: of this process where it is alone, shared where there may be several.

    Args:
        channel_spacing: seconds between two messages to one channel that the chat system allows.
        workspace_spacing: likewise for all channels together.
    """
    if store.due is None:
        return RateSlots(channel_spacing * ROOM, workspace_spacing * ROOM)
    table = SqlSlots(store, "" if platform == SLACK else f"{platform}:")
    return SharedSlots(table, channel_spacing * ROOM, workspace_spacing * ROOM)


def heard_of(store: SqlStore) -> int | None:
    """How many processes that run jobs on this database have been heard of; None where one may run at most."""
    if store.due is None:
        return None
    with store.reading() as connection:
        return store.due.processes(connection.connection.driver_connection)


def _engine(store: SqlStore, clock: Clock, speed: float, concurrency: int) -> JobEngine:
    if store.due is None:
        return EmbeddedEngine(SqlJobTable(store), clock, speed=speed, concurrency=concurrency)
    from bot.engine.distributed import DistributedEngine

    return DistributedEngine(store.url, SqlShelf(store, store.due), clock, speed=speed, concurrency=concurrency)


def _due_jobs(url: str) -> DueJobs | None:
    # Imported here: an installation on SQLite needs none of it.
    if not is_postgres(url):
        return None
    from bot.engine.distributed import ProcrastinateJobs

    return ProcrastinateJobs()
