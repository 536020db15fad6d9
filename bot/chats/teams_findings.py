"""What the doctor asks Microsoft, and what to do about each answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta

from bot.chats.base import Finding, Named
from bot.chats.clocks import apart
from bot.config import TeamsSettings
from bot.rooms import log_texts
from handlers.teams import keys
from handlers.teams.book import Book
from handlers.teams.graph import CATALOG, PEOPLE, Graph
from handlers.teams.remedies import remedy, when_ended
from handlers.teams.sender import TeamsMessenger
from handlers.teams.tokens import ENDED
from reporting.ports import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    RetryLater,
    TargetGone,
    Uncertain,
)

# Microsoft's documentation of Bot Connector authentication: the clock skew that is allowed.
_SKEW = timedelta(minutes=5)
_PERMISSIONS = "docs/teams.md has the permissions"


async def of_calls(settings: TeamsSettings, now: datetime) -> AsyncIterator[Finding]:
    """Whether the keys can be had that calls of Teams are checked with, and whether our clocks agree."""
    try:
        found = await keys.fetch(settings.openid_url, settings.proxies)
    except keys.FAULTS as error:
        text = f"cannot be fetched ({type(error).__name__}), so nothing that people do in Teams is taken"
        cure = "see that TEAMS_OPENID_URL is your cloud's, and that this machine reaches it"
        yield Finding(False, "keys of Teams", f"{text}: {cure} ({settings.openid_url})")
        return
    if not found.keys:
        yield Finding(False, "keys of Teams", f"there are none: TEAMS_OPENID_URL is wrong ({settings.openid_url})")
    else:
        yield Finding(True, "keys of Teams", "can be fetched")
    yield _clock(found.date, now)


def _clock(header: str, now: datetime) -> Finding:
    skew = apart(header, now)
    if skew is None:
        return Finding(True, "clock in Teams", "the server did not tell its time")
    text = f"{skew.total_seconds():.0f} s apart from Microsoft's"
    if skew <= _SKEW:
        return Finding(True, "clock in Teams", text)
    cure = "tokens are refused beyond 5 minutes: let this machine set its clock by a time server"
    return Finding(False, "clock in Teams", f"{text}; {cure}")


async def of_directory(graph: Graph) -> AsyncIterator[Finding]:
    """Whether Graph lets the app be installed for people."""
    refused = await _refusal(graph.https.authorized())
    if refused is not None:
        yield Finding(False, "directory", f"no token for Graph can be had ({refused}): {_directory_cure(refused)}")
        return
    refused = await _refusal(graph.may_read())
    if refused is None:
        yield Finding(True, "directory", "people can be looked up")
    else:
        yield Finding(False, "directory", f"people cannot be read ({refused}): {_directory_cure(refused, PEOPLE)}")
    refused = await _refusal(graph.listed())
    if refused is None:
        yield Finding(True, "app catalogue", "the app is in it")
    else:
        text = f"nobody can be given the app ({refused}): {_directory_cure(refused, CATALOG)}"
        yield Finding(False, "app catalogue", text)


def _directory_cure(error: DeliveryError, permission: str = "") -> str:
    match error:
        case RetryLater() | Uncertain():
            return "Graph does not answer now; see that this machine reaches TEAMS_GRAPH_URL, and ask again"
        case _ if error.code in ENDED:
            return when_ended(log_texts(), error.code)
        case AppFault(code="app_not_in_catalog"):
            return remedy(log_texts(), str(error))
        case _ if permission:
            return f"give the app the application permission {permission}, with consent; {_PERMISSIONS}"
        case _:
            return "see that TEAMS_GRAPH_URL is your cloud's"


async def of_channels(messenger: TeamsMessenger, channels: Named) -> AsyncIterator[Finding]:
    """Whether each channel can be posted to; one that several places name is asked once."""
    places: dict[str, list[str]] = {}
    for name, place in channels:
        places.setdefault(name, []).append(place)
    for name, named in places.items():
        about = f"channel {await asyncio.to_thread(_titled, messenger.book, name)}"
        refused = await _refusal(messenger.check(name))
        if refused is None:
            yield Finding(True, about, "the app is in it")
        else:
            yield Finding(False, about, f"cannot be posted to ({refused}): {_cure(refused)} ({', '.join(named)})")


def of_book(book: Book) -> Finding | None:
    """That nobody has been heard of yet; None when somebody has."""
    if any(book.all(kind) for kind in ("team", "channel", "personal")):
        return None
    text = "Teams has not called yet. It does when the app is added to a team, or somebody writes to it"
    return Finding(True, "calls of Teams", f"{text}; if not, see the messaging endpoint of the Azure bot")


def _titled(book: Book, channel: str) -> str:
    """With the name as last heard; people give them, so only what can be printed on a line is shown."""
    known = book.find(channel)
    name = "".join(letter for letter in known.name if letter.isprintable()) if known is not None else ""
    return f"{name} ({channel})" if name else channel


def _cure(error: DeliveryError) -> str:
    match error:
        case TargetGone() if not error.code.startswith(("the team was", "the channel was")):
            return "add the app there"
        case TargetGone() | InstallationPaused():
            return remedy(log_texts(), str(error))
        case RetryLater() | Uncertain():
            return "Teams does not answer now; see that this machine reaches TEAMS_SERVICE_URLS, and ask again"
        case InstallationStopped():
            return when_ended(log_texts(), error.code)
        case AppFault(code="service_url_not_allowed"):
            return "Teams is at a host that TEAMS_SERVICE_URLS does not name"
        case _:
            return "look the code up in docs/teams.md"


async def _refusal(question: Awaitable[None]) -> DeliveryError | None:
    try:
        await question
    except DeliveryError as error:
        return error
    return None
