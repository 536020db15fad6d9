"""Weeks in which something crosses something else: a late answer, a restart at night, two authors, a pause."""

from __future__ import annotations

from reporting.ledger import DeliveryState
from reporting.model import RequestState
from tests.scenarios.stage import Stage, elements, said


async def test_an_answer_on_the_monday_after(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ana", "ATLAS", "Amber", "Parts are late.")
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.channel("LEAD")
    replies = len(stage.thread(digest))
    await stage.go("2026-10-05", "08:30")
    await stage.report("ben", "CORE", "Green", "Late, sorry.")
    [edited] = stage.channel("LEAD")
    assert edited.ts == digest.ts
    assert "2 of 4 reported" in said(edited)
    new = [said(reply) for reply in stage.thread(edited)[replies:]]
    assert len([text for text in new if "CORE reported late: green" in text]) == 1
    await stage.go("2026-10-05", "09:00")
    assert len(stage.channel("LEAD")) == 1
    assert not stage.playground.refusals


async def test_a_restart_in_the_night_before_it_is_due(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.go("2026-09-28", "16:00")
    before = len(stage.person("ben").messages())
    await stage.restart(("2026-09-30", "03:00"))
    await stage.settle()
    assert len(stage.person("ben").messages()) == before
    await stage.report("ben", "CORE", "Green", "Asked before, answered after.")
    assert "Thank you, that is all." in said(stage.prompt("ben"))
    await stage.go("2026-10-02", "16:00")
    [digest] = stage.channel("LEAD")
    assert "1 of 4 reported" in said(digest)
    with stage.bot.store.read() as uow:
        prompts = [d for d in uow.deliveries.with_prefix("prompt:") if d.updates is None]
    assert len(prompts) == len({d.target for d in prompts})
    assert {d.state for d in prompts} == {DeliveryState.SENT}


async def test_two_who_edit_the_same_report(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Green", "At first.")
    ben = stage.person("ben")
    modal = await stage.open_report("ben", "CORE")
    # The PMO corrects it while Ben has it open.
    anna = stage.person("anna")
    await stage.ask("anna", "/rag CORE")
    shown = anna.ephemerals("C_LEAD")[-1]
    block, button = next(pair for pair in elements(shown) if pair[1]["action_id"].startswith("report.open"))
    container = {"type": "message", "channel": "C_LEAD", "ts": shown.ts}
    await anna.acts.action(anna.id, container, block["block_id"], button["action_id"], {}, {})
    await stage.playground.until(lambda: anna.modals() and anna.modal()["callback_id"] == "report")
    values = {"Headline": "Written by the PMO.", "What do you correct?": "Ben is travelling."}
    assert (await anna.submit(anna.modal()["id"], values)).ok
    await stage.settle()
    mine = {"Headline": "Written by Ben.", "What do you correct?": "A typing error."}
    outcome = await ben.submit(modal["id"], mine)
    assert outcome.ok
    await stage.settle()
    # Nothing is overwritten unseen: the form is still open, with the other text beside Ben's own.
    assert "Written by the PMO." in str(ben.modal())
    assert "Written by Ben." in str(ben.values(ben.modal()["id"]))
    assert "Written by the PMO." in await stage.ask("carl", "/rag CORE")
    assert (await ben.submit(ben.modal()["id"])).ok
    await stage.settle()
    assert "Written by Ben." in await stage.ask("carl", "/rag CORE")


async def test_a_pause_and_a_resumption(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.form("anna", "/rag project edit CORE", "project", State="Paused")
    asked = len(stage.person("ben").messages())
    await stage.go("2026-10-02", "16:00")
    assert "None of the 3 projects" in said(stage.channel("LEAD")[0])
    await stage.go("2026-10-05", "09:00")
    assert len(stage.person("ben").messages()) == asked
    await stage.form("anna", "/rag project edit CORE", "project", State="Active")
    await stage.go("2026-10-12", "09:00")
    assert "CORE" in said(stage.prompt("ben"))
    await stage.report("ben", "CORE", "Green", "It goes on.")
    assert stage.standing("CORE").rag is not None
    with stage.bot.store.read() as uow:
        state = {r.project_id: r.state for r in uow.requests.in_period(stage.standing("CORE").period_id)}
    assert state[stage.project("CORE").id] is RequestState.SUBMITTED
    assert not stage.playground.refusals
