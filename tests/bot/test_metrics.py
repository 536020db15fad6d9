"""The numbers that a monitoring system reads, over HTTP from a bot that has worked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app import Rollcall
from bot.config import Secret
from reporting.messages import Message, Paragraph, Plain
from reporting.messages_json import to_json
from reporting.services.outbox import plan
from tests.bot.live import Live, running
from tests.support.databases import BOTH, database

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
# The library's own, explained as one line.
PROCESS = "process_"


async def numbers(bot: Rollcall) -> dict[str, float]:
    """Samples as `name{label="value"}`."""
    async with aiohttp.ClientSession() as session, session.get(f"{bot.web.address}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = await answer.text()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


@pytest.mark.parametrize("kind", BOTH)
async def test_what_was_sent_acknowledged_and_waits_is_counted(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        async with running(tmp_path, database_url=Secret(url)) as live:
            await live.forward(hours=3)
            await live.playground.person("U2").command("/rag help", "C1")
            await live.bot.chats["slack"].settled()
            found = await numbers(live.bot)
    engine = "embedded" if kind == "sqlite" else "procrastinate"
    [build] = [name for name in found if name.startswith("rollcall_build_info")]
    assert f'engine="{engine}"' in build
    assert found['rollcall_deliveries_total{kind="prompt",outcome="sent"}'] == 1
    assert found['rollcall_delivery_lateness_seconds_count{kind="prompt"}'] == 1
    assert found['rollcall_acknowledgement_seconds_count{kind="command"}'] == 1
    assert found['rollcall_clock_ticks_total{outcome="done"}'] > 1
    assert found['rollcall_clock_ticks_total{outcome="failed"}'] == 0
    assert found["rollcall_slot_wait_seconds_count"] >= 1
    assert found["rollcall_database_up"] == 1
    assert found["rollcall_deliveries_due"] == 0
    # The next look for people's accounts, and what is due later.
    assert found["rollcall_jobs_unfinished"] >= 1


async def test_what_slack_refuses_for_its_rate_and_what_waits_for_it(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        live.playground.faults.add("chat.postMessage", "ratelimited", seconds=30)
        with live.bot.store.begin() as uow:
            now = live.clock.now()
            plan(
                uow,
                key="x",
                kind="notice",
                target="channel:#pmo",
                now=now,
                content=to_json(Message("x", (Paragraph((Plain("x"),)),))),
            )
        await asyncio.sleep(0.6)
        live.clock.set(live.clock.now() + timedelta(minutes=5))
        found = await numbers(live.bot)
    assert found['rollcall_rate_limited_total{method="chat.postMessage"}'] == 1
    assert found['rollcall_deliveries_total{kind="notice",outcome="again"}'] == 1
    assert found["rollcall_deliveries_due"] >= 1
    assert found["rollcall_oldest_due_seconds"] >= 300


async def test_without_a_database_the_other_numbers_are_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        monkeypatch.setattr("bot.app.planning.plan_due", lambda *_: 1 / 0)
        await live.bot.ticker.tick()
        away = tmp_path / "away.db"
        (tmp_path / "rollcall.db").rename(away)
        (tmp_path / "rollcall.db").mkdir()
        # Connections that were open read on in the file that was moved.
        live.bot.store.dispose()
        found = await numbers(live.bot)
        (tmp_path / "rollcall.db").rmdir()
        away.rename(tmp_path / "rollcall.db")
    assert found["rollcall_database_up"] == 0
    assert found["rollcall_deliveries_due"] != found["rollcall_deliveries_due"]  # not a number
    assert found['rollcall_clock_ticks_total{outcome="failed"}'] >= 1


async def test_two_bots_in_one_process_count_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    async with running(tmp_path) as one, running(tmp_path / "other") as other:
        for live in (one, other):
            await live.forward(hours=3)
        counted = [await numbers(live.bot) for live in (one, other)]
    assert [found['rollcall_deliveries_total{kind="prompt",outcome="sent"}'] for found in counted] == [1, 1]


async def test_every_number_is_explained(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.forward(hours=3)
        names = {family.name for family in live.bot.metrics.registry.collect()}
    ours = {name for name in names if not name.startswith(PROCESS)}
    assert [name for name in sorted(ours) if f"`{name}" not in OPERATING] == []


async def probe(live: Live, path: str) -> tuple[int, list[str]]:
    async with aiohttp.ClientSession() as session, session.get(f"{live.bot.web.address}/{path}") as answer:
        body = await answer.json()
        return answer.status, body.get("reasons", [])


@pytest.mark.parametrize("kind", BOTH)
async def test_an_engine_that_comes_round_no_more_is_not_ready_and_then_not_alive(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        async with running(tmp_path, database_url=Secret(url)) as live:
            await live.bot.catch_up()
            assert await probe(live, "healthz") == (200, [])
            assert await probe(live, "readyz") == (200, [])
            ahead = 0.0
            pulse = live.bot.engine.pulse  # type: ignore[attr-defined]
            monotonic = pulse._monotonic
            pulse._monotonic = lambda: monotonic() + ahead
            pulse.good = pulse.bad = lambda *_: None
            ahead = 60.0
            status, [reason] = await probe(live, "readyz")
            assert (status, "the work to be done was looked at 6" in reason) == (503, True)
            assert await probe(live, "healthz") == (200, [])
            ahead = 400.0
            status, [reason] = await probe(live, "healthz")
            assert (status, "the work to be done has not been looked at for 4" in reason) == (503, True)


async def test_an_engine_that_has_ended_is_not_alive(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        await live.bot.engine.stop(0)
        async with asyncio.timeout(5):
            while (await probe(live, "healthz"))[0] == 200:
                await asyncio.sleep(0.05)
        assert await probe(live, "healthz") == (503, ["the engine has ended"])
        assert await probe(live, "readyz") == (503, ["the engine is not running"])


async def test_a_worker_that_does_not_run_is_told_although_the_engine_goes_on(tmp_path: Path) -> None:
    with database("postgres", tmp_path) as url:
        async with running(tmp_path, database_url=Secret(url)) as live:
            engine = live.bot.engine
            async with asyncio.timeout(10):
                while engine._worker is None:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
                assert await probe(live, "readyz") == (200, [])
                engine._worker.cancel()  # type: ignore[attr-defined]
                while not (await probe(live, "readyz"))[1]:
                    await asyncio.sleep(0.01)
            status, reasons = await probe(live, "readyz")
            assert (status, reasons) == (503, ["the worker that takes the jobs is not running"])
            assert (await probe(live, "healthz"))[0] == 200
