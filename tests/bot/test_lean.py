"""What a start that finds everything in order does not load."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli.main import main
from playground import Playground, RateLimits
from tests.bot.live import SHIPPED, workspace

# Says at its end what was loaded by then.
_TELLS = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from bot.cli.main import main; main()"
_OF_TEAMS = {"microsoft_teams", "msal", "fastapi", "httpx", "jwt", "cryptography", "dotenv", "dependency_injector"}


def loaded(code: str) -> set[str]:
    program = f"import sys; {code}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_run_loads_neither_the_demo_nor_the_import_nor_the_migrations() -> None:
    found = loaded("from bot.cli.main import main; main.get_command(None, 'run')")
    assert {"sqlalchemy", "starlette"} <= found
    assert not found & {"playground", "openpyxl", "alembic"}


def test_a_chat_system_is_loaded_where_it_is_set_up_and_nowhere_else() -> None:
    found = loaded("from bot.cli.main import main; main.get_command(None, 'run')")
    assert not found & {"slack_bolt", "slack_sdk", "aiohttp", "microsoft_teams", "msal"}
    found = loaded("from bot.chats import make_checks; make_checks(None, None)")
    assert not found & {"slack_bolt", "slack_sdk", "aiohttp", "microsoft_teams", "msal"}
    found = loaded("import bot.chats.slack")
    assert "slack_bolt" in found
    assert not found & {"microsoft_teams", "msal"}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")
async def test_a_bot_that_runs_with_slack_only_has_loaded_nothing_of_teams(tmp_path: Path) -> None:
    async with Playground(workspace(), rate_limits=RateLimits(enabled=False)) as playground:
        app = playground.workspace.app
        environment = {
            "PATH": os.environ["PATH"], "SLACK_BOT_TOKEN": app.bot_token, "SLACK_APP_TOKEN": app.app_token,
            "SLACK_API_URL": playground.api_url, "ROLLCALL_CONFIG": str(SHIPPED), "ROLLCALL_DATA": str(tmp_path),
            "PORT": "0",
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _TELLS, "run", env=environment, cwd=SHIPPED.parent,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            assert process.stderr is not None
            while line := await process.stderr.readline():
                if b"started" in line:
                    break
            # Somebody asks something, so that what is loaded at first use is loaded too.
            assert (await playground.person("U2").command("/rag red", "C1")).ok
            process.terminate()
            told, errors = await process.communicate()
    modules = set(told.decode().split())
    assert {"slack_bolt", "sqlalchemy"} <= modules, errors.decode()
    assert {name for name in modules if name.startswith(("handlers.teams", "bot.chats.teams"))} == set()
    assert {name.partition(".")[0] for name in modules} & _OF_TEAMS == set()


def test_every_command_that_is_listed_is_there() -> None:
    context = click.Context(main)
    names = main.list_commands(context)
    assert [command.name for name in names if (command := main.get_command(context, name))] == names
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(f"\n  {name}" in shown for name in names)


@pytest.mark.parametrize("word", ["", "runn"])
def test_an_unknown_command_is_none(word: str) -> None:
    assert main.get_command(click.Context(main), word) is None
    assert "No such command" in CliRunner().invoke(main, [word]).output
