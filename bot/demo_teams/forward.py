"""Hands requests and WebSockets on to the playground, and its answers back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType, web

# These belong to one connection, or are made anew.
_OWN: Final = frozenset(
    ("connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
_PATIENCE: Final = ClientTimeout(total=60)


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OWN}


async def forward(session: ClientSession, request: web.Request, url: str, body: bytes) -> web.Response:
    """The same request elsewhere, with a body that may be another."""
    try:
        async with session.request(
            request.method,
            url,
            data=body or None,
            headers=_passed(request.headers),
            timeout=_PATIENCE,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
            return web.Response(status=answer.status, body=content, headers=_passed(answer.headers))
    except (ClientError, TimeoutError) as error:
        return web.Response(status=502, text=f"The playground does not answer ({type(error).__name__}).")


async def forward_socket(session: ClientSession, request: web.Request, url: str) -> web.WebSocketResponse:
    """A WebSocket through to elsewhere, until one side ends it."""
    near = web.WebSocketResponse(max_msg_size=0)
    await near.prepare(request)
    async with session.ws_connect(url, max_msg_size=0) as far:

        async def outwards() -> None:
            async for message in near:
                if message.type == WSMsgType.TEXT:
                    await far.send_str(message.data)

        async def inwards() -> None:
            async for message in far:
                if message.type == WSMsgType.TEXT:
                    await near.send_str(message.data)

        ways = [asyncio.ensure_future(outwards()), asyncio.ensure_future(inwards())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    await near.close()
    return near
