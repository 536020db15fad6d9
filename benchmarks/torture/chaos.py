"""What is done to the processes while they work."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from sqlalchemy import delete, select

from benchmarks.torture.cluster import Cluster
from benchmarks.torture.fleet import Fleet, Member
from reporting.ports import StoreBusy
from reporting.services import outbox
from storage.store import SqlStore
from storage.tables import jobs

# Of a hundred events, where nobody says otherwise.
EVENTS = {"kill": 76, "strike": 4, "freeze": 6, "snare": 2, "stall": 2, "cut": 4, "restart": 3, "lose": 3}
"""kill: -9 at any moment. strike: -9 while a post is under way that arrives late. freeze: stand still for 1 to 20 s.
snare: stand still right before taking a delivery, or before its last check. stall: the same, one attempt alone, while
another job for its delivery comes. cut: no network. restart: the database. lose: jobs vanish."""
# A frozen process is killed less often, so that most of them are thawed.
_SPARED = 0.8
# Only where there are several processes: an only one that stands still is overtaken by nobody.
_MANY = ("restart", "snare")


@dataclass
class Chaos:
    """Kills, freezes, cuts the network, restarts the database, loses jobs.

    Args:
        gap: mean seconds between two events.
        tempo: a factor on how long freezes and cuts last.
        events: how often each happens, in relation to the others.

    Attributes:
        done: how often each has happened.
    """

    fleet: Fleet
    cluster: Cluster | None
    controls: str
    store: SqlStore
    seed: int
    gap: float
    tempo: float = 1.0
    events: Mapping[str, int] = field(default_factory=lambda: dict(EVENTS))
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Draw from this seed."""
        self._random = random.Random(self.seed)
        self._under_way: set[asyncio.Task[None]] = set()

    def progress(self) -> int:
        """How many processes have been killed; where none is, how much else was done."""
        return self.fleet.kills if self.events.keys() & {"kill", "strike"} else self.done.total()

    async def until(self, kills: int) -> None:
        """Go on until so many processes have been killed, then mend everything."""
        events: dict[str, Callable[[], Awaitable[None]]] = {
            "kill": self._kill, "strike": self._strike, "freeze": self._freeze, "snare": self._snare,
            "stall": self._stall, "cut": self._cut, "restart": self._restart, "lose": self._lose,
        }  # fmt: skip
        names = [name for name in self.events if self.cluster or name not in _MANY]
        weights = [self.events[name] for name in names]
        while self.progress() < kills:
            await asyncio.sleep(min(self._random.expovariate(1 / self.gap), 5 * self.gap))
            await events[self._random.choices(names, weights)[0]]()
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._control("-")

    async def _kill(self) -> None:
        member = self._anybody()
        if member.frozen_since and self._random.random() < _SPARED:
            return
        if self.fleet.kill(member):
            self.done["kill"] += 1

    async def _strike(self) -> None:
        """Kill whoever posts next, while its post is under way."""
        async with aiohttp.ClientSession() as session, session.post(self.controls + "strike") as answer:
            who = (await answer.json())["who"]
        for member in self.fleet.members:
            if member.who == who and self.fleet.kill(member):
                self.done["strike"] += 1

    async def _snare(self) -> None:
        self.done["snare"] += self.fleet.snare(self._anybody(), alone=False)

    async def _stall(self) -> None:
        if not self.fleet.snare(self._anybody(), alone=True):
            return
        self.done["stall"] += 1

        async def nudge() -> None:
            # From when nobody holds it until its first attempt goes on.
            for _ in range(6):
                await asyncio.sleep(self.fleet.snared_for / 5)
                with suppress(StoreBusy):
                    await asyncio.to_thread(self._call_again)

        self._start(nudge())

    def _call_again(self) -> None:
        """One more job for all that is due and not held: jobs may come at any time."""
        now = datetime.now(UTC)
        with self.store.begin() as uow:
            for delivery in uow.deliveries.unfinished():
                if delivery.due_at <= now and not uow.deliveries.held(delivery.id):
                    outbox.enqueue(uow, delivery, now)

    async def _freeze(self) -> None:
        member = self._anybody()
        who = member.who
        # Between 1 and 20 s, short ones more often.
        seconds = (1 + 19 * self._random.random() ** 2) * self.tempo
        if not self.fleet.freeze(member):
            return
        self.done["freeze"] += 1

        async def thaw() -> None:
            await asyncio.sleep(seconds)
            self.fleet.thaw(member, who)

        self._start(thaw())
        if len(self.fleet.members) == 1:
            # Nobody else is there to be tormented meanwhile.
            await asyncio.sleep(seconds)

    async def _cut(self) -> None:
        self.done["cut"] += 1
        await self._control(self._random.choice(("refuse", "hang")))
        await asyncio.sleep(self._random.uniform(1, 5) * self.tempo)
        await self._control("-")

    async def _restart(self) -> None:
        assert self.cluster is not None
        self.done["restart"] += 1
        await self.cluster.restart(self._random.choice(("immediate", "fast")))

    async def _lose(self) -> None:
        """Forget some jobs, as by a fault that nobody knows of."""
        try:
            self.done["lose"] += await asyncio.to_thread(self._forget)
        except StoreBusy:
            return

    def _forget(self) -> int:
        with self.store.writing() as db:
            waiting = select(jobs.c.id).where(jobs.c.running == 0, jobs.c.task == "deliver").limit(3)
            found = [row[0] for row in db.execute(waiting)]
            db.execute(delete(jobs).where(jobs.c.id.in_(found)))
        return len(found)

    def _anybody(self) -> Member:
        return self._random.choice(self.fleet.members)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _control(self, kind: str) -> None:
        async with aiohttp.ClientSession() as session, session.post(self.controls + kind) as answer:
            answer.raise_for_status()
