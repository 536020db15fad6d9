"""The playground: a local stand-in for Slack."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from playground.api.endpoint import ApiEndpoint
from playground.api.render import user_json
from playground.delivery.courier import RETRY_DELAYS, AppCourier
from playground.delivery.http import HttpTransport
from playground.delivery.socket import SocketTransport
from playground.faults import Faults
from playground.limits import RateLimits
from playground.log import Log, Refusal
from playground.model import Json
from playground.people.acts import Acts
from playground.people.hooks import ResponseHooks
from playground.people.person import Person
from playground.ui import STATIC, Embedder, Ui
from playground.views import ViewStore
from playground.workspace import Workspace
from playground.world import World

HOST = "127.0.0.1"
LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
MAX_BODY = 16 * 1024 * 1024
POLL_SECONDS = 0.02


class Playground:
    """A running workspace; use it with `async with`.

    Args:
        workspace: people, channels and the app. Its clock is the clock of everything but the 3 s deadlines.
        request_url: where the app listens for signed HTTP; without one the app comes by Socket Mode.
        rate_limits: on by default; `RateLimits(enabled=False)` switches them off.
        new_blocks: False for a workspace that refuses the blocks of 2026.
        ack_seconds, trigger_seconds: the two deadlines in real seconds (3 at Slack).
        file_seconds: how long Slack needs to process an upload, in real seconds.
        retry_delays: real seconds before each retry of an event (0, 60, 300 at Slack).
        embedder: clock controls, callback and notice for the page.
        port: 0 picks a free one. The server listens on 127.0.0.1 only.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        request_url: str | None = None,
        rate_limits: RateLimits | None = None,
        faults: Faults | None = None,
        new_blocks: bool = True,
        ack_seconds: float = 3.0,
        trigger_seconds: float = 3.0,
        file_seconds: float = 0.2,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        embedder: Embedder | None = None,
        port: int = 0,
    ) -> None:
        self.workspace = workspace
        self.clock = workspace.clock
        self.world = World(
            workspace,
            rate_limits or RateLimits(),
            faults or Faults(),
            ViewStore(workspace, trigger_seconds),
            new_blocks=new_blocks,
            ack_seconds=ack_seconds,
            file_seconds=file_seconds,
        )
        self.sockets = SocketTransport(workspace.app.app_id, self.world.tickets, ack_seconds)
        self.courier = AppCourier(self.world, self.sockets, retry_delays)
        self.world.courier = self.courier
        self.hooks = ResponseHooks(self.world)
        self.acts = Acts(self.world, self.hooks)
        self.embedder = embedder or Embedder(on_control=self._set_clock)
        self.ui = Ui(self.world, self.acts, self.embedder)
        self._port = port
        self._runner: web.AppRunner | None = None
        if request_url is not None:
            self.set_request_url(request_url)

    # -- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to listen."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.5, max_line_size=MAX_BODY)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.world.base_url = f"http://{HOST}:{port}"

    async def stop(self) -> None:
        """Let the app and the pages go, and stop listening."""
        await self.courier.close()
        await self.sockets.close()
        await self.ui.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MAX_BODY, middlewares=[only_loopback])
        endpoint = ApiEndpoint(self.world)
        application.add_routes(
            [
                web.post("/api/{method}", endpoint.handle),
                web.get("/api/{method}", endpoint.handle),
                web.get("/link/", self.sockets.handle),
                web.post("/hooks/{kind}/{team}/{name}", self.hooks.handle),
                web.post("/upload/{file}", self._upload),
                web.get("/files/{file}/{name}", self._file),
                *self.ui.routes(),
            ]
        )
        if STATIC.is_dir():
            application.router.add_static("/static/", STATIC)
        return application

    # -- addresses ------------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """The address of the page, without a slash at its end."""
        return self.world.base_url

    @property
    def api_url(self) -> str:
        """The `base_url` for Slack's clients, with the slash at its end."""
        return f"{self.world.base_url}/api/"

    def set_request_url(self, url: str) -> None:
        """Deliver to this address with signed HTTP from now on."""
        secret = self.workspace.app.signing_secret
        self.courier.use(HttpTransport(url, secret, self.world.ack_seconds))

    async def verify_request_url(self) -> bool:
        """Send the url_verification challenge; True when the app echoed it."""
        transport = self.courier.transport
        return isinstance(transport, HttpTransport) and await transport.verify("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd")

    # -- for the embedding program --------------------------------------------------------------------------------

    def notify_clock(self) -> None:
        """Tell the open pages that the clock was moved by somebody else than the page."""
        self.ui.notify_clock()

    def set_notice(self, notice: str | None) -> None:
        """Change the line of text for the visitor."""
        self.embedder.notice = notice
        self.workspace.tell("state", {})

    # -- for tests ------------------------------------------------------------------------------------------------

    @property
    def log(self) -> Log:
        """Every API call and every delivery, in order."""
        return self.world.log

    @property
    def refusals(self) -> list[Refusal]:
        """Everything invalid that the app sent."""
        return self.world.refusals

    @property
    def faults(self) -> Faults:
        """Faults to inject."""
        return self.world.faults

    def person(self, user_id: str) -> Person:
        """Somebody to act as.

        Raises:
            KeyError: there is no such user.
        """
        return Person(self.acts, self.workspace.person(user_id).id)

    async def settled(self) -> None:
        """Return when no event is under way to the app."""
        await self.courier.settled()

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Return when `condition()` is true; it is asked after every change here and every 20 ms.

        Raises:
            TimeoutError: it did not become true within `seconds` of real time.
        """
        changed = asyncio.Event()

        def heard(_kind: str, _detail: Json) -> None:
            changed.set()

        self.workspace.listeners.append(heard)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), POLL_SECONDS)
        finally:
            self.workspace.listeners.remove(heard)

    # -- what happens to the workspace ------------------------------------------------------------------------------

    def change_user(self, user_id: str, **changes: object) -> None:
        """Change fields of a user and tell the app with user_change."""
        user = replace(self.workspace.person(user_id), **changes)  # type: ignore[arg-type]
        self.workspace.users[user_id] = user
        stamp = int(self.clock.epoch())
        body = user_json(self.workspace, user)
        event = {"type": "user_change", "user": body, "cache_ts": stamp, "event_ts": self.workspace.timestamp()}
        self.workspace.tell("state", {})
        self.courier.event(event)

    def uninstall(self) -> None:
        """Remove the app: tokens stop working and it hears tokens_revoked and app_uninstalled."""
        app = self.workspace.app
        app.active = False
        self.courier.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.bot_user_id]}})
        self.courier.event({"type": "app_uninstalled"})

    async def _set_clock(self, target: str | datetime) -> None:
        """Without an embedding program the page may still move the clock to an instant."""
        if isinstance(target, datetime):
            self.clock.set(target)

    # -- files ----------------------------------------------------------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.content is not None:
            return web.Response(status=404, text="no such upload")
        content = await _content(request)
        if len(content) != file.length:
            return web.Response(status=400, text=f"expected {file.length} bytes, got {len(content)}")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _file(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.content is None or not file.completed:
            return web.Response(status=404, text="no such file")
        return web.Response(body=file.content, content_type=file.mimetype)


@web.middleware
async def only_loopback(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a foreign web page might send through the visitor's browser: other host names and origins."""
    if urlsplit(f"//{request.host}").hostname not in LOCAL_NAMES:
        return web.Response(status=403, text="this server answers on the loopback only")
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).hostname not in LOCAL_NAMES:
        return web.Response(status=403, text="this server answers its own page only")
    return await handler(request)


async def _content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return bytes(value.file.read())
    return b""
