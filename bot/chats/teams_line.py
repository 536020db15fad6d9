"""The connections to Microsoft's services, made of the settings."""

from __future__ import annotations

from bot.config import TeamsSettings
from handlers.teams.addresses import Addresses
from handlers.teams.connector import Connector
from handlers.teams.graph import Graph
from handlers.teams.http import Https, Refused
from handlers.teams.tokens import (
    BOT_SCOPE,
    GRAPH_SCOPE,
    Certificate,
    Credential,
    ManagedIdentity,
    MsalTokens,
    NoTokens,
    Secret,
    Tokens,
)

_SYSTEM = "system"


def make_connector(settings: TeamsSettings, refused: Refused | None = None) -> Connector:
    """The Bot Connector."""
    https = Https(make_tokens(settings), BOT_SCOPE, refused=refused)
    return Connector(https, Addresses(settings.service_hosts), settings.client_id, settings.tenant_id)


def make_graph(settings: TeamsSettings, refused: Refused | None = None) -> Graph | None:
    """The directory, where the app may be installed for people; None otherwise."""
    if not settings.install:
        return None
    https = Https(make_tokens(settings), GRAPH_SCOPE, refused=refused)
    return Graph(https, settings.tenant_id, settings.client_id, base_url=settings.graph_url, installs=True)


def make_tokens(settings: TeamsSettings) -> Tokens:
    """Where tokens come from."""
    credential = _credential(settings)
    if credential is None:
        return NoTokens()
    return MsalTokens(settings.client_id, settings.tenant_id, credential, login_url=settings.login_url)


def _credential(settings: TeamsSettings) -> Credential | None:
    if settings.certificate is not None:
        return Certificate(settings.certificate.reveal())
    if settings.secret is not None:
        return Secret(settings.secret.reveal())
    if settings.managed_identity:
        return ManagedIdentity("" if settings.managed_identity == _SYSTEM else settings.managed_identity)
    return None
