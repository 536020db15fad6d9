"""response_url: up to five posts within thirty minutes (Slack docs: handling user interaction)."""

import json
import secrets
from datetime import timedelta
from typing import Any

from aiohttp import web

from playground.api.args import Args
from playground.api.chat import read_metadata
from playground.api.method import Call
from playground.errors import SlackError
from playground.log import ApiCall, Refusal
from playground.model import Json, Message, ResponseHook
from playground.people.acks import answer_message
from playground.world import World

MAX_USES = 5
LIFE = timedelta(minutes=30)


class ResponseHooks:
    """Gives out response_urls and answers posts to them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._hooks: dict[str, ResponseHook] = {}

    def new(self, kind: str, user: str, channel: str, source: Message | None = None) -> str:
        """A response_url for a command (`commands`) or an action (`actions`) of a user."""
        name = secrets.token_urlsafe(18)
        expires = self.world.space.clock.now() + LIFE
        self._hooks[name] = ResponseHook(name, user, channel, expires, source)
        return f"{self.world.base_url}/hooks/{kind}/{self.world.space.team_id}/{name}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One post to a response_url."""
        text = await request.text()
        fault = self.world.faults.strike("response_url", None)
        if fault is not None and fault.kind in ("drop_before", "http500"):
            return self._failed(request, fault.kind)
        try:
            fields = _fields(text)
            self._use(request.match_info["name"], fields)
        except SlackError as error:
            self.world.refusals.append(Refusal("response_url", error.code, tuple(error.faults), text))
            self._note(text, error.code)
            return web.json_response(error.answer(), status=404 if error.code.endswith("_url") else 400)
        self._note(text, None)
        if fault is not None and fault.kind in ("drop_after", "http500_after"):
            return self._failed(request, fault.kind)
        return web.Response(text="ok", content_type="text/plain")

    def _use(self, name: str, fields: Json) -> None:
        hook = self._hooks.get(name)
        if hook is None or self.world.space.clock.now() > hook.expires:
            raise SlackError("expired_url")
        if hook.uses >= MAX_USES:
            raise SlackError("used_url")
        fresh = answer_message(self.world, hook.user, hook.channel, fields)
        if fresh is not None and "metadata" in fields:
            fresh.metadata = read_metadata(Call(self.world, Args(fields))) or None
        hook.uses += 1
        self._apply(hook, fields, fresh)

    def _apply(self, hook: ResponseHook, fields: Json, fresh: Message | None) -> None:
        source = hook.source
        if fields.get("delete_original"):
            if source is not None:
                source.deleted = True
                self.world.space.changed(source)
            return
        if fresh is None:
            return
        if fields.get("replace_original") and source is not None:
            self._replace(source, fresh)
            return
        self.world.space.post(fresh)

    def _replace(self, source: Message, fresh: Message) -> None:
        source.text, source.blocks, source.attachments = fresh.text, fresh.blocks, fresh.attachments
        if not source.ephemeral:
            source.edited = {"user": source.user, "ts": fresh.ts}
        self.world.space.changed(source)

    def _note(self, text: str, error: str | None) -> None:
        answer = {"ok": error is None} | ({"error": error} if error else {})
        call = ApiCall("response_url", _loose(text), error, answer, self.world.space.clock.epoch())
        self.world.log.entries.append(call)
        self.world.space.tell("api", {"method": "response_url"})

    def _failed(self, request: web.Request, kind: str) -> web.Response:
        if kind.startswith("drop") and request.transport is not None:
            request.transport.close()
        return web.Response(status=500, text="Server Error")


def _fields(text: str) -> Json:
    try:
        value: Any = json.loads(text)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(value, dict):
        raise SlackError("invalid_payload")
    return value


def _loose(text: str) -> Json:
    try:
        return _fields(text)
    except SlackError:
        return {"body": text}
