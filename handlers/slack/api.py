"""Calls of Slack's Web API: each made once, with short limits, and every failure as a typed error."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.proxies import DIRECTLY, Proxies
from handlers.slack.errors import by_code, by_status, detail_in, typed
from reporting.ports import DeliveryError

Json = dict[str, Any]
Refused = Callable[[str, DeliveryError], None]
LOG = "rollcall.slack"


def quiet_logger() -> logging.Logger:
    """For Slack's libraries: they write request bodies at DEBUG and, on a bad signature, at INFO."""
    logger = logging.getLogger(f"{LOG}.sdk")
    logger.setLevel(logging.WARNING)
    return logger


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. A caller within Slack's three seconds sets its own on top."""

    connect: float = 3.0
    total: float = 10.0
    upload: float = 60.0


class Api:
    """One bot token and one connection pool.

    Args:
        base_url: with its slash at the end.
        proxies: which ones calls go through; the environment is never read (the SDK would take HTTPS_PROXY and ignore
            NO_PROXY).
        refused: told of every call that was not taken, with its method.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        proxies: Proxies = DIRECTLY,
        timeouts: Timeouts | None = None,
        refused: Refused | None = None,
    ) -> None:
        self._refused = refused
        self.timeouts = timeouts or Timeouts()
        self.proxies = proxies
        proxy = proxies.of(base_url)
        # Without retry_handlers=[] the SDK repeats any call once after a lost connection: two posts instead of one.
        self.client = AsyncWebClient(
            token=token, base_url=base_url, proxy=proxy, retry_handlers=[], logger=quiet_logger()
        )
        # For Bolt, which warns when a client with a token comes together with an `authorize` of ours.
        self.bare = AsyncWebClient(base_url=base_url, proxy=proxy, retry_handlers=[], logger=quiet_logger())
        for client in (self.client, self.bare):
            client.proxy = proxy
        self.session: aiohttp.ClientSession | None = None

    async def start(self) -> Self:
        """Open the connection pool; needs a running loop."""
        if self.session is None or self.session.closed:
            limits = aiohttp.ClientTimeout(total=self.timeouts.total, sock_connect=self.timeouts.connect)
            self.session = aiohttp.ClientSession(timeout=limits, trust_env=False)
            self.client.session = self.bare.session = self.session
        return self

    async def close(self) -> None:
        """Close the connection pool."""
        if self.session is not None:
            await self.session.close()

    async def call(self, method: str, **arguments: Any) -> Json:
        """Slack's answer.

        Raises:
            DeliveryError: every refusal and every failure.
        """
        body, _ = await self.call_with_headers(method, **arguments)
        return body

    async def call_with_headers(self, method: str, **arguments: Any) -> tuple[Json, Mapping[str, str]]:
        """Slack's answer and its headers, such as `x-oauth-scopes`.

        Raises:
            DeliveryError: every refusal and every failure.
        """
        await self.start()
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            if method in _FORM_ONLY:
                answer = await self.client.api_call(method, data=_flat(given))
            else:
                answer = await self.client.api_call(method, json=given)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises becomes a typed error
            fault = typed(error, method)
            if self._refused is not None:
                self._refused(method, fault)
            raise fault from None
        assert isinstance(answer.data, dict)
        return answer.data, answer.headers

    async def post(self, url: str, data: bytes | Json, method: str) -> None:
        """POST bytes or JSON to an address that Slack gave us (upload_url, response_url).

        Raises:
            DeliveryError: anything but an answer in the 200s.
        """
        session = (await self.start()).session
        assert session is not None
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        kind = "application/octet-stream" if isinstance(data, bytes) else "application/json"
        limits = aiohttp.ClientTimeout(total=self.timeouts.upload, sock_connect=self.timeouts.connect)
        try:
            async with session.post(
                url, data=body, headers={"Content-Type": kind}, proxy=self.proxies.of(url), timeout=limits
            ) as answer:
                status, retry_after, text = answer.status, answer.headers.get("Retry-After"), await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError, UnicodeError) as error:
            raise typed(error, method) from None
        refusal = _refusal_in(text)
        if refusal:
            raise by_code(str(refusal["error"]), method, detail_in(refusal))
        if not 200 <= status < 300:
            raise by_status(status, retry_after, method)


# Slack docs: these methods take form arguments only; JSON bodies are for methods that write.
_FORM_ONLY = frozenset(
    {
        "conversations.history",
        "conversations.info",
        "conversations.list",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.info",
        "users.info",
        "users.lookupByEmail",
    }
)


def _flat(arguments: Json) -> Json:
    return {name: int(value) if isinstance(value, bool) else value for name, value in arguments.items()}


def _refusal_in(text: str) -> Json | None:
    """Slack's refusal in the answer of a response_url: JSON, or the bare word."""
    try:
        body = json.loads(text)
    except ValueError:
        word = text.strip()
        return {"error": word} if word in _RESPONSE_CODES else None
    return body if isinstance(body, dict) and body.get("ok") is False and body.get("error") else None


# Slack docs: handling user interaction; a response_url lives for thirty minutes and five posts.
_RESPONSE_CODES = frozenset({"expired_url", "used_url", "invalid_blocks", "no_text", "invalid_payload", "no_service"})
