"""`/api/<method>` over HTTP: arguments, token, faults, rate limit, scopes, then the method."""

import asyncio
import json
from typing import Any

from aiohttp import web

from playground.api import METHODS
from playground.api.args import Args
from playground.api.method import Call, Method
from playground.errors import SlackError
from playground.faults import Fault
from playground.log import ApiCall, Refusal
from playground.model import Json
from playground.world import World

_REFUSED = (
    "invalid_",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "view_too_large",
    "metadata_too_large",
    "markdown_text_conflict",
    "too_many_attachments",
    "push_limit_reached",
    "duplicate_external_id",
    "expired_trigger_id",
    "exchanged_trigger_id",
)


class ApiEndpoint:
    """Answers API calls for one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One API call."""
        name = request.match_info["method"]
        try:
            args, token = await read_args(request)
        except SlackError as error:
            return self._answer(name, {}, error.answer())
        channel = args.get("channel") if isinstance(args.get("channel"), str) else None
        fault = self.world.faults.strike(name, channel)
        early = await self._before(request, name, args, fault)
        if early is not None:
            return early
        limited = self._limited(name, channel)
        if limited is not None:
            return self._rate_limited(name, args, limited)
        answer = await self._run(name, args, token)
        return self._after(request, name, args, answer, fault)

    async def _run(self, name: str, args: Json, token: str) -> Json:
        try:
            method = METHODS.get(name)
            if method is None:
                raise SlackError("unknown_method", extra={"req_method": name})
            self._authenticate(method, token)
            call = Call(self.world, Args(args))
            call.require_scope(*method.scopes)
            return await method.run(call)
        except SlackError as error:
            if error.code.startswith(_REFUSED):
                self.world.refusals.append(Refusal(name, error.code, tuple(error.faults), args))
            return error.answer()

    def _authenticate(self, method: Method, token: str) -> None:
        app = self.world.space.app
        if method.token == "none":
            return
        if not token:
            raise SlackError("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise SlackError("invalid_auth")
        if not app.active:
            raise SlackError("account_inactive")
        if (token == app.app_token) != (method.token == "app"):
            raise SlackError("not_allowed_token_type")

    def _limited(self, name: str, channel: str | None) -> int | None:
        method = METHODS.get(name)
        if method is None:
            return None
        target = channel if name == "chat.postMessage" else None
        if target in self.world.space.users:
            target = self.world.space.dm_id(target)
        return self.world.limits.retry_after(name, method.tier, target)

    async def _before(
        self, request: web.Request, name: str, args: Json, fault: Fault | None
    ) -> web.StreamResponse | None:
        match fault.kind if fault else None:
            case "slow":
                await asyncio.sleep(fault.seconds if fault else 0)
            case "ratelimited":
                return self._rate_limited(name, args, int(fault.seconds) if fault else 1)
            case "error":
                return self._answer(name, args, {"ok": False, "error": fault.code if fault else ""})
            case "http500":
                return self._broken(name, args)
            case "drop_before":
                return self._dropped(request, name, args)
            case "drop_after" | "http500_after" | None:
                pass
        return None

    def _after(
        self, request: web.Request, name: str, args: Json, answer: Json, fault: Fault | None
    ) -> web.StreamResponse:
        if fault and fault.kind == "drop_after":
            return self._dropped(request, name, args)
        if fault and fault.kind == "http500_after":
            return self._broken(name, args)
        # Slack docs: auth.test; scopes travel in a header of the answer.
        scopes = {"X-OAuth-Scopes": ",".join(self.world.space.app.scopes)} if name == "auth.test" else {}
        return self._answer(name, args, answer, 200, **scopes)

    def _answer(self, name: str, args: Json, answer: Json, status: int = 200, **headers: str) -> web.Response:
        error = None if answer.get("ok") else str(answer.get("error"))
        self._note(name, args, error, answer)
        return web.json_response(answer, status=status, headers={"X-Slack-Req-Id": "play", **headers})

    def _rate_limited(self, name: str, args: Json, seconds: int) -> web.Response:
        body = {"ok": False, "error": "ratelimited"}
        self._note(name, args, "ratelimited", body)
        return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})

    def _broken(self, name: str, args: Json) -> web.Response:
        self._note(name, args, "http:500", {})
        return web.Response(status=500, text="<html><body>Server Error</body></html>", content_type="text/html")

    def _dropped(self, request: web.Request, name: str, args: Json) -> web.Response:
        self._note(name, args, "dropped", {})
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def _note(self, name: str, args: Json, error: str | None, answer: Json) -> None:
        self.world.log.entries.append(ApiCall(name, args, error, answer, self.world.space.clock.epoch()))
        self.world.space.tell("api", {"method": name})


async def read_args(request: web.Request) -> tuple[Json, str]:
    """The arguments without the token, and the token.

    Raises:
        SlackError: `invalid_json` or `json_not_object`.
    """
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= _json_object(await request.text())
    elif request.can_read_body:
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else ""
    sent = args.pop("token", None)
    return args, token or str(sent or "")


def _json_object(text: str) -> Json:
    try:
        value: Any = json.loads(text or "{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value
