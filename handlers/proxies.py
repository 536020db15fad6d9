"""Which proxy a call to the outside goes through. The environment's words, understood the same for every client.

The libraries each read the environment in their own way: one minds NO_PROXY, another does not, a third also takes
credentials from other files. So they are told, and look at nothing themselves.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

_SECURE: Final = frozenset({"https", "wss"})


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies by the scheme of the address that is called; empty for none.

    This machine itself and link-local addresses (a cloud's own services) are always called directly.

    Attributes:
        https, http: addresses of proxies; they may hold a password.
        without: what is called directly: `*`, a host with all under it, a host with a port, or a network.
    """

    https: str = field(default="", repr=False)
    http: str = field(default="", repr=False)
    without: tuple[str, ...] = ()

    def of(self, url: str) -> str | None:
        """The proxy for an address; None when it is called directly."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        except ValueError:
            return None
        secure = parts.scheme in _SECURE
        proxy = self.https if secure else self.http
        if not proxy or not host or _near(host):
            return None
        port = port or (443 if secure else 80)
        return None if any(_covers(one, host, port) for one in self.without) else proxy


DIRECTLY: Final = Proxies()


def _near(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_link_local


def _covers(entry: str, host: str, port: int) -> bool:
    name = entry.strip().lower().rstrip(".")
    if name == "*":
        return True
    try:
        return ip_address(host) in ip_network(name.strip("[]"), strict=False)
    except ValueError:
        pass
    name, _, wanted = name.partition(":") if name.count(":") == 1 else (name, "", "")
    name = name.removeprefix("*").lstrip(".")
    return bool(name) and wanted in {"", str(port)} and (host == name or host.endswith(f".{name}"))
