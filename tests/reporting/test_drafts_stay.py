"""What is typed and not sent is kept, is in nobody's way, and makes no draft of what was sent already."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.interactions import CloseForm, Form, UpdateForm
from reporting.model import Draft
from tests.support.policy import make_policy
from tests.support.world import World, errors_of, form_of, text_of


def draft(world: World, key: str, who: str = "ana") -> Draft | None:
    with world.store.read() as uow:
        return uow.drafts.get(world.projects[key].id, world.period_id(key), world.people[who].id)


def second_week(world: World) -> None:
    """ATLAS and BEAM were reported; a week later they are asked for again."""
    for key in ("ATLAS", "BEAM"):
        world.report("ana", key, "green", "All fine.")
    world.go("2026-11-30", "09:00")


def unchanged(world: World) -> Form:
    return form_of(world.click("ana", "report.unchanged", str(world.period_id("ATLAS"))))


# ---------------------------------------------------------------- nothing changed


def test_a_draft_is_not_overwritten_by_nothing_changed(open_week: World) -> None:
    second_week(open_week)
    open_week.desk.typing(open_week.submission("ana", open_week.open_report("ana", "BEAM"), summary="Half typed"))
    form = unchanged(open_week)
    assert "BEAM needs the form: your draft waits in it" in repr(form)
    atlas = f"p_{open_week.projects['ATLAS'].id}"
    assert [item.id for item in form.items if hasattr(item, "id")] == [atlas]
    assert open_week.submit("ana", form, **{atlas: "green"}) == (CloseForm(all=True),)
    kept = draft(open_week, "BEAM")
    assert kept is not None
    assert kept.values["summary"] == "Half typed"


def test_a_draft_begun_while_the_colours_are_confirmed_is_kept_and_named(open_week: World) -> None:
    second_week(open_week)
    form = unchanged(open_week)
    open_week.desk.typing(open_week.submission("ana", open_week.open_report("ana", "BEAM"), summary="Half typed"))
    reply = open_week.submit("ana", form, **{f"p_{open_week.projects[key].id}": "green" for key in ("ATLAS", "BEAM")})
    assert reply[0] == CloseForm(all=True)
    assert "Not sent: BEAM. Something changed since you were asked" in text_of(reply)
    assert draft(open_week, "BEAM") is not None
    with open_week.store.read() as uow:
        assert uow.reports.current(open_week.projects["BEAM"].id, open_week.period_id("BEAM")) is None


def test_a_deputys_draft_is_not_in_the_leads_way(open_week: World) -> None:
    second_week(open_week)
    open_week.desk.typing(open_week.submission("emil", open_week.open_report("emil", "ATLAS"), summary="Half typed"))
    assert "your draft" not in repr(unchanged(open_week))


# ---------------------------------------------------------------- after sending


def test_a_key_heard_after_sending_makes_no_draft(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    late = open_week.submission("ana", form, rag="green", summary="All is we")
    open_week.submit("ana", form, rag="green", summary="All is well.")
    assert open_week.desk.typing(late) == ()
    assert draft(open_week, "ATLAS") is None
    again = open_week.open_report("ana", "ATLAS")
    assert "sent a report for ATLAS" not in repr(again)
    # The correction is kept while it is typed, until it is sent too.
    open_week.desk.typing(open_week.submission("ana", again, summary="All is wel"))
    assert draft(open_week, "ATLAS") is not None
    open_week.submit("ana", again, summary="All is well, really.", edit_reason="Typo.")
    open_week.desk.typing(open_week.submission("ana", again, summary="All is well, really"))
    assert draft(open_week, "ATLAS") is None


# ---------------------------------------------------------------- whose day it is


@pytest.fixture
def far(tmp_path: Path) -> World:
    """A lead in Los Angeles, where it is Tuesday 16:00 while it is Wednesday in Berlin."""
    world = World(tmp_path, make_policy())
    world.person("lea", tz="America/Los_Angeles")
    world.project("WEST", "lea")
    world.start()
    world.go("2026-11-23", "09:00")
    world.clock.set(world.at("2026-11-24", "16:00", "America/Los_Angeles"))
    return world


def test_today_in_a_form_is_the_readers_day(far: World) -> None:
    assert far.report("lea", "WEST", "amber", path_due="2026-11-24") == (CloseForm(all=True),)
    form = far.open_report("lea", "WEST")
    errors = errors_of(far.submit("lea", form, path_due="2026-11-23", edit_reason="x"))
    assert errors == {"path_due": "A date from today on."}


def test_a_promise_of_today_is_still_open_for_the_reader(far: World) -> None:
    far.report("lea", "WEST", "amber", path_due="2026-12-01")
    far.go("2026-11-30", "09:00")
    far.clock.set(far.at("2026-11-30", "20:00", "America/Los_Angeles"))
    # In Berlin it is 1 December by now.
    assert "Promised for" not in repr(far.open_report("lea", "WEST"))
    form = form_of(far.click("lea", "report.unchanged", str(far.period_id("WEST"))))
    far.submit("lea", form, **{f"p_{far.projects['WEST'].id}": "amber"})
    with far.store.read() as uow:
        assert uow.reports.current(far.projects["WEST"].id, far.period_id("WEST")) is not None


def test_an_absence_may_begin_on_the_readers_day(far: World) -> None:
    form = form_of(far.click("lea", "absence.open", str(far.people["lea"].id)))
    assert errors_of(far.submit("lea", form, first="2026-11-20", last="2026-11-24")) == {}


# ---------------------------------------------------------------- a risk


TYPED = {"title": "Supplier slips", "probability": "3"}


def risk_form(world: World, report: Form) -> Form:
    return form_of(world.click("ana", "risk.add", form=world.submission("ana", report)))


def field(form: Form, name: str) -> object:
    [found] = [item.value for item in form.items if getattr(item, "id", "") == name]
    return found


def test_a_new_risk_that_was_closed_by_mistake_comes_back(open_week: World) -> None:
    report = open_week.open_report("ana", "ATLAS")
    first = risk_form(open_week, report)
    [beneath] = open_week.desk.typing(open_week.submission("ana", first, **TYPED))
    assert isinstance(beneath, UpdateForm)
    assert beneath.parent
    assert "The risk you began is not finished" in repr(beneath.form)
    assert open_week.desk.typing(open_week.submission("ana", first, **TYPED, owner="A")) == ()
    again = risk_form(open_week, open_week.open_report("ana", "ATLAS"))
    assert again.context["r"] == first.context["r"]
    assert (field(again, "title"), field(again, "probability")) == ("Supplier slips", "3")
    assert "What you typed before is still here" in repr(again)
    reply = open_week.submit("ana", again, impact="4", owner="Ana")
    assert "New, score 12: Supplier slips" in repr(reply)
    report = next(e.form for e in reply if isinstance(e, UpdateForm))
    fresh = risk_form(open_week, report)
    assert field(fresh, "title") == ""
    assert fresh.context["r"] != first.context["r"]
    assert "What you typed" not in repr(fresh)
    # A key heard after the risk was kept begins it no second time.
    assert open_week.desk.typing(open_week.submission("ana", again, **TYPED)) == ()
    assert "not finished" not in repr(open_week.open_report("ana", "ATLAS"))


def test_a_risk_whose_text_is_cleared_again_is_not_begun(open_week: World) -> None:
    form = risk_form(open_week, open_week.open_report("ana", "ATLAS"))
    assert open_week.desk.typing(open_week.submission("ana", form)) == ()
    assert "not finished" in repr(open_week.desk.typing(open_week.submission("ana", form, title="x")))
    assert "not finished" not in repr(open_week.desk.typing(open_week.submission("ana", form)))
    assert "not finished" not in repr(open_week.open_report("ana", "ATLAS"))


def test_a_half_typed_risk_is_not_reported_with_its_report(open_week: World) -> None:
    report = open_week.open_report("ana", "ATLAS")
    open_week.desk.typing(open_week.submission("ana", risk_form(open_week, report), **TYPED))
    # What is typed in the report beneath keeps it, and so does a risk finished beside it.
    open_week.desk.typing(open_week.submission("ana", report, rag="green", summary="Fine"))
    assert field(risk_form(open_week, report), "title") == "Supplier slips"
    assert open_week.submit("ana", report, rag="green", summary="Fine.") == (CloseForm(all=True),)
    with open_week.store.read() as uow:
        assert uow.risks.open_of([open_week.projects["ATLAS"].id]) == []


def test_a_change_of_a_risk_that_was_closed_by_mistake_comes_back(open_week: World) -> None:
    report = open_week.open_report("ana", "ATLAS")
    reply = open_week.submit("ana", risk_form(open_week, report), **TYPED, impact="4", owner="Ana")
    report = next(e.form for e in reply if isinstance(e, UpdateForm))
    open_week.submit("ana", report, rag="green", summary="Fine.")
    report = open_week.open_report("ana", "ATLAS")
    with open_week.store.read() as uow:
        [risk] = uow.risks.open_of([open_week.projects["ATLAS"].id])

    def change() -> Form:
        form = open_week.submission("ana", report)
        return form_of(open_week.click("ana", "risk.choose", f"change:{risk.id}", form=form))

    open_week.desk.typing(open_week.submission("ana", change(), mitigation="Ask a second one"))
    assert field(change(), "mitigation") == "Ask a second one"
    assert "What you typed before is still here" in repr(change())
    # Keeping the risk as it was forgets it.
    open_week.click("ana", "risk.choose", f"keep:{risk.id}", form=open_week.submission("ana", report))
    assert field(change(), "mitigation") == ""


def test_a_key_heard_in_a_risk_after_its_report_was_sent_makes_no_draft(open_week: World) -> None:
    report = open_week.open_report("ana", "ATLAS")
    late = open_week.submission("ana", risk_form(open_week, report), **TYPED)
    open_week.submit("ana", report, rag="green", summary="Fine.")
    assert open_week.desk.typing(late) == ()
    assert draft(open_week, "ATLAS") is None
