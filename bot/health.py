"""Whether the bot is well: why it cannot do its work now, whether it is past help, and what waits.

Ready: everything that is needed works. Not ready is often somebody else's trouble, such as a database that is away,
and ends with it. Stuck: the process itself has come to a standstill that only a new start ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import structlog

from bot.chats import Chat
from bot.engine.clock import Ticker
from bot.engine.deliver import Deliver
from bot.engine.endings import Endings
from bot.metrics import Queue
from reporting.ports import Clock, JobEngine
from storage.jobs import unfinished_jobs
from storage.store import SqlStore

_T = TypeVar("_T")
# A database that answers later than this is as good as away; a probe waits no longer.
_PATIENCE = 2.0


class Pump(Protocol):
    """The task that runs the engine."""

    def done(self) -> bool:
        """Whether it has ended."""
        ...


class Health:
    """Looks at the parts of one running bot.

    Attributes:
        pump: the task that runs the engine; None before the start.
    """

    def __init__(
        self,
        store: SqlStore,
        clock: Clock,
        engine: JobEngine,
        ticker: Ticker,
        chats: Mapping[str, Chat],
        deliver: Deliver,
        endings: Endings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine
        self._ticker = ticker
        self._chats = chats
        self._deliver = deliver
        self._endings = endings
        self.pump: Pump | None = None
        self._log = structlog.get_logger("rollcall")

    async def not_ready(self) -> list[str]:
        """Why the bot cannot do its work just now, in words; empty when it can."""
        trouble = [self._pump_trouble(), self._ticker.trouble(), await self._database()]
        reasons = [reason for reason in trouble if reason is not None]
        unwell = await self.unwell()
        # One chat system that is away is no reason to send away those of another.
        if len(unwell) == len(self._chats):
            reasons = [*(reason for each in unwell.values() for reason in each), *reasons]
        return reasons

    async def unwell(self) -> dict[str, list[str]]:
        """The chat systems that cannot be worked with just now, each with the reasons in words."""
        found = {platform: await self._trouble_of(chat) for platform, chat in self._chats.items()}
        return {platform: reasons for platform, reasons in found.items() if reasons}

    async def _trouble_of(self, chat: Chat) -> list[str]:
        code = self._deliver.stopped.get(chat.platform)
        ended = [] if code is None else [f"{chat.title} has ended this installation ({code})"]
        if chat.platform in self._endings.untold:
            ended.append("nobody of the PMO can be told of it by another chat system")
        return [*await chat.not_ready(), *ended]

    async def stuck(self) -> list[str]:
        """Why only a new start of the process helps, in words; empty while it may get well by itself."""
        if self.pump is None:
            return []
        found = [
            "the engine has ended" if self.pump.done() else None,
            self._engine.stuck(),
            self._ticker.pulse.stuck(),
        ]
        return [reason for reason in found if reason is not None]

    async def queue(self) -> Queue | None:
        """What waits; None when the database does not tell."""
        try:
            return await self._asked(self._count)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other numbers are still wanted
            self._log.warning("queue_unreadable", exc_info=error)
            return None

    def _pump_trouble(self) -> str | None:
        if self.pump is None or self.pump.done():
            return "the engine is not running"
        return self._engine.trouble()

    async def _database(self) -> str | None:
        try:
            await self._asked(self._read)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is that the database cannot be read
            self._log.warning("database_unreadable", exc_info=error)
            return f"the database cannot be read ({type(error).__name__})"
        return None

    async def _asked(self, ask: Callable[[], _T]) -> _T:
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.to_thread(ask)

    def _read(self) -> None:
        with self._store.read() as uow:
            uow.schedules.keys()

    def _count(self) -> Queue:
        now = self._clock.now()
        with self._store.read() as uow:
            due, oldest = uow.deliveries.backlog(now)
        age = 0.0 if oldest is None else (now - oldest).total_seconds()
        return Queue(unfinished_jobs(self._store), due, age)
