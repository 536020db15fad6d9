"""A database for each test: a SQLite file, and PostgreSQL too where a server is named."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reporting.ports import Store
from storage.jobs import SqlJobTable
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.storage.made import World
from tests.support.databases import BOTH, database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test on both databases, except those that look into SQLite's file."""
    if "url" in metafunc.fixturenames:
        kinds = ["sqlite"] if "sqlite_file" in metafunc.fixturenames else BOTH
        metafunc.parametrize("url", kinds, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    with database(request.param, tmp_path) as address:
        yield address


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[..., SqlStore]]:
    """Makes stores on the database, with tables; closed at the end."""
    upgrade(url)
    opened: list[SqlStore] = []

    def make(write_wait: float = 2.0) -> SqlStore:
        opened.append(SqlStore(url, write_wait=write_wait))
        return opened[-1]

    yield make
    for store in opened:
        store.dispose()


@pytest.fixture
def sql_store(open_store: Callable[..., SqlStore]) -> SqlStore:
    """A store with empty tables."""
    return open_store()


@pytest.fixture
def store(sql_store: SqlStore) -> Store:
    """The same, through its port."""
    return sql_store


@pytest.fixture
def jobs(sql_store: SqlStore) -> SqlJobTable:
    """The engine's side of the job table."""
    return SqlJobTable(sql_store)


@pytest.fixture
def world(store: Store) -> World:
    """Two people, a portfolio, three projects and four weekly periods."""
    with store.begin() as uow:
        return World.build(uow)


@pytest.fixture
def sqlite_file(url: str) -> Path:
    """The database file, for tests that go past the store."""
    return Path(url.removeprefix("sqlite:///"))
