"""Lists: overview, colours, movements, filters, pages; and what is said when there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporting.model import Absence, ProjectState
from tests.reporting.asking import answer, ask, buttons, column, keys, press, returns, risk, table, text
from tests.support.world import World


@pytest.fixture
def week(world: World) -> World:
    """Week 48 is open; ATLAS recovered, BEAM got worse, CORE has not reported, DELTA is confidential and red."""
    world.project("DELTA", "dora", portfolio="optics", sponsor="carl", confidential=True)
    world.go("2026-11-23", "09:00")
    returns(world, "ATLAS", "AAG")
    returns(world, "BEAM", "GAR", path_action="Second supplier", path_owner="Ana", path_due=world.clock.now().date())
    returns(world, "CORE", "GG-")
    returns(world, "DELTA", "RR")
    return world


def test_the_overview_is_worst_first_with_counts_and_change(week: World) -> None:
    message = ask(week, "ben", "")
    assert message.summary == "One project is red, one more than last time; 2 of 3 reported."
    assert keys(message) == ["BEAM", "CORE", "ATLAS"]
    assert "R 1 (+1)    A 0 (−2)    G 1 (=)    – not reported 1 (+1)" in text(message)
    assert column(message, "Trend") == ["G\u00a0A\u00a0R", "G\u00a0G\u00a0–", "A\u00a0A\u00a0G"]
    assert column(message, "For") == ["one week", "–", "one week"]
    assert column(message, "Next date") == ["path Mon 23 Nov", "–", "–"]
    assert column(message, "Reported") == ["week 48", "week 47", "week 48"]


def test_who_may_sees_confidential_projects_and_others_learn_nothing(week: World) -> None:
    assert "DELTA" in keys(ask(week, "anna", ""))
    assert "DELTA" in keys(ask(week, "carl", "red"))
    assert "DELTA" in keys(ask(week, "dora", "red"))
    assert "DELTA" not in text(ask(week, "ana", "red"))
    assert ask(week, "ana", "portfolio:optics").summary == "No portfolio optics. There are: imaging."
    assert ask(week, "ana", "portfolio:opticks").summary == "No portfolio opticks. There are: imaging."
    assert ask(week, "dora", "portfolio:opticks").summary == "No portfolio opticks. Did you mean optics?"
    assert ask(week, "anna", "portfolio:opticks").summary == "No portfolio opticks. Did you mean optics?"


def test_colours_and_movements(week: World) -> None:
    assert keys(ask(week, "anna", "red")) == ["DELTA", "BEAM"]
    assert keys(ask(week, "ana", "red green")) == ["BEAM", "ATLAS"]
    assert ask(week, "ana", "red green").summary == "2 projects are red or green."
    assert keys(ask(week, "ana", "worse")) == ["BEAM"]
    assert keys(ask(week, "ana", "better")) == ["ATLAS"]
    assert ask(week, "ana", "better green").summary == "One project is green, better than before."


def test_filters_are_named_in_the_answer(week: World) -> None:
    message = ask(week, "anna", "lead:ana risk:<5 since:1w portfolio:imaging red state:active")
    assert message.summary == ("One project is red (portfolio:imaging, lead:Ana, since:1w, risk:<5, state:active).")
    assert ask(week, "ana", "red mine").summary == "One project is red (yours)."
    assert keys(ask(week, "ben", "green lead:@U_ANA")) == ["ATLAS"]
    assert ask(week, "ben", "missing lead:me").summary == "One project has not reported."


def test_since_is_how_long_a_colour_has_stood(week: World) -> None:
    assert keys(ask(week, "anna", "red since:2w")) == ["DELTA"]
    assert ask(week, "anna", "red since:5w").summary.startswith("Nothing is red (since:5w).")
    assert keys(ask(week, "anna", "red portfolio:optics since:2026-11-16")) == ["DELTA"]
    assert keys(ask(week, "anna", "red since:2026-11-24")) == ["DELTA", "BEAM"]


def test_in_a_young_register_nothing_has_been_red_for_long(world: World) -> None:
    world.go("2026-11-23", "10:00")
    world.report("ana", "BEAM", "red")
    assert keys(ask(world, "ana", "red")) == ["BEAM"]
    for since in ("4w", "2w", "2026-01-01", "9999w"):
        assert ask(world, "ana", f"red since:{since}").summary.startswith(f"Nothing is red (since:{since}).")
    world.go("2026-11-30", "10:00")
    world.report("ana", "BEAM", "red")
    assert keys(ask(world, "ana", "red since:2w")) == ["BEAM"]
    assert ask(world, "ana", "red since:3w").summary.startswith("Nothing is red")


def test_since_with_a_calendar_that_has_no_period_yet_counts_weeks(week: World) -> None:
    week.project("LAB", "ben", portfolio="facilities")
    assert keys(ask(week, "anna", "red portfolio:imaging portfolio:optics since:2w")) == ["DELTA"]
    assert "Nothing is red" in ask(week, "anna", "red portfolio:facilities since:2w").summary


def test_worse_since_a_day_is_against_the_colour_of_that_day(week: World) -> None:
    risk(week, "BEAM", "Supplier fails", 4, 4)
    returns(week, "BEAM", "GGAARR")
    asked = "portfolio:imaging lead:@ana since:4w risk:>=12 worse"
    message = ask(week, "anna", asked)
    assert keys(message) == ["BEAM"]
    assert message.summary == (
        "One project is worse than on Tue 27 Oct (portfolio:imaging, lead:Ana, since:4w, risk:>=12)."
    )
    assert keys(ask(week, "anna", "red worse since:4w")) == ["BEAM"]
    assert ask(week, "anna", asked.replace("4w", "1w")).summary.startswith("Nothing is worse than on Tue 17 Nov (")
    assert keys(ask(week, "anna", "better since:2w")) == ["ATLAS"]
    assert ask(week, "anna", "better since:4w").summary.startswith("Nothing is better than on Tue 27 Oct")


def test_worse_since_counts_the_last_colour_before_a_gap_and_nothing_for_who_has_none(week: World) -> None:
    returns(week, "CORE", "G-R")
    assert keys(ask(week, "anna", "worse since:2026-11-16")) == ["BEAM", "CORE"]
    assert ask(week, "anna", "worse since:2026-11-08").summary.startswith("Nothing is worse than on Sun 8 Nov")


def test_overview_since_is_what_was_reported_since(week: World) -> None:
    assert keys(ask(week, "ana", "since:2026-11-23")) == ["BEAM", "ATLAS"]


def test_nothing_is_an_answer_with_the_next_best(week: World) -> None:
    message = ask(week, "ana", "amber")
    assert message.summary == "Nothing is amber. One is red."
    assert keys(answer(press(week, "ana", message, "One is red"))) == ["BEAM"]
    returns(week, "BEAM", "A", edit_reason="x")
    assert ask(week, "ana", "red").summary == "Nothing is red. One is amber."
    returns(week, "BEAM", "G")
    assert ask(week, "ana", "red amber").summary == "Nothing is red or amber. One is not reported."
    returns(week, "CORE", "G")
    message = ask(week, "ana", "red amber missing")
    assert message.summary == "Nothing is red, amber or not reported."
    assert not buttons(message)


def test_all_is_reported(week: World) -> None:
    returns(week, "CORE", "G")
    assert ask(week, "ana", "missing").summary == "Everything is reported."
    assert ask(week, "ana", "missing lead:ana").summary == "Everything is reported (lead:Ana)."


def test_missing_says_whose_it_is_and_who_stands_in(week: World) -> None:
    week.project("EAST", "ben", deputy="emil")
    week.project("FAR", None)
    today = week.clock.now().date()
    with week.store.begin() as uow:
        uow.people.add_absence(Absence(0, week.people["ben"].id, today, today, None))
    message = ask(week, "ana", "missing")
    assert keys(message) == ["CORE", "EAST", "FAR"]
    assert column(message, "Lead") == [
        "Ben (away until Mon 23 Nov)",
        "Ben (away until Mon 23 Nov, deputy Emil)",
        "–",
    ]
    assert column(message, "Last") == ["G", "–", "–"]
    assert column(message, "Prompt") == ["asked, no answer yet", "not asked", "nobody to ask"]
    assert column(message, "For") == ["not yet due"] * 3


def test_missing_counts_periods_and_tells_who_cannot_be_reached(week: World) -> None:
    week.go("2026-12-01", "10:00")
    with week.store.begin() as uow:
        uow.people.save(replace(week.people["ana"], unreachable="Ana left the workspace"))
    message = ask(week, "carl", "missing portfolio:imaging")
    assert dict(zip(keys(message), column(message, "For"), strict=True))["CORE"] == "one week"
    assert "not delivered" in column(message, "Prompt")


def test_pages(week: World) -> None:
    for number in range(30):
        week.project(f"P{number:02}", "emil", portfolio="many")
    message = ask(week, "ana", "portfolio:many")
    assert len(table(message).rows) == 15
    assert "1 to 15 of 30." in text(message)
    reply = press(week, "ana", message, "Next page")
    assert reply[0].replace  # type: ignore[union-attr]
    assert keys(answer(reply)) == [f"P{number}" for number in range(15, 30)]
    assert [b.label for b in buttons(answer(reply))] == ["Previous page"]
    assert "There is no page 4: the list has 2 pages." in text(ask(week, "ana", "portfolio:many page:4"))
    assert "There is no page 9: the list has one page." in text(ask(week, "ana", "red page:9"))
    assert "There is no page 9: the list has 3 pages." in text(ask(week, "ana", "missing page:9"))


def test_paused_and_closed_are_said_to_be_left_out(week: World) -> None:
    assert "left out" not in text(ask(week, "ana", ""))
    week.project("OLD", "ben", state=ProjectState.CLOSED)
    assert "OLD" not in text(ask(week, "ana", ""))
    assert "1 paused or closed project is left out: state:all shows it." in text(ask(week, "ana", ""))
    week.project("REST", "ben", state=ProjectState.PAUSED)
    week.project("SECRET", "ben", state=ProjectState.PAUSED, confidential=True)
    assert "2 paused or closed projects are left out: state:all shows them." in text(ask(week, "ana", ""))
    assert "left out" not in text(ask(week, "ana", "lead:ana"))
    message = ask(week, "ana", "state:all")
    assert "OLD" in keys(message)
    assert "left out" not in text(message)


def test_takeaways(week: World) -> None:
    assert ask(week, "ana", "portfolio:imaging green").summary == ("One project is green (portfolio:imaging).")
    assert ask(week, "ben", "lead:ben").summary.startswith("lead:Ben: Nothing is reported yet: 0 of 1")
    returns(week, "BEAM", "A")
    assert ask(week, "ben", "").summary == "None is red, one is amber; 2 of 3 reported."
    returns(week, "BEAM", "G")
    assert ask(week, "ben", "").summary == "All that reported are green; 2 of 3 reported."
    for key in ("X1", "X2"):
        week.project(key, "ben")
    assert ask(week, "ben", "").summary == "Only 2 of 5 reported. All that reported are green."


def test_fewer_reds_and_a_first_period(week: World) -> None:
    returns(week, "ATLAS", "RA")
    returns(week, "BEAM", "RR")
    assert ask(week, "ben", "").summary.startswith("One project is red, one fewer than last time")
    week.project("NEW", "ben", portfolio="new")
    returns(week, "NEW", "R")
    assert ask(week, "ben", "portfolio:new").summary == "portfolio:new: One project is red; 1 of 1 reported."
    assert "R 1    A 0" in text(ask(week, "ben", "portfolio:new"))


def test_mine_has_a_button_for_each(week: World) -> None:
    week.project("CALM", "ana", state=ProjectState.PAUSED)
    week.project("YAWN", "ana")
    message = ask(week, "ana", "mine")
    assert message.summary == "4 projects are yours; nothing is owed."
    assert [(b.label, b.action) for b in buttons(message)] == [
        ("Edit", "report.open"), ("Open", "project.open"), ("Open", "project.open"), ("Edit", "report.open"),
    ]  # fmt: skip
    assert "CALM  Calm project  paused" in text(message)
    message = ask(week, "ben", "mine")
    assert message.summary == "One project is yours; one report is owed."
    assert [b.label for b in buttons(message)] == ["Report"]
    assert "due Fri 27 Nov 12:00" in text(message)
    message = ask(week, "carl", "mine")
    assert [b.label for b in buttons(message)] == ["Open", "Open"]
    assert message.summary.startswith("You have a part in 2 projects; ")
    assert text(message).count("(you are sponsor)") == 2
    message = ask(week, "emil", "mine")
    assert message.summary.startswith("You have a part in one project; ")
    assert text(message).count("(you are deputy)") == 1
    assert ask(week, "anna", "mine").summary == "No project is yours: you are lead, deputy or sponsor of none."
    assert ask(week, "ben", "mine state:closed").summary == "None of your projects fits."


def test_risks_highest_first_with_filters(week: World) -> None:
    risk(week, "BEAM", "Supplier fails", 4, 4, owner="Ana", due=week.clock.now().date())
    risk(week, "ATLAS", "Leak", 2, 2)
    risk(week, "DELTA", "Spy", 5, 5)
    message = ask(week, "ana", "risks")
    assert keys(message) == ["BEAM", "ATLAS"]
    assert message.summary == "2 risks are open, highest score first."
    assert column(message, "Score") == ["16 (4×4)", "4 (2×2)"]
    assert column(message, "Owner") == ["Ana", "–"]
    assert column(message, "Response") == ["reduce", "reduce"]
    assert keys(ask(week, "anna", "risks")) == ["DELTA", "BEAM", "ATLAS"]
    assert keys(ask(week, "ana", "risks risk:>=12")) == ["BEAM"]
    assert keys(ask(week, "ana", "risks since:1d")) == ["BEAM", "ATLAS"]
    assert ask(week, "ana", "risks since:2026-11-24").summary == "No risk is open (since:2026-11-24)."
    assert ask(week, "ben", "risks lead:ben").summary == "No risk is open (lead:Ben)."
    assert ask(week, "ben", "risks mine").summary == "No risk is open (yours)."


def test_risks_have_pages(week: World) -> None:
    for number in range(20):
        risk(week, "BEAM", f"Risk {number}", 3, 3)
    message = ask(week, "ana", "risks")
    assert "1 to 15 of 20." in text(message)
    assert len(table(answer(press(week, "ana", message, "Next page"))).rows) == 5
    assert "There is no page 3" in text(ask(week, "ana", "risks page:3"))


def test_risks_of_one_project_in_full(week: World) -> None:
    risk(week, "BEAM", "Supplier fails", 4, 4, mitigation="Second source.")
    risk(week, "BEAM", "Rain", 1, 2)
    message = ask(week, "ana", "risks beam")
    assert message.summary == "BEAM: 2 risks are open."
    assert "R1, score 16: Supplier fails. Response: reduce. Second source." in text(message)
    assert "Rain" not in text(ask(week, "ana", "risks beam risk:>2"))
    assert ask(week, "ana", "risks beam since:2026-11-24").summary == "BEAM: no risk is open."
    assert ask(week, "ana", "risks atlas").summary == "ATLAS: no risk is open."


def test_what_is_overdue_was_due(world: World) -> None:
    world.go("2026-11-27", "11:30")
    assert "CORE  Core project  due Fri 27 Nov 12:00" in text(ask(world, "ben", "mine"))
    world.go("2026-11-27", "12:30")
    assert "CORE  Core project  was due Fri 27 Nov 12:00" in text(ask(world, "ben", "mine"))
