"""The whole of a report, and the revisions before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reporting.interactions import Form
from reporting.messages import Button, Row
from reporting.model import DecisionAsk, Method, PathToGreen, Rag
from reporting.model import StatusReport as Report
from tests.handlers.scene import opened, scene
from tests.reporting.asking import ask, buttons, text
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def revise(world: World, key: str, /, **changes: object) -> Report:
    """A further revision of the newest report."""
    with world.store.begin() as uow:
        standing = uow.board.get(world.projects[key].id)
        assert standing is not None
        report = uow.reports.current(world.projects[key].id, standing.period_id)
        assert report is not None
        stored = uow.reports.add(replace(report, revision=report.revision + 1, **changes))  # type: ignore[arg-type]
        uow.board.put([replace(standing, report_id=stored.id)])
    return stored


def read(world: World, report: Report) -> Form:
    return opened(world.click("ben", "text.more", str(report.id)))


def lines(form: Form) -> list[str]:
    return [text(item) for item in form.items]


def ways(form: Form) -> list[Button]:
    return [item.element for item in form.items if isinstance(item, Row) and isinstance(item.element, Button)]


def test_a_report_is_read_with_all_that_it_says(world: World) -> None:
    with world.store.begin() as uow:
        world.projects["BEAM"] = replace(world.projects["BEAM"], method=Method.AGILE)
        uow.projects.save(world.projects["BEAM"])
    report = revise(
        world, "BEAM", path=PathToGreen("Second supplier", "", date(2026, 12, 4)), promise_kept="missed", percent=40,
        dimensions={"cost": Rag.RED, "gone": Rag.GREEN}, forecast_end=date(2027, 3, 31),
        decision=DecisionAsk("Go?", world.people["carl"].id, date(2026, 12, 2)), late=True, source="form",
        author_id=world.people["ana"].id, edit_reason="The supplier called.", custom={"remark": "Hm.", "old": "Kept."},
    )  # fmt: skip
    shown = lines(read(world, report))
    assert shown[:2] == [
        "R  week 48, revision 2 of 2. Ana, Mon 23 Nov 09:00, late.",
        "Why it was corrected: The supplier called.",
    ]
    for line in (
        "Path to green: Second supplier, –, by Fri 4 Dec",
        "Last promise: missed",
        "By dimension: R Cost    G gone    ",
        "Decision asked for: Go? Of Carl, by Wed 2 Dec",
        "Forecast end: Wed 31 Mar 2027",
        "Complete: 40 %",
        "Hm.",
        "Kept.",
    ):
        assert line in shown


def test_what_was_replaced_is_read_with_who_when_and_why(world: World) -> None:
    ana = world.people["ana"].id
    second = revise(world, "BEAM", summary="Second.", author_id=ana, source="form", edit_reason="A wrong figure.")
    third = revise(world, "BEAM", rag=Rag.AMBER, summary="Third.", edit_reason="The colour.")
    shown = read(world, third)
    assert lines(shown)[-3:] == [
        "Earlier revisions",
        "Revision 2: red. Ana, Mon 23 Nov 09:00. Corrected because: A wrong figure.",
        "Revision 1: red. Imported Mon 23 Nov 09:00.",
    ]
    older = opened(world.click("ben", ways(shown)[0].action, ways(shown)[0].value))
    assert ways(shown)[0].value == str(second.id)
    assert "Second." in lines(older)
    assert lines(older)[0].startswith("R  week 48, revision 2 of 3.")
    # Slack opens three forms on top of one another at most: from a replaced one the way leads back only.
    assert not ways(older)


def test_very_many_revisions_are_counted(world: World) -> None:
    newest = revise(world, "BEAM", summary="first", source="import_with_time", author_id=None)
    for number in range(21):
        newest = revise(world, "BEAM", summary=str(number), source="import_with_time", author_id=None)
    shown = read(world, newest)
    assert len(ways(shown)) == 20
    assert lines(shown)[-1] == "2 older ones are in the export."


def test_a_corrected_report_can_be_read_from_its_project(world: World) -> None:
    assert "Revisions" not in [b.label for b in buttons(ask(world, "ben", "BEAM"))]
    revise(world, "BEAM", author_id=world.people["ana"].id)
    assert "Revisions" in [b.label for b in buttons(ask(world, "ben", "BEAM"))]
    assert "written by Ana" in lines(read(world, revise(world, "BEAM")))[0]


def test_a_decision_of_nobody_and_a_report_without_text(world: World) -> None:
    asked = revise(world, "BEAM", decision=DecisionAsk("Go?", None, None))
    assert "Decision asked for: Go?" in lines(read(world, asked))
    bare = revise(world, "BEAM", decision=None, summary="", reason="")
    assert "This report has no text." in lines(read(world, bare))


def test_what_is_not_there_is_not_shown(world: World) -> None:
    assert "no such report" in text(world.click("ben", "text.more", "999")[0].message)  # type: ignore[union-attr]
    assert "out of date" in text(world.click("ben", "text.more", "x")[0].message)  # type: ignore[union-attr]
