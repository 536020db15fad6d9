"""What the configuration becomes: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from handlers.proxies import DIRECTLY, Proxies
from reporting.policy import Policy
from reporting.routing import SLACK, TEAMS

Mode = Literal["socket", "http"]
# Microsoft's documentation: where the Bot Connector of the public cloud is.
PUBLIC_SERVICE = "smba.trafficmanager.net"
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class Secret:
    """A value that never shows itself: not in a repr, not in a log, not in a traceback with locals."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; call it only where it is handed to the library that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to reach Slack.

    Attributes:
        api_url: base of the Web API, with a slash at its end; every client uses it, Socket Mode's included.
        mode: `socket` needs the app token, `http` the signing secret.
        proxies: which ones Slack is called through.
    """

    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    api_url: str = "https://slack.com/api/"
    mode: Mode = "socket"
    proxies: Proxies = DIRECTLY


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """How to reach Microsoft Teams. Of secret, certificate and managed identity one is there, unless `unverified`.

    Attributes:
        client_id: of the app registration; the bot's account is `28:` and this.
        tenant_id: of the organisation whose people are served, and from which tokens are asked.
        certificate: in PEM, with its private key.
        managed_identity: a client id, or `system`; empty for none.
        login_url, openid_url, graph_url: where tokens come from, how those of incoming requests are checked, and the
            directory; the first and the last with a slash at the end.
        service_hosts: hosts (`name` or `name:port`) that a token of ours may be sent to.
        first_address: of the service that is written to before Teams has told of one; empty for what follows from the
            hosts (see `service_url`).
        install: whether the app is installed for people who never opened it, through the directory.
        unverified: whether requests without a token are taken. For a playground on this machine only.
        proxies: which ones Microsoft's services are called through.
    """

    client_id: str
    tenant_id: str
    secret: Secret | None = None
    certificate: Secret | None = None
    managed_identity: str = ""
    login_url: str = "https://login.microsoftonline.com/"
    openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    graph_url: str = "https://graph.microsoft.com/v1.0/"
    service_hosts: tuple[str, ...] = (PUBLIC_SERVICE,)
    first_address: str = ""
    install: bool = False
    unverified: bool = False
    proxies: Proxies = DIRECTLY

    @property
    def service_url(self) -> str:
        """Where to write to somebody new while Teams has not called yet: in the public cloud, or at the hosts."""
        if self.first_address:
            return self.first_address
        host = self.service_hosts[0] if self.service_hosts else PUBLIC_SERVICE
        if PUBLIC_SERVICE in self.service_hosts:
            host = PUBLIC_SERVICE
        scheme = "http" if on_this_machine(f"//{host}") else "https"
        return f"{scheme}://{host}/teams/"

    @property
    def local_services(self) -> tuple[str, ...]:
        """Those of the hosts that are this machine: a server of one's own, which takes files as well."""
        return tuple(host for host in self.service_hosts if on_this_machine(f"//{host}"))


def on_this_machine(url: str) -> bool:
    """Whether an address is one of the loopback's."""
    try:
        return urlsplit(url).hostname in _THIS_MACHINE
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How work runs. All in seconds, except `concurrency` (jobs at once).

    Attributes:
        tick: how often the clock asks what is due.
        channel_spacing: least time between two posts to one channel; None for what each chat system allows.
        workspace_spacing: likewise between two posts anywhere in one chat system.
        lookup_spacing: least time between two questions about people.
        stop_within: how long a stop waits for the work in hand.
        holds: for how long nobody else may take a message that is being sent, how much of it one request may need, and
            for how long one in doubt is left alone. Not for app.yaml: they follow from the time limits of requests.
    """

    concurrency: int = 8
    tick: float = 5.0
    channel_spacing: float | None = None
    workspace_spacing: float | None = None
    lookup_spacing: float = 1.2
    stop_within: float = 10.0
    holds: tuple[float, float, float] = (24.0, 12.0, 5.0)

    def spacing(self, channel: float, workspace: float) -> tuple[float, float]:
        """Both of them, with what a chat system allows where nothing else is wanted."""
        return (
            channel if self.channel_spacing is None else self.channel_spacing,
            workspace if self.workspace_spacing is None else self.workspace_spacing,
        )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the log is written."""

    format: Literal["json", "console"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the running bot is told from outside.

    Attributes:
        slack, teams: the chat systems to work in; one of them at least.
        config_path: where the policy was read, or None when it was not read from a file of the operator's.
    """

    policy: Policy
    slack: SlackSettings | None
    database_url: Secret
    data_dir: Path
    config_path: Path | None
    host: str = "127.0.0.1"
    port: int = 3000
    teams: TeamsSettings | None = None
    engine: EngineSettings = field(default_factory=EngineSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def platforms(self) -> frozenset[str]:
        """The chat systems to work in, by the names that identities have."""
        given = {SLACK: self.slack, TEAMS: self.teams}
        return frozenset(name for name, chat in given.items() if chat is not None)
