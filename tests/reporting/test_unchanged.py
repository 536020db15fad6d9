"""Nothing changed: every colour is confirmed, nothing is sent blindly."""

from __future__ import annotations

from reporting.interactions import CloseForm
from reporting.model import Rag, RequestState, Standing, StatusReport
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


def test_nothing_changed_sends_only_what_is_confirmed(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "green", "All fine.")
    open_week.report("ana", "BEAM", "amber", "Late.", path_due="2026-12-11")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.unchanged", str(open_week.period_id("ATLAS"))))
    atlas, beam = (f"p_{open_week.projects[key].id}" for key in ("ATLAS", "BEAM"))
    assert atlas in errors_of(open_week.submit("ana", form))
    open_week.submit("ana", form, **{atlas: "green", beam: "skip"})
    report = current(open_week, "ATLAS")
    assert (report.source, report.summary, report.rag) == ("unchanged", "All fine.", Rag.GREEN)
    assert standing(open_week, "ATLAS").streak == 2
    with open_week.store.read() as uow:
        assert uow.reports.current(open_week.projects["BEAM"].id, open_week.period_id("BEAM")) is None


def test_nothing_changed_refuses_what_must_be_looked_at(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "amber", "Late.", path_due="2026-11-29")
    open_week.report("ben", "CORE", "green", "Fine.", forecast_end="2026-11-28")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.unchanged", str(open_week.period_id("ATLAS"))))
    assert form.submit == ""
    assert "the promised date has come" in repr(form)
    assert "there is no earlier report" in repr(form)
    core = form_of(open_week.click("ben", "report.unchanged", str(open_week.period_id("CORE"))))
    assert "the forecast end has passed" in repr(core)


def test_nothing_changed_with_nothing_open_says_so(open_week: World) -> None:
    open_week.report("ben", "CORE")
    reply = open_week.click("ben", "report.unchanged", str(open_week.period_id("CORE")))
    assert "Nothing is open here any more." in text_of(reply)
    assert "out of date" in text_of(open_week.click("ben", "report.unchanged", "x"))


def test_a_colour_confirmed_that_is_no_longer_the_last_one_is_not_sent(open_week: World) -> None:
    open_week.report("ben", "CORE", "green")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ben", "report.unchanged", str(open_week.period_id("CORE"))))
    open_week.submit("ben", form, **{f"p_{open_week.projects['CORE'].id}": "red"})
    with open_week.store.read() as uow:
        request = uow.requests.of(open_week.period_id("CORE"), open_week.projects["CORE"].id)
    assert request is not None
    assert request.state is RequestState.PENDING


def test_nothing_changed_in_a_period_that_closed_meanwhile_sends_nothing(open_week: World) -> None:
    open_week.report("ben", "CORE", "green")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ben", "report.unchanged", str(open_week.period_id("CORE"))))
    period_id = open_week.period_id("CORE")
    open_week.clock.set(open_week.at("2026-12-12", "09:00"))
    open_week.submit("ben", form, **{f"p_{open_week.projects['CORE'].id}": "green"})
    with open_week.store.read() as uow:
        assert uow.reports.current(open_week.projects["CORE"].id, period_id) is None


def test_confirmed_once_more_after_a_lost_answer_it_stands_once_and_is_not_called_unsent(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "green", "All fine.")
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.unchanged", str(open_week.period_id("ATLAS"))))
    confirmed = {f"p_{open_week.projects['ATLAS'].id}": "green"}
    first = open_week.submit("ana", form, **confirmed)
    assert open_week.submit("ana", form, **confirmed) == first == (CloseForm(all=True),)
    assert current(open_week, "ATLAS").revision == 1
    # Corrected meanwhile, it is not what was confirmed any more.
    open_week.report("ana", "ATLAS", "red", "The pump broke.")
    assert "Not sent: ATLAS" in text_of(open_week.submit("ana", form, **confirmed))
