"""Both engines over databases of their own, for the benchmarks that need them without any chat."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from benchmarks.torture.cluster import Cluster
from benchmarks.world import policy
from bot.engine.attempt import Holds
from bot.engine.choice import make_engine, make_store, prepare
from bot.engine.clock import SystemClock
from bot.engine.deliver import Deliver
from bot.engine.outlets import Outlet
from bot.engine.slots import RateSlots
from bot.rooms import make_services
from reporting.ledger import Delivery, MessageRef
from reporting.messages import Message
from reporting.ports import JobEngine, Profile
from reporting.services.context import Services
from storage.store import SqlStore

ENGINES = ("embedded", "procrastinate")


@asynccontextmanager
async def database(engine: str) -> AsyncIterator[str]:
    """The address of an empty database with tables for this engine.

    Raises:
        NoServer: there is no PostgreSQL.
    """
    if engine == "procrastinate":
        async with Cluster() as cluster:
            prepare(cluster.url)
            yield cluster.url
        return
    folder = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    try:
        url = f"sqlite:///{folder / 'rollcall.db'}"
        prepare(url)
        yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Taker:
    """A chat that takes everything at once."""

    platform = "slack"
    looks_back = True

    def __init__(self) -> None:
        """Nothing is there yet."""
        self.taken = 0

    def render(
        self, message: Message, _users: Mapping[int, str], _locale: str | None = None, _threaded: bool = False
    ) -> list[dict[str, Any]]:
        """One part."""
        return [{"text": message.summary}]

    render_plain = render

    async def post(
        self, target: str, _part: Mapping[str, Any], _key: str, _thread: MessageRef | None = None
    ) -> MessageRef:
        """Taken."""
        self.taken += 1
        return MessageRef(target, str(self.taken))

    async def update(self, _ref: MessageRef, _part: Mapping[str, Any], _key: str) -> None:
        """Taken."""

    async def delete(self, _ref: MessageRef) -> None:
        """Taken."""

    async def find(
        self, _target: str, _key: str, _since: datetime, _thread: MessageRef | None = None
    ) -> MessageRef | None:
        """Nothing is ever in doubt here."""
        return None

    async def profile(self, _user_id: str) -> Profile | None:
        """Nobody is known."""
        return None

    async def lookup(self, _email: str) -> Profile | None:
        """Nobody is known."""
        return None


def quiet() -> None:
    """Only warnings: a line for each message would be measured too."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _unwritten(delivery: Delivery) -> Message | None:
    raise AssertionError(f"{delivery.key} should have been written beforehand")


@dataclass(frozen=True, slots=True)
class Bot:
    """The sending half of the product, in this process."""

    store: SqlStore
    services: Services
    engine: JobEngine


def sending_half(url: str) -> Bot:
    """Store, engine and sender over a database, without limits of rate, to a chat that takes everything."""
    store, clock = make_store(url), SystemClock()
    services = make_services(policy(), store, clock)
    holds = Holds(sending=24.0, request=12.0, doubt=5.0)
    deliver = Deliver(services, {"slack": Outlet(Taker(), RateSlots(0.0, 0.0))}, _unwritten, holds=holds)
    engine = make_engine(store, clock)
    engine.handle("deliver", deliver, deliver.give_up)
    return Bot(store, services, engine)
