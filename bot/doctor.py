"""`rollcall doctor`: asks everything the bot depends on, and says what is well and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.config import Settings
from bot.config.sketch import of_policy
from bot.preflight import channel_fault, offline_faults, socket_error
from handlers.slack.channels import Channels
from handlers.slack.sender import SlackMessenger
from handlers.slack.surface import OPTIONAL_SCOPES, Surface
from reporting.model import Person, ProjectState
from reporting.ports import DeliveryError, UnitOfWork
from storage import migrate
from storage.jobs import SqlJobTable
from storage.store import SqlStore

# Slack docs: a request older than five minutes is refused; half of it is time to act.
_SKEW = timedelta(seconds=150)
_LATELY = timedelta(days=7)
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    about: str
    text: str


async def examine(
    settings: Settings, store: SqlStore | None, messenger: SlackMessenger, now: datetime
) -> list[Finding]:
    """Look at everything; a fault in one place keeps nothing else from being looked at.

    Args:
        store: None when there is no database yet; none is made.
    """
    found = await asyncio.to_thread(lambda: list(_at_home(settings, store, now)))
    return [*found, *[finding async for finding in _slack(settings, messenger, now)]]


def _at_home(settings: Settings, store: SqlStore | None, now: datetime) -> Iterator[Finding]:
    faults = offline_faults(settings.policy, settings.config_path, store)
    yield from (Finding(False, fault.place, fault.message) for fault in faults)
    if not faults:
        yield Finding(True, "policy", "the policy and its templates have no faults")
    if store is not None:
        yield from _in_store(store, now)


def _in_store(store: SqlStore, now: datetime) -> Iterator[Finding]:
    with store.read() as uow:
        failures = len(uow.deliveries.failures_since(now - _LATELY))
        waiting = len(uow.deliveries.unfinished())
        without = _without_account(uow)
    jobs = SqlJobTable(store).depth()
    yield Finding(True, "database", f"at {migrate.newest()}; {jobs} jobs and {waiting} messages are waiting")
    yield Finding(failures == 0, "messages", f"{failures} could not be delivered in the last 7 days")
    names = ", ".join(person.name for person in without[:_NAMED])
    more = f" and {len(without) - _NAMED} more" if len(without) > _NAMED else ""
    text = f"{names}{more} cannot be reached" if without else "everybody who leads a project can be reached"
    yield Finding(not without, "people", text)


def _without_account(uow: UnitOfWork) -> list[Person]:
    leads = {p.lead_id for p in uow.projects.all() if p.state is ProjectState.ACTIVE and p.lead_id is not None}
    people = uow.people.many(leads).values()
    return [person for person in people if not person.identities or person.unreachable or not person.active]


async def _slack(settings: Settings, messenger: SlackMessenger, now: datetime) -> AsyncIterator[Finding]:
    try:
        me = await messenger.start()
        _, headers = await messenger.api.call_with_headers("auth.test")
    except DeliveryError as error:
        yield Finding(False, "bot token", f"Slack refuses it: {error}")
        return
    yield Finding(True, "bot token", f"workspace {me.workspace_name or me.workspace}, user {me.user_id}")
    yield _scopes(headers.get("x-oauth-scopes", ""))
    yield _skew(headers.get("Date", ""), now)
    if settings.slack.mode == "socket":
        yield await _app_token(settings)
    channels = Channels(messenger.api, archived=True)
    for name, place in dict(of_policy(settings.policy).channels).items():
        fault = await channel_fault(channels, messenger.api, name)
        yield Finding(not fault, f"channel {name}", f"{fault} ({place})" if fault else "the bot is a member")


def _scopes(header: str) -> Finding:
    if not header.strip():
        return Finding(True, "scopes", "the server did not tell which the app has")
    given = {scope.strip() for scope in header.split(",") if scope.strip()}
    missing = [scope for scope in Surface().scopes() if scope not in given]
    if missing:
        return Finding(False, "scopes", f"missing: {', '.join(missing)}; install the app again with the manifest")
    optional = [f"{scope} ({why})" for scope, why in OPTIONAL_SCOPES.items() if scope not in given]
    return Finding(True, "scopes", f"all there; without: {', '.join(optional)}" if optional else "all there")


def _skew(header: str, now: datetime) -> Finding:
    if not header:
        return Finding(True, "clock", "the server did not tell its time")
    skew = abs(parsedate_to_datetime(header) - now)
    return Finding(skew < _SKEW, "clock", f"{skew.total_seconds():.0f} s apart from the server's")


async def _app_token(settings: Settings) -> Finding:
    error = await socket_error(settings.slack)
    if error is not None:
        return Finding(False, "app token", f"no socket can be opened with it: {error}")
    return Finding(True, "app token", "a socket can be opened")
