"""The ASGI application: what chat systems send over HTTP; the health checks and the metrics in any case."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

Reasons = Callable[[], Awaitable[Sequence[str]]]
Unwell = Callable[[], Awaitable[Mapping[str, Sequence[str]]]]
Page = Callable[[], Awaitable[bytes]]
# Prometheus docs: exposition formats.
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class PortTaken(Exception):
    """Nothing can listen at this address; the text says why."""


def web_app(
    stuck: Reasons, not_ready: Reasons, unwell: Unwell, metrics: Page, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """The application.

    Args:
        stuck: why only a new start of the process helps; empty when it may get well by itself.
        not_ready: why the bot cannot do its work just now; empty when it can.
        unwell: which chat systems cannot be worked with just now, and why.
        metrics: the numbers as a monitoring system reads them.
        routes: the chat adapters' own.
    """

    async def healthz(_request: Request) -> Response:
        return _judged(await stuck(), "alive", "stuck")

    async def readyz(_request: Request) -> Response:
        reasons = await not_ready()
        trouble = {} if reasons else dict(await unwell())
        return _judged(reasons, "ready", "not ready", **({"unwell": trouble} if trouble else {}))

    async def numbers(_request: Request) -> Response:
        return Response(await metrics(), headers={"content-type": _METRICS})

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]
    return Starlette(routes=[*own, *routes])


def _judged(reasons: Sequence[str], well: str, ill: str, **more: object) -> Response:
    if reasons:
        return JSONResponse({"status": ill, "reasons": list(reasons)}, status_code=503)
    return JSONResponse({"status": well, **more})


class _Server(uvicorn.Server):
    """Leaves the process's signals to the command that runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class WebServer:
    """Serves an application within a loop that has other things to do.

    Args:
        port: 0 picks a free one.
    """

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._host, self._port = host, port
        # The libraries' own logging set-up and access log would go around ours, and around its redaction.
        self._server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        self._task: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def address(self) -> str:
        """Where it listens, once it has started."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            PortTaken: something else listens there, or it is not allowed.
        """
        self._socket = self._bind()
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="web")
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End what is being answered, then stop listening."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        if self._socket is not None:
            self._socket.close()

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._port))
        except OSError as error:
            listening.close()
            raise PortTaken(
                f"cannot listen on {self._host}:{self._port} ({error.strerror}); HOST and PORT choose another address"
            ) from None
        return listening
