"""The stage of a company that works in both: one bot in the local workspace and in the stand-in for Teams at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.app import Rollcall
from playground import Playground, RateLimits, SimClock
from reporting.model import Identity, Person
from tests.scenarios.client import Client, Seen
from tests.scenarios.on_slack import SlackStage, workspace
from tests.scenarios.on_teams import TeamsStage, in_teams
from tests.scenarios.stage import START, Stage, register, scenario_policy
from tests.support.databases import database
from tests.support.teams import FakeTeams

System = Literal["slack", "teams"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where everybody and everything is.

    Attributes:
        channels: the chat system of the channels.
        teams: who works in Teams; all others work in Slack.
    """

    channels: System = "slack"
    teams: tuple[str, ...] = ("ana", "emil")


class BothStage(Stage):
    """A bot, the workspace and the tenant it works in."""

    def __init__(self, slack: SlackStage, teams: TeamsStage, setting: Setting, **stage: Any) -> None:
        super().__init__(**stage)
        self.slack = slack
        self.teams = teams
        self.setting = setting

    @property
    def clock(self) -> SimClock:
        return self.slack.clock

    @property
    def tenant(self) -> str:
        raise AssertionError("there is one for each chat system")

    @property
    def refusals(self) -> list[Any]:
        return [*self.slack.refusals, *self.teams.refusals]

    def chat_settings(self) -> dict[str, Any]:
        return {**self.teams.chat_settings(), **self.slack.chat_settings()}

    def make_bot(self) -> Rollcall:
        self.slack.bot = self.teams.bot = bot = super().make_bot()
        return bot

    async def connect(self) -> None:
        await self.slack.connect()

    async def settled(self) -> None:
        await self.slack.settled()

    def client(self, name: str) -> Client:
        return self.side("teams" if name in self.setting.teams else "slack").client(name)

    # ------------------------------------------------------------ of both

    def side(self, system: System) -> Stage:
        """One of the two."""
        return self.teams if system == "teams" else self.slack

    def account(self, name: str, system: System = "slack") -> Identity:
        """Somebody's account."""
        if system == "teams":
            return Identity("teams", self.teams.tenant, self.teams.people[name].aad)
        return Identity("slack", self.slack.tenant, f"U_{name.upper()}")

    def posted(self, channel: str) -> list[Seen]:
        return self.side(self.setting.channels).posted(channel)

    def replies(self, seen: Seen) -> list[Seen]:
        return self.side(self.setting.channels).replies(seen)

    def human(self, name: str) -> Person:
        """Somebody as the register has them."""
        with self.bot.store.read() as uow:
            found = uow.people.by_email(f"{name}@labs.example")
        assert found is not None
        return found


@asynccontextmanager
async def staged_in_both(folder: Path, setting: Setting, **changes: Any) -> AsyncIterator[BothStage]:
    """The same people and projects as on the other stages; the bot is running, the app of Teams installed for those
    who work there and in the team."""
    clock = SimClock(START)
    async with AsyncExitStack() as opened:
        url = opened.enter_context(database("sqlite", folder))
        playground = Playground(workspace(clock), rate_limits=RateLimits(enabled=False))
        await opened.enter_async_context(playground)
        fake = await opened.enter_async_context(FakeTeams(rates=False))
        policy = scenario_policy(**changes)
        shared = {"folder": folder, "policy": policy, "url": url}
        slack, teams = SlackStage(playground, "socket", **shared), TeamsStage(fake, clock, **shared)
        stage = BothStage(slack, teams, setting, **shared)
        if setting.channels == "teams":
            stage.policy = in_teams(policy, teams.place)
        stage.bot = stage.make_bot()
        register(stage, lambda name: stage.account(name, "teams" if name in setting.teams else "slack"))
        await stage.begin()
        await teams.install(setting.teams)
        await stage.settle()
        try:
            yield stage
        finally:
            await stage.bot.stop()
