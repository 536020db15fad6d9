"""An open-loop load: requests leave at their times whatever becomes of the earlier ones, and each is timed from the
instant at which it should have left. A server that stumbles cannot slow down what it is measured with.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks.payloads import Sent

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
