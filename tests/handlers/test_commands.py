"""Lines typed and buttons pressed, through the desk."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from handlers import export_files
from reporting.interactions import Click, Command, OpenForm, Reply, Say, SendFile
from reporting.ledger import DeliveryState
from reporting.messages import Message
from reporting.model import ProjectState
from reporting.policy import DigestPolicy
from reporting.services.export import Sheet
from tests.handlers.scene import opened, scene
from tests.reporting.asking import answer, ask, buttons, press, returns, text
from tests.support.policy import make_policy
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def ask_all(world: World, line: str) -> Message:
    first = world.command("anna", line)[0]
    assert isinstance(first, Say)
    return first.message


def direct(world: World, name: str, line: str) -> Reply:
    return world.desk.command(Command(world.identity(name), line, "D1", direct=True))


# ---------------------------------------------------------------- questions


def test_a_question_is_answered_privately(world: World) -> None:
    (said,) = world.command("ben", "red")
    assert isinstance(said, Say)
    assert not said.replace
    assert "BEAM" in text(said.message)


def test_the_same_in_a_direct_message(world: World) -> None:
    for line in ("red", "rag red", "/rag red", " RED ", "@Rollcall red", "@rollcall  red", "/red", "/RAG red"):
        assert answer(direct(world, "ben", line)) == ask(world, "ben", "red")


@pytest.mark.parametrize("line", ["Hello", "thanks.", "good morning", "what is the meaning of life"])
def test_small_talk_gets_two_lines(world: World, line: str) -> None:
    message = answer(direct(world, "ben", line))
    assert message.summary.count("\n") == 1
    assert [b.label for b in buttons(message)] == ["Help", "Overview"]


def test_a_typing_error_in_a_direct_message_still_gets_the_nearest(world: World) -> None:
    assert answer(direct(world, "ben", "BAEM")).summary == "No project BAEM. Did you mean BEAM?"
    assert ask(world, "ben", "hello there zzz").summary == "No project hello there zzz."


def test_what_is_not_understood_is_said(world: World) -> None:
    assert "There is no filter" in ask(world, "ben", "foo:bar").summary


def test_buttons_of_answers(world: World) -> None:
    beam = str(world.projects["BEAM"].id)
    assert answer(world.click("ben", "project.open", beam)) == ask(world, "ben", "BEAM")
    assert answer(world.click("ben", "project.history", beam)) == ask(world, "ben", "history BEAM")
    assert answer(world.click("ben", "query.run", "red")) == ask(world, "ben", "red")


def test_a_page_takes_the_place_of_the_one_before_but_not_of_a_home_view(world: World) -> None:
    (turned,) = world.click("ben", "page.next", "red page:2")
    assert isinstance(turned, Say)
    assert turned.replace
    (said,) = world.desk.click(Click("page.next", "red", world.identity("ben"), "home"))
    assert isinstance(said, Say)
    assert not said.replace


def test_a_confidential_project_is_not_there_for_who_may_not_see_it(world: World) -> None:
    delta = str(world.projects["DELTA"].id)
    for value in (delta, "999", "x", ""):
        assert answer(world.click("ben", "project.open", value)).summary == "There is no such project."
        assert answer(world.click("ben", "project.history", value)).summary == "There is no such project."
    assert answer(world.click("dora", "project.open", delta)).summary.startswith("DELTA")


def test_what_only_the_pmo_may_is_refused_with_whom_to_ask(world: World) -> None:
    for line in (
        "remind",
        "digest preview",
        "digest send",
        "project add",
        "project edit BEAM",
        "absence @ben",
        "export",
    ):
        assert ask(world, "ana", line).summary in (
            "Only the PMO may do this: Anna.", "Only they themselves or the PMO may do this: Anna.",
        ), line  # fmt: skip
    assert answer(world.click("carl", "export.run")).summary == "Only the PMO may do this: Anna."


# ---------------------------------------------------------------- remind


def test_remind_reaches_those_who_owe_something(world: World) -> None:
    assert ask(world, "anna", "remind").summary == "2 people are reminded: Ben, Dora."
    assert len(world.due("reminder:")) == 2
    assert ask(world, "anna", "remind lead:ana").summary == "Nobody is reminded: nothing is owed here."
    assert ask(world, "anna", "remind lead:zzz").summary == "Nobody here is called zzz."


def test_remind_says_for_what_nobody_can_be_asked(world: World) -> None:
    world.project("LOST", None)
    world.go("2026-11-30", "09:00")
    assert ask(world, "anna", "remind").summary == (
        "3 people are reminded: Ana, Ben, Dora. Nobody can be asked for LOST: choose a lead."
    )


def test_only_what_nobody_answers_for(world: World) -> None:
    world.project("LOST", None, portfolio="lost")
    world.go("2026-11-30", "09:00")
    assert ask(world, "anna", "remind portfolio:lost").summary == "Nobody can be asked for LOST: choose a lead."


def test_many_names_are_counted(world: World) -> None:
    for number in range(22):
        world.person(f"lead{number:02}")
        world.project(f"P{number:02}", f"lead{number:02}", portfolio="many")
    world.go("2026-11-30", "09:00")
    message = ask(world, "anna", "remind portfolio:many")
    assert message.summary.startswith("22 people are reminded: Lead00, ")
    assert message.summary.endswith(" and 2 more.")


# ---------------------------------------------------------------- digests


def test_preview_shows_and_sends_nothing(world: World) -> None:
    reply = world.command("anna", "digest preview")
    assert isinstance(reply[0], Say)
    assert "Preview of leadership for C_LEAD; nothing was sent." in text(reply[0].message)
    assert all(isinstance(effect, Say) for effect in reply)
    assert not world.deliveries("digest:")


def test_before_its_time_a_digest_is_not_sent(world: World) -> None:
    (preview, *_) = world.command("anna", "digest preview")
    assert isinstance(preview, Say)
    assert "It is posted by itself Fri 27 Nov 16:00." in text(preview.message)
    assert "Send now" not in [b.label for b in buttons(preview.message)]
    refused = ask(world, "anna", "digest send")
    assert refused.summary == "Nothing was sent: leadership is due Fri 27 Nov 16:00 and is posted then by itself."
    assert [b.value for b in buttons(refused)] == ["digest preview leadership"]
    assert not world.deliveries("digest:")


def test_send_posts_once(world: World) -> None:
    world.clock.set(world.at("2026-11-27", "16:10"))
    (preview, *_) = world.command("anna", "digest preview")
    assert isinstance(preview, Say)
    send = next(b for b in buttons(preview.message) if b.label == "Send now")
    assert send.confirm == (
        "Post this digest to its channel now? It is the digest of this period; later reports edit it."
    )
    assert text(answer(world.click("anna", send.action, send.value))) == "leadership is on its way to C_LEAD."
    assert [d.state for d in world.deliveries("digest:leadership:2026-11-23")][:1] == [DeliveryState.PLANNED]
    assert ask(world, "anna", "digest send").summary.startswith("leadership was posted for this period already.")
    assert "It is posted already" in text(ask_all(world, "digest preview"))
    with world.store.read() as uow:
        assert any(e.action == "digest.sent_by_hand" for e in uow.audit.events())


def test_which_digest(tmp_path: Path) -> None:
    two = (DigestPolicy("imaging", "C_IMG"), DigestPolicy("board", "C_BOARD"))
    world = scene(tmp_path, make_policy(digests=two))
    message = ask(world, "anna", "digest preview")
    assert message.summary == "Which digest?"
    assert [b.value for b in buttons(message)] == ["digest preview imaging", "digest preview board"]
    message = ask(world, "anna", "digest send bord")
    assert message.summary == "No digest bord. Did you mean board?"
    assert [b.value for b in buttons(message)] == ["digest send board"]
    world.clock.set(world.at("2026-11-27", "16:10"))
    assert text(ask(world, "anna", "digest send board")) == "board is on its way to C_BOARD."


def test_no_digest_is_configured(tmp_path: Path) -> None:
    world = scene(tmp_path, make_policy(digests=()))
    assert ask(world, "anna", "digest preview").summary == "No digest is configured."


def test_a_digest_before_its_first_period(tmp_path: Path) -> None:
    world = scene(tmp_path, make_policy(digests=(DigestPolicy("monthly", "C_M", portfolios=("facilities",)),)))
    assert ask(world, "anna", "digest send").summary == "No period has been opened yet, so there is nothing to tell."


# ---------------------------------------------------------------- forms


def test_commands_that_open_forms(world: World) -> None:
    assert opened(world.command("anna", "project add laser")).id == "project"
    assert opened(world.command("anna", "project edit beam")).context["project"] == world.projects["BEAM"].id
    assert ask(world, "anna", "project edit").summary == "Which project? /rag project edit KEY"
    assert ask(world, "anna", "project edit BAEM").summary == "No project BAEM. Did you mean BEAM?"
    message = ask(world, "anna", "project edit BAEM")
    (effect,) = press(world, "anna", message, "BEAM")
    assert isinstance(effect, OpenForm)


def test_absence_for_oneself_and_for_others(world: World) -> None:
    assert opened(world.command("ana", "absence")).context["person"] == world.people["ana"].id
    assert opened(world.command("ana", "absence me")).context["person"] == world.people["ana"].id
    assert opened(world.command("ana", "absence @U_ANA")).context["person"] == world.people["ana"].id
    assert opened(world.command("anna", "absence")).context["person"] is None
    assert opened(world.command("anna", "absence me")).context["person"] == world.people["anna"].id
    assert opened(world.command("anna", "absence @ben")).context["person"] == world.people["ben"].id
    assert opened(world.command("anna", "absence an")).context["person"] is None
    assert ask(world, "anna", "absence @zzz").summary == "Nobody here is called zzz."


# ---------------------------------------------------------------- export


def files(reply: Reply) -> list[SendFile]:
    found = [effect for effect in reply if isinstance(effect, SendFile)]
    assert len(found) == len(reply)
    return found


def test_the_register_as_a_workbook(world: World) -> None:
    (file,) = files(world.command("anna", "export history"))
    assert file.filename == "register-2026-11-23.xlsx"
    assert file.comment == "4 projects, 5 reports."
    book = load_workbook(io.BytesIO(file.content))
    assert book.sheetnames == ["register", "reports"]
    rows = list(book["register"].values)
    assert rows[0][:3] == ("key", "name", "portfolio")
    assert {row[0] for row in rows[1:]} == {"ATLAS", "BEAM", "CORE", "DELTA"}
    assert handed(world) == []
    world.desk.handed_over(world.identity("anna"), file)
    assert handed(world) == [
        {"query": "export history", "projects": 4, "reports": 5, "file": "register-2026-11-23.xlsx"}
    ]  # fmt: skip


def handed(world: World) -> list[object]:
    """What the audit trail says of files that somebody was given."""
    with world.store.read() as uow:
        return [event.after for event in uow.audit.events("register") if event.action == "register.exported"]


def test_the_register_as_csv(world: World) -> None:
    world.project("EVIL", "ana", description="=cmd|' /C calc'!A0")
    (register, reports) = files(world.command("anna", "export csv history"))
    assert (register.filename, reports.filename) == ("register-2026-11-23.csv", "reports-2026-11-23.csv")
    assert register.content.startswith(b"\xef\xbb\xbfkey,")
    rows = list(csv.DictReader(io.StringIO(register.content.decode("utf-8-sig"))))
    assert next(row for row in rows if row["key"] == "EVIL")["description"] == "'=cmd|' /C calc'!A0"


def test_the_export_button(world: World) -> None:
    assert files(world.click("anna", "export.run", "export xlsx"))[0].filename.endswith(".xlsx")
    assert files(world.click("anna", "export.run", ""))[0].comment == "4 projects."
    assert files(world.click("anna", "export.run", "red"))[0].comment == "4 projects."
    assert files(world.click("anna", "export.run", "export red"))[0].comment == "One project."
    assert answer(world.click("anna", "export.run", "export lead:zzz")).summary == "Nobody here is called zzz."
    assert ask(world, "anna", "export portfolio:zzz").summary.startswith("No portfolio zzz.")


def test_text_that_no_cell_holds_is_told(world: World) -> None:
    returns(world, "CORE", "G", summary="x" * 40_000)
    (file,) = files(world.command("anna", "export"))
    assert file.comment == "4 projects. One text is longer than a cell holds and is cut; csv has it whole."
    (whole,) = files(world.command("anna", "export csv"))
    assert b"x" * 40_000 in whole.content


def test_a_cut_history_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.services.export.MOST_REPORTS", 2)
    (file,) = files(world.command("anna", "export history"))
    assert file.comment == (
        "4 projects, 2 reports. Later projects' reports are left out: narrow it with portfolio: or since:."
    )


EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_becomes_a_formula(evil: str) -> None:
    sheet = Sheet("register", ("a", "b"), ((evil, -1),))
    assert csv.reader(io.StringIO(export_files.csv_bytes(sheet).decode("utf-8-sig"), newline=""))
    (_, row) = csv.reader(io.StringIO(export_files.csv_bytes(sheet).decode("utf-8-sig"), newline=""))
    assert row == ["'" + evil, "-1"]
    content = export_files.xlsx_bytes([sheet])
    page = load_workbook(io.BytesIO(content))["register"]
    assert page["A2"].data_type == "s"
    assert page["A2"].value == evil.replace("\r", "\n")
    assert page["B2"].value == -1
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_control_characters_do_not_break_a_workbook() -> None:
    content = export_files.xlsx_bytes([Sheet("register", ("a",), (("a\x00b\x0bc\nd",),))])
    assert load_workbook(io.BytesIO(content))["register"]["A2"].value == "abc\nd"


def test_a_paused_project_is_exported_too(world: World) -> None:
    world.project("REST", "ana", state=ProjectState.PAUSED)
    assert files(world.command("anna", "export"))[0].comment == "5 projects."
