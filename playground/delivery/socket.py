"""Socket Mode: connections of the app, envelopes and their acknowledgements (Slack docs: using Socket Mode)."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from playground.model import Json
from playground.world import Ack

MAX_CONNECTIONS = 10
LIFETIME = 18060


@dataclass(eq=False)
class _Link:
    """One connection and what it has not acknowledged yet."""

    socket: web.WebSocketResponse
    waiting: dict[str, "asyncio.Future[Json]"] = field(default_factory=dict)
    leaving: bool = False


class SocketTransport:
    """Hands each payload to any one of the app's connections, in turn."""

    def __init__(self, app_id: str, tickets: set[str], ack_seconds: float) -> None:
        self.app_id = app_id
        self.tickets = tickets
        self.ack_seconds = ack_seconds
        self._links: list[_Link] = []
        self._turn = 0

    @property
    def connections(self) -> int:
        """How many connections are open and not about to leave."""
        return sum(not link.leaving for link in self._links)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`/link/`: one connection from its upgrade to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=408, text="the address is used up")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.connections >= MAX_CONNECTIONS:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        link = _Link(socket)
        self._links.append(link)
        try:
            await socket.send_json(self._hello())
            await self._read(link)
        finally:
            self._lost(link)
        return socket

    async def send(self, kind: str, payload: Json, attempt: int, reason: str) -> Ack:
        """One envelope; waits for its acknowledgement."""
        started = time.monotonic()
        links = [link for link in self._links if not link.leaving and not link.socket.closed]
        if not links:
            return Ack("connection_failed")
        self._turn += 1
        link = links[self._turn % len(links)]
        name = str(uuid.uuid4())
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        link.waiting[name] = answer
        try:
            await link.socket.send_json(_envelope(name, kind, payload, attempt, reason))
            async with asyncio.timeout(self.ack_seconds):
                reply = await answer
            return Ack(None, reply.get("payload") or None, time.monotonic() - started)
        except TimeoutError:
            return Ack("timeout", took=time.monotonic() - started)
        except ConnectionError:
            return Ack("connection_failed", took=time.monotonic() - started)
        finally:
            link.waiting.pop(name, None)

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tell every connection to come back on a new one; the old ones get nothing more."""
        for link in list(self._links):
            link.leaving = True
            await link.socket.send_json(_disconnect(reason))

    async def drop(self) -> None:
        """Cut every connection without a word."""
        for link in list(self._links):
            await link.socket.close()

    async def close(self) -> None:
        """End all connections."""
        await self.drop()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "connection_info": {"app_id": self.app_id},
            "debug_info": {"host": "playground", "approximate_connection_time": LIFETIME},
        }

    async def _read(self, link: _Link) -> None:
        async for message in link.socket:
            if message.type != WSMsgType.TEXT:
                continue
            try:
                reply = json.loads(message.data)
            except ValueError:
                continue
            waiting = link.waiting.get(str(reply.get("envelope_id"))) if isinstance(reply, dict) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(reply)

    def _lost(self, link: _Link) -> None:
        if link in self._links:
            self._links.remove(link)
        for answer in link.waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionResetError("the app's connection ended"))


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}


def _envelope(name: str, kind: str, payload: Json, attempt: int, reason: str) -> Json:
    body: Json = {
        "envelope_id": name,
        "type": kind,
        "accepts_response_payload": kind != "events_api",
        "payload": payload,
    }
    if kind == "events_api":
        body |= {"retry_attempt": attempt, "retry_reason": reason}
    return body
