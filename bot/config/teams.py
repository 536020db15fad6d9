"""What the environment says of Microsoft Teams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from bot.config.environment import Environment
from bot.config.settings import Secret, TeamsSettings, on_this_machine

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST = r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?"
# A host alone, or the address of a service there.
_ADDRESS = re.compile(rf"(?P<scheme>https?://)?(?P<host>{_HOST})(?(scheme)(/[\w./~%-]*)?)")
_NO_SERVICE = (
    "is no host; write names with commas between, or whole addresses such as https://smba.trafficmanager.net/teams/ "
    "(with http only for this machine)"
)
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0", "")
_CREDENTIALS = "TEAMS_CLIENT_SECRET, TEAMS_CERTIFICATE or TEAMS_MANAGED_IDENTITY"
_DEFAULT = TeamsSettings("", "")


def teams(environment: Environment) -> TeamsSettings | None:
    """Ids, credentials and addresses; checks that they fit together. None where nothing of Teams is set."""
    if not environment.wants_teams():
        return None
    unverified = _flag(environment, "TEAMS_UNVERIFIED")
    if unverified and not _loopback(environment.host()):
        environment.fault(
            "TEAMS_UNVERIFIED", "takes requests from anybody, so HOST must be 127.0.0.1; it is for a playground only"
        )
    hosts, first_address = _services(environment)
    found = TeamsSettings(
        client_id=_id(environment, "TEAMS_CLIENT_ID", unverified),
        tenant_id=_id(environment, "TEAMS_TENANT_ID", unverified),
        secret=environment.secret("TEAMS_CLIENT_SECRET"),
        certificate=environment.secret("TEAMS_CERTIFICATE"),
        managed_identity=environment.text("TEAMS_MANAGED_IDENTITY"),
        login_url=environment.base("TEAMS_LOGIN_URL", _DEFAULT.login_url),
        openid_url=environment.address("TEAMS_OPENID_URL", _DEFAULT.openid_url),
        graph_url=environment.base("TEAMS_GRAPH_URL", _DEFAULT.graph_url),
        service_hosts=hosts,
        first_address=first_address,
        install=_flag(environment, "TEAMS_INSTALL"),
        unverified=unverified,
        proxies=environment.proxies(),
    )
    _credentials(environment, found)
    return found


def _id(environment: Environment, name: str, unverified: bool) -> str:
    value = environment.text(name)
    if not value:
        environment.fault(name, "is not set; Microsoft Teams needs it")
    elif not unverified and not _GUID.fullmatch(value):
        environment.fault(name, f'"{value}" is no id; copy the one in the form 11111111-2222-3333-4444-555555555555')
    return value


def _credentials(environment: Environment, found: TeamsSettings) -> None:
    given = [
        name
        for name, value in (
            ("TEAMS_CLIENT_SECRET", found.secret),
            ("TEAMS_CERTIFICATE", found.certificate),
            ("TEAMS_MANAGED_IDENTITY", found.managed_identity),
        )
        if value
    ]
    broken = {fault.place.removesuffix("_FILE") for fault in environment.faults}
    if len(given) > 1:
        environment.fault(given[0], f"is set together with {' and '.join(given[1:])}; keep one of them")
    elif not given and not found.unverified and not broken & {"TEAMS_CLIENT_SECRET", "TEAMS_CERTIFICATE"}:
        environment.fault("TEAMS_CLIENT_SECRET", f"is not set; one of {_CREDENTIALS} is needed")
    for name, problem in _problems(found):
        environment.fault(name, problem)


def _problems(found: TeamsSettings) -> Iterator[tuple[str, str]]:
    if found.secret is not None and _GUID.fullmatch(found.secret.reveal()):
        yield "TEAMS_CLIENT_SECRET", "holds the id of a secret; copy its value, which is shown only when it is made"
    if found.certificate is not None:
        yield from (("TEAMS_CERTIFICATE", problem) for problem in _pem(found.certificate))
    identity = found.managed_identity
    if identity and identity != "system" and not _GUID.fullmatch(identity):
        yield "TEAMS_MANAGED_IDENTITY", f'"{identity}" is neither "system" nor the client id of a managed identity'


def _pem(certificate: Secret) -> Iterator[str]:
    text = certificate.reveal()
    if "-----BEGIN CERTIFICATE-----" not in text:
        yield "has no certificate in PEM (-----BEGIN CERTIFICATE-----)"
    if "ENCRYPTED" in text:
        yield "has a private key with a password; give one without"
    elif "PRIVATE KEY-----" not in text:
        yield "has no private key beside the certificate (-----BEGIN PRIVATE KEY-----)"


def _services(environment: Environment) -> tuple[tuple[str, ...], str]:
    """The hosts that are named, by themselves or in full addresses, and the first of these addresses."""
    text = environment.text("TEAMS_SERVICE_URLS", ",".join(_DEFAULT.service_hosts))
    hosts, addresses = [], []
    for named in filter(None, (one.strip() for one in text.split(","))):
        found = _ADDRESS.fullmatch(named)
        if not found or (found["scheme"] == "http://" and not on_this_machine(named)):
            environment.fault("TEAMS_SERVICE_URLS", f'"{named}" {_NO_SERVICE}')
            continue
        hosts.append(found["host"].lower())
        if found["scheme"]:
            addresses.append(named.rstrip("/") + "/")
    return tuple(dict.fromkeys(hosts)), next(iter(addresses), "")


def _flag(environment: Environment, name: str) -> bool:
    text = environment.text(name).lower()
    if text not in (*_YES, *_NO):
        environment.fault(name, f'"{text}" is neither true nor false')
    return text in _YES


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
