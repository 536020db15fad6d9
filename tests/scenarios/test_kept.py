"""What was sent is kept as it was sent, whatever it was changed to afterwards."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reporting.ledger import Delivery, DeliveryState
from reporting.messages_json import from_json
from reporting.services import digests
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over a socket: sending is the same on either transport."""
    async with staged(tmp_path, "socket") as stage:
        yield stage


def row(stage: Stage, key: str) -> Delivery:
    with stage.bot.store.read() as uow:
        found = uow.deliveries.by_key(key)
    assert found is not None, key
    return found


def edits(stage: Stage, key: str) -> list[Delivery]:
    with stage.bot.store.read() as uow:
        sent = [edit for edit in uow.deliveries.edits_of(key) if edit.state is DeliveryState.SENT]
        return [found for edit in sent if (found := uow.deliveries.get(edit.id))]


def content(delivery: Delivery) -> str:
    return json.dumps(delivery.content)


async def test_a_prompt_stays_as_it_was_asked(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    period, ben = stage.standing("CORE").period_id, stage.project("CORE").lead_id
    asked = row(stage, f"prompt:{period}:{ben}")
    assert "Status report wanted" in content(asked)
    await stage.report("ben", "CORE", "Amber", "Parts are late.")
    kept = row(stage, asked.key)
    assert (kept.content, kept.parts) == (asked.content, asked.parts)
    [changed] = edits(stage, asked.key)
    assert "Status reports received" in content(changed)
    # The same message in the chat, which shows the newest.
    assert kept.refs == changed.refs
    assert "Thank you, that is all." in stage.person("ben").messages()[0].text


async def test_an_alert_stays_as_it_was_raised(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    raised = row(stage, "alert:1")
    await stage.report("ben", "CORE", "Green", "The pump runs again.")
    await stage.settle()
    kept = row(stage, "alert:1")
    assert (kept.content, kept.parts) == (raised.content, raised.parts)
    assert [edit.key for edit in edits(stage, "alert:1")] == ["alert:1:resolved"]
    assert content(edits(stage, "alert:1")[0]) != content(raised)


async def test_a_digest_stays_as_it_was_posted(stage: Stage) -> None:
    await stage.go("2026-09-28", "15:00")
    await stage.report("ana", "ATLAS", "Red", "Stopped.")
    await stage.go("2026-10-02", "16:00")
    key = "digest:leadership:2026-09-28"
    posted = row(stage, key)
    await stage.report("ben", "CORE", "Green", "Fine.")
    assert row(stage, key).parts == posted.parts
    with stage.bot.store.read() as uow:
        digest = uow.digests.on("C_LEAD", stage.at("2026-09-28", "12:00").date())
        assert digest is not None
        assert digest.revision == 2
        first = digests.as_shown(uow, digest.id, 1)
        now = digests.as_shown(uow, digest.id)
    assert first[0] == from_json(posted.content or {})
    assert now[0] == from_json(edits(stage, key)[-1].content or {})
    assert first[0] != now[0]


async def test_an_edit_that_slack_refused_was_never_shown(stage: Stage) -> None:
    await stage.go("2026-09-28", "15:00")
    await stage.report("ana", "ATLAS", "Red", "Stopped.")
    await stage.go("2026-10-02", "16:00")
    stage.playground.faults.add("chat.update", "error", times=None, channel="C_LEAD", code="edit_window_closed")
    await stage.report("ben", "CORE", "Green", "Fine.")
    with stage.bot.store.read() as uow:
        digest = uow.digests.on("C_LEAD", stage.at("2026-09-28", "12:00").date())
        assert digest is not None
        assert digest.revision == 2
        assert digests.as_shown(uow, digest.id)[0] == digests.as_shown(uow, digest.id, 1)[0]
