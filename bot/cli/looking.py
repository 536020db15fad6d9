"""`digest preview`, `shown` and `manifest`: things to look at; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO

import click
import yaml

from bot.cli.known import offline
from bot.cli.plain import lines_of
from bot.config.faults import nearest
from handlers.slack.manifest import manifest as slack_manifest
from handlers.teams.manifest import BadPackage, Publisher, package
from reporting.ledger import Delivery, DeliveryState
from reporting.messages_json import from_json
from reporting.services.digests import preview as preview_digest

_LISTED = 200


@click.group()
def digest() -> None:
    """What leadership reads."""


@digest.command()
@click.argument("name")
@click.option("--markdown", is_flag=True, help="Print what the template writes, with the notation of its own.")
def preview(name: str, markdown: bool) -> None:
    """Print a digest as it would read now, with its thread. Nothing is stored or sent."""
    services = offline(looking=True)
    policies = {policy.name: policy for policy in services.policy.digests}
    if name not in policies:
        raise click.BadParameter(f'there is no digest "{name}"{nearest(name, policies)}')
    with services.store.read() as uow:
        composed = preview_digest(services, uow, policies[name], services.clock.now())
    if markdown:
        click.echo(composed.markdown)
        return
    click.echo("\n".join(lines_of(composed.message)))
    for number, detail in enumerate(composed.details, 1):
        click.echo(f"\nIn the thread, {number} of {len(composed.details)}:")
        click.echo("\n".join(lines_of(detail)))


@click.command()
@click.argument("key", default="")
@click.option("--failed", is_flag=True, help="Only what could not be delivered.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly what the chat system was given.")
def shown(key: str, failed: bool, as_json: bool) -> None:
    """Show a message again as it was sent. With the beginning of a key, list those that begin so."""
    with offline(looking=True).store.read() as uow:
        one = uow.deliveries.by_key(key)
        edits = uow.deliveries.edits_of(key) if one is not None else []
        listed = uow.deliveries.newest(key, _LISTED + 1, failed)
    if one is not None and not failed:
        _show(one, [edit for edit in edits if edit.state is DeliveryState.SENT], as_json)
        return
    if not listed:
        click.echo("Nothing was found.")
    for delivery in listed[-_LISTED:]:
        click.echo(_line(delivery))
    if len(listed) > _LISTED:
        click.echo("(Older ones are left out; give the beginning of a key.)")


@click.group()
def manifest() -> None:
    """The app's manifest, made from the same code that registers the handlers."""


@manifest.command()
@click.option("--url", default="", help="Public address of mode http, such as https://rollcall.example.com.")
def slack(url: str) -> None:
    """Print the manifest to paste at api.slack.com/apps."""
    click.echo(yaml.safe_dump(slack_manifest(url), sort_keys=False, allow_unicode=True, width=100), nl=False)


@manifest.command()
@click.option("--out", required=True, type=click.File("wb", lazy=True, atomic=True), help="Where to write the zip.")
@click.option("--client-id", envvar="TEAMS_CLIENT_ID", required=True,
              help="Application (client) id of the bot's registration; TEAMS_CLIENT_ID when not given.")  # fmt: skip
@click.option("--publisher", required=True, help="Name of your organisation, as the app's catalogue shows it.")
@click.option("--website", required=True, help="https address where your people find help with the app.")
@click.option("--privacy", default="", help="https address of your privacy notice; the website when not given.")
@click.option("--terms", default="", help="https address of your terms of use; the website when not given.")
@click.option("--version", default="1.0.0", show_default=True, help="Of the package. Raise it for an update.")
def teams(  # one argument for each option
    out: IO[bytes], client_id: str, publisher: str, website: str, privacy: str, terms: str, version: str
) -> None:
    """Write the app package that an administrator uploads to the Teams admin center."""
    try:
        zipped = package(client_id, Publisher(publisher, website, privacy, terms), version)
    except BadPackage as bad:
        option = {"name": "publisher", "client_id": "client-id"}.get(bad.what, bad.what)
        raise click.BadParameter(str(bad), param_hint=f"--{option}") from bad
    out.write(zipped)
    click.echo(f"Wrote {out.name}. Upload it in the Teams admin center: Teams apps, Manage apps, Upload new app.")


def _line(delivery: Delivery) -> str:
    at = (delivery.sent_at or delivery.due_at).strftime("%Y-%m-%d %H:%M")
    return f"{at}  {delivery.state:<9}  {delivery.key}  -> {delivery.target}  {delivery.error}".rstrip()


def _show(delivery: Delivery, edits: Sequence[Delivery], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(delivery.parts, indent=2, ensure_ascii=False))
        return
    click.echo(_line(delivery))
    for ref in delivery.refs:
        click.echo(f"  at {ref.channel} {ref.message_id}".rstrip())
    if delivery.content is not None:
        click.echo("\n".join(lines_of(from_json(delivery.content))))
    if edits:
        click.echo("\nEdited since; each edit is kept under its own key:")
    for edit in edits:
        click.echo(_line(edit))
