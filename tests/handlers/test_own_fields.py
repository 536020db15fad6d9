"""Fields of the policy's own, of all five kinds, from the form to everything that shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reporting.grammar import parse
from reporting.interactions import UserRef
from reporting.messages import Mention
from reporting.messages_json import from_json
from reporting.model import Method, Person, Rag
from reporting.query import Query
from reporting.services import answers, export, people
from reporting.services.importing import Row
from reporting.services.importing_reports import import_reports
from tests.reporting.asking import ask, text
from tests.support.policy import AGILE, FORM, make_policy
from tests.support.world import World, form_of, text_of

SHOWN = replace(AGILE, custom=tuple(replace(field, digest=True) for field in AGILE.custom))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An agile project has reported, with all its own fields filled in."""
    world = World(tmp_path, make_policy(forms=(SHOWN, FORM)))
    for name in ("ana", "ben", "anna"):
        world.person(name)
    world.project("AGI", "ana", method=Method.AGILE)
    world.start()
    world.go("2026-11-23", "09:00")
    fields = {"custom_velocity": "21.5", "custom_phase": "Beta", "custom_demo_on": "2026-12-01",
              "custom_owner": UserRef(world.identity("ben")), "custom_remark": "None at all"}  # fmt: skip
    world.report("ana", "AGI", "amber", **fields)
    return world


def mention(world: World) -> Mention:
    return Mention(world.people["ben"].id, "Ben")


def test_a_person_is_kept_as_a_person(world: World) -> None:
    with world.store.read() as uow:
        report = uow.reports.current(world.projects["AGI"].id, world.period_id("AGI"))
    assert report is not None
    assert report.custom["owner"] == world.people["ben"].id
    (field,) = [item for item in world.open_report("ana", "AGI").items if getattr(item, "id", "") == "custom_owner"]
    assert field.value == world.people["ben"].id  # type: ignore[union-attr]


@pytest.mark.parametrize("words", ["21.5", "Beta", "1 Dec 2026", "Ben", "None at all"])
def test_all_kinds_show_in_the_digests_thread(world: World, words: str) -> None:
    world.go("2026-11-27", "16:00")
    contents = [d.content for d in world.deliveries("digest:") if d.content is not None and ":detail:" in d.key]
    thread = "\n".join(text_of(from_json(content)) for content in contents)
    assert words in thread
    assert repr(mention(world)) in thread


@pytest.mark.parametrize("words", ["Velocity: 21.5", "Phase: Beta", "Demo on: Tue 1 Dec 2026", "Remark: None at all"])
def test_all_kinds_show_with_the_project(world: World, words: str) -> None:
    answer = ask(world, "anna", "AGI")
    assert words in text(answer)
    assert "Product owner: Ben" in text(answer)
    assert repr(mention(world)) in text_of(answer)


def test_the_whole_text_names_fields_by_their_labels(world: World) -> None:
    with world.store.read() as uow:
        report = uow.reports.current(world.projects["AGI"].id, world.period_id("AGI"))
    assert report is not None
    shown = repr(form_of(world.click("anna", "text.more", str(report.id))).items)
    for words in ("Velocity", "21.5", "Phase", "Beta", "Demo on", "Tue 1 Dec 2026", "Product owner", "None at all"):
        assert words in shown
    assert repr(mention(world)) in shown
    assert "demo_on" not in shown


def history(world: World) -> dict[str, object]:
    query = parse("export history")
    assert isinstance(query, Query)
    with world.store.read() as uow:
        reader = people.reader(uow, world.services, world.identity("anna"))
        done = export.export(answers.ask_of(world.services, uow, reader, query, world.clock.now()))
    rows = [dict(zip(done.sheets[1].columns, row, strict=True)) for row in done.sheets[1].rows]
    # The newest period comes first, and of its revisions the newest last.
    return [row for row in rows if row["period"] == rows[0]["period"]][-1]


def test_an_export_names_people_and_can_be_imported_again(world: World) -> None:
    row = history(world)
    assert row["custom.owner"] == "Ben <ben@labs.example>"
    assert (row["custom.velocity"], row["custom.phase"], row["custom.demo_on"]) == (21.5, "Beta", "2026-12-01")
    values = {
        "project": "AGI",
        "period": date(2026, 11, 23),
        "rag": Rag(str(row["rag"])),
        "custom.owner": row["custom.owner"],
    }
    done = import_reports(world.services, [Row(2, values)], source="again")
    assert (done.unchanged, done.faults) == (1, ())


@pytest.mark.parametrize("named", ["Ben", "ben@labs.example", "BEN@labs.example", "B. <ben@labs.example>"])
def test_an_import_finds_the_person(world: World, named: str) -> None:
    values = {"project": "AGI", "period": date(2026, 11, 16), "rag": Rag.GREEN, "custom.owner": named}
    assert import_reports(world.services, [Row(2, values)], source="older").stored
    with world.store.read() as uow:
        (report,) = [r for _, r in uow.reports.history(world.projects["AGI"].id, 9, None) if r and r.source == "import"]
    assert report.custom == {"owner": world.people["ben"].id}


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("Zoe", "nobody is called Zoe; import the register first"),
        ("zoe@labs.example", "nobody has the address zoe@labs.example; import the register first"),
        ("Ana", "2 people are called Ana; give the mail address"),
    ],
)
def test_an_import_that_names_nobody_is_a_fault(world: World, named: str, why: str) -> None:
    with world.store.begin() as uow:
        uow.people.add(Person(0, "Ana"))
    values = {"project": "AGI", "period": date(2026, 11, 16), "rag": Rag.GREEN, "custom.owner": named}
    done = import_reports(world.services, [Row(2, values)], source="older")
    assert [str(fault) for fault in done.faults] == [f"line 2, custom.owner: {why}"]


def test_a_field_that_was_of_another_kind_is_shown_as_it_was_written(world: World) -> None:
    values = {"project": "AGI", "period": date(2026, 11, 23), "rag": Rag.AMBER, "custom.velocity": "fast",
              "custom.demo_on": "soon"}  # fmt: skip
    assert import_reports(world.services, [Row(2, values)], source="odd").stored
    answer = text(ask(world, "anna", "AGI"))
    assert "Velocity: fast" in answer
    assert "Demo on: soon" in answer
    world.go("2026-11-27", "16:00")
    assert "fast" in text_of(from_json(world.deliveries("digest:leadership:2026-11-23:detail:")[0].content or {}))


def test_somebody_who_is_nowhere_is_a_dash(world: World) -> None:
    values = {"project": "AGI", "period": date(2026, 11, 23), "rag": Rag.GREEN}
    assert import_reports(world.services, [Row(2, values | {"custom.owner": 4711})], source="odd").stored
    assert "Product owner: –" in text(ask(world, "anna", "AGI"))
    assert history(world)["custom.owner"] is None
