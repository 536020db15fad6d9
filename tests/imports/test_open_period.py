"""Importing into a period that is open: as if it had been typed. History tells nobody anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.imports import import_file
from reporting.ledger import DeliveryState
from reporting.model import IMPORTED, IMPORTED_WITH_TIME, RequestState
from reporting.services.importing import ImportReport
from tests.support.world import World, text_of

PATH = "project,period,rag,summary,path_action,path_owner,path_due"


@pytest.fixture
def week(tmp_path: Path) -> World:
    """A Wednesday: everybody has been asked for the week of 23 November, ATLAS was green in the week before."""
    world = World(tmp_path)
    for name in ("ana", "anna", "carl"):
        world.person(name)
    world.project("ATLAS")
    world.project("BEAM")
    world.start()
    world.go("2026-11-25", "10:00", timedelta(hours=6))
    return world


def load(world: World, *rows: str, header: str = PATH) -> ImportReport:
    """Import reports of these rows."""
    path = Path(str(world.store.url).removeprefix("sqlite:///")).parent / "reports.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return import_file(world.services, "reports", path)


RED = "ATLAS,2026-11-23,red,The laser failed,Second supplier,Ana,2027-01-29"


def alerts_of(world: World, key: str) -> list[Any]:
    """Open alerts of a project."""
    with world.store.read() as uow:
        return [alert.rule for alert in uow.escalations.open_of(world.projects[key].id)]


def test_a_red_row_raises_its_alert_and_a_green_one_resolves_it(week: World) -> None:
    assert load(week, RED).faults == ()
    assert alerts_of(week, "ATLAS") == ["turned_red"]
    [alert] = week.due("alert:")
    assert "ATLAS" in text_of(week.message(alert.key))
    load(week, "ATLAS,2026-11-23,green,The laser works,,,")
    assert alerts_of(week, "ATLAS") == []
    assert [d.key for d in week.due("alert:")] == [alert.key, f"{alert.key}:resolved"]


def test_the_same_file_again_tells_nothing_new(week: World) -> None:
    load(week, RED)
    before = {d.key for d in week.deliveries("")}
    assert load(week, RED).unchanged == 1
    assert {d.key for d in week.deliveries("")} == before


def test_the_lead_is_reminded_no_more_and_sees_it_in_the_message(week: World) -> None:
    load(week, RED, "BEAM,2026-11-23,green,Fine,,,")
    with week.store.read() as uow:
        requests = uow.requests.of_person(week.period_id("ATLAS"), week.people["ana"].id)
    assert {(r.state, r.next_at) for r in requests} == {(RequestState.SUBMITTED, None)}
    assert "red" in text_of(week.message(f"prompt:{week.period_id('ATLAS')}:{week.people['ana'].id}"))
    week.go("2026-11-27", "12:00")
    assert week.deliveries("reminder:") == []


def test_a_digest_that_is_out_is_brought_up_to_date(week: World) -> None:
    week.go("2026-11-27", "16:30")
    week.arrive()
    load(week, RED)
    week.refresh_digests()
    news = [text_of(week.message(d.key)) for d in week.due("digest:") if ":news:" in d.key]
    assert len(news) == 1
    assert "ATLAS reported late: red (was not reported)." in news[0]
    with week.store.read() as uow:
        report = uow.reports.current(week.projects["ATLAS"].id, week.period_id("ATLAS"))
    assert report is not None
    assert report.late
    load(week, RED.replace("red", "amber"))
    week.refresh_digests()
    assert sum(":news:" in d.key for d in week.due("digest:")) == 2


def test_history_tells_nobody_anything(week: World) -> None:
    before = {d.key for d in week.deliveries("")}
    load(week, "ATLAS,2026-11-16,red,Old,Act,Ana,2026-11-20", "BEAM,2026-11-13,red,Older,Act,Ana,2026-11-20")
    week.tick()
    assert alerts_of(week, "ATLAS") == alerts_of(week, "BEAM") == []
    assert {d.key for d in week.deliveries("")} == before


def test_a_history_that_comes_before_the_first_period_raises_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.person("ana")
    world.project("ATLAS")
    world.clock.set(world.at("2026-11-25", "10:00"))
    load(world, RED, "ATLAS,2026-11-16,red,Old,Act,Ana,2026-11-20")
    assert alerts_of(world, "ATLAS") == []
    assert not [d for d in world.deliveries("") if d.state is DeliveryState.PLANNED]


def test_a_promise_that_passed_before_the_history_came_calls_nobody(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.person("ana")
    world.project("ATLAS")
    load(world, "ATLAS,2026-11-16,red,Old,Act,Ana,2026-11-19")
    world.tick()
    assert alerts_of(world, "ATLAS") == []


def test_a_faulty_row_takes_alerts_back_with_everything_else(week: World) -> None:
    before = {d.key for d in week.deliveries("")}
    assert load(week, RED, "NOBODY,2026-11-23,red,x,,,").faults
    assert alerts_of(week, "ATLAS") == []
    assert {d.key for d in week.deliveries("")} == before


def test_a_report_for_a_period_that_has_been_missed_resolves_the_alert_for_silence(week: World) -> None:
    week.go("2026-12-09", "10:00", timedelta(hours=6))
    assert "silent" in alerts_of(week, "ATLAS")
    load(week, "ATLAS,2026-12-07,green,Back again,,,")
    assert alerts_of(week, "ATLAS") == []


def test_paper_that_comes_after_the_end_answers_silently(week: World) -> None:
    period_id = week.period_id("ATLAS")
    week.go("2026-12-09", "10:00", timedelta(hours=6))
    before = {d.key for d in week.deliveries("")}
    load(week, f"{RED},,2026-11-26 09:30", f"{RED.replace('ATLAS', 'BEAM')},,", header=PATH + ",late,at")
    assert {d.key for d in week.deliveries("")} == before
    with week.store.read() as uow:
        found = [uow.requests.of(period_id, week.projects[key].id) for key in ("ATLAS", "BEAM")]
        reports = [uow.reports.current(week.projects[key].id, period_id) for key in ("ATLAS", "BEAM")]
    assert [r.state for r in found if r] == [RequestState.SUBMITTED, RequestState.LATE]
    assert [(r.late, r.source) for r in reports if r] == [(False, IMPORTED_WITH_TIME), (True, IMPORTED)]


def test_an_open_period_counts_from_the_import_whatever_the_file_says(week: World) -> None:
    load(week, f"{RED},yes,2026-11-24T08:00:00+00:00", header=PATH + ",late,at")
    with week.store.read() as uow:
        report = uow.reports.current(week.projects["ATLAS"].id, week.period_id("ATLAS"))
    assert report is not None
    assert (report.at, report.late, report.source) == (week.clock.now(), False, IMPORTED)


def test_a_report_from_the_future_is_refused(week: World) -> None:
    report = load(week, f"{RED},,2030-01-01", header=PATH + ",late,at")
    assert [str(fault) for fault in report.faults] == ["line 2, at: is in the future"]
