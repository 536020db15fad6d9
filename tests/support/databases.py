"""A database for each test: a SQLite file, and PostgreSQL too where a server is named."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storage.engines import parse_url

SERVER = "ROLLCALL_TEST_POSTGRES_URL"
BOTH = ["sqlite", "postgres"]


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'rollcall.db'}"
        return
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"PostgreSQL is not tested: {SERVER} names no server")
    name = f"rollcall_{uuid.uuid4().hex}"
    admin = create_engine(parse_url(server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield parse_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
