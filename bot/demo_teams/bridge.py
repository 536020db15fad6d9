"""Our page around the playground's, and everything between the playground and the bot, on one port of this machine.

What the playground lacks is done here: dialogs, a clock that can be moved, and chats of people whom it does not show.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bot.demo_teams.absent import Absent
from bot.demo_teams.cards import Pressed, opens_dialog, plainer
from bot.demo_teams.forward import Stream, forward, forward_socket
from bot.engine.clock import SystemClock

Json = dict[str, Any]
_PAGE: Final = {"page.css": "text/css", "page.js": "text/javascript"}
_MOST: Final = 8 * 1024 * 1024
_PATIENCE: Final = ClientTimeout(total=60)
_MESSAGES: Final = "/_ws_conversation/v1/conversations/stream"
SERVICE: Final = "/_connector"
BOT: Final = "/_rollcall/bot"
# The playground's page would ask others for fonts and a script. Nothing needs them.
_NOBODY_ELSE: Final = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws://{host}"


@dataclass(frozen=True, slots=True)
class Showing:
    """What our page shows.

    Attributes:
        visitor: `id`, `name`, `aadObjectId`, `tz` of the person whom the visitor plays.
        notice: what the visitor is told.
        moments: what the clock can be moved to: `id`, `label`, `hint`.
        renderer: the script that draws cards.
    """

    visitor: Mapping[str, str]
    notice: str
    moments: tuple[Mapping[str, str], ...]
    renderer: Path


class Bridge:
    """The server. Call `listen_to`, and set `bot` and `on_moment`, before the first visitor.

    Args:
        clock: says the demo's time, as it is shown.
    """

    def __init__(self, showing: Showing, absent: Absent, clock: Callable[[], str], port: int) -> None:
        self.playground = ""
        self.bot = ""
        self.on_moment: Callable[[str], Awaitable[None]] | None = None
        self.url = f"http://127.0.0.1:{port}"
        self._port = port
        self._showing = showing
        self._absent = absent
        self._clock = clock
        self._moving = asyncio.Lock()
        self._stream = Stream()
        self._pages: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None
        self._session: ClientSession | None = None

    @property
    def service_url(self) -> str:
        """Where the bot is told to call."""
        return f"{self.url}{SERVICE}"

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, on this machine only.

        Raises:
            OSError: the port is taken.
        """
        app = web.Application(client_max_size=_MOST, middlewares=[self._own_page_only])
        app.router.add_get("/", self._index)
        app.router.add_get("/_rollcall/events", self._events)
        app.router.add_get("/_rollcall/{name}", self._file)
        app.router.add_post("/_rollcall/clock", self._move)
        app.router.add_post("/_rollcall/dialog", self._dialog)
        app.router.add_post(BOT, self._to_bot)
        app.router.add_post("/_conversation/v1/submit", self._submit)
        app.router.add_get(_MESSAGES, self._stream.serve)
        app.router.add_post("/_debug/conversation/{id}/installation", self._looked)
        app.router.add_route("*", SERVICE + "/{path:.*}", self._service)
        app.router.add_route("*", "/{path:.*}", self._playground)
        self._session = ClientSession(trust_env=False)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def listen_to(self, playground: str) -> None:
        """The playground at this address is the one that is shown."""
        self.playground = playground
        await self._stream.start(self._http, playground + _MESSAGES)

    async def stop(self) -> None:
        """Let go of everything."""
        await self._stream.stop()
        for page in list(self._pages):
            await page.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    @web.middleware
    async def _own_page_only(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Other sites in the same browser are kept out, also those that bend a name to this address."""
        ours = {f"127.0.0.1:{self._port}", f"localhost:{self._port}"}
        origin = request.headers.get("Origin")
        if request.host not in ours or (origin and urlsplit(origin).netloc not in ours):
            return web.Response(status=403, text="This is for the demo's own page.")
        return await handler(request)

    # -- our page -----------------------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.StreamResponse:
        if "inside" in request.query:
            answer = await forward(self._http, request, f"{self.playground}/", b"")
            answer.headers["Content-Security-Policy"] = _NOBODY_ELSE.format(host=request.host)
            return answer
        page = _shipped("page.html").replace("{{showing}}", json.dumps(self._told()).replace("<", "\\u003c"))
        return web.Response(text=page, content_type="text/html")

    def _told(self) -> Json:
        shown = self._showing
        return {"name": shown.visitor["name"], "notice": shown.notice, "moments": [dict(m) for m in shown.moments]}

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == "adaptivecards.js":
            return web.FileResponse(self._showing.renderer, headers={"Content-Type": "text/javascript"})
        if name not in _PAGE:
            raise web.HTTPNotFound
        return web.Response(text=_shipped(name), content_type=_PAGE[name])

    async def _events(self, request: web.Request) -> web.StreamResponse:
        page = web.WebSocketResponse(heartbeat=20)
        await page.prepare(request)
        self._pages.add(page)
        try:
            await page.send_json({"clock": self._clock()})
            async for _ in page:
                pass
        finally:
            self._pages.discard(page)
        return page

    async def tell(self, event: Json) -> None:
        """Tell every page that is open."""
        for page in list(self._pages):
            try:
                await page.send_json(event)
            except ConnectionError:
                self._pages.discard(page)

    async def ticked(self) -> None:
        """Show the clock anew."""
        await self.tell({"clock": self._clock()})

    async def _move(self, request: web.Request) -> web.StreamResponse:
        wanted = await request.json()
        async with self._moving:
            if self.on_moment is not None:
                await self.on_moment(str(wanted.get("to", "")))
        return web.json_response({"clock": self._clock()})

    # -- dialogs ------------------------------------------------------------------------------------------------

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        """A button of a card. One that opens a dialog is asked of the bot, and our page shows what it answers."""
        body = await request.read()
        wanted = json.loads(body)
        if not opens_dialog(wanted.get("value")):
            return await forward(self._http, request, f"{self.playground}{request.path_qs}", body)
        at = {"conversation": str(wanted["conversation"]["id"]), "message": str(wanted.get("replyToId") or "")}
        await self.tell({"dialog": await self._asked("task/fetch", at, wanted["value"]), "at": at})
        return web.json_response({})

    async def _dialog(self, request: web.Request) -> web.StreamResponse:
        """A button inside a dialog."""
        sent = await request.json()
        return web.json_response(await self._asked("task/submit", sent["at"], sent["data"]))

    async def _asked(self, name: str, at: Mapping[str, str], data: Any) -> Json:
        pressed = Pressed(at["conversation"], at["message"])
        activity = pressed.invoke(name, data, self._showing.visitor, self.service_url, SystemClock().now())
        try:
            async with self._http.post(self.bot, json=activity, timeout=_PATIENCE) as answer:
                content = await answer.read()
                answer.raise_for_status()
                told = json.loads(content) if content else {}
        except (ClientError, TimeoutError, ValueError):
            return {"task": {"type": "message", "value": "Rollcall does not answer. Nothing was sent; try again."}}
        return told if isinstance(told, dict) else {}

    # -- between playground and bot -----------------------------------------------------------------------------

    async def _to_bot(self, request: web.Request) -> web.StreamResponse:
        answer = await forward(self._http, request, self.bot, await request.read())
        return _changed(answer)

    async def _service(self, request: web.Request) -> web.StreamResponse:
        body = _plain(await request.read())
        path = request.rel_url.raw_path.removeprefix(SERVICE)
        unseen = self._absent.answer(request.method, path, json.loads(body) if body else None)
        if unseen is not None:
            return web.json_response(unseen[1], status=unseen[0])
        return await forward(self._http, request, f"{self.playground}{request.raw_path}", body)

    async def _looked(self, request: web.Request) -> web.StreamResponse:
        """The page looks at a chat for the first time: now it has drawn them all."""
        answer = await self._playground(request)
        self._stream.drawn()
        return answer

    async def _playground(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await forward_socket(self._http, request, f"{self.playground}{request.path_qs}")
        return await forward(self._http, request, f"{self.playground}{request.raw_path}", await request.read())

    @property
    def _http(self) -> ClientSession:
        assert self._session is not None, "only while it listens"
        return self._session


def _changed(answer: web.Response) -> web.Response:
    if isinstance(answer.body, bytes) and answer.content_type == "application/json":
        answer.body = _plain(answer.body)
    return answer


def _plain(body: bytes) -> bytes:
    try:
        return json.dumps(plainer(json.loads(body))).encode() if body else body
    except ValueError:
        return body


def _shipped(name: str) -> str:
    return (files("bot.demo_teams") / "page" / name).read_text("utf-8")
