"""`check` and `doctor`: what is wrong, all at once."""

from __future__ import annotations

import asyncio
import os

import click

from bot.chats import Finding, make_checks
from bot.cli.known import FAILED, MISCONFIGURED, database_url, settings, tell_faults
from bot.config import Settings
from bot.doctor import examine
from bot.engine.clock import SystemClock
from bot.preflight import look
from bot.rooms import no_database, open_existing, open_store
from storage import migrate


@click.command()
@click.option("--audit", is_flag=True, help="Prove the audit trail, and nothing else: ROLLCALL_DATABASE_URL is enough.")
def check(audit: bool) -> None:
    """Check app.yaml, templates, translations, environment and database. Asks no chat system."""
    if audit:
        _audit()
        return
    faults = look(os.environ).faults
    if faults:
        tell_faults(faults)
        raise SystemExit(MISCONFIGURED)
    if migrate.current(url := database_url()) is None:
        click.echo(no_database(url))
    click.echo("No faults.")


def _audit() -> None:
    """Whoever has but a copy of the database proves the chain: no settings, no tokens."""
    store = open_existing(database_url())
    try:
        with store.read() as uow:
            faults = [f"audit trail: {fault}" for fault in uow.audit.verify()]
            newest = uow.audit.events(limit=1)
    finally:
        store.dispose()
    if faults:
        tell_faults(faults)
        raise SystemExit(MISCONFIGURED)
    last = f" Its last event is {newest[0].seq}, with the hash {newest[0].hash}." if newest else ""
    click.echo(f"The audit trail is whole.{last}")


@click.command()
def doctor() -> None:
    """Ask everything that the bot depends on: token, scopes, channels, people, clocks, database."""
    found = settings()
    if migrate.current(url := found.database_url.reveal()) is None:
        # Before the first start that is as it should be, so it is no failure.
        click.echo(f"note  database: {no_database(url)}")
    findings = asyncio.run(_examine(found))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.good else 'FAIL'}  {finding.about}: {finding.text}")
    if not all(finding.good for finding in findings):
        raise SystemExit(FAILED)


async def _examine(found: Settings) -> list[Finding]:
    url = found.database_url.reveal()
    store = open_store(url) if migrate.current(url) is not None else None
    checks = make_checks(found.slack, found.teams).values()
    try:
        return await examine(found, store, checks, SystemClock().now())
    finally:
        for each in checks:
            await each.close()
        if store is not None:
            store.dispose()
