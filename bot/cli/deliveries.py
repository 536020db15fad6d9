"""`deliveries`: the messages that were sent and are to be sent, one by one. Works while the bot runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NoReturn

import click

from bot.cli.explaining import explained
from bot.cli.known import FAILED, database_url
from bot.engine.clock import SystemClock
from bot.logs import redact
from bot.rooms import open_existing
from reporting.ledger import Delivery, DeliveryState
from reporting.ports import UnitOfWork
from reporting.services import mending
from storage.store import SqlStore

_BY = click.option("--by", required=True, metavar="NAME", help="Who does it, for the audit trail.")
_SOON = "The bot takes it up within some seconds, when it runs."


@click.group()
def deliveries() -> None:
    """Look at messages one by one, and send one again or call one off."""


@deliveries.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]), help="Only those in this state.")
@click.option("--kind", help="Only those of a kind: prompt, reminder, digest, alert, receipt ...")
@click.option("--target", help="Only those for one person:ID, or to one channel:#NAME as app.yaml names it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="Only those due since, in UTC.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="The newest so many.")
def list_(state: str | None, kind: str | None, target: str | None, since: datetime | None, limit: int) -> None:
    """List messages, newest last: due, state, attempts, key, target, error."""
    at = since.replace(tzinfo=UTC) if since else None
    with _open() as store, store.read() as uow:
        chosen = DeliveryState(state) if state else None
        found = uow.deliveries.search(limit + 1, state=chosen, kind=kind, target=target, since=at)
    if not found:
        click.echo("Nothing was found.")
    for delivery in found[-limit:]:
        click.echo(_line(delivery))
    if len(found) > limit:
        click.echo("(Older ones are left out; --limit shows more.)")


@deliveries.command()
@click.argument("key")
def explain(key: str) -> None:
    """Say what a message is, how it stands and what it waits for."""
    with _open() as store:
        try:
            lines = list(explained(store, key, SystemClock().now()))
        except mending.NotDone as fault:
            _refuse(fault)
    for line in lines:
        click.echo(redact(line))


@deliveries.command()
@click.argument("key")
@_BY
@click.option("--again", is_flag=True, help="It has arrived: send a copy, under a new key.")
def resend(key: str, by: str, again: bool) -> None:
    """Send a message that failed, was skipped or cancelled, or may have got lost."""
    with _writing() as uow:
        planned = mending.resend(uow, key, by, SystemClock().now(), copy=again)
    doubt = " It may have arrived, so it is looked for in the chat first." if planned.state == "uncertain" else ""
    click.echo(f"{planned.key} is planned again.{doubt} {_SOON}")


@deliveries.command()
@click.argument("key")
@_BY
def arrived(key: str, by: str) -> None:
    """Say of a message that may have arrived, and cannot be looked for, that it is there."""
    with _writing() as uow:
        there = mending.arrived(uow, key, by, SystemClock().now())
    rest = "" if there.state == "sent" else f" Its further parts are sent now. {_SOON}"
    click.echo(f"{there.key} has arrived.{rest}")


@deliveries.command()
@click.argument("key")
@_BY
@click.option("--reason", required=True, help="Why, for the audit trail.")
def cancel(key: str, by: str, reason: str) -> None:
    """Call off a message that is planned."""
    with _writing() as uow:
        gone = mending.cancel(uow, key, by, reason, SystemClock().now())
    there = f" {len(gone.refs)} part(s) of it are in the chat already and stay there." if gone.refs else ""
    click.echo(f"{gone.key} is cancelled.{there}")


@contextmanager
def _open() -> Iterator[SqlStore]:
    store = open_existing(database_url())
    try:
        yield store
    finally:
        store.dispose()


@contextmanager
def _writing() -> Iterator[UnitOfWork]:
    try:
        with _open() as store, store.begin() as uow:
            yield uow
    except mending.NotDone as fault:
        _refuse(fault)


def _refuse(fault: mending.NotDone) -> NoReturn:
    click.echo(str(fault), err=True)
    raise SystemExit(FAILED)


def _line(delivery: Delivery) -> str:
    at = delivery.due_at.strftime("%Y-%m-%d %H:%M:%S")
    error = redact(delivery.error.partition("\n")[0])
    return f"{at}  {delivery.state:<9}  {delivery.attempt:>3}  {delivery.key}  -> {delivery.target}  {error}".rstrip()
