"""Reports, what counts of them, and risks."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from reporting.model import DecisionAsk, PathToGreen, Rag, RiskResponse, RiskState
from reporting.ports import RevisionTaken, Store
from storage.store import SqlStore
from tests.storage.made import DAY, NOW, World, period, report, request, risk


def test_the_highest_revision_counts(store: Store, world: World) -> None:
    project, weekly = world.projects[0].id, world.periods[0].id
    with store.begin() as uow:
        first = uow.reports.add(report(project, weekly, Rag.GREEN))
        second = uow.reports.add(report(project, weekly, Rag.RED, revision=2, edit_reason="I was wrong"))
    with store.read() as uow:
        assert uow.reports.current(project, weekly) == second
        assert uow.reports.revisions(project, weekly) == [first, second]
        assert uow.reports.colours(project) == [(weekly, Rag.RED)]
        assert uow.reports.history(project, 9) == [(world.periods[0], second)]
        assert uow.reports.many([first.id, second.id, 99]) == {first.id: first, second.id: second}
        assert uow.reports.get(first.id) == first
        assert uow.reports.get(99) is None
        assert uow.reports.current(project, world.periods[1].id) is None


def test_a_revision_is_written_once(store: Store, world: World) -> None:
    project, weekly = world.projects[0].id, world.periods[0].id
    with store.begin() as uow:
        mine = uow.reports.add(report(project, weekly))
        with pytest.raises(RevisionTaken):
            uow.reports.add(report(project, weekly, Rag.RED))
        # The transaction goes on, on every database.
        assert uow.reports.revisions(project, weekly) == [mine]
    with store.read() as uow:
        assert uow.reports.colours(project) == [(weekly, Rag.GREEN)]


def test_a_report_keeps_everything(store: Store, world: World) -> None:
    full = report(
        world.projects[0].id,
        world.periods[0].id,
        Rag.AMBER,
        author_id=world.ana.id,
        summary="Zeile eins\nZeile zwei\u00a0– “ok” 🟢 \x00 \t",
        reason="Supplier",
        dimensions={"schedule": Rag.RED, "cost": Rag.GREEN},
        done="d",
        next="n",
        missed="m",
        forecast_end=date(2027, 2, 28),
        percent=0,
        path=PathToGreen("Second source", "Ben", date(2026, 12, 1)),
        decision=DecisionAsk("Buy it?", world.ben.id, None),
        override="Only this week",
        custom={"budget": 1.5, "vendor": "Ö", "none": None, "n": 3},
        promise_kept="moved",
        late=True,
        source="import",
    )
    if "postgresql" in getattr(store, "url", ""):
        full = replace(full, summary=full.summary.replace("\x00", ""))
    with store.begin() as uow:
        added = uow.reports.add(full)
    with store.read() as uow:
        assert uow.reports.get(added.id) == added == replace(full, id=added.id)


def test_history_has_gaps_and_imports(store: Store, world: World) -> None:
    project = world.projects[0].id
    first, second, third, _ = world.periods
    with store.begin() as uow:
        imported = uow.periods.add(period(DAY - timedelta(days=300), "import"))
        old = uow.reports.add(report(project, imported.id, None, not_reported="exempt", source="import"))
        uow.requests.add_many([request(weekly.id, project, None) for weekly in (first, second, third)])
        answered = uow.reports.add(report(project, second.id, Rag.RED))
        uow.requests.add_many([request(second.id, project, None)])
    with store.read() as uow:
        everything = [(third, None), (second, answered), (first, None), (imported, old)]
        assert uow.reports.history(project, 9) == everything
        assert uow.reports.history(project, 2) == everything[:2]
        assert uow.reports.history(project, 9, since=second.day) == everything[:2]
        assert uow.reports.colours(project) == [
            (imported.id, None),
            (first.id, None),
            (second.id, Rag.RED),
            (third.id, None),
        ]
        assert uow.reports.history(world.projects[1].id, 9) == []


def test_trends_are_the_last_periods_of_each(store: Store, world: World) -> None:
    one, two, three = (project.id for project in world.projects)
    days = [weekly.day for weekly in world.periods]
    with store.begin() as uow:
        for weekly, rag in zip(world.periods, (Rag.GREEN, Rag.AMBER, None, Rag.RED), strict=True):
            uow.reports.add(report(one, weekly.id, rag))
        uow.requests.add_many([request(world.periods[0].id, two, None)])
    with store.read() as uow:
        assert uow.reports.trends([one, two, three], 3) == {
            one: [(days[1], Rag.AMBER), (days[2], None), (days[3], Rag.RED)],
            two: [(days[0], None)],
            three: [],
        }
        assert uow.reports.trends([one], 99)[one][0] == (days[0], Rag.GREEN)
        assert uow.reports.trends([one], 0) == {one: []}
        assert uow.reports.trends([], 3) == {}


@pytest.mark.parametrize("statement", ["UPDATE reports SET summary = 'better'", "DELETE FROM reports"])
def test_nobody_changes_a_report(sql_store: SqlStore, world: World, statement: str) -> None:
    with sql_store.begin() as uow:
        kept = uow.reports.add(report(world.projects[0].id, world.periods[0].id))
    with pytest.raises(DBAPIError, match="reports is append-only"), sql_store.writing() as connection:
        connection.exec_driver_sql(statement)
    with sql_store.read() as uow:
        assert uow.reports.get(kept.id) == kept


def test_risks_are_numbered_by_project(store: Store, world: World) -> None:
    one, two, _ = (project.id for project in world.projects)
    with store.begin() as uow:
        first = uow.risks.add(risk(one, 1, 2, owner="Ben", due=DAY, response=RiskResponse.ACCEPT, mitigation="Watch"))
        second = uow.risks.add(risk(one, 5, 5, number=77, opened_at=NOW))
        other = uow.risks.add(risk(two, 3, 3))
        assert [first.number, second.number, other.number] == [1, 2, 1]
        assert uow.risks.get(first.id) == first
        assert uow.risks.open_of([one, two]) == [second, other, first]
        closed = replace(second, state=RiskState.CLOSED, closed_at=NOW)
        uow.risks.save(closed)
        assert uow.risks.open_of([one]) == [first]
        assert uow.risks.get(second.id) == closed
        assert uow.risks.add(risk(one)).number == 3
