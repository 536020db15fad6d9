"""Migrations and tables agree, forwards and back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from storage import migrate
from storage.engines import parse_url
from storage.migrate import DatabaseFault
from storage.store import SqlStore
from storage.tables import metadata
from tests.storage.made import World


def tables(url: str) -> set[str]:
    engine = create_engine(parse_url(url))
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def test_up_down_and_up_again(url: str) -> None:
    assert migrate.current(url) is None
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.newest()
    assert migrate.check(url) == []
    assert tables(url) == {*metadata.tables, "alembic_version"}
    migrate.downgrade(url)
    assert migrate.current(url) is None
    assert tables(url) == {"alembic_version"}
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert migrate.check(url) == []


def test_upgrade_keeps_what_is_there(url: str) -> None:
    migrate.upgrade(url)
    store = SqlStore(url)
    with store.begin() as uow:
        world = World.build(uow)
    store.dispose()
    migrate.upgrade(url)
    with store.read() as uow:
        assert uow.projects.all() == world.projects
    store.dispose()


def test_a_difference_is_found(sqlite_file: Path, url: str) -> None:
    migrate.upgrade(url)
    with closing(sqlite3.connect(sqlite_file)) as db:
        db.execute("DROP INDEX ix_requests_next")
        db.execute("ALTER TABLE people ADD COLUMN shoe_size INTEGER")
    differences = migrate.check(url)
    assert len(differences) == 2
    assert any("shoe_size" in line for line in differences)


def test_the_program_says_what_to_do(sqlite_file: Path, url: str) -> None:
    with pytest.raises(DatabaseFault, match="no tables yet; run `rollcall migrate`"):
        migrate.require_current(url)
    assert not sqlite_file.exists()
    migrate.upgrade(url)
    migrate.require_current(url)
    migrate.downgrade(url, "0002")
    with pytest.raises(DatabaseFault, match="revision 0002"):
        migrate.require_current(url)
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseFault, match="newer Rollcall"):
        migrate.require_current(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("Buy milk. " * 200)
    with pytest.raises(DatabaseFault, match="not a database"):
        migrate.upgrade(f"sqlite:///{file}")
    assert file.read_text().startswith("Buy milk.")


def test_a_missing_folder_is_made_and_a_blocked_one_named(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path / 'a' / 'b' / 'rollcall.db'}")
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseFault, match="cannot be made"):
        migrate.upgrade(f"sqlite:///{tmp_path / 'file' / 'rollcall.db'}")


def test_revisions_are_those_of_alembic(url: str) -> None:
    found = [script.revision for script in ScriptDirectory.from_config(migrate._config(None)).walk_revisions()]
    assert migrate._revisions() == found[::-1]
    migrate.upgrade(url)
    assert migrate.current(url) == found[0] == migrate.newest()
