"""The composition root: the only module that knows everything. What is built here is passed on by argument."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog

from bot.accounts import Accounts
from bot.chats import Chat, House, NotReached, make_chats
from bot.config import Settings
from bot.engine.attempt import Holds
from bot.engine.choice import make_engine, make_slots
from bot.engine.clock import SystemClock, Ticker
from bot.engine.deliver import Deliver, planned_since
from bot.engine.endings import KIND as ENDED
from bot.engine.endings import Endings, Words, compose_ending
from bot.engine.notice import compose_notice
from bot.engine.outages import Outages
from bot.engine.outcomes import Outcome
from bot.engine.outlets import Outlet
from bot.engine.slots import Slots
from bot.health import Health
from bot.metrics import Metrics, TimedSlots
from bot.places import Places
from bot.preflight import endings_in, preflight
from bot.rooms import log_texts, make_services, open_store
from bot.tracing import NoTracing, Tracing
from bot.web import WebServer, web_app
from handlers.desk import Desk
from reporting.ledger import Delivery
from reporting.messages import Message
from reporting.ports import Clock, DeliveryError, InstallationStopped, JobEngine
from reporting.services import outbox, planning
from reporting.services.compose import compose
from reporting.services.context import Services
from reporting.services.digests import RECHECK, REFRESH, recheck, refresh
from reporting.services.undelivered import KIND as NOTICE
from storage.engines import sqlite_path
from storage.lock import DatabaseLock
from storage.store import SqlStore

# How far back to look for a message in doubt while the bot's clock is not the chat's.
_REHEARSED = timedelta(days=7)
# What of the time to stop is left for the people's doings under way, before the engine gets the rest.
_HALF = 0.5


def composer_of(services: Services, chats: Mapping[str, Chat]) -> Callable[[Delivery], Message | None]:
    """Writes any delivery's message from the present state."""
    remedies = {name: chat.remedy for name, chat in chats.items()}
    words = {name: Words(chat.title, chat.when_ended) for name, chat in chats.items()}

    def write(delivery: Delivery) -> Message | None:
        match delivery.kind:
            case kind if kind == NOTICE:
                return compose_notice(services, delivery, remedies)
            case kind if kind == ENDED:
                return compose_ending(services, delivery, words)
            case _:
                return compose(services, delivery)

    return write


class Rollcall:
    """The running bot.

    Args:
        clock: everything that depends on time asks it.
        speed: its seconds in a real second.
        chat_follows: whether the chat's own timestamps come from that clock too, as in the demo.
        listens: whether people are listened to; a worker only sends and keeps the time.
        tracing: where spans go; closed with the bot.
        chats: makes the chat systems of the settings.
    """

    def __init__(
        self,
        settings: Settings,
        store: SqlStore,
        clock: Clock,
        speed: float = 1.0,
        chat_follows: bool = False,
        listens: bool = True,
        tracing: Tracing | None = None,
        chats: Callable[[Settings, House], Mapping[str, Chat]] = make_chats,
    ) -> None:
        self.settings = settings
        self.tracing = tracing or NoTracing()
        self.store = store
        self.clock = clock
        self.services = make_services(settings.policy, store, clock, settings.platforms)
        self.metrics = Metrics()
        self._outages = Outages(store, clock)
        self.chats = chats(settings, self._house(listens))
        self.metrics.built(_about(store, self.chats, listens))
        self._endings = Endings(self.services, self.chats)
        self.accounts = [self._accounts(chat) for chat in self.chats.values()]
        self.deliver = self._deliver(chat_follows or isinstance(clock, SystemClock))
        self.places = Places(self.services, {name: chat.gone for name, chat in self.chats.items()})
        self.engine = self._engine(speed)
        self.ticker = Ticker(self._plan, self.engine.wake, settings.engine.tick / speed)
        self.health = Health(store, clock, self.engine, self.ticker, self.chats, self.deliver, self._endings)
        routes = [route for chat in self.chats.values() for route in chat.routes()]
        pages = web_app(self.health.stuck, self.health.not_ready, self.health.unwell, self._numbers, routes)
        self.web = WebServer(pages, settings.host, settings.port)
        self._lock = _lock(settings)
        self._pump: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("rollcall")
        self._stopped = False

    # ------------------------------------------------------------ building

    def _house(self, listens: bool) -> House:
        return House(
            self.services,
            Desk(self.services),
            self.settings.engine,
            self.metrics,
            slots=self._slots,
            stopped=self._ended,
            channel_news=self._channel_news,
            around=lambda kind, what, ref: self.tracing.span("interaction", kind=kind, what=what, ref=ref),
            listens=listens,
        )

    # What a chat tells when the bot runs may speak of rooms that are built after it.

    def _ended(self, platform: str, code: str) -> None:
        self.deliver.stop(platform, code)
        self._endings.note(self.deliver.stopped, asked={platform})

    def _note_endings(self) -> None:
        self._endings.note(self.deliver.stopped)

    def _channel_news(self, what: str, channel_id: str, detail: str) -> None:
        self.places.heard(what, channel_id, detail)

    def _slots(self, platform: str, channel_spacing: float, workspace_spacing: float) -> Slots:
        return TimedSlots(make_slots(self.store, channel_spacing, workspace_spacing, platform), self.metrics.waited)

    def _accounts(self, chat: Chat) -> Accounts:
        others = self.chats.keys() - {chat.platform}
        return Accounts(self.services, chat.messenger, self.settings.engine.lookup_spacing, others=others)

    def _deliver(self, chat_agrees: bool) -> Deliver:
        outlets = {
            chat.platform: Outlet(
                chat.messenger, chat.slots, accounts.find, chat.about_blocks, partial(chat.when_ended, log_texts())
            )
            for chat, accounts in zip(self.chats.values(), self.accounts, strict=True)
        }
        return Deliver(
            self.services,
            outlets,
            composer_of(self.services, self.chats),
            holds=Holds(*self.settings.engine.holds),
            sent_since=planned_since if chat_agrees else _since_long,
            watch=self._outcome,
            ended=self._note_endings,
        )

    def _engine(self, speed: float) -> JobEngine:
        engine = make_engine(self.store, self.clock, speed=speed, concurrency=self.settings.engine.concurrency)
        engine.handle("deliver", self._delivered, self.deliver.give_up)
        for accounts in self.accounts:
            engine.handle(accounts.task, accounts.sync)
        engine.handle(REFRESH, self._refresh_digests)
        engine.handle(RECHECK, self._recheck_digest)
        return engine

    # ------------------------------------------------------------ life

    async def start(self, serving: bool = True) -> None:
        """Check everything at once, then begin.

        Args:
            serving: False for one look at what is due: nobody is listened to, and nothing goes on by itself.

        Raises:
            ConfigFaults: what of policy, templates, token or channels cannot be used.
            AlreadyRunning: another process works on this database.
            PortTaken: nothing can listen at the address.
            NotReached: a chat system cannot be listened to.

        A chat system that has ended the installation is left out, where there is another one.
        """
        self._lock.__enter__()
        try:
            await self._check()
            if serving:
                await self._serve()
        except BaseException:
            # Whatever went wrong, also an interrupt: nothing half started stays behind.
            await self.stop()
            raise

    async def _check(self) -> None:
        faults = await preflight(self.settings, self.store, [chat.checks for chat in self.chats.values()])
        for ending in endings_in(faults, self.chats):
            self.deliver.stop(ending.platform, ending.code)
        await asyncio.to_thread(self._endings.begin, self.deliver.stopped)
        alive = [chat for chat in self.chats.values() if chat.platform not in self.deliver.stopped]
        for chat in alive:
            await self.places.learn(chat.platform, chat.target)
        await asyncio.to_thread(self.places.found, [chat.platform for chat in alive])
        await asyncio.to_thread(self._reconcile)

    async def _serve(self) -> None:
        self._pump = self.health.pump = asyncio.create_task(self.engine.run(), name="engine")
        for chat in self.chats.values():
            await self._listen(chat)
        # Whoever calls us finds chats that listen already.
        await self.web.start()
        self.ticker.start()
        self._log.info("started", **_ways(self.chats), health=f"{self.web.address}/readyz")

    async def _listen(self, chat: Chat) -> None:
        try:
            await chat.listen()
        except DeliveryError as error:
            if isinstance(error, InstallationStopped) and self.chats.keys() - self.deliver.stopped - {chat.platform}:
                self.deliver.stop(chat.platform, error.code)
                await asyncio.to_thread(self._endings.note, self.deliver.stopped, {chat.platform})
            if chat.platform not in self.deliver.stopped:
                raise NotReached(chat.title, error) from error

    async def stop(self) -> None:
        """Take nothing more, finish what is in hand within the time allowed, let go of everything.

        A step that fails keeps no later one from being done; its error is raised at the end. A second stop does
        nothing.
        """
        if not self._stopped:
            self._stopped = True
            await self._ends().aclose()

    def _ends(self) -> AsyncExitStack:
        """What a stop does; the last one put here is done first."""
        seconds = self.settings.engine.stop_within
        ends = AsyncExitStack()
        ends.callback(self._log.info, "stopped")
        ends.push_async_callback(asyncio.to_thread, self.tracing.close)
        ends.callback(self._lock.__exit__, None, None, None)
        ends.callback(self.store.dispose)
        for chat in self.chats.values():
            ends.push_async_callback(chat.close)
        ends.push_async_callback(self._pumped)
        ends.push_async_callback(self.engine.stop, seconds * _HALF)
        ends.push_async_callback(self._finish, seconds * _HALF)
        ends.push_async_callback(self.web.stop)
        ends.push_async_callback(self.ticker.stop)
        for chat in self.chats.values():
            ends.push_async_callback(chat.deafen)
        return ends

    async def _finish(self, seconds: float) -> None:
        """What people did is finished in all chats at once."""
        async with asyncio.TaskGroup() as group:
            for chat in self.chats.values():
                group.create_task(chat.finish(seconds))

    async def _pumped(self) -> None:
        if self._pump is not None:
            await self._pump

    async def _numbers(self) -> bytes:
        queue, unwell = await self.health.queue(), await self.health.unwell()
        well = {platform: platform not in unwell for platform in self.chats}
        return await asyncio.to_thread(self.metrics.page, queue, well)

    # ------------------------------------------------------------ work

    async def catch_up(self, patience: float = 0.0) -> None:
        """Do everything that is due now, and what comes due within `patience` real seconds."""
        await self.ticker.tick()
        for chat in self.chats.values():
            await chat.settled()
        await self.engine.drain(patience)

    async def _refresh_digests(self, period_id: int, project_id: int, news: Mapping[str, Any]) -> None:
        now = self.clock.now()
        await asyncio.to_thread(refresh, self.services, period_id, project_id, news, now)

    async def _recheck_digest(self, digest_id: int) -> None:
        await asyncio.to_thread(recheck, self.services, digest_id)

    def _reconcile(self) -> None:
        planning.reconcile(self.services, self.clock.now())
        with self.store.begin() as uow:
            for accounts in self.accounts:
                accounts.plan(uow)

    async def _delivered(self, delivery_id: int) -> None:
        with self.tracing.span("delivery", delivery=delivery_id):
            await self.deliver(delivery_id)

    def _outcome(self, outcome: Outcome) -> None:
        self.metrics.delivered(outcome)
        delivery = outcome.delivery
        if outcome.word == "sent":
            self._endings.took(delivery.platform, self.deliver.stopped)
        self.tracing.note(
            key=delivery.key, kind=delivery.kind, outcome=outcome.word, attempt=delivery.attempt, late=outcome.late
        )

    def _plan(self) -> None:
        with self.metrics.tick(), self.tracing.span("tick"):
            self._outages.note()
            self._note_endings()
            try:
                self._sweep()
            finally:
                planning.plan_due(self.services, self.clock.now())

    def _sweep(self) -> None:
        with self.store.read() as uow:
            lost = outbox.lost(uow, self.clock.now())
        if not lost:
            return
        with self.store.begin() as uow:
            found = outbox.sweep(uow, self.clock.now(), lost)
        self._log.warning("deliveries_without_a_job", count=found)


def _lock(settings: Settings) -> AbstractContextManager[object]:
    """What keeps a second process off a SQLite file; on PostgreSQL there may be any number."""
    path = sqlite_path(settings.database_url.reveal())
    return nullcontext() if path is None else DatabaseLock(path)


def _ways(chats: Mapping[str, Chat]) -> dict[str, str]:
    """Which chat systems there are and how each is listened to, in the same order."""
    return {"chats": ",".join(chats), "mode": ",".join(chat.mode for chat in chats.values())}


def _about(store: SqlStore, chats: Mapping[str, Chat], listens: bool) -> dict[str, str]:
    engine = "embedded" if store.due is None else "procrastinate"
    ways = _ways(chats) | ({} if listens else {"mode": "worker"})
    return {"version": version("rollcall"), "python": platform.python_version(), "engine": engine, **ways}


def _since_long(_delivery: Delivery) -> datetime:
    return SystemClock().now() - _REHEARSED


def build(
    settings: Settings,
    clock: Clock | None = None,
    speed: float = 1.0,
    chat_follows: bool = False,
    listens: bool = True,
    tracing: Tracing | None = None,
) -> Rollcall:
    """The whole bot, ready to start.

    Args:
        clock: the machine's by default.
        speed: the clock's seconds in a real second.
        chat_follows: whether the chat's own timestamps come from that clock too.
        listens: whether people are listened to; a worker only sends and keeps the time.
        tracing: where spans go; closed with the bot.

    Raises:
        BadDatabaseUrl, DatabaseFault: the database cannot be used.
        StoreBusy: it does not answer now.
    """
    store = open_store(settings.database_url.reveal())
    try:
        return Rollcall(settings, store, clock or SystemClock(), speed, chat_follows, listens, tracing)
    except BaseException:
        # Nobody has it yet who would let go of it.
        store.dispose()
        raise
