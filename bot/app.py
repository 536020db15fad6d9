"""The composition root: the only module that knows everything. What is built here is passed on by argument."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from starlette.routing import BaseRoute

from bot.accounts import TASK, Accounts
from bot.config import ConfigFaults, Settings
from bot.engine.attempt import Holds
from bot.engine.choice import make_engine, make_slots, make_store, prepare
from bot.engine.clock import SystemClock, Ticker
from bot.engine.deliver import Deliver, planned_since
from bot.engine.notice import compose_notice
from bot.engine.outages import Outages
from bot.engine.outcomes import Outcome
from bot.health import Health
from bot.memory import BlockMemory
from bot.metrics import Metrics, TimedSlots
from bot.places import Places
from bot.preflight import preflight
from bot.tracing import NoTracing, Tracing
from bot.web import WebServer, web_app
from digests.composer import Composer
from handlers.desk import OPENS, Desk
from handlers.slack.app import SlackAdapter
from handlers.slack.errors import BLOCK_FAULTS
from handlers.slack.http import slack_route
from handlers.slack.remedies import remedy
from handlers.slack.sender import SlackMessenger, refuses_new_blocks
from handlers.slack.socket import SocketLink
from handlers.slack.words import Words
from reporting.ledger import Delivery
from reporting.messages import Message
from reporting.model import Identity
from reporting.policy import Policy
from reporting.ports import Clock
from reporting.services import outbox, planning
from reporting.services.compose import compose
from reporting.services.context import Services
from reporting.services.digests import RECHECK, REFRESH, recheck, refresh
from reporting.services.undelivered import KIND as NOTICE
from reporting.texts import Catalogues
from storage import migrate
from storage.engines import sqlite_path
from storage.lock import DatabaseLock
from storage.moved import refuse_moved
from storage.store import SqlStore

# How far back to look for a message in doubt while the bot's clock is not the chat's.
_REHEARSED = timedelta(days=7)
# What of the time to stop is left for the people's doings under way, before the engine gets the rest.
_HALF = 0.5


def open_store(database_url: str) -> SqlStore:
    """The store, with tables: made in a new database, asked for in an old one.

    Raises:
        BadDatabaseUrl: the address cannot be used.
        DatabaseFault: it cannot be opened, its tables are not those of this program, or it was moved elsewhere.
    """
    if migrate.current(database_url) is None:
        prepare(database_url)
    migrate.require_current(database_url)
    store = make_store(database_url)
    try:
        refuse_moved(store)
    except migrate.DatabaseFault:
        store.dispose()
        raise
    return store


def open_existing(database_url: str) -> SqlStore:
    """The store of a database that is there, for looking only: none is made.

    Raises:
        BadDatabaseUrl: the address cannot be used.
        DatabaseFault: there is none, it cannot be opened, or its tables are not those of this program.
    """
    if migrate.current(database_url) is None:
        raise migrate.DatabaseFault(no_database(database_url))
    migrate.require_current(database_url)
    return make_store(database_url)


def no_database(database_url: str) -> str:
    """That there is none, in words."""
    place = sqlite_path(database_url) or "the address given"
    return (
        f"There is no database yet at {place}: `rollcall run` and `rollcall import` make one; "
        "ROLLCALL_DATA and ROLLCALL_DATABASE_URL say where."
    )


def make_services(policy: Policy, store: SqlStore, clock: Clock) -> Services:
    """The rules over a store, without any chat: enough for imports, previews and checks."""
    catalogues = Catalogues(policy.locale, Path(policy.locales) if policy.locales else None)
    return Services(store, clock, policy, catalogues, Composer(catalogues, policy))


def composer_of(services: Services) -> Callable[[Delivery], Message | None]:
    """Writes any delivery's message from the present state."""

    def write(delivery: Delivery) -> Message | None:
        return compose_notice(services, delivery, remedy) if delivery.kind == NOTICE else compose(services, delivery)

    return write


class Rollcall:
    """The running bot.

    Args:
        clock: everything that depends on time asks it.
        speed: its seconds in a real second.
        chat_follows: whether the chat's own timestamps come from that clock too, as in the demo.
        listens: whether people are listened to; a worker only sends and keeps the time.
        tracing: where spans go; closed with the bot.
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
    ) -> None:
        self.settings = settings
        self.tracing = tracing or NoTracing()
        self.metrics = Metrics(_about(store, settings, listens))
        self._listens = listens
        self.store = store
        self.clock = clock
        self.services = make_services(settings.policy, store, clock)
        self._memory = BlockMemory(store, clock)
        self._outages = Outages(store, clock)
        slots = make_slots(store, settings.engine.channel_spacing, settings.engine.workspace_spacing)
        self._slots = TimedSlots(slots, self.metrics.waited)
        self.messenger = SlackMessenger(
            settings.slack.bot_token.reveal(),
            base_url=settings.slack.api_url,
            wording=self._wording,
            new_blocks=self._memory.new_blocks(),
            on_new_blocks=self._memory.note,
            refused=self.metrics.refused,
            saying=self._slots.used,
        )
        self.accounts = Accounts(self.services, self.messenger, settings.engine.lookup_spacing)
        self.deliver = self._deliver(chat_follows or isinstance(clock, SystemClock))
        self.places = Places(self.services)
        self.adapter = self._adapter()
        self.engine = make_engine(store, clock, speed=speed, concurrency=settings.engine.concurrency)
        self.engine.handle("deliver", self._delivered, self.deliver.give_up)
        self.engine.handle(TASK, self.accounts.sync)
        self.engine.handle(REFRESH, self._refresh_digests)
        self.engine.handle(RECHECK, self._recheck_digest)
        self.ticker = Ticker(self._plan, self.engine.wake, settings.engine.tick / speed)
        self.link = self._link()
        self.health = Health(store, clock, self.engine, self.ticker, self.link, self.deliver)
        pages = web_app(self.health.stuck, self.health.not_ready, self._numbers, self._routes())
        self.web = WebServer(pages, settings.host, settings.port)
        self._lock = _lock(settings)
        self._pump: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("rollcall")
        self._stopped = False

    # ------------------------------------------------------------ building

    def _deliver(self, chat_agrees: bool) -> Deliver:
        return Deliver(
            self.services,
            self.messenger,
            composer_of(self.services),
            self._slots,
            holds=Holds(*self.settings.engine.holds),
            sent_since=planned_since if chat_agrees else _since_long,
            find_account=self.accounts.find,
            about_blocks=lambda fault: fault.code in BLOCK_FAULTS or refuses_new_blocks(fault),
            watch=self._outcome,
        )

    def _adapter(self) -> SlackAdapter:
        secret = self.settings.slack.signing_secret
        return SlackAdapter(
            self.messenger,
            Desk(self.services),
            self._user_ids,
            signing_secret=secret.reveal() if secret else "",
            opens=OPENS,
            locales=self._locale,
            stopped=self.deliver.stop,
            channel_news=self.places.heard,
            acknowledged=self.metrics.acknowledged,
            around=lambda kind, what, ref: self.tracing.span("interaction", kind=kind, what=what, ref=ref),
        )

    def _link(self) -> SocketLink | None:
        token = self.settings.slack.app_token
        if self.settings.slack.mode != "socket" or token is None or not self._listens:
            return None
        return SocketLink(self.adapter, token.reveal())

    def _routes(self) -> list[BaseRoute]:
        secret = self.settings.slack.signing_secret
        if self.settings.slack.mode != "http" or secret is None or not self._listens:
            return []
        return [slack_route(self.adapter, secret.reveal())]

    def _wording(self, locale: str | None) -> Words:
        return Words(self.services.texts_for_channel(locale))

    def _locale(self, identity: Identity) -> str | None:
        with self.store.read() as uow:
            person = uow.people.by_identity(identity)
        return person.locale if person else None

    def _user_ids(self, person_ids: Collection[int]) -> Mapping[int, str]:
        with self.store.read() as uow:
            return uow.people.user_ids(person_ids, self.messenger.platform)

    # ------------------------------------------------------------ life

    async def start(self, serving: bool = True) -> None:
        """Check everything at once, then begin.

        Args:
            serving: False for one look at what is due: nobody is listened to, and nothing goes on by itself.

        Raises:
            ConfigFaults: what of policy, templates, token or channels cannot be used.
            AlreadyRunning: another process works on this database.
            PortTaken: nothing can listen at the address.
            DeliveryError: Slack refused the socket.
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
        faults = await preflight(self.settings, self.store, self.messenger)
        if faults:
            raise ConfigFaults(faults)
        await self.places.learn(self.messenger.channels.target)
        await asyncio.to_thread(self.places.found)
        await asyncio.to_thread(self._reconcile)

    async def _serve(self) -> None:
        await self.web.start()
        if self._listens:
            await self.adapter.start()
        self._pump = self.health.pump = asyncio.create_task(self.engine.run(), name="engine")
        if self.link is not None:
            await self.link.start()
        self.ticker.start()
        self._log.info("started", mode=self.settings.slack.mode, health=f"{self.web.address}/readyz")

    async def stop(self) -> None:
        """Take nothing more, finish what is in hand within the time allowed, let go of everything.

        A step that fails keeps no later one from being done; its error is raised at the end. A second stop does
        nothing.
        """
        if not self._stopped:
            self._stopped = True
            await self._endings().aclose()

    def _endings(self) -> AsyncExitStack:
        """What a stop does; the last one put here is done first."""
        seconds = self.settings.engine.stop_within
        ends = AsyncExitStack()
        ends.callback(self._log.info, "stopped")
        ends.push_async_callback(asyncio.to_thread, self.tracing.close)
        ends.callback(self._lock.__exit__, None, None, None)
        ends.callback(self.store.dispose)
        ends.push_async_callback(self.messenger.close)
        ends.push_async_callback(self._memory.settled)
        ends.push_async_callback(self._pumped)
        ends.push_async_callback(self.engine.stop, seconds * _HALF)
        ends.push_async_callback(self.adapter.close, seconds * _HALF)
        ends.push_async_callback(self.web.stop)
        ends.push_async_callback(self.ticker.stop)
        if self.link is not None:
            ends.push_async_callback(self.link.close)
        return ends

    async def _pumped(self) -> None:
        if self._pump is not None:
            await self._pump

    async def _numbers(self) -> bytes:
        queue = await self.health.queue()
        return await asyncio.to_thread(self.metrics.page, queue)

    # ------------------------------------------------------------ work

    async def catch_up(self, patience: float = 0.0) -> None:
        """Do everything that is due now, and what comes due within `patience` real seconds."""
        await self.ticker.tick()
        await self.adapter.settled()
        await self.engine.drain(patience)

    async def _refresh_digests(self, period_id: int, project_id: int, news: Mapping[str, Any]) -> None:
        now = self.clock.now()
        await asyncio.to_thread(refresh, self.services, period_id, project_id, news, now)

    async def _recheck_digest(self, digest_id: int) -> None:
        await asyncio.to_thread(recheck, self.services, digest_id)

    def _reconcile(self) -> None:
        planning.reconcile(self.services, self.clock.now())
        with self.store.begin() as uow:
            self.accounts.plan(uow)

    async def _delivered(self, delivery_id: int) -> None:
        with self.tracing.span("delivery", delivery=delivery_id):
            await self.deliver(delivery_id)

    def _outcome(self, outcome: Outcome) -> None:
        self.metrics.delivered(outcome)
        delivery = outcome.delivery
        self.tracing.note(
            key=delivery.key, kind=delivery.kind, outcome=outcome.word, attempt=delivery.attempt, late=outcome.late
        )

    def _plan(self) -> None:
        with self.metrics.tick(), self.tracing.span("tick"):
            self._outages.note()
            try:
                self._sweep()
            finally:
                planning.plan_due(self.services, self.clock.now())

    def _sweep(self) -> None:
        with self.store.read() as uow:
            if not outbox.lost(uow, self.clock.now()):
                return
        with self.store.begin() as uow:
            found = outbox.sweep(uow, self.clock.now())
        self._log.warning("deliveries_without_a_job", count=found)


def _lock(settings: Settings) -> AbstractContextManager[object]:
    """What keeps a second process off a SQLite file; on PostgreSQL there may be any number."""
    path = sqlite_path(settings.database_url.reveal())
    return nullcontext() if path is None else DatabaseLock(path)


def _about(store: SqlStore, settings: Settings, listens: bool) -> dict[str, str]:
    engine = "embedded" if store.due is None else "procrastinate"
    mode = settings.slack.mode if listens else "worker"
    return {"version": version("rollcall"), "python": platform.python_version(), "engine": engine, "mode": mode}


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
    """
    store = open_store(settings.database_url.reveal())
    return Rollcall(settings, store, clock or SystemClock(), speed, chat_follows, listens, tracing)
