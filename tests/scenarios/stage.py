"""The whole product on a stage: the real bot, a chat system that plays the real one, and people at their client."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import Rollcall, build
from bot.config import EngineSettings, Secret, Settings
from playground import SimClock
from reporting.model import Identity, Project, Standing
from reporting.model import Person as Human
from reporting.policy import DigestPolicy, Policy
from tests.scenarios.client import Client, Seen
from tests.support.policy import ALERTS, make_policy

QUICK = EngineSettings(
    tick=3600, channel_spacing=0.0, workspace_spacing=0.0, lookup_spacing=0.0, stop_within=4.0, holds=(12.0, 11.0, 0.01)
)
START = datetime(2026, 9, 28, 5, 0, tzinfo=UTC)
PEOPLE = {
    "ana": "Europe/Berlin",
    "ben": "Europe/Berlin",
    "dora": "America/New_York",
    "emil": "Europe/Berlin",
    "carl": "Europe/Berlin",
    "anna": "Europe/Berlin",
}


def scenario_policy(**changes: Any) -> Policy:
    """The tests' policy with the channels of the stage."""
    digests = (DigestPolicy("leadership", "C_LEAD", portfolios=("imaging",)),)
    return make_policy(**({"alerts": ALERTS, "digests": digests, "pmo_channel": "C_PMO"} | changes))


# How often, and after how many seconds, to look whether a form has opened.
_LOOKS, _LOOK = 1000, 0.01


class Stage(ABC):
    """A bot, and the chat system that it works in."""

    bot: Rollcall

    def __init__(self, folder: Path, policy: Policy, url: str) -> None:
        self.folder = folder
        self.policy = policy
        self.url = url

    # ------------------------------------------------------------ the chat system

    @property
    @abstractmethod
    def clock(self) -> SimClock:
        """Everybody's clock."""

    @property
    @abstractmethod
    def tenant(self) -> str:
        """The workspace or tenant."""

    @property
    @abstractmethod
    def refusals(self) -> list[Any]:
        """What the chat system did not take, though nobody asked it to be difficult."""

    @abstractmethod
    def chat_settings(self) -> dict[str, Any]:
        """How the bot reaches it."""

    @abstractmethod
    async def connect(self) -> None:
        """Tell it where the bot that has just started listens."""

    @abstractmethod
    async def settled(self) -> None:
        """Nothing is under way in it."""

    @abstractmethod
    def client(self, name: str) -> Client:
        """Somebody at their client."""

    # ------------------------------------------------------------ the bot's life

    def make_bot(self) -> Rollcall:
        """The bot as the environment would configure it."""
        settings = Settings(
            policy=self.policy,
            database_url=Secret(self.url),
            data_dir=self.folder,
            config_path=self.folder / "app.yaml",
            port=0,
            engine=QUICK,
            **self.chat_settings(),
        )
        return build(settings, self.clock, chat_follows=True)

    async def restart(self, at: tuple[str, str] | None = None) -> None:
        """Stop the bot, perhaps let time pass, and start it again on the same database."""
        await self.bot.stop()
        if at is not None:
            self.clock.set(self.at(*at))
        self.bot = self.make_bot()
        await self.begin()

    async def begin(self) -> None:
        """Start the bot."""
        await self.bot.start()
        await self.connect()
        await self.bot.catch_up()

    def at(self, day: str, wall: str, zone: str = "Europe/Berlin") -> datetime:
        """The instant of a local day and wall time."""
        return datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    async def go(self, day: str, wall: str, zone: str = "Europe/Berlin") -> None:
        """Move the clock and let everything due be done."""
        self.clock.set(self.at(day, wall, zone))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.settled()
        await self.bot.catch_up()
        await self.settled()

    # ------------------------------------------------------------ what people see

    def inbox(self, name: str) -> list[Seen]:
        """Somebody's direct conversation with the bot."""
        return self.client(name).inbox()

    def asked(self, name: str, index: int = -1) -> Seen:
        """The newest prompt in it."""
        return [m for m in self.inbox(name) if any(b.action.startswith("report.open") for b in m.buttons)][index]

    def posted(self, channel: str) -> list[Seen]:
        """What was posted in a channel, threads left out."""
        return self.client("carl").channel(channel)

    def replies(self, seen: Seen) -> list[Seen]:
        """The thread under a message."""
        return self.client("carl").thread(seen)

    # ------------------------------------------------------------ what people do

    async def open_sheet(self, name: str, key: str) -> None:
        """Press Report beside a project."""
        await self.open_from(name, self.asked(name), key)

    async def open_from(self, name: str, seen: Seen, key: str) -> None:
        """Open a project's report from a message."""
        await self.client(name).press(seen, action="report.open", value=f":{self.project(key).id}")
        await self.until_open(name, "Headline")

    async def until_open(self, name: str, label: str) -> None:
        """Wait for the form with a field of this label."""
        client = self.client(name)
        for _ in range(_LOOKS):
            if client.form() is not None and label in client.labels():
                return
            await asyncio.sleep(_LOOK)
        raise AssertionError(f"{name} sees {client.form()}")

    async def report(
        self, name: str, key: str, rag: str = "Green", headline: str = "All is well.", **more: Any
    ) -> None:
        """Answer as a lead does."""
        client = self.client(name)
        await self.open_sheet(name, key)
        await client.fill("Overall status", rag)
        await self.settle()
        values = {"Headline": headline} | more
        if rag != "Green":
            values = {
                "Why is it not green?": "The supplier is late.",
                "Path to green: what happens": "Second supplier signed",
                "Path to green: who does it": "Ana",
                "Path to green: by when": "2027-01-29",
            } | values
        if "What do you correct?" in client.labels():
            values = {"What do you correct?": "A typing error."} | values
        assert await client.send(**values), client.form()
        await self.settle()

    async def form(self, name: str, line: str, **values: Any) -> None:
        """Open a form by typing, and send it; `_` in a label's name stands for a blank."""
        client = self.client(name)
        await client.open_by_line(line)
        assert await client.send(**values), client.form()
        await self.settle()

    async def ask(self, name: str, line: str) -> str:
        """Type a command, without its name; the words of the private answer."""
        client = self.client(name)
        before = len(client.answers())
        await client.ask(line)
        await self.settle()
        new = client.answers()[before:]
        assert new, f"no answer to {line}"
        return "\n".join(seen.text for seen in new)

    # ------------------------------------------------------------ looking into the register

    def project(self, key: str) -> Project:
        """A project of the register."""
        with self.bot.store.read() as uow:
            project = uow.projects.by_key(key)
        assert project is not None
        return project

    def standing(self, key: str) -> Standing:
        """Where it stands."""
        with self.bot.store.read() as uow:
            standing = uow.board.get(self.project(key).id)
        assert standing is not None
        return standing


def register(stage: Stage, account: Callable[[str], Identity]) -> None:
    """ATLAS and BEAM led by Ana (deputy Emil, sponsor Carl), CORE by Ben, DELTA by Dora in New York."""
    with stage.bot.store.begin() as uow:
        ids = {}
        for name, tz in PEOPLE.items():
            human = Human(0, name.capitalize(), f"{name}@labs.example", tz, "en-GB", identities=(account(name),))
            ids[name] = uow.people.add(human).id
        portfolio = uow.projects.add_portfolio("imaging", "Imaging")
        base = Project(0, "", "", portfolio.id, sponsor_id=ids["carl"])
        for key, lead, deputy in (("ATLAS", "ana", "emil"), ("BEAM", "ana", "emil"), ("CORE", "ben", None),
                                  ("DELTA", "dora", None)):  # fmt: skip
            uow.projects.add(
                replace(base, key=key, name=f"{key.capitalize()} project", lead_id=ids[lead],
                        deputy_id=ids[deputy] if deputy else None)
            )  # fmt: skip
