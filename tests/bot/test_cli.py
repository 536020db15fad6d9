"""The command line: what it says and with which exit code, without a traceback for what is known."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from tests.bot.live import SHIPPED, playing, running, settings_for

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `rollcall ...` with a data folder of its own."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "TEAMS_", "ROLLCALL_")):
            monkeypatch.delenv(name)
    base = {"ROLLCALL_CONFIG": str(SHIPPED), "ROLLCALL_DATA": str(tmp_path / "data")}

    def go(*arguments: str, **variables: str) -> Result:
        result = CliRunner(env=base | variables).invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return go


TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def register(folder: Path, rows: str) -> str:
    path = folder / "projects.csv"
    path.write_text("key,name,portfolio,lead,lead_email\n" + rows, "utf-8")
    return str(path)


def test_every_command_explains_itself(run: Run) -> None:
    helped = run("--help").output
    for name in main.commands:
        assert name in helped
        assert run(name, "--help").exit_code == 0


def test_a_start_without_tokens_names_every_fault(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "app.yaml"
    broken.write_text(SHIPPED.read_text().replace("prompt_at", "promt_at").replace("pmo: [petra", "pmo: [; petra"))
    for command in ("run", "tick", "doctor"):
        result = run(command, ROLLCALL_CONFIG=str(broken))
        assert result.exit_code == 2
        assert "promt_at" in result.output
        assert "SLACK_BOT_TOKEN: is not set" in result.output
        assert "SLACK_APP_TOKEN: is not set" in result.output
        assert "Traceback" not in result.output


def test_check(run: Run, tmp_path: Path) -> None:
    result = run("check")
    assert result.exit_code == 2
    assert "SLACK_BOT_TOKEN" in result.output
    output = run("check", **TOKENS).output
    assert output.startswith("There is no database yet at ")
    assert output.endswith("No faults.\n")
    audit = run("check", "--audit")
    assert ("no database yet" in audit.output, audit.exit_code) == (True, 1)
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "weekly.md.j2").write_text("{% if %}")
    own = tmp_path / "app.yaml"
    own.write_text(SHIPPED.read_text().replace("templates: null", "templates: templates"))
    assert "weekly.md.j2:1" in run("check", ROLLCALL_CONFIG=str(own), **TOKENS).output


@pytest.mark.parametrize("command", [("shown",), ("digest", "preview", "leadership"), ("check",), ("doctor",)])
def test_commands_that_only_look_make_no_database(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    result = run(*command, SLACK_API_URL="http://127.0.0.1:1/api/", **TOKENS)
    assert f"no database yet at {data / 'rollcall.db'}" in result.output
    assert result.exit_code == (0 if command == ("check",) else 1)
    assert not list(data.glob("*.db*"))


def test_migrate_and_verify(run: Run) -> None:
    assert "Migrated from nothing" in run("migrate").output
    assert "Nothing to do" in run("migrate").output
    assert "agree" in run("migrate", "--verify").output
    result = run("migrate", ROLLCALL_DATABASE_URL="mysql://x")
    assert (result.exit_code, "not supported" in result.output) == (1, True)


def test_import_is_all_or_nothing_and_finds_every_row(run: Run, tmp_path: Path) -> None:
    good = register(tmp_path, "P1,First,Alpha,Lea Own,lea@ours.example\n")
    assert "Would be added" in run("import", "register", good, "--dry-run").output
    assert "Were added" in run("import", "register", good).output
    assert "unchanged" in run("import", "register", good).output
    bad = register(tmp_path, "P2,Second,Alpha,Lea Own,lea@ours.example\nP3,Third,Alpha,X,not a mail\n")
    result = run("import", "register", bad)
    assert result.exit_code == 1
    assert "line 3" in result.output
    assert "P2" not in run("digest", "preview", "leadership").output


def test_a_long_import_says_how_far_it_is(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"P{n},Project {n},Alpha,Lea Own,lea@ours.example\n" for n in range(1100))
    said = run("import", "register", register(tmp_path, rows)).stderr
    assert said.splitlines()[:3] == ["Reading projects.csv", "  500 of 1100 rows", "  1000 of 1100 rows"]


def test_looking_at_a_digest_and_at_what_was_sent(run: Run, tmp_path: Path) -> None:
    run("import", "register", register(tmp_path, "P1,First,Alpha,Lea Own,lea@ours.example\n"))
    preview = run("digest", "preview", "leadership")
    assert preview.exit_code == 0
    assert not preview.output.lstrip().startswith("#")
    assert "[[" not in preview.output
    assert "No project was asked for a report." in preview.output
    assert run("digest", "preview", "leadership", "--markdown").output.startswith("#")
    wrong = run("digest", "preview", "leadershop")
    assert (wrong.exit_code, 'did you mean "leadership"?' in wrong.output) == (2, True)
    assert run("shown").output == "Nothing was found.\n"


async def test_what_was_sent_is_shown_again_as_it_was(run: Run, tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=3)
    address = f"sqlite:///{tmp_path / 'rollcall.db'}"
    listed = run("shown", "prompt:", ROLLCALL_DATABASE_URL=address).output
    key = listed.split()[3]
    assert key.startswith("prompt:")
    shown = run("shown", key, ROLLCALL_DATABASE_URL=address).output
    assert "sent" in shown
    assert "ATLAS" in shown
    assert '"blocks"' in run("shown", key, "--json", ROLLCALL_DATABASE_URL=address).output
    assert "Edited since" not in shown
    with closing(sqlite3.connect(tmp_path / "rollcall.db")) as db, db:
        columns = "kind, target, subject, due_at, state, created_at, attempt, sent_at, error, stuck"
        db.execute(
            f"INSERT INTO deliveries (key, updates, refs, content, parts, {columns})"
            f" SELECT key || ':r:1', key, refs, content, parts, {columns} FROM deliveries WHERE key = ?", (key,)
        )  # fmt: skip
    edited = run("shown", key, ROLLCALL_DATABASE_URL=address).output
    assert edited.startswith(shown)
    assert f"{key}:r:1" in edited.partition("Edited since")[2]


async def test_the_audit_trail_is_proved_and_a_changed_row_is_found(run: Run, tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=3)
    address = f"sqlite:///{tmp_path / 'rollcall.db'}"
    # An auditor has a copy of the database, and neither the settings nor the tokens.
    variables = {"ROLLCALL_DATABASE_URL": address, "ROLLCALL_CONFIG": str(tmp_path / "none.yaml")}
    whole = run("check", "--audit", **variables).output
    assert whole.startswith("The audit trail is whole. Its last event is ")
    with sqlite3.connect(tmp_path / "rollcall.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        table = next(n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if "audit" in n)
        (last,) = db.execute(f"SELECT hash FROM {table} ORDER BY seq DESC LIMIT 1").fetchone()
        assert f"with the hash {last}." in whole
        db.execute(f"UPDATE {table} SET actor = 'somebody else' WHERE seq = 2")
    result = run("check", "--audit", **variables)
    assert result.exit_code == 2
    assert "audit trail" in result.output


async def test_doctor_and_tick_against_a_workspace(run: Run, tmp_path: Path) -> None:
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        variables = {
            "SLACK_BOT_TOKEN": settings.slack.bot_token.reveal(),
            "SLACK_APP_TOKEN": "xapp-play",
            "SLACK_API_URL": playground.api_url,
        }
        members = playground.workspace.channels["C2"].members
        present = members.copy()
        members.clear()
        healthy = await asyncio.to_thread(run, "doctor", **variables)
        assert "ok    bot token" in healthy.output
        assert "ok    app token" in healthy.output
        assert "FAIL  channel #alerts: does not have the bot as a member" in healthy.output
        assert healthy.exit_code == 1
        assert "ok    scopes" in healthy.output or "FAIL  scopes: missing" in healthy.output
        early = await asyncio.to_thread(run, "tick", **variables)
        assert (early.exit_code, "invite @rollcall" in early.output) == (2, True)
        members.extend(present)
        ticked = await asyncio.to_thread(run, "tick", **variables)
        assert (ticked.exit_code, "Done" in ticked.output) == (0, True)
        refused = await asyncio.to_thread(run, "tick", **(variables | {"SLACK_BOT_TOKEN": "xoxb-wrong"}))
        assert (refused.exit_code, "invalid_auth" in refused.output) == (2, True)
        assert "xoxb-wrong" not in refused.output


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")
async def test_a_real_process_rehearses_and_ends_when_told(tmp_path: Path) -> None:
    async with playing() as playground:
        environment = {
            "PATH": os.environ["PATH"],
            "SLACK_BOT_TOKEN": playground.workspace.app.bot_token,
            "SLACK_APP_TOKEN": playground.workspace.app.app_token,
            "SLACK_API_URL": playground.api_url,
            "ROLLCALL_CONFIG": str(SHIPPED),
            "ROLLCALL_DATA": str(tmp_path),
            "PORT": "0",
        }
        command = [sys.executable, "-m", "bot", "run", "--now", "2026-11-27T15:30+00:00", "--speed", "300"]
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=SHIPPED.parent, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        log = ""
        # Half an hour of the rehearsal takes six seconds.
        async with asyncio.timeout(60):
            while "digest:leadership" not in log:
                line = await process.stderr.readline()
                assert line, log
                log += line.decode()
        second = await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=SHIPPED.parent, stderr=asyncio.subprocess.PIPE
        )
        _, complaint = await second.communicate()
        assert (second.returncode, b"already running" in complaint) == (1, True)
        process.send_signal(signal.SIGTERM)
        _, rest = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0
        assert b"stopped" in rest
        assert "REHEARSAL" in log
        assert "xoxb" not in log
        assert playground.workspace.visible("C1")


def test_a_rehearsal_needs_an_instant_and_a_speed(run: Run) -> None:
    assert run("run", "--now", "tomorrow", **TOKENS).exit_code == 2
    for speed in ("0", "-1", "nan", "inf"):
        assert run("run", "--speed", speed, **TOKENS).exit_code == 2


def test_the_manifest_is_printed(run: Run) -> None:
    output = run("manifest", "slack").output
    assert "slash_commands" in output
    assert "https://bot.example.com/slack/events" in run("manifest", "slack", "--url", "https://bot.example.com").output
