"""A Monday at nine in Microsoft Teams: python -m benchmarks.teams_fanout [--quick].

A register of so many projects, each led by somebody else who has the app, is asked for its status: the prompts are
those that the product itself plans, all due at once, each for a personal chat. The stand-in, in a process of its own,
takes so many calls of an app in any second and answers 429 with Retry-After beyond that: 25 a second, which is what the
product keeps to. The product runs as `rollcall run` starts it, one process on SQLite and two on
PostgreSQL, with the spacing that it has in Teams by itself.

In the middle an alert is planned, which must not wait behind the prompts. The last line of each engine is the proof
that the limit is there: the same without any spacing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.engines import ENGINES, database
from benchmarks.fanout import PROCESSES, Chat, Counts
from benchmarks.measure import conditions, millis, table
from benchmarks.plan import OPENING
from benchmarks.processes import Process, rollcall
from benchmarks.teams_world import Where, config, environment, open_period
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import message
from bot.engine.choice import make_store
from reporting.messages_json import to_json
from reporting.services import outbox
from storage.store import SqlStore

PER_SECOND = 25
"""Calls of an app that the stand-in takes in any second."""
# The bot's clock when it starts: everybody is to be asked, and nothing else is due.
_START = OPENING + timedelta(seconds=1)


def plan_alert(store: SqlStore, channel: str) -> float:
    """One urgent message, due now; returns when it was committed."""
    with store.begin() as uow:
        content = to_json(message("urgent"))
        outbox.plan(uow, key="urgent", kind="alert", target=f"channel:{channel}", now=_START, content=content)
    return time.time()


async def fan_out(engine: str, prompts: int, limit: int, paced: bool) -> tuple[Counts, float]:
    """Ask everybody: (what the stand-in saw, seconds that the alert took)."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="rollcall-fanout-")))
        url = await stack.enter_async_context(database(engine))
        store = make_store(url)
        stack.callback(store.dispose)
        standing_in = Process("-m", "benchmarks.teams_chat", str(prompts), str(limit), listening=True)
        where = Where(**json.loads(await (await stack.enter_async_context(standing_in)).line()))
        chat = Chat(standing_in)
        await asyncio.to_thread(open_period, store, prompts, prompts, where, OPENING)
        policy = config(folder, where, spacing=None if paced else 0.0)
        env = {**environment(folder, where, policy), "ROLLCALL_DATABASE_URL": url}
        for _ in range(PROCESSES[engine]):
            await stack.enter_async_context(rollcall(env, "--now", _START.isoformat()))
        await chat.until(prompts // 2)
        planned = await asyncio.to_thread(plan_alert, store, where.channels["alerts"])
        counts = await chat.until(prompts)
        return counts, (counts.urgent[0] if counts.urgent else time.time()) - planned


async def measure(engine: str, prompts: int, limit: int) -> list[tuple[str, ...]]:
    """Two lines: as it is, and without spacing."""
    counts, alert = await fan_out(engine, prompts, limit, paced=True)
    share = f"{counts.share(PER_SECOND):.1%}"
    name = f"{engine}, {PROCESSES[engine]} process(es), {prompts:,}"
    few = max(prompts // 10, 200)
    unpaced, _ = await fan_out(engine, few, limit, paced=False)
    return [
        (name, share, str(counts.refused_late), millis(alert)),
        (f"{engine}, not paced, {few:,}", "", str(unpaced.refused_late), ""),
    ]


@click.command()
@click.option("--prompts", default=10_000, show_default=True)
@click.option("--limit", default=PER_SECOND, show_default=True, help="What the stand-in takes in a second.")
@click.option("--engine", type=click.Choice(ENGINES), multiple=True, default=ENGINES, help="Both by default.")
@click.option("--quick", is_flag=True, help="1,000 prompts.")
def main(prompts: int, limit: int, engine: Sequence[str], quick: bool) -> None:
    """Very many personal prompts at once in Teams, against a limit of rate."""
    lines: list[tuple[str, ...]] = []
    for each in engine:
        try:
            lines += asyncio.run(measure(each, 1_000 if quick else prompts, limit))
        except NoServer as error:
            print(f"{each} was not measured: {error}")
    columns = ("prompts", f"of {PER_SECOND} a second", "429s after 1 s", "alert taken after")
    title = f"Fan-out in Teams, {limit} a second are taken ({conditions()})"
    table(title, columns, [*lines, ("aim", "95%", "0", "")])


if __name__ == "__main__":
    main()
