"""An open-loop load: requests leave at their times whatever becomes of the earlier ones, and each is timed from the
instant at which it should have left. A server that stumbles cannot slow down what it is measured with.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs

import aiohttp

from benchmarks.payloads import Sent
from playground import Playground

SECRET = "play-signing-secret"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one request.

    Attributes:
        seconds: from the instant at which it should have left to the last byte of its acknowledgement.
        good: acknowledged as it must be.
    """

    sent: Sent
    seconds: float
    good: bool
    answer: str


class Target(Protocol):
    """One of the two that are put under load."""

    async def storm(self, requests: Sequence[Sent], per_second: float) -> list[Taken]:
        """Send them all at an even pace."""
        ...


@dataclass(frozen=True, slots=True)
class Http:
    """Signed HTTP to an address."""

    address: str

    async def storm(self, requests: Sequence[Sent], per_second: float) -> list[Taken]:
        """Post them all at an even pace."""
        return await storm(self.address, requests, per_second)


@dataclass(frozen=True, slots=True)
class Sockets:
    """The connections of an app to a stand-in for Slack that lives in this process."""

    playground: Playground

    async def storm(self, requests: Sequence[Sent], per_second: float) -> list[Taken]:
        """Send them all at an even pace, as envelopes."""
        start = time.perf_counter() + 0.2
        payloads = [_payload(one) for one in requests]
        return await asyncio.gather(
            *(self._send(one, payloads[n], start + n / per_second) for n, one in enumerate(requests))
        )

    async def _send(self, sent: Sent, payload: dict[str, Any], at: float) -> Taken:
        await asyncio.sleep(at - time.perf_counter())
        ack = await self.playground.sockets.send("interactive" if sent.key else "slash_commands", payload, 0, "")
        cleared = isinstance(ack.body, dict) and ack.body.get("response_action") == "clear"
        return Taken(sent, time.perf_counter() - at, ack.ok and (cleared or not sent.key), f"{ack.error} {ack.body}")


def _payload(sent: Sent) -> dict[str, Any]:
    fields = {name: values[0] for name, values in parse_qs(sent.body, keep_blank_values=True).items()}
    payload: dict[str, Any] = json.loads(fields["payload"]) if sent.key else fields
    return payload


async def storm(address: str, requests: Sequence[Sent], per_second: float) -> list[Taken]:
    """Post them all at an even pace."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False) as session:
        start = time.perf_counter() + 0.2
        posts = [_post(session, address, one, start + n / per_second) for n, one in enumerate(requests)]
        return await asyncio.gather(*posts)


async def _post(session: aiohttp.ClientSession, address: str, sent: Sent, at: float) -> Taken:
    await asyncio.sleep(at - time.perf_counter())
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), f"v0:{stamp}:{sent.body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed}",
    }
    try:
        async with session.post(address, data=sent.body.encode(), headers=headers) as answer:
            text = await answer.text()
            good = answer.status == 200 and ('"clear"' in text if sent.key else not text)
    except (aiohttp.ClientError, TimeoutError) as error:
        text, good = repr(error), False
    return Taken(sent, time.perf_counter() - at, good, text)
