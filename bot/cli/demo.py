"""`demo`: the whole product on a local page, for somebody who has neither Slack nor a server."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.app import Rollcall
from bot.cli.imports import load_file
from bot.cli.known import FAILED, tell_faults
from bot.cli.own import own_policy, own_stage, own_start, with_own_digests
from bot.cli.running import on_signals
from bot.cli.stage import AT_ONCE, TEAM, Stage, company_stage
from bot.cli.week import MOMENTS, Week
from bot.config import LogSettings, Secret, Settings, SlackSettings, load_policy
from bot.demo_data import Answer, Demo, load, play
from bot.engine.clock import SystemClock
from bot.imports import Kind
from bot.logs import set_up
from bot.rooms import make_services, open_store
from bot.web import PortTaken
from playground import ClockControl, Embedder, Playground, RateLimits
from reporting.policy import Policy
from reporting.services.context import Services
from storage.store import SqlStore

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NOTICE = (
    "Begin as Ana, a project lead: answer her prompt, then move the clock to Friday 16:00 and look through Carl's eyes."
    " Everything here is made up."
)
_OWN_NOTICE = (
    "Your own portfolio; it stays on this machine and is forgotten when the demo ends. Friday 16:00 brings the digest"
    " of what was reported last, Next Monday asks the leads; /rag answers at any time."
)
# Real seconds that a step of the clock waits for work that is to be repeated.
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Show:
    """What is shown: by which policy, who is there, when it begins, what the visitor is told, what others answer."""

    policy: Policy
    stage: Stage
    start: datetime
    workspace: str
    notice: str
    script: Demo | None = None


@click.command()
@click.option("--port", default=8642, show_default=True, help="Port of the page; it is on this machine only.")
@click.option("--register", type=_FILE, help="A register of your own instead of the made-up company (CSV or XLSX).")
@click.option("--reports", type=_FILE, help="Its history of reports.")
@click.option("--mapping", type=_FILE, help="How the columns of these files are called.")
@click.option("--verbose", is_flag=True, help="Show the bot's log.")
def demo(port: int, register: Path | None, reports: Path | None, mapping: Path | None, verbose: bool) -> None:
    """Show the whole product on a local page, without Slack. Nothing is kept."""
    if (reports or mapping) and register is None:
        raise click.UsageError("--reports and --mapping go with --register")
    set_up(LogSettings(level="info" if verbose else "error"), sys.stderr)
    policy = load_policy(Path(str(files("bot.demo_data") / "app.yaml")))
    with TemporaryDirectory(prefix="rollcall-demo-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'rollcall.db'}")
        if register is None:
            show = company_show(make_services(policy, store, SystemClock()))
        else:
            show = own_show(make_services(own_policy(policy), store, SystemClock()), register, reports, mapping)
        asyncio.run(_perform(show, store, Path(folder), port))


def company_show(services: Services) -> Show:
    """The made-up company, written into an empty store."""
    script = load(services, services.clock.now().date())
    return Show(services.policy, company_stage(script.company), script.prompted_at, script.workspace, _NOTICE, script)


def own_show(services: Services, register: Path, reports: Path | None, mapping: Path | None) -> Show:
    """One's own register and history, read into an empty store."""
    wanted: list[tuple[Kind, Path]] = [("register", register)]
    wanted += [("reports", reports)] if reports else []
    for kind, file in wanted:
        report = load_file(services, kind, file, mapping)
        if report.faults:
            tell_faults(report.faults)
            raise SystemExit(FAILED)
    services = replace(services, policy=with_own_digests(services))
    return Show(services.policy, own_stage(services), own_start(services), TEAM, _OWN_NOTICE)


@asynccontextmanager
async def performing(
    show: Show, store: SqlStore, folder: Path, port: int = 0
) -> AsyncIterator[tuple[Playground, Rollcall]]:
    """The page and the bot behind it, connected over Socket Mode.

    Raises:
        PortTaken: something else listens at the port.
    """
    embedder = Embedder([ClockControl(m.id, m.label, m.hint) for m in MOMENTS], notice=show.notice)
    space = show.stage.workspace(show.start, show.workspace)
    playground = Playground(space, rate_limits=RateLimits(enabled=False), embedder=embedder, port=port)
    try:
        await playground.start()
    except OSError as error:
        raise PortTaken(f"cannot listen on port {port} ({error.strerror}); choose another with --port") from None
    bot = Rollcall(_settings(show.policy, store, playground, folder), store, space.clock, chat_follows=True)
    actors = Script(bot.services, show.script)

    async def step() -> None:
        await bot.catch_up()
        if await asyncio.to_thread(actors.play_due):
            await bot.catch_up()

    embedder.on_control = Week(space.clock, step, show.policy.zone, actors.next_at).go
    try:
        await bot.start()
        await bot.catch_up(_PATIENCE)
        yield playground, bot
    finally:
        await bot.stop()
        await playground.stop()


class Script:
    """What the others answer, each at its time."""

    def __init__(self, services: Services, script: Demo | None) -> None:
        self._services = services
        self._script = script
        self._left: deque[Answer] = deque(script.answers if script else ())

    def next_at(self) -> datetime | None:
        """When the next one answers."""
        return self._left[0].at if self._left else None

    def play_due(self) -> int:
        """Record what is due by now; returns how much that was."""
        played = 0
        while self._script and self._left and self._left[0].at <= self._services.clock.now():
            play(self._services, self._script, self._left.popleft())
            played += 1
        return played


def _settings(policy: Policy, store: SqlStore, playground: Playground, folder: Path) -> Settings:
    app = playground.workspace.app
    return Settings(
        policy=policy,
        slack=SlackSettings(Secret(app.bot_token), Secret(app.app_token), api_url=playground.api_url),
        database_url=Secret(store.url),
        data_dir=folder,
        config_path=None,
        port=0,
        engine=AT_ONCE,
    )


async def _perform(show: Show, store: SqlStore, folder: Path, port: int) -> None:
    ended = asyncio.Event()
    on_signals(ended.set)
    async with performing(show, store, folder, port) as (playground, _):
        click.echo(f"\n  Rollcall is ready: open {playground.base_url} in a browser. Ctrl-C ends it.\n")
        await ended.wait()
