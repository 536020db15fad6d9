"""One week as people live it, over sockets and over signed HTTP."""

from __future__ import annotations

from tests.scenarios.stage import Stage, said


async def test_a_week(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ana = stage.person("ana")
    assert len(ana.messages()) == 1
    assert "ATLAS" in said(ana.messages()[0])
    assert "BEAM" in said(ana.messages()[0])
    assert not stage.person("dora").messages()  # three in the morning in New York

    await stage.report("ana", "ATLAS", "Amber", "Parts are late.")
    assert "amber, sent Mon 28 Sept 09:00" in said(stage.prompt("ana"))
    await stage.go("2026-09-28", "15:00")
    assert len(stage.person("dora").messages()) == 1
    await stage.report("ana", "BEAM")
    assert "Thank you, that is all." in said(ana.messages()[0])
    assert len(ana.messages()) == 1

    await stage.go("2026-10-01", "12:00")
    assert len(ana.messages()) == 1
    assert "Still open: CORE" in said(stage.person("ben").messages()[-1])
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    [alert] = stage.channel("ALERTS")
    assert "CORE" in said(alert)

    await stage.go("2026-10-02", "16:00")
    [digest] = stage.channel("LEAD")
    assert "3 of 4 reported" in said(digest)
    assert "DELTA" in said(digest)
    assert stage.thread(digest)

    # Late: it counts as late, the digest is edited in place, one line tells of it in the thread.
    await stage.report("dora", "DELTA", "Green", "Back on track.")
    [digest] = stage.channel("LEAD")
    assert "all 4 reported" in said(digest)
    assert any("DELTA reported late: green" in said(reply) for reply in stage.thread(digest))
    assert not stage.playground.refusals

    answer = await stage.ask("carl", "/rag red")
    assert "CORE" in answer
    answer = await stage.ask("carl", "/rag baem")
    assert "BEAM" in answer
