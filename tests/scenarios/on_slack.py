"""The stage of Slack: the local workspace, the real Bolt over sockets or signed HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.app import Rollcall
from bot.config import Secret, SlackSettings
from handlers.slack.surface import Surface
from playground import App, Channel, Command, Person, Playground, RateLimits, SimClock, User, Workspace
from playground.model import Message
from reporting.model import Identity
from tests.scenarios.slack_client import SlackClient
from tests.scenarios.stage import PEOPLE, START, Stage, register, scenario_policy
from tests.support.databases import database


def workspace(clock: SimClock) -> Workspace:
    """The people and channels of the stage."""
    users = [
        User(f"U_{name.upper()}", name, name.capitalize(), tz=tz, locale="en-GB", email=f"{name}@labs.example")
        for name, tz in PEOPLE.items()
    ]
    members = [user.id for user in users]
    channels = [Channel(f"C_{name}", name.lower(), members=members) for name in ("LEAD", "ALERTS", "PMO")]
    surface = Surface()
    app = App(
        scopes=surface.scopes(),
        events=tuple(event.name for event in surface.events),
        commands=(Command(surface.command.name, surface.command.description, surface.command.hint),),
        shortcuts=tuple(shortcut.callback_id for shortcut in surface.shortcuts),
    )
    return Workspace.create(users=users, channels=channels, app=app, clock=clock)


class SlackStage(Stage):
    """A bot and the workspace it works in; what is Slack's own beside what every stage has."""

    def __init__(self, playground: Playground, mode: str, **stage: Any) -> None:
        super().__init__(**stage)
        self.playground = playground
        self.mode = mode
        self._clients: dict[str, SlackClient] = {}

    # ------------------------------------------------------------ the chat system

    @property
    def clock(self) -> SimClock:
        return self.playground.workspace.clock

    @property
    def tenant(self) -> str:
        return self.playground.workspace.team_id

    def chat_settings(self) -> dict[str, Any]:
        app = self.playground.workspace.app
        slack = SlackSettings(
            bot_token=Secret(app.bot_token),
            app_token=Secret(app.app_token),
            signing_secret=Secret(app.signing_secret),
            api_url=self.playground.api_url,
            mode="http" if self.mode == "http" else "socket",
        )
        return {"slack": slack}

    async def connect(self) -> None:
        if self.mode == "http":
            self.playground.set_request_url(f"{self.bot.web.address}/slack/events")

    async def settled(self) -> None:
        await self.playground.settled()

    @property
    def refusals(self) -> list[Any]:
        return self.playground.refusals

    def client(self, name: str) -> SlackClient:
        if name not in self._clients:
            self._clients[name] = SlackClient(self.playground, name)
        return self._clients[name]

    # ------------------------------------------------------------ Slack's own

    def person(self, name: str) -> Person:
        """Somebody at their client."""
        return self.playground.person(f"U_{name.upper()}")

    def prompt(self, name: str, index: int = -1) -> Message:
        """The newest prompt in somebody's direct messages."""
        return [m for m in self.person(name).messages() if "Report" in str(m.blocks) or "Edit" in str(m.blocks)][index]

    async def open_report(self, name: str, key: str) -> dict[str, Any]:
        """Press Report beside a project; the modal."""
        await self.open_sheet(name, key)
        return self.person(name).modal()

    def channel(self, name: str) -> list[Message]:
        """What was posted in a channel, threads left out."""
        return [m for m in self.person("carl").messages(f"C_{name}") if not m.ephemeral and m.thread_ts in (None, m.ts)]

    def thread(self, message: Message) -> list[Message]:
        """The replies to a message."""
        everything = self.playground.workspace.visible(message.channel)
        return [m for m in everything if m.thread_ts == message.ts and m.ts != message.ts]


def said(message: Message) -> str:
    """All text of a message."""
    return f"{message.text}\n{message.blocks}"


def elements(message: Message) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """All interactive elements of a message, each with its block."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for block in message.all_blocks:
        inside = block.get("elements", []) if block["type"] == "actions" else []
        found += [(block, element) for element in [*inside, *([block["accessory"]] if "accessory" in block else [])]]
    return found


@asynccontextmanager
async def staged(
    folder: Path, mode: str, start: datetime = START, kind: str = "sqlite", **changes: Any
) -> AsyncIterator[SlackStage]:
    """The stage with three leads and four projects; the bot is running, on a database of this kind."""
    clock = SimClock(start)
    async with AsyncExitStack() as opened:
        url = opened.enter_context(database(kind, folder))
        playground = await opened.enter_async_context(
            Playground(workspace(clock), rate_limits=RateLimits(enabled=False))
        )
        stage = SlackStage(playground, mode, folder=folder, policy=scenario_policy(**changes), url=url)
        stage.bot = stage.make_bot()
        register(stage, lambda name: Identity("slack", stage.tenant, f"U_{name.upper()}"))
        await stage.begin()
        try:
            yield stage
        finally:
            await stage.bot.stop()


__all__ = ["Rollcall", "SlackStage", "elements", "said", "staged", "workspace"]
