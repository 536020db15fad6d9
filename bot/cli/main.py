"""The command `rollcall`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from bot.lean import collecting_nothing

_MODULES = {
    "demo": "demo:demo",
    "demo-teams": "demo_teams:demo_teams",
    "run": "running:run",
    "worker": "running:worker",
    "tick": "running:tick",
    "migrate": "migrating:migrate",
    "import": "imports:import_",
    "check": "checking:check",
    "doctor": "checking:doctor",
    "manifest": "looking:manifest",
    "digest": "looking:digest",
    "deliveries": "deliveries:deliveries",
    "backup": "copies:backup",
    "restore": "copies:restore",
    "shown": "looking:shown",
}


class _OnDemand(click.Group):
    """Imports a command when it is asked for: `run` has no use for the demo's chat or the import's spreadsheets."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of their letters."""
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """The command, or None when there is none of this name."""
        if cmd_name not in _MODULES:
            return None
        module, _, name = _MODULES[cmd_name].partition(":")
        with collecting_nothing():
            command = getattr(import_module(f"bot.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; faults that are known are told in words."""
        with collecting_nothing():
            known = import_module("bot.cli.known")
        with known.faults_told(ctx):
            return super().invoke(ctx)


@click.group(cls=_OnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rollcall", prog_name="rollcall")
def main() -> None:
    """Rollcall calls the roll of a portfolio: it asks every lead, keeps every answer, and tells leadership.

    Settings come from app.yaml and the environment; see docs/configuration.md.
    """
