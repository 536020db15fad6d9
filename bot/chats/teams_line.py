"""How Microsoft's services are reached, by the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.config import TeamsSettings
from handlers.teams.addresses import UPLOAD_HOSTS
from handlers.teams.book import Book
from handlers.teams.connect import App, connect
from handlers.teams.http import Refused
from handlers.teams.sender import TeamsMessenger, Wording, english
from handlers.teams.tokens import Certificate, Credential, ManagedIdentity, Secret

_SYSTEM = "system"


def make_messenger(
    settings: TeamsSettings,
    book: Book,
    wording: Wording = english,
    opens: frozenset[str] = frozenset(),
    refused: Refused | None = None,
    saying: Callable[[str], Awaitable[None]] | None = None,
    spacing: float = 0.0,
) -> TeamsMessenger:
    """The sending side, not started; to be closed.

    Args:
        refused: told of every call that was not taken, with its method.
        saying: told of the conversation before an answer goes there, outside of the rate slots.
        spacing: seconds between two calls on average; 0 for no limit.
    """
    return connect(
        App(settings.client_id, settings.tenant_id, credential_of(settings)),
        book,
        wording=wording,
        opens=opens,
        login_url=settings.login_url,
        graph_url=settings.graph_url,
        service_url=settings.service_url,
        services=settings.service_hosts,
        uploads=(*UPLOAD_HOSTS, *settings.local_services),
        installs=settings.install,
        proxies=settings.proxies,
        refused=refused,
        saying=saying,
        spacing=spacing,
    )


def credential_of(settings: TeamsSettings) -> Credential | None:
    """What the login is shown; None in a playground."""
    if settings.certificate is not None:
        return Certificate(settings.certificate.reveal())
    if settings.secret is not None:
        return Secret(settings.secret.reveal())
    if settings.managed_identity:
        return ManagedIdentity("" if settings.managed_identity == _SYSTEM else settings.managed_identity)
    return None
