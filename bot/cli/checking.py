"""`check` and `doctor`: what is wrong, all at once."""

from __future__ import annotations

import asyncio
import os

import click

from bot.app import open_store
from bot.cli.known import FAILED, MISCONFIGURED, database_url, settings, tell_faults
from bot.config import ConfigFaults, Settings, load
from bot.config.environment import Environment
from bot.config.load import read_file
from bot.config.policy import to_policy
from bot.doctor import Finding, examine
from bot.engine.clock import SystemClock
from bot.preflight import portfolio_faults, template_faults, text_faults
from handlers.slack.sender import SlackMessenger
from reporting.ports import Store
from storage import migrate


@click.command()
@click.option("--audit", is_flag=True, help="Prove the chain of the audit trail.")
def check(audit: bool) -> None:
    """Check app.yaml, templates, translations, environment and database. Asks no chat system."""
    faults: list[object] = []
    path = Environment(os.environ).config_path()
    read = read_file(path)
    try:
        load(os.environ)
    except ConfigFaults as error:
        faults += error.faults
    if read.file is not None:
        policy = to_policy(read.file, path.parent)
        faults += [*template_faults(policy), *text_faults(policy)]
    url = database_url() if not any(str(f).startswith("ROLLCALL_DATABASE_URL") for f in faults) else None
    if url is not None and migrate.current(url) is not None:
        faults += _database(open_store(url), audit)
    elif audit:
        faults.append("there is no database yet, so there is no audit trail to prove")
    if faults:
        tell_faults(faults)
        raise SystemExit(MISCONFIGURED)
    click.echo("No faults." + (" The audit trail is whole." if audit else ""))


def _database(store: Store, audit: bool) -> list[object]:
    found: list[object] = list(portfolio_faults(Environment(os.environ).config_path(), store))
    if audit:
        with store.read() as uow:
            found += [f"audit trail: {fault}" for fault in uow.audit.verify()]
    return found


@click.command()
def doctor() -> None:
    """Ask everything that the bot depends on: token, scopes, channels, people, clocks, database."""
    found = settings()
    findings = asyncio.run(_examine(found))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.good else 'FAIL'}  {finding.about}: {finding.text}")
    if not all(finding.good for finding in findings):
        raise SystemExit(FAILED)


async def _examine(found: Settings) -> list[Finding]:
    store = open_store(found.database_url.reveal())
    messenger = SlackMessenger(found.slack.bot_token.reveal(), base_url=found.slack.api_url)
    try:
        return await examine(found, store, messenger, SystemClock().now())
    finally:
        await messenger.close()
        store.dispose()
