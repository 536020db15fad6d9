"""One week as people live it, in each chat system and over each transport."""

from __future__ import annotations

from tests.scenarios.stage import Stage


async def test_a_week(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    [asked] = stage.inbox("ana")
    assert "ATLAS" in asked.text
    assert "BEAM" in asked.text
    assert not stage.inbox("dora")  # three in the morning in New York

    await stage.report("ana", "ATLAS", "Amber", "Parts are late.")
    assert "amber, sent Mon 28 Sept 09:00" in stage.asked("ana").text
    await stage.go("2026-09-28", "15:00")
    assert len(stage.inbox("dora")) == 1
    await stage.report("ana", "BEAM")
    [asked] = stage.inbox("ana")
    assert "Thank you, that is all." in asked.text

    await stage.go("2026-10-01", "12:00")
    assert len(stage.inbox("ana")) == 1
    assert "Still open: CORE" in stage.inbox("ben")[-1].text
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    [alert] = stage.posted("ALERTS")
    assert "CORE" in alert.text

    await stage.go("2026-10-02", "16:00")
    [digest] = stage.posted("LEAD")
    assert "3 of 4 reported" in digest.text
    assert "DELTA" in digest.text
    assert stage.replies(digest)

    # Late: it counts as late, the digest is edited in place, one line tells of it in the thread.
    await stage.report("dora", "DELTA", "Green", "Back on track.")
    [digest] = stage.posted("LEAD")
    assert "all 4 reported" in digest.text
    assert any("DELTA reported late: green" in reply.text for reply in stage.replies(digest))

    assert "CORE" in await stage.ask("carl", "red")
    assert "BEAM" in await stage.ask("carl", "baem")
    assert not stage.refusals


async def test_what_is_owed_opens_from_anywhere(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ben, ana, carl = (stage.client(name) for name in ("ben", "ana", "carl"))
    await ben.owed()
    await stage.until_open("ben", "Headline")
    assert "CORE" in ben.form().text
    await ana.owed()
    listed = ana.form()
    assert "BEAM" in listed.text
    await stage.open_from("ana", listed, "BEAM")
    assert "BEAM" in ana.form().text
    await carl.owed()
    assert "You owe no report" in carl.form().text
    assert not stage.refusals


async def test_questions_in_a_direct_message_and_the_home(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    carl = stage.client("carl")
    await carl.say("red")
    await stage.settle()
    assert any("CORE" in seen.text for seen in stage.inbox("carl"))
    assert "CORE" in await carl.home()
    assert "ATLAS" in await stage.client("ana").home()
    assert not stage.refusals


async def test_a_draft_outlives_a_dead_client(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ben = stage.client("ben")
    await stage.open_sheet("ben", "CORE")
    await ben.fill("Headline", "Half a sentence about the pu")
    await stage.settle()
    await ben.dismiss()
    await stage.restart()
    await stage.open_sheet("ben", "CORE")
    assert "Half a sentence about the pu" in ben.form().text
