"""The store: opens transactions over SQLite or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reporting.ports import DueJobs, Store, StoreBusy
from storage.engines import ONE_SLOT, ONE_WRITER, make_reader, make_writer, parse_url, prepare_write
from storage.fair import FairLock
from storage.unit import SqlUnitOfWork

WRITE_WAIT_SECONDS = 2.0
_LEAST_WAIT = 0.05
# PostgreSQL docs: SQLSTATE classes: connection exception, operator intervention, insufficient resources.
_AWAY = ("08", "57", "53")
# PostgreSQL docs: lock not available, idle in transaction for too long, serialization failure, deadlock.
_BUSY = ("55P03", "25P03", "40001", "40P01")
_BUSY_WORDS = ("database is locked", "database table is locked", "lock timeout", "could not obtain lock")


class SqlStore(Store):
    """See `reporting.ports.Store`. Safe for use by many threads; make one for each database.

    The tables must be there: see `storage.migrate.upgrade`.
    """

    def __init__(self, url: str, *, write_wait: float = WRITE_WAIT_SECONDS, due: DueJobs | None = None) -> None:
        """Of the database at `url`; nothing is opened yet.

        Args:
            url: `sqlite:///path/to/file.db`, or `postgresql://...` with psycopg installed.
            write_wait: seconds that a transaction waits for its turn before it raises `StoreBusy`. The default
                leaves room in the three seconds that chat platforms give (Slack docs: acknowledging requests).

            due: where jobs for now go; by default our own table, which the embedded engine reads.

        Raises:
            BadDatabaseUrl: the address cannot be used.
        """
        parsed = parse_url(url)
        self.due = due
        self.url = url
        self._wait = write_wait
        self._writer: Engine = make_writer(parsed, write_wait)
        self._reader: Engine = make_reader(parsed, write_wait)
        self._turn = FairLock() if parsed.get_backend_name() == "sqlite" else None
        self._committed: list[Callable[[], None]] = []

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back, in the committing thread, after each commit that enqueued a job. Must be quick and not raise."""
        self._committed.append(callback)

    @contextmanager
    def begin(self) -> Iterator[SqlUnitOfWork]:
        """A writing transaction: commits when the block ends well, rolls back when it raises.

        Raises:
            StoreBusy: the database could not be written within its time limit; nothing was changed.
        """
        with self.writing() as connection:
            unit = SqlUnitOfWork(connection, self.due)
            yield unit
            unit.jobs.hand_over()
        if unit.jobs.enqueued:
            for callback in self._committed:
                callback()

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """A reading transaction: one consistent picture, never waits for a writer. Writing in it fails.

        Raises:
            StoreBusy: every connection was in use for too long, or the database is away.
        """
        with self.reading() as connection:
            yield SqlUnitOfWork(connection, self.due)

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Connection]:
        """The bare connection of a writing transaction, for this package.

        Args:
            durable: whether it must survive a power cut once committed. Without that a commit to SQLite does not wait
                for the disk; nothing older is ever lost with it.
        """
        with self._writing(ONE_WRITER, durable) as connection:
            yield connection

    @contextmanager
    def slots(self) -> Iterator[Connection]:
        """The bare connection of a transaction in which nobody else takes rate slots; other writers go on."""
        with self._writing(ONE_SLOT, durable=False) as connection:
            yield connection

    @contextmanager
    def _writing(self, lock: str, durable: bool) -> Iterator[Connection]:
        until = monotonic() + self._wait
        with self._my_turn(), _busy(), self._writer.connect() as connection:
            if self._turn is not None:
                # What the wait for the turn has used up is not waited for once more.
                left = max(until - monotonic(), _LEAST_WAIT)
                prepare_write(connection, left, durable)
            with connection.begin():
                if self._turn is None:
                    # One writer at a time, as on SQLite: what is read in a transaction stays true until its end.
                    connection.exec_driver_sql(lock)
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The bare connection of a reading transaction, for this package."""
        with _busy(), self._reader.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close all connections; the store opens new ones when it is used again."""
        self._writer.dispose()
        self._reader.dispose()

    def _my_turn(self) -> AbstractContextManager[None]:
        return nullcontext() if self._turn is None else self._hold(self._turn)

    @contextmanager
    def _hold(self, turn: FairLock) -> Iterator[None]:
        if not turn.acquire(self._wait):
            raise StoreBusy(f"other transactions did not finish within {self._wait:g} s")
        try:
            yield
        finally:
            turn.release()


@contextmanager
def _busy() -> Iterator[None]:
    """Tell "busy" and "away" from faults of ours."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreBusy("all connections to the database are in use") from error
    except DBAPIError as error:
        if error.connection_invalidated or _passing(error) or any(word in str(error.orig) for word in _BUSY_WORDS):
            raise StoreBusy(str(error.orig)) from error
        raise


def _passing(error: DBAPIError) -> bool:
    """Whether PostgreSQL could not be reached, was busy, or sent us away; SQLite's faults have no such state."""
    fault = error.orig
    if fault is None or not hasattr(fault, "sqlstate"):
        return False
    if fault.sqlstate is None:
        # Without an answer of the server: it is away. Or the statement was never sent, through a fault of ours.
        return isinstance(error, OperationalError | InterfaceError)
    return str(fault.sqlstate).startswith((*_AWAY, *_BUSY))
