"""The whole product on a stage: the real bot, the real Bolt, the wire protocol, and people at their client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.app import Rollcall, build
from bot.config import EngineSettings, Secret, Settings, SlackSettings
from handlers.slack.surface import Surface
from playground import App, Channel, Command, Person, Playground, RateLimits, SimClock, User, Workspace
from playground.model import Message
from reporting.model import Identity, Project, Standing
from reporting.model import Person as Human
from reporting.policy import DigestPolicy, Policy
from tests.support.databases import database
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


@dataclass
class Stage:
    """A bot and the workspace it works in."""

    playground: Playground
    folder: Path
    mode: str
    policy: Policy
    url: str
    bot: Rollcall

    # ------------------------------------------------------------ the bot's life

    async def restart(self, at: tuple[str, str] | None = None) -> None:
        """Stop the bot, perhaps let time pass, and start it again on the same database."""
        await self.bot.stop()
        if at is not None:
            self.playground.workspace.clock.set(self.at(*at))
        self.bot = make_bot(self.playground, self.folder, self.mode, self.policy, self.url)
        await self.begin()

    async def begin(self) -> None:
        """Start the bot."""
        await self.bot.start()
        if self.mode == "http":
            self.playground.set_request_url(f"{self.bot.web.address}/slack/events")
        await self.bot.catch_up()

    def at(self, day: str, wall: str, zone: str = "Europe/Berlin") -> datetime:
        """The instant of a local day and wall time."""
        return datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    async def go(self, day: str, wall: str, zone: str = "Europe/Berlin") -> None:
        """Move the clock and let everything due be done."""
        self.playground.workspace.clock.set(self.at(day, wall, zone))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await self.playground.settled()
        await self.bot.catch_up()
        await self.playground.settled()

    # ------------------------------------------------------------ people

    def person(self, name: str) -> Person:
        """Somebody at their client."""
        return self.playground.person(f"U_{name.upper()}")

    def prompt(self, name: str, index: int = -1) -> Message:
        """The newest prompt in somebody's direct messages."""
        return [m for m in self.person(name).messages() if "Report" in str(m.blocks) or "Edit" in str(m.blocks)][index]

    async def open_report(self, name: str, key: str) -> dict[str, Any]:
        """Press Report beside a project."""
        person = self.person(name)
        message = self.prompt(name)
        place = f":{self.project(key).id}"
        block, element = next(
            pair
            for pair in elements(message)
            if str(pair[1].get("value")).endswith(place) and pair[1]["action_id"].startswith("report.open")
        )
        before = len(person.modals())
        container = {"type": "message", "channel": message.channel, "ts": message.ts}
        outcome = await person.acts.action(person.id, container, block["block_id"], element["action_id"], {}, {})
        assert outcome.ok, outcome.error
        await self.playground.until(lambda: len(person.modals()) > before and person.modal()["callback_id"] == "report")
        return person.modal()

    async def report(
        self, name: str, key: str, rag: str = "Green", headline: str = "All is well.", **more: Any
    ) -> None:
        """Answer as a lead does."""
        person = self.person(name)
        modal = await self.open_report(name, key)
        await person.type(modal["id"], "Overall status", rag)
        await self.settle()
        values = {"Headline": headline} | more
        if rag != "Green":
            values = {
                "Why is it not green?": "The supplier is late.",
                "Path to green: what happens": "Second supplier signed",
                "Path to green: who does it": "Ana",
                "Path to green: by when": "2027-01-29",
            } | values
        labels = {b["label"]["text"] for b in person.modal()["blocks"] if b["type"] == "input"}
        if "What do you correct?" in labels:
            values = {"What do you correct?": "A typing error."} | values
        outcome = await person.submit(modal["id"], values)
        assert outcome.ok, (outcome.error, outcome.ack)
        await self.settle()

    async def form(self, name: str, line: str, callback: str, **values: Any) -> None:
        """Open a form with a slash command and send it; `_` in a label's name stands for a blank."""
        person = self.person(name)
        assert (await person.command(line, "C_LEAD")).ok
        await self.playground.until(lambda: person.modals() and person.modal()["callback_id"] == callback)
        outcome = await person.submit(person.modal()["id"], {k.replace("_", " "): v for k, v in values.items()})
        assert outcome.ok, (outcome.error, outcome.ack)
        await self.settle()

    async def ask(self, name: str, line: str) -> str:
        """Type a slash command; the text of the newest private answer."""
        person = self.person(name)
        before = len(person.ephemerals("C_LEAD"))
        outcome = await person.command(line, "C_LEAD")
        assert outcome.ok, outcome.error
        await self.settle()
        await self.playground.until(lambda: len(person.ephemerals("C_LEAD")) > before)
        return "\n".join(said(m) for m in person.ephemerals("C_LEAD")[before:])

    def channel(self, name: str) -> list[Message]:
        """What was posted in a channel, threads left out."""
        return [m for m in self.person("carl").messages(f"C_{name}") if not m.ephemeral and m.thread_ts in (None, m.ts)]

    def thread(self, message: Message) -> list[Message]:
        """The replies to a message."""
        everything = self.playground.workspace.visible(message.channel)
        return [m for m in everything if m.thread_ts == message.ts and m.ts != message.ts]

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


def make_bot(playground: Playground, folder: Path, mode: str, policy: Policy, url: str) -> Rollcall:
    """The bot as the environment would configure it."""
    app = playground.workspace.app
    settings = Settings(
        policy=policy,
        slack=SlackSettings(
            bot_token=Secret(app.bot_token),
            app_token=Secret(app.app_token),
            signing_secret=Secret(app.signing_secret),
            api_url=playground.api_url,
            mode="http" if mode == "http" else "socket",
        ),
        database_url=Secret(url),
        data_dir=folder,
        config_path=folder / "app.yaml",
        port=0,
        engine=QUICK,
    )
    return build(settings, playground.workspace.clock, chat_follows=True)


@asynccontextmanager
async def staged(
    folder: Path, mode: str, start: datetime = START, kind: str = "sqlite", **changes: Any
) -> AsyncIterator[Stage]:
    """The stage with three leads and four projects; the bot is running, on a database of this kind."""
    clock = SimClock(start)
    policy = scenario_policy(**changes)
    async with AsyncExitStack() as opened:
        url = opened.enter_context(database(kind, folder))
        playground = await opened.enter_async_context(
            Playground(workspace(clock), rate_limits=RateLimits(enabled=False))
        )
        bot = make_bot(playground, folder, mode, policy, url)
        stage = Stage(playground, folder, mode, policy, url, bot)
        register(stage)
        await stage.begin()
        try:
            yield stage
        finally:
            await stage.bot.stop()


def register(stage: Stage) -> None:
    """ATLAS and BEAM led by Ana (deputy Emil, sponsor Carl), CORE by Ben, DELTA by Dora in New York."""
    team = stage.playground.workspace.team_id
    with stage.bot.store.begin() as uow:
        ids = {}
        for name, tz in PEOPLE.items():
            identity = Identity("slack", team, f"U_{name.upper()}")
            human = Human(0, name.capitalize(), f"{name}@labs.example", tz, "en-GB", identities=(identity,))
            ids[name] = uow.people.add(human).id
        portfolio = uow.projects.add_portfolio("imaging", "Imaging")
        base = Project(0, "", "", portfolio.id, sponsor_id=ids["carl"])
        for key, lead, deputy in (("ATLAS", "ana", "emil"), ("BEAM", "ana", "emil"), ("CORE", "ben", None),
                                  ("DELTA", "dora", None)):  # fmt: skip
            uow.projects.add(
                replace(base, key=key, name=f"{key.capitalize()} project", lead_id=ids[lead],
                        deputy_id=ids[deputy] if deputy else None)
            )  # fmt: skip
