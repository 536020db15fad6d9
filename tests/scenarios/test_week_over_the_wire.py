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


async def test_the_shortcut_opens_what_is_owed(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ben, ana = stage.person("ben"), stage.person("ana")
    assert (await ben.shortcut("report")).ok
    await stage.playground.until(lambda: ben.modals() and ben.modal()["callback_id"] == "report")
    assert "CORE" in str(ben.modal())
    assert (await ana.shortcut("report")).ok
    await stage.playground.until(lambda: ana.modals() and "BEAM" in str(ana.modal()))
    view = ana.modal()
    button = next(b["accessory"] for b in view["blocks"] if "BEAM" in str(b) and "accessory" in b)
    block = next(b["block_id"] for b in view["blocks"] if b.get("accessory") == button)
    container = {"type": "view", "view_id": view["id"]}
    await ana.acts.action(ana.id, container, block, button["action_id"], {}, {})
    await stage.playground.until(lambda: len(ana.modals()) == 2 and ana.modal()["callback_id"] == "report")
    assert (await stage.person("carl").shortcut("report")).ok
    await stage.playground.until(lambda: "You owe no report" in str(stage.person("carl").modals()))
    assert not stage.playground.refusals


async def test_questions_in_a_direct_message_and_the_home_tab(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    await stage.report("ben", "CORE", "Red", "The pump broke.")
    carl = stage.person("carl")
    await carl.say("red")
    await stage.playground.until(lambda: any("CORE" in said(m) for m in carl.messages()))
    await carl.open_home()
    await stage.playground.until(lambda: carl.home() is not None and "CORE" in str(carl.home()))
    await stage.person("ana").open_home()
    await stage.playground.until(lambda: "ATLAS" in str(stage.person("ana").home()))
    assert not stage.playground.refusals


async def test_a_draft_outlives_a_dead_client(stage: Stage) -> None:
    await stage.go("2026-09-28", "09:00")
    ben = stage.person("ben")
    modal = await stage.open_report("ben", "CORE")
    await ben.type(modal["id"], "Headline", "Half a sentence about the pu")
    await stage.settle()
    await ben.close(modal["id"])
    await stage.restart()
    modal = await stage.open_report("ben", "CORE")
    assert "Half a sentence about the pu" in str(ben.values(modal["id"]))
