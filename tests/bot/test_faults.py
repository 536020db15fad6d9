"""All that is wrong is said at once: one start, one list, whatever else is broken."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.chats.slack_checks import scopes
from bot.cli.main import main
from tests.bot.live import SHIPPED, playing, settings_for

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `rollcall ...` with `app.yaml` and data in a folder of its own."""
    for name in list(os.environ):
        if name.startswith(("SLACK_", "TEAMS_", "ROLLCALL_")):
            monkeypatch.delenv(name)
    base = {"ROLLCALL_CONFIG": str(tmp_path / "app.yaml"), "ROLLCALL_DATA": str(tmp_path / "data")}
    (tmp_path / "app.yaml").write_text(SHIPPED.read_text("utf-8"), "utf-8")

    def go(*arguments: str, **variables: str) -> Result:
        result = CliRunner(env=base | variables).invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return go


def change(folder: Path, *changes: tuple[str, str]) -> None:
    """Replace text in app.yaml; each must be there."""
    text = (folder / "app.yaml").read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "app.yaml").write_text(text, "utf-8")


def own_template(folder: Path) -> tuple[str, str]:
    (folder / "own").mkdir()
    (folder / "own" / "weekly.md.j2").write_text("# {{ title }}\n{{ tittle }}\n")
    return "templates: null", "templates: own"


def foreign_database(folder: Path) -> None:
    (folder / "data").mkdir()
    with closing(sqlite3.connect(folder / "data" / "rollcall.db")) as db, db:
        db.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        db.execute("INSERT INTO alembic_version VALUES ('from-the-future')")


@pytest.mark.parametrize("command", ["run", "tick", "doctor"])
async def test_faults_of_every_kind_in_one_list(run: Run, tmp_path: Path, command: str) -> None:
    change(tmp_path, ("kind: turned_red", "kind: turned_rad"), own_template(tmp_path))
    foreign_database(tmp_path)
    async with playing() as playground:
        variables = {
            "SLACK_BOT_TOKEN": "xoxb-wrong",
            "SLACK_APP_TOKEN": "xapp-play",
            "SLACK_API_URL": playground.api_url,
        }
        result = await asyncio.to_thread(run, command, **variables)
    assert result.exit_code == 2
    for words in ("turned_rad", "weekly.md.j2:2", "database: ", "SLACK_BOT_TOKEN: ", "invalid_auth", "4 faults"):
        assert words in result.output, result.output
    assert "xoxb-wrong" not in result.output


@pytest.mark.parametrize(
    ("app_token", "words"),
    [
        ("", "SLACK_APP_TOKEN: is not set"),
        ("app-token", "SLACK_APP_TOKEN: is no app token"),
        ("xoxb-play", "SLACK_APP_TOKEN: holds a bot token"),
        ("xapp-wrong", "SLACK_APP_TOKEN: no socket can be opened with it: invalid_auth"),
    ],
)
@pytest.mark.parametrize("command", ["run", "doctor"])
async def test_the_app_token_is_in_the_list_as_well(
    run: Run, tmp_path: Path, command: str, app_token: str, words: str
) -> None:
    change(tmp_path, ("kind: turned_red", "kind: turned_rad"))
    async with playing() as playground:
        playground.workspace.channels["C3"].archived = True
        app = playground.workspace.app
        variables = {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app_token,
            "SLACK_API_URL": playground.api_url,
        }
        result = await asyncio.to_thread(run, command, **variables)
    assert result.exit_code == 2
    for expected in (words, "turned_rad", 'channel "#pmo" is archived', "3 faults"):
        assert expected in result.output, result.output
    assert not app_token or app_token not in result.output


async def test_a_refused_app_token_is_told_with_everything_else_when_the_file_has_no_fault(
    run: Run, tmp_path: Path
) -> None:
    async with playing() as playground:
        playground.workspace.channels["C3"].archived = True
        app = playground.workspace.app
        variables = {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": "xapp-wrong",
            "SLACK_API_URL": playground.api_url,
        }
        result = await asyncio.to_thread(run, "tick", **variables)
        assert result.exit_code == 2
        for expected in ("SLACK_APP_TOKEN: no socket can be opened", 'channel "#pmo" is archived', "2 faults"):
            assert expected in result.output, result.output
        # Nobody listens over a socket in mode http, so nobody asks for one.
        variables |= {"SLACK_MODE": "http", "SLACK_SIGNING_SECRET": "s"}
        result = await asyncio.to_thread(run, "tick", **variables)
        assert "1 fault." in result.output


async def test_channels_by_name_and_by_id(run: Run, tmp_path: Path) -> None:
    change(
        tmp_path,
        ('"#leadership"', "C404"),
        ("promt_at" if "promt_at" in SHIPPED.read_text() else "prompt_at", "promt_at"),
    )
    async with playing() as playground:
        space = playground.workspace
        space.channels["C2"].archived = True
        space.channels["C3"].members.clear()
        app = settings_for(playground, tmp_path).slack
        variables = {
            "SLACK_BOT_TOKEN": app.bot_token.reveal(),
            "SLACK_APP_TOKEN": "xapp-play",
            "SLACK_API_URL": playground.api_url,
        }
        result = await asyncio.to_thread(run, "run", **variables)
    assert result.exit_code == 2
    assert "promt_at" in result.output
    assert 'channel "C404" cannot be used (channel_not_found' in result.output
    assert 'channel "#alerts" is archived' in result.output
    assert 'pmo_channel: channel "#pmo"' in result.output


def test_a_form_that_cannot_be_drawn_is_found_without_the_chat(run: Run, tmp_path: Path) -> None:
    fields = "".join(f"      - {{key: f{n}, label: Field {n}, kind: text}}\n" for n in range(95))
    text = (tmp_path / "app.yaml").read_text("utf-8")
    head, _, tail = text.partition("    custom:")
    assert tail
    rest = tail.split("\n", 1)[1] if tail.lstrip().startswith("[]") else tail
    (tmp_path / "app.yaml").write_text(f"{head}    custom:\n{fields}{rest.lstrip(chr(10))}", "utf-8")
    result = run("check", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert result.exit_code == 2
    assert "is too long for one form" in result.output


def test_check_goes_on_after_a_database_that_does_not_fit(run: Run, tmp_path: Path) -> None:
    change(tmp_path, own_template(tmp_path))
    foreign_database(tmp_path)
    result = run("check", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert result.exit_code == 2
    assert "weekly.md.j2:2" in result.output
    assert "database: " in result.output


def test_a_server_that_tells_no_scopes_is_no_fault() -> None:
    assert scopes("").good
    assert "did not tell" in scopes("").text
    assert not scopes("chat:write").good
