"""`rollcall deliveries`: from another process's side, on real databases, while the bot runs or does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.config import Secret
from reporting.ledger import DeliveryState
from reporting.messages import Message, Paragraph, Plain
from reporting.messages_json import to_json
from reporting.services.outbox import UNCERTAIN, plan
from tests.bot.live import SHIPPED, Live, running
from tests.support.databases import BOTH, database

Run = Callable[..., Result]


def rollcall(url: str, folder: Path) -> Run:
    base = {"ROLLCALL_CONFIG": str(SHIPPED), "ROLLCALL_DATA": str(folder), "ROLLCALL_DATABASE_URL": url}

    def go(*arguments: str) -> Result:
        result = CliRunner(env=base).invoke(main, ["deliveries", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return go


def put(live: Live, key: str, target: str = "channel:#pmo", **more: object) -> None:
    with live.bot.store.begin() as uow:
        content = to_json(Message(key, (Paragraph((Plain(key),)),)))
        assert plan(uow, key=key, kind="notice", target=target, now=live.clock.now(), content=content, **more)  # type: ignore[arg-type]


async def until(live: Live, key: str, state: DeliveryState) -> None:
    async with asyncio.timeout(15):
        while True:
            with live.bot.store.read() as uow:
                found = uow.deliveries.by_key(key)
            if found is not None and found.state is state:
                return
            await asyncio.sleep(0.05)
            # This clock stands still by itself, and what met a busy database is tried again a second later.
            live.clock.set(live.clock.now() + timedelta(seconds=0.05))


@pytest.mark.parametrize("kind", BOTH)
async def test_a_failed_message_is_explained_and_sent_again_while_the_bot_runs(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        run = rollcall(url, tmp_path)
        async with running(tmp_path, database_url=Secret(url)) as live:
            live.playground.faults.add("chat.postMessage", "error", channel="C3", code="is_archived")
            put(live, "memo:1")
            await until(live, "memo:1", DeliveryState.FAILED)
            told = await asyncio.to_thread(run, "explain", "memo:1")
            assert "why      it was failed: is_archived" in told.output
            assert "system  delivery.failed" in told.output
            done = await asyncio.to_thread(run, "resend", "memo:1", "--by", "Olga")
            # The bot in this process logs beside it.
            assert "memo:1 is planned again." in done.output
            await until(live, "memo:1", DeliveryState.SENT)
            assert live.texts("C3").count("memo:1") == 1
            told = await asyncio.to_thread(run, "explain", "memo:1")
            assert "why      it was sent" in told.output
            assert "operator:Olga  delivery.resent" in told.output
            twice = await asyncio.to_thread(run, "resend", "memo:1", "--by", "Olga")
            assert (twice.exit_code, "was sent, so nothing was changed" in twice.output) == (1, True)
            copied = await asyncio.to_thread(run, "resend", "memo:1", "--by", "Olga", "--again")
            assert copied.output.startswith("memo:1:again:1 is planned again.")
            await until(live, "memo:1:again:1", DeliveryState.SENT)
            assert live.texts("C3").count("memo:1") == 2
            with live.bot.store.read() as uow:
                assert uow.audit.verify() == []


@pytest.mark.parametrize("kind", BOTH)
async def test_what_is_planned_is_listed_explained_and_called_off(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        run = rollcall(url, tmp_path)
        async with running(tmp_path, database_url=Secret(url)) as live:
            later = live.clock.now() + timedelta(days=30)
            put(live, "memo:later", due_at=later)
            put(live, "memo:now")
            await until(live, "memo:now", DeliveryState.SENT)
            told = await asyncio.to_thread(run, "explain", "memo:later")
            assert "why      it is not due for " in told.output
            assert "job      waits, to be run in " in told.output
            done = await asyncio.to_thread(run, "cancel", "memo:later", "--by", "Olga", "--reason", "a mistake")
            assert done.output.endswith("memo:later is cancelled.\n")
            again = await asyncio.to_thread(run, "cancel", "memo:later", "--by", "Olga", "--reason", "a mistake")
            assert (again.exit_code, "only what is planned" in again.output) == (1, True)
            listed = await asyncio.to_thread(run, "list", "--state", "cancelled")
            assert "memo:later" in listed.output
            assert "cancelled by Olga: a mistake" in listed.output
            assert "memo:now" not in listed.output
            by_target = await asyncio.to_thread(run, "list", "--target", "channel:#pmo", "--kind", "notice")
            assert ("memo:later" in by_target.output, "memo:now" in by_target.output) == (True, True)
            short = await asyncio.to_thread(run, "list", "--limit", "1", "--since", "2026-11-01")
            assert "Older ones are left out" in short.output
            none = await asyncio.to_thread(run, "list", "--since", "2099-01-01T00:00")
            assert none.output == "Nothing was found.\n"
            live.clock.set(later + timedelta(minutes=1))
            await live.bot.catch_up()
            assert "memo:later" not in live.texts("C3")


async def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    async with running(tmp_path):
        run = rollcall(f"sqlite:///{tmp_path / 'rollcall.db'}", tmp_path)
        for command in (("explain", "x"), ("resend", "x", "--by", "O"), ("cancel", "x", "--by", "O", "--reason", "r")):
            told = await asyncio.to_thread(run, *command)
            assert (told.exit_code, 'no message with the key "x"' in told.output) == (1, True)


@pytest.mark.parametrize("kind", BOTH)
async def test_what_may_have_arrived_is_explained_and_settled(tmp_path: Path, kind: str) -> None:
    with database(kind, tmp_path) as url:
        run = rollcall(url, tmp_path)
        async with running(tmp_path, database_url=Secret(url)) as live:
            put(live, "memo:1", due_at=live.clock.now() + timedelta(hours=1))
            with live.bot.store.begin() as uow:
                planned = uow.deliveries.by_key("memo:1")
                assert planned is not None
                failed = replace(planned, state=DeliveryState.FAILED, parts=[{}], error=f"{UNCERTAIN}: timeout")
                assert uow.deliveries.save(failed, 0)
            listed = await asyncio.to_thread(run, "list", "--state", "failed")
            assert "memo:1  -> channel:#pmo  uncertain: timeout" in listed.output
            told = await asyncio.to_thread(run, "explain", "memo:1")
            assert "why      it may have arrived, and its chat cannot be asked" in told.output
            done = await asyncio.to_thread(run, "arrived", "memo:1", "--by", "Olga")
            assert done.output.endswith("memo:1 has arrived.\n")
            told = await asyncio.to_thread(run, "explain", "memo:1")
            assert "at       (somewhere: people say that it has arrived)" in told.output
            assert "operator:Olga  delivery.arrived" in told.output
            twice = await asyncio.to_thread(run, "arrived", "memo:1", "--by", "Olga")
            assert (twice.exit_code, "no doubt" in twice.output) == (1, True)
