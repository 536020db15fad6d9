"""`run`, `worker` and `tick`."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version

import click
import structlog

from bot.app import Rollcall, build
from bot.cli.known import FAILED, settings
from bot.config import Settings
from bot.engine.clock import RehearsalClock, SystemClock
from bot.logs import redact
from bot.tracing import make_tracing
from reporting.ports import Clock, StoreBusy
from storage.engines import is_postgres

# Seconds for which a start waits for a busy database, and from one try to the next.
_PATIENCE, _PAUSE = 60.0, 1.0


@click.command()
@click.option("--now", "now", metavar="ISO", help="Rehearse: start the clock at this instant, 2026-11-23T09:00.")
@click.option("--speed", default=1.0, show_default=True, help="Rehearse: run the clock so many times as fast.")
def run(now: str | None, speed: float) -> None:
    """Run the bot until it is told to stop (Ctrl-C, SIGTERM)."""
    clock = _clock(now, speed)
    found = settings()
    if isinstance(clock, RehearsalClock):
        _banner(clock)
    asyncio.run(_run(found, clock, speed))


@click.command()
def worker() -> None:
    """Help others that run on the same PostgreSQL: send and keep the time, listen to nobody."""
    found = settings()
    if not is_postgres(found.database_url.reveal()):
        raise click.UsageError(
            "a worker shares a database with others, and SQLite is for one process: "
            "ROLLCALL_DATABASE_URL must be a postgresql:// address. Nothing was started."
        )
    asyncio.run(_run(found, SystemClock(), 1.0, listens=False))


@click.command()
@click.option("--patience", default=30.0, show_default=True, help="Seconds to wait for work that must be repeated.")
def tick(patience: float) -> None:
    """Do once whatever is due now, then end: for machines where something else keeps the time."""
    asyncio.run(_tick(settings(), patience))


def _clock(now: str | None, speed: float) -> Clock:
    if now is None and speed == 1.0:
        return SystemClock()
    try:
        if not math.isfinite(speed):
            raise ValueError(f"{speed} is no speed")
        start = datetime.fromisoformat(now) if now else SystemClock().now()
        # Without a zone an instant is meant as the machine's local time.
        return RehearsalClock(start if start.tzinfo else start.astimezone(), speed)
    except ValueError as error:
        raise click.BadParameter(f"{error}; write --now 2026-11-23T09:00 and a speed above 0") from None


def _banner(clock: RehearsalClock) -> None:
    log = structlog.get_logger("rollcall")
    log.warning("=" * 60)
    log.warning("REHEARSAL: the clock is not the real one", now=clock.now().isoformat(), speed=clock.speed)
    log.warning("messages are really sent to the workspace of this token")
    log.warning("=" * 60)


async def _run(found: Settings, clock: Clock, speed: float, listens: bool = True) -> None:
    def make() -> Rollcall:
        return build(found, clock, speed, listens=listens, tracing=make_tracing(os.environ, version("rollcall")))

    ended = asyncio.Event()
    on_signals(ended.set)
    bot = await _started(make, ended)
    # What is there by now stays for good: to look through it for garbage again and again would only delay answers.
    gc.freeze()
    try:
        await ended.wait()
    finally:
        await bot.stop()


async def _started(make: Callable[[], Rollcall], ended: asyncio.Event, serving: bool = True) -> Rollcall:
    """A bot that has started, as soon as the database takes what a start writes down.

    Another process may hold it: one that stands still in the middle of writing is sent away by PostgreSQL after a few
    seconds, and an import on SQLite ends by itself.

    Args:
        ended: set when the process is told to end, which ends the waiting.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + _PATIENCE
    while True:
        try:
            bot = make()
            await bot.start(serving)
        except StoreBusy as busy:
            if ended.is_set() or loop.time() > until:
                raise
            structlog.get_logger("rollcall").warning("database_busy", detail=str(busy), do="tried again")
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _PAUSE)
        else:
            return bot


def on_signals(stop: Callable[[], None]) -> None:
    """Call back when the process is told to end."""
    if sys.platform == "win32":  # has no such handlers; Ctrl-C arrives there as KeyboardInterrupt
        return
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop)


async def _tick(found: Settings, patience: float) -> None:
    bot = await _started(lambda: build(found), asyncio.Event(), serving=False)
    try:
        await bot.catch_up(patience)
    finally:
        await bot.stop()
    if bot.ticker.failure is not None:
        click.echo(f"Not everything that is due could be done: {redact(bot.ticker.failure)}. See the log.", err=True)
        raise SystemExit(FAILED)
    click.echo(f"Done: everything due at {SystemClock().now():%Y-%m-%d %H:%M} UTC.")
