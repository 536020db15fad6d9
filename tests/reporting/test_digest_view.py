"""What a digest is made of, read from the store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reporting.model import (
    Absence,
    DecisionAsk,
    Method,
    ProjectState,
    Rag,
    ReportingPeriod,
    Risk,
    Standing,
    StatusReport,
)
from reporting.policy import CalendarPolicy, DigestPolicy
from reporting.services.digest_data import digest_view, period_view, unit
from reporting.services.questions import subject_of
from reporting.texts import Catalogues
from tests.support.policy import FORTNIGHTLY, MONTHLY, WEEKLY
from tests.support.world import World

LEADERSHIP = DigestPolicy("leadership", "C_LEAD", portfolios=("imaging",))
FRIDAY = ("2026-11-27", "16:00")


def shown(world: World, digest: DigestPolicy = LEADERSHIP) -> dict[str, Any]:
    with world.store.read() as uow:
        view, _ = digest_view(world.services, uow, digest, world.clock.now())
    assert json.loads(json.dumps(view)) == view
    return view


def keys(projects: list[dict[str, Any]]) -> list[str]:
    return [project["key"] for project in projects]


def first_week(world: World) -> None:
    """ATLAS green, BEAM amber, CORE silent."""
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "green", "On plan.")
    world.report("ana", "BEAM", "amber", "Late.", path_due="2027-03-01")
    world.go(*FRIDAY)


def test_before_the_first_period_there_is_nothing_to_tell(world: World) -> None:
    view = shown(world)
    assert (view["total"], view["not_asked"], view["takeaway"]) == (0, 3, "No project was asked for a report.")
    assert view["period"]["day"] == "2026-11-23"
    assert shown(world, replace(LEADERSHIP, portfolios=("nowhere",)))["total"] == 0


def test_the_first_week_has_nothing_to_compare_with(world: World) -> None:
    first_week(world)
    view = shown(world)
    assert view["title"] == "Imaging portfolio"
    assert view["period"] == {"day": "2026-11-23", "label": "week 48", "first": "2026-11-23", "last": "2026-11-29"}
    assert (view["unit"], view["zone"], view["since"]) == ("week", "Europe/Berlin", None)
    assert view["counts"]["amber"] == {"now": 1, "change": None}
    assert (keys(view["standing"]), keys(view["missing"]), keys(view["greens"])) == (["BEAM"], ["CORE"], ["ATLAS"])
    assert (view["reported"], view["total"]) == (2, 3)
    assert view["missing"][0]["missed"] == 1
    assert view["takeaway"] == "One is amber; 2 of 3 reported."


def test_what_turned_worse_and_better_and_what_stayed(world: World) -> None:
    first_week(world)
    world.go("2026-11-30", "09:00")
    world.report("ana", "ATLAS", "red", "Stopped.", path_due="2027-03-01")
    world.report("ana", "BEAM", "green", "Back.")
    world.report("ben", "CORE", "amber", "Slow.", path_due="2027-03-01")
    world.go("2026-12-04", "16:00")
    view = shown(world)
    assert (keys(view["worse"]), keys(view["better"]), keys(view["standing"])) == (["ATLAS"], ["BEAM"], ["CORE"])
    assert keys(view["attention"]) == ["ATLAS", "CORE"]
    assert {name: figure["change"] for name, figure in view["counts"].items()} == {
        "red": 1, "amber": 0, "green": 0, "missing": -1,
    }  # fmt: skip
    atlas = view["worse"][0]
    assert (atlas["last_rag"], atlas["last_streak"], atlas["streak"]) == ("green", 1, 1)
    assert (atlas["cells"], atlas["reason"]) == (["green", "red"], "The supplier is late.")
    assert atlas["path"] == {"action": "Second supplier signed", "owner": "Ana", "due": "2027-03-01"}
    assert atlas["lead"] == {"id": world.people["ana"].id, "name": "Ana"}
    assert [line["missing"] for line in view["trend"]["rows"]] == [1, 0]
    assert view["takeaway"] == "One project turned red and one recovered; all 3 reported."


def test_worst_first_then_longest(world: World) -> None:
    for key in ("EAST", "FERN"):
        world.project(key, "ana")
    for day, red in (("2026-11-23", ("FERN",)), ("2026-11-30", ("FERN", "BEAM", "ATLAS"))):
        world.go(day, "09:00")
        for key in ("ATLAS", "BEAM", "EAST", "FERN"):
            world.report("ana", key, "red" if key in red else "amber", "Late.", path_due="2027-03-01")
    assert keys(shown(world)["attention"]) == ["FERN", "ATLAS", "BEAM", "EAST"]


def test_confidential_projects_only_where_the_channel_is_cleared(world: World) -> None:
    world.project("SECRET", "ben", confidential=True)
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        uow.risks.add(Risk(0, world.projects["SECRET"].id, 0, "Leak", 5, 5))
    assert "SECRET" not in json.dumps(shown(world))
    cleared = shown(world, replace(LEADERSHIP, confidential=True))
    assert "SECRET" in keys(cleared["missing"])
    assert cleared["risks"][0]["key"] == "SECRET"


def test_decisions_risks_dimensions_and_own_fields(world: World) -> None:
    world.project("VOLT", "ana", method=Method.AGILE)
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        for title, score in (("Small", 3), ("Grave", 5), ("Grim", 4)):
            uow.risks.add(Risk(0, world.projects["VOLT"].id, 0, title, score, score, due=date(2026, 12, 1)))
    store_report(world, "VOLT", decision=DecisionAsk("Go?", world.people["carl"].id, date(2026, 12, 2)),
                 dimensions={"cost": Rag.RED, "scope": Rag.RED},
                 custom={"velocity": 12.5, "remark": "Hm.", "phase": "Beta"},
                 override="Costs are agreed.", forecast_end=date(2027, 3, 31))  # fmt: skip
    store_report(world, "CORE", decision=DecisionAsk("Who?", None, None))
    view = shown(world)
    assert [(d["key"], d["question"], d["by"]) for d in view["decisions"]] == [
        ("VOLT", "Go?", "2026-12-02"),
        ("CORE", "Who?", None),
    ]
    assert view["decisions"][0]["of"] == {"id": world.people["carl"].id, "name": "Carl"}
    assert [(r["title"], r["number"], r["score"], r["due"]) for r in view["risks"]] == [
        ("Grave", 2, 25, "2026-12-01"),
        ("Grim", 3, 16, "2026-12-01"),
    ]
    volt = view["greens"][1]
    # The agile form of this policy knows cost, not scope, and keeps the remark out of digests.
    assert volt["dimensions"] == {"cost": {"label": "Cost", "rag": "red"}}
    assert volt["custom"] == [
        {"label": "Velocity", "value": 12.5, "kind": "number"},
        {"label": "Phase", "value": "Beta", "kind": "choice"},
    ]
    assert (volt["override"], volt["forecast_end"]) == ("Costs are agreed.", "2027-03-31")
    assert keys(view["uneven"]) == ["VOLT"]


def test_a_forecast_end_that_changed_is_told_with_the_last_one(world: World) -> None:
    world.go("2026-11-23", "09:00")
    store_report(world, "ATLAS", forecast_end=date(2027, 3, 31))
    store_report(world, "BEAM", forecast_end=date(2027, 3, 31))
    assert [p["forecast_was"] for p in shown(world)["greens"]] == [None, None]
    world.go("2026-11-30", "09:00")
    store_report(world, "ATLAS", forecast_end=date(2027, 5, 31))
    store_report(world, "BEAM", forecast_end=date(2027, 3, 31))
    store_report(world, "CORE", forecast_end=date(2027, 3, 31))
    assert [(p["key"], p["forecast_was"]) for p in shown(world)["greens"]] == [
        ("ATLAS", "2027-03-31"), ("BEAM", None), ("CORE", None),
    ]  # fmt: skip


def test_promises_that_were_due_are_counted(world: World) -> None:
    first_week(world)
    assert shown(world)["promises"] == {"due": 0, "kept": 0, "unsaid": 0}
    world.go("2026-11-30", "09:00")
    for key, answer in (("ATLAS", "kept"), ("CORE", "moved")):
        store_report(world, key, promise_kept=answer)
    assert shown(world)["promises"] == {"due": 2, "kept": 1, "unsaid": 0}
    assert shown(world)["greens"][0]["promise_kept"] == "kept"
    # BEAM is silent although its promise has come due.
    with world.store.begin() as uow:
        standing = uow.board.get(world.projects["BEAM"].id)
        assert standing is not None
        uow.board.put([replace(standing, path_due=date(2026, 12, 4))])
    assert shown(world)["promises"] == {"due": 3, "kept": 1, "unsaid": 1}


def test_a_report_that_says_nothing_of_a_promise_is_counted_as_such(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS", "amber", path_due="2026-11-27")
    world.report("ana", "BEAM", "amber", path_due="2026-12-31")
    world.report("ben", "CORE", "green")
    world.go("2026-11-30", "09:00")
    for who, key in (("ana", "ATLAS"), ("ana", "BEAM"), ("ben", "CORE")):
        world.report(who, key, "green")
    view = shown(world)
    assert view["promises"] == {"due": 1, "kept": 0, "unsaid": 1}
    assert [p["key"] for p in (*view["better"], *view["greens"]) if p["promise_unsaid"]] == ["ATLAS", "ATLAS"]
    world.report("ana", "ATLAS", "green", promise="kept")
    assert shown(world)["promises"] == {"due": 1, "kept": 1, "unsaid": 0}


def test_what_became_of_a_question_is_told(world: World) -> None:
    world.go("2026-11-23", "09:00")
    store_report(world, "CORE", decision=DecisionAsk("Who?", None, None))
    [decision] = shown(world)["decisions"]
    assert decision["taken"] is None
    with world.store.begin() as uow:
        for outcome in ("deferred", "decided"):
            after = {"outcome": outcome, "words": f"{outcome} it is"}
            report = uow.reports.get(decision["report_id"])
            assert report is not None
            uow.audit.append(world.clock.now(), "system", "decision.recorded", subject_of(report), None, after)
    assert shown(world)["decisions"][0]["taken"] == {"outcome": "decided", "words": "decided it is"}


def test_a_person_in_a_field_is_shown_by_name(world: World) -> None:
    forms = tuple(
        replace(form, custom=tuple(replace(field, digest=True) for field in form.custom))
        for form in world.services.policy.forms
    )
    world.services = replace(world.services, policy=replace(world.services.policy, forms=forms))
    world.project("VOLT", "ana", method=Method.AGILE)
    world.go("2026-11-23", "09:00")
    store_report(world, "VOLT", custom={"owner": world.people["dora"].id, "remark": "", "phase": "Beta"})
    [volt] = shown(world)["greens"]
    assert volt["custom"] == [
        {"label": "Phase", "value": "Beta", "kind": "choice"},
        {
            "label": "Product owner",
            "value": "Dora",
            "kind": "person",
            "person": {"id": world.people["dora"].id, "name": "Dora"},
        },
    ]
    store_report(world, "VOLT", revision=2, custom={"owner": 4711})
    assert shown(world)["greens"][0]["custom"][0]["value"] == "–"


def store_report(world: World, key: str, rag: Rag | None = Rag.GREEN, revision: int = 1, **said: Any) -> None:
    """A report as the store keeps it, past the form."""
    project = world.projects[key]
    with world.store.begin() as uow:
        standing = uow.board.get(project.id)
        assert standing is not None
        report = uow.reports.add(
            StatusReport(0, project.id, standing.period_id, revision, None, world.clock.now(), rag, **said)
        )
        uow.board.put([replace(standing, rag=rag, report_id=report.id, streak=1 if rag else 0)])


@pytest.mark.parametrize(("own", "named"), [("dora", "Dora"), (None, "Emil")])
def test_a_deputy_is_named_while_the_lead_is_away(world: World, own: str | None, named: str) -> None:
    first_week(world)
    deputy = world.people[own].id if own else None
    with world.store.begin() as uow:
        uow.people.add_absence(Absence(0, world.people["ana"].id, date(2026, 11, 26), date(2026, 11, 30), deputy))
    view = shown(world)
    [atlas] = view["greens"]
    assert (atlas["deputy"]["name"], atlas["away_until"]) == (named, "2026-11-30")
    assert view["standing"][0]["deputy"] == (atlas["deputy"] if own else None)


def test_the_own_deputy_of_a_lead_counts_last(world: World) -> None:
    lead = world.person("finn", deputy_id=world.people["dora"].id)
    world.project("FERN", "finn")
    world.go("2026-11-23", "09:00")
    with world.store.begin() as uow:
        uow.people.add_absence(Absence(0, lead.id, date(2026, 11, 20), date(2026, 12, 20)))
    fern = next(p for p in shown(world)["missing"] if p["key"] == "FERN")
    assert fern["deputy"]["name"] == "Dora"


def test_excused_projects_are_not_counted(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.add_absence(Absence(0, world.people["ben"].id, date(2026, 11, 20), date(2026, 12, 20)))
    first_week(world)
    view = shown(world)
    assert (keys(view["excused"]), view["total"], keys(view["missing"])) == (["CORE"], 2, [])


def test_resting_and_unasked_projects_are_only_counted(world: World) -> None:
    world.project("PAUSED", "ben", state=ProjectState.PAUSED)
    world.project("CLOSED", "ben", state=ProjectState.CLOSED)
    first_week(world)
    world.project("LATER", "ben")
    view = shown(world)
    assert (view["paused"], view["closed"], view["total"]) == (1, 1, 3)
    assert (view["not_asked"], keys(view["missing"])) == (1, ["CORE"])


def test_returns_without_a_rating_say_why(world: World) -> None:
    world.go("2026-11-23", "09:00")
    store_report(world, "CORE", None, not_reported="Exempt under section 26")
    core = next(p for p in shown(world)["missing"] if p["key"] == "CORE")
    assert (core["not_reported"], core["rag"], core["last_day"]) == ("Exempt under section 26", None, None)


def test_the_last_colour_is_told_in_words_with_its_day(world: World) -> None:
    first_week(world)
    world.go("2026-12-04", "16:00")
    beam = next(p for p in shown(world)["missing"] if p["key"] == "BEAM")
    assert (beam["rag"], beam["last_rag"], beam["last_day"], beam["cells"]) == (
        None, "amber", "2026-11-23", ["amber", None],
    )  # fmt: skip


def test_several_portfolios_with_calendars_of_their_own(world: World) -> None:
    world.project("HALL", "ben", portfolio="facilities")
    everything = DigestPolicy("all", "C_ALL", title="Everything")
    world.go("2026-11-23", "09:00")
    world.report("ana", "ATLAS")
    world.go("2026-11-30", "09:00")
    world.report("ana", "ATLAS", "red")
    view = shown(world, everything)
    assert (view["title"], view["period"]["label"]) == ("Everything", "week 49")
    assert (view["total"], view["counts"]["red"]) == (4, {"now": 1, "change": 1})
    assert shown(world, replace(everything, title=""))["title"] == "Example Labs"
    assert shown(world, replace(everything, calendar="monthly"))["period"]["label"] == "November 2026"
    hall = next(p for p in view["missing"] if p["key"] == "HALL")
    assert hall["cells"] == ["", None]


def test_several_calendars_in_their_first_periods_have_no_change(world: World) -> None:
    world.project("HALL", "ben", portfolio="facilities")
    world.go("2026-11-30", "09:00")
    view = shown(world, DigestPolicy("all", "C_ALL"))
    assert {figure["change"] for figure in view["counts"].values()} == {None}


def test_imported_history_alone_makes_a_digest(world: World, tmp_path: Path) -> None:
    with world.store.begin() as uow:
        now = world.clock.now()
        for day, rag in ((date(2025, 3, 31), Rag.GREEN), (date(2026, 3, 31), Rag.RED)):
            period = uow.periods.add(ReportingPeriod(0, "import", day, now, now, now, now))
            project = world.projects["ATLAS"]
            report = uow.reports.add(StatusReport(0, project.id, period.id, 1, None, now, rag))
            uow.board.put([Standing(project.id, period.id, rag, report.id, Rag.GREEN, Rag.GREEN, streak=1)])
    view = shown(world)
    assert (view["period"]["label"], view["unit"]) == ("Tue 31 Mar 2026", "period")
    assert (view["total"], keys(view["worse"]), view["not_asked"]) == (1, ["ATLAS"], 2)


def test_corrections_since_the_last_digest_are_counted(world: World) -> None:
    first_week(world)
    assert shown(world)["corrections"] == 0
    world.report("ana", "ATLAS", "green", "On plan, truly.")
    assert shown(world)["corrections"] == 1


@pytest.mark.parametrize(
    ("calendar", "word", "label", "last"),
    [
        (WEEKLY, "week", "week 48", "2026-11-29"),
        (MONTHLY, "month", "November 2026", "2026-11-30"),
        (FORTNIGHTLY, "period", "Wed 25 Nov 2026", "2026-11-25"),
        (None, "period", "Wed 25 Nov 2026", "2026-11-25"),
    ],
)
def test_a_period_is_called_by_its_calendar(calendar: CalendarPolicy | None, word: str, label: str, last: str) -> None:
    assert unit(calendar) == word
    shown = period_view(None, calendar, date(2026, 11, 25), Catalogues().texts("en-GB"))
    assert (shown["label"], shown["last"]) == (label, last)


def test_december_ends_with_the_year() -> None:
    shown = period_view(None, MONTHLY, date(2026, 12, 28), Catalogues().texts("en-GB"))
    assert (shown["first"], shown["last"]) == ("2026-12-01", "2026-12-31")
