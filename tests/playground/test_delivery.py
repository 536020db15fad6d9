"""Deadlines, retries, signatures and Socket Mode connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from playground import Playground, RateLimits
from tests.playground.conftest import running, web_client, workspace
from tests.playground.robot import Robot

Json = dict[str, Any]


class Plain:
    """A bare HTTP app: answers each request with the next status (the last one stays) and keeps what it got."""

    def __init__(self, *statuses: int, **headers: str) -> None:
        self.statuses = list(statuses)
        self.headers = headers
        self.got: list[tuple[dict[str, str], str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        self.got.append(({k.lower(): v for k, v in request.headers.items()}, await request.text()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 302:
            raise web.HTTPFound("/again")
        return web.Response(status=status, headers=self.headers)


@asynccontextmanager
async def plain(app: Plain, **options: Any) -> AsyncIterator[Playground]:
    """A playground that delivers to a bare HTTP app."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", app.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    options.setdefault("retry_delays", (0.0, 0.01, 0.01))
    async with Playground(workspace(), request_url=url, **options) as pg:
        yield pg
    await runner.cleanup()


async def test_requests_are_signed() -> None:
    app = Plain(200)
    async with plain(app) as pg:
        await pg.person("U1").command("/rag red")
        await pg.person("U1").shortcut("report")
        await pg.person("U1").say("hi")
        await pg.settled()
    verifier = SignatureVerifier(pg.workspace.app.signing_secret)
    assert all(verifier.is_valid_request(body, headers) for headers, body in app.got)
    assert not any(SignatureVerifier("other").is_valid_request(body, headers) for headers, body in app.got)
    kinds = [headers["content-type"] for headers, _ in app.got]
    assert kinds == ["application/x-www-form-urlencoded"] * 2 + ["application/json"]
    assert app.got[0][1].startswith("token=legacy&team_id=T0PLAY&")
    assert app.got[1][1].startswith("payload=%7B")


async def test_bolt_refuses_a_wrong_signature() -> None:
    space = workspace()
    async with running(Robot(), "http", space=space) as pg:
        space.app.signing_secret = "rotated"
        transport: Any = pg.courier.transport
        pg.set_request_url(transport.url)
        outcome = await pg.person("U1").command("/rag")
        assert outcome.error == '/rag failed with the error "dispatch_failed"'
        assert pg.log.deliveries("/rag")[0].error == "http_error"


async def test_url_verification() -> None:
    async with running(Robot(), "http") as pg:
        assert await pg.verify_request_url()
    async with plain(Plain(200)) as pg:
        assert not await pg.verify_request_url()


async def test_a_late_acknowledgement_is_an_error_to_the_person(transport: str) -> None:
    async def slow(_body: Json, _client: Any) -> None:
        await asyncio.sleep(0.2)

    async with running(Robot({"/rag": slow, "shortcut": slow}), transport, ack_seconds=0.1) as pg:
        outcome = await pg.person("U1").command("/rag")
        assert outcome.error == '/rag failed with the error "operation_timeout"'
        assert 100 <= outcome.took_ms < 1000
        outcome = await pg.person("U1").shortcut("report")
        assert outcome.error == "We had some trouble connecting. Try again?"
        assert [entry.attempt for entry in pg.log.deliveries("/rag")] == [0]
        await asyncio.sleep(0.15)


async def test_no_app_at_all() -> None:
    async with Playground(workspace()) as pg:
        outcome = await pg.person("U1").command("/rag")
        assert outcome.error == '/rag failed with the error "dispatch_failed"'
        pg.set_request_url("http://127.0.0.1:9/")
        await pg.person("U1").command("/rag")
        assert pg.log.deliveries("/rag")[1].error == "connection_failed"


async def test_events_are_retried_three_times() -> None:
    app = Plain(500)
    async with plain(app) as pg:
        await pg.person("U1").say("hi")
        await pg.settled()
    numbers = [headers.get("x-slack-retry-num") for headers, _ in app.got]
    assert numbers == [None, "1", "2", "3"]
    assert {headers.get("x-slack-retry-reason") for headers, _ in app.got[1:]} == {"http_error"}
    assert len({body for _, body in app.got}) == 1


async def test_a_retry_that_works_is_the_last() -> None:
    app = Plain(500, 200)
    async with plain(app) as pg:
        await pg.person("U1").open_home()
        await pg.settled()
        assert [entry.error for entry in pg.log.deliveries("app_home_opened")] == ["http_error", None]


async def test_no_retry_when_the_app_says_so() -> None:
    app = Plain(500, **{"x-slack-no-retry": "1"})
    async with plain(app) as pg:
        await pg.person("U1").say("hi")
        await pg.settled()
    assert len(app.got) == 1


async def test_endless_redirects() -> None:
    app = Plain(302)
    async with plain(app, retry_delays=()) as pg:
        await pg.person("U1").say("hi")
        await pg.settled()
        assert pg.log.deliveries("message")[0].error == "too_many_redirects"


async def test_only_subscribed_events_with_their_scope() -> None:
    app = Plain(200)
    async with plain(app) as pg:
        await pg.person("U1").say("to everybody", "general")
        pg.workspace.app.scopes = ("chat:write",)
        await pg.person("U1").say("hi")
        await pg.settled()
    assert app.got == []


@asynccontextmanager
async def link(pg: Playground) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A hand-made connection that has read its hello."""
    opened: Any = await web_client(pg, pg.workspace.app.app_token).apps_connections_open(app_token="xapp-play")
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as socket:
        hello = await socket.receive_json()
        assert hello["type"] == "hello"
        assert hello["connection_info"] == {"app_id": "A0PLAY"}
        yield socket


@pytest.fixture
async def sockets() -> AsyncIterator[Playground]:
    """A playground with quick retries and a short deadline."""
    limits = RateLimits(enabled=False)
    async with Playground(workspace(), ack_seconds=0.4, retry_delays=(0.0, 0.01), rate_limits=limits) as pg:
        yield pg


async def test_an_unacknowledged_event_comes_again(sockets: Playground) -> None:
    async with link(sockets) as socket:
        await sockets.person("U1").say("hi")
        first = await socket.receive_json()
        second = await socket.receive_json()
        await socket.send_json({"envelope_id": second["envelope_id"]})
        await sockets.settled()
    assert (first["type"], first["accepts_response_payload"], first["retry_attempt"]) == ("events_api", False, 0)
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["envelope_id"] != second["envelope_id"]
    assert first["payload"]["event_id"] == second["payload"]["event_id"]


async def test_an_event_moves_to_another_connection(sockets: Playground) -> None:
    async with link(sockets) as one:
        await sockets.person("U1").say("hi")
        await one.receive_json()
        async with link(sockets) as two:
            await one.close()
            again = await two.receive_json()
            await two.send_json({"envelope_id": again["envelope_id"]})
            await sockets.settled()
    assert again["retry_attempt"] == 1


async def test_connections_take_turns(sockets: Playground) -> None:
    async with link(sockets) as one, link(sockets) as two:
        await sockets.person("U1").say("a")
        await sockets.person("U1").say("b")
        got = [await socket.receive_json() for socket in (one, two)]
        assert {each["payload"]["event"]["text"] for each in got} == {"a", "b"}


async def test_an_answer_in_the_envelope(sockets: Playground) -> None:
    async with link(sockets) as socket:
        asked = asyncio.create_task(sockets.person("U1").command("/rag"))
        envelope = await socket.receive_json()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Hi"}})
        assert (await asked).ok
    assert sockets.person("U1").messages()[0].text == "Hi"


async def test_a_ticket_works_once_and_ten_connections_are_enough(sockets: Playground) -> None:
    client = web_client(sockets, sockets.workspace.app.app_token)
    opened = [await client.apps_connections_open(app_token="xapp-play") for _ in range(11)]
    async with aiohttp.ClientSession() as session:
        links = [await session.ws_connect(str(each["url"])) for each in opened]
        answers = [await each.receive_json() for each in links]
        assert [answer["type"] for answer in answers] == ["hello"] * 10 + ["disconnect"]
        assert answers[-1]["reason"] == "too_many_websockets"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(str(opened[0]["url"]))


async def test_refresh_makes_bolt_come_back() -> None:
    robot = Robot()
    async with running(robot, "socket") as pg:
        before = len(pg.log.calls("apps.connections.open"))
        await pg.sockets.refresh()
        await pg.until(lambda: len(pg.log.calls("apps.connections.open")) > before and pg.sockets.connections == 1)
        assert (await pg.person("U1").command("/rag")).ok


async def test_every_delivery_is_logged(transport: str) -> None:
    async with running(Robot({"/rag": "Hi"}), transport) as pg:
        await pg.person("U1").command("/rag")
        [entry] = pg.log.deliveries("/rag")
        assert (entry.kind, entry.name, entry.ok) == ("slash_commands", "/rag", True)
        assert 0 <= entry.took < 3
        assert entry.payload["command"] == "/rag"
