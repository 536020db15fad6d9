"""Whatever Slack answers, a message arrives once, or the PMO is told the same day what to do about it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reporting.ledger import DeliveryState
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import elements, said, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over a socket: sending is the same on either transport."""
    async with staged(tmp_path, "socket") as stage:
        yield stage


def refuse(stage: Stage, kind: str = "error", to: str | None = "U_ANA", times: int | None = 1, code: str = "") -> None:
    """What Slack answers to the next posts."""
    stage.playground.faults.add("chat.postMessage", kind, times=times, channel=to, code=code)  # type: ignore[arg-type]


def prompts(stage: Stage, name: str) -> int:
    """How many messages somebody has."""
    return len(stage.person(name).messages())


def books(stage: Stage, prefix: str = "prompt:") -> set[DeliveryState]:
    """The states of what was planned."""
    with stage.bot.store.read() as uow:
        return {d.state for d in uow.deliveries.with_prefix(prefix)}


async def through_the_morning(stage: Stage) -> None:
    """From nine to half past, as the clock would tick."""
    for wall in ("09:00:00", "09:00:08", "09:00:20", "09:01:30", "09:03:00", "09:15:00", "09:30:00"):
        await stage.go("2026-09-28", wall)


# ---------------------------------------------------------------- sending


async def test_a_request_that_slack_did_not_read_is_sent_again(stage: Stage) -> None:
    refuse(stage, code="request_timeout")
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)
    assert not stage.channel("PMO")


async def test_too_many_requests_are_sent_again_when_slack_says(stage: Stage) -> None:
    # Slack's seconds are real ones, so they are few here.
    stage.playground.faults.add("chat.postMessage", "ratelimited", channel="U_ANA", seconds=1)
    await stage.go("2026-09-28", "09:00:00")
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (0, 1)
    await stage.go("2026-09-28", "09:00:05")
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
async def test_an_answer_that_says_nothing_is_looked_into(stage: Stage, code: str) -> None:
    refuse(stage, code=code)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "http500", "http500_after"])
async def test_an_answer_that_never_came_is_looked_into(stage: Stage, kind: str) -> None:
    refuse(stage, kind)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)
    assert books(stage) <= {DeliveryState.SENT, DeliveryState.PLANNED}
    assert stage.playground.log.calls("conversations.history")
    assert not stage.channel("PMO")


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("channel_not_found", "/invite @rollcall there"),
        ("is_archived", "Restore it"),
        ("not_in_channel", "/invite @rollcall there"),
        ("user_disabled", "new lead: /rag project edit"),
        ("messages_tab_disabled", "switch them on"),
        ("restricted_action", "posting rules"),
        ("restricted_action_thread_locked", "posting rules"),
        ("cannot_reply_to_message", "Choose another person or channel"),
        ("missing_scope", "Install it again"),
        ("no_permission", "Install it again"),
        ("method_deprecated", "Tell the operator"),
        ("nobody_knows_this_code", "Tell the operator"),
    ],
)
async def test_what_cannot_arrive_is_told_to_the_pmo_once(stage: Stage, code: str, advice: str) -> None:
    refuse(stage, code=code, times=None)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (0, 1)
    [notice] = stage.channel("PMO")
    assert "Ana" in said(notice)
    assert advice in said(notice)
    await stage.go("2026-09-28", "17:00")
    assert len(stage.channel("PMO")) == 1
    # Dora's morning comes as usual.
    assert prompts(stage, "dora") == 1


@pytest.mark.parametrize(
    "code", ["org_login_required", "ekm_access_denied", "accesslimited", "two_factor_setup_required"]
)
async def test_a_workspace_that_refuses_for_now_is_asked_again_in_an_hour(stage: Stage, code: str) -> None:
    refuse(stage, code=code)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (0, 1)
    await stage.go("2026-09-28", "10:01")
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "invalid_auth", "not_authed", "token_expired"])
async def test_a_dead_token_stops_everything_and_loses_nothing(stage: Stage, code: str) -> None:
    refuse(stage, code=code, to=None, times=None)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (0, 0)
    assert [code in reason for reason in await stage.bot.health.not_ready()] == [True]
    stage.playground.faults.clear()
    await stage.restart(("2026-09-28", "10:00"))
    await stage.settle()
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 1)
    assert await stage.bot.health.not_ready() == []


async def test_several_bad_targets_make_one_notice(stage: Stage) -> None:
    refuse(stage, code="user_disabled", to="U_ANA", times=None)
    refuse(stage, code="channel_not_found", to="U_BEN", times=None)
    await through_the_morning(stage)
    [notice] = stage.channel("PMO")
    assert "2 messages could not be delivered" in said(notice)
    assert "Ana" in said(notice)
    assert "Ben" in said(notice)


async def test_for_a_lead_who_left_the_sponsor_is_asked(stage: Stage) -> None:
    stage.playground.change_user("U_BEN", deleted=True)
    await through_the_morning(stage)
    assert (prompts(stage, "ana"), prompts(stage, "ben")) == (1, 0)
    assert "CORE" in said(stage.prompt("carl"))


async def test_an_archived_digest_channel_does_not_hold_up_the_alerts(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    stage.playground.workspace.channels["C_LEAD"].archived = True
    for wall in ("16:00", "16:15", "16:30"):
        await stage.go("2026-10-02", wall)
    assert len(stage.channel("ALERTS")) == 1
    [notice] = stage.channel("PMO")
    assert "archived" in said(notice)
    assert "digest" in said(notice)


# ---------------------------------------------------------------- blocks


async def test_a_workspace_without_the_newest_blocks_is_remembered(stage: Stage) -> None:
    stage.playground.world.new_blocks = False
    await stage.go("2026-09-28", "09:00")
    await stage.report("ana", "ATLAS", "Red", "The pump broke.")
    await stage.report("ben", "CORE", "Amber", "Parts are late.")
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.channel("LEAD")
    assert "ATLAS" in said(digest)
    assert "data_table" not in said(digest)
    refused = [c for c in stage.playground.log.calls() if c.error in ("invalid_blocks", "invalid_arguments")]
    assert len(refused) <= 1
    assert stage.bot.messenger.new_blocks is False
    await stage.go("2026-10-09", "16:00")
    again = [c for c in stage.playground.log.calls() if c.error in ("invalid_blocks", "invalid_arguments")]
    assert again == refused
    assert len(stage.channel("LEAD")) == 2
    assert not [m for m in stage.channel("PMO") if "could not be delivered" in said(m)]


# ---------------------------------------------------------------- what people do


async def test_a_form_that_was_closed_while_saving_is_saved(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    modal = await stage.open_report("ben", "CORE")
    ben = stage.person("ben")
    sending = asyncio.create_task(ben.submit(modal["id"], {"Overall status": "Green", "Headline": "Fine."}))
    await asyncio.sleep(0)
    outcome = await sending
    assert outcome.ok
    await stage.settle()
    assert revisions(stage, "CORE") == 1


async def test_the_same_form_sent_twice_is_one_report(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    modal = await stage.open_report("ben", "CORE")
    ben = stage.person("ben")
    values = {"Overall status": "Green", "Headline": "Fine."}
    await asyncio.gather(*(ben.submit(modal["id"], values) for _ in range(2)), return_exceptions=True)
    await stage.settle()
    assert revisions(stage, "CORE") == 1
    assert len(ben.messages()) == 1


async def test_a_form_redrawn_meanwhile_loses_nothing(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    modal = await stage.open_report("ben", "CORE")
    stage.playground.faults.add("views.update", "error", code="hash_conflict")
    ben = stage.person("ben")
    await ben.type(modal["id"], "Overall status", "Red")
    await stage.settle()
    await ben.type(modal["id"], "Overall status", "Green")
    await ben.type(modal["id"], "Headline", "Fine again.")
    await stage.settle()
    assert (await ben.submit(modal["id"])).ok
    await stage.settle()
    assert revisions(stage, "CORE") == 1
    assert "green" in said(stage.prompt("ben"))


async def test_a_trigger_that_was_too_late_asks_to_press_again(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    stage.playground.faults.add("views.open", "error", code="expired_trigger_id")
    ben = stage.person("ben")
    prompt = stage.prompt("ben")
    [(_, button)] = [pair for pair in elements(prompt) if pair[1]["action_id"] == "report.open"]
    await ben.click(None, prompt.ts, button["action_id"])
    await stage.settle()
    assert not ben.modals()
    assert "press the button again" in said(ben.messages()[-1]).lower()
    await ben.click(None, prompt.ts, button["action_id"])
    await stage.settle()
    assert ben.modal()["callback_id"] == "report"


async def test_an_event_delivered_again_is_answered_once(stage: Stage) -> None:
    carl = stage.person("carl")
    await carl.say("red")
    await stage.settle()
    [event] = [d for d in stage.playground.log.deliveries("message") if d.payload["event"].get("user") == "U_CARL"]
    before = len(carl.messages())
    for _ in range(3):
        await stage.playground.courier.deliver("events_api", "message", event.payload)
    await stage.settle()
    assert len(carl.messages()) == before


async def test_an_old_button_says_so(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ben, old = stage.person("ben"), stage.prompt("ben")
    [(block, button)] = [pair for pair in elements(old) if pair[1]["action_id"] == "report.open"]
    blocks = copy.deepcopy(old.blocks)
    await stage.go("2026-10-12", "09:00")
    assert not elements(old)
    # A client that was away shows what it last had.
    old.blocks[:] = blocks
    container = {"type": "message", "channel": old.channel, "ts": old.ts}
    await ben.acts.action(ben.id, container, block["block_id"], button["action_id"], {}, {})
    await stage.settle()
    assert "closed" in str(ben.modals()) + said(ben.messages()[-1])
    assert revisions(stage, "CORE") == 0


def revisions(stage: Stage, key: str) -> int:
    """How often a project was reported in its newest period."""
    standing = stage.standing(key)
    with stage.bot.store.read() as uow:
        report = uow.reports.current(stage.project(key).id, standing.period_id)
    return report.revision if report else 0
