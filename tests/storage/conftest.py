"""A database for each test: a SQLite file, and PostgreSQL too where a server is named."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from reporting.ports import Store
from storage.engines import parse_url
from storage.jobs import SqlJobTable
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.storage.made import World

SERVER = "ROLLCALL_TEST_POSTGRES_URL"
BOTH = ["sqlite", "postgres"]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'rollcall.db'}"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"PostgreSQL is not tested: {SERVER} names no server")
    name = f"rollcall_{uuid.uuid4().hex}"
    admin = create_engine(parse_url(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield parse_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


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
    if not url.startswith("sqlite"):
        pytest.skip("only SQLite is a file")
    return Path(url.removeprefix("sqlite:///"))
