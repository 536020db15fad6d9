"""A stand-in for Slack that fails: python -m benchmarks.torture.chat RECORD SEED TEMPO.

It runs in a process of its own, so that it outlives every other, and prints its address and that of its controls.
What it has taken stands in RECORD, one JSON object a line, in the order in which it was taken. Each process of the bot
has a token of its own, by which the record names it.
"""

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BOT = {"user": "U0BOT", "bot_id": "B0BOT"}
TEAM = "T0TORTURE"
CHANNELS = ("leadership", "alerts", "pmo")
SHARE = 0.05
"""Of each kind of fault."""
FAILING = frozenset(
    {"chat.postMessage", "chat.update", "chat.delete", "conversations.history", "conversations.replies"}
    | {"conversations.open"}
)
_FAULTS = ("ratelimited", "drop_before", "drop_after", "error", "slow")
# Seconds: an answer that is merely slow, and one that the client no longer waits for (its limit is 10 s). One in
# `_RARE` is of the second kind.
_SLOW, _TOO_SLOW, _RARE = (0.2, 2.0), (10.2, 11.5), 6
_PAGE = 200
# Nothing that a killed process sent arrives later than this (the product allows 12 s for one request).
_STRUCK = 11.8
# Seconds to wait for somebody to strike down.
_PATIENCE = 5.0


@dataclass
class Place:
    """A conversation: its messages by timestamp, in order."""

    messages: dict[str, Json] = field(default_factory=dict)


class Chat:
    """What was posted, and what goes wrong.

    Args:
        record: where every change is written down.
        tempo: a factor on the length of slow answers.
    """

    def __init__(self, record: Path, seed: int, tempo: float) -> None:
        self._record = record.open("a", encoding="utf-8", buffering=1)
        self._random = random.Random(seed)
        self._tempo = tempo
        self._places: dict[str, Place] = {}
        self._count = itertools.count(1)
        self._cut = ""
        self._healed = asyncio.Event()
        self._strike: asyncio.Future[str] | None = None
        self.calls = 0

    def cut(self, kind: str) -> None:
        """Cut the network ("refuse" or "hang"), or mend it ("")."""
        self._cut = kind
        self._healed.set()
        self._healed = asyncio.Event()

    async def strike(self) -> str:
        """Who posts next. What they post arrives so late that they would not wait for it; empty when nobody does."""
        self._strike = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(self._strike, _PATIENCE)
        except TimeoutError:
            return ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call of the API."""
        method = request.match_info["method"]
        args = await _arguments(request)
        who = request.headers.get("Authorization", "").rpartition("-")[2]
        self.calls += 1
        if self._cut:
            return await self._unreachable(request)
        if method == "chat.postMessage" and self._strike is not None and not self._strike.done():
            self._strike.set_result(who)
            await asyncio.sleep(_STRUCK * self._tempo)
            return web.json_response(self._run(method, args, who))
        fault = self._fault(method)
        if fault == "ratelimited":
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": "1"})
        if fault == "slow":
            await asyncio.sleep(self._slowness())
        # A server's own error says nothing about what it has done.
        done = fault != "drop_before" and (fault != "error" or self._random.random() < 0.5)
        answer = self._run(method, args, who) if done else {}
        if fault == "error":
            return web.Response(status=500, text="<html>Server Error</html>", content_type="text/html")
        return _dropped(request) if fault.startswith("drop") else web.json_response(answer)

    def _fault(self, method: str) -> str:
        drawn = self._random.random() / SHARE
        return _FAULTS[int(drawn)] if method in FAILING and drawn < len(_FAULTS) else ""

    def _slowness(self) -> float:
        least, most = _TOO_SLOW if self._random.randrange(_RARE) == 0 else _SLOW
        return self._random.uniform(least, most) * self._tempo

    async def _unreachable(self, request: web.Request) -> web.StreamResponse:
        if self._cut == "hang":
            await self._healed.wait()
        return _dropped(request)

    # ------------------------------------------------------------ methods

    def _run(self, method: str, args: Json, who: str) -> Json:
        known = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "conversations.history": self._history,
            "conversations.replies": self._history,
        }
        if method in known:
            return {"ok": True, **known[method](args, who)}
        return {"ok": True, **_constant(method, args)}

    def _post(self, args: Json, who: str) -> Json:
        channel, thread = _conversation(args["channel"]), args.get("thread_ts")
        now = time.time()
        # Timestamps are unique, also of two posts in one microsecond.
        ts = f"{int(now)}.{next(self._count) % 1_000_000:06d}"
        kept = {"metadata": args.get("metadata"), "thread_ts": thread}
        self._place(channel).messages[ts] = {**BOT, "ts": ts, "text": args.get("text", ""), **kept}
        self._note(now, who, "post", channel, ts, _key(args), thread)
        return {"channel": channel, "ts": ts}

    def _update(self, args: Json, who: str) -> Json:
        channel, ts = args["channel"], args["ts"]
        message = self._place(channel).messages.get(ts)
        if message is None:
            return {"ok": False, "error": "message_not_found"}
        message["text"] = args.get("text", "")
        self._note(time.time(), who, "edit", channel, ts, _key(args), None, text=message["text"])
        return {"channel": channel, "ts": ts}

    def _delete(self, args: Json, who: str) -> Json:
        self._place(args["channel"]).messages.pop(args["ts"], None)
        self._note(time.time(), who, "delete", args["channel"], args["ts"], "", None)
        return {}

    def _history(self, args: Json, who: str) -> Json:
        channel, thread = args["channel"], args.get("ts")
        oldest, start = float(args.get("oldest") or 0), int(args.get("cursor") or 0)
        self._note(time.time(), who, "look", channel, "", "", thread)
        found = [
            message
            for ts, message in reversed(self._place(channel).messages.items())
            if float(ts) >= oldest and (message["thread_ts"] == thread or ts == thread)
        ]
        more = str(start + _PAGE) if len(found) > start + _PAGE else ""
        return {"messages": found[start : start + _PAGE], "response_metadata": {"next_cursor": more}}

    def _place(self, channel: str) -> Place:
        return self._places.setdefault(channel, Place())

    def _note(
        self, at: float, who: str, what: str, channel: str, ts: str, key: str, thread: str | None, text: str = ""
    ) -> None:
        row = {"at": at, "who": who, "what": what, "channel": channel, "ts": ts, "key": key, "thread": thread}
        self._record.write(json.dumps({**row, "text": text}) + "\n")


def _constant(method: str, args: Json) -> Json:
    if method == "users.lookupByEmail":
        return {"ok": False, "error": "users_not_found"}
    answers: dict[str, Json] = {
        "auth.test": {"team_id": TEAM, "team": "Torture", "user_id": BOT["user"], "bot_id": BOT["bot_id"], "url": ""},
        "conversations.list": {"channels": [{"id": f"C0{name.upper()}", "name": name} for name in CHANNELS]},
        "conversations.info": {"channel": {"id": args.get("channel"), "is_member": True, "is_archived": False}},
        "conversations.open": {"channel": {"id": _conversation(str(args.get("users")))}},
        "users.info": {"user": {"id": args.get("user"), "profile": {}, "deleted": False, "is_bot": False}},
    }
    return answers.get(method, {})


def _conversation(target: str) -> str:
    return f"D{target[1:]}" if target.startswith("U") else target


def _key(args: Json) -> str:
    return str(((args.get("metadata") or {}).get("event_payload") or {}).get("key", ""))


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        found: Json = await request.json()
        return found
    return dict(await request.post())


async def serve(chat: Chat) -> None:
    """Serve until the one who started this is gone."""
    runner = await _runner("/api/{method}", chat.handle)
    line = await _site(runner, 0)
    port = runner.addresses[0][1]

    async def control(request: web.Request) -> web.Response:
        nonlocal line
        kind = request.match_info["kind"].strip("-")
        if kind == "strike":
            return web.json_response({"who": await chat.strike()})
        chat.cut(kind)
        if line is not None:
            await line.stop()
        # Refused means that nobody listens; what was connected before is dropped.
        line = None if kind == "refuse" else await _site(runner, port)
        return web.json_response({"calls": chat.calls})

    controls = await _runner("/control/{kind}", control)
    await _site(controls, 0)
    print(f"http://127.0.0.1:{port}/api/", f"http://127.0.0.1:{controls.addresses[0][1]}/control/", flush=True)
    # Its standard input ends with the campaign, however that ends.
    await asyncio.to_thread(sys.stdin.read)


async def _runner(path: str, handler: Handler) -> web.AppRunner:
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    return runner


async def _site(runner: web.AppRunner, port: int) -> web.TCPSite | None:
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()
    return site


if __name__ == "__main__":
    asyncio.run(serve(Chat(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
