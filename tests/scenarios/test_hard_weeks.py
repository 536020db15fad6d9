"""Weeks in which something crosses something else: a late answer, a restart at night, two authors, a pause."""

from __future__ import annotations

from reporting.ledger import DeliveryState
from reporting.model import RequestState
from tests.scenarios.stage import Stage


async def test_an_answer_on_the_monday_after(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ana", "ATLAS", "Amber", "Parts are late.")
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.posted("LEAD")
    replies = len(stage.replies(digest))
    await stage.go("2026-10-05", "08:30")
    await stage.report("ben", "CORE", "Green", "Late, sorry.")
    [edited] = stage.posted("LEAD")
    assert edited.id == digest.id
    assert "2 of 4 reported" in edited.text
    new = [reply.text for reply in stage.replies(edited)[replies:]]
    assert len([text for text in new if "CORE reported late: green" in text]) == 1
    await stage.go("2026-10-05", "09:00")
    assert len(stage.posted("LEAD")) == 1
    assert not stage.refusals


async def test_a_restart_in_the_night_before_it_is_due(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.go("2026-09-28", "16:00")
    before = len(stage.inbox("ben"))
    await stage.restart(("2026-09-30", "03:00"))
    await stage.settle()
    assert len(stage.inbox("ben")) == before
    await stage.report("ben", "CORE", "Green", "Asked before, answered after.")
    assert "Thank you, that is all." in stage.asked("ben").text
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.posted("LEAD")
    assert "1 of 4 reported" in digest.text
    with stage.bot.store.read() as uow:
        prompts = [d for d in uow.deliveries.with_prefix("prompt:") if d.updates is None]
    assert len(prompts) == len({d.target for d in prompts})
    assert {d.state for d in prompts} == {DeliveryState.SENT}


async def test_two_who_edit_the_same_report(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Green", "At first.")
    ben, anna = stage.client("ben"), stage.client("anna")
    await stage.open_sheet("ben", "CORE")
    # The PMO corrects it while Ben has it open.
    await stage.ask("anna", "CORE")
    await stage.open_from("anna", anna.answers()[-1], "CORE")
    assert await anna.send(Headline="Written by the PMO.", **{"What do you correct?": "Ben is travelling."})
    await stage.settle()
    await ben.send(Headline="Written by Ben.", **{"What do you correct?": "A typing error."})
    await stage.settle()
    # Nothing is overwritten unseen: the form is still open, with the other text beside Ben's own.
    assert "Written by the PMO." in ben.form().text
    assert "Written by Ben." in ben.form().text
    assert "Written by the PMO." in await stage.ask("carl", "CORE")
    assert await ben.send()
    await stage.settle()
    assert "Written by Ben." in await stage.ask("carl", "CORE")


async def test_a_pause_and_a_resumption(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.form("anna", "project edit CORE", State="Paused")
    asked = len(stage.inbox("ben"))
    await stage.go("2026-10-02", "16:00")
    assert "None of the 3 projects" in stage.posted("LEAD")[0].text
    await stage.go("2026-10-05", "09:00")
    assert len(stage.inbox("ben")) == asked
    await stage.form("anna", "project edit CORE", State="Active")
    await stage.go("2026-10-12", "09:00")
    assert "CORE" in stage.asked("ben").text
    await stage.report("ben", "CORE", "Green", "It goes on.")
    assert stage.standing("CORE").rag is not None
    with stage.bot.store.read() as uow:
        state = {r.project_id: r.state for r in uow.requests.in_period(stage.standing("CORE").period_id)}
    assert state[stage.project("CORE").id] is RequestState.SUBMITTED
    assert not stage.refusals
