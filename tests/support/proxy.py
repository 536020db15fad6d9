"""An HTTP proxy of one's own: forwards plain requests, opens tunnels, and writes down for whom.

async with HttpProxy({"slack.test"}) as proxy:
    ...                      # proxy.url; the names are this machine, every other address cannot be reached
    proxy.asked              # ["POST slack.test", "CONNECT graph.microsoft.com:443", ...]
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

HOST = "127.0.0.1"
_HOPS = (b"connection:", b"host:", b"proxy-connection:", b"proxy-authorization:")


class HttpProxy:
    """A running proxy; use it with `async with`.

    Attributes:
        asked: the method and host of every request, in order.
        passwords: what requests showed in `Proxy-Authorization`.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = names
        self.asked: list[str] = []
        self.passwords: set[str] = set()
        self.url = ""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._busy: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.url = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()
        await asyncio.gather(*self._busy, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            line, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
            method, target, _ = line.decode().split(" ")
            parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
            self.asked.append(f"{method} {target if method == 'CONNECT' else parts.hostname}")
            self.passwords |= {h.decode().partition(": ")[2] for h in headers if h.lower().startswith(_HOPS[-1])}
            if parts.hostname not in self._names:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                await self._pass_on(reader, writer, method, parts.port or 80, parts.path, headers, parts.query)
        writer.close()
        self._open.discard(writer)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        method: str,
        port: int,
        path: str,
        headers: list[bytes],
        query: str,
    ) -> None:
        back, forth = await asyncio.open_connection(HOST, port)
        self._open.add(forth)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            upgrades = any(header.lower().startswith(b"upgrade:") for header in headers)
            # One request for each connection, so that the rest can be passed on as it comes.
            kept = [h for h in headers if not h.lower().startswith(_HOPS)]
            kept.append(b"Connection: Upgrade" if upgrades else b"Connection: close")
            kept.append(f"Host: {HOST}:{port}".encode())
            place = f"{path or '/'}{'?' if query else ''}{query}"
            forth.write(b"\r\n".join([f"{method} {place} HTTP/1.1".encode(), *kept, b"", b""]))
        await asyncio.gather(_copy(reader, forth), _copy(back, writer))


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    with suppress(OSError):
        sink.close()
