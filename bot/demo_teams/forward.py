"""Hands requests and WebSockets on to the playground, and its answers back; keeps what its page would lose."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType, web

# These belong to one connection, or are made anew.
_OWN: Final = frozenset(
    ("connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
_PATIENCE: Final = ClientTimeout(total=60)
# Seconds: how long the page takes to draw its chats once it has asked for them, and how long it is waited for.
_DRAWS, _LONGEST = 0.4, 10.0


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


class Stream:
    """The messages of the playground's chats, for any number of pages.

    The playground tells each message to one page once, and a page that is told one before it has drawn its chats stops
    listening. So it is listened to here, and every page is told everything from the beginning, when it is ready.
    """

    def __init__(self) -> None:
        self._frames: list[str] = []
        self._pages: dict[asyncio.Queue[str], asyncio.Event] = {}
        self._listening: asyncio.Task[None] | None = None

    async def start(self, session: ClientSession, url: str) -> None:
        """Listen from now on."""
        far = await session.ws_connect(url, max_msg_size=0)
        self._listening = asyncio.create_task(self._listen(far), name="messages of the playground")

    async def stop(self) -> None:
        """Listen no more."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    def drawn(self) -> None:
        """A page has asked for the last of what it needs to draw its chats."""
        for event in self._pages.values():
            asyncio.get_running_loop().call_later(_DRAWS, event.set)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Tell one page everything until it goes."""
        page = web.WebSocketResponse(heartbeat=20)
        await page.prepare(request)
        queue: asyncio.Queue[str] = asyncio.Queue()
        ready = self._pages[queue] = asyncio.Event()
        for frame in self._frames:
            queue.put_nowait(frame)
        telling = asyncio.create_task(self._tell(page, queue, ready))
        try:
            async for _ in page:
                pass
        finally:
            del self._pages[queue]
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return page

    async def _listen(self, far: ClientWebSocketResponse) -> None:
        async with contextlib.aclosing(_texts(far)) as texts:
            async for frame in texts:
                self._frames.append(frame)
                for queue in self._pages:
                    queue.put_nowait(frame)

    async def _tell(self, page: web.WebSocketResponse, queue: asyncio.Queue[str], ready: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ready.wait(), _LONGEST)
        while True:
            await page.send_str(await queue.get())


async def _texts(far: ClientWebSocketResponse) -> AsyncGenerator[str, None]:
    try:
        async for message in far:
            if message.type == WSMsgType.TEXT:
                yield str(message.data)
    finally:
        await far.close()
