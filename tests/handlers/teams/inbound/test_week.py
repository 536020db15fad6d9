"""A lead's and the PMO's doings through dialogs and cards, with the real rules behind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from handlers.desk import OPENS
from reporting.model import Identity, Project, Rag
from tests.handlers.teams.inbound.bench import Bench, bench, opening, shown
from tests.handlers.teams.kit import buttons, faults, inputs, seen
from tests.support.teams import TENANT
from tests.support.world import World

Json = dict[str, Any]


def world(folder: Path) -> World:
    """Ana leads ATLAS and is reached in Teams; the week is open."""
    made = World(folder)
    for name in ("ana", "anna"):
        made.person(name)
    made.project("ATLAS", "ana")
    made.start()
    made.go("2026-11-23", "09:30")
    return made


def account(made: World, name: str, running: Bench) -> None:
    """Ana's account at the client is this person's."""
    with made.store.begin() as uow:
        person = uow.people.get(made.people[name].id)
        assert person is not None
        own = Identity("teams", TENANT, running.ana.aad)
        uow.people.save(replace(person, identities=(*person.identities, own)))


def field(dialog: Json, label: str) -> str:
    """The id of a field by how its label begins."""
    found = inputs(dialog["card"]["content"])
    return next(name for name, one in found.items() if str(one.get("label", "")).startswith(label))


def choice(dialog: Json, name: str, title: str) -> str:
    """The value of a choice by how its title begins."""
    found = inputs(dialog["card"]["content"])[name]
    return next(one["value"] for one in found["choices"] if one["title"].startswith(title))


def value(dialog: Json, label: str) -> str:
    """What stands in a field."""
    return str(inputs(dialog["card"]["content"])[field(dialog, label)].get("value", ""))


def words(dialog: Json) -> str:
    """Everything that a dialog says."""
    return seen(dialog["card"]["content"])


async def test_a_red_report_with_a_risk(tmp_path: Path) -> None:
    made = world(tmp_path)
    async with bench(tmp_path, desk=made.desk, opens=OPENS) as running:
        account(made, "ana", running)
        asked_for = opening("report.open", f"{made.period_id('ATLAS')}:{made.projects['ATLAS'].id}")
        dialog = await running.fetches(asked_for)
        rag = field(dialog, "Overall")
        typed = {rag: choice(dialog, rag, "Red"), field(dialog, "Headline"): "Supplier is late."}

        # Sent too early, the form asks for the path to green and keeps what was typed.
        red = shown(await running.sends(dialog, "Send report", typed))
        assert value(red, "Headline") == "Supplier is late."
        assert value(red, "Path to green: what") == ""

        # A risk that is begun and left: the report is as it was, and says so.
        risk = shown(await running.sends(red, "Add a risk ..."))
        left = shown(await running.sends(risk, "Back", {field(risk, "What may happen"): "No chips"}))
        assert "Theriskyoubeganisnotfinished" in words(left)
        assert value(left, "Headline") == "Supplier is late."

        # Gone on with, refused, then kept.
        risk = shown(await running.sends(left, "Go on with the risk ..."))
        assert value(risk, "What may happen") == "No chips"
        wrong = shown(await running.sends(risk, "Keep risk"))
        assert "Notsentyet." in words(wrong)
        whole = {field(risk, "Probability"): "3", field(risk, "Impact"): "4", field(risk, "Owner"): "Bo"}
        report = shown(await running.sends(wrong, "Keep risk", whole))
        assert "New,score20:Nochips" in words(report)
        assert value(report, "Headline") == "Supplier is late."

        assert await running.sends(report, "Keep draft", {field(report, "Why is it"): "Third date missed."}) is None
        again = await running.fetches(asked_for)
        assert value(again, "Why is it") == "Third date missed."
        path = {"Path to green: what": "Second supplier", "Path to green: who": "Bo", "Path to green: by": "2026-12-04"}
        assert (
            await running.sends(again, "Send report", {field(again, name): text for name, text in path.items()}) is None
        )

    with made.store.read() as uow:
        sent = uow.reports.current(made.projects["ATLAS"].id, made.period_id("ATLAS"))
        risks = uow.risks.open_of([made.projects["ATLAS"].id])
    assert sent is not None
    assert (sent.rag, sent.summary, sent.reason) == (Rag.RED, "Supplier is late.", "Third date missed.")
    assert [risk.title for risk in risks] == ["No chips"]


async def test_the_pmo_asks_adds_and_exports(tmp_path: Path) -> None:
    made = world(tmp_path)
    async with bench(tmp_path, desk=made.desk, opens=OPENS) as running:
        account(made, "anna", running)
        await running.types("missing")
        assert "ATLAS" in seen(running.ana.messages()[-1].card)

        await running.types("project add CORE")
        (opens,) = buttons(running.ana.messages()[-1].card)
        form = await running.fetches(opens["data"])
        wrong = shown(await running.sends(form, "Add" if "Add" in titles(form) else titles(form)[0]))
        assert "Notsentyet." in words(wrong)
        name = {field(wrong, "Name"): "Core platform", field(wrong, "Key"): "CORE"}
        done = shown(await running.sends(wrong, titles(wrong)[0], name))
        assert "COREisadded." in words(done)
        assert {project.key for project in projects(made)} == {"ATLAS", "CORE"}

        await running.types("export csv")
        (offered,) = running.ana.messages()[-1].activity["attachments"]
        assert offered["contentType"] == "application/vnd.microsoft.teams.card.file.consent"

        await running.types("home")
        assert "Addproject" in seen(running.ana.messages()[-1].card)
        assert faults(running.ana.messages()[-1].card) == []


def projects(made: World) -> list[Project]:
    """All there are."""
    with made.store.read() as uow:
        return uow.projects.all()


def titles(dialog: Json) -> list[str]:
    """The buttons at the end of a dialog."""
    return [str(one["title"]) for one in dialog["card"]["content"]["actions"]]
