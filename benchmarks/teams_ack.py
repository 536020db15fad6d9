"""Answers to a submitted dialog under load against a bare Teams SDK app: python -m benchmarks.teams_ack [--quick].

Four processes: the product as `rollcall run` starts it, in Teams only; a bare app of Microsoft's SDK on its own server;
a local stand-in for Teams, which the product really calls while it is measured; and this one, which sends `task/submit`
with a signed token at an even pace and takes the times. The two are put under load by turns, with the same requests:
report forms that the product has drawn and that leads have filled in. Afterwards every submission that was accepted is
looked for in the database.
"""

import asyncio
import json
import shutil
import sqlite3
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import click

from benchmarks.load import Taken
from benchmarks.measure import CACHE, conditions, millis, percentile, table
from benchmarks.payloads import Sent
from benchmarks.plan import OPENING, QUIET
from benchmarks.processes import Process, free_port, rollcall
from benchmarks.teams_payloads import Client
from benchmarks.teams_world import Where, account, config, environment, open_period
from bot.engine.choice import prepare
from storage.store import SqlStore

AIM = 1.5
LIMIT = 0.3
PATH = "/api/messages"
_SEED = 7
_WARM = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are put under load."""

    process: Process
    address: str


@dataclass
class Run:
    """One run: where everything is, and what came of it."""

    folder: Path
    projects: int
    rate: float
    token: str = ""
    taken: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def storm(self, address: str, requests: Sequence[Sent]) -> list[Taken]:
        """Post them all at an even pace, whatever becomes of earlier ones."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trust_env=False) as session:
            start = time.perf_counter() + 0.2
            posts = [self._post(session, address, one, start + n / self.rate) for n, one in enumerate(requests)]
            return await asyncio.gather(*posts)

    async def _post(self, session: aiohttp.ClientSession, address: str, sent: Sent, at: float) -> Taken:
        await asyncio.sleep(at - time.perf_counter())
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            async with session.post(address, data=sent.body.encode(), headers=headers) as answer:
                text = await answer.text()
                # An empty answer closes the dialog.
                good = answer.status == 200 and not text
        except (aiohttp.ClientError, TimeoutError) as error:
            text, good = repr(error), False
        return Taken(sent, time.perf_counter() - at, good, text)

    async def rounds(self, sides: dict[str, Side], ready: Sequence[Sent], each: int, count: int) -> None:
        """By turns: ours, bare, bare, ours ..."""
        source = iter(ready)

        def some(seconds: int) -> list[Sent]:
            return [one for one, _ in zip(source, range(int(self.rate * seconds)), strict=False)]

        for name, side in sides.items():
            # The first seconds after a start are not of interest: connections, caches, people met for the first time.
            self.taken[f"{name}, warming up"] = await self.storm(side.address, some(_WARM))
        for n in range(count):
            batch = some(each)
            for name in (list(sides), list(reversed(sides)))[n % 2]:
                before = sides[name].process.processor()
                self.taken[name] += await self.storm(sides[name].address, batch)
                # What follows an answer is paid for as well.
                await asyncio.sleep(1)
                self.processor[name] += sides[name].process.processor() - before


def asked(store: SqlStore, leads: int) -> tuple[int, list[tuple[int, int]]]:
    """The open period, and (lead's number, project id) of every request in it."""
    with store.read() as uow:
        period = uow.periods.latest("weekly")
        assert period is not None
        requests = uow.requests.in_period(period.id)
        people = uow.people.many({one.assignee_id for one in requests if one.assignee_id})
    number = {account(n): n for n in range(leads)}
    leading = {person.id: number[person.identities[0]] for person in people.values()}
    return period.id, [(leading[one.assignee_id], one.project_id) for one in requests if one.assignee_id]


@asynccontextmanager
async def begun(run: Run) -> AsyncIterator[tuple[Where, SqlStore]]:
    """The stand-in and a register whose period is open."""
    leads = max(run.projects // 3, 1)
    async with Process("-m", "benchmarks.teams_chat", str(leads), "0", listening=True) as chat:
        where = Where(**json.loads(await chat.line()))
        run.token = where.token
        url = f"sqlite:///{run.folder / 'rollcall.db'}"
        prepare(url)
        store = SqlStore(url, write_wait=60)
        try:
            open_period(store, run.projects, leads, where, OPENING, QUIET)
            yield where, store
        finally:
            store.dispose()


async def prompts_sent(bot: rollcall, folder: Path, count: int) -> None:
    """Submissions redraw messages that are really there."""
    with sqlite3.connect(folder / "rollcall.db") as db:
        while db.execute("SELECT count(*) FROM deliveries WHERE state = 'sent'").fetchone()[0] < count:
            assert bot.process.returncode is None
            await asyncio.sleep(0.5)


async def measure(run: Run, each: int, count: int) -> bool:
    """Start everything, measure, stop everything."""
    async with begun(run) as (where, store):
        period_id, leads = asked(store, run.projects // 3)
        env = environment(run.folder, where, config(run.folder, where, spacing=0.0))
        port = free_port()
        bare_app = Process("-m", "benchmarks.teams_bare", str(run.folder / "bare.db"), str(port), env=env)
        async with rollcall(env, "--now", QUIET.isoformat()) as ours, bare_app as bare:
            sides = {
                "ours": Side(ours, f"{ours.address}{PATH}"),
                "bare": Side(bare, f"{await bare.line()}{PATH}"),
            }
            await prompts_sent(ours, run.folder, run.projects // 3)
            async with aiohttp.ClientSession() as session:
                client = Client(sides["ours"].address, where, session, _SEED)
                ready = [sent async for sent in client.filled(period_id, leads)]
            print(f"{len(ready)} forms are filled in, {len(ready[0].body) / 1000:.0f} kB each", flush=True)
            await run.rounds(sides, ready, each, count)
    return report(run)


def stored(run: Run) -> tuple[int, int]:
    """(accepted, stored) of our submissions."""
    with sqlite3.connect(run.folder / "rollcall.db") as db:
        found = set(db.execute("SELECT project_id, period_id, summary FROM reports"))
    every = run.taken["ours"] + run.taken["ours, warming up"]
    accepted = [taken.sent.key for taken in every if taken.good]
    return len(accepted), sum(key in found for key in accepted)


def report(run: Run) -> bool:
    """Print the table; whether nothing was lost."""
    lines, medians = [], {}
    for name in ("ours", "bare"):
        every = run.taken[name]
        times = [taken.seconds for taken in every if taken.good]
        bad = [taken.answer for taken in every if not taken.good]
        for answer in bad[:3]:
            print(f"not as it must be: {name}: {answer[:400]}")
        medians[name] = statistics.median(times)
        within = sum(seconds <= LIMIT for seconds in times) / len(every)
        slow, used = millis(percentile(times, 0.99)), millis(run.processor[name] / len(every))
        lines.append(
            (f"dialog, {name}", str(len(every)), str(len(bad)), millis(medians[name]), slow, f"{within:.1%}", used)
        )
    share = run.processor["ours"] / max(run.processor["bare"], 0.01)
    lines.append(("ratio", "", "", f"{medians['ours'] / medians['bare']:.2f}", "", "", f"{share:.2f}"))
    title = f"Answers to task/submit at {run.rate:g} a second, aim {AIM} ({conditions()})"
    table(title, ("what", "sent", "bad", "median", "99%", "within 300 ms", "processor, each"), lines)
    accepted, kept = stored(run)
    print(f"{kept} of {accepted} accepted submissions are stored")
    return kept == accepted


@click.command()
@click.option("--seconds", default=60, show_default=True, help="Under load, for each side.")
@click.option("--rate", default=50.0, show_default=True, help="Requests a second.")
@click.option(
    "--on",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Where both databases stand; /dev/shm shows what is left when no disk has to be waited for.",
)
@click.option("--quick", is_flag=True, help="10 seconds.")
def main(seconds: int, rate: float, on: Path | None, quick: bool) -> None:
    """Answers to a submitted dialog under load against a bare Teams SDK app."""
    seconds = 10 if quick else seconds
    count = max(2, seconds // 10)
    each = max(seconds // count, 1)
    folder = (on or CACHE) / "rollcall-bench-teams-ack"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    projects = int(rate * (each * count + 2 * _WARM)) + 3
    if not asyncio.run(measure(Run(folder, projects, rate), each, count)):
        raise SystemExit("an accepted submission is not stored")


if __name__ == "__main__":
    main()
