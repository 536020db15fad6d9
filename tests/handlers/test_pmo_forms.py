"""The forms of the register: a project added or changed, somebody away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reporting.interactions import CloseForm, Form, Reply, Say, Submission, UpdateForm, UserRef
from reporting.messages import Message, Note
from reporting.model import Absence, Identity, Method, Project, ProjectState
from tests.handlers.scene import account, fields, filled, opened, scene
from tests.reporting.asking import answer, text
from tests.support.world import World, errors_of, text_of

STRANGER = UserRef(Identity("slack", "T1", "U_NEW"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def send(world: World, name: str, form: Form, /, **typed: Any) -> Reply:
    values = filled(world, form, **typed)
    return world.desk.submit(Submission(form.id, world.identity(name), values, form.context))


def stored(world: World, key: str) -> Project:
    with world.store.read() as uow:
        project = uow.projects.by_key(key)
    assert project is not None
    return project


def absences(world: World, name: str) -> list[Absence]:
    with world.store.read() as uow:
        return uow.people.absences([world.people[name].id], date.min, date.max)


# ---------------------------------------------------------------- projects


def test_a_project_is_added(world: World) -> None:
    form = opened(world.click("anna", "project.add"))
    assert form.title == "Add a project"
    assert form.submit
    assert fields(form)["portfolio"].value == str(world.projects["BEAM"].portfolio_id)
    reply = send(
        world, "anna", form, key="laser", name="Laser lab", lead=account(world, "ben"), deputy=account(world, "emil"),
        method="agile", start="2026-01-01", end="2027-01-01", description="Light.", confidential="yes",
    )  # fmt: skip
    assert reply[0] == CloseForm(all=True)
    assert answer(reply[1:]).summary == "LASER is added."
    project = stored(world, "LASER")
    assert (project.lead_id, project.deputy_id) == (world.people["ben"].id, world.people["emil"].id)
    assert (project.method, project.confidential, project.end) == (Method.AGILE, True, date(2027, 1, 1))


def test_the_key_typed_in_the_command_is_in_the_form(world: World) -> None:
    assert fields(opened(world.command("anna", "project add laser")))["key"].value == "LASER"


def test_with_several_portfolios_none_is_chosen_and_with_none_a_new_one_is_named(world: World, tmp_path: Path) -> None:
    world.project("OPT", "ben", portfolio="optics")
    assert fields(opened(world.click("anna", "project.add")))["portfolio"].value is None
    (tmp_path / "empty").mkdir()
    empty = World(tmp_path / "empty")
    empty.person("anna")
    form = opened(empty.click("anna", "project.add"))
    assert "portfolio" not in fields(form)
    reply = send(empty, "anna", form, key="ONE", name="One")
    assert errors_of(reply) == {"portfolio": "Choose a portfolio, or write a new one below."}
    assert (
        answer(send(empty, "anna", form, key="ONE", name="One", new_portfolio="First")[1:]).summary == "ONE is added."
    )


def test_a_project_is_changed(world: World) -> None:
    form = opened(world.click("anna", "project.edit", str(world.projects["BEAM"].id)))
    assert form.title == "Change BEAM"
    reply = send(world, "anna", form, lead=account(world, "dora"), state="paused", new_portfolio="Optics")
    assert answer(reply[1:]).summary == "BEAM is changed."
    project = stored(world, "BEAM")
    assert (project.lead_id, project.state) == (world.people["dora"].id, ProjectState.PAUSED)
    with world.store.read() as uow:
        made = uow.projects.portfolio_by_key("optics")
    assert made is not None
    assert project.portfolio_id == made.id


def test_a_person_can_be_taken_off(world: World) -> None:
    form = opened(world.click("anna", "project.edit", str(world.projects["ATLAS"].id)))
    send(world, "anna", form, sponsor=None, deputy=None)
    assert (stored(world, "ATLAS").sponsor_id, stored(world, "ATLAS").deputy_id) == (None, None)
    assert stored(world, "ATLAS").lead_id == world.people["ana"].id


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"key": "no good"}, {"key": "Letters, digits and - _ . & / +, at most 40, such as ATLAS."}),
        ({"key": "core"}, {"key": "CORE is Core project already. Choose another key."}),
        ({"name": None}, {"name": "A name of at most 200 characters."}),
        ({"portfolio": None}, {"portfolio": "Choose a portfolio, or write a new one below."}),
        ({"state": None, "method": "x"}, {"state": "Choose one.", "method": "Choose one."}),
        ({"start": "soon"}, {"start": "A day such as 2026-11-27."}),
        ({"end": "2020-01-01", "start": "2021-01-01"}, {"end": "A day after the start, or clear it."}),
        (
            {"lead": STRANGER},
            {"lead": "I have not met this person yet. Ask them to write me a word, then choose them again."},
        ),
    ],
)
def test_every_error_stands_at_its_field(world: World, typed: dict[str, Any], errors: dict[str, str]) -> None:
    form = opened(world.click("anna", "project.edit", str(world.projects["BEAM"].id)))
    assert errors_of(send(world, "anna", form, **typed)) == errors
    assert stored(world, "BEAM") == world.projects["BEAM"]


def test_a_description_of_the_same_length_is_another_one(world: World) -> None:
    with world.store.begin() as uow:
        uow.projects.save(replace(world.projects["BEAM"], description="Old."))
    form = opened(world.click("anna", "project.edit", str(world.projects["BEAM"].id)))
    with world.store.begin() as uow:
        uow.projects.save(replace(stored(world, "BEAM"), description="New."))
    (redrawn,) = send(world, "anna", form, name="Beam two")
    assert isinstance(redrawn, UpdateForm)
    assert stored(world, "BEAM").description == "New."


def test_two_who_change_the_same_project_see_it(world: World) -> None:
    form = opened(world.click("anna", "project.edit", str(world.projects["BEAM"].id)))
    with world.store.begin() as uow:
        portfolio = uow.projects.add_portfolio("optics", "Optics")
        uow.projects.save(
            replace(
                world.projects["BEAM"], lead_id=world.people["ben"].id, sponsor_id=None, state=ProjectState.PAUSED,
                portfolio_id=portfolio.id, description="New.", end=date(2027, 1, 1),
            )
        )  # fmt: skip
    (redrawn,) = send(world, "anna", form, name="Beam two")
    assert isinstance(redrawn, UpdateForm)
    (note,) = [item for item in redrawn.form.items if isinstance(item, Note)]
    said = text(Message("", (note,)))
    assert "It says now: Portfolio: Optics; Lead: Ben; State: Paused; Planned end: Fri 1 Jan 2027; Description." in said
    assert stored(world, "BEAM").name == "Beam project"
    assert answer(send(world, "anna", redrawn.form, name="Beam two")[1:]).summary == "BEAM is changed."
    (redrawn,) = send(world, "anna", form, name="Three")
    with world.store.begin() as uow:
        uow.projects.save(replace(stored(world, "BEAM"), lead_id=None, end=None))
    (redrawn,) = send(world, "anna", redrawn.form if isinstance(redrawn, UpdateForm) else form, name="Three")
    assert isinstance(redrawn, UpdateForm)
    assert "It says now: Lead: –; Planned end: –." in text_of(
        Message("", tuple(i for i in redrawn.form.items if isinstance(i, Note)))
    )


def test_only_the_pmo_sees_or_sends_the_form(world: World) -> None:
    beam = str(world.projects["BEAM"].id)
    assert answer(world.click("ana", "project.edit", beam)).summary == "Only the PMO may do this: Anna."
    assert answer(world.click("ana", "project.add")).summary == "Only the PMO may do this: Anna."
    form = opened(world.click("anna", "project.edit", beam))
    assert errors_of(send(world, "ana", form, name="Mine")) == {"key": "Only the PMO may do this: Anna."}
    assert stored(world, "BEAM").name == "Beam project"


def test_a_project_that_is_gone(world: World) -> None:
    assert answer(world.click("anna", "project.edit", "999")).summary == "There is no such project."
    assert answer(world.click("anna", "project.edit", "x")).summary == "There is no such project."
    form = opened(world.click("anna", "project.edit", str(world.projects["BEAM"].id)))
    gone = replace(form, context=form.context | {"project": 999})
    assert errors_of(send(world, "anna", gone, key="NEW")) == {"key": "This project is not in the register any more."}


# ---------------------------------------------------------------- absences


def test_a_lead_is_away_with_a_deputy(world: World) -> None:
    form = opened(world.click("ben", "absence.open", str(world.people["ben"].id)))
    assert "person" not in fields(form)
    reply = send(world, "ben", form, first="2026-11-24", last="2026-11-30", deputy=account(world, "dora"))
    assert reply[0] == CloseForm(all=True)
    assert answer(reply[1:]).summary == "You are away from Tue 24 Nov to Mon 30 Nov; Dora answers for you."
    (absence,) = absences(world, "ben")
    assert (absence.deputy_id, absence.set_by) == (world.people["dora"].id, world.people["ben"].id)


def test_the_button_of_somebody_else_is_for_the_pmo(world: World) -> None:
    ben = str(world.people["ben"].id)
    assert answer(world.click("ana", "absence.open", ben)).summary == "Only the PMO may do this: Anna."
    form = opened(world.click("anna", "absence.open", ben))
    assert "When is Ben away?" in text_of(Message("", tuple(i for i in form.items if not hasattr(i, "id"))))
    reply = send(world, "anna", form, first="2026-11-24", last="2026-11-24", deputy=account(world, "dora"))
    assert answer(reply[1:]).summary == "Ben is away on Tue 24 Nov; Dora stands in."
    assert absences(world, "ben")[0].set_by == world.people["anna"].id
    assert answer(world.click("anna", "absence.open", "999")).summary == "I have not met this person yet."


def test_the_pmo_chooses_who_is_away(world: World) -> None:
    form = opened(world.click("anna", "absence.open", "anyone"))
    assert errors_of(send(world, "anna", form)) == {"person": "Choose who is away."}
    assert "I have not met" in errors_of(send(world, "anna", form, person=STRANGER))["person"]
    reply = send(world, "anna", form, person=account(world, "ana"), first="2026-11-24", last="2026-11-30")
    assert answer(reply[1:]).summary == "Ana is away from Tue 24 Nov to Mon 30 Nov."
    mine = opened(world.click("ana", "absence.open", "anyone"))
    assert mine.context["person"] == world.people["ana"].id


def test_a_form_made_up_by_a_client_sets_nobody_else_absent(world: World) -> None:
    form = opened(world.click("ana", "absence.open", ""))
    forged = replace(form, context={"person": world.people["ben"].id})
    reply = send(world, "ana", forged, first="2026-11-24", last="2026-11-30")
    assert "Only they themselves or the PMO" in errors_of(reply)["first"]
    assert not absences(world, "ben")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {"first": "Choose a day.", "last": "Choose a day."}),
        ({"first": "2026-11-24"}, {"last": "Choose a day."}),
        ({"first": "2026-11-24", "last": "2026-11-23"}, {"last": "The first day or a later one."}),
        ({"first": "2026-11-24", "last": "2026-11-30", "deputy": "self"}, {"deputy": "Somebody else, or nobody."}),
        (
            {"first": "2026-11-24", "last": "2026-11-30", "deputy": STRANGER},
            {"deputy": "I have not met this person yet. Ask them to write me a word, then choose them again."},
        ),
    ],
)
def test_what_is_wrong_stands_at_its_field(world: World, typed: dict[str, Any], errors: dict[str, str]) -> None:
    typed = {name: account(world, "ben") if value == "self" else value for name, value in typed.items()}
    form = opened(world.click("ben", "absence.open", ""))
    assert errors_of(send(world, "ben", form, **typed)) == errors
    assert not absences(world, "ben")


def test_known_absences_can_be_removed_alone_or_with_a_new_one(world: World) -> None:
    for first, last in (("2026-11-24", "2026-11-25"), ("2026-12-24", "2026-12-31")):
        send(world, "ben", opened(world.click("ben", "absence.open", "")), first=first, last=last)
    form = opened(world.click("ben", "absence.open", ""))
    known = fields(form)["end"]
    assert [option.label for option in known.options] == [
        "Tue 24 Nov to Wed 25 Nov", "Thu 24 Dec to Thu 31 Dec",
    ]  # fmt: skip
    reply = send(world, "ben", form, end=(known.options[0].value,))
    assert answer(reply[1:]).summary == "One of your absences is removed."
    form = opened(world.click("ben", "absence.open", ""))
    both = send(world, "ben", form, end=(known.options[1].value, "x"), first="2027-01-04", last="2027-01-05")
    assert isinstance(both[1], Say)
    assert both[1].message.summary == (
        "One of your absences is removed. You are away from Mon 4 Jan 2027 to Tue 5 Jan 2027."
    )
    assert [a.first for a in absences(world, "ben")] == [date(2027, 1, 4)]


def test_the_pmo_removes_an_absence_of_somebody_else(world: World) -> None:
    send(world, "ben", opened(world.click("ben", "absence.open", "")), first="2026-11-24", last="2026-11-24")
    form = opened(world.click("anna", "absence.open", str(world.people["ben"].id)))
    (option,) = fields(form)["end"].options
    assert option.label == "Tue 24 Nov"
    reply = send(world, "anna", form, end=(option.value,))
    assert answer(reply[1:]).summary == "One absence of Ben is removed."


def test_nothing_is_removed_when_the_rest_is_refused(world: World) -> None:
    send(world, "ben", opened(world.click("ben", "absence.open", "")), first="2026-11-24", last="2026-11-25")
    form = opened(world.click("ben", "absence.open", ""))
    value = fields(form)["end"].options[0].value
    assert errors_of(send(world, "ben", form, end=(value,), first="2026-12-24", last="2026-12-01")) == {
        "last": "The first day or a later one."
    }
    assert len(absences(world, "ben")) == 1
    assert errors_of(send(world, "ben", form)) == {"first": "Choose a day.", "last": "Choose a day."}
