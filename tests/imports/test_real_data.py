"""The UK Government Major Projects Portfolio comes in whole: 370 projects, 1,015 reports, not one character lost.

Contains public sector information licensed under the Open Government Licence v3.0. The data is read from beside the
repository and is no part of it.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bot.imports import ImportReport, import_file, read_mapping
from reporting.model import StatusReport
from reporting.services.importing_reports import CALENDAR
from tests.imports.company import Company

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MAPPINGS = Path(__file__).parent / "mappings"
LONGEST = 4035

pytestmark = pytest.mark.skipif(
    not (DATA / "updates.csv").exists(),
    reason=f"SKIPPED: the real portfolio is not beside the repository ({DATA.parent.name}/{DATA.name}/updates.csv)",
)


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def take(company: Company, kind: str, name: str, mapping: str = "gmpp.yaml", dry_run: bool = False) -> ImportReport:
    read = read_mapping(MAPPINGS / mapping)
    return import_file(company.services, kind, DATA / name, mapping=read, dry_run=dry_run)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def gmpp(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The whole portfolio, imported once."""
    company = Company(tmp_path_factory.mktemp("gmpp"))
    assert take(company, "register", "projects.csv").created == 370
    report = take(company, "reports", "updates.csv")
    assert (report.created, report.changed, report.unchanged, report.faults) == (1015, 0, 0, ())
    return company


@pytest.fixture(scope="module")
def stored(gmpp: Company) -> dict[tuple[str, str], StatusReport]:
    """All reports by project key and day."""
    found = {}
    with gmpp.services.store.read() as uow:
        for project in uow.projects.all():
            for period, report in uow.reports.history(project.id, 100):
                assert report is not None
                assert period.calendar == CALENDAR
                found[project.key, period.day.isoformat()] = report
    return found


def test_every_project_is_there_with_its_words(gmpp: Company) -> None:
    with gmpp.services.store.read() as uow:
        projects = {project.key: project for project in uow.projects.all()}
        portfolios = {portfolio.id: portfolio for portfolio in uow.projects.portfolios()}
    rows = rows_of("projects.csv")
    assert len(projects) == len(rows) == 370
    for row in rows:
        project = projects[row["project_id"]]
        assert project.name == row["name"]
        assert project.description.startswith(row["description"])
        assert row["category"] in project.description
        assert row["other_names"] in project.description
        assert [d.isoformat() if d else "" for d in (project.start, project.end)] == [
            row["start_date"],
            row["end_date"],
        ]
        assert portfolios[project.portfolio_id].key == row["department"].lower()
    assert {p.key: p.name for p in portfolios.values()}["mod"] == "Ministry of Defence"


def test_every_character_of_every_report_is_there(stored: dict[tuple[str, str], StatusReport]) -> None:
    rows = rows_of("updates.csv")
    assert len(stored) == len(rows) == 1015
    for row in rows:
        report = stored[row["project_id"], row["period"]]
        assert report.summary == row["narrative"]
        for field in ("schedule", "budget", "cost", "benefits"):
            assert report.custom.get(field, "") == row[f"{field}_narrative"]
        assert report.custom["rating_as_published"] == row["rag_raw"]
        assert (report.rag.value if report.rag else "") == row["rag3"]
        assert (report.forecast_end.isoformat() if report.forecast_end else "") == row["end_date"]
    texts = [report.summary for report in stored.values()]
    assert max(len(text) for text in texts) == LONGEST
    assert sum("\xa0" in text for text in texts) > 20
    assert any("’" in text for text in texts)
    assert sum("\n" in text for text in texts) == 700


def test_numbers_are_numbers(stored: dict[tuple[str, str], StatusReport]) -> None:
    for row in rows_of("updates.csv"):
        custom = stored[row["project_id"], row["period"]].custom
        for field in ("fy_variance_pct", "fy_baseline_m", "fy_forecast_m", "whole_life_cost_m", "benefits_m"):
            assert custom.get(field) == (float(row[field]) if row[field] else None)
    assert sum("fy_variance_pct" in report.custom for report in stored.values()) == 873


def test_exempt_and_unrated_ones_are_not_reported_and_say_why(stored: dict[tuple[str, str], StatusReport]) -> None:
    unrated = [row for row in rows_of("updates.csv") if row["rag_status"] != "rated"]
    assert len(unrated) == 48
    for row in unrated:
        report = stored[row["project_id"], row["period"]]
        assert report.rag is None
        assert report.not_reported == row["rag_raw"] != ""
    assert all(report.not_reported == "" for report in stored.values() if report.rag is not None)
    assert Counter(r.rag.value if r.rag else "" for r in stored.values()) == {
        "amber": 782,
        "red": 95,
        "green": 90,
        "": 48,
    }


def test_standings_follow_the_newest_report(gmpp: Company) -> None:
    rows = [row for row in rows_of("updates.csv") if row["project_id"] == "MOD_0101_1516-Q1"]
    with gmpp.services.store.read() as uow:
        project = uow.projects.by_key("mod_0101_1516-q1")
        assert project is not None
        standing = uow.board.get(project.id)
        assert standing is not None
        period = uow.periods.get(standing.period_id)
    assert period is not None
    assert period.day == max(date.fromisoformat(row["period"]) for row in rows)
    assert (standing.rag.value if standing.rag else "") == rows[-1]["rag3"]
    assert standing.missed == 0


def test_the_same_again_changes_nothing(gmpp: Company) -> None:
    assert take(gmpp, "register", "projects.csv").unchanged == 370
    report = take(gmpp, "reports", "updates.csv")
    assert (report.created, report.changed, report.unchanged) == (0, 0, 1015)


def test_a_dry_run_tells_everything_and_stores_nothing(tmp_path: Path) -> None:
    company = Company(tmp_path)
    assert take(company, "register", "projects.csv", dry_run=True).created == 370
    with company.services.store.read() as uow:
        assert uow.projects.all() == []
        assert uow.audit.events() == []


def test_without_custom_fields_all_narratives_go_into_the_summary(tmp_path: Path) -> None:
    company = Company(tmp_path)
    take(company, "register", "projects.csv", "gmpp_plain.yaml")
    assert take(company, "reports", "updates.csv", "gmpp_plain.yaml").created == 1015
    row = max(rows_of("updates.csv"), key=lambda row: len(row["narrative"]))
    report = company.current(row["project_id"], CALENDAR, row["period"])
    assert report.summary.startswith(f"{row['narrative']}\n\nSchedule: {row['schedule_narrative']}\n\nBudget: ")
