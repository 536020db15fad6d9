"""Acknowledgement times under load against a bare Bolt app: python -m benchmarks.ack [--quick] [--seconds N].

Four processes: the product as `rollcall run` starts it, a bare Bolt app on the same server, a local stand-in for Slack
that both can call, and this one, which sends signed requests at an even pace and takes the times. The two are put under
load by turns. Afterwards every submission that was acknowledged is looked for in the database.
"""

import asyncio
import shutil
import sqlite3
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import click

from benchmarks.chat import workspace
from benchmarks.load import SECRET, Http, Sockets, Taken, Target
from benchmarks.measure import CACHE, conditions, millis, percentile, table
from benchmarks.payloads import Sent, commands, submissions
from benchmarks.plan import QUIET, waiting
from benchmarks.processes import Process, environment, rollcall
from benchmarks.world import FrozenClock, lead, policy, services_over
from bot.app import build
from bot.config import EngineSettings, Secret, Settings, SlackSettings
from playground import Playground, RateLimits
from storage.store import SqlStore

AIM = 1.5
LIMIT = 0.3
QUICK = EngineSettings(channel_spacing=0, workspace_spacing=0, lookup_spacing=0)
_SEED = 7


@dataclass
class Run:
    """One run: where everything is, and what came of it."""

    folder: Path
    projects: int
    leads: int
    rate: float
    taken: dict[tuple[str, str], list[Taken]] = field(default_factory=lambda: defaultdict(list))

    @property
    def url(self) -> str:
        """The product's database."""
        return f"sqlite:///{self.folder / 'rollcall.db'}"


async def send_prompts(run: Run, api_url: str) -> None:
    """Let every lead have their prompt, so that submissions redraw messages that are really there."""
    settings = Settings(
        policy=policy(),
        slack=SlackSettings(Secret("xoxb-play"), Secret("xapp-play"), Secret(SECRET), api_url, "http"),
        database_url=Secret(run.url),
        data_dir=run.folder,
        config_path=Path("app.yaml"),
        port=0,
        engine=QUICK,
    )
    bot = build(settings, FrozenClock(QUIET))
    await bot.start(serving=False)
    await bot.catch_up(patience=5)
    await bot.stop()


def requests(run: Run, answers_to: str) -> tuple[Iterator[Sent], Iterator[Sent]]:
    """Submissions, each of another project, and commands."""
    store = SqlStore(run.url)
    services = services_over(store, FrozenClock(QUIET), policy())
    with store.read() as uow:
        period = uow.periods.latest("weekly")
        assert period is not None
        asked = uow.requests.in_period(period.id)
        people = uow.people.many({r.assignee_id for r in asked if r.assignee_id})
    number = {lead(n).user_id: n for n in range(run.leads)}
    leads = [(number[people[r.assignee_id].identities[0].user_id], r.project_id) for r in asked if r.assignee_id]
    return submissions(services, period.id, leads, _SEED), commands(10**6, run.leads, answers_to, _SEED)


async def rounds(run: Run, sides: dict[str, Target], source: dict[str, Iterator[Sent]], each: int, count: int) -> None:
    """By turns: ours, bare, bare, ours ..."""
    for kind, sent in source.items():
        for name, side in sides.items():
            # The first seconds after a start are not of interest: connections, caches, people met for the first time.
            await side.storm(list(islice(sent, int(run.rate * 2))), run.rate)
            print(f"{kind}: {name} is warm", flush=True)
        for n in range(count):
            batch = list(islice(sent, int(run.rate * each)))
            for name in (list(sides), list(reversed(sides)))[n % 2]:
                run.taken[name, kind] += await sides[name].storm(_fresh(batch, n, name), run.rate)
                await asyncio.sleep(1)


def _fresh(batch: Sequence[Sent], n: int, name: str) -> Sequence[Sent]:
    # The same requests for both; a trigger id makes the bytes differ, since a request seen before is refused.
    return [replace(sent, body=f"{sent.body}&_={n}{name}") for sent in batch]


def stored(run: Run) -> tuple[int, int]:
    """(acknowledged, stored) of our submissions."""
    with sqlite3.connect(run.folder / "rollcall.db") as db:
        found = set(db.execute("SELECT project_id, period_id, summary FROM reports"))
    acknowledged = [taken.sent.key for taken in run.taken["ours", "submission"] if taken.good]
    return len(acknowledged), sum(key in found for key in acknowledged)


def report(run: Run) -> bool:
    """Print the table; whether nothing was lost."""
    lines = []
    for kind in ("submission", "command"):
        medians = {}
        for name in ("ours", "bare"):
            every = run.taken[name, kind]
            times = [taken.seconds for taken in every if taken.good]
            medians[name] = statistics.median(times)
            within = sum(seconds <= LIMIT for seconds in times) / len(every)
            bad = [taken.answer for taken in every if not taken.good]
            lines.append((f"{kind}, {name}", str(len(every)), str(len(bad)), millis(medians[name]),
                          millis(percentile(times, 0.99)), f"{within:.1%}"))  # fmt: skip
            for answer in bad[:3]:
                print(f"not as it must be: {kind}, {name}: {answer[:200]}")
        lines.append((f"{kind}: ratio of medians", "", "", f"{medians['ours'] / medians['bare']:.2f}", "", ""))
    title = f"Acknowledgements at {run.rate:g} a second, aim {AIM} and 99% within 300 ms ({conditions()})"
    table(title, ("what", "sent", "bad", "median", "99%", "within 300 ms"), lines)
    acknowledged, kept = stored(run)
    print(f"{kept} of {acknowledged} acknowledged submissions are stored")
    return kept == acknowledged


async def over_http(run: Run, each: int, count: int) -> bool:
    """Start everything, measure, stop everything."""
    shutil.copy(waiting(run.projects, run.leads), run.folder / "rollcall.db")
    async with Process("-m", "benchmarks.chat", str(run.leads)) as chat:
        api_url, answers_to = (await chat.line()).split()
        await send_prompts(run, api_url)
        source = filled(run, answers_to, each * count + 4)
        env = environment(run.folder, api_url, "http")
        async with rollcall(env, "--now", QUIET.isoformat()) as ours, Process(
            "-m", "benchmarks.bare", str(run.folder / "bare.db"), env=env
        ) as bare:  # fmt: skip
            addresses = {"ours": ours.address, "bare": await bare.line()}
            sides: dict[str, Target] = {name: Http(f"{one}/slack/events") for name, one in addresses.items()}
            await rounds(run, sides, source, each, count)
    return report(run)


async def over_sockets(run: Run, each: int, count: int) -> bool:
    """The same over Socket Mode; each of the two has a stand-in for Slack to itself, in this process."""
    shutil.copy(waiting(run.projects, run.leads), run.folder / "rollcall.db")
    off = RateLimits(enabled=False)
    async with (
        Process("-m", "benchmarks.chat", "1") as chat,
        Playground(workspace(run.leads), rate_limits=off) as mine,
        Playground(workspace(1), rate_limits=off) as other,
    ):
        _, answers_to = (await chat.line()).split()
        await send_prompts(run, mine.api_url)
        source = filled(run, answers_to, each * count + 4)
        env = environment(run.folder, mine.api_url, "socket")
        async with rollcall(env, "--now", QUIET.isoformat()), Process(
            "-m", "benchmarks.bare", str(run.folder / "bare.db"), other.api_url
        ) as bare:  # fmt: skip
            await bare.line()
            await rounds(run, {"ours": Sockets(mine), "bare": Sockets(other)}, source, each, count)
    return report(run)


def filled(run: Run, answers_to: str, seconds: int) -> dict[str, Iterator[Sent]]:
    """Requests of both kinds, the forms made beforehand."""
    forms, lines = requests(run, answers_to)
    ready = list(islice(forms, int(run.rate * seconds)))
    print(f"{len(ready)} forms are filled in, {len(ready[0].body) / 1000:.0f} kB each", flush=True)
    return {"submission": iter(ready), "command": lines}


@click.command()
@click.option("--seconds", default=60, show_default=True, help="Under load, for each kind of request and side.")
@click.option("--rate", default=50.0, show_default=True, help="Requests a second.")
@click.option("--socket", is_flag=True, help="Over Socket Mode instead of signed HTTP.")
@click.option(
    "--on",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Where both databases stand; /dev/shm shows what is left when no disk has to be waited for.",
)
@click.option("--quick", is_flag=True, help="10 seconds.")
def main(seconds: int, rate: float, socket: bool, on: Path | None, quick: bool) -> None:
    """Acknowledgement times under load against a bare Bolt app."""
    seconds = 10 if quick else seconds
    count = max(2, seconds // 10)
    each = seconds // count
    folder = (on or CACHE) / "rollcall-bench-ack"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    projects = -(-int(rate * (each * count + 4)) // 100) * 100
    measure = over_sockets if socket else over_http
    if not asyncio.run(measure(Run(folder, projects, projects // 3, rate), each, count)):
        raise SystemExit("an acknowledged submission is not stored")


if __name__ == "__main__":
    main()
