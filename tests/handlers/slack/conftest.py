"""A small workspace, a messenger on it, and the adapter with a desk that answers what a test wants."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from handlers.slack.app import SlackAdapter
from handlers.slack.http import slack_route
from handlers.slack.sender import SlackMessenger
from handlers.slack.socket import SocketLink
from playground import App, Channel, Command, Playground, RateLimits, SimClock, User, Workspace
from reporting import interactions as i
from reporting.model import Identity
from reporting.ports import Profile

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)


def workspace(**app: Any) -> Workspace:
    """Ana and Bo, a leaver, a robot; channels with and without the bot."""
    app.setdefault("commands", (Command("/rag", "Ask"),))
    app.setdefault("shortcuts", ("report",))
    return Workspace.create(
        team="Acme",
        users=[
            User("U1", "ana", "Ana Ruiz", tz="Europe/Madrid", locale="es-ES", email="Ana@Example.com"),
            User("U2", "bo", "Bo Li"),
            User("U3", "cy", "Cy Old", deleted=True),
            User("U4", "robo", "Robo", is_bot=True),
        ],
        channels=[
            Channel("C1", "general", members=["U1", "U2"]),
            Channel("C2", "leads", kind="private", members=["U1"]),
            Channel("C3", "old", members=["U1"], archived=True),
            Channel("C4", "open", members=["U1"], with_bot=False),
        ],
        app=App(**app),
        clock=SimClock(NOW, speed=0),
    )


@dataclass
class FakeDesk:
    """Keeps what it was told and answers what the test put in."""

    replies: dict[str, Any] = field(default_factory=dict)
    heard: list[Any] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    met: list[Profile] = field(default_factory=list)
    changes: list[Profile] = field(default_factory=list)
    handed: list[tuple[str, str]] = field(default_factory=list)
    reachable: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    gate: Event = field(default_factory=Event)

    def _answer(self, name: str, what: Any) -> i.Reply:
        self.heard.append(what)
        answer = self.replies.get(name, ())
        if isinstance(answer, Exception):
            raise answer
        return answer(what) if callable(answer) else answer

    def command(self, command: i.Command) -> i.Reply:
        return self._answer("command", command)

    def click(self, click: i.Click) -> i.Reply:
        return self._answer(click.action, click)

    def submit(self, submission: i.Submission) -> i.Reply:
        return self._answer("submit", submission)

    def typing(self, submission: i.Submission) -> i.Reply:
        return self._answer("typing", submission)

    def home(self, identity: Identity) -> i.Reply:
        return self._answer("home", identity)

    def meet(self, profile: Profile) -> bool:
        self.met.append(profile)
        return not profile.guest

    def knows(self, identity: Identity) -> bool:
        return identity.user_id in self.known

    def reached(self, identity: Identity, lost: tuple[str, ...]) -> None:
        self.reachable.append((identity.user_id, lost))

    def handed_over(self, identity: Identity, file: i.SendFile) -> None:
        self.handed.append((identity.user_id, file.filename))

    def changed(self, profile: Profile) -> None:
        self.changes.append(profile)


def accounts(people: Collection[int]) -> Mapping[int, str]:
    """Person 1 is Ana, person 2 is Bo."""
    return {n: f"U{n}" for n in people if n in {1, 2}}


@dataclass
class Bench:
    """Everything running."""

    pg: Playground
    desk: FakeDesk
    messenger: SlackMessenger
    adapter: SlackAdapter
    stopped: list[str]
    link: SocketLink | None = None
    url: str = ""

    async def settled(self) -> None:
        """Until neither side has anything under way."""
        await self.pg.settled()
        await self.adapter.settled()


@asynccontextmanager
async def bench(transport: str, desk: FakeDesk | None = None, **options: Any) -> AsyncIterator[Bench]:
    """The adapter connected to a playground by `socket` or `http`; `none` leaves it unconnected."""
    space = options.pop("space", None) or workspace()
    adapter_options = options.pop("adapter", {})
    options.setdefault("rate_limits", RateLimits(enabled=False))
    options.setdefault("retry_delays", (0.0, 0.05))
    desk = desk or FakeDesk()
    stopped: list[str] = []
    async with AsyncExitStack() as stack:
        pg = await stack.enter_async_context(Playground(space, **options))
        messenger = SlackMessenger(space.app.bot_token, base_url=pg.api_url)
        stack.push_async_callback(messenger.close)
        secret = space.app.signing_secret
        adapter = SlackAdapter(
            messenger, desk, accounts, signing_secret=secret, stopped=stopped.append,
            **{"opens": {"report.open"}, **adapter_options},
        )  # fmt: skip
        stack.push_async_callback(adapter.close, 2.0)
        running = Bench(pg, desk, messenger, adapter, stopped)
        if transport == "http":
            running.url = await stack.enter_async_context(served(adapter, secret))
            pg.set_request_url(running.url)
            await adapter.start()
        elif transport == "socket":
            running.link = SocketLink(adapter, space.app.app_token, watch_seconds=0.05, patience=2)
            stack.push_async_callback(running.link.close)
            await running.link.start()
        yield running


@asynccontextmanager
async def served(adapter: SlackAdapter, secret: str) -> AsyncIterator[str]:
    """The route in a real ASGI server on a free port."""
    import asyncio

    app = Starlette(routes=[slack_route(adapter, secret)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        server.should_exit = True
        await task


@pytest.fixture(params=["socket", "http"])
async def both(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """The adapter over each transport."""
    async with bench(request.param) as running:
        yield running
        assert running.pg.refusals == []


@pytest.fixture
async def wired() -> AsyncIterator[Bench]:
    """The adapter over a socket."""
    async with bench("socket") as running:
        yield running


@pytest.fixture
async def sending() -> AsyncIterator[Bench]:
    """A messenger alone."""
    async with bench("none") as running:
        yield running
