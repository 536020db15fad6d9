"""Calls over HTTPS with a bearer token: each made once, with short limits, and every failure as a typed error."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from handlers.proxies import DIRECTLY, Proxies
from handlers.teams.addresses import UPLOAD_HOSTS, Addresses
from handlers.teams.errors import UNREACHED_WAIT, by_refusal, refusal_in, typed
from handlers.teams.proxied import AsyncProxied
from handlers.teams.tokens import Tokens
from handlers.work import Seen
from reporting.ports import AppFault, DeliveryError, RetryLater

Json = dict[str, Any]
Refused = Callable[[str, DeliveryError], None]
_QUIET: Final = ("httpx", "httpcore")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` is for a call with its token; who must answer sooner sets a limit of their own on top."""

    connect: float = 3.0
    total: float = 10.0
    upload: float = 60.0


class Https:
    """One scope and one connection pool.

    Args:
        proxies: which ones calls go through; the environment is never read.
        refused: told of every call that was not taken, with its method.
        uploads: where files may be put; people's clients name the place.
        dice: between 0 and 1, so that those who wait do not all come back at once.
    """

    def __init__(
        self,
        tokens: Tokens,
        scope: str,
        *,
        proxies: Proxies = DIRECTLY,
        timeouts: Timeouts | None = None,
        refused: Refused | None = None,
        uploads: Addresses | None = None,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self.timeouts = timeouts or Timeouts()
        self._tokens = tokens
        self._scope = scope
        self._refused = refused
        self._uploads = uploads or Addresses(UPLOAD_HOSTS)
        self._dice = dice
        self._waited = Seen(1_000)
        limits = httpx.Timeout(self.timeouts.total, connect=self.timeouts.connect)
        self._client = httpx.AsyncClient(
            transport=AsyncProxied(proxies), timeout=limits, trust_env=False, follow_redirects=False
        )
        for name in _QUIET:
            # They write whole addresses, which name people and conversations, at INFO.
            logging.getLogger(name).setLevel(logging.WARNING)

    async def close(self) -> None:
        """Close the connections, those to the login too."""
        await self._client.aclose()
        await self._tokens.close()

    async def authorized(self) -> None:
        """Make sure that there is a token.

        Raises:
            DeliveryError: there is none.
        """
        await self._tokens.bearer(self._scope)

    async def call(
        self, method: str, verb: str, url: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        """The answer's JSON; empty when it has none.

        Args:
            method: what it is for, by which refusals are understood.

        Raises:
            DeliveryError: every refusal and every failure.
        """
        try:
            return await self._tried(method, verb, url, body, query)
        except DeliveryError as fault:
            if self._refused is not None:
                self._refused(method, fault)
            raise

    async def put_file(self, url: str, content: bytes) -> None:
        """Put a whole file where Teams gave us a place for it; that address carries its own permission, so no token.

        Raises:
            DeliveryError: it was not taken, or the place is none of OneDrive's.
        """
        if not self._uploads.allow(url):
            raise AppFault("upload_not_allowed", "this address is not on the list of OneDrive's own")
        headers = {
            "Content-Type": "application/octet-stream",
            # OneDrive docs: upload bytes to the session, whole files included.
            "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
        }
        request = self._client.build_request(
            "PUT", url, content=content, headers=headers, timeout=httpx.Timeout(self.timeouts.upload)
        )
        end = asyncio.get_running_loop().time() + self.timeouts.upload
        answer = await self._sent("upload", request, end)
        if not answer.is_success:
            raise by_refusal(refusal_in(answer), "upload")

    async def _tried(
        self, method: str, verb: str, url: str, body: Json | None, query: Mapping[str, str] | None
    ) -> Json:
        # One limit for all of it: whoever called must know when to give up.
        end = asyncio.get_running_loop().time() + self.timeouts.total
        token = await self._token(end)
        answer = await self._once(method, verb, url, body, query, token, end)
        if answer.status_code == 401:
            # Nothing was done. The token may have been taken back before its time: once more with a fresh one.
            token = await self._token(end, refused=token)
            answer = await self._once(method, verb, url, body, query, token, end)
        host = httpx.URL(url).host
        if answer.is_success:
            self._waited.forget(host)
            return _body(answer, method)
        waited = int(self._waited.get(host, 0))
        fault = by_refusal(refusal_in(answer), method, waited)
        if isinstance(fault, RetryLater):
            self._waited.first(host, min(waited + 1, 16))
            if "Retry-After" not in answer.headers:
                fault.seconds *= 0.5 + self._dice()
        raise fault

    async def _token(self, end: float, refused: str = "") -> str:
        try:
            async with asyncio.timeout_at(end):
                return await self._tokens.bearer(self._scope, refused)
        except TimeoutError:
            raise RetryLater("login_unreached", UNREACHED_WAIT, "TimeoutError") from None

    async def _once(
        self,
        method: str,
        verb: str,
        url: str,
        body: Json | None,
        query: Mapping[str, str] | None,
        token: str,
        end: float,
    ) -> httpx.Response:
        try:
            request = self._client.build_request(
                verb, url, json=body, params=query, headers={"Authorization": f"Bearer {token}"}
            )
        except httpx.InvalidURL as error:
            raise typed(error, method) from None
        return await self._sent(method, request, end)

    async def _sent(self, method: str, request: httpx.Request, end: float) -> httpx.Response:
        try:
            # httpx's limits are for each step; this one is for all of them.
            async with asyncio.timeout_at(end):
                return await self._client.send(request)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, UnicodeError) as error:
            raise typed(error, method) from None


def _body(answer: httpx.Response, method: str) -> Json:
    if not answer.content:
        return {}
    try:
        found = answer.json()
    except ValueError as error:
        raise typed(error, method) from None
    return found if isinstance(found, dict) else {}
