"""Recording a report: checked, once, with everything that follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from reporting.interactions import ChoiceField, CloseForm, TextField, UpdateForm, UserRef
from reporting.model import Method, Rag, Standing, StatusReport
from reporting.services import reports
from reporting.services.access import Gone
from tests.support.world import World, errors_of, form_of, text_of


def current(world: World, key: str) -> StatusReport:
    with world.store.read() as uow:
        report = uow.reports.current(world.projects[key].id, world.period_id(key))
    assert report is not None
    return report


def standing(world: World, key: str) -> Standing:
    with world.store.read() as uow:
        found = uow.board.get(world.projects[key].id)
    assert found is not None
    return found


def test_a_green_report_takes_a_colour_and_a_headline(open_week: World) -> None:
    reply = open_week.report("ana", "ATLAS", "green", "Detector passed its cold test.")
    assert reply == (CloseForm(all=True),)
    report = current(open_week, "ATLAS")
    assert (report.rag, report.summary, report.revision, report.late) == (
        Rag.GREEN,
        "Detector passed its cold test.",
        1,
        False,
    )
    assert standing(open_week, "ATLAS").rag is Rag.GREEN


def test_what_is_missing_stands_at_its_field(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    errors = errors_of(open_week.submit("ana", form))
    assert set(errors) == {"rag", "summary"}
    assert errors["rag"] == "Choose green, amber or red."


def test_amber_makes_the_path_to_green_appear_and_keeps_what_was_typed(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    assert not any(getattr(i, "id", "") == "path_action" for i in form.items)
    redrawn = form_of(open_week.desk.typing(open_week.submission("ana", form, rag="amber", summary="Typed already.")))
    values = {i.id: i.value for i in redrawn.items if hasattr(i, "id")}
    assert values["summary"] == "Typed already."
    assert {"reason", "path_action", "path_owner", "path_due"} <= values.keys()
    errors = errors_of(open_week.submit("ana", redrawn, rag="amber", path_due="2026-11-01"))
    assert set(errors) == {"reason", "path_action", "path_owner", "path_due"}
    assert errors["path_due"] == "A date from today on."


def test_a_lost_redraw_does_not_lose_the_words(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    reply = open_week.submit("ana", form, rag="red", summary="Stopped.")
    redrawn = form_of(reply)
    assert isinstance(reply[0], UpdateForm)
    assert "Nothing is sent yet; everything you typed is here." in repr(redrawn)
    assert next(i.value for i in redrawn.items if getattr(i, "id", "") == "summary") == "Stopped."


def test_what_a_colour_asks_for_more_is_the_next_step_and_no_error(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    amber = form_of(open_week.submit("ana", form, rag="amber", summary="Late."))
    assert (
        "One more step: One sentence: why is it not green? What brings it back to green? Who does it? By which day? "
        "Please answer below, then send again."
    ) in repr(amber.items[0])
    assert "Please complete" not in repr(amber)
    # Something that stood in the form is wrong too, so it is a refusal.
    wrong = form_of(open_week.submit("ana", form, rag="amber", summary="Late.", percent="120"))
    assert "Not sent yet; everything you typed is here. Please complete: " in repr(wrong.items[0])


def test_the_colours_say_beforehand_what_they_ask_for(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    overall = next(item for item in form.items if isinstance(item, ChoiceField) and item.id == "rag")
    assert overall.further == "Amber and red ask for more: why, and a path to green."


def test_going_back_to_green_hides_the_path_but_the_draft_keeps_it(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    amber = form_of(open_week.desk.typing(open_week.submission("ana", form, rag="amber")))
    green = form_of(open_week.desk.typing(open_week.submission("ana", amber, rag="green", path_action="Call them")))
    again = form_of(open_week.desk.typing(open_week.submission("ana", green, rag="amber")))
    assert next(i.value for i in again.items if getattr(i, "id", "") == "path_action") == "Call them"
    assert open_week.desk.typing(open_week.submission("ana", again, rag="amber")) == ()


def test_a_worse_dimension_asks_why_and_keeps_the_answer(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    redrawn = form_of(open_week.desk.typing(open_week.submission("ana", form, rag="green", dim_cost="red")))
    errors = errors_of(open_week.submit("ana", redrawn, rag="green", dim_cost="red", summary="Fine."))
    assert "Cost is worse than the overall colour." in errors["override"]
    open_week.submit(
        "ana", redrawn, rag="green", dim_cost="red", dim_scope="green", summary="Fine.", override="Reserve covers it."
    )
    report = current(open_week, "ATLAS")
    assert report.override == "Reserve covers it."
    assert report.dimensions == {"cost": Rag.RED, "scope": Rag.GREEN}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"percent": "120"}, "percent"),
        ({"percent": "4.5"}, "percent"),
        ({"forecast_end": "soon"}, "forecast_end"),
        ({"decision_by": "2026-12-01"}, "decision_question"),
        ({"decision_question": "Buy?"}, "decision_of"),
        ({"summary": "x" * 301}, "summary"),
    ],
)
def test_wrong_values_are_named(open_week: World, values: dict[str, str], field: str) -> None:
    form = open_week.open_report("ana", "ATLAS")
    assert field in errors_of(open_week.submit("ana", form, rag="green", **({"summary": "Fine."} | values)))


def test_all_optional_parts_are_stored(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    open_week.submit(
        "ana",
        form,
        rag="green",
        summary="Fine.",
        done="Cold test",
        next="Warm test",
        missed="Paint",
        forecast_end="2027-03-01",
        percent="40",
        decision_question="Second shift?",
        decision_of=UserRef(open_week.identity("carl")),
        decision_by="2026-12-02",
    )
    report = current(open_week, "ATLAS")
    assert (report.done, report.next, report.missed, report.percent) == ("Cold test", "Warm test", "Paint", 40)
    assert report.forecast_end == date(2027, 3, 1)
    assert report.decision is not None
    assert report.decision.of_id == open_week.people["carl"].id


def test_an_unknown_account_as_decider_is_refused(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    stranger = UserRef(replace(open_week.identity("carl"), user_id="U_NOBODY"))
    errors = errors_of(
        open_week.submit("ana", form, rag="green", summary="Fine.", decision_question="Buy?", decision_of=stranger)
    )
    assert "decision_of" in errors


def test_custom_fields_are_checked_and_stored(world: World) -> None:
    world.project("AGI", "ana", method=Method.AGILE)
    world.go("2026-11-23", "09:00")
    form = world.open_report("ana", "AGI")
    wrong = {"custom_velocity": "fast", "custom_demo_on": "x", "custom_phase": "Gamma"}
    errors = errors_of(world.submit("ana", form, rag="green", summary="Fine.", **wrong))
    assert set(errors) == {"custom_velocity", "custom_demo_on", "custom_phase"}
    assert "custom_phase" in errors_of(world.submit("ana", form, rag="green", summary="Fine."))
    assert "custom_velocity" in errors_of(
        world.submit("ana", form, rag="green", summary="Fine.", custom_phase="Beta", custom_velocity="inf")
    )
    world.submit(
        "ana", form, rag="green", summary="Fine.", custom_phase="Beta", custom_velocity="21.5",
        custom_demo_on="2026-12-01", custom_owner=UserRef(world.identity("ben")), custom_remark="None",
    )  # fmt: skip
    assert current(world, "AGI").custom == {
        "velocity": 21.5,
        "phase": "Beta",
        "demo_on": "2026-12-01",
        "owner": world.people["ben"].id,
        "remark": "None",
    }
    world.submit("ana", world.open_report("ana", "AGI"), edit_reason="Slower", rag="green", custom_velocity="20")
    assert current(world, "AGI").custom["velocity"] == 20


def test_a_double_submit_gives_one_revision(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    for _ in range(3):
        assert open_week.submit("ana", form, rag="green", summary="Once.") == (CloseForm(all=True),)
    with open_week.store.read() as uow:
        assert len(uow.reports.revisions(open_week.projects["ATLAS"].id, open_week.period_id("ATLAS"))) == 1
        assert len([e for e in uow.audit.events() if e.action == "report.recorded"]) == 1


def test_two_people_at_once_the_second_sees_what_the_first_wrote(open_week: World) -> None:
    mine, theirs = open_week.open_report("ana", "ATLAS"), open_week.open_report("emil", "ATLAS")
    open_week.submit("ana", mine, rag="green", summary="All fine.")
    reply = open_week.submit("emil", theirs, rag="green", summary="Nearly fine.")
    form = form_of(reply)
    assert "Ana sent a report for ATLAS at 09:00: green. “All fine.”" in repr(form)
    assert next(i.value for i in form.items if getattr(i, "id", "") == "summary") == "Nearly fine."
    assert current(open_week, "ATLAS").summary == "All fine."
    open_week.submit("emil", form, rag="green", edit_reason="Not yet accepted.")
    assert (current(open_week, "ATLAS").summary, current(open_week, "ATLAS").revision) == ("Nearly fine.", 2)


def test_an_edit_is_a_new_revision_with_author_time_and_reason(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "green", "All fine.")
    form = open_week.open_report("ana", "ATLAS")
    assert next(i.value for i in form.items if getattr(i, "id", "") == "rag") == "green"
    assert set(errors_of(open_week.submit("ana", form, summary="Quite fine."))) == {"edit_reason"}
    open_week.submit("ana", open_week.open_report("ana", "ATLAS"), summary="Quite fine.", edit_reason="Too bold.")
    report = current(open_week, "ATLAS")
    assert (report.revision, report.edit_reason, report.summary) == (2, "Too bold.", "Quite fine.")
    period, ana = open_week.period_id("ATLAS"), open_week.people["ana"].id
    assert "revision 2" in text_of(open_week.message(f"prompt:{period}:{ana}"))


def test_a_correction_of_a_timely_report_is_not_late(open_week: World) -> None:
    open_week.report("ana", "ATLAS")
    open_week.go("2026-11-28", "10:00")
    open_week.report("ana", "ATLAS", "green", "Better said.")
    assert not current(open_week, "ATLAS").late


def test_the_draft_comes_back_as_it_was_typed(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    open_week.desk.typing(open_week.submission("ana", form, rag="green", summary="Half a sen"))
    again = open_week.open_report("ana", "ATLAS")
    assert next(i.value for i in again.items if getattr(i, "id", "") == "summary") == "Half a sen"
    assert "Your draft of Mon 23 Nov 09:00" in repr(again)
    open_week.submit("ana", again, rag="green", summary="A whole sentence.")
    with open_week.store.read() as uow:
        ana = open_week.people["ana"].id
        assert uow.drafts.get(open_week.projects["ATLAS"].id, open_week.period_id("ATLAS"), ana) is None


def test_last_period_fills_the_next_form_but_the_colour_is_asked_anew(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "amber", "Late parts.", next="Chase the supplier")
    open_week.go("2026-11-30", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    values = {i.id: i.value for i in form.items if hasattr(i, "id")}
    assert values["summary"] == "Late parts."
    assert values["rag"] is None
    assert values["done"] == ""
    done = next(i for i in form.items if getattr(i, "id", "") == "done")
    assert isinstance(done, TextField)
    assert "Chase the supplier" in done.hint


def test_a_promise_that_came_due_is_asked_after(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "amber", "Late parts.", path_due="2026-11-27")
    open_week.go("2026-11-30", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    assert any(getattr(i, "id", "") == "promise" for i in form.items)
    open_week.report("ana", "ATLAS", "green", "Parts are in.", promise="kept")
    assert current(open_week, "ATLAS").promise_kept == "kept"


def test_a_closed_period_takes_no_report_and_says_so(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    value = f"{open_week.period_id('ATLAS')}:{open_week.projects['ATLAS'].id}"
    open_week.go("2026-12-04", "12:00")
    errors = errors_of(open_week.submit("ana", form, rag="green", summary="Too late."))
    assert "This period closed on" in errors["rag"]
    assert "This period closed on" in text_of(open_week.click("ana", "report.open", value))


def test_who_does_not_answer_for_a_project_is_told_who_does(open_week: World) -> None:
    value = f"{open_week.period_id('ATLAS')}:{open_week.projects['ATLAS'].id}"
    assert "Ana reports for ATLAS." in text_of(open_week.click("ben", "report.open", value))
    form = open_week.open_report("ana", "ATLAS")
    assert "Ana reports for ATLAS." in str(errors_of(open_week.submit("ben", form, rag="green", summary="Mine.")))


def test_a_project_without_lead_names_the_pmo(world: World) -> None:
    world.project("NOBODY", None)
    world.go("2026-11-23", "09:00")
    value = f"{world.period_id('NOBODY')}:{world.projects['NOBODY'].id}"
    assert "the PMO can name one" in text_of(world.click("ben", "report.open", value))


def test_what_is_gone_is_said_plainly(open_week: World) -> None:
    assert "out of date" in text_of(open_week.click("ana", "report.open", "999:999"))
    assert "out of date" in text_of(open_week.click("ana", "report.open", "nonsense"))


def test_a_report_without_a_request_is_taken(open_week: World) -> None:
    """The PMO may report for a project that was paused when the period opened."""
    with open_week.store.begin() as uow:
        portfolio = uow.projects.portfolio_by_key("imaging")
        assert portfolio is not None
    project = open_week.project("DELTA", "ana")
    period_id = open_week.period_id("ATLAS")
    reply = open_week.click("anna", "report.open", f"{period_id}:{project.id}")
    form = form_of(reply)
    assert open_week.submit("anna", form, rag="green", summary="Running.") == (CloseForm(all=True),)
    assert standing(open_week, "DELTA").rag is Rag.GREEN


def test_an_answer_to_an_older_period_than_the_newest_folds_the_history(open_week: World) -> None:
    first = open_week.period_id("ATLAS")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.open", f"{first}:{open_week.projects['ATLAS'].id}"))
    open_week.submit("ana", form, rag="green", summary="Late but true.")
    now = standing(open_week, "ATLAS")
    assert (now.rag, now.last_rag, now.previous) == (None, Rag.GREEN, Rag.GREEN)
    assert open_week.period_id("ATLAS") != first
    # A report on the newer one does not become the start of the older one's edit.
    open_week.report("ana", "ATLAS", "green", "Newer.")
    form = form_of(open_week.click("ana", "report.open", f"{first}:{open_week.projects['ATLAS'].id}"))
    assert next(i.value for i in form.items if getattr(i, "id", "") == "summary") == "Late but true."


def test_recording_for_what_does_not_exist_is_a_lookup_error(open_week: World) -> None:
    report = StatusReport(0, 999, 999, 0, None, open_week.clock.now(), Rag.GREEN)
    with pytest.raises(Gone):
        reports.record(open_week.services, open_week.people["ana"], reports.Entry(report, 0), open_week.clock.now())


def test_an_edit_shows_the_decision_asked(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    open_week.submit(
        "ana",
        form,
        rag="green",
        summary="Fine.",
        decision_question="Second shift?",
        decision_of=UserRef(open_week.identity("carl")),
    )
    values = {i.id: i.value for i in open_week.open_report("ana", "ATLAS").items if hasattr(i, "id")}
    assert (values["decision_question"], values["decision_of"]) == ("Second shift?", open_week.people["carl"].id)


def test_each_portfolio_and_method_has_its_form() -> None:
    from reporting.policy import FormPolicy
    from tests.support.policy import DEFINITIONS, make_policy

    own = FormPolicy("own", DEFINITIONS, (), portfolios=("facilities",))
    policy = make_policy(forms=(own, *make_policy().forms))
    assert policy.form_for("facilities", Method.AGILE).name == "own"
    assert policy.form_for("imaging", Method.AGILE).name == "agile"
    assert policy.form_for("imaging", Method.WATERFALL).name == "default"
    assert make_policy(forms=(own,)).form_for("imaging", Method.HYBRID).name == "own"
