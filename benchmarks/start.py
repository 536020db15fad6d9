"""From start to ready, and memory: python -m benchmarks.start [--quick].

The product as `rollcall run` starts it, over Socket Mode against a local stand-in for Slack, until `/readyz` answers
200; against a process that imports `slack_bolt.async_app` and `sqlalchemy` and says so. Memory is what Linux counts as
resident: with an empty register, and with a thousand leads whose prompts have all been sent.
"""

import asyncio
import shutil
import sqlite3
import statistics
import time
from pathlib import Path

import click

from benchmarks.measure import CACHE, Pair, conditions, millis, table
from benchmarks.plan import OPENING, waiting
from benchmarks.processes import Process, environment, rollcall
from benchmarks.world import shipped_with

IMPORTS = "import slack_bolt.async_app, sqlalchemy; print('ready', flush=True); import time; time.sleep(60)"


async def started(folder: Path, api_url: str) -> tuple[float, float]:
    """Seconds until ready, and MB a second later."""
    async with rollcall(environment(folder, api_url, "socket"), "--now", OPENING.isoformat()) as bot:
        await asyncio.sleep(1)
        return bot.ready_after, bot.resident()


async def imported() -> tuple[float, float]:
    """The same of a process that merely imports."""
    async with Process("-c", IMPORTS) as process:
        await process.line()
        seconds = time.perf_counter() - process.started
        return seconds, process.resident()


async def with_leads(folder: Path, leads: int) -> tuple[float, int]:
    """(MB, messages sent) of the product after it has asked so many leads, each for one project."""
    shutil.copy(waiting(leads, leads), folder / "rollcall.db")
    config = folder / "app.yaml"
    config.write_text(shipped_with(workspace_spacing="0s"), "utf-8")
    async with Process("-m", "benchmarks.chat", str(leads)) as chat:
        api_url, _ = (await chat.line()).split()
        env = environment(folder, api_url, "socket", config)
        async with rollcall(env, "--now", OPENING.isoformat()) as bot:
            sent = 0
            with sqlite3.connect(folder / "rollcall.db") as db:
                while sent < leads:
                    await asyncio.sleep(1)
                    sent = db.execute("SELECT count(*) FROM deliveries WHERE state = 'sent'").fetchone()[0]
            await asyncio.sleep(2)
            return bot.resident(), sent


async def measure(rounds: int, leads: int) -> None:
    """By turns, then the large one."""
    ours, theirs = [], []
    async with Process("-m", "benchmarks.chat", "3") as chat:
        api_url, _ = (await chat.line()).split()
        folder = _folder("start")
        await started(folder, api_url)
        for _ in range(rounds):
            ours.append(await started(folder, api_url))
            theirs.append(await imported())
    large, sent = await with_leads(_folder("leads"), leads)
    times = Pair(tuple(seconds for seconds, _ in ours), tuple(seconds for seconds, _ in theirs))
    rest = Pair(tuple(size for _, size in ours), tuple(size for _, size in theirs))
    least = statistics.median(rest.theirs)
    medians = [millis(statistics.median(each)) for each in (times.ours, times.theirs)]
    lines = [
        ("start to ready", *medians, f"{times.ratio:.2f}"),
        ("memory at rest", f"{statistics.median(rest.ours):.0f} MB", f"{least:.0f} MB", f"{rest.ratio:.2f}"),
        (f"memory, {leads:,} leads, {sent:,} sent", f"{large:.0f} MB", f"{least:.0f} MB", f"{large / least:.2f}"),
    ]
    title = f"Start and memory against mere imports, medians of {rounds} by turns ({conditions()})"
    table(title, ("what", "ours", "imports", "ratio"), lines)


def _folder(name: str) -> Path:
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@click.command()
@click.option("--rounds", default=7, show_default=True)
@click.option("--leads", default=1_000, show_default=True)
@click.option("--quick", is_flag=True, help="3 rounds, 100 leads.")
def main(rounds: int, leads: int, quick: bool) -> None:
    """From start to ready, and memory, against a process that merely imports."""
    asyncio.run(measure(3 if quick else rounds, 100 if quick else leads))


if __name__ == "__main__":
    main()
