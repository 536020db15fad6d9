"""Rescue while draining, and a stop while the database is away."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.engine import distributed
from bot.engine.choice import make_engine, make_store, prepare
from bot.engine.clock import SystemClock
from tests.engine.crew import Crew
from tests.support.databases import database
from tests.support.server import own_server


async def test_a_drain_runs_what_a_process_had_in_hand_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database("postgres", tmp_path) as url:
        prepare(url)
        store, crew, seen = make_store(url), Crew(url, tmp_path), []
        process = crew.hire()
        with store.begin() as uow:
            uow.jobs.enqueue("work", {"n": 1, "seconds": 60}, key="k")
        crew.until(lambda: crew.times("begin")[1] == 1)
        crew.dismiss()
        assert process.wait() != 0

        async def work(n: int, seconds: float) -> None:
            seen.append((n, seconds))

        engine = make_engine(store, SystemClock())
        engine.handle("work", work)
        # It is not known to be gone yet: a drain neither takes its job nor waits for it for ever.
        monkeypatch.setattr(distributed, "STALLED", 0.5)
        await asyncio.sleep(1)
        await asyncio.wait_for(engine.drain(), 20)
        assert seen == [(1, 60)]
        with store.read() as uow:
            assert not uow.jobs.waits("work")
        store.dispose()


async def test_a_stop_while_postgres_is_away_ends_soon_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "STALLED", 1.0)
    monkeypatch.setattr(distributed, "_LAST_WORDS", 1.0)
    with own_server() as server:
        prepare(server.url)
        store, begun, again = make_store(server.url), asyncio.Event(), []

        async def hang(n: int) -> None:
            begun.set()
            await asyncio.sleep(60)

        engine = make_engine(store, SystemClock())
        engine.handle("work", hang)
        pump = asyncio.create_task(engine.run())
        with store.begin() as uow:
            uow.jobs.enqueue("work", {"n": 1}, key="k")
        await asyncio.wait_for(begun.wait(), 20)
        await asyncio.to_thread(server.stop, "immediate")
        at = time.monotonic()
        await engine.stop(0.2)
        await asyncio.wait_for(pump, 20)
        assert time.monotonic() - at < 15
        await asyncio.to_thread(server.start)

        async def work(n: int) -> None:
            again.append(n)

        following = make_engine(store, SystemClock())
        following.handle("work", work)
        await asyncio.sleep(1.5)
        await asyncio.wait_for(following.drain(0.5), 30)
        assert again == [1]
        store.dispose()
