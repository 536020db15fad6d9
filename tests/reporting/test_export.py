"""The register and its reports as tables that can be imported again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from reporting.grammar import parse
from reporting.model import DecisionAsk, PathToGreen, ProjectState, Rag
from reporting.query import Query
from reporting.services import answers, export, people
from reporting.services.access import NotAllowed
from reporting.services.export import Export, Sheet
from reporting.services.importing import Row
from reporting.services.importing_reports import import_reports
from tests.reporting.asking import returns, risk
from tests.support.world import World


@pytest.fixture
def week(world: World) -> World:
    world.project("OLD", None, state=ProjectState.CLOSED, confidential=True, start=date(2025, 1, 1))
    world.go("2026-11-23", "09:00")
    returns(world, "ATLAS", "GA", path_action="Fix it", path_owner="Ana", path_due=date(2026, 12, 4))
    returns(world, "BEAM", "RG")
    risk(world, "ATLAS", "Leak", 4, 4)
    return world


def run(world: World, typed: str, name: str = "anna") -> Export:
    query = parse(typed)
    assert isinstance(query, Query)
    with world.store.read() as uow:
        reader = people.reader(uow, world.services, world.identity(name))
        return export.export(answers.ask_of(world.services, uow, reader, query, world.clock.now()))


def rows(sheet: Sheet) -> dict[object, dict[str, object]]:
    return {row[0]: dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows}


def test_every_project_with_its_current_report(week: World) -> None:
    done = run(week, "export")
    (sheet,) = done.sheets
    assert (done.projects, done.reports, done.cut) == (4, 0, False)
    found = rows(sheet)
    atlas = found["ATLAS"]
    assert atlas["name"] == "Atlas project"
    assert (atlas["portfolio"], atlas["portfolio_name"]) == ("imaging", "Imaging")
    assert (atlas["lead"], atlas["lead_email"]) == ("Ana", "ana@labs.example")
    assert (atlas["deputy_email"], atlas["sponsor"]) == ("emil@labs.example", "Carl")
    assert (atlas["rag"], atlas["last_rag"], atlas["periods_in_state"]) == ("amber", "green", 1)
    assert (atlas["period"], atlas["path_due"], atlas["open_risk_score"]) == ("2026-11-23", "2026-12-04", 16)
    assert (found["CORE"]["rag"], found["CORE"]["period"], found["CORE"]["periods_in_state"]) == (None, "2026-11-23", 0)
    assert (found["OLD"]["confidential"], found["OLD"]["period"], found["OLD"]["lead"]) == ("yes", None, None)
    assert found["OLD"]["start"] == "2025-01-01"


def test_filters_hold(week: World) -> None:
    assert set(rows(run(week, "export amber").sheets[0])) == {"ATLAS"}
    assert set(rows(run(week, "export lead:ben").sheets[0])) == {"CORE"}


def test_everything_of_a_report(week: World) -> None:
    with week.store.begin() as uow:
        report = uow.reports.current(week.projects["BEAM"].id, week.period_id("BEAM"))
        assert report is not None
        ana = week.people["ana"].id
        stored = uow.reports.add(
            replace(
                report, revision=2, author_id=ana, late=True, percent=40, dimensions={"cost": Rag.RED},
                promise_kept="moved",
                custom={"velocity": 12, "remark": "Yes", "demo_on": None},
                decision=DecisionAsk("Go?", ana, date(2026, 12, 1)),
                path=PathToGreen("A", "B", date(2026, 12, 2)), forecast_end=date(2027, 1, 1),
            )
        )  # fmt: skip
        standing = uow.board.get(week.projects["BEAM"].id)
        assert standing is not None
        uow.board.put([replace(standing, report_id=stored.id)])
    beam = rows(run(week, "export").sheets[0])["BEAM"]
    assert (beam["decision"], beam["decision_of_email"], beam["decision_by"]) == (
        "Go?",
        "ana@labs.example",
        "2026-12-01",
    )
    assert (beam["dimensions.cost"], beam["dimensions.scope"]) == ("red", None)
    assert (beam["custom.velocity"], beam["custom.remark"], beam["custom.demo_on"]) == (12, "Yes", None)
    assert (beam["late"], beam["revision"], beam["author_email"], beam["percent"]) == ("yes", 2, "ana@labs.example", 40)
    assert beam["promise_kept"] == "moved"
    assert (beam["forecast_end"], beam["at"]) == ("2027-01-01", "2026-11-23T08:00:00+00:00")


def test_the_history_can_be_imported_again(week: World) -> None:
    done = run(week, "export history")
    reports = done.sheets[1]
    assert (done.reports, len(reports.rows)) == (4, 4)
    assert [row[:3] for row in reports.rows[:2]] == [
        ("ATLAS", "2026-11-16", "green"), ("ATLAS", "2026-11-23", "amber"),
    ]  # fmt: skip
    again = [
        Row(line, _typed(dict(zip(reports.columns, row, strict=True)))) for line, row in enumerate(reports.rows, 2)
    ]
    report = import_reports(week.services, again, source="again.csv")
    assert (report.created, report.changed, report.unchanged, report.faults) == (0, 0, 4, ())


def _typed(values: dict[str, object]) -> dict[str, object]:
    """What reading the file does: days and colours from their text."""
    known = {name: value for name, value in values.items() if value is not None}
    for name in ("period", "path_due"):
        if name in known:
            known[name] = date.fromisoformat(str(known[name]))
    at = datetime.fromisoformat(str(known["at"]))
    return known | {"rag": Rag(str(known["rag"])), "at": at, "late": known["late"] == "yes"}


def test_the_history_has_every_revision_with_who_when_and_why(week: World) -> None:
    with week.store.begin() as uow:
        [(_, report), *_] = uow.reports.history(week.projects["ATLAS"].id, 1, None)
        assert report is not None
        at, ana = week.at("2026-11-24", "08:00"), week.people["ana"].id
        uow.reports.add(replace(report, id=0, revision=2, author_id=ana, at=at, edit_reason="A wrong figure."))
    done = run(week, "export history")
    names = done.sheets[1].columns
    atlas = [dict(zip(names, row, strict=True)) for row in done.sheets[1].rows if row[0] == "ATLAS"]
    told = ("period", "revision", "author_email", "at", "edit_reason")
    assert [tuple(row[name] for name in told) for row in atlas[1:]] == [
        ("2026-11-23", 1, None, atlas[1]["at"], None),
        ("2026-11-23", 2, "ana@labs.example", "2026-11-24T07:00:00+00:00", "A wrong figure."),
    ]
    assert done.reports == 5


def test_a_history_that_is_too_long_is_cut_and_says_so(week: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_REPORTS", 3)
    done = run(week, "export history")
    assert (done.reports, done.cut) == (3, True)
    monkeypatch.setattr(export, "MOST_REPORTS", 1)
    assert run(week, "export history").cut
    monkeypatch.setattr(export, "MOST_REPORTS", 4)
    assert not run(week, "export history").cut


def test_only_the_pmo_may(week: World) -> None:
    for name in ("ana", "carl"):
        with pytest.raises(NotAllowed, match="Only the PMO"):
            run(week, "export", name)
