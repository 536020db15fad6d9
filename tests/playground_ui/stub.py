"""A small server with the page's doors: it serves the page, answers from plain data and keeps what the page sent."""

import asyncio
import copy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from aiohttp import WSMsgType, web

from tests.playground_ui import people, samples
from tests.playground_ui.people import Json

STATIC = Path(__file__).parents[2] / "playground" / "static"
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc`\x60\xf8\xcf\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


class Stub:
    """The page's server; runs in a thread of its own while it is entered.

    Attributes:
        acts: what the page sent, oldest first.
        answer: makes the answer to an act; None is plain success.
        gate: cleared, answers to acts and the clock wait until it is set.
    """

    def __init__(self) -> None:
        self.users = copy.deepcopy(people.USERS)
        self.conversations = copy.deepcopy(people.CONVERSATIONS)
        self.messages: dict[str, list[Json]] = {"C1": copy.deepcopy(samples.CHANNEL)}
        self.stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.now = people.NOW
        self.notice: str | None = "A made-up company. Nothing here leaves this machine."
        self.acts: list[Json] = []
        self.answer: Callable[[Json], Json | None] = lambda act: None
        self.gate = threading.Event()
        self.gate.set()
        self.base_url = ""
        self._sockets: list[tuple[str, web.WebSocketResponse]] = []

    # -- life ---------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/ui/state", self._state),
                web.get("/ui/messages", self._messages),
                web.get("/ui/home", self._home),
                web.get("/ui/views", self._views),
                web.post("/ui/act", self._act),
                web.post("/ui/clock", self._clock),
                web.get("/ui/ws", self._listen),
                web.get("/files/{id}/{name}", self._file),
                web.static("/static", STATIC),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _stop(self) -> None:
        await self._drop()
        await self._runner.cleanup()

    async def _drop(self) -> None:
        for _, socket in list(self._sockets):
            await socket.close()

    # -- for tests ----------------------------------------------------------------------------------------------

    def hint(self, **hint: object) -> None:
        """Tell every open page to fetch something."""
        asyncio.run_coroutine_threadsafe(self._send(dict(hint)), self._loop).result(5)

    def cut(self) -> None:
        """Drop the line to every open page."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(5)

    def post(self, channel: str, message: Json) -> None:
        """A new message, as if the app had sent it."""
        self.messages.setdefault(channel, []).append(message)
        self.hint(type="message", channel=channel)

    def show(self, *views: Json, who: str = "U1") -> None:
        """Set somebody's stack of modals."""
        self.stacks[who] = list(views)
        self.hint(type="views")

    def sent(self, kind: str) -> list[Json]:
        """What the page has sent of this kind."""
        return [act for act in self.acts if act["kind"] == kind]

    # -- doors --------------------------------------------------------------------------------------------------

    async def _send(self, hint: Json) -> None:
        for _, socket in self._sockets:
            await socket.send_json(hint)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _state(self, request: web.Request) -> web.Response:
        me = next((one for one in self.users if one["id"] == request.query.get("as")), self.users[0])
        return web.json_response(
            {
                "workspace": {"name": "Example Imaging", "domain": "example-imaging"},
                "app": {"user_id": people.APP, "name": "Rollcall", "commands": people.COMMANDS},
                "me": me,
                "users": self.users,
                "conversations": self.conversations,
                "clock": {"now": self.now, "controls": people.CONTROLS, "busy": False},
                "notice": self.notice,
            }
        )

    async def _messages(self, request: web.Request) -> web.Response:
        channel = request.query["channel"]
        for one in self.conversations:
            if one["id"] == channel:
                one["unread"] = 0
        return web.json_response({"messages": self.messages.get(channel, [])})

    async def _home(self, request: web.Request) -> web.Response:
        if request.query.get("open"):
            self.acts.append({"kind": "opened_home", "as": request.query["as"]})
        return web.json_response({"view": self.homes.get(request.query["as"])})

    async def _views(self, request: web.Request) -> web.Response:
        return web.json_response({"stack": self.stacks.get(request.query["as"], [])})

    async def _act(self, request: web.Request) -> web.Response:
        act = await request.json()
        await asyncio.to_thread(self.gate.wait, 30)
        answer = {"ok": True, "error": None, "ack": None, "took_ms": 1, **(self.answer(act) or {})}
        if act["kind"] == "close":
            self.stacks[act["as"]] = [] if act["clear"] else self.stacks.get(act["as"], [])[:-1]
        self.acts.append(act)
        return web.json_response(answer)

    async def _clock(self, request: web.Request) -> web.Response:
        self.acts.append({"kind": "clock", **await request.json()})
        await asyncio.to_thread(self.gate.wait, 30)
        self.now = "2026-11-30T08:00:00+00:00"
        return web.json_response({"ok": True, "now": self.now})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        entry = (request.query["as"], socket)
        self._sockets.append(entry)
        async for received in socket:
            if received.type == WSMsgType.ERROR:
                break
        self._sockets.remove(entry)
        return socket

    async def _file(self, _request: web.Request) -> web.Response:
        return web.Response(body=PIXEL, content_type="image/png")
