"""A chat system that has ended the installation: the other one goes on, at a start too, and the PMO is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import build
from bot.chats import make_checks
from bot.config import ConfigFaults
from bot.doctor import examine
from reporting.messages import Message
from reporting.messages_json import to_json
from reporting.services.outbox import plan
from tests.scenarios.client import Seen
from tests.scenarios.on_both import BothStage, Setting, System, staged_in_both
from tests.scenarios.test_log import Log, logged

PMO_IN_TEAMS = Setting("slack", ("ana", "emil", "anna"))
PMO_IN_SLACK = Setting("slack", ("ana", "emil"))
MONDAY = ("2026-09-28", "09:00")


@pytest.fixture
def log() -> Iterator[Log]:
    with logged() as log:
        yield log


def revoke(stage: BothStage, system: System) -> None:
    """The administrator ends the installation, and no event tells of it."""
    if system == "slack":
        stage.slack.playground.workspace.app.active = False
    else:
        stage.teams.teams.login.revoke()
        stage.teams.teams.login.closed = True


def allow(stage: BothStage, system: System) -> None:
    """It is installed again, with the same credentials."""
    if system == "slack":
        stage.slack.playground.workspace.app.active = True
    else:
        stage.teams.teams.login.closed = False


@asynccontextmanager
async def pmo_opposite(folder: Path, dead: System, **changes: Any) -> AsyncIterator[BothStage]:
    """Anna, the PMO, works where the end is not."""
    async with staged_in_both(folder, PMO_IN_TEAMS if dead == "slack" else PMO_IN_SLACK, **changes) as stage:
        yield stage


def told(stage: BothStage, name: str = "anna") -> list[Seen]:
    """What somebody was told of ends."""
    return [seen for seen in stage.inbox(name) if "has ended" in seen.text]


def asked(stage: BothStage, name: str) -> int:
    return sum(any(b.action == "report.open" for b in seen.buttons) for seen in stage.inbox(name))


async def ready(stage: BothStage) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(f"{stage.bot.web.address}/readyz") as answer:
        return answer.status, await answer.json()


TITLES = {"slack": "Slack", "teams": "Microsoft Teams"}
BOTH: tuple[System, ...] = ("slack", "teams")


@pytest.mark.parametrize("dead", BOTH)
async def test_a_start_goes_on_without_the_one_that_has_ended(tmp_path: Path, dead: System, log: Log) -> None:
    async with pmo_opposite(tmp_path, dead) as stage:
        here, there = ("ben", "ana") if dead == "slack" else ("ana", "ben")
        revoke(stage, dead)
        await stage.restart(MONDAY)
        await stage.settle()
        assert (asked(stage, here), asked(stage, there)) == (0, 1)
        await stage.report(there, "ATLAS" if there == "ana" else "CORE", "Green")
        status, body = await ready(stage)
        code = "account_inactive" if dead == "slack" else "invalid_client"
        assert (status, body["status"]) == (200, "ready")
        assert body["unwell"][dead][-1] == f"{TITLES[dead]} has ended this installation ({code})"
        [line] = log.lines(event="installation_stopped", level="critical")
        assert (line["platform"], line["code"]) == (dead, code)
        assert "SLACK_BOT_TOKEN" in line["do"] if dead == "slack" else "AADSTS" not in line["do"]
        assert "start Rollcall again" in line["do"]
        # It answers again, and everything kept is sent.
        allow(stage, dead)
        await stage.restart(("2026-09-28", "10:00"))
        await stage.settle()
        assert (asked(stage, here), asked(stage, there)) == (1, 1)


@pytest.mark.parametrize("dead", BOTH)
@pytest.mark.parametrize("starting", [True, False], ids=["at-the-start", "while-running"])
async def test_the_pmo_is_told_once_for_each_end(tmp_path: Path, dead: System, starting: bool) -> None:
    async with pmo_opposite(tmp_path, dead) as stage:
        revoke(stage, dead)
        await (stage.restart(MONDAY) if starting else stage.go(*MONDAY))
        await stage.go("2026-09-28", "09:02")
        [seen] = told(stage)
        for words in (TITLES[dead], "Since Mon 28 Sept 09:00", "1 message that is", "is kept", "start Rollcall again"):
            assert words in seen.text
        for hour in ("11:00", "12:00"):
            await stage.restart(("2026-09-28", hour))
            await stage.go("2026-09-28", hour.replace("00", "05"))
        assert len(told(stage)) == 1
        allow(stage, dead)
        await stage.restart(("2026-09-28", "13:00"))
        await stage.settle()
        revoke(stage, dead)
        await (stage.restart(("2026-09-29", "09:00")) if starting else stage.go("2026-10-05", "09:00"))
        await stage.go("2026-10-05", "09:02")
        assert len(told(stage)) == 2
        assert not (stage.slack if dead == "teams" else stage.teams).refusals


async def test_what_a_message_was_refused_for_is_told_again_only_after_one_was_taken(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        faults = stage.slack.playground.faults
        faults.add("chat.postMessage", "error", times=None, code="token_revoked")
        await stage.go(*MONDAY)
        # Each start is let in; only messages are refused.
        for hour in ("10:00", "11:00"):
            await stage.restart(("2026-09-28", hour))
            await stage.go("2026-09-28", hour.replace("00", "05"))
        assert len(told(stage)) == 1
        faults.clear()
        await stage.restart(("2026-09-28", "12:00"))
        await stage.settle()
        assert asked(stage, "ben") == 1
        faults.add("chat.postMessage", "error", times=None, code="token_revoked")
        await stage.go("2026-10-05", "09:00")
        await stage.go("2026-10-05", "09:02")
        assert len(told(stage)) == 2


async def test_an_app_that_was_removed_is_told_by_its_event(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        stage.slack.playground.uninstall()
        await stage.settle()
        assert list(stage.bot.deliver.stopped) == ["slack"]
        await stage.go(*MONDAY)
        [seen] = told(stage)
        assert "Since Mon 28 Sept 07:00" in seen.text


# ---------------------------------------------------------------- whom it reaches


async def test_who_prefers_the_dead_one_and_has_messages_waiting_there_is_told_in_the_other(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        anna, waiting = stage.human("anna"), to_json(Message("It waits.", ()))
        accounts = (stage.account("anna"), stage.account("anna", "teams"))
        with stage.bot.store.begin() as uow:
            uow.people.save(replace(anna, identities=accounts, prefers="slack"))
            plan(uow, key="waits", kind="notice", target=f"person:{anna.id}", now=stage.clock.now(), content=waiting)
        revoke(stage, "slack")
        await stage.go(*MONDAY)
        await stage.go("2026-09-28", "09:02")
        [seen] = told(stage)
        assert "2 messages that are" in seen.text
        # Nor does it hold up what waits, once that can be sent.
        allow(stage, "slack")
        await stage.restart(("2026-09-28", "10:00"))
        await stage.settle()
        assert any("It waits." in seen.text for seen in stage.slack.inbox("anna"))
        assert not any("has ended" in seen.text for seen in stage.slack.inbox("anna"))


async def test_where_nobody_of_the_pmo_is_elsewhere_their_channel_is_told(tmp_path: Path) -> None:
    async with staged_in_both(tmp_path, Setting("teams", ("ana", "emil"))) as stage:
        revoke(stage, "slack")
        await stage.go(*MONDAY)
        await stage.go("2026-09-28", "09:02")
        [seen] = stage.posted("PMO")
        assert "Slack has ended" in seen.text
        assert not stage.teams.refusals


async def test_where_nobody_can_be_told_the_log_and_readyz_say_so_and_nothing_waits(tmp_path: Path, log: Log) -> None:
    async with staged_in_both(tmp_path, PMO_IN_SLACK) as stage:
        revoke(stage, "slack")
        await stage.go(*MONDAY)
        await stage.go("2026-09-28", "09:10")
        assert asked(stage, "ana") == 1
        [line] = log.lines(event="pmo_not_told")
        assert (line["level"], line["platform"]) == ("critical", "slack")
        _, body = await ready(stage)
        assert body["unwell"]["slack"][-1] == "nobody of the PMO can be told of it by another chat system"
        with stage.bot.store.read() as uow:
            assert not uow.deliveries.with_prefix("ended:")
        # Told as soon as there is somebody.
        anna = stage.human("anna")
        with stage.bot.store.begin() as uow:
            uow.people.save(replace(anna, identities=(*anna.identities, stage.account("anna", "teams"))))
        await stage.teams.client("anna").installed()
        await stage.go("2026-09-28", "09:20")
        await stage.go("2026-09-28", "09:22")
        assert any("Slack has ended" in seen.text for seen in stage.teams.inbox("anna"))
        _, body = await ready(stage)
        assert "nobody" not in str(body)


async def test_with_both_ended_nothing_is_planned_and_nothing_breaks(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        revoke(stage, "slack")
        revoke(stage, "teams")
        await stage.go(*MONDAY)
        await stage.go("2026-09-28", "09:10")
        status, body = await ready(stage)
        assert (status, len(body["reasons"])) == (503, 3)
        allow(stage, "teams")
        await stage.restart(("2026-09-28", "10:00"))
        await stage.go("2026-09-28", "10:02")
        assert len(told(stage)) == 1


# ---------------------------------------------------------------- what still refuses the start


async def restarted_wrong(stage: BothStage, **changes: Any) -> str:
    """The faults of a start with other settings of Teams."""
    await stage.bot.stop()
    made = stage.make_bot()
    made.store.dispose()
    assert made.settings.teams is not None
    settings = replace(made.settings, teams=replace(made.settings.teams, **changes))
    with pytest.raises(ConfigFaults) as raised:
        await build(settings, stage.clock, chat_follows=True).start()
    return str(raised.value)


async def test_when_both_have_ended_the_start_is_refused(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        revoke(stage, "slack")
        revoke(stage, "teams")
        faults = await restarted_wrong(stage)
        assert "SLACK_BOT_TOKEN" in faults
        assert "TEAMS_CLIENT_SECRET" in faults


async def test_a_token_of_the_wrong_kind_is_a_mistake(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        stage.slack.playground.faults.add("auth.test", "error", times=None, code="not_allowed_token_type")
        assert "SLACK_BOT_TOKEN: Slack cannot be used with it: not_allowed_token_type" in await restarted_wrong(stage)


async def test_a_tenant_that_there_is_not_is_a_mistake(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        wrong = await restarted_wrong(stage, tenant_id="7e4a9700-0000-4000-8000-00000000dead")
        assert wrong.startswith("TEAMS_CLIENT_SECRET: Microsoft's login refuses it")


async def test_an_end_beside_a_mistake_is_told_with_it(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        revoke(stage, "slack")
        faults = await restarted_wrong(stage, tenant_id="7e4a9700-0000-4000-8000-00000000dead")
        assert "account_inactive" in faults
        assert "TEAMS_CLIENT_SECRET" in faults


# ---------------------------------------------------------------- the doctor


async def test_the_doctor_says_since_when_what_waits_and_what_to_do(tmp_path: Path) -> None:
    async with pmo_opposite(tmp_path, "slack") as stage:
        revoke(stage, "slack")
        await stage.go(*MONDAY)
        settings = stage.bot.settings
        checks = make_checks(settings.slack, settings.teams, store=stage.bot.store).values()
        found = {one.about: one for one in await examine(settings, stage.bot.store, checks, stage.clock.now())}
        for each in checks:
            await each.close()
        assert not found["installation in slack"].good
        text = found["installation in slack"].text
        assert text.startswith("ended since 2026-09-28 07:00 UTC (account_inactive)")
        assert "1 message is due there and kept" in text
        assert "start Rollcall again" in found["bot token"].text
        assert "installation in teams" not in found
