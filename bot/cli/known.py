"""Faults that are known are said in words, with an exit code and without a traceback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot.chats import NotReached
from bot.config import ConfigFaults, Settings, load, load_policy
from bot.config.environment import Environment
from bot.engine.clock import SystemClock
from bot.logs import redact, set_up
from bot.preflight import look_everywhere
from bot.rooms import make_services, open_existing, open_store
from bot.web import PortTaken
from digests.faults import TemplateFault
from reporting.policy import Policy
from reporting.ports import StoreBusy
from reporting.services.context import Services
from storage.backup import CopyRefused
from storage.engines import BadDatabaseUrl
from storage.lock import AlreadyRunning
from storage.migrate import DatabaseFault, current, require_current

FAILED, MISCONFIGURED = 1, 2
_KNOWN = (AlreadyRunning, CopyRefused, DatabaseFault, BadDatabaseUrl, NotReached, StoreBusy, PortTaken, TemplateFault)


@contextmanager
def faults_told(ctx: click.Context) -> Iterator[None]:
    """Run a command that may raise known faults."""
    try:
        yield
    except ConfigFaults as error:
        tell_faults(error.faults)
        ctx.exit(MISCONFIGURED)
    except _KNOWN as error:
        click.echo(redact(str(error)), err=True)
        ctx.exit(FAILED)


def tell_faults(faults: Iterable[object]) -> None:
    """One line for each fault, and how many there are."""
    lines = [redact(str(fault)) for fault in faults]
    for line in lines:
        click.echo(line, err=True)
    click.echo(f"{len(lines)} {'fault' if len(lines) == 1 else 'faults'}. Nothing was changed.", err=True)


def settings() -> Settings:
    """Settings from the environment, with the log set up as they say.

    Raises:
        ConfigFaults: with every fault.
    """
    try:
        found = load(os.environ)
        _require_database(found.database_url.reveal())
    except (ConfigFaults, DatabaseFault, BadDatabaseUrl):
        # One fault must not hide the others: whatever can still be looked at is.
        faults = asyncio.run(look_everywhere(os.environ))
        if not faults:
            raise
        raise ConfigFaults(faults) from None
    set_up(found.log, sys.stderr)
    return found


def _require_database(url: str) -> None:
    if current(url) is not None:
        require_current(url)


def policy() -> tuple[Policy, Path]:
    """The policy alone and where it stands, for commands that need no chat.

    Raises:
        ConfigFaults: with every fault of the file.
    """
    path = Environment(os.environ).config_path()
    return load_policy(path), path


def database_url() -> str:
    """The address of the database.

    Raises:
        ConfigFaults: it cannot be read.
    """
    environment = Environment(os.environ)
    url = environment.database_url().reveal()
    if environment.faults:
        raise ConfigFaults(environment.faults)
    return url


def offline(looking: bool = False) -> Services:
    """The rules over the database, without any chat.

    Args:
        looking: only to look at what is there: a database that is missing is not made.

    Raises:
        ConfigFaults, DatabaseFault, BadDatabaseUrl: what cannot be used.
    """
    found, _ = policy()
    return make_services(found, (open_existing if looking else open_store)(database_url()), SystemClock())
