"""What finished deliveries cost: python -m benchmarks.growth [--quick].

One delivery is planned, and sent by the engine, with so many finished ones in the table, on both engines. What is
finished must not make what is to be done any slower. Times are from before it is planned until the table says that it
is sent, the engine running as in the product; the chat is one that takes everything at once.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime

import click
from sqlalchemy import text

from benchmarks.engines import ENGINES, Bot, database, quiet, sending_half
from benchmarks.measure import conditions, millis, table
from benchmarks.torture.cluster import NoServer
from benchmarks.torture.parts import message
from reporting.ledger import DeliveryState
from reporting.messages_json import to_json
from reporting.services import outbox
from storage.store import SqlStore

AIM = 1.2
SIZES = (100, 10_000, 1_000_000)
_COLUMNS = (
    "key, kind, target, subject, due_at, state, created_at, updates, thread_of, attempt, content, parts, refs, "
    "sent_at, error, stuck"
)
# To 1,000 channels, an answer and an edit among ten, as digests and prompts leave them behind.
_VALUES = """
    'old:' || n, 'prompt', 'channel:C' || n % 1000, '{{}}', {at}, 'sent', {at},
    CASE WHEN n % 10 = 1 THEN 'old:' || (n - 1) END, CASE WHEN n % 10 = 2 THEN 'old:' || (n - 2) END,
    1, '{content}', '[{{"text": "old"}}]', '[["C1", "1.0"]]', {at}, '', {no}
"""
_SQLITE = "WITH RECURSIVE s(n) AS (SELECT {low} UNION ALL SELECT n + 1 FROM s WHERE n < {high}) SELECT {values} FROM s"
_POSTGRES = "SELECT {values} FROM generate_series({low}, {high}) n"


def grow(store: SqlStore, low: int, high: int) -> None:
    """Finished deliveries with these numbers, both included."""
    postgres = store.url.startswith("postgres")
    at = "TIMESTAMPTZ '2026-01-05 09:00:00+00'" if postgres else "'2026-01-05T09:00:00.000000Z'"
    content = '{"summary": "old", "blocks": []}'
    # The driver takes a single % for a parameter.
    template = _VALUES.replace("%", "%%") if postgres else _VALUES
    values = template.format(at=at, content=content, no="false" if postgres else 0)
    rows = (_POSTGRES if postgres else _SQLITE).format(low=low, high=high, values=values)
    with store.writing() as db:
        db.exec_driver_sql(f"INSERT INTO deliveries ({_COLUMNS}) {rows}")
    if postgres:
        with store.writing() as db:
            db.execute(text("ANALYZE deliveries"))


async def sent_in(bot: Bot, key: str) -> float:
    """Seconds to plan and send one."""
    began = time.perf_counter()
    now = datetime.now(UTC)
    with bot.store.begin() as uow:
        content = to_json(message(key))
        planned = outbox.plan(uow, key=key, kind="alert", target="channel:C7", now=now, content=content)
    assert planned is not None, "the key is new"
    while True:
        await asyncio.sleep(0.0005)
        with bot.store.read() as uow:
            found = uow.deliveries.get(planned.id)
        if found is not None and found.state is DeliveryState.SENT:
            return time.perf_counter() - began


async def measure(engine: str, sizes: tuple[int, ...], rounds: int) -> list[tuple[str, ...]]:
    """A line for each size."""
    lines: list[tuple[str, ...]] = []
    first, below = 0.0, 0
    async with database(engine) as url:
        bot = sending_half(url)
        pump = asyncio.create_task(bot.engine.run())
        try:
            for size in sizes:
                await asyncio.to_thread(grow, bot.store, below, size - 1)
                below = size
                for n in range(20):
                    await sent_in(bot, f"warm:{size}:{n}")
                median = statistics.median([await sent_in(bot, f"new:{size}:{n}") for n in range(rounds)])
                first = first or median
                lines.append((f"{engine}, {size:,} finished", millis(median), f"{median / first:.2f}", f"{AIM}"))
        finally:
            await bot.engine.stop(5)
            await pump
            bot.store.dispose()
    return lines


@click.command()
@click.option("--rounds", default=300, show_default=True)
@click.option("--quick", is_flag=True, help="Up to 10,000 finished ones, 50 rounds.")
def main(rounds: int, quick: bool) -> None:
    """Plan and send one delivery, with few and with very many finished ones in the table."""
    sizes, rounds = (SIZES[:2], 50) if quick else (SIZES, rounds)
    quiet()
    lines: list[tuple[str, ...]] = []
    for engine in ENGINES:
        try:
            lines += asyncio.run(measure(engine, sizes, rounds))
        except NoServer as error:
            print(f"{engine} was not measured: {error}")
    columns = ("plan and send one", "median", "by the first", "aim")
    table(f"Growth, medians of {rounds} ({conditions()})", columns, lines)


if __name__ == "__main__":
    main()
