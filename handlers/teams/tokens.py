"""Tokens for the Bot Connector and for Graph: by secret, certificate or managed identity, asked for over `msal`."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import msal

from handlers.proxies import DIRECTLY, Proxies
from handlers.teams.errors import REFUSED_WAIT, UNREACHED_WAIT
from handlers.teams.proxied import Proxied
from reporting.ports import InstallationStopped, RetryLater

LOGIN_URL: Final = "https://login.microsoftonline.com"
BOT_SCOPE: Final = "https://api.botframework.com/.default"
GRAPH_SCOPE: Final = "https://graph.microsoft.com/.default"
# Seconds before its end at which a token is not used any more.
_MARGIN: Final = 300.0
_PEM: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
# OAuth 2.0, RFC 6749 section 5.2: what asking again will not change.
_FOR_GOOD: Final = frozenset(
    {"invalid_client", "invalid_grant", "invalid_request", "invalid_resource", "invalid_scope", "unauthorized_client"}
)
# Of these, what an administrator has done: a secret has ended, the app is disabled or gone. Any other refusal is about
# what was asked for, such as a tenant that there is not (AADSTS90002), and so about our settings.
ENDED: Final = frozenset({"invalid_client", "invalid_grant", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret."""

    value: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, both PEM, in one text.

    Raises:
        ValueError: one of them is missing.
    """

    pem: str

    def __post_init__(self) -> None:
        self.parts()

    def parts(self) -> dict[str, str]:
        """As `msal` wants it."""
        found = {match[1]: match[0] for match in _PEM.finditer(self.pem)}
        key = next((text for kind, text in found.items() if kind.endswith("PRIVATE KEY")), "")
        certificate = found.get("CERTIFICATE", "")
        if not key or not certificate:
            raise ValueError("a certificate and its private key are needed, both as PEM")
        return {"private_key": key, "public_certificate": certificate}


@dataclass(frozen=True, slots=True)
class ManagedIdentity:
    """The identity that Azure gives the machine; without a client id the system's."""

    client_id: str = ""


Credential = Secret | Certificate | ManagedIdentity


class Tokens(Protocol):
    """Where bearer tokens come from."""

    async def bearer(self, scope: str, refused: str = "") -> str:
        """A token for a scope.

        Args:
            refused: a token that was just refused; another one is wanted.

        Raises:
            DeliveryError: there is none to be had, now or ever.
        """
        ...

    async def close(self) -> None:
        """Close the connections; also more than once."""
        ...


class NoTokens:
    """For a playground on this machine, which has no login. Nothing but its own address may be allowed with it."""

    async def bearer(self, scope: str, refused: str = "") -> str:
        """A word that no real service takes."""
        del scope, refused
        return "playground"

    async def close(self) -> None:
        """Nothing is open."""


class MsalTokens:
    """Tokens of one app in one tenant, kept until shortly before their end. The loop is never blocked.

    Args:
        login_url: what stands before the tenant; plain http only for a server of one's own on this machine.
        proxies: which ones calls go through; the environment is never read.
        timeout: seconds for each request to the login.
    """

    def __init__(
        self,
        client_id: str,
        tenant: str,
        credential: Credential,
        *,
        login_url: str = LOGIN_URL,
        proxies: Proxies = DIRECTLY,
        timeout: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_id = client_id
        self._tenant = tenant
        self._credential = credential
        self._http = _Http(login_url.rstrip("/"), proxies, timeout)
        self._monotonic = monotonic
        self._kept: dict[str, tuple[str, float]] = {}
        self._turn = asyncio.Lock()

    async def bearer(self, scope: str, refused: str = "") -> str:
        """A token for a scope, another one than `refused`.

        Raises:
            RetryLater: the login does not answer.
            InstallationStopped: the login refuses us.
        """
        async with self._turn:
            token, until = self._kept.get(scope, ("", 0.0))
            if not token or token == refused or self._monotonic() >= until:
                token, seconds = await asyncio.to_thread(self._ask, scope)
                self._kept[scope] = (token, self._monotonic() + max(0.0, seconds - _MARGIN))
            return token

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.to_thread(self._http.close)

    def _ask(self, scope: str) -> tuple[str, float]:
        self._http.status = 0
        try:
            answer = self._answer(scope)
        except Exception as error:  # noqa: BLE001 - msal raises nearly anything, also for pages that are no JSON
            if 400 <= self._http.status < 500 and self._http.status != 429:
                raise InstallationStopped("login_refused", f"HTTP {self._http.status}") from None
            raise RetryLater("login_unreached", UNREACHED_WAIT, type(error).__name__) from None
        if isinstance(answer.get("access_token"), str):
            return answer["access_token"], float(answer.get("expires_in", 0))
        raise _refused(answer)

    def _answer(self, scope: str) -> dict[str, Any]:
        # A new client each time: it has a cache of its own, which would give a refused token again.
        credential = self._credential
        if isinstance(credential, ManagedIdentity):
            who = (
                msal.UserAssignedManagedIdentity(client_id=credential.client_id)
                if credential.client_id
                else msal.SystemAssignedManagedIdentity()
            )
            resource = scope.removesuffix("/.default")
            machine = msal.ManagedIdentityClient(who, http_client=self._http)
            return machine.acquire_token_for_client(resource=resource) or {}
        app = msal.ConfidentialClientApplication(
            self._client_id,
            authority=f"{self._http.secure}/{self._tenant}",
            client_credential=credential.value if isinstance(credential, Secret) else credential.parts(),
            http_client=self._http,
            instance_discovery=False,
        )
        return app.acquire_token_for_client(scopes=[scope]) or {}


def _refused(answer: dict[str, Any]) -> InstallationStopped | RetryLater:
    code = str(answer.get("error") or "login_failed")
    # Of the text only Entra's number: the rest names tenants and traces.
    number = re.search(r"AADSTS\d+", str(answer.get("error_description") or ""))
    detail = number[0] if number else ""
    if code in _FOR_GOOD:
        return InstallationStopped(code, detail)
    return RetryLater(code, REFUSED_WAIT, detail)


class _Http:
    """What `msal` calls. It insists on https; a login on this machine may be plain, so the scheme is put back here."""

    def __init__(self, login_url: str, proxies: Proxies, timeout: float) -> None:
        self._plain = login_url if login_url.startswith("http://") else ""
        self.secure = f"https://{login_url.removeprefix('http://')}" if self._plain else login_url
        self._client = httpx.Client(transport=Proxied(proxies), timeout=timeout, trust_env=False)
        self.status = 0

    def get(self, url: str, params: Any = None, headers: Any = None, **_more: Any) -> "_Answer":
        return self._request("GET", url, params, headers, None)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_more: Any) -> "_Answer":
        return self._request("POST", url, params, headers, data)

    def close(self) -> None:
        self._client.close()

    def _request(self, verb: str, url: str, params: Any, headers: Any, data: Any) -> "_Answer":
        if self._plain and url.startswith(self.secure):
            url = self._plain + url.removeprefix(self.secure)
        if isinstance(data, dict):
            # msal signs to bytes, of which httpx would write the Python notation.
            data = {name: value.decode() if isinstance(value, bytes) else value for name, value in data.items()}
        body: dict[str, Any] = {"content": data} if isinstance(data, str | bytes) else {"data": data}
        answer = self._client.request(verb, url, params=params or None, headers=headers, **body)
        self.status = answer.status_code
        text = answer.text.replace(self._plain, self.secure) if self._plain else answer.text
        return _Answer(answer.status_code, text, answer.headers)


@dataclass(frozen=True, slots=True)
class _Answer:
    status_code: int
    text: str
    headers: httpx.Headers

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise RuntimeError(f"HTTP {self.status_code}")
