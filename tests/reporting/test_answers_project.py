"""One project and its history; finding it by key, name, or in spite of a typing error."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from reporting.model import Absence, DecisionAsk, Method, PathToGreen, ProjectState, Rag
from reporting.services import answers_parts
from tests.reporting.asking import answer, ask, buttons, column, press, returns, risk, table, text
from tests.support.world import World


@pytest.fixture
def week(world: World) -> World:
    world.project("DELTA", "dora", confidential=True)
    world.go("2026-11-23", "09:00")
    returns(world, "BEAM", "GGA")
    return world


def amend(world: World, key: str, /, **changes: object) -> None:
    """Change a project as stored."""
    with world.store.begin() as uow:
        world.projects[key] = replace(world.projects[key], **changes)  # type: ignore[arg-type]
        uow.projects.save(world.projects[key])


def revise(world: World, key: str, /, **changes: object) -> None:
    """A further revision of the newest report."""
    with world.store.begin() as uow:
        standing = uow.board.get(world.projects[key].id)
        assert standing is not None
        report = uow.reports.current(world.projects[key].id, standing.period_id)
        assert report is not None
        stored = uow.reports.add(replace(report, revision=report.revision + 1, **changes))  # type: ignore[arg-type]
        uow.board.put([replace(standing, report_id=stored.id)])


def test_everything_that_matters_of_one_project(week: World) -> None:
    amend(week, "BEAM", deputy_id=week.people["emil"].id, sponsor_id=week.people["carl"].id, end=date(2027, 3, 31))
    revise(
        week, "BEAM", source="form", reason="Supplier is late.",
        path=PathToGreen("Second supplier", "Ana", date(2026, 12, 4)),
        dimensions={"cost": Rag.RED, "gone": Rag.GREEN}, override="Cost is covered.", percent=40,
        decision=DecisionAsk("Take +40 k?", week.people["carl"].id, date(2026, 12, 2)),
        forecast_end=date(2027, 4, 30), author_id=week.people["ana"].id, late=True, done="A lot.",
    )  # fmt: skip
    message = ask(week, "ben", "beam")
    shown = text(message)
    assert message.summary == "BEAM: amber for one week (was green)."
    assert "Lead Ana, deputy Emil, sponsor Carl, portfolio Imaging, planned end Wed 31 Mar 2027." in shown
    assert "Why: Supplier is late." in shown
    assert "Path to green: Second supplier, Ana, by Fri 4 Dec." in shown
    assert "R Cost    G gone    " in shown
    assert "Worse than overall because: Cost is covered." in shown
    assert "Decision asked for: Take +40 k? Of Carl, by Wed 2 Dec." in shown
    assert "Forecast end Fri 30 Apr 2027. 40 % complete." in shown
    assert "Reported Mon 23 Nov 09:00 by Ana, revision 2, late." in shown
    assert "Trend: G G A  week 46 to week 48" in shown
    assert [b.label for b in buttons(message)] == ["History", "More"]
    assert [b.label for b in buttons(ask(week, "ana", "beam"))] == ["Edit", "History", "More"]
    assert [b.label for b in buttons(ask(week, "anna", "beam"))] == [
        "Decide", "Edit", "History", "More", "Change project"
    ]  # fmt: skip


def test_dimensions_need_no_explanation_and_a_few_risks_no_button(week: World) -> None:
    risk(week, "BEAM", "Rain", 1, 2)
    revise(week, "BEAM", dimensions={"cost": Rag.GREEN})
    message = ask(week, "ben", "beam")
    assert "G Cost" in text(message)
    assert "Worse than overall" not in text(message)
    assert "One risk is open" in text(message)
    assert [b.label for b in buttons(message)] == ["History", "Revisions"]


def test_a_decision_may_be_of_nobody_and_without_a_day(week: World) -> None:
    revise(week, "BEAM", decision=DecisionAsk("Go on?", None, None))
    assert "Decision asked for: Go on?\n" in text(ask(week, "ben", "beam"))
    revise(week, "BEAM", decision=DecisionAsk("Whether to go on", None, None))
    assert "Decision asked for: Whether to go on.\n" in text(ask(week, "ben", "beam"))


def test_not_reported_shows_the_last_report_as_the_last_one(week: World) -> None:
    returns(week, "CORE", "AG-", reason="It was late.")
    revise_shown = text(ask(week, "ana", "core"))
    assert ask(week, "ana", "core").summary == "CORE: not reported. Last: green, week 47."
    assert "The last report, week 47:" in revise_shown
    week.go("2026-12-01", "10:00")
    assert ask(week, "ana", "core").summary == "CORE: not reported for one week. Last: green, week 47."
    assert ask(week, "ana", "atlas").summary == "ATLAS: not reported for one week."


def test_a_return_without_a_rating_says_why(week: World) -> None:
    returns(week, "CORE", "G", newest=date(2026, 11, 16))
    with week.store.begin() as uow:
        report = uow.reports.history(week.projects["CORE"].id, 5)[-1][1]
        assert report is not None
        uow.reports.add(replace(report, revision=2, rag=None, not_reported="Exempt.", summary=""))
    assert "Not rated: Exempt." in text(ask(week, "ana", "core"))


def test_a_project_before_its_first_period(week: World) -> None:
    week.project("FRESH", None, state=ProjectState.PAUSED)
    message = ask(week, "ana", "fresh")
    assert message.summary == "FRESH: no report yet."
    assert "Paused. no report yet." in text(message)
    assert "Lead –, portfolio Imaging." in text(message)
    amend(week, "FRESH", state=ProjectState.CLOSED)
    assert "Closed. " in text(ask(week, "ana", "fresh"))


def test_who_is_away_and_who_stands_in(week: World) -> None:
    today = week.clock.now().date()
    with week.store.begin() as uow:
        absence = Absence(0, week.people["ana"].id, today, date(2026, 11, 30), week.people["dora"].id)
        uow.people.add_absence(absence)
    assert "Lead Ana (away until Mon 30 Nov), deputy Dora, portfolio" in text(ask(week, "ben", "beam"))
    assert "Lead Ana (away until Mon 30 Nov), deputy Dora, sponsor Carl" in text(ask(week, "ben", "atlas"))


def test_the_worst_risks_and_a_way_to_the_others(week: World) -> None:
    for number in range(6):
        risk(week, "BEAM", f"Risk {number}", 3, 3)
    message = ask(week, "ben", "beam")
    assert "6 risks are open" in text(message)
    assert "Risk 5" not in text(message)
    assert ask(week, "ben", "risks BEAM") == answer(press(week, "ben", message, "One more risk"))


def test_long_text_is_never_cut_silently(week: World) -> None:
    revise(week, "BEAM", summary="A sentence of it. " * 100)
    message = ask(week, "ben", "beam")
    assert "A sentence of it. …" in text(message)
    more = next(b for b in buttons(message) if b.label == "More")
    assert more.action == "text.more"
    revise(week, "BEAM", summary="Short.")
    assert "More" not in [b.label for b in buttons(ask(week, "ben", "beam"))]


@pytest.mark.parametrize(
    ("typed", "limit", "shown", "cut"),
    [
        ("Short.", 10, "Short.", False),
        ("One two. Three four five six.", 20, "One two. …", True),
        ("One. Two three four five six seven", 20, "One. Two three four …", True),
        ("Line one\nline two is long", 12, "Line one …", True),
        ("x" * 50, 20, "xxxxxx …", True),
    ],
)
def test_where_long_text_is_cut(typed: str, limit: int, shown: str, cut: bool) -> None:
    assert answers_parts.short(typed, limit) == (shown, cut)


def test_custom_fields_of_the_form_are_shown(week: World) -> None:
    amend(week, "BEAM", method=Method.AGILE)
    revise(week, "BEAM", custom={"velocity": 12, "phase": "", "hidden": "x"})
    shown = text(ask(week, "ben", "beam"))
    assert "Velocity: 12." in shown
    assert "hidden" not in shown


def test_own_fields_are_never_cut_silently(week: World) -> None:
    amend(week, "BEAM", method=Method.AGILE)
    for custom, more in (({"remark": "Long. " * 200}, True), ({"remark": "Short."}, False), ({"gone": "x"}, True)):
        revise(week, "BEAM", custom=custom)
        assert ("More" in [b.label for b in buttons(ask(week, "ben", "beam"))]) is more


def test_what_became_of_a_promise_is_shown(week: World) -> None:
    assert "Last promise" not in text(ask(week, "ben", "beam"))
    for answer_, word in (("kept", "kept"), ("missed", "missed"), ("moved", "moved")):
        revise(week, "BEAM", promise_kept=answer_)
        assert f"Last promise: {word}." in text(ask(week, "ben", "beam"))
        assert column(ask(week, "ben", "history beam"), "Promise")[:2] == [word, "–"]


def test_a_promise_that_nothing_was_said_of_is_shown_as_such(world: World) -> None:
    world.go("2026-11-23", "09:00")
    world.report("ben", "CORE", "amber", path_due="2026-11-27")
    world.go("2026-11-30", "09:00")
    world.report("ben", "CORE", "amber")
    assert "Last promise: not said." in text(ask(world, "ben", "core"))
    assert column(ask(world, "ben", "history core"), "Promise") == ["not said", "–"]


def test_an_old_report_shows_its_year(week: World) -> None:
    week.project("MONTH", "ben", portfolio="facilities")
    returns(week, "MONTH", "AA", newest=date(2025, 12, 29), weeks=5)
    with week.store.begin() as uow:
        report = uow.reports.history(week.projects["MONTH"].id, 1)[0][1]
        assert report is not None
        uow.reports.add(replace(report, revision=2, at=week.clock.now() - timedelta(days=330)))
        standing = uow.board.get(week.projects["MONTH"].id)
        assert standing is not None
        current = uow.reports.current(report.project_id, report.period_id)
        assert current is not None
        uow.board.put([replace(standing, report_id=current.id)])
    message = ask(week, "ana", "month")
    assert message.summary == "MONTH: amber for 2 months."
    assert "November 2025 to December 2025" in text(message)
    assert "Imported Sun 28 Dec 2025, revision 2." in text(message)
    returns(week, "CORE", "G", newest=date(2025, 11, 24))
    assert column(ask(week, "ana", "history core"), "Period")[-1] == "week 48, 2025"


# ---------------------------------------------------------------- finding it


def test_by_part_of_the_name_and_a_choice_of_several(week: World) -> None:
    assert ask(week, "ana", "beam proj").summary.startswith("BEAM:")
    assert ask(week, "ana", "Beam project").summary.startswith("BEAM:")
    message = ask(week, "ana", "project")
    assert message.summary == "3 projects fit “project”."
    assert "DELTA" not in text(message)
    assert "4 projects fit" in ask(week, "anna", "history project").summary
    assert [b.value for b in buttons(ask(week, "ana", "history project"))] == [
        "history ATLAS", "history BEAM", "history CORE",
    ]  # fmt: skip
    for number in range(9):
        week.project(f"P{number}", None)
    assert "2 more; write more of the name." in text(ask(week, "ana", "project"))


def test_the_exact_name_among_several(week: World) -> None:
    amend(week, "ATLAS", name="Beam")
    amend(week, "CORE", name="Beam dump")
    assert ask(week, "ana", "history Beam").summary.startswith("BEAM")
    amend(week, "BEAM", key="BM", name="Beamer")
    assert ask(week, "ana", "Beam").summary.startswith("ATLAS")


def test_a_typing_error_gets_the_nearest_project_or_command(week: World) -> None:
    message = ask(week, "ana", "BAEM")
    assert message.summary == "No project BAEM. Did you mean BEAM?"
    assert answer(press(week, "ana", message, "BEAM")).summary.startswith("BEAM:")
    assert buttons(ask(week, "ana", "history BAEM"))[0].value == "history BEAM"
    assert ask(week, "ana", "mising lead:ben").summary == "No project mising. Did you mean missing lead:ben?"
    assert ask(week, "ana", "histroy BEAM").summary == "No project histroy BEAM. Did you mean history BEAM?"
    assert ask(week, "ana", "remnd nobody").summary == "No project remnd nobody."
    assert ask(week, "ana", "zzzzz").summary == "No project zzzzz."


def test_a_confidential_project_does_not_exist_for_who_may_not_see_it(week: World) -> None:
    for question in ("DELTA", "delta pro", "DELTB", "history DELTA", "risks DELTA", "Delta project"):
        assert "No project" in ask(week, "ana", question).summary
        assert "DELTA?" not in ask(week, "ana", question).summary
    assert ask(week, "dora", "DELTA").summary == "DELTA: not reported."
    assert "Confidential." in text(ask(week, "carl", "DELTA"))
    assert "Did you mean DELTA?" in ask(week, "dora", "DELTB").summary
    assert "Did you mean DELTA?" in ask(week, "carl", "DELTB").summary


@pytest.mark.parametrize(
    ("typed", "meant"), [("rde", "red"), ("absense @ben", "absence Ben"), ("absense ben", "absence ben"), ("qz", "")]
)
def test_a_short_or_a_doing_command_with_a_slip_is_recognised(week: World, typed: str, meant: str) -> None:
    found = [b.value for b in buttons(ask(week, "anna", typed))]
    assert [value.casefold() for value in found] == [meant.casefold() or "help"]


def test_a_mistyped_person_gets_the_nearest(week: World) -> None:
    message = ask(week, "anna", "red lead:@aan")
    assert message.summary == "Nobody here is called aan. Did you mean Ana?"
    assert [b.value for b in buttons(message)] == ["red lead:Ana"]
    message = ask(week, "anna", "absence @bne")
    assert message.summary == "Nobody here is called bne. Did you mean Ben?"
    assert [b.value for b in buttons(message)] == ["absence Ben"]
    assert ask(week, "anna", "lead:xyzzy").summary == "Nobody here is called xyzzy."


# ---------------------------------------------------------------- history


def test_history_has_each_period_with_author_and_revision(week: World) -> None:
    revise(week, "BEAM", author_id=week.people["ana"].id, late=True, summary="", reason="Why not.")
    message = ask(week, "ben", "history beam")
    assert message.summary == "BEAM, Mon 9 Nov to Mon 23 Nov"
    assert column(message, "Period") == ["week 48", "week 47", "week 46"]
    assert column(message, "Status") == ["A", "G", "G"]
    assert column(message, "Headline") == ["Why not.", "BEAM G.", "BEAM G."]
    assert column(message, "Revisions") == ["2, late", "1", "1"]
    assert column(message, "By") == ["Ana", "–", "–"]
    assert [b.action for b in buttons(message)] == ["text.more"] * 3
    assert "Read also shows the earlier revisions" in text(message)
    atlas = ask(week, "ben", "history atlas")
    assert (atlas.summary, column(atlas, "Headline")) == ("ATLAS, Mon 23 Nov", ["not reported"])
    assert "earlier revisions" not in text(atlas)
    assert len(table(ask(week, "ben", "history beam since:2w")).rows) == 2


def test_history_has_pages(week: World) -> None:
    returns(week, "CORE", "G" * 20)
    message = ask(week, "ben", "history core")
    assert len(table(message).rows) == 15
    older = answer(press(week, "ben", message, "Older"))
    assert len(table(older).rows) == 5
    assert answer(press(week, "ben", older, "Newer")) == message
    assert ask(week, "ben", "history core page:3").summary == "CORE: there is no older period."


def test_history_of_what_has_none_and_of_nothing(week: World) -> None:
    week.project("FRESH", None)
    assert ask(week, "ana", "history fresh").summary == "FRESH: nothing is reported."
    message = ask(week, "ana", "history")
    assert message.summary == "Of which project? /rag history KEY"
    assert [b.label for b in buttons(message)] == ["ATLAS", "BEAM"]
    assert not buttons(ask(week, "anna", "history"))


def test_an_imported_report_without_a_time_of_its_own_says_when_it_was_imported(week: World) -> None:
    assert "Imported Mon 23 Nov." in text(ask(week, "anna", "beam"))
    returns(week, "CORE", "A", author_email="ben@labs.example")
    assert "Imported Mon 23 Nov, written by Ben." in text(ask(week, "anna", "core"))


def test_an_imported_report_with_a_time_of_its_own_says_when_it_was_reported(week: World) -> None:
    week.project("GATE", "ben")
    returns(week, "GATE", "A", newest=date(2026, 11, 16), at=week.at("2026-11-20", "08:30"))
    assert "Reported Fri 20 Nov 08:30." in text(ask(week, "anna", "gate"))
