"""Importing a history: periods, revisions, what is not reported, the period that is open now."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reporting.model import PathToGreen, Rag, RequestState
from reporting.services import planning
from reporting.services.importing_reports import CALENDAR
from reporting.services.standings import standing_of
from tests.imports.company import Company

HEADER = "project,period,rag,summary,percent,forecast_end,path_action,path_owner,path_due,not_reported,dimensions.cost"
PLAIN = "project,period,rag,summary"


@pytest.fixture
def company(company: Company) -> Company:
    """With two projects."""
    company.register(
        "key,name,portfolio,lead,lead_email",
        "ATLAS,Atlas,imaging,Ana,ana@labs.example",
        "OLD,Old,imaging,Ben Ito,",
        "BEAM,Beam,imaging,Ana,ana@labs.example",
    )
    return company


def test_a_report_with_all_its_parts(company: Company) -> None:
    report = company.reports(
        HEADER + ",custom.fy_variance_pct,custom.reviewed_on,custom.rated_by,custom.owner,author_email",
        'atlas,2026-11-16,Amber,"Two lines:\r\n“quoted” and\xa0narrow",61%,2027-03-31,Second supplier,'
        "Ben,2026-12-18,,red,-22.7,2026-11-01,Independent assessor,Ben Ito,ana@labs.example",
    )
    assert (report.created, report.faults) == (1, ())
    stored = company.current("ATLAS", "weekly", "2026-11-16")
    assert (stored.rag, stored.percent, stored.forecast_end) == (Rag.AMBER, 61, date(2027, 3, 31))
    assert stored.summary == "Two lines:\r\n“quoted” and\xa0narrow"
    assert stored.path == PathToGreen("Second supplier", "Ben", date(2026, 12, 18))
    assert stored.dimensions == {"cost": Rag.RED}
    assert stored.custom == {
        "fy_variance_pct": -22.7,
        "reviewed_on": "2026-11-01",
        "rated_by": "Independent assessor",
        "owner": company.project("OLD").lead_id,
    }
    assert (stored.source, stored.revision, stored.late) == ("import", 1, False)
    assert stored.author_id == company.project("ATLAS").lead_id
    with company.services.store.read() as uow:
        standing = uow.board.get(company.project("ATLAS").id)
    assert standing is not None
    assert (standing.rag, standing.streak, standing.path_due) == (Rag.AMBER, 1, date(2026, 12, 18))


def test_a_day_of_the_calendar_is_its_period_and_any_other_day_is_one_of_its_own(company: Company) -> None:
    company.reports(PLAIN, "ATLAS,2026-11-16,red,Monday", "ATLAS,2026-11-13,amber,Friday", "ATLAS,2019-09-30,green,Old")
    assert company.current("ATLAS", "weekly", "2026-11-16").summary == "Monday"
    assert company.current("ATLAS", CALENDAR, "2026-11-13").summary == "Friday"
    assert company.current("ATLAS", CALENDAR, "2019-09-30").summary == "Old"
    with company.services.store.read() as uow:
        standing = uow.board.get(company.project("ATLAS").id)
        own = uow.periods.on(CALENDAR, date(2026, 11, 13))
        weekly = uow.periods.on("weekly", date(2026, 11, 16))
    assert standing is not None
    assert own is not None
    assert weekly is not None
    assert (standing.period_id, standing.rag, standing.last_rag) == (weekly.id, Rag.RED, Rag.AMBER)
    assert own.closes_at == datetime(2026, 11, 14, tzinfo=UTC)
    assert weekly.due_at == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_the_same_again_is_unchanged_and_a_changed_row_is_a_new_revision(company: Company) -> None:
    company.reports(PLAIN, "ATLAS,2026-11-16,red,First")
    assert company.reports(PLAIN, "ATLAS,2026-11-16,red,First").unchanged == 1
    report = company.reports(PLAIN, "ATLAS,2026-11-16,amber,Second")
    assert report.changes == ("report ATLAS 2026-11-16, revision 2: amber; changed: rag, summary",)
    with company.services.store.read() as uow:
        period = uow.periods.on("weekly", date(2026, 11, 16))
        assert period is not None
        revisions = uow.reports.revisions(company.project("ATLAS").id, period.id)
    assert [(r.revision, r.summary) for r in revisions] == [(1, "First"), (2, "Second")]


def test_fields_that_the_file_does_not_speak_of_stay(company: Company) -> None:
    company.reports(
        HEADER + ",custom.cost,custom.budget", "ATLAS,2026-11-16,red,Text,50,,Act,Ben,2026-12-18,,red,dear,small"
    )
    company.reports("project,period,percent,rag,custom.budget", "ATLAS,2026-11-16,60,red,")
    stored = company.current("ATLAS", "weekly", "2026-11-16")
    assert (stored.percent, stored.summary, stored.revision) == (60, "Text", 2)
    assert (stored.dimensions, stored.custom) == ({"cost": Rag.RED}, {"cost": "dear"})
    assert stored.path == PathToGreen("Act", "Ben", date(2026, 12, 18))


def test_not_reported_keeps_why_and_is_no_colour(company: Company) -> None:
    report = company.reports(
        "project,period,rag,not_reported",
        "ATLAS,2026-11-02,amber,",
        "ATLAS,2026-11-09,,Exempt under Section 43",
        "ATLAS,2026-11-16,,Exempt under Section 43",
    )
    assert "report ATLAS 2026-11-16 added: not reported" in report.changes
    with company.services.store.read() as uow:
        standing = uow.board.get(company.project("ATLAS").id)
    assert standing is not None
    assert (standing.rag, standing.last_rag, standing.missed) == (None, Rag.AMBER, 0)
    assert standing.report_id is not None
    company.reports("project,period,rag", "ATLAS,2026-11-16,green")
    assert company.current("ATLAS", "weekly", "2026-11-16").not_reported == ""


def test_all_faults_are_told_and_nothing_is_stored(company: Company) -> None:
    report = company.reports(
        HEADER + ",author_email,custom.rated_by,custom.fy_variance_pct",
        "ATLAS,2026-11-16,amber,Good,,,,,,,,,,",
        "NOBODY,2026-11-16,amber,,,,,,,,,,,",
        "ATLAS,2027-01-04,amber,,,,,,,,,,,",
        "ATLAS,2026-11-23,amber,,,,,,,,,,,",
        "ATLAS,2026-11-09,,Words,,,,,,,,,,",
        "ATLAS,2026-11-02,red,,,,,,,a reason,,,,",
        "ATLAS,2026-10-26,red,,,,Act,,,,,who@labs.example,,",
        "ATLAS,2026-10-19,red,,,,,Ben,,,,,,",
        "ATLAS,2026-10-12,purple,,101,soon,,,,,blue,,Nobody,much",
        "ATLAS,2026-11-16,green,,,,,,,,,,,",
        "ATLAS,,green,,,,,,,,,,,",
    )
    assert [(fault.line, fault.column) for fault in report.faults] == [
        (3, "project"), (4, "period"), (5, "period"), (6, "rag"), (7, "not_reported"), (8, "author_email"),
        (8, "path_due"), (9, "path_action"), (10, "custom.fy_variance_pct"), (10, "custom.rated_by"),
        (10, "dimensions.cost"), (10, "forecast_end"), (10, "percent"), (10, "rag"), (11, "period"), (12, "period"),
    ]  # fmt: skip
    assert report.faults[1].reason == "2027-01-04 is in the future"
    assert report.faults[2].reason == "the period of 2026-11-23 is yet to be opened; import it after that"
    with company.services.store.read() as uow:
        assert uow.periods.on("weekly", date(2026, 11, 16)) is None
        assert uow.board.get(company.project("ATLAS").id) is None


@pytest.mark.parametrize(("now", "state"), [("2026-11-25", RequestState.SUBMITTED), ("2026-11-28", RequestState.LATE)])
def test_a_report_for_the_open_period_answers_its_request(company: Company, now: str, state: RequestState) -> None:
    company.clock.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    planning.reconcile(company.services, company.clock.at)
    company.clock.at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    planning.plan_due(company.services, company.clock.at)
    company.reports(PLAIN, "ATLAS,2026-11-23,green,On paper")
    with company.services.store.read() as uow:
        period = uow.periods.on("weekly", date(2026, 11, 23))
        assert period is not None
        request = uow.requests.of(period.id, company.project("ATLAS").id)
        standing = uow.board.get(company.project("ATLAS").id)
    assert request is not None
    assert standing is not None
    assert (request.state, request.next_at) == (state, None)
    assert (request.report_id, standing.rag) == (standing.report_id, Rag.GREEN)
    company.clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    company.reports(PLAIN, "ATLAS,2026-11-23,green,Corrected much later")
    assert company.current("ATLAS", "weekly", "2026-11-23").revision == 2


def test_a_history_behind_an_open_period_leaves_it_open(company: Company) -> None:
    company.clock.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    planning.reconcile(company.services, company.clock.at)
    company.clock.at = datetime(2026, 11, 25, tzinfo=UTC)
    planning.plan_due(company.services, company.clock.at)
    company.reports(
        PLAIN + ",path_action,path_due", "ATLAS,2026-11-16,red,Old,Act,2026-12-01", "ATLAS,2026-11-09,red,Older,,"
    )
    with company.services.store.read() as uow:
        standing = uow.board.get(company.project("ATLAS").id)
    assert standing is not None
    assert (standing.rag, standing.report_id, standing.last_rag, standing.last_streak) == (None, None, Rag.RED, 2)
    assert (standing.missed, standing.path_due) == (0, date(2026, 12, 1))


def test_a_project_without_periods_has_no_standing(company: Company) -> None:
    with company.services.store.read() as uow:
        assert standing_of(uow, company.project("ATLAS").id) is None


def test_a_reason_for_no_rating_takes_the_place_of_a_rating(company: Company) -> None:
    company.reports(PLAIN, "ATLAS,2026-11-16,green,Fine")
    company.reports("project,period,not_reported", "ATLAS,2026-11-16,Withdrawn by the lead")
    stored = company.current("ATLAS", "weekly", "2026-11-16")
    assert (stored.rag, stored.not_reported, stored.summary) == (None, "Withdrawn by the lead", "Fine")


def test_progress_is_told_row_by_row(company: Company) -> None:
    seen: list[tuple[int, int]] = []
    company.reports(
        PLAIN,
        "ATLAS,2026-11-16,red,x",
        "BEAM,2026-11-16,red,x",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]
