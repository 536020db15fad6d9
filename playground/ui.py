"""The JSON for the page in the browser."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from playground.api.render import file_json
from playground.model import Channel, Json, Message, User
from playground.people.acts import Acts, Outcome
from playground.people.state import ClientRefusal
from playground.world import World

STATIC = Path(__file__).parent / "static"
# Real seconds between two looks at a clock that is being moved.
_GLANCE = 0.1


@dataclass(frozen=True)
class ClockControl:
    """One button of the clock, such as "Friday 16:00"."""

    id: str
    label: str
    hint: str = ""


async def _no_jump(_target: str | datetime) -> None:
    """A clock without an embedder."""


@dataclass
class Embedder:
    """What the embedding program adds to the page.

    Attributes:
        controls: buttons of the clock.
        on_control: called with the id of a control, or with an aware datetime; moves the clock and returns when all
            that follows from it has happened.
        notice: a line of text for the visitor.
    """

    controls: Sequence[ClockControl] = ()
    on_control: Callable[[str | datetime], Awaitable[None]] = _no_jump
    notice: str | None = None
    busy: bool = field(default=False, init=False)


class Ui:
    """Answers `/ui/...` and tells open pages what to fetch again."""

    def __init__(self, world: World, acts: Acts, embedder: Embedder) -> None:
        self.world = world
        self.acts = acts
        self.embedder = embedder
        self._pages: list[tuple[str, web.WebSocketResponse]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        world.space.listeners.append(self._heard)

    def routes(self) -> list[web.RouteDef]:
        """The routes of the page."""
        return [
            web.get("/", self._index),
            web.get("/ui/state", self._state),
            web.get("/ui/messages", self._messages),
            web.get("/ui/home", self._home),
            web.get("/ui/views", self._views),
            web.get("/ui/refusals", self._refusals),
            web.post("/ui/act", self._act),
            web.post("/ui/clock", self._clock),
            web.get("/ui/ws", self._listen),
        ]

    async def close(self) -> None:
        """Let the pages go."""
        for _, socket in list(self._pages):
            await socket.close()

    # -- reading --------------------------------------------------------------------------------------------------

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        page = STATIC / "index.html"
        if not page.is_file():
            return web.Response(text="The page is not installed; the API is at /api/.", content_type="text/plain")
        return web.FileResponse(page)

    async def _state(self, request: web.Request) -> web.Response:
        space, app = self.world.space, self.world.space.app
        # The bare address names nobody yet: begin with whoever is shown first.
        user = self._who(request) if "as" in request.query else _first(space.people())
        space.dm_with(user.id)
        mine = [channel for channel in space.channels.values() if user.id in channel.members]
        commands = [
            {"command": c.command, "usage_hint": c.usage_hint, "description": c.description} for c in app.commands
        ]
        return web.json_response(
            {
                "workspace": {"name": space.name, "domain": space.domain},
                "app": {"user_id": app.bot_user_id, "name": app.name, "commands": commands},
                "me": _user(user),
                "users": [_user(person) for person in space.people()],
                "conversations": [self._conversation(channel, user) for channel in mine],
                "clock": {**self._clock_state(), "controls": [asdict(entry) for entry in self.embedder.controls]},
                "notice": self.embedder.notice,
            }
        )

    async def _messages(self, request: web.Request) -> web.Response:
        user = self._who(request)
        channel = self.world.space.channels.get(request.query.get("channel", ""))
        if channel is None or user.id not in channel.members:
            raise web.HTTPNotFound(text="no such conversation")
        seen = self.world.space.visible(channel.id, user.id)
        self.world.space.mark_read(channel.id, user.id)
        tops = [m for m in seen if m.thread_ts in (None, m.ts) or m.ephemeral]
        return web.json_response({"messages": [self._message(m, seen) for m in tops]})

    async def _home(self, request: web.Request) -> web.Response:
        user = self._who(request)
        if request.query.get("open") == "1":
            await self.acts.open_home(user.id)
        view = self.world.views.homes.get(user.id)
        return web.json_response({"view": self.world.views.wire(view) if view is not None else None})

    async def _views(self, request: web.Request) -> web.Response:
        user = self._who(request)
        stack = self.world.views.stack(user.id)
        return web.json_response({"stack": [self.world.views.wire(view) for view in stack]})

    async def _refusals(self, _request: web.Request) -> web.Response:
        """What of the app Slack would have refused, for whoever tests an app through the page."""
        found = [{"where": r.where, "error": r.error, "messages": r.messages} for r in self.world.refusals]
        return web.json_response({"refusals": found})

    # -- acting ---------------------------------------------------------------------------------------------------

    async def _act(self, request: web.Request) -> web.Response:
        body = await _json(request)
        try:
            outcome = await self._do(body)
        except ClientRefusal as refusal:
            outcome = Outcome(False, str(refusal))
        except KeyError as missing:
            outcome = Outcome(False, f"the request lacks {missing}")
        return web.json_response(asdict(outcome))

    async def _do(self, body: Json) -> Outcome:
        who, typed, kind = body["as"], body.get("state", {}).get("values", {}), body["kind"]
        if kind in ("action", "options"):
            return await self._use(who, kind, body, typed)
        if kind in ("submit", "close"):
            return await self._finish(who, kind, body, typed)
        match kind:
            case "command":
                return await self.acts.command(who, body["channel"], body["text"])
            case "message":
                await self.acts.say(who, body["channel"], body["text"], body.get("thread_ts"))
            case "open_home":
                return await self.acts.open_home(who)
            case "start":
                self._started(who)
            case "shortcut":
                return await self.acts.shortcut(who, body["callback_id"])
            case other:
                raise ClientRefusal(f"unknown kind {other!r}")
        return Outcome(True)

    def _started(self, who: str) -> None:
        # A page that was just loaded shows no modal; those of the page before it died with it, and no app was told.
        watched = {user for user, _ in self._pages}
        for user in list(self.world.views.stacks):
            if user == who or user not in watched:
                self.world.views.drop(user)

    async def _use(self, who: str, kind: str, body: Json, typed: Json) -> Outcome:
        place = (body["container"], body["block_id"], body["action_id"])
        if kind == "options":
            return await self.acts.suggest(who, *place, body.get("value") or "")
        return await self.acts.action(who, *place, body.get("element") or {}, typed)

    async def _finish(self, who: str, kind: str, body: Json, typed: Json) -> Outcome:
        if kind == "submit":
            return await self.acts.submit(who, body["view_id"], typed)
        return await self.acts.close(who, body["view_id"], typed, clear=bool(body.get("clear")))

    async def _clock(self, request: web.Request) -> web.Response:
        body = await _json(request)
        try:
            target: str | datetime = body["control"] if "control" in body else _instant(body["to"])
        except (KeyError, ValueError) as wrong:
            return web.json_response({"ok": False, "error": str(wrong)}, status=400)
        async with self._turn:
            self._busy(True)
            running = asyncio.create_task(self._show_running())
            try:
                await self.embedder.on_control(target)
            finally:
                running.cancel()
                self._busy(False)
        return web.json_response({"ok": True, "now": self.world.space.clock.now().isoformat()})

    async def _show_running(self) -> None:
        while True:
            await asyncio.sleep(_GLANCE)
            self.notify_clock()

    def _busy(self, busy: bool) -> None:
        self.embedder.busy = busy
        self.notify_clock()

    # -- telling the pages ----------------------------------------------------------------------------------------

    def notify_clock(self) -> None:
        """Tell the pages that the clock was moved, for an embedder that moves it itself."""
        self._broadcast({"type": "clock", **self._clock_state()})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        user = self._who(request)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        entry = (user.id, socket)
        self._pages.append(entry)
        try:
            async for message in socket:
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            self._pages.remove(entry)
        return socket

    def _heard(self, kind: str, detail: Json) -> None:
        space = self.world.space
        match kind:
            case "message":
                self._broadcast({"type": "message", **detail}, space.channels[detail["channel"]].members)
            case "views" | "home":
                self._broadcast({"type": kind}, [detail["user"]])
            case "state":
                self._broadcast({"type": "state"})
            case _:
                pass

    def _broadcast(self, hint: Json, only: list[str] | None = None) -> None:
        for user, socket in self._pages:
            if (only is None or user in only) and not socket.closed:
                task = asyncio.get_running_loop().create_task(_send(socket, hint))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)

    # -- shapes ---------------------------------------------------------------------------------------------------

    def _who(self, request: web.Request) -> User:
        user = self.world.space.users.get(request.query.get("as", ""))
        if user is None:
            raise web.HTTPNotFound(text="no such person")
        return user

    def _clock_state(self) -> Json:
        return {"now": self.world.space.clock.now().isoformat(), "busy": self.embedder.busy}

    def _conversation(self, channel: Channel, user: User) -> Json:
        space = self.world.space
        others = [space.users[name] for name in channel.members if name != user.id]
        name = channel.name or ", ".join(other.real_name or other.name for other in others)
        return {
            "id": channel.id,
            "name": name,
            "kind": channel.kind,
            "is_app_dm": space.is_app_dm(channel),
            "unread": space.unread(channel, user.id),
            "member": True,
        }

    def _message(self, message: Message, seen: list[Message], *, top: bool = True) -> Json:
        replies = [m for m in seen if top and m.thread_ts == message.ts and m.ts != message.ts and not m.ephemeral]
        body: Json = {
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": message.blocks,
            "ephemeral": message.ephemeral,
            "reply_count": len(replies),
            "replies": [self._message(reply, seen, top=False) for reply in replies],
        }
        files = [file_json(self.world, self.world.space.files[name]) for name in message.files]
        optional: dict[str, Any] = {
            "metadata": message.metadata,
            "edited": message.edited,
            "thread_ts": message.thread_ts,
            "attachments": message.attachments or None,
            "files": [
                {"id": f["id"], "name": f["name"], "url": f["url_private"], "mimetype": f["mimetype"]} for f in files
            ]
            or None,
        }
        return body | {name: value for name, value in optional.items() if value is not None}


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name or user.name,
        "title": user.title,
        "tz": user.tz,
        "deleted": user.deleted,
        "featured": user.featured,
        **({"color": user.color} if user.color else {}),
    }


def _first(people: list[User]) -> User:
    return next((person for person in people if person.featured), people[0])


async def _json(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="the body is no JSON") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="the body is no JSON object")
    return body


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("the instant needs an offset, such as 2026-11-06T16:00:00+00:00")
    return instant


async def _send(socket: web.WebSocketResponse, hint: Json) -> None:
    try:
        await socket.send_json(hint)
    except ConnectionError:
        await socket.close()
