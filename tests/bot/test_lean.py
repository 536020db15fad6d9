"""What a start that finds everything in order does not load."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bot.cli.main import main


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
