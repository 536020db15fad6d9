"""The real bot against the playground: helpers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import Rollcall, build
from bot.chats.slack import SlackChat
from bot.config import EngineSettings, Secret, Settings, SlackSettings, load_policy
from handlers.slack.surface import Surface
from playground import App, Channel, Command, Playground, RateLimits, SimClock, User, Workspace
from reporting.model import Person, Project

SHIPPED = Path(__file__).parents[2] / "app.yaml"
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUICK = EngineSettings(tick=0.2, channel_spacing=0.0, workspace_spacing=0.0, lookup_spacing=0.0, stop_within=4.0)


def workspace(clock: SimClock | None = None) -> Workspace:
    """The channels and people of the shipped policy."""
    return Workspace.create(
        users=[
            User("U1", "ana", "Ana Lead", tz="Europe/Madrid", locale="en-GB", email="ana@example.org"),
            User("U2", "petra", "Petra Moss", tz="Europe/London", email="petra.moss@example.org"),
        ],
        channels=[
            Channel("C1", "leadership", members=["U2"]),
            Channel("C2", "alerts"),
            Channel("C3", "pmo", kind="private"),
        ],
        app=App(
            commands=(Command("/rag"),), shortcuts=("report",), events=tuple(event.name for event in Surface().events)
        ),
        clock=clock or SimClock(MONDAY),
    )


def slack_of(bot: Rollcall) -> SlackChat:
    """The bot's Slack."""
    chat = bot.chats["slack"]
    assert isinstance(chat, SlackChat)
    return chat


@dataclass
class Live:
    """A bot and the workspace it works in."""

    bot: Rollcall
    playground: Playground
    clock: SimClock

    async def forward(self, **length: float) -> None:
        """Let time pass in small steps, as in the demo."""
        target = self.clock.now() + timedelta(**length)
        while self.clock.now() < target:
            self.clock.set(min(self.clock.now() + timedelta(minutes=30), target))
            await self.bot.catch_up(patience=1)

    def texts(self, channel: str) -> list[str]:
        return [message.text for message in self.playground.workspace.visible(channel)]


def settings_for(playground: Playground, folder: Path, mode: str = "socket") -> Settings:
    """What the environment would say."""
    app = playground.workspace.app
    return Settings(
        policy=load_policy(SHIPPED),
        slack=SlackSettings(
            bot_token=Secret(app.bot_token),
            app_token=Secret(app.app_token),
            signing_secret=Secret(app.signing_secret),
            api_url=playground.api_url,
            mode="http" if mode == "http" else "socket",
        ),
        database_url=Secret(f"sqlite:///{folder / 'rollcall.db'}"),
        data_dir=folder,
        config_path=SHIPPED,
        port=0,
        engine=QUICK,
    )


@asynccontextmanager
async def playing(**options: Any) -> AsyncIterator[Playground]:
    """A workspace without rate limits."""
    async with Playground(workspace(), rate_limits=RateLimits(enabled=False), **options) as playground:
        yield playground


@asynccontextmanager
async def running(folder: Path, mode: str = "socket", **changes: Any) -> AsyncIterator[Live]:
    """The bot, started, with one project in its register."""
    async with playing() as playground:
        settings = replace(settings_for(playground, folder, mode), **changes)
        bot = build(settings, playground.clock, chat_follows=True)
        register(bot)
        await bot.start()
        if mode == "http":
            playground.set_request_url(f"{bot.web.address}/slack/events")
        try:
            yield Live(bot, playground, playground.clock)
        finally:
            await bot.stop()


def register(bot: Rollcall) -> None:
    """One lead with one project."""
    with bot.store.begin() as uow:
        ana = uow.people.add(Person(0, "Ana Lead", "ana@example.org"))
        portfolio = uow.projects.add_portfolio("imaging", "Imaging")
        uow.projects.add(Project(0, "ATLAS", "Atlas scanner", portfolio.id, lead_id=ana.id))
