"""What is done to the processes while they work."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
from sqlalchemy import delete, select

from benchmarks.torture.cluster import Cluster
from benchmarks.torture.fleet import Fleet, Member
from reporting.ports import StoreBusy
from storage.store import SqlStore
from storage.tables import jobs

# Of a hundred events, where nobody says otherwise.
_EVENTS = {"kill": 82, "freeze": 8, "cut": 4, "restart": 3, "lose": 3}
# A frozen process is killed less often, so that most of them are thawed.
_SPARED = 0.8


@dataclass
class Chaos:
    """Kills, freezes, cuts the network, restarts the database, loses jobs.

    Args:
        gap: mean seconds between two events.
        tempo: a factor on how long freezes and cuts last.
        spared: events that do not happen.

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
    spared: tuple[str, ...] = ()
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Draw from this seed."""
        self._random = random.Random(self.seed)
        self._under_way: set[asyncio.Task[None]] = set()

    async def until(self, kills: int) -> None:
        """Go on until so many processes have been killed, then mend everything."""
        events: dict[str, Callable[[], Awaitable[None]]] = {
            "kill": self._kill, "freeze": self._freeze, "cut": self._cut, "restart": self._restart, "lose": self._lose,
        }  # fmt: skip
        names = [name for name in _EVENTS if name not in self.spared and (self.cluster or name != "restart")]
        weights = [_EVENTS[name] for name in names]
        while self.fleet.kills < kills:
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
