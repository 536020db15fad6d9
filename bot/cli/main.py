"""The command `rollcall`."""

from __future__ import annotations

import click

from bot.cli import checking, demo, imports, looking, running
from bot.cli.known import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rollcall", prog_name="rollcall")
def main() -> None:
    """Rollcall calls the roll of a portfolio: it asks every lead, keeps every answer, and tells leadership.

    Settings come from app.yaml and the environment; see docs/configuration.md.
    """


for command in (
    demo.demo,
    running.run,
    running.tick,
    running.migrate,
    imports.import_,
    checking.check,
    checking.doctor,
    looking.manifest,
    looking.digest,
    looking.shown,
):
    main.add_command(command)
