"""One campaign from start to verdict. Everything it starts is gone when it ends, however it ends."""

from __future__ import annotations

import asyncio
import math
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.processes import ROOT
from benchmarks.torture.chaos import EVENTS, Chaos
from benchmarks.torture.cluster import Cluster
from benchmarks.torture.fleet import Fleet
from benchmarks.torture.parts import WITHOUT
from benchmarks.torture.verdict import Verdict, judge, read_record, read_rows
from benchmarks.torture.wishes import Feeder
from benchmarks.world import shipped_with
from bot.engine.choice import make_store, prepare
from reporting.ports import StoreBusy
from reporting.services.undelivered import KIND as NOTICE
from storage.store import SqlStore
from storage.tables import deliveries

ROLES = {
    "embedded": (("run",),),
    "procrastinate": (("run",), ("run",), ("worker",), ("worker",)),
}
_REPORT = 15.0
# A request of a process that is gone may still lie with the chat: its slowest answer, and a little.
_LAST_POST = 12.5
# Before chaos so much is planned ahead; behind by more than this, it waits.
_AHEAD, _BEHIND = 60, 1500


@dataclass(frozen=True)
class Plan:
    """What a campaign does.

    Attributes:
        gap: mean seconds between two events.
        patience: seconds after the last kill in which nothing more is sent until the rest counts as missing.
        tempo: a factor on all time limits, delays and freezes: 1 is the product as it is.
        without: protections that are off.
        roles: what each process is; those of `ROLES` by default.
        events: what is done, and how often in relation to the rest.
    """

    engine: str
    kills: int
    deliveries: int
    seed: int
    gap: float
    patience: float
    tempo: float = 1.0
    without: tuple[str, ...] = ()
    events: Mapping[str, int] = field(default_factory=lambda: dict(EVENTS))
    channels: int = 150
    people: int = 600
    roles: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Report:
    """How it went."""

    verdict: Verdict
    events: dict[str, int]
    states: dict[str, int]
    planned: int
    starts: int
    seconds: float


class Campaign:
    """Runs one.

    Args:
        say: told now and then how far it is.
    """

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None] = print) -> None:
        self._plan = plan
        self._folder = folder
        self._say = say
        self._began = time.monotonic()

    async def run(self) -> Report:
        """Torment, wait, judge."""
        plan = self._plan
        if "due" in plan.without:
            WITHOUT["due"]()  # what is planned here is planned so, too
        async with AsyncExitStack() as stack:
            cluster = await stack.enter_async_context(Cluster()) if plan.engine == "procrastinate" else None
            url = cluster.url if cluster else f"sqlite:///{self._folder / 'rollcall.db'}"
            await asyncio.to_thread(prepare, url)
            store = make_store(url)
            stack.callback(store.dispose)
            record = self._folder / "record.jsonl"
            api, controls = await stack.enter_async_context(chat(record, plan.seed, plan.tempo))
            feeder = Feeder(store, plan.seed, plan.channels, plan.people, plan.tempo)
            fleet = Fleet(
                plan.roles or ROLES[plan.engine], self._environment(url, api), self._folder, plan.without, plan.tempo
            )
            await stack.enter_async_context(fleet)
            chaos = Chaos(fleet, cluster, controls, store, plan.seed, plan.gap, plan.tempo, plan.events)
            await self._torment(chaos, feeder, store)
            await self._settle(store)
            rows = read_rows(store)
            verdict = judge(feeder.wishes, rows, read_record(record), fleet.freezes)
            states = Counter(row.state for row in rows.values())
            seconds = time.monotonic() - self._began
            return Report(verdict, dict(chaos.done), dict(states), len(feeder.wishes), fleet.starts, seconds)

    async def _torment(self, chaos: Chaos, feeder: Feeder, store: SqlStore) -> None:
        plan, reported = self._plan, 0.0
        suffering = asyncio.create_task(chaos.until(plan.kills))
        try:
            while not suffering.done() or len(feeder.wishes) < plan.deliveries:
                waiting = await asyncio.to_thread(unfinished, store)
                share = 1.0 if suffering.done() else chaos.progress() / plan.kills
                if waiting is not None and waiting < _BEHIND:
                    upto = min(plan.deliveries, int(plan.deliveries * share) + _AHEAD)
                    if waiting == 0 and not suffering.done():
                        # Whoever has nothing to send cannot be caught at it.
                        upto = max(upto, len(feeder.wishes) + 1)
                    await asyncio.to_thread(feeder.feed, upto)
                await asyncio.to_thread(feeder.take_back)
                if time.monotonic() - reported > _REPORT:
                    reported = time.monotonic()
                    self._tell(f"{chaos.progress()} kills, {len(feeder.wishes)} planned, {waiting} to be sent")
                await asyncio.sleep(0.3)
            await suffering
        finally:
            suffering.cancel()
            await asyncio.wait([suffering])
        while feeder.to_take_back:
            await asyncio.to_thread(feeder.take_back)
            await asyncio.sleep(0.2)

    async def _settle(self, store: SqlStore) -> None:
        """In peace, until everything is done, or nothing has been for a while; what is not done then is missing."""
        until, reported, least = time.monotonic() + self._plan.patience, 0.0, math.inf
        while time.monotonic() < until:
            waiting = await asyncio.to_thread(unfinished, store)
            if waiting == 0:
                break
            if waiting is not None and waiting < least:
                # A busy machine is slow; that loses nothing.
                least, until = waiting, time.monotonic() + self._plan.patience
            if time.monotonic() - reported > _REPORT:
                reported = time.monotonic()
                self._tell(f"in peace: {waiting} to be sent")
            await asyncio.sleep(0.5)
        await asyncio.sleep(_LAST_POST * self._plan.tempo)

    def _tell(self, words: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.0f} s  {words}")

    def _environment(self, url: str, api: str) -> dict[str, str]:
        config = self._folder / "app.yaml"
        config.write_text(shipped_with(channel_spacing="50ms", workspace_spacing="5ms"), "utf-8")
        return {
            "SLACK_SIGNING_SECRET": "0" * 32,
            "SLACK_API_URL": api,
            "SLACK_MODE": "http",
            "ROLLCALL_CONFIG": str(config),
            "ROLLCALL_DATA": str(self._folder),
            "ROLLCALL_DATABASE_URL": url,
        }


def unfinished(store: SqlStore) -> int | None:
    """How many deliveries have not come to an end; None when the database is away."""
    # Without the product's own notices, which are for later.
    of_them = deliveries.c.state.in_(("planned", "sending", "uncertain")) & (deliveries.c.kind != NOTICE)
    try:
        with store.reading() as db:
            return int(db.execute(select(func.count()).select_from(deliveries).where(of_them)).scalar_one())
    except StoreBusy:
        return None


@asynccontextmanager
async def chat(record: Path, seed: int, tempo: float) -> AsyncIterator[list[str]]:
    """The stand-in for Slack; gives the addresses of its API and its controls."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.torture.chat", str(record), str(seed), str(tempo), cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().split()
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


async def torture(plan: Plan, say: Callable[[str], None] = print, keep: bool = False) -> Report:
    """One campaign in a folder of its own, which is removed afterwards unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="rollcall-torture-"))
    try:
        return await Campaign(plan, folder, say).run()
    finally:
        if keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
