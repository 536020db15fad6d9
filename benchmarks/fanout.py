"""A Monday at nine: python -m benchmarks.fanout [--quick].

A register of so many projects, each led by somebody else, is asked for its status: the prompts are those that the
product itself plans, all due at once. The playground takes no more than Slack would, a number of times as fast: one
bucket for the workspace, one for each conversation, and 429 with Retry-After beyond that. The product runs as `rollcall
run` starts it, one process on SQLite and two on PostgreSQL, and is told the playground's limit and nothing else.

In the middle an alert is planned, which must not wait behind the prompts; all the while people type commands and hand
in their forms, and once more when all is quiet. Every form that was acknowledged is looked for in the database. The
last line of each engine is the proof that the limit is there: the same without any spacing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.engines import ENGINES, database
from benchmarks.fanout_chat import URGENT
from benchmarks.load import Taken, storm
from benchmarks.measure import conditions, millis, percentile, table
from benchmarks.payloads import Sent, commands, submissions
from benchmarks.plan import OPENING, open_period
from benchmarks.processes import Process, environment, rollcall
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import message
from benchmarks.world import FrozenClock, policy, services_over, shipped_with
from bot.engine.choice import make_store
from reporting.messages_json import to_json
from reporting.services import outbox
from storage.store import SqlStore

PER_SECOND = 5.0
"""Posts that the shipped policy allows itself in a workspace, and the playground takes."""
PROCESSES = {"embedded": 1, "procrastinate": 2}
_TYPED = 2.0
_AFTERWARDS = 30.0
# The bot's clock when it starts: everybody is to be asked, and nothing else is due.
_START = OPENING + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the chat saw: people who had a post; instants of posts taken, of posts refused, and of urgent ones."""

    people: int
    taken: Sequence[float]
    refused: Sequence[float]
    urgent: Sequence[float]

    def share(self, per_second: float) -> float:
        """Of the allowed rate that was reached, from the first to the last post."""
        return (len(self.taken) - 1) / (self.taken[-1] - self.taken[0]) / per_second

    @property
    def refused_late(self) -> int:
        """429s after the first second."""
        return sum(at > self.taken[0] + 1 for at in self.refused)


@dataclass
class Typed:
    """What people typed meanwhile, by what it was: forms or commands."""

    during: dict[str, list[Taken]] = field(default_factory=dict)
    afterwards: dict[str, list[Taken]] = field(default_factory=dict)
    lost: int = 0

    def cell(self, kind: str) -> str:
        """The slowest one in a hundred, meanwhile and afterwards, and how many were not as they must be."""
        both = [[one.seconds for one in each[kind]] for each in (self.during, self.afterwards)]
        slow = [millis(percentile(seconds, 0.99)) for seconds in both]
        bad = sum(not one.good for one in self.during[kind])
        return f"{slow[0]} ({slow[1]}), {bad} of {len(self.during[kind])} bad"


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one engine."""

    counts: Counts
    alert: float
    typed: Typed


class Chat:
    """The playground in its process."""

    def __init__(self, process: Process) -> None:
        """It is running."""
        self._process = process

    async def counts(self, whole: bool = False) -> Counts:
        """So far; only the `whole` has instants."""
        assert self._process.process.stdin is not None
        self._process.process.stdin.write(b"whole\n" if whole else b"\n")
        return Counts(**json.loads(await self._process.line()))

    async def until(self, people: int) -> Counts:
        """When so many people have had a post."""
        while (await self.counts()).people < people:
            await asyncio.sleep(0.5)
        return await self.counts(whole=True)


class People:
    """Those who are asked, and what they send: forms of theirs, and commands."""

    def __init__(self, store: SqlStore, count: int, answers_to: str) -> None:
        """Each leads one project of an open period."""
        services = services_over(store, FrozenClock(_START), policy())
        with store.read() as uow:
            period = uow.periods.latest("weekly")
            assert period is not None, "the period is open"
            asked = sorted(request.project_id for request in uow.requests.in_period(period.id))
        self._store = store
        self._commands = commands(10**6, count, answers_to, 0)
        # Projects were added in the order of their leads.
        self._forms = submissions(services, period.id, list(enumerate(asked)), 0)

    def ready(self, seconds: float) -> dict[str, list[Sent]]:
        """Requests for so many seconds, the forms filled in."""
        count = max(int(seconds * _TYPED), 10)
        both: dict[str, Iterator[Sent]] = {"form": self._forms, "command": self._commands}
        return {kind: list(islice(each, count)) for kind, each in both.items()}

    def lost(self, typed: Typed) -> int:
        """How many forms were acknowledged and are not stored."""
        with self._store.reading() as db:
            rows = db.exec_driver_sql("SELECT project_id, period_id, summary FROM reports")
            found = {tuple(row) for row in rows}
        every = [*typed.during["form"], *typed.afterwards["form"]]
        return sum(one.good and one.sent.key not in found for one in every)


async def type_all(bot: rollcall, ready: dict[str, list[Sent]]) -> dict[str, list[Taken]]:
    """Send them at an even pace, forms and commands side by side."""
    storms = [storm(f"{bot.address}/slack/events", each, _TYPED) for each in ready.values()]
    return dict(zip(ready, await asyncio.gather(*storms), strict=True))


def plan_alert(store: SqlStore) -> float:
    """One urgent message, due now; returns when it was committed."""
    with store.begin() as uow:
        content = to_json(message("urgent"))
        outbox.plan(uow, key="urgent", kind="alert", target=f"channel:{URGENT}", now=_START, content=content)
    return time.time()


async def fan_out(engine: str, prompts: int, faster: float, paced: bool) -> Run:
    """Ask everybody."""
    rate = PER_SECOND * faster
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="rollcall-fanout-")))
        url = await stack.enter_async_context(database(engine))
        store = make_store(url)
        stack.callback(store.dispose)
        await asyncio.to_thread(open_period, store, prompts, prompts, OPENING)
        process = await stack.enter_async_context(
            Process("-m", "benchmarks.fanout_chat", str(prompts), str(rate), listening=True)
        )
        api_url, answers_to = (await process.line()).split()
        chat = Chat(process)
        people = await asyncio.to_thread(People, store, prompts, answers_to)
        ready = await asyncio.to_thread(people.ready, prompts / rate)
        env = _environment(folder, api_url, url, 1 / rate if paced else 0.0)
        now = ("--now", _START.isoformat())
        bots = [await stack.enter_async_context(rollcall(env, *now)) for _ in range(PROCESSES[engine])]
        typing = asyncio.create_task(type_all(bots[0], ready))
        await chat.until(prompts // 2)
        planned = await asyncio.to_thread(plan_alert, store)
        counts = await chat.until(prompts)
        typed = Typed(during=await typing)
        typed.afterwards = await type_all(bots[0], await asyncio.to_thread(people.ready, _AFTERWARDS))
        typed.lost = await asyncio.to_thread(people.lost, typed)
        return Run(counts, counts.urgent[0] - planned, typed)


def _environment(folder: Path, api_url: str, url: str, spacing: float) -> dict[str, str]:
    config = folder / "app.yaml"
    config.write_text(shipped_with(workspace_spacing=f"{spacing * 1000:g}ms"), "utf-8")
    return {**environment(folder, api_url, "http", config), "ROLLCALL_DATABASE_URL": url}


async def measure(engine: str, prompts: int, faster: float) -> list[tuple[str, ...]]:
    """Two lines: as it is, and without spacing."""
    run = await fan_out(engine, prompts, faster, paced=True)
    if run.typed.lost:
        raise SystemExit(f"{run.typed.lost} acknowledged forms are not stored")
    share, refused = f"{run.counts.share(PER_SECOND * faster):.1%}", f"{run.counts.refused_late}"
    name = f"{engine}, {PROCESSES[engine]} process(es), {prompts:,}"
    lines = [(name, share, refused, millis(run.alert), run.typed.cell("form"), run.typed.cell("command"))]
    few = max(prompts // 10, 200)
    unpaced = (await fan_out(engine, few, faster, paced=False)).counts.refused_late
    return [*lines, (f"{engine}, not paced, {few:,}", "", str(unpaced), "", "", "")]


@click.command()
@click.option("--prompts", default=10_000, show_default=True)
@click.option("--faster", default=4.0, show_default=True, help="How many times Slack's limits.")
@click.option("--engine", type=click.Choice(ENGINES), multiple=True, default=ENGINES, help="Both by default.")
@click.option("--quick", is_flag=True, help="1,000 prompts.")
def main(prompts: int, faster: float, engine: Sequence[str], quick: bool) -> None:
    """Very many prompts at once, against limits of rate."""
    lines: list[tuple[str, ...]] = []
    for each in engine:
        try:
            lines += asyncio.run(measure(each, 1_000 if quick else prompts, faster))
        except NoServer as error:
            print(f"{each} was not measured: {error}")
    columns = ("prompts", "of the rate", "429s after 1 s", "alert after", "forms, 99% (quiet)", "commands, 99% (quiet)")
    aims = ("aim", "95%", "0", "", "", "")
    table(f"Fan-out at {PER_SECOND * faster:g} a second ({conditions()})", columns, [*lines, aims])


if __name__ == "__main__":
    main()
