"""`rollcall backup` and `restore`: a copy while the bot writes, and back again."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from reporting.ledger import DeliveryState
from storage.backup import back_up
from tests.bot.live import SHIPPED, running
from tests.support.databases import database

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def go(*arguments: str, **variables: str) -> Result:
        base = {"ROLLCALL_CONFIG": str(SHIPPED), "ROLLCALL_DATA": str(tmp_path), "ROLLCALL_DATABASE_URL": ""}
        result = CliRunner(env=base | variables).invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return go


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_a_copy_made_while_the_bot_runs_is_restored_and_the_old_one_kept(run: Run, tmp_path: Path) -> None:
    copy, live_file = tmp_path / "copy.db", tmp_path / "rollcall.db"
    async with running(tmp_path) as live:
        await live.forward(hours=3)
        made = await asyncio.to_thread(run, "backup", str(copy))
        assert f"{copy} is a copy of {live_file}" in made.output
        assert "100 %" in made.output
        assert copy.stat().st_mode & 0o077 == 0
        refused = await asyncio.to_thread(run, "backup", str(copy))
        assert (refused.exit_code, "nothing is ever overwritten" in refused.output) == (1, True)
        busy = await asyncio.to_thread(run, "restore", str(copy))
        assert (busy.exit_code, "is already running on" in busy.output) == (1, True)
        events = count(copy, "audit_events")
        with live.bot.store.begin() as uow:
            uow.audit.append(live.clock.now(), "system", "test.later", "test:1")
    later = count(live_file, "audit_events")
    assert later > events
    restored = run("restore", str(copy))
    assert restored.exit_code == 0, restored.output
    [kept] = tmp_path.glob("rollcall.db.before-restore-*")
    assert f"The old one is kept: {kept}" in restored.output
    assert (count(kept, "audit_events"), count(live_file, "audit_events")) == (later, events + 1)
    assert sorted(path.name for path in tmp_path.glob("*partial*")) == []
    whole = run("check", "--audit", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert "audit trail is whole" in whole.output


async def test_what_was_due_in_an_older_copy_is_looked_for_before_it_is_sent(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    async with running(tmp_path) as live:
        await live.forward(hours=3)
        with live.bot.store.read() as uow:
            [prompt] = uow.deliveries.with_prefix("prompt:")
        assert run("backup", str(copy)).exit_code == 0
    # As it was a moment earlier: planned, with its job, and not sent.
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("UPDATE deliveries SET state = 'planned', refs = '[]', parts = NULL, due_at = '2026-11-20T08:00:00'")
    told = run("restore", str(copy)).output
    with closing(sqlite3.connect(tmp_path / "rollcall.db")) as db:
        states = db.execute("SELECT state FROM deliveries WHERE key = ?", (prompt.key,)).fetchall()
    assert states == [(DeliveryState.UNCERTAIN.value,)]
    assert "looked for in the chat first" in told


def test_others_write_while_it_is_copied(run: Run, tmp_path: Path) -> None:
    run("migrate")
    path, copy = tmp_path / "rollcall.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE ballast (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute("BEGIN")
        db.executemany("INSERT INTO ballast (text) VALUES (?)", [("x" * 3000,)] * 10_000)
        db.execute("COMMIT")
        steps: list[int] = []

        def busy(done: int, total: int) -> None:
            steps.append(done)
            assert len(steps) < 100, "it begins anew"
            db.execute("INSERT INTO ballast (text) VALUES ('later')")

        back_up(path, copy, busy)
    assert len(steps) > 3
    assert steps == sorted(steps), "it began anew"
    assert (count(copy, "ballast"), count(path, "ballast")) == (10_000, 10_000 + len(steps))


def test_what_is_not_sound_is_not_used(run: Run, tmp_path: Path) -> None:
    run("migrate")
    path = tmp_path / "rollcall.db"
    before = path.read_bytes()
    assert run("backup", str(tmp_path / "good.db")).exit_code == 0
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as db, db:
        db.execute("CREATE TABLE t (a)")
    good = (tmp_path / "good.db").read_bytes()
    (tmp_path / "torn.db").write_bytes(good[:8192] + os.urandom(8192) + good[16384:])
    for name, words in (
        ("text", "not a database"),
        ("other", "no database of Rollcall"),
        ("torn", "torn.db"),
        ("none", "there is no file"),
    ):
        result = run("restore", str(tmp_path / f"{name}.db"))
        assert (result.exit_code, words in result.output) == (1, True), result.output
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*before-restore*"))


def test_a_copy_of_another_version_is_refused(run: Run, tmp_path: Path) -> None:
    run("migrate")
    old = tmp_path / "old.db"
    assert run("backup", str(old)).exit_code == 0
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '0001'")
    result = run("restore", str(old))
    assert (result.exit_code, "use it with the version it is from" in result.output) == (1, True)


def test_a_database_that_another_program_has_open_is_not_replaced(run: Run, tmp_path: Path) -> None:
    run("migrate")
    copy = tmp_path / "copy.db"
    assert run("backup", str(copy)).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "rollcall.db", isolation_level=None)) as db:
        db.execute("INSERT INTO notes (key, value) VALUES ('a', '1')")
        db.execute("BEGIN")
        db.execute("SELECT * FROM notes").fetchall()
        result = run("restore", str(copy))
    assert (result.exit_code, "another program has" in result.output) == (1, True)
    assert count(tmp_path / "rollcall.db", "notes") == 1


def test_a_database_too_broken_to_be_read_is_replaced_and_kept(run: Run, tmp_path: Path) -> None:
    run("migrate")
    copy = tmp_path / "copy.db"
    assert run("backup", str(copy)).exit_code == 0
    (tmp_path / "rollcall.db").write_text("broken " * 1000)
    (tmp_path / "rollcall.db-wal").write_text("log")
    assert run("restore", str(copy)).exit_code == 0
    kept = sorted(path.name for path in tmp_path.glob("*before-restore*"))
    assert len(kept) == 2
    assert kept[1] == f"{kept[0]}-wal"
    assert "audit trail is whole" in run("check", "--audit", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1").output


def test_without_a_database_there_is_nothing_to_copy(run: Run, tmp_path: Path) -> None:
    result = run("backup", str(tmp_path / "copy.db"))
    assert (result.exit_code, "no database yet" in result.output) == (1, True)


def test_on_postgres_its_own_tools_are_named(run: Run, tmp_path: Path) -> None:
    with database("postgres", tmp_path) as url:
        for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
            result = run(command, str(tmp_path / "x"), ROLLCALL_DATABASE_URL=url)
            assert (result.exit_code, tool in result.output, "Nothing was done" in result.output) == (2, True, True)
