"""An account in Teams shows the mail address of somebody in Slack: they are asked there, over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reporting.model import Identity, Person
from reporting.ports import Profile
from reporting.services import people
from tests.scenarios.on_slack import SlackStage as Stage
from tests.scenarios.on_slack import staged

OTHER = Identity("teams", "tenant", "entra-ana")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stage over a socket: buttons are the same on either transport."""
    async with staged(tmp_path, "socket") as stage:
        yield stage


def owner(stage: Stage) -> Person | None:
    with stage.bot.store.read() as uow:
        return uow.people.by_identity(OTHER)


async def test_the_question_is_answered_where_the_person_is_known(stage: Stage) -> None:
    await stage.go("2026-09-28", "15:00")
    with stage.bot.store.begin() as uow:
        ana = uow.people.get(stage.project("ATLAS").lead_id or 0)
        assert ana is not None
        found = Profile(OTHER, "Ana in Teams", ana.email, None, None, active=True)
        assert people.meet(uow, stage.bot.services, found, stage.clock.now()) is None
    await stage.settle()
    client = stage.client("ana")
    question = client.inbox()[-1]
    assert "Somebody wrote to me in Microsoft Teams from the account Ana in Teams" in question.text
    assert owner(stage) is None
    await client.press(question, "Yes, that is me")
    await stage.settle()
    linked = client.inbox()[-1]
    assert linked.id == question.id
    assert "is linked with yours" in linked.text
    assert owner(stage) is not None
    # Where to be written to is no question while Teams is not set up; `test_both` has it with both.
    assert not linked.buttons
    assert "Microsoft Teams" in await stage.ask("anna", "person @ana")
    assert not stage.refusals
