"""`rollcall migrate`: what it says when it moves an installation, and when it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from storage.lock import DatabaseLock
from tests.bot.live import SHIPPED
from tests.support.databases import database

Run = Callable[..., Result]
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The address of the SQLite database."""
    return f"sqlite:///{tmp_path / 'rollcall.db'}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with database("postgres", tmp_path) as url:
        yield url


@pytest.fixture
def run(tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `rollcall ...` on the SQLite database, filled with two projects."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "TEAMS_", "ROLLCALL_")) and name != "ROLLCALL_TEST_POSTGRES_URL":
            monkeypatch.delenv(name)
    base = {"ROLLCALL_CONFIG": str(SHIPPED), "ROLLCALL_DATABASE_URL": file, **TOKENS}

    def go(*arguments: str, **variables: str) -> Result:
        result = CliRunner(env=base | variables).invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    rows = tmp_path / "projects.csv"
    rows.write_text(
        "key,name,portfolio,lead,lead_email\nATLAS,Atlas,Imaging,Ana,ana@labs.example\n"
        "BEAM,Beam,Imaging,Ana,ana@labs.example\n", "utf-8",
    )  # fmt: skip
    assert go("import", "register", str(rows)).exit_code == 0
    return go


def test_a_move_prints_its_proof_and_what_to_do_next(run: Run, file: str, server: str) -> None:
    result = run("migrate", "--from", file, "--to", server)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    [projects] = [line.split() for line in lines if line.startswith("projects ")]
    assert projects[1] == "2"
    assert len(projects[2]) == 16
    assert any("audit trail is whole on both sides" in line for line in lines)
    assert "set ROLLCALL_DATABASE_URL" in lines[-1]
    assert "whole" in run("check", "--audit", ROLLCALL_DATABASE_URL=server).output


def test_the_target_may_be_the_address_of_the_environment(run: Run, file: str, server: str) -> None:
    assert run("migrate", "--from", file, ROLLCALL_DATABASE_URL=server).exit_code == 0


def test_after_it_the_old_database_is_refused_until_it_is_reopened(run: Run, file: str, server: str) -> None:
    assert "Nothing to do" in run("migrate", "--reopen").output
    run("migrate", "--from", file, "--to", server)
    for command in (["run"], ["tick"], ["import", "register", __file__]):
        result = run(*command)
        assert result.exit_code != 0
        assert "was moved to postgresql://" in result.output
        assert "--reopen" in result.output
    assert "may start on it again" in run("migrate", "--reopen").output
    assert "was moved" not in run("tick").output


def test_a_password_is_not_shown(run: Run, file: str, server: str) -> None:
    with_password = server.replace("rollcall@", "rollcall:s3cret@")
    result = run("migrate", "--from", file, "--to", with_password)
    assert result.exit_code == 0
    assert "s3cret" not in result.output
    assert "s3cret" not in run("run").output


def test_while_the_bot_runs_nothing_is_moved_or_reopened(run: Run, file: str, server: str) -> None:
    with DatabaseLock(Path(file.removeprefix("sqlite:///"))):
        for options in (["--from", file, "--to", server], ["--reopen"]):
            result = run("migrate", *options)
            assert result.exit_code == 1
            assert "is already running" in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "postgresql://x/y"], "--to needs --from"),
        (["--verify", "--reopen"], "three different things"),
        (["--from", "sqlite:///x.db", "--reopen"], "three different things"),
        (["--from", "postgresql://x/y", "--to", "sqlite:///x.db"], "from SQLite to PostgreSQL"),
        (["--from", "sqlite:///nowhere.db", "--to", "postgresql://x/y"], "no database at nowhere.db"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(run: Run, options: list[str], words: str) -> None:
    result = run("migrate", *options)
    assert result.exit_code in {1, 2}
    assert words in result.output


def test_only_a_file_is_ever_reopened(run: Run, tmp_path: Path) -> None:
    result = run("migrate", "--reopen", ROLLCALL_DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}")
    assert result.exit_code == 1
    assert "here is none" in result.output
