"""Whatever Teams answers, a message arrives once, or the PMO is told the same day what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.client import Seen
from tests.scenarios.on_teams import TeamsStage as Stage
from tests.scenarios.on_teams import staged_in_teams

# What was sent to everybody when the app was installed.
GREETING = 1


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage of Teams."""
    async with staged_in_teams(tmp_path) as stage:
        yield stage


def refuse(stage: Stage, kind: str = "status", status: int = 500, **more: Any) -> None:
    """What Teams answers to the next message to Ana."""
    chat = stage.teams.world.chat(stage.people["ana"])
    stage.teams.faults.add("send", kind, status=status, conversation=chat.id, **more)  # type: ignore[arg-type]


def asked(stage: Stage, name: str) -> int:
    """How many messages somebody has."""
    return len(stage.inbox(name))


def sends(stage: Stage, name: str) -> int:
    """How many messages Teams was handed for somebody."""
    chat = stage.teams.world.chat(stage.people[name])
    return sum(call.conversation == chat.id for call in stage.teams.of("send"))


async def through_the_morning(stage: Stage) -> None:
    """From nine to half past, as the clock would tick."""
    for wall in ("09:00:00", "09:00:08", "09:00:20", "09:01:30", "09:03:00", "09:15:00", "09:30:00"):
        await stage.go("2026-09-28", wall)


def notice(stage: Stage) -> Seen:
    """The one message in the PMO's channel."""
    [posted] = stage.posted("PMO")
    return posted


# ---------------------------------------------------------------- certainly not sent: again


async def test_too_many_requests_are_sent_again_when_teams_says(stage: Stage) -> None:
    # Its seconds are real ones, so they are few here.
    refuse(stage, status=429, headers={"Retry-After": "1"}, code="TooManyRequests")
    await stage.go("2026-09-28", "09:00:00")
    assert asked(stage, "ana") == 0
    await stage.go("2026-09-28", "09:00:05")
    assert (asked(stage, "ana"), asked(stage, "ben")) == (1, 1)
    assert not stage.posted("PMO")


@pytest.mark.parametrize("status", [408, 412, 502, 503, 504])
async def test_what_teams_did_not_take_for_now_is_sent_again(stage: Stage, status: int) -> None:
    refuse(stage, status=status)
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (1, 1)
    assert not stage.posted("PMO")


# ---------------------------------------------------------------- perhaps sent: people say


@pytest.mark.parametrize(("kind", "there"), [("drop_before", 0), ("drop_after", 1), ("status", 0), ("status_after", 1)])
async def test_what_may_have_arrived_is_shown_to_the_pmo_and_never_silently_sent_twice(
    stage: Stage, kind: str, there: int
) -> None:
    refuse(stage, kind)
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (there, 1)
    assert sends(stage, "ana") == GREETING + 1
    told = notice(stage)
    assert "may have arrived" in told.text
    anna = stage.client("anna")
    await anna.press(told, "Send again")
    await stage.settle()
    assert asked(stage, "ana") == there + 1
    await stage.report("ana", "ATLAS")
    assert "sent Mon 28 Sept" in stage.inbox("ana")[-1].text
    # Pressed once more by somebody who has not looked, it is not sent again.
    await anna.press(notice(stage), "Send again")
    await stage.settle()
    assert asked(stage, "ana") == there + 1


# ---------------------------------------------------------------- cannot arrive


async def test_who_has_blocked_the_app_is_out_of_reach_and_the_pmo_is_told_once(stage: Stage) -> None:
    stage.people["ana"].blocked = True
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (0, 1)
    assert sends(stage, "ana") == GREETING + 1
    told = notice(stage)
    assert "blocked or muted the app" in told.text
    assert "Choose a lead" in told.text
    assert "cannot be reached in Microsoft Teams" in await stage.ask("anna", "person @ana")
    await stage.go("2026-09-28", "17:00")
    assert len(stage.posted("PMO")) == 1
    assert asked(stage, "dora") == 1


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "BotNotInConversationRoster", "Add it to the team again"),
        (403, "Forbidden", "does not let the app post there"),
        (404, "MemberNotFoundInConversation", "new lead"),
        (400, "NobodyKnowsThis", "Tell the operator"),
        (405, "NobodyKnowsThis", "Tell the operator"),
    ],
)
async def test_what_cannot_arrive_is_told_to_the_pmo_once(stage: Stage, status: int, code: str, advice: str) -> None:
    refuse(stage, status=status, code=code, times=None)
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (0, 1)
    assert advice in notice(stage).text
    assert "Ana" in notice(stage).text
    await stage.go("2026-09-28", "17:00")
    assert len(stage.posted("PMO")) == 1


async def test_a_message_that_is_too_large_is_tried_once_more_as_a_plainer_one(stage: Stage) -> None:
    refuse(stage, status=413, code="MessageSizeTooBig")
    await through_the_morning(stage)
    assert asked(stage, "ana") == 1
    assert not stage.posted("PMO")


async def test_one_that_stays_too_large_is_told(stage: Stage) -> None:
    refuse(stage, status=413, code="MessageSizeTooBig", times=None)
    await through_the_morning(stage)
    assert asked(stage, "ana") == 0
    assert "Tell the operator" in notice(stage).text


# ---------------------------------------------------------------- elsewhere by now


async def test_a_conversation_that_is_another_one_by_now(stage: Stage) -> None:
    stage.teams.world.renew_chat(stage.people["ana"])
    await through_the_morning(stage)
    assert asked(stage, "ana") == 1
    assert not stage.posted("PMO")


async def test_a_service_that_has_moved(stage: Stage) -> None:
    stage.teams.move("amer")
    # Somebody has used it since, as somebody always has.
    await stage.client("carl").home()
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (1, 1)
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    assert "CORE" in stage.posted("ALERTS")[0].text
    assert not stage.posted("PMO")


async def test_a_message_in_a_service_that_has_moved_is_changed_where_it_is(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    stage.teams.move("amer")
    await stage.report("ben", "CORE")
    assert "Thank you, that is all." in stage.asked("ben").text
    assert asked(stage, "ben") == 1


# ---------------------------------------------------------------- tokens


async def test_a_token_that_ended_early_is_asked_for_anew(stage: Stage) -> None:
    stage.teams.login.revoke()
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (1, 1)
    assert not stage.posted("PMO")


async def test_a_dead_secret_stops_everything_and_loses_nothing(stage: Stage) -> None:
    stage.teams.login.revoke()
    stage.teams.login.closed = True
    await through_the_morning(stage)
    assert (asked(stage, "ana"), asked(stage, "ben")) == (0, 0)
    assert len(await stage.bot.health.not_ready()) == 1
    stage.teams.login.closed = False
    await stage.restart(("2026-09-28", "10:00"))
    await stage.settle()
    assert (asked(stage, "ana"), asked(stage, "ben")) == (1, 1)
    assert await stage.bot.health.not_ready() == []


# ---------------------------------------------------------------- channels


async def test_a_deleted_channel_is_told_and_does_not_hold_up_the_others(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    lead = stage.place("LEAD")
    del stage.team.channels[lead.id]
    await stage.client("anna").happened(lead, "channelDeleted")
    await stage.settle()
    assert "was deleted" in notice(stage).text
    for wall in ("16:00", "16:15", "16:30"):
        await stage.go("2026-10-02", wall)
    assert len(stage.posted("ALERTS")) == 1
    assert "digest" in stage.posted("PMO")[-1].text


async def test_a_channel_that_was_deleted_unheard_is_told_and_back_its_digest_is_sent(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    lead = stage.place("LEAD")
    del stage.team.channels[lead.id]
    for wall in ("16:00", "16:15", "16:30"):
        await stage.go("2026-10-02", wall)
    told = notice(stage)
    assert "digest" in told.text
    assert "channel was deleted" in told.text
    stage.team.channels[lead.id] = lead
    await stage.client("anna").happened(lead, "channelRestored")
    await stage.settle()
    [digest] = stage.posted("LEAD")
    assert "CORE" in digest.text


async def test_a_team_that_is_renamed_changes_nothing(stage: Stage) -> None:
    await stage.client("anna").happened(stage.team.general, "teamRenamed")
    await stage.client("anna").happened(stage.place("LEAD"), "channelRenamed")
    await stage.go("2026-10-02", "16:00")
    assert len(stage.posted("LEAD")) == 1
    assert not stage.posted("PMO")
    assert not stage.refusals


# ---------------------------------------------------------------- who has not the app yet


async def test_who_installs_the_app_in_time_gets_what_was_due(tmp_path: Path) -> None:
    async with staged_in_teams(tmp_path, without=("ben",)) as stage:
        await through_the_morning(stage)
        assert asked(stage, "ana") == 1
        assert "They do not have the app" in notice(stage).text
        stage.clock.set(stage.at("2026-09-29", "10:00"))
        await stage.arrive("ben")
        await stage.report("ben", "CORE")
        assert "Thank you, that is all." in stage.asked("ben").text
        assert "cannot be reached" not in await stage.ask("anna", "person @ben")
        await stage.go("2026-09-29", "17:00")
        assert asked(stage, "ben") == 1


async def test_who_installs_it_too_late_gets_nothing_old(tmp_path: Path) -> None:
    async with staged_in_teams(tmp_path, without=("ben",)) as stage:
        await through_the_morning(stage)
        stage.clock.set(stage.at("2026-10-05", "08:00"))
        await stage.arrive("ben")
        assert asked(stage, "ben") == 0
        await stage.go("2026-10-05", "09:00")
        assert asked(stage, "ben") == 1


async def test_who_takes_the_app_back_gets_what_was_due(stage: Stage) -> None:
    ben = stage.client("ben")
    await ben.uninstalled()
    await through_the_morning(stage)
    assert asked(stage, "ben") == 0
    assert "The app was removed there" in notice(stage).text
    stage.clock.set(stage.at("2026-09-29", "10:00"))
    await stage.arrive("ben")
    assert "CORE" in stage.asked("ben").text


async def test_who_lifts_the_block_and_writes_gets_what_was_due(stage: Stage) -> None:
    stage.people["ben"].blocked = True
    await through_the_morning(stage)
    assert "blocked or muted" in notice(stage).text
    stage.people["ben"].blocked = False
    stage.clock.set(stage.at("2026-09-29", "10:00"))
    # Not asked: the prompt may come before the answer, and would be taken for it.
    await stage.client("ben").say("help")
    await stage.bot.chats["teams"].settled()
    await stage.settle()
    assert "CORE" in stage.asked("ben").text
