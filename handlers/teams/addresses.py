"""Which addresses are Teams': of the Bot Connector, so that no token goes anywhere else, and of places for files."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

# Teams docs: get Teams context, and bots in government clouds.
TEAMS_HOSTS: Final = (
    "smba.trafficmanager.net",
    "smba.infra.gcc.teams.microsoft.com",
    "smba.infra.gov.teams.microsoft.us",
    "smba.infra.dod.teams.microsoft.us",
)
# Where OneDrive of an organisation takes files.
UPLOAD_HOSTS: Final = ("*.sharepoint.com", "*.sharepoint.us", "*.sharepoint.cn", "*.svc.ms")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Addresses:
    """An allow-list of hosts: `smba.trafficmanager.net`, `*.example.com` for all under one, `host:8443` with a port.

    Without a port only the usual one is meant. Only https, but for hosts of the loopback that are on the list.
    """

    def __init__(self, hosts: Collection[str] = TEAMS_HOSTS) -> None:
        self._hosts = tuple(host.strip().lower() for host in hosts)

    def allow(self, url: str) -> bool:
        """Whether a token, or a file, may be sent there."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or not host:
            return False
        if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
            return False
        return any(_is(host, port, allowed) for allowed in self._hosts)


def _is(host: str, port: int | None, allowed: str) -> bool:
    name, wanted = _named(allowed)
    usual = port in (None, 443) or host in LOOPBACK
    same = host.endswith(name[1:]) if name.startswith("*.") else host == name
    return same and (str(port) == wanted if wanted else usual)


def _named(allowed: str) -> tuple[str, str]:
    """Host and port, `""` for none; an address of IPv6 has its port behind brackets."""
    if allowed.startswith("["):
        name, _, rest = allowed[1:].partition("]")
        return name, rest.removeprefix(":")
    name, _, port = allowed.partition(":")
    return (allowed, "") if ":" in port else (name, port)
