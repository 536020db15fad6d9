"""Puts the sending side together from what an installation says of itself."""

import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from handlers.proxies import DIRECTLY, Proxies
from handlers.teams.addresses import LOOPBACK, TEAMS_HOSTS, UPLOAD_HOSTS, Addresses
from handlers.teams.book import Book
from handlers.teams.connector import Connector
from handlers.teams.graph import GRAPH_URL, Graph
from handlers.teams.http import Https, Refused, Timeouts
from handlers.teams.places import SERVICE_URL
from handlers.teams.sender import TeamsMessenger, Wording, english
from handlers.teams.tokens import BOT_SCOPE, GRAPH_SCOPE, LOGIN_URL, Credential, MsalTokens, NoTokens, Tokens

# Entra has a login of its own for each national cloud, and so has the Bot Framework (Azure docs: government clouds).
_SCOPES: Final = {
    "login.microsoftonline.us": "https://api.botframework.us/.default",
    "login.partner.microsoftonline.cn": "https://api.botframework.azure.cn/.default",
}


@dataclass(frozen=True, slots=True)
class App:
    """The app registration.

    Attributes:
        credential: None for a playground on this machine, which has no login; then only the loopback is spoken to.
        manifest_id: the app's id in its package, where it is not the client id.
    """

    client_id: str
    tenant: str
    credential: Credential | None
    manifest_id: str = ""


def connect(
    app: App,
    book: Book,
    *,
    wording: Wording = english,
    opens: frozenset[str] = frozenset(),
    login_url: str = LOGIN_URL,
    graph_url: str = GRAPH_URL,
    service_url: str = SERVICE_URL,
    services: Collection[str] = TEAMS_HOSTS,
    uploads: Collection[str] = UPLOAD_HOSTS,
    directory: bool = False,
    installs: bool = False,
    proxies: Proxies = DIRECTLY,
    timeouts: Timeouts | None = None,
    refused: Refused | None = None,
    saying: Callable[[str], Awaitable[None]] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> TeamsMessenger:
    """A messenger, not started. `close` closes everything that is opened here.

    Args:
        services, uploads: hosts that tokens, and files, may be sent to.
        directory: whether Graph is asked for people; `installs` does so too.
        installs: whether the app is installed for people who never opened it.
        proxies: which ones calls go through; the environment is never read.
        refused: told of every call that was not taken, with its method.
        saying: told of the conversation before an answer goes there, outside of the rate slots.
    """
    tokens: Tokens = NoTokens()
    if app.credential is not None:
        tokens = MsalTokens(app.client_id, app.tenant, app.credential, login_url=login_url, proxies=proxies)
    else:
        services = uploads = LOOPBACK

    def https(scope: str) -> Https:
        return Https(
            tokens, scope, proxies=proxies, timeouts=timeouts, refused=refused, uploads=Addresses(uploads), dice=dice
        )  # fmt: skip

    graph = None
    if directory or installs:
        manifest = app.manifest_id or app.client_id
        graph = Graph(https(graph_scope(graph_url)), app.tenant, manifest, base_url=graph_url, installs=installs)
    connector = Connector(https(bot_scope(login_url)), Addresses(services), app.client_id, app.tenant)
    return TeamsMessenger(
        connector, book, wording, opens, graph, service_url=service_url, saying=saying, monotonic=monotonic
    )


def bot_scope(login_url: str) -> str:
    """What a token for the connector is asked for with, by the cloud whose login it is."""
    return _SCOPES.get(urlsplit(login_url).hostname or "", BOT_SCOPE)


def graph_scope(graph_url: str) -> str:
    """What a token for Graph is asked for with; a server of one's own stands in for the public one."""
    host = urlsplit(graph_url).hostname or ""
    return GRAPH_SCOPE if not host or host in LOOPBACK else f"https://{host}/.default"
