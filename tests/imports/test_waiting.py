"""Imports and those who write meanwhile."""

from __future__ import annotations

from datetime import date

import pytest

from reporting.model import Person, Project
from storage.store import SqlStore
from tests.imports.company import Company

HEADER = "key,name,portfolio,lead,lead_email"
ATLAS = "ATLAS,Atlas,imaging,Ana,ana@labs.example"
BEAM = "BEAM,Beam,optics,Ben Ito,ben@labs.example"
REPORTS = "project,period,rag,summary"


@pytest.fixture
def other(company: Company) -> SqlStore:
    """Somebody else at the same database."""
    return SqlStore(company.services.store.url, write_wait=0.1)  # type: ignore[attr-defined]


def test_a_dry_run_keeps_nobody_waiting_and_waits_for_nobody(company: Company, other: SqlStore) -> None:
    company.register(HEADER, ATLAS)
    with other.begin():
        told = company.register(HEADER, ATLAS.replace("Atlas,", "Atlas Two,"), BEAM, dry_run=True)
        reports = company.reports(REPORTS, "ATLAS,2026-11-16,red,Late", "ATLAS,2026-11-13,green,Fine", dry_run=True)
    assert (told.created, told.changed, told.faults) == (1, 1, ())
    assert "person Ben Ito added (ben@labs.example)" in told.changes
    assert (reports.created, reports.faults) == (2, ())
    with other.read() as uow:
        assert [project.name for project in uow.projects.all()] == ["Atlas"]
        assert uow.periods.on("weekly", date(2026, 11, 16)) is None


def test_a_faulty_file_keeps_nobody_waiting(company: Company, other: SqlStore) -> None:
    company.register(HEADER, ATLAS)
    with other.begin():
        told = company.reports(REPORTS, "ATLAS,2026-11-16,red,Late", "NOBODY,2026-11-16,red,Late")
    assert [fault.line for fault in told.faults] == [3]


def test_the_same_file_again_keeps_nobody_waiting(company: Company, other: SqlStore) -> None:
    company.register(HEADER, ATLAS)
    with other.begin():
        assert company.register(HEADER, ATLAS).unchanged == 1


def test_what_changed_between_looking_and_writing_counts(company: Company, other: SqlStore) -> None:
    """Somebody adds the same project after the rows were looked at: it is not added twice."""

    def meanwhile(done: int, total: int) -> None:
        if done == total:
            with other.begin() as uow:
                portfolio = uow.projects.add_portfolio("imaging", "Imaging")
                uow.projects.add(Project(0, "ATLAS", "Old name", portfolio.id))

    told = company.register(HEADER, ATLAS, progress=meanwhile)
    assert (told.created, told.changed, told.faults) == (0, 1, ())
    assert company.project("ATLAS").name == "Atlas"


def test_a_fault_that_came_about_between_looking_and_writing_stores_nothing(company: Company, other: SqlStore) -> None:
    company.register(HEADER, ATLAS)

    def meanwhile(_done: int, _total: int) -> None:
        with other.begin() as uow:
            for _ in range(2):
                uow.people.add(Person(0, "Cleo Park"))

    told = company.register("key,name,portfolio,lead", "BEAM,Beam,optics,Cleo Park", progress=meanwhile)
    assert [fault.column for fault in told.faults] == ["lead"]
    with other.read() as uow:
        assert [project.key for project in uow.projects.all()] == ["ATLAS"]
