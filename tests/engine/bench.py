"""A store on disk, a chat that survives, and processes that come and go between them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.engine.attempt import Holds
from bot.engine.choice import make_engine, make_store, prepare
from bot.engine.clock import SystemClock
from bot.engine.deliver import Deliver
from bot.engine.notice import Remedy, compose_notice
from bot.engine.outlets import Outlet
from bot.engine.slots import RateSlots, Slots
from reporting.ledger import Delivery
from reporting.messages import Message
from reporting.model import Identity, Person
from reporting.ports import Composed, JobEngine
from reporting.services.context import Services
from reporting.services.outbox import plan
from reporting.services.undelivered import KIND as NOTICE
from reporting.texts import Catalogues
from tests.engine.messenger import Chat, FakeMessenger, Fault, paragraphs
from tests.support.policy import make_policy


class NoTemplates:
    """These tests compose by hand."""

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        raise AssertionError(template)

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        raise AssertionError(view)


class MovableClock:
    """The machine's clock, ahead by what the test says."""

    def __init__(self) -> None:
        now = SystemClock().now()
        # The same hour in every run, so that no test crosses midnight.
        self.ahead = now.replace(hour=9, minute=0) - now

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def forward(self, **length: float) -> None:
        self.ahead += timedelta(**length)


class Process:
    """One run of the program: an engine and a sender that know nothing of the run before."""

    def __init__(self, bench: Bench, faults: Callable[[str], Fault]) -> None:
        self.messenger = FakeMessenger(bench.chat, faults)
        self.deliver = Deliver(
            bench.services,
            {"slack": Outlet(self.messenger, bench.slots or RateSlots(bench.spacing, bench.spacing))},
            bench.compose,
            holds=bench.holds,
            jitter=lambda: 0.0,
        )
        self.engine = bench.engine()
        self.engine.handle("deliver", self.deliver, self.deliver.give_up)

    async def work(self, patience: float = 0.3) -> None:
        """Send what there is."""
        async with asyncio.timeout(30):
            await self.engine.drain(patience)

    async def killed_after(self, seconds: float) -> None:
        """Work for a while and die in the middle of whatever is going on."""
        await self._killed(asyncio.sleep(seconds))

    async def killed_in_call(self, number: int) -> None:
        """Die while the chat system has this call in hand (counted from 1, over all processes)."""
        await self._killed(self._calls(number))

    async def _calls(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.messenger.chat.calls) < number:
                await asyncio.sleep(0.005)
        # A moment more, so that a call which does something before it hangs has done it.
        await asyncio.sleep(0.02)

    async def _killed(self, moment: Awaitable[None]) -> None:
        ours = asyncio.all_tasks()
        pump = asyncio.create_task(self.engine.run())
        await moment
        await self.engine.stop(within=0)
        await asyncio.wait_for(pump, 20)
        # A dead process gives no more signs of life, whatever it had begun while it was stopped.
        left = asyncio.all_tasks() - ours
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class Bench:
    """The database, the chat, and doors to both."""

    def __init__(self, url: str, spacing: float = 0.0) -> None:
        self.url = url
        prepare(url)
        self.store = make_store(url)
        self.chat = Chat()
        self.spacing = spacing
        self.slots: Slots | None = None
        self.holds = Holds(sending=0.2, request=0.1, doubt=0.01)
        policy = replace(make_policy(), pmo_channel="#pmo")
        self.clock = MovableClock()
        self.services = Services(self.store, self.clock, policy, Catalogues(), NoTemplates())
        self.wanted: dict[str, Message | None] = {}
        self.broken: set[str] = set()
        self.remedies: dict[str, Remedy] = {"slack": lambda _texts, error: error}

    def engine(self) -> JobEngine:
        """The one for this database."""
        return make_engine(self.store, self.clock)

    def compose(self, delivery: Delivery) -> Message | None:
        """What the test wants a delivery to say; by default its key. The notice of failures is the real one."""
        if delivery.key in self.broken:
            raise ValueError("a fault of ours")
        if delivery.kind == NOTICE:
            return compose_notice(self.services, delivery, self.remedies)
        return self.wanted.get(delivery.key, paragraphs(delivery.key))

    def process(self, faults: Callable[[str], Fault] = lambda _method: "") -> Process:
        """Start the program."""
        return Process(self, faults)

    def person(self, name: str) -> Person:
        with self.store.begin() as uow:
            return uow.people.add(Person(0, name, identities=(Identity("slack", "T1", f"U{name.upper()}"),)))

    def plan(self, key: str, target: str = "channel:C1", **more: Any) -> None:
        """Plan a delivery."""
        now = self.services.clock.now()
        late = more.pop("minutes_late", 0)
        ahead = more.pop("in_minutes", 0)
        due = now + timedelta(minutes=ahead - late) if late or ahead else None
        with self.store.begin() as uow:
            assert plan(uow, key=key, kind="test", target=target, now=now, due_at=due, **more)

    def delivery(self, key: str) -> Delivery:
        with self.store.read() as uow:
            found = uow.deliveries.by_key(key)
        assert found is not None
        return found

    def lose_jobs(self) -> None:
        """As by a fault that nobody knows of yet."""
        with self.store.writing() as db:
            db.exec_driver_sql("DELETE FROM jobs")
            if self.url.startswith("postgres"):
                db.exec_driver_sql("DELETE FROM procrastinate_jobs")

    def jobs_left(self) -> int:
        with self.store.read() as uow:
            return len(uow.jobs.keys("deliver"))

    @contextmanager
    def closing(self) -> Iterator[Bench]:
        yield self
        self.store.dispose()
