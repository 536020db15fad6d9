"""The composition root: it starts cleanly, says what is wrong all at once, and lets go of everything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import build
from bot.config import ConfigFaults, Secret
from bot.web import PortTaken
from storage.lock import AlreadyRunning
from tests.bot.live import playing, register, running, settings_for


async def get(url: str) -> tuple[int, dict[str, object]]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_week_without_an_answer(tmp_path: Path, mode: str) -> None:
    async with running(tmp_path, mode) as live:
        assert await get(f"{live.bot.web.address}/healthz") == (200, {"status": "alive"})
        assert await get(f"{live.bot.web.address}/readyz") == (200, {"status": "ready"})
        await live.forward(hours=3)
        [prompt] = live.texts("D1")
        assert "ATLAS" in prompt
        await live.forward(days=4, hours=6)
        assert len(live.texts("D1")) == 3
        assert len(live.texts("C1")) == 1
        with live.bot.store.read() as uow:
            ana = uow.people.by_email("ana@example.org")
            assert ana is not None
            [request] = uow.requests.owed_by(ana.id)
        # The account was found by mail address; its zone came with it.
        assert ana.tz == "Europe/Madrid"
        assert request.state.owes
        assert live.playground.refusals == []


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_question_is_answered_on_either_way(tmp_path: Path, mode: str) -> None:
    async with running(tmp_path, mode) as live:
        outcome = await live.playground.person("U2").command("/rag help", "C1")
        assert outcome.ok
        await live.playground.until(lambda: live.playground.workspace.visible("C1", "U2"))


async def test_nothing_is_lost_between_two_processes(tmp_path: Path) -> None:
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        first = build(settings, playground.clock, chat_follows=True)
        register(first)
        await first.start()
        with pytest.raises(AlreadyRunning):
            await build(settings, playground.clock).start()
        await first.stop()
        playground.clock.set(playground.clock.now() + timedelta(hours=4))
        second = build(settings, playground.clock, chat_follows=True)
        await second.start()
        await second.catch_up(patience=2)
        await second.stop()
        third = build(settings, playground.clock, chat_follows=True)
        await third.start()
        await third.catch_up(patience=2)
        await third.stop()
        assert len(playground.workspace.visible("D1")) == 1


async def test_every_fault_of_token_channels_and_templates_at_once(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "weekly.md.j2").write_text("# {{ title }}\n{{ tittle }}\n")
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        policy = replace(settings.policy, templates=str(templates), pmo_channel="#missing")
        with pytest.raises(ConfigFaults) as raised:
            await build(replace(settings, policy=policy)).start()
        places = [fault.place for fault in raised.value.faults]
        assert places == ["weekly.md.j2:2", "pmo_channel"]
        wrong = replace(settings.slack, bot_token=Secret("xoxb-wrong"))
        with pytest.raises(ConfigFaults, match="invalid_auth"):
            await build(replace(settings, slack=wrong)).start()
        # A start that failed holds nothing: neither lock nor port.
        bot = build(settings)
        await bot.start()
        await bot.stop()


async def test_a_port_in_use_is_said_in_words(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        port = int(live.bot.web.address.rsplit(":", 1)[1])
        other = replace(live.bot.settings, port=port, database_url=Secret(f"sqlite:///{tmp_path / 'other.db'}"))
        with pytest.raises(PortTaken, match="HOST and PORT"):
            await build(other).start()


async def test_a_removed_app_is_no_longer_ready(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        live.playground.workspace.app.active = False
        await live.forward(hours=3)
        status, body = await get(f"{live.bot.web.address}/readyz")
        assert status == 503
        assert any("account_inactive" in reason for reason in body["reasons"])  # type: ignore[attr-defined]


async def test_a_stop_leaves_no_task_behind(tmp_path: Path) -> None:
    before = len(asyncio.all_tasks())
    async with running(tmp_path) as live:
        await live.forward(hours=3)
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) <= before


async def test_a_prompt_that_found_no_account_is_sent_when_there_is_one(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        ana = live.playground.workspace.users["U1"]
        with live.bot.store.begin() as uow:
            person = uow.people.by_email("ana@example.org")
            assert person is not None
            uow.people.save(replace(person, email="anna@example.org", identities=()))
        await live.forward(hours=3)
        with live.bot.store.read() as uow:
            assert [d.kind for d in uow.deliveries.newest("prompt:", 5, failed=True)]
        assert ana.id == "U1"
        ana.email = "anna@example.org"
        await live.forward(hours=26)
        assert any("ATLAS" in text for text in live.texts("D1"))
        with live.bot.store.read() as uow:
            assert not uow.deliveries.newest("prompt:", 5, failed=True)
