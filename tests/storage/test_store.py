"""Transactions: all or nothing, one writer at a time, readers that wait for nobody."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.exc import DBAPIError, StatementError

from reporting.ports import Store, StoreBusy
from storage.engines import BadDatabaseUrl
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.storage.made import NOW, Undone, fail_after, period, person
from tests.support.databases import database

Open = Callable[..., SqlStore]


@contextmanager
def writer_at_work(store: Store) -> Iterator[None]:
    """Another thread is in the middle of a writing transaction."""
    inside, finish = Event(), Event()

    def work() -> None:
        with store.begin() as uow:
            uow.people.add(person("Half written"))
            inside.set()
            finish.wait(10)

    thread = Thread(target=work)
    thread.start()
    assert inside.wait(5)
    try:
        yield
    finally:
        finish.set()
        thread.join()


def names(store: Store) -> list[str]:
    with store.read() as uow:
        return [item.name for item in uow.people.all()]


def test_an_error_undoes_everything(store: Store) -> None:
    with pytest.raises(Undone):
        fail_after(store, lambda uow: uow.people.add(person("Ana")))
    assert names(store) == []
    with store.begin() as uow:
        uow.people.add(person("Ben"))
    assert names(store) == ["Ben"]


def test_a_reader_waits_for_no_writer_and_sees_nothing_half_done(store: Store) -> None:
    with writer_at_work(store):
        began = time.perf_counter()
        assert names(store) == []
        assert time.perf_counter() - began < 1
    assert names(store) == ["Half written"]


def test_a_reader_has_one_picture(store: Store) -> None:
    with store.read() as uow:
        assert uow.people.all() == []
        with store.begin() as writing:
            writing.people.add(person("Ana"))
        assert uow.people.all() == []
    assert names(store) == ["Ana"]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), store.read() as uow:
        uow.people.add(person())
    assert names(store) == []


def test_a_writer_gives_up_in_time(open_store: Open, sqlite_file: Path) -> None:
    store = open_store(write_wait=0.1)
    with writer_at_work(store), pytest.raises(StoreBusy), store.begin():
        pass
    with store.begin() as uow:
        uow.people.add(person("Later"))


def test_a_lock_of_another_process_is_waited_for_and_then_given_up(open_store: Open, sqlite_file: Path) -> None:
    store = open_store(write_wait=0.1)
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked"), store.begin():
            pass
        assert names(store) == []
        other.execute("ROLLBACK")
    with store.begin() as uow:
        uow.people.add(person("Later"))


def test_a_transaction_inside_another_is_a_fault_not_a_wait(store: Store, sqlite_file: Path) -> None:
    with store.begin() as uow:
        uow.people.add(person("Outer"))
        with pytest.raises(RuntimeError, match="inside another"), store.begin():
            pass
    assert names(store) == ["Outer"]


def test_many_writers_lose_nothing(store: Store) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with store.begin() as uow:
                uow.people.add(person(f"{number}.{turn}"))
                uow.audit.append(NOW, "system", "person.added", f"person:{number}.{turn}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(names(store)) == 40
    with store.read() as uow:
        assert uow.audit.verify() == []
        assert len(uow.audit.events()) == 40


def test_writers_are_served_in_the_order_of_asking(open_store: Open, sqlite_file: Path) -> None:
    store = open_store(write_wait=5)
    threads: list[Thread] = []

    def write(number: int) -> None:
        with store.begin() as uow:
            uow.people.add(person(f"{number}"))

    with writer_at_work(store):
        for number in range(6):
            threads.append(Thread(target=write, args=(number,)))
            threads[-1].start()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    with store.read() as uow:
        by_id = sorted(uow.people.all(), key=lambda item: item.id)
    assert [item.name for item in by_id] == ["Half written", *"012345"]


def test_instants_are_aware_utc(store: Store, sqlite_file: Path) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    local = datetime(2026, 3, 29, 2, 30, tzinfo=east)
    with store.begin() as uow:
        added = uow.periods.add(period())
        uow.schedules.ensure("east", local)
        uow.schedules.ensure("micro", datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC))
    with store.read() as uow:
        found = uow.schedules.get("east")
        assert found == local
        assert found is not None
        assert found.tzinfo is UTC
        assert uow.schedules.due(NOW)[0] == ("micro", datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC))
        assert uow.periods.get(added.id) == added
    with closing(sqlite3.connect(sqlite_file)) as db:
        assert db.execute("SELECT at FROM schedules WHERE key = 'east'").fetchone() == ("2026-03-28T21:00:00.000000Z",)


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"), store.begin() as uow:
        uow.schedules.ensure("naive", NOW.replace(tzinfo=None))
    with store.read() as uow:
        assert uow.schedules.keys() == []


def test_sqlite_is_set_up_to_be_safe(sql_store: SqlStore, sqlite_file: Path) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with sql_store.writing() as connection:
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", "", "sqlite:///a.db?mode=ro"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(BadDatabaseUrl):
        SqlStore(address)


def test_a_disposed_store_opens_again(store: Store, sql_store: SqlStore) -> None:
    sql_store.dispose()
    assert names(store) == []


def test_the_wait_for_the_turn_and_for_another_process_together_keep_the_limit(sqlite_file: Path, url: str) -> None:
    upgrade(url)
    store = SqlStore(url, write_wait=0.8)

    def seconds_until_busy() -> float:
        began = time.perf_counter()
        with pytest.raises(StoreBusy), store.begin():
            pass
        return time.perf_counter() - began

    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other, ThreadPoolExecutor(2) as pool:
        other.execute("BEGIN IMMEDIATE")
        first = pool.submit(seconds_until_busy)
        time.sleep(0.4)
        second = pool.submit(seconds_until_busy)
        assert first.result() < 1.1
        assert second.result() < 1.1
    store.dispose()


def test_postgres_being_away_is_said_as_busy() -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg")
    store = SqlStore("postgresql://rollcall@127.0.0.1:1/rollcall")
    with pytest.raises(StoreBusy), store.begin():
        pass
    with pytest.raises(StoreBusy), store.read():
        pass


def test_an_address_that_cannot_be_read_is_said_in_words() -> None:
    for address in ("nonsense", "sqlite", "postgresql://host:port/x"):
        with pytest.raises(BadDatabaseUrl):
            SqlStore(address)


def test_only_what_may_be_lost_does_not_wait_for_the_disk(sqlite_file: Path) -> None:
    upgrade(url := f"sqlite:///{sqlite_file}")
    store = SqlStore(url)
    full, normal = 2, 1
    for durable, expected in ((True, full), (False, normal), (True, full)):
        with store.writing(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == expected
    with store.writing(durable=False):
        pass
    with store.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == full
    store.dispose()


_RAISE = "DO $$ BEGIN RAISE EXCEPTION 'as a server would' USING ERRCODE = '{state}'; END $$"


def _fails_with(url: str, state: str) -> type[BaseException]:
    store = SqlStore(url)
    try:
        with store.writing() as db:
            db.exec_driver_sql(_RAISE.format(state=state))
    except Exception as error:  # noqa: BLE001 - which one it is, is what is asked
        return type(error)
    finally:
        store.dispose()
    raise AssertionError("it did not fail")


@pytest.mark.parametrize(
    "state", ["08000", "08006", "53300", "53200", "57014", "57P01", "57P03", "55P03", "25P03", "40001", "40P01"]
)
def test_what_passes_is_busy(tmp_path: Path, state: str) -> None:
    with database("postgres", tmp_path) as url:
        assert _fails_with(url, state) is StoreBusy


@pytest.mark.parametrize("state", ["22012", "23505", "25006", "42601", "42P01", "XX000", "55000"])
def test_a_fault_of_ours_is_not_busy(tmp_path: Path, state: str) -> None:
    with database("postgres", tmp_path) as url:
        assert issubclass(_fails_with(url, state), DBAPIError)
