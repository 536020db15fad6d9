"""Risks persist: the form shows the open ones to keep, change or close, and adds new ones."""

from __future__ import annotations

from dataclasses import replace

from reporting.interactions import Form, UpdateForm
from reporting.services import entering
from tests.support.world import World, errors_of, form_of


def risk_values(**changes: str) -> dict[str, str]:
    return {
        "title": "Supplier slips",
        "probability": "3",
        "impact": "4",
        "owner": "Ana",
        "due": "2026-12-05",
        "response": "reduce",
        "mitigation": "Second source",
    } | changes


def add_risk(world: World, form: Form, **values: str) -> Form:
    risk = form_of(world.click("ana", "risk.add", form=world.submission("ana", form)))
    reply = world.submit("ana", risk, **risk_values(**values))
    return next(e.form for e in reply if isinstance(e, UpdateForm))


def test_risks_are_added_kept_changed_and_closed(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    for title in ("Supplier slips", "Magnet warms"):
        form = add_risk(open_week, form, title=title)
    assert "New, score 12: Magnet warms" in repr(form)
    open_week.submit("ana", form, rag="green", summary="Fine.")
    with open_week.store.read() as uow:
        risks = uow.risks.open_of([open_week.projects["ATLAS"].id])
    assert sorted((r.number, r.title, r.score) for r in risks) == [(1, "Supplier slips", 12), (2, "Magnet warms", 12)]

    open_week.go("2026-11-30", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    assert "R1, score 12: Supplier slips, Ana, due Sat 5 Dec" in repr(form)
    first, second = sorted(risks, key=lambda r: r.number)
    with open_week.store.begin() as uow:
        uow.risks.save(replace(second, owner="", due=None))
    assert "R2, score 12: Magnet warms'" in repr(open_week.open_report("ana", "ATLAS"))
    with open_week.store.begin() as uow:
        uow.risks.save(second)
    state = open_week.submission("ana", form)
    form = form_of(open_week.click("ana", "risk.choose", f"close:{first.id}", form=state))
    assert "Will be closed" in repr(form)
    change = form_of(
        open_week.click("ana", "risk.choose", f"change:{second.id}", form=open_week.submission("ana", form))
    )
    assert next(i.value for i in change.items if getattr(i, "id", "") == "title") == "Magnet warms"
    reply = open_week.submit("ana", change, impact="5")
    form = next(e.form for e in reply if isinstance(e, UpdateForm))
    assert "Changed: " in repr(form)
    open_week.submit("ana", form, rag="green", summary="Fine.")
    with open_week.store.read() as uow:
        assert [(r.number, r.score) for r in uow.risks.open_of([open_week.projects["ATLAS"].id])] == [(2, 15)]
        actions = [e.action for e in uow.audit.events() if e.action.startswith("risk.")]
    assert actions == ["risk.added", "risk.added", "risk.closed", "risk.changed"]


def test_a_new_risk_can_be_taken_back_and_a_close_undone(open_week: World) -> None:
    form = add_risk(open_week, open_week.open_report("ana", "ATLAS"))
    row = next(i for i in form.items if "Take back" in repr(i))
    state = open_week.submission("ana", form)
    form = form_of(open_week.click("ana", row.element.action, row.element.value, form=state))
    assert "No open risks." in repr(form)
    open_week.submit("ana", add_risk(open_week, form), rag="green", summary="Fine.")
    open_week.go("2026-11-30", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    with open_week.store.read() as uow:
        risk = uow.risks.open_of([open_week.projects["ATLAS"].id])[0]
    for what, words in (("close", "Will be closed"), ("keep", "R1, score 12")):
        form = form_of(
            open_week.click("ana", "risk.choose", f"{what}:{risk.id}", form=open_week.submission("ana", form))
        )
        assert words in repr(form)
    assert "Will be closed" not in repr(form)
    # What a client makes up is ignored.
    assert open_week.click("ana", "risk.choose", "close:999", form=open_week.submission("ana", form)) == ()
    assert open_week.click("ana", "risk.add") == ()
    assert open_week.click("ana", "risk.choose", "close:1") == ()
    assert open_week.click("ana", "risk.drop", "new1") == ()


def test_what_is_wrong_with_a_risk_stands_at_its_field(open_week: World) -> None:
    form = open_week.open_report("ana", "ATLAS")
    risk = form_of(open_week.click("ana", "risk.add", form=open_week.submission("ana", form)))
    wrong = {"title": " ", "probability": "9", "impact": None, "owner": "", "due": "soon"}
    assert set(errors_of(open_week.submit("ana", risk, **wrong))) == {"title", "probability", "impact", "owner", "due"}


def test_changes_to_risks_that_are_no_longer_open_are_left_out(open_week: World) -> None:
    changes = {entering.RISKS: {"999": {"close": True}, "888": risk_values(), "new1": risk_values()}}
    found = entering.risk_changes(changes, ())
    assert [(c.risk.title, c.close) for c in found] == [("Supplier slips", False)]


def test_a_repeat_does_not_add_a_risk_twice(open_week: World) -> None:
    form = add_risk(open_week, open_week.open_report("ana", "ATLAS"))
    for _ in range(2):
        open_week.submit("ana", form, rag="green", summary="Once.")
    with open_week.store.read() as uow:
        assert len(uow.risks.open_of([open_week.projects["ATLAS"].id])) == 1
