"""Nothing typed is lost and nobody is overwritten unseen: drafts, deputies, long texts, who may see what."""

from __future__ import annotations

from dataclasses import replace

from reporting.interactions import CloseForm, Form, UpdateForm, UserRef
from reporting.model import RequestState
from reporting.services import periods
from tests.support.world import World, errors_of, form_of, text_of


def values(form: Form) -> dict[str, object]:
    return {item.id: item.value for item in form.items if hasattr(item, "id")}


def test_a_draft_that_was_overtaken_comes_back_with_what_the_other_wrote(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    open_week.desk.typing(open_week.submission("ana", form, rag="green", summary="Mine, half typed"))
    open_week.report("emil", "ATLAS", "green", "Theirs.")
    again = open_week.open_report("ana", "ATLAS")
    assert "Emil sent a report for ATLAS at 09:00: green. “Theirs.”" in repr(again)
    assert values(again)["summary"] == "Mine, half typed"
    assert again.context["b"] == 1
    open_week.desk.typing(open_week.submission("ana", again, summary="Mine, typed"))
    with open_week.store.read() as uow:
        draft = uow.drafts.get(open_week.projects["ATLAS"].id, open_week.period_id("ATLAS"), open_week.people["ana"].id)
    assert draft is not None
    assert (draft.base_revision, draft.values["summary"]) == (1, "Mine, typed")


def test_a_conflict_keeps_the_risks_that_were_added(open_week: World) -> None:
    mine = open_week.open_report("ana", "ATLAS")
    risk = form_of(open_week.click("ana", "risk.add", form=open_week.submission("ana", mine)))
    typed = {"title": "Supplier slips", "probability": "3", "impact": "4", "owner": "Ana"}
    reply = open_week.submit("ana", risk, **typed)
    mine = next(e.form for e in reply if isinstance(e, UpdateForm))
    open_week.report("emil", "ATLAS", "green", "Theirs.")
    conflict = form_of(open_week.submit("ana", mine, rag="green", summary="Mine."))
    assert "New, score 12: Supplier slips" in repr(conflict)
    open_week.submit("ana", conflict, rag="green", edit_reason="Newer.")
    with open_week.store.read() as uow:
        assert [r.title for r in uow.risks.open_of([open_week.projects["ATLAS"].id])] == ["Supplier slips"]


def test_a_long_text_gets_more_room_while_it_is_typed(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    assert next(i for i in form.items if getattr(i, "id", "") == "done").max_length == 3000
    longer = form_of(open_week.desk.typing(open_week.submission("ana", form, rag="green", done="x" * 2900)))
    assert next(i for i in longer.items if getattr(i, "id", "") == "done").max_length == 6000
    assert open_week.desk.typing(open_week.submission("ana", longer, rag="green", done="x" * 2950)) == ()
    open_week.submit("ana", longer, rag="green", summary="Long.", done="y" * 4035)
    with open_week.store.read() as uow:
        report = uow.reports.current(open_week.projects["ATLAS"].id, open_week.period_id("ATLAS"))
    assert report is not None
    assert report.done == "y" * 4035


def test_a_passed_promise_is_not_prefilled_with_its_old_date(open_week: World) -> None:
    open_week.report("ana", "ATLAS", "amber", "Late.", path_due="2026-11-25")
    open_week.go("2026-11-30", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    amber = values(form_of(open_week.desk.typing(open_week.submission("ana", form, rag="amber"))))
    assert (amber["path_action"], amber["path_due"]) == ("Second supplier signed", "")


def test_a_project_one_may_not_know_of_does_not_exist(open_week: World) -> None:
    open_week.project("SECRET", "ben", confidential=True)
    open_week.go("2026-11-30", "09:00")
    value = f"{open_week.period_id('SECRET')}:{open_week.projects['SECRET'].id}"
    answer = text_of(open_week.click("dora", "report.open", value))
    assert "Ben" not in answer
    assert "SECRET" not in answer
    message = open_week.message(f"prompt:{open_week.period_id('SECRET')}:{open_week.people['ben'].id}")
    assert "C_LEAD" in text_of(message)  # CORE is told there
    form = open_week.open_report("ben", "SECRET")
    open_week.submit(
        "ben", form, rag="green", summary="Fine.", decision_question="Go on?",
        decision_of=UserRef(open_week.identity("carl")),
    )  # fmt: skip
    with open_week.store.read() as uow:
        report = uow.reports.current(open_week.projects["SECRET"].id, open_week.period_id("SECRET"))
    assert report is not None
    assert "Carl" not in text_of(open_week.click("dora", "decision.open", str(report.id)))


def test_a_lead_of_confidential_projects_alone_is_promised_no_channel(world: World) -> None:
    world.project("SECRET", "dora", confidential=True)
    world.go("2026-11-23", "09:00")
    message = world.message(f"prompt:{world.period_id('SECRET')}:{world.people['dora'].id}")
    assert "They go to" not in text_of(message)


def test_a_project_that_becomes_confidential_leaves_the_digest_that_is_out(open_week: World) -> None:
    open_week.report("ben", "CORE", "red", "Stopped.")
    open_week.go("2026-11-27", "16:00")
    before = open_week.projects["CORE"]
    after = replace(before, confidential=True)
    with open_week.store.begin() as uow:
        uow.projects.save(after)
        periods.project_changed(open_week.services, uow, before, after, open_week.clock.now())
    open_week.refresh_digests()
    newest = [d for d in open_week.deliveries("digest:leadership:2026-11-23") if d.updates]
    assert newest
    assert all("CORE" not in text_of(open_week.message(d.key)) for d in newest)


def test_a_decision_is_told_once_and_not_overruled_unseen(open_week: World) -> None:
    form = open_week.open_report("ben", "CORE")
    carl = UserRef(open_week.identity("carl"))
    open_week.submit("ben", form, rag="green", summary="Fine.", decision_question="Go on?", decision_of=carl)
    with open_week.store.read() as uow:
        report = uow.reports.current(open_week.projects["CORE"].id, open_week.period_id("CORE"))
    assert report is not None
    decide = form_of(open_week.click("carl", "decision.open", str(report.id)))
    for _ in range(2):
        assert open_week.submit("carl", decide, outcome="decided", words="Yes.") == (CloseForm(all=True),)
    assert len(open_week.deliveries(f"decision:{report.id}:")) == 1
    errors = errors_of(open_week.submit("anna", decide, outcome="deferred", words="No."))
    assert "Carl decided this on Mon 23 Nov 09:00: “Yes.”" in errors["words"]
    open_week.submit("carl", decide, outcome="decided", words="Yes, from Monday.")
    assert len(open_week.deliveries(f"decision:{report.id}:")) == 2


def test_a_late_red_on_monday_still_raises_its_alert(open_week: World) -> None:
    first = open_week.period_id("CORE")
    open_week.go("2026-11-30", "09:00")
    assert open_week.period_id("CORE") != first
    form = form_of(open_week.click("ben", "report.open", f"{first}:{open_week.projects['CORE'].id}"))
    red = form_of(open_week.desk.typing(open_week.submission("ben", form, rag="red")))
    open_week.submit(
        "ben", red, rag="red", summary="Stopped.", reason="Pump.", path_action="New pump", path_owner="Ben",
        path_due="2026-12-20",
    )  # fmt: skip
    with open_week.store.read() as uow:
        assert [a.rule for a in uow.escalations.open_of(open_week.projects["CORE"].id)] == ["turned_red"]
        request = uow.requests.of(first, open_week.projects["CORE"].id)
    assert request is not None
    assert request.state is RequestState.LATE


def test_snoozing_what_is_not_owed_promises_nothing(open_week: World) -> None:
    answer = open_week.click("dora", "request.snooze", f"{open_week.period_id('CORE')}:4")
    assert "You owe no report here any more." in text_of(answer)


def test_the_shortcut_opens_what_is_owed(open_week: World) -> None:
    assert form_of(open_week.click("ben", "report.open")).id == "report"
    assert "2 reports are open." in text_of(open_week.click("ana", "report.open"))
    assert "You owe no report at present." in text_of(open_week.click("dora", "report.open"))
