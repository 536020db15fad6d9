"""Signed HTTP requests to the app's request URL (Slack docs: verifying requests from Slack)."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from playground.model import Json
from playground.world import Ack

MAX_REDIRECTS = 2


def sign(secret: str, timestamp: str, body: str) -> str:
    """The value of X-Slack-Signature."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpTransport:
    """Posts to one request URL. Signatures carry real time, since the app compares with its own clock."""

    def __init__(self, url: str, secret: str, ack_seconds: float) -> None:
        self.url = url
        self.secret = secret
        self.ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None

    async def send(self, kind: str, payload: Json, attempt: int, reason: str) -> Ack:
        """One request; the answer counts as an acknowledgement when it is 2xx and in time."""
        started = time.monotonic()
        body, content_type = _encode(kind, payload)
        headers = self._headers(body, content_type, attempt, reason)
        try:
            async with asyncio.timeout(self.ack_seconds):
                ack = await self._post(body, headers)
        except TimeoutError:
            ack = Ack("http_timeout")
        except aiohttp.TooManyRedirects:
            ack = Ack("too_many_redirects")
        except aiohttp.ClientSSLError:
            ack = Ack("ssl_error")
        except aiohttp.ClientConnectionError:
            ack = Ack("connection_failed")
        except aiohttp.ClientError:
            ack = Ack("unknown_error")
        return Ack(ack.error, ack.body, time.monotonic() - started, ack.no_retry)

    async def verify(self, challenge: str) -> bool:
        """Ask the app to echo a challenge, as Slack does before it accepts a request URL."""
        ack = await self.send(
            "events_api", {"token": "legacy", "challenge": challenge, "type": "url_verification"}, 0, ""
        )
        echoed = ack.body.get("challenge") if isinstance(ack.body, dict) else ack.body
        return ack.ok and echoed == challenge

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: str, headers: dict[str, str]) -> Ack:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        async with self._session.post(
            self.url, data=body.encode(), headers=headers, max_redirects=MAX_REDIRECTS
        ) as answer:
            text = await answer.text()
            no_retry = answer.headers.get("x-slack-no-retry") == "1"
            if not 200 <= answer.status < 300:
                return Ack("http_error", text or None, no_retry=no_retry)
            return Ack(None, _body(text, answer.content_type))

    def _headers(self, body: str, content_type: str, attempt: int, reason: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        return headers


def _encode(kind: str, payload: Json) -> tuple[str, str]:
    if kind == "slash_commands":
        return urlencode(payload), "application/x-www-form-urlencoded"
    text = json.dumps(payload, ensure_ascii=False)
    if kind == "interactive":
        return urlencode({"payload": text}), "application/x-www-form-urlencoded"
    return text, "application/json"


def _body(text: str, content_type: str) -> Any:
    if not text.strip():
        return None
    if content_type != "application/json":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
