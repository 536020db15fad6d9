"""A channel that the bot cannot post to any more: told once the same day, recorded, made good when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reporting.ledger import DeliveryState
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import said, staged


@pytest.fixture(params=["socket-sqlite", "http-postgres"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage of Slack, whose events these are; Teams' own are in `test_refusals_teams`."""
    mode, _, kind = request.param.partition("-")
    async with staged(tmp_path, mode, kind=kind) as stage:
        yield stage


async def event(stage: Stage, kind: str, channel: Any = "C_LEAD", **more: str) -> None:
    """What Slack tells the app, and Slack's own state to it."""
    stage.playground.courier.event({"type": kind, "channel": channel, **more})
    await stage.settle()


async def reported(stage: Stage) -> None:
    """A week with something to tell."""
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")


def recorded(stage: Stage, channel: str = "C_LEAD") -> list[str]:
    with stage.bot.store.read() as uow:
        return [one.action for one in uow.audit.events(f"channel:{channel}")]


def notices(stage: Stage) -> list[str]:
    return [said(message) for message in stage.channel("PMO")]


async def test_an_archived_channel_by_its_event(stage: Stage) -> None:
    await reported(stage)
    lead = stage.playground.workspace.channels["C_LEAD"]
    lead.archived = True
    for _ in range(2):
        await event(stage, "channel_archive", user="U_CARL")
    [notice] = notices(stage)
    assert "C_LEAD was archived" in notice
    assert recorded(stage) == ["channel.lost"]
    await stage.go("2026-10-02", "16:00")
    assert not stage.channel("LEAD")
    lead.archived = False
    await event(stage, "channel_unarchive", user="U_CARL")
    [digest] = stage.channel("LEAD")
    assert "CORE" in said(digest)
    assert stage.thread(digest)
    assert sorted(recorded(stage)) == ["channel.back", "channel.lost"]
    await event(stage, "channel_unarchive", user="U_CARL")
    assert len(stage.channel("LEAD")) == 1


async def test_the_bot_is_removed_and_invited_again(stage: Stage) -> None:
    await reported(stage)
    bot = stage.playground.workspace.app.bot_user_id
    lead = stage.playground.workspace.channels["C_LEAD"]
    lead.members = [member for member in lead.members if member != bot]
    await event(stage, "channel_left")
    [notice] = notices(stage)
    assert "removed from the channel C_LEAD" in notice
    assert "/invite @rollcall" in notice
    await stage.go("2026-10-02", "16:00")
    assert not stage.channel("LEAD")
    # Somebody else who joins is no news.
    await event(stage, "member_joined_channel", user="U_CARL")
    assert not stage.channel("LEAD")
    lead.members.append(bot)
    await event(stage, "member_joined_channel", user=bot)
    assert len(stage.channel("LEAD")) == 1


async def test_without_any_event_the_refused_post_tells_once_and_a_start_makes_it_good(stage: Stage) -> None:
    await reported(stage)
    bot = stage.playground.workspace.app.bot_user_id
    lead = stage.playground.workspace.channels["C_LEAD"]
    lead.members = [member for member in lead.members if member != bot]
    for wall in ("16:00", "16:15", "16:30"):
        await stage.go("2026-10-02", wall)
    [notice] = notices(stage)
    assert "/invite @rollcall there" in notice
    # The event comes after all: recorded, and not told a second time.
    await event(stage, "channel_left")
    assert len(notices(stage)) == 1
    assert recorded(stage) == ["channel.lost"]
    lead.members.append(bot)
    await stage.restart(("2026-10-02", "17:00"))
    await stage.settle()
    assert len(stage.channel("LEAD")) == 1
    assert recorded(stage)[-1] in ("channel.back", "channel.lost")
    assert "channel.back" in recorded(stage)
    with stage.bot.store.read() as uow:
        states = {one.state for one in uow.deliveries.with_prefix("digest:")}
    assert states == {DeliveryState.SENT}


async def test_what_is_too_late_is_not_sent_when_the_channel_is_back(stage: Stage) -> None:
    await reported(stage)
    lead = stage.playground.workspace.channels["C_LEAD"]
    lead.archived = True
    await event(stage, "channel_archive", user="U_CARL")
    await stage.go("2026-10-02", "16:00")
    await stage.go("2026-10-08", "16:00")
    lead.archived = False
    await event(stage, "channel_unarchive", user="U_CARL")
    assert not stage.channel("LEAD")


async def test_the_pmos_own_channel_is_told_to_its_people(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    stage.playground.workspace.channels["C_PMO"].archived = True
    await event(stage, "channel_archive", "C_PMO", user="U_CARL")
    assert any("C_PMO was archived" in said(message) for message in stage.person("anna").messages())


async def test_a_channel_named_by_its_id_may_be_renamed(stage: Stage) -> None:
    await reported(stage)
    await event(stage, "channel_rename", {"id": "C_LEAD", "name": "bosses"})
    assert notices(stage) == []
    await stage.go("2026-10-02", "16:00")
    assert len(stage.channel("LEAD")) == 1
