"""A small workspace and a real Bolt app on both transports."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from playground import App, Channel, Command, Playground, RateLimits, SimClock, User, Workspace

Register = Callable[[AsyncApp], None]
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


def workspace(**app: Any) -> Workspace:
    """Two leads, a leaver, a public, a private, an archived and a foreign channel."""
    commands = (Command("/rag", "Ask", "red"), Command("/raw", should_escape=False))
    return Workspace.create(
        team="Acme",
        users=[
            User("U1", "ana", "Ana Ruiz", tz="Europe/Madrid", email="ana@example.com", quiet_hours=("22:00", "08:00")),
            User("U2", "bo", "Bo Li", tz="Asia/Shanghai", locale="zh-CN", featured=True),
            User("U3", "cy", "Cy Old", deleted=True),
        ],
        channels=[
            Channel("C1", "general", members=["U1", "U2"]),
            Channel("C2", "leads", kind="private", members=["U1"]),
            Channel("C3", "old", members=["U1"], archived=True),
            Channel("C4", "open", members=["U1"], with_bot=False),
            Channel("C5", "secret", kind="private", members=["U1"], with_bot=False),
        ],
        app=App(commands=commands, shortcuts=("report",), **app),
        clock=SimClock(MONDAY, speed=0),
    )


def web_client(pg: Playground, token: str | None = None, **more: Any) -> AsyncWebClient:
    """A real client without retries."""
    token = pg.workspace.app.bot_token if token is None else token
    return AsyncWebClient(token=token, base_url=pg.api_url, retry_handlers=[], **more)


@asynccontextmanager
async def running(register: Register, transport: str, **options: Any) -> AsyncIterator[Playground]:
    """A playground with a real Bolt app connected to it."""
    space = options.pop("space", None) or workspace()
    options.setdefault("rate_limits", RateLimits(enabled=False))
    options.setdefault("retry_delays", (0.0, 0.02, 0.02))
    async with AsyncExitStack() as stack:
        pg = await stack.enter_async_context(Playground(space, **options))
        app = AsyncApp(client=web_client(pg), signing_secret=space.app.signing_secret)
        register(app)
        if transport == "socket":
            handler = AsyncSocketModeHandler(app, space.app.app_token)
            await handler.connect_async()  # type: ignore[no-untyped-call]
            stack.push_async_callback(handler.close_async)
            await pg.until(lambda: pg.sockets.connections == 1)
        else:
            pg.set_request_url(await stack.enter_async_context(_http(app)))
        yield pg


@asynccontextmanager
async def _http(app: AsyncApp) -> AsyncIterator[str]:
    runner = web.AppRunner(app.server(port=0).web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.fixture
async def pg() -> AsyncIterator[Playground]:
    """A playground without an app and without rate limits."""
    async with Playground(workspace(), rate_limits=RateLimits(enabled=False), file_seconds=60) as running_pg:
        yield running_pg


@pytest.fixture
def client(pg: Playground) -> AsyncWebClient:
    """The app's client."""
    return web_client(pg)


@pytest.fixture(params=["http", "socket"])
def transport(request: pytest.FixtureRequest) -> str:
    """Both ways to the app."""
    return str(request.param)
