"""`demo-teams`: the whole product in Microsoft's Agents Playground, for somebody who has no Teams and no server."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import click
from aiohttp import ClientSession

from bot.app import Rollcall
from bot.cli.demo import Script
from bot.cli.known import FAILED
from bot.cli.running import on_signals
from bot.cli.stage import AT_ONCE
from bot.cli.week import MOMENTS, Week
from bot.config import LogSettings, Secret, Settings, TeamsSettings, load_policy
from bot.demo_data import Demo, DemoCompany, load
from bot.demo_teams.absent import Absent, chat_of
from bot.demo_teams.agents import RENDERER, NoPlayground, installed, running
from bot.demo_teams.bridge import BOT, Bridge, Showing
from bot.demo_teams.people import (
    BOT_ID,
    CHANNEL,
    PERSONAL_CHAT,
    TEAM,
    TENANT_ID,
    account,
    configuration,
    user_id,
)
from bot.engine.clock import SystemClock
from bot.logs import set_up
from bot.rooms import make_services, open_store
from bot.web import PortTaken
from handlers.teams.book import Book
from handlers.teams.surface import PATH
from playground import SimClock
from reporting.model import Identity, Role
from reporting.policy import Policy
from reporting.services.context import Services
from storage.store import SqlStore

# The playground looks through one pair of eyes: a project lead, who here has the rights of the PMO as well.
EYES: Final = "ana"
NOTICE: Final = (
    "You are Ana Ferreira, a project lead, here with the rights of the PMO too. Answer the prompt, type red or missing,"
    " then move the clock to Friday 16:00: the digest is in leadership, alerts are in General. Everything is made up."
)
_BEFORE = timedelta(minutes=1)
_PATIENCE = 0.5
_TIME: Final = "%A %d %B, %H:%M"


@click.command("demo-teams")
@click.option("--port", default=8643, show_default=True, help="Port of the page; it is on this machine only.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(sys.prefix) / "agents-playground",
    help="Where the playground is installed by npm, once.  [default: beside this Python]",
)
@click.option("--verbose", is_flag=True, help="Show the bot's log.")
def demo_teams(port: int, folder: Path, verbose: bool) -> None:
    """Show the whole product in Microsoft's Agents Playground, without Teams. Needs Node and npm. Nothing is kept."""
    if find_spec("microsoft_teams") is None:
        click.echo("This needs the extra `teams`: install rollcall[teams], or run `make demo-teams`.", err=True)
        raise SystemExit(FAILED)
    set_up(LogSettings(level="info" if verbose else "error"), sys.stderr)
    try:
        playground = installed(folder)
        asyncio.run(_perform(playground, port))
    except NoPlayground as error:
        click.echo(f"The demo in Teams cannot be shown: {error}", err=True)
        raise SystemExit(FAILED) from None


async def _perform(playground: Path, port: int) -> None:
    ended = asyncio.Event()
    on_signals(ended.set)
    with TemporaryDirectory(prefix="rollcall-demo-") as folder:
        async with performing(playground, Path(folder), port) as (bridge, _):
            click.echo(f"\n  Rollcall is ready: open {bridge.url} in a browser. Ctrl-C ends it.\n")
            await ended.wait()


@asynccontextmanager
async def performing(playground: Path, folder: Path, port: int = 0) -> AsyncIterator[tuple[Bridge, Rollcall]]:
    """The page, the playground and the bot, with the first prompt sent.

    Args:
        playground: where it is installed.
        folder: for the database and logs.
        port: of the page; any that is free when 0.

    Raises:
        PortTaken: something else listens at the port.
        NoPlayground: it cannot be started.
    """
    policy = in_the_playground(load_policy(Path(str(files("bot.demo_data") / "app.yaml"))))
    store = open_store(f"sqlite:///{folder / 'rollcall.db'}")
    services = make_services(policy, store, SystemClock(), ("teams",))
    demo = load(services, services.clock.now().date(), account=lambda key: Identity("teams", TENANT_ID, account(key)))
    clock = SimClock(demo.prompted_at - _BEFORE)
    unseen = [key for key in demo.company.people if key != EYES]
    zone = ZoneInfo(policy.zone)
    bridge = Bridge(
        _showing(demo.company, playground),
        Absent(demo.company, unseen),
        lambda: clock.now().astimezone(zone).strftime(_TIME),
        port or _free_port(),
    )
    bot = Rollcall(_settings(policy, store, bridge, folder), store, clock, chat_follows=True)
    with ExitStack() as stage:
        try:
            await _start_bridge(bridge)
            await _start_playground(stage, bridge, playground, folder, demo.company)
            await asyncio.to_thread(_reach, services, bridge, unseen)
            await bot.start()
            bridge.bot = f"{bot.web.address}{PATH}"
            await _installed(bridge, bot)
            await _begin(bridge, bot, clock, demo)
            yield bridge, bot
        finally:
            await bot.stop()
            await bridge.stop()
            # In a thread: it waits for a process to end.
            await asyncio.to_thread(stage.close)


def in_the_playground(policy: Policy) -> Policy:
    """The demo's policy with the two channels that the playground has, and the visitor among the PMO."""
    roles = {**policy.roles, Role.PMO: (*policy.roles.get(Role.PMO, ()), "ana.ferreira@lumenfold.example")}
    return replace(
        policy,
        digests=tuple(replace(digest, channel=CHANNEL) for digest in policy.digests[:1]),
        alerts=tuple(replace(alert, channel=TEAM) for alert in policy.alerts),
        pmo_channel=TEAM,
        roles=roles,
    )


def _showing(company: DemoCompany, playground: Path) -> Showing:
    me = company.people[EYES]
    visitor = {"id": user_id(EYES), "name": me.name, "aadObjectId": account(EYES), "tz": me.tz}
    moments = tuple({"id": m.id, "label": m.label, "hint": m.hint} for m in MOMENTS)
    return Showing(visitor, NOTICE, moments, playground / RENDERER)


def _settings(policy: Policy, store: SqlStore, bridge: Bridge, folder: Path) -> Settings:
    return Settings(
        policy=policy,
        slack=None,
        teams=TeamsSettings(
            BOT_ID, TENANT_ID, service_hosts=(bridge.url.removeprefix("http://"),), unverified=True
        ),
        database_url=Secret(store.url),
        data_dir=folder,
        config_path=None,
        port=0,
        engine=AT_ONCE,
    )  # fmt: skip


async def _start_bridge(bridge: Bridge) -> None:
    try:
        await bridge.start()
    except OSError as error:
        port = bridge.url.rsplit(":", 1)[1]
        raise PortTaken(f"cannot listen on port {port} ({error.strerror}); choose another with --port") from None


async def _start_playground(
    stage: ExitStack, bridge: Bridge, playground: Path, folder: Path, company: DemoCompany
) -> None:
    people, zone = configuration(company, EYES), company.people[EYES].tz
    run = running(playground, _free_port(), f"{bridge.url}{BOT}", people, zone, bridge.service_url, folder)
    await bridge.listen_to((await asyncio.to_thread(stage.enter_context, run)).url)


def _reach(services: Services, bridge: Bridge, unseen: list[str]) -> None:
    """The others have the app already."""
    book = Book(services.store, services.clock, TENANT_ID)
    for key in unseen:
        book.met(account(key), "personal", chat_of(key), bridge.service_url)


async def _installed(bridge: Bridge, bot: Rollcall) -> None:
    """The visitor gets the app, and the team does."""
    async with ClientSession(trust_env=False) as session:
        for place in (PERSONAL_CHAT, CHANNEL, TEAM):
            url = f"{bridge.playground}/_debug/conversation/{quote(place, safe='')}/installation"
            async with session.post(url, json={}) as answer:
                answer.raise_for_status()
    await bot.catch_up()


async def _begin(bridge: Bridge, bot: Rollcall, clock: SimClock, demo: Demo) -> None:
    """The first prompts go out, and the clock can be moved from then on."""
    actors = Script(bot.services, demo)

    async def step() -> None:
        await bot.catch_up()
        if await asyncio.to_thread(actors.play_due):
            await bot.catch_up()
        await bridge.ticked()

    clock.set(demo.prompted_at)
    await bot.catch_up(_PATIENCE)
    bridge.on_moment = Week(clock, step, bot.services.policy.zone, actors.next_at).go


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
