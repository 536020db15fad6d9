"""The stage of Microsoft Teams: the stand-in for it, the real SDK over HTTP with tokens that are checked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.config import Secret, TeamsSettings
from playground import SimClock
from reporting.model import Identity
from reporting.policy import Policy
from tests.scenarios.stage import PEOPLE, START, Stage, register, scenario_policy
from tests.scenarios.teams_client import TeamsClient
from tests.support.databases import database
from tests.support.teams import APP_ID, SECRET, TENANT, FakePerson, FakeTeams, Place

PATH = "/api/messages"


class TeamsStage(Stage):
    """A bot and the tenant it works in."""

    def __init__(self, teams: FakeTeams, clock: SimClock, **stage: Any) -> None:
        super().__init__(**stage)
        self.teams = teams
        self._clock = clock
        self.people = {name: teams.world.person(name.capitalize(), f"{name}@labs.example") for name in PEOPLE}
        self.team = teams.world.team("Portfolio", members=list(self.people.values()))
        self._clients: dict[str, TeamsClient] = {}

    @property
    def clock(self) -> SimClock:
        return self._clock

    @property
    def tenant(self) -> str:
        return TENANT

    @property
    def refusals(self) -> list[Any]:
        return self.teams.refusals

    def chat_settings(self) -> dict[str, Any]:
        return {"slack": None, "teams": settings_for(self.teams)}

    async def connect(self) -> None:
        """Nothing: the bot's address is asked for at every request."""

    async def settled(self) -> None:
        """Every request is waited for by whoever makes it."""

    def client(self, name: str) -> TeamsClient:
        if name not in self._clients:
            self._clients[name] = TeamsClient(
                self.teams, self.people[name], PEOPLE.get(name, "Europe/Berlin"), self.place, self.address
            )
        return self._clients[name]

    def address(self) -> str:
        """Where the bot takes activities."""
        return f"{self.bot.web.address}{PATH}"

    def place(self, name: str) -> Place:
        """A channel of the stage."""
        return self.team.channel(name.capitalize())

    async def install(self, names: Iterable[str] = PEOPLE) -> None:
        """The administrator installs the app: for these people, and in the team."""
        for name in names:
            await self.client(name).installed()
        await self.client("carl").installed_in(self.team.general)
        await self.settle()
        for name in names:
            self.client(name).begin()

    async def arrive(self, name: str) -> None:
        """Somebody installs the app by themselves, and reads its greeting."""
        before = len(self.people[name].messages())
        self.teams.world.install(self.people[name])
        await self.client(name).installed()
        await self.bot.chats["teams"].settled()
        self.client(name).begin(since=before)
        await self.settle()


def settings_for(teams: FakeTeams, **changes: Any) -> TeamsSettings:
    """How a bot reaches the stand-in."""
    given: dict[str, Any] = {
        "client_id": APP_ID,
        "tenant_id": TENANT,
        "secret": Secret(SECRET),
        "login_url": teams.login_url,
        "openid_url": teams.openid_url,
        "graph_url": teams.graph_url,
        "service_hosts": (urlsplit(teams.service_url).netloc,),
    }
    return TeamsSettings(**(given | changes))


def in_teams(policy: Policy, stage_place: Any) -> Policy:
    """A policy with the channels `C_NAME` as channels of the team."""

    def there(channel: str | None) -> str | None:
        return stage_place(channel.removeprefix("C_")).id if channel and channel.startswith("C_") else channel

    return replace(
        policy,
        digests=tuple(replace(one, channel=there(one.channel) or "") for one in policy.digests),
        alerts=tuple(replace(one, channel=there(one.channel) or "") for one in policy.alerts),
        pmo_channel=there(policy.pmo_channel),
    )


@asynccontextmanager
async def staged_in_teams(
    folder: Path, start: datetime = START, kind: str = "sqlite", without: Collection[str] = (), **changes: Any
) -> AsyncIterator[TeamsStage]:
    """The same stage, people and projects as on Slack; the bot is running, the app installed.

    Args:
        without: who does not have the app, and is in no team that has it.
    """
    clock = SimClock(start)
    async with AsyncExitStack() as opened:
        url = opened.enter_context(database(kind, folder))
        teams = await opened.enter_async_context(FakeTeams(rates=False))
        stage = TeamsStage(teams, clock, folder=folder, policy=scenario_policy(**changes), url=url)
        stage.policy = in_teams(stage.policy, stage.place)
        stage.bot = stage.make_bot()
        register(stage, lambda name: Identity("teams", stage.tenant, stage.people[name].aad))
        for name in without:
            teams.world.uninstall(stage.people[name])
            stage.team.members.remove(stage.people[name])
        await stage.begin()
        await stage.install([name for name in PEOPLE if name not in without])
        try:
            yield stage
        finally:
            await stage.bot.stop()


__all__ = ["FakePerson", "TeamsStage", "in_teams", "settings_for", "staged_in_teams"]
