"""A Monday at nine: python -m benchmarks.fanout [--quick].

So many prompts to as many people are due at once, and the playground takes no more than Slack would, a number of times
as fast: one bucket for the workspace, one for each conversation, and 429 with Retry-After beyond that. The product runs
as `rollcall run` starts it, one process on SQLite and two on PostgreSQL, with the spacing that fits the limit.

In the middle an alert is planned, which must not wait behind the prompts; all the while people type commands. The last
line of each engine is the proof that the limit is there: the same without any spacing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.engines import ENGINES, database
from benchmarks.fanout_chat import ALERTS
from benchmarks.load import Taken, storm
from benchmarks.measure import conditions, millis, percentile, table
from benchmarks.payloads import commands
from benchmarks.processes import Process, environment, rollcall
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import message
from benchmarks.world import SHIPPED, lead
from bot.engine.choice import make_store
from reporting.messages_json import to_json
from reporting.model import Person
from reporting.services import outbox
from storage.store import SqlStore

PER_SECOND = 5.0
"""Posts that the shipped policy allows itself in a workspace, and the playground takes."""
PROCESSES = {"embedded": 1, "procrastinate": 2}
_TYPED = 2.0
# The product keeps a little below the limit: exactly at it, every jitter would be a refusal.
_BELOW = 1.02


@dataclass(frozen=True, slots=True)
class Counts:
    """What the chat saw: instants of posts taken, posts refused, and alerts."""

    taken: Sequence[float]
    refused: Sequence[float]
    alerts: Sequence[float]

    def share(self, per_second: float) -> float:
        """Of the allowed rate that was reached, from the first to the last post."""
        return (len(self.taken) - 1) / (self.taken[-1] - self.taken[0]) / per_second

    @property
    def refused_late(self) -> int:
        """429s after the first second."""
        return sum(at > self.taken[0] + 1 for at in self.refused)


def add_people(store: SqlStore, count: int) -> list[int]:
    """People with accounts."""
    with store.begin() as uow:
        return [uow.people.add(Person(0, f"Lead {n}", identities=(lead(n),))).id for n in range(count)]


def plan(store: SqlStore, targets: Sequence[str], kind: str) -> float:
    """One message to each, all due now; returns when it was committed."""
    with store.begin() as uow:
        now = datetime.now(UTC)
        for target in targets:
            key = f"{kind}:{target}"
            outbox.plan(uow, key=key, kind=kind, target=target, now=now, content=to_json(message(key)))
    return time.time()


class Chat:
    """The playground in its process."""

    def __init__(self, process: Process) -> None:
        """It is running."""
        self._process = process

    async def counts(self) -> Counts:
        """So far."""
        assert self._process.process.stdin is not None
        self._process.process.stdin.write(b"\n")
        return Counts(**json.loads(await self._process.line()))


async def fan_out(engine: str, prompts: int, faster: float, paced: bool) -> tuple[Counts, float, list[Taken]]:
    """(what the chat saw, seconds that the alert took, commands)."""
    rate = PER_SECOND * faster
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="rollcall-fanout-")))
        url = await stack.enter_async_context(database(engine))
        store = make_store(url)
        stack.callback(store.dispose)
        people = await asyncio.to_thread(add_people, store, prompts)
        process = await stack.enter_async_context(
            Process("-m", "benchmarks.fanout_chat", str(prompts), str(rate), listening=True)
        )
        chat = Chat(process)
        env = _environment(folder, await process.line(), url, _BELOW / rate if paced else 0.0)
        bots = [await stack.enter_async_context(rollcall(env)) for _ in range(PROCESSES[engine])]
        await asyncio.to_thread(plan, store, [f"person:{person}" for person in people], "prompt")
        typing = asyncio.create_task(_type(bots[0], prompts, prompts / rate))
        await _until(chat, prompts // 2)
        planned = await asyncio.to_thread(plan, store, [f"channel:{ALERTS}"], "alert")
        counts = await _until(chat, prompts + 1)
        return counts, counts.alerts[0] - planned, await typing


async def _type(bot: rollcall, people: int, seconds: float) -> list[Taken]:
    requests = commands(max(int(seconds * _TYPED), 10), people, "http://127.0.0.1:9/answers", 0)
    return await storm(f"{bot.address}/slack/events", list(requests), _TYPED)


async def _until(chat: Chat, taken: int) -> Counts:
    while len((counts := await chat.counts()).taken) < taken:
        await asyncio.sleep(0.5)
    return counts


def _environment(folder: Path, api_url: str, url: str, spacing: float) -> dict[str, str]:
    shipped = SHIPPED.read_text("utf-8")
    assert "workspace_spacing: 200ms" in shipped, "the shipped policy names its spacing"
    config = folder / "app.yaml"
    own = shipped.replace("workspace_spacing: 200ms", f"workspace_spacing: {spacing * 1000:.0f}ms")
    config.write_text(own, "utf-8")
    return {**environment(folder, api_url, "http", config), "ROLLCALL_DATABASE_URL": url}


async def measure(engine: str, prompts: int, faster: float) -> list[tuple[str, ...]]:
    """Two lines: as it is, and without spacing."""
    counts, alert, typed = await fan_out(engine, prompts, faster, paced=True)
    slow = percentile([one.seconds for one in typed], 0.99)
    bad = sum(not one.good for one in typed)
    share = f"{counts.share(PER_SECOND * faster):.1%}"
    name = f"{engine}, {PROCESSES[engine]} process(es), {prompts:,}"
    answered = f"{millis(slow)}, {bad} bad"
    lines = [(name, share, str(counts.refused_late), millis(alert), answered)]
    few = max(prompts // 10, 200)
    counts, _, _ = await fan_out(engine, few, faster, paced=False)
    return [*lines, (f"{engine}, not paced, {few:,}", "", str(counts.refused_late), "", "")]


@click.command()
@click.option("--prompts", default=10_000, show_default=True)
@click.option("--faster", default=10.0, show_default=True, help="How many times Slack's limits.")
@click.option("--quick", is_flag=True, help="1,000 prompts.")
def main(prompts: int, faster: float, quick: bool) -> None:
    """Very many prompts at once, against limits of rate."""
    lines: list[tuple[str, ...]] = []
    for engine in ENGINES:
        try:
            lines += asyncio.run(measure(engine, 1_000 if quick else prompts, faster))
        except NoServer as error:
            print(f"{engine} was not measured: {error}")
    columns = ("prompts", "of the rate", "429s after 1 s", "alert taken after", "commands, 99%")
    aims = ("aim", "95%", "0", "", "")
    table(f"Fan-out at {PER_SECOND * faster:g} a second ({conditions()})", columns, [*lines, aims])


if __name__ == "__main__":
    main()
