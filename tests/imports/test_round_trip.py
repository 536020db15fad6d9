"""What the export writes, the import reads: again, it changes nothing; elsewhere, it makes the same register."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports import import_file
from bot.imports.reading import read_table
from handlers.export_files import csv_bytes, xlsx_bytes
from reporting.interactions import SendFile
from reporting.model import IMPORTED_WITH_TIME, DecisionAsk, Method, PathToGreen, Rag, StatusReport
from reporting.services.export import Sheet
from reporting.services.importing import ImportReport
from tests.support.world import World

TEXT = "=SUM(A1)\r\n“quoted”, with, commas;\ttabs\xa0and\n\n'apostrophes'"
GUARDED = ("=1+1", "+49 30", "-22", "@ana", "\tindented", "\rreturned", "'=1+1", "''-x", "'quoted'", "plain", "'")


@pytest.fixture
def week(tmp_path: Path) -> World:
    """Two weeks of reports that say everything a report can say."""
    world = World(tmp_path)
    for name in ("ana", "ben", "anna"):
        world.person(name)
    with world.store.begin() as uow:
        eve = uow.people.add(replace(world.people["ben"], id=0, name="Eve Ito", email=None, identities=()))
    world.project("ATLAS", deputy="ben", sponsor="anna", method=Method.AGILE, description=TEXT)
    world.project("R&D/7.1", "ben", confidential=True, start=date(2026, 1, 1), end=date(2027, 12, 31))
    world.start()
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "amber", TEXT, custom_phase="Beta")
    world.go("2026-11-30", "09:00")
    with world.store.begin() as uow:
        period = uow.board.get(world.projects["ATLAS"].id)
        assert period is not None
        said = {name: f"{TEXT} {name}" for name in ("summary", "reason", "done", "next", "missed", "override")}
        uow.reports.add(
            StatusReport(
                0, world.projects["ATLAS"].id, period.period_id, 1, world.people["ana"].id, world.clock.now(), Rag.RED,
                dimensions={"cost": Rag.RED}, forecast_end=date(2027, 1, 1), percent=0, promise_kept="missed",
                path=PathToGreen("-1 laser", "", date(2026, 12, 24)), late=True,
                decision=DecisionAsk("@all: go?", eve.id, None),
                custom={"velocity": -2.5, "phase": "Alpha", "demo_on": "2026-12-01", "owner": world.people["ben"].id,
                        "remark": "007"}, **said,
            )
        )  # fmt: skip
    return world


def load(exporter: World, importer: World, folder: Path, kind: str) -> list[ImportReport]:
    """Import what the PMO of a world is given, register first."""
    reply = exporter.command("anna", f"export {kind} history state:all")
    paths = []
    for effect in reply:
        if isinstance(effect, SendFile):
            paths.append(folder / effect.filename)
            paths[-1].write_bytes(effect.content)
    # A workbook has both tables.
    register, reports = (paths * 2)[:2]
    return [import_file(importer.services, "register", register), import_file(importer.services, "reports", reports)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_imported_again_changes_nothing(week: World, tmp_path: Path, kind: str) -> None:
    register, reports = load(week, week, tmp_path, kind)
    assert (register.faults, reports.faults) == ((), ())
    assert (register.changes, register.unchanged) == ((), 2)
    assert (reports.changes, reports.unchanged, reports.notes) == ((), 2, ())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_superseded_revisions_are_exported_and_the_newest_is_imported(week: World, tmp_path: Path, kind: str) -> None:
    with week.store.begin() as uow:
        [(_, first), *_] = uow.reports.history(week.projects["ATLAS"].id, 1, None)
        assert first is not None
        uow.reports.add(replace(first, id=0, revision=2, summary="Corrected.", edit_reason="A wrong figure."))
    register, reports = load(week, week, tmp_path, kind)
    assert (register.faults, reports.faults) == ((), ())
    assert (reports.changes, reports.unchanged) == ((), 2)
    assert reports.notes == ("Left out, for a later one is in this file: 1 (the newest revision counts).",)
    (tmp_path / "new").mkdir()
    empty = World(tmp_path / "new")
    empty.clock.set(empty.at("2026-12-08", "09:00"))
    assert [report.faults for report in load(week, empty, tmp_path, kind)] == [(), ()]
    with empty.store.read() as uow:
        atlas = uow.projects.by_key("ATLAS")
        assert atlas is not None
        [(_, newest), *_] = uow.reports.history(atlas.id, 1, None)
    assert newest is not None
    assert newest.summary == "Corrected."


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_makes_an_empty_register_the_same(week: World, tmp_path: Path, kind: str) -> None:
    (tmp_path / "new").mkdir()
    empty = World(tmp_path / "new")
    empty.clock.set(empty.at("2026-12-08", "09:00"))
    assert [report.faults for report in load(week, empty, tmp_path, kind)] == [(), ()]
    with empty.store.read() as uow:
        atlas = uow.projects.by_key("ATLAS")
        assert atlas is not None
        stored = [report for _, report in uow.reports.history(atlas.id, 10, None) if report is not None]
    assert [(r.late, r.source, r.at) for r in stored] == [
        (True, IMPORTED_WITH_TIME, week.at("2026-11-30", "09:00")),
        (False, IMPORTED_WITH_TIME, week.at("2026-11-23", "09:00")),
    ]
    assert (stored[0].promise_kept, stored[0].percent, stored[0].custom["remark"]) == ("missed", 0, "007")
    if kind == "csv":
        assert stored[0].summary == f"{TEXT} summary"


@pytest.mark.parametrize("text", GUARDED)
def test_our_guard_against_formulas_is_taken_away_and_nothing_else(tmp_path: Path, text: str) -> None:
    content = csv_bytes(Sheet("reports", ("summary",), ((text,),)))
    [[_], [written]] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    (tmp_path / "one.csv").write_bytes(content)
    assert [row.cells for row in read_table(tmp_path / "one.csv").rows] == [{"summary": text}]


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("'=+-@\t\r\n,;\""), min_size=1)
)
def test_any_text_comes_back_from_csv(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(csv_bytes(Sheet("reports", ("project", "summary"), (("A", text),))))
    assert [row.cells for row in read_table(path).rows] == [{"project": "A", "summary": text}]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("'=+-@\t\n,;\""), min_size=1))
def test_any_text_comes_back_from_a_workbook(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    path.write_bytes(xlsx_bytes([Sheet("reports", ("project", "summary"), (("A", text),))]))
    assert [row.cells for row in read_table(path).rows] == [{"project": "A", "summary": text}]
