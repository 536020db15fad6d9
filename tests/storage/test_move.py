"""Moving up from SQLite to PostgreSQL: everything, proved, or nothing."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.engine.choice import make_store, prepare
from bot.rooms import open_existing, open_store
from reporting.ports import StoreBusy
from storage.jobs import SqlJobTable
from storage.lock import AlreadyRunning, DatabaseLock
from storage.migrate import DatabaseFault, current
from storage.move import MoveFault, Proof, move
from storage.moved import read_mark
from storage.store import SqlStore
from storage.tables import metadata
from tests.storage.made import HOUR, NOW, World, delivery, person, report
from tests.support.databases import database


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A file with people, projects, reports, risks, deliveries, jobs and an audit trail."""
    url = f"sqlite:///{tmp_path / 'rollcall.db'}"
    prepare(url)
    store = SqlStore(url)
    with store.begin() as uow:
        world = World.build(uow)
        uow.reports.add(report(world.projects[0].id, world.periods[0].id, summary="Größe \U0001f600 \\ \t ok\nN"))
        uow.deliveries.add(delivery("prompt:1", content={"text": "\ud800 half", "n": [1, 2.5, None]}))
        uow.jobs.enqueue("deliver", {"delivery_id": 1}, key="deliver:1", urgent=True)
        uow.jobs.enqueue("later", {"n": 2}, at=NOW + HOUR, key="later:2")
        uow.jobs.enqueue("forgotten", {})
        for n in range(3):
            uow.audit.append(NOW, "system", "report.recorded", f"project:{n}", None, {"n": n})
    jobs = SqlJobTable(store)
    # One has been done, one was in hand when the process died.
    [in_hand, _] = jobs.claim(NOW, 2)
    assert in_hand.task == "deliver"
    store.dispose()
    with closing(sqlite3.connect(tmp_path / "rollcall.db", isolation_level=None)) as db:
        db.execute("DELETE FROM jobs WHERE task = 'forgotten'")
        # Somebody's deputy may come after them.
        db.execute("UPDATE people SET deputy_id = (SELECT max(id) FROM people) WHERE id = 1")
        db.execute("UPDATE sqlite_sequence SET seq = 900 WHERE name = 'jobs'")
    return url


@pytest.fixture
def target(tmp_path: Path) -> Iterator[str]:
    """An empty PostgreSQL database without tables."""
    with database("postgres", tmp_path) as url:
        yield url


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the program reads them; without the mark."""
    store = SqlStore(url)
    with store.reading() as db:
        found = {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }
    store.dispose()
    return found | {"notes": [row for row in found["notes"] if row[0] != "moved"]}


def moved(source: str, target: str) -> Proof:
    return move(source, target, NOW, prepare)


def nothing_moved(source: str, target: str) -> bool:
    """Whether the file is in use as before, and the target has no row."""
    open_store(source).dispose()
    return current(target) is None or not any(rows for name, rows in contents(target).items() if name != "audit_head")


def test_everything_is_there_and_proved(source: str, target: str) -> None:
    before = contents(source)
    seen: dict[str, tuple[int, int]] = {}
    proof = move(source, target, NOW, prepare, lambda table, done, total: seen.update({table: (done, total)}))
    after = contents(target)
    assert {copied.table: copied.rows for copied in proof.tables} == {name: len(rows) for name, rows in after.items()}
    assert seen == {name: (len(rows), len(rows)) for name, rows in after.items()}
    jobs = before.pop("jobs")
    assert [row[1] for row in jobs] == ["deliver", "later"]
    assert after.pop("jobs") == [(*row[:6], 0, *row[7:]) for row in jobs]
    assert after == before
    assert proof.events == 3
    store = make_store(target)
    with store.read() as uow:
        assert uow.audit.verify() == []
    store.dispose()


def test_new_rows_go_on_behind_the_highest_id_ever_given(source: str, target: str) -> None:
    moved(source, target)
    highest = max(row[0] for row in contents(target)["people"])
    store = make_store(target)
    with store.begin() as uow:
        assert uow.people.add(person("New")).id == highest + 1
        uow.jobs.enqueue("later", {}, at=NOW)
        uow.audit.append(NOW, "system", "report.recorded", "project:9")
        assert uow.audit.verify() == []
    store.dispose()
    assert max(row[0] for row in contents(target)["jobs"]) == 901


def test_the_old_file_is_refused_in_words_until_it_is_asked_for(source: str, target: str) -> None:
    moved(source, target)
    with pytest.raises(DatabaseFault, match=r"was moved to postgresql://.*ROLLCALL_DATABASE_URL"):
        open_store(source)
    with pytest.raises(MoveFault, match="was moved to"):
        moved(source, target)
    # Looking is harmless.
    open_existing(source).dispose()
    open_store(target).dispose()


def test_a_running_bot_is_not_moved(source: str, target: str) -> None:
    with DatabaseLock(Path(source.removeprefix("sqlite:///"))), pytest.raises(AlreadyRunning, match="Stop it first"):
        moved(source, target)
    assert current(target) is None
    assert nothing_moved(source, target)


@pytest.mark.parametrize("what", ["row", "job"])
def test_a_target_with_anything_in_it_is_refused(source: str, target: str, what: str) -> None:
    prepare(target)
    store = make_store(target)
    with store.begin() as uow:
        if what == "row":
            uow.people.add(person("Somebody else"))
        else:
            uow.jobs.enqueue("deliver", {})
    with pytest.raises(MoveFault, match=f"not empty.*{'people' if what == 'row' else 'procrastinate_jobs'}"):
        moved(source, target)
    open_store(source).dispose()
    with store.read() as uow:
        assert uow.projects.all() == []
    store.dispose()


def test_only_upwards_and_only_what_is_there(source: str, target: str, tmp_path: Path) -> None:
    for one, other in ((target, source), (source, source), (target, target)):
        with pytest.raises(MoveFault, match="from SQLite to PostgreSQL"):
            moved(one, other)
    with pytest.raises(MoveFault, match="no database at"):
        moved(f"sqlite:///{tmp_path / 'nowhere.db'}", target)
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseFault, match="no tables yet"):
        moved(f"sqlite:///{tmp_path / 'empty.db'}", target)
    assert nothing_moved(source, target)


@pytest.mark.parametrize("table", ["people", "reports", "jobs"])
def test_a_fault_in_any_table_undoes_all(source: str, target: str, table: str) -> None:
    column = {"people": "name", "reports": "summary", "jobs": "error"}[table]
    file = Path(source.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("DROP TRIGGER IF EXISTS reports_no_update")
        # What PostgreSQL cannot hold: a text with a zero in it.
        db.execute(f"UPDATE {table} SET {column} = 'a' || char(0) || 'b' WHERE id = (SELECT max(id) FROM {table})")
    with pytest.raises(MoveFault, match=rf"undone.*in use as before: table {table}, row \d+"):
        moved(source, target)
    assert nothing_moved(source, target)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute(f"UPDATE {table} SET {column} = 'ab' WHERE id = (SELECT max(id) FROM {table})")
    moved(source, target)


def test_a_trail_that_was_tampered_with_is_not_moved(source: str, target: str) -> None:
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"), isolation_level=None)) as db:
        db.execute("DROP TRIGGER audit_events_no_update")
        db.execute("UPDATE audit_events SET actor = 'nobody' WHERE seq = 2")
    with pytest.raises(MoveFault, match="audit trail of the old database is not whole: event 2 was changed"):
        moved(source, target)
    assert nothing_moved(source, target)


def test_what_reads_back_otherwise_is_found(source: str, target: str) -> None:
    """A trigger of somebody's own on the target changes a row on its way in."""
    prepare(target)
    store = SqlStore(target)
    with store.writing() as db:
        db.exec_driver_sql("CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS "
                           "$$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$")  # fmt: skip
        db.exec_driver_sql("CREATE TRIGGER shout BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout()")
    store.dispose()
    with pytest.raises(MoveFault, match="table people does not read back"):
        moved(source, target)
    assert nothing_moved(source, target)


def test_an_interrupt_undoes_all(source: str, target: str) -> None:
    def interrupt(table: str, done: int, total: int) -> None:
        if table == "reports" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, target, NOW, prepare, interrupt)
    assert nothing_moved(source, target)


def test_a_server_that_goes_away_undoes_all(source: str, target: str) -> None:
    def cut(table: str, done: int, total: int) -> None:
        if table == "reports" and not done:
            other = SqlStore(target)
            with other.reading() as db:
                db.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid()"
                )
            other.dispose()

    with pytest.raises((MoveFault, StoreBusy), match="undone"):
        move(source, target, NOW, prepare, cut)
    assert nothing_moved(source, target)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from bot.engine.choice import prepare
from storage import move as moving
if sys.argv[3] == "after commit":
    def die(*_): os.kill(os.getpid(), signal.SIGKILL)
    begin = moving.mark
    moving.mark = lambda db, new: die() if new.done else begin(db, new)
def progress(table, done, total):
    if table == sys.argv[3] and done: os.kill(os.getpid(), signal.SIGKILL)
moving.move(sys.argv[1], sys.argv[2], datetime.now(UTC), prepare, progress)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: there is no SIGKILL on Windows")
@pytest.mark.parametrize("moment", ["people", "jobs", "after commit"])
def test_a_kill_at_any_moment_leaves_at_most_one_that_starts(source: str, target: str, moment: str) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, source, target, moment], check=False)
    assert ended.returncode == -signal.SIGKILL
    with pytest.raises(DatabaseFault, match=r"was begun on .* and cut off"):
        open_store(source)
    if moment == "after commit":
        with pytest.raises(MoveFault, match="everything is there"):
            moved(source, target)
    else:
        moved(source, target)
    open_store(target).dispose()
    assert len(contents(target)["audit_events"]) == 3


def test_a_move_that_was_cut_off_goes_on_to_the_same_place_only(source: str, target: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, source, target, "people"], check=False)
    with database("postgres", tmp_path) as elsewhere, pytest.raises(MoveFault, match="cut off"):
        moved(source, elsewhere)
    moved(source, target)
    store = SqlStore(source)
    found = read_mark(store)
    store.dispose()
    assert found is not None
    assert found.done
