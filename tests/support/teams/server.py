"""The server: takes calls, applies faults, checks what Teams checks, does the work, writes all of it down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.support.teams import login as login_module
from tests.support.teams.connector import Connector, Refused
from tests.support.teams.faults import Fault, Faults
from tests.support.teams.graph import Graph
from tests.support.teams.login import CONNECTOR, GRAPH, TENANT, Login
from tests.support.teams.played import activity, invoke
from tests.support.teams.rules import Rates
from tests.support.teams.world import FakePerson, Place, Posted, World

Json = dict[str, Any]
HOST = "127.0.0.1"
# Larger bodies are refused by what stands before Teams.
MOST_BODY = 2_000_000
Work = Callable[[web.Request, Any], Awaitable[tuple[int, Any]]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it wanted, where, and with which body."""

    method: str
    conversation: str
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One call that was not taken, for a reason of the caller's."""

    method: str
    conversation: str
    status: int
    code: str
    message: str


class FakeTeams:
    """A running stand-in; use it with `async with`. It listens on 127.0.0.1 only.

    Args:
        rates: False switches the limits off.
    """

    def __init__(self, rates: bool = True) -> None:
        self.world = World(TENANT)
        self.login = Login()
        self.faults = Faults()
        self.rates = Rates(rates)
        self.region = "emea"
        self.graph = Graph(self.world)
        self.connector = Connector(self.world)
        self.calls: list[Call] = []
        self.refusals: list[Refusal] = []
        self.uploads: dict[str, bytes] = {}
        self.url = ""
        self._runner: web.AppRunner | None = None

    # -- life -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BODY)
        app.add_routes(self._routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    # -- addresses ------------------------------------------------------------------------------------------------

    @property
    def service_url(self) -> str:
        """Of the connector, as activities name it."""
        return f"{self.url}/{self.region}/"

    @property
    def login_url(self) -> str:
        """What stands before the tenant."""
        return f"{self.url}/login"

    @property
    def identity(self) -> dict[str, str]:
        """The environment of a machine that has a managed identity."""
        return {"IDENTITY_ENDPOINT": f"{self.url}/identity/token", "IDENTITY_HEADER": login_module.IDENTITY_HEADER}

    @property
    def openid_url(self) -> str:
        """Where the keys of inbound tokens are named."""
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def graph_url(self) -> str:
        """Of Graph, with its version."""
        return f"{self.url}/graph/v1.0"

    @property
    def upload_url(self) -> str:
        """A place for one file, as a consent names it."""
        return f"{self.url}/upload/one"

    def move(self, region: str) -> None:
        """Teams lives at another address from now on; the old one knows nobody."""
        self.region = region

    # -- a client's side ------------------------------------------------------------------------------------------

    def activity(self, person: FakePerson, place: Place | None = None, **more: Any) -> Json:
        """An activity as the bot would get it from a person; in the personal chat unless a channel is given."""
        return activity(self.service_url, person, place or self.world.chat(person), **more)

    def invoke(self, person: FakePerson, name: str, value: Any, place: Place | None = None, **more: Any) -> Json:
        """An invoke activity."""
        return invoke(self.service_url, person, place or self.world.chat(person), name, value, **more)

    def consent(self, person: FakePerson, card: Posted, accept: bool = True) -> Json:
        """What comes when somebody presses a button of a consent card that the bot has posted."""
        (attachment,) = card.activity["attachments"]
        name, content = attachment["name"], attachment["content"]
        value: Json = {"type": "fileUpload", "action": "accept" if accept else "decline"}
        value["context"] = content["acceptContext" if accept else "declineContext"]
        if accept:
            shown = {"contentUrl": f"{self.url}/onedrive/{name}", "uploadUrl": self.upload_url}
            value["uploadInfo"] = {**shown, "name": name, "uniqueId": "u-1", "fileType": name.rpartition(".")[2]}
        return self.invoke(person, "fileConsent/invoke", value, replyToId=card.id)

    def inbound_headers(self, **claims: Any) -> dict[str, str]:
        """The bearer token with which Teams calls the bot; `claims`, `key`, `algorithm` make it a bad one."""
        return {"Authorization": f"Bearer {login_module.inbound_token(self.service_url, **claims)}"}

    def of(self, method: str) -> list[Call]:
        """The calls of one kind."""
        return [call for call in self.calls if call.method == method]

    # -- the wire -------------------------------------------------------------------------------------------------

    def _routes(self) -> list[web.RouteDef]:
        base, one = "/{region}/v3/conversations", "/{region}/v3/conversations/{conversation}"
        return [
            web.post("/login/{tenant}/oauth2/v2.0/token", self._token),
            web.get("/login/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
            web.get("/identity/token", self._identity),
            web.get("/v1/.well-known/openidconfiguration", self._openid),
            web.get("/v1/.well-known/keys", self._keys),
            web.put("/upload/{name}", self._upload),
            web.post(base, self._of_connector("create", self.connector.create)),
            web.post(f"{one}/activities", self._of_connector("send", self.connector.send)),
            web.put(f"{one}/activities/{{activity}}", self._of_connector("update", self.connector.update)),
            web.delete(f"{one}/activities/{{activity}}", self._of_connector("delete", self.connector.delete)),
            web.get(f"{one}/pagedmembers", self._of_connector("members", self.connector.members)),
            web.get(f"{one}/members/{{user}}", self._of_connector("member", self.connector.member)),
            web.get("/{region}/v3/teams/{conversation}/conversations", self._of_connector("channels",
                    self.connector.channels)),
            web.route("*", "/graph/v1.0/{path:.*}", self._graph),
        ]  # fmt: skip

    def _of_connector(self, method: str, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, method, CONNECTOR, work)

        return handle

    async def _graph(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "graph", GRAPH, self.graph.call)

    async def _answer(self, request: web.Request, method: str, audience: str, work: Work) -> web.StreamResponse:
        conversation = request.match_info.get("conversation", "")
        body = await request.json() if request.can_read_body else None
        self.calls.append(Call(method, conversation, body, dict(request.headers)))
        fault = self.faults.strike(method, conversation)
        if fault is not None and not fault.kind.endswith("after"):
            early = await self._strike(request, fault)
            if early is not None:
                return early
        try:
            self._admit(request, method, conversation, audience)
            status, answer = await work(request, body)
        except Refused as refused:
            return self._refuse(method, conversation, refused)
        if fault is not None and fault.kind.endswith("after"):
            late = await self._strike(request, fault)
            if late is not None:
                return late
        return web.json_response(answer, status=status) if answer is not None else web.Response(status=status)

    def _admit(self, request: web.Request, method: str, conversation: str, audience: str) -> None:
        if not self.login.accepts(request.headers.get("Authorization", ""), audience):
            raise Refused(401, "Unauthorized", "Authorization has been denied for this request.")
        if request.match_info.get("region", self.region) != self.region:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        wait = self.rates.wait(method, conversation)
        if wait:
            raise Refused(429, "TooManyRequests", "Too many requests.", {"Retry-After": str(wait)})

    def _refuse(self, method: str, conversation: str, refused: Refused) -> web.Response:
        self.refusals.append(Refusal(method, conversation, refused.status, refused.code, str(refused)))
        return web.json_response(refused.body(), status=refused.status, headers=refused.headers)

    async def _strike(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """What a fault answers; None to go on as if nothing had been."""
        if fault.kind.startswith("slow"):
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind.startswith("drop"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        body = fault.body or {"error": {"code": fault.code, "message": "A fault that was asked for."}}
        return web.json_response(body, status=fault.status, headers=fault.headers)

    # -- keys and tokens ------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append(Call("token", "", {name: form[name] for name in form if "secret" not in name}, {}))
        fault = self.faults.strike("token", "")
        if fault is not None:
            early = await self._strike(request, fault)
            if early is not None:
                return early
        status, answer = self.login.issue(request.match_info["tenant"], form, str(request.url))
        return web.json_response(answer, status=status)

    async def _identity(self, request: web.Request) -> web.StreamResponse:
        """As a machine of Azure is given tokens: address and header stand in its environment."""
        self.calls.append(Call("identity", "", dict(request.query), {}))
        if request.headers.get("X-IDENTITY-HEADER") != login_module.IDENTITY_HEADER:
            return web.json_response({"statusCode": 401, "message": "No."}, status=401)
        if self.login.closed:
            return web.json_response({"statusCode": 400, "message": "No such identity."}, status=400)
        token = self.login.token(request.query["resource"])
        until = str(int(time.time()) + self.login.life)
        answer = {"access_token": token, "expires_on": until, "resource": request.query["resource"]}
        return web.json_response({**answer, "token_type": "Bearer"})

    async def _discovery(self, request: web.Request) -> web.StreamResponse:
        base = f"{self.login_url}/{request.match_info['tenant']}"
        ends = {"token_endpoint": "token", "authorization_endpoint": "authorize"}
        addresses = {name: f"{base}/oauth2/v2.0/{end}" for name, end in ends.items()}
        return web.json_response({"issuer": f"{base}/v2.0", **addresses})

    async def _openid(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.strike("openid", "")
        if fault is not None and (early := await self._strike(request, fault)) is not None:
            return early
        keys = f"{self.url}/v1/.well-known/keys"
        issuer = login_module.ISSUER
        return web.json_response(
            {"issuer": issuer, "jwks_uri": keys, "id_token_signing_alg_values_supported": ["RS256"]}
        )

    async def _keys(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(login_module.key_set())

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """A place in OneDrive: takes a whole file, no token, and says which part of it the body is."""
        content = await request.read()
        fault = self.faults.strike("upload", "")
        if fault is not None and (early := await self._strike(request, fault)) is not None:
            return early
        whole = f"bytes 0-{len(content) - 1}/{len(content)}"
        if request.headers.get("Content-Range") != whole or "Authorization" in request.headers:
            return web.json_response({"error": {"code": "invalidRange"}}, status=416)
        self.uploads[request.match_info["name"]] = content
        return web.json_response({"id": "file-1"}, status=201)
