"""Starting, stopping and being well, when something goes wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.app import build
from bot.config import Secret
from reporting.ports import StoreBusy
from storage.migrate import DatabaseFault
from tests.bot.live import Live, playing, register, running, settings_for, slack_of


async def reasons(live: Live) -> list[str]:
    address = f"{live.bot.web.address}/readyz"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        body = await answer.json()
        assert answer.status == (503 if body.get("reasons") else 200)
        return body.get("reasons", [])


async def test_one_step_of_a_stop_that_fails_keeps_no_other_from_being_done(tmp_path: Path) -> None:
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        bot = build(settings, playground.clock, chat_follows=True)
        await bot.start()
        web_stop = bot.web.stop

        async def broken() -> None:
            await web_stop()
            raise OSError("the socket is gone")

        bot.web.stop = broken  # type: ignore[method-assign]
        with pytest.raises(OSError, match="the socket is gone"):
            await bot.stop()
        # A second stop is fine, and everything has been let go: another process may start.
        await bot.stop()
        second = build(settings, playground.clock)
        await second.start()
        await second.stop()


async def test_readiness_looks_at_the_database_and_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as live:
        assert await reasons(live) == []

        def away() -> None:
            raise ExceptionGroup("what is due", [StoreBusy("first"), StoreBusy("second")])

        monkeypatch.setattr("bot.app.planning.plan_due", lambda *_: away())
        await live.bot.ticker.tick()
        [reason] = await reasons(live)
        assert "what is due" in reason
        monkeypatch.undo()
        await live.bot.ticker.tick()
        assert await reasons(live) == []
        database = tmp_path / "rollcall.db"
        database.rename(tmp_path / "elsewhere.db")
        database.mkdir()
        # Connections that were open read on in the file that was moved.
        live.bot.store.dispose()
        assert any("database" in reason for reason in await reasons(live))
        database.rmdir()
        (tmp_path / "elsewhere.db").rename(database)


async def test_a_database_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        with pytest.raises(DatabaseFault, match="Connection refused"):
            build(replace(settings, database_url=Secret("postgresql://rollcall@127.0.0.1:1/rollcall")))


async def test_a_refusal_of_new_blocks_is_remembered_over_a_restart(tmp_path: Path) -> None:
    async with playing() as playground:
        settings = settings_for(playground, tmp_path)
        first = build(settings, playground.clock, chat_follows=True)
        register(first)
        await first.start()
        assert slack_of(first).messenger.new_blocks
        slack_of(first).messenger.new_blocks = False
        await asyncio.sleep(0)
        await first.stop()
        second = build(settings, playground.clock, chat_follows=True)
        assert not slack_of(second).messenger.new_blocks
        await second.stop()
        # The workspace may have learnt them meanwhile.
        playground.clock.set(playground.clock.now().replace(year=playground.clock.now().year + 1))
        third = build(settings, playground.clock, chat_follows=True)
        assert slack_of(third).messenger.new_blocks
        await third.stop()


async def test_a_channel_that_was_renamed_is_told_and_still_written_to(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        channel = live.playground.workspace.channels["C1"]
        channel.name = "bosses"
        live.playground.courier.event({"type": "channel_rename", "channel": {"id": "C1", "name": "bosses"}})
        await live.playground.settled()
        await slack_of(live.bot).settled()
        await live.bot.catch_up()
        assert any("#leadership is called #bosses now" in text for text in live.texts("C3"))
        assert await slack_of(live.bot).messenger.channels.target("#leadership") == "C1"
