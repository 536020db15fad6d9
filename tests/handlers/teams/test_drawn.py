"""The official renderer draws the week's cards without a complaint, and its inputs come back as ours are read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from handlers.teams.submissions import read
from reporting import interactions as i
from reporting import messages as m
from tests.handlers.teams.drawing import library, show
from tests.handlers.teams.kit import ANA, KEY, WORDS, Json
from tests.handlers.teams.scenes import Week
from tests.handlers.teams.test_forms import EVERY, drawn

SHOTS = Path(__file__).parents[3] / "build" / "screenshots"
WIDTHS = {"desktop": 720, "phone": 360}
# What only Teams knows: charts, and pickers whose choices come from the directory.
UNKNOWN = ("Chart.", "must have at least one choice")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("npm"))


@pytest.fixture
def week(tmp_path: Path) -> Week:
    return Week(tmp_path)


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTHS[request.param], "height": 900}, locale="en-GB")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


def shoot(page: Page, script: Path, name: str, cards: list[Json]) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    assert size is not None
    for n, card in enumerate(cards, 1):
        faults = [fault for fault in show(page, script, card) if not any(word in fault for word in UNKNOWN)]
        assert faults == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=SHOTS / f"teams-{name}-{n}-{size['width']}.png", full_page=True)
        assert wide <= size["width"]


def test_the_week_is_drawn(page: Page, script: Path, week: Week) -> None:
    shoot(page, script, "prompt", week.told("prompt:"))
    shoot(page, script, "form", [week.dialog(week.form())])
    errors = {"path_due": "A date after today, or clear it.", "summary": "One sentence for leadership."}
    typed: dict[str, Any] = {
        "rag": "red",
        "reason": "The only supplier <b>is</b> *late* again.",
        "path_due": "2026-11-01",
    }
    shoot(page, script, "errors", [week.dialog(week.wanted(), typed=typed, errors=errors)])
    shoot(page, script, "answer", week.answer("carl", "ATLAS"))
    shoot(page, script, "overview", week.answer("carl", ""))
    shoot(page, script, "home", week.home("ana"))


def test_what_happens_after_a_report_is_drawn(page: Page, script: Path, tmp_path: Path) -> None:
    week = Week(tmp_path)
    week.world.report("ana", "ATLAS", "red", "Supplier missed the third date; first light moves.")
    week.world.report("ben", "CORE", "green", "Audit closed.")
    shoot(page, script, "receipt", week.told("prompt:"))
    shoot(page, script, "alert", week.told("alert:"))
    week.world.go("2026-11-27", "16:30")
    shoot(page, script, "digest", week.told("digest:", threaded=True))


def test_what_the_renderer_sends_is_what_is_read(page: Page, script: Path) -> None:
    assert len(show(page, script, drawn(EVERY))) == 1
    page.get_by_label("Text").fill("as typed, with a comma")
    page.get_by_text("2", exact=True).click()
    page.get_by_text("A", exact=True).click()
    page.get_by_text("C", exact=True).click()
    page.get_by_label("Number").fill("42")
    page.get_by_label("Day").fill("2026-11-27")
    page.get_by_role("button", name="Send").click()
    # A person cannot be picked without a directory, so the client holds the form back.
    assert page.evaluate("window.pressed") is None
    page.get_by_text("Please choose one.").wait_for()


def test_an_untouched_form_and_its_hidden_state_arrive(page: Page, script: Path) -> None:
    row = m.Row((m.Plain("R1"),), m.Menu("risk.choose", "Keep", (i.Option("k", "Keep"), i.Option("c", "Close"))))
    rag = i.ChoiceField("rag", "Overall", (i.Option("g", "Green"), i.Option("a,b", "Amber")), style="radio", live=True)
    ticks = i.ChecksField("ticks", "Ticks", (i.Option("x", "X"), i.Option("y", "Y"), i.Option("z", "Z")), ("x", "z"))
    form = i.Form("report", "T", (rag, ticks, i.NumberField("n", "N", optional=True), row), "Send", tell_close=True)
    show(page, script, drawn(form))
    page.get_by_text("Amber").click()
    for button, kind in (("Close", "press"), ("Show what else is asked", "look"), ("Send", "send")):
        page.get_by_role("button", name=button, exact=True).first.click()
        back = read(page.evaluate("window.pressed"), ANA, KEY, WORDS)
        assert back.kind == kind
        assert back.submission.values == {"rag": "a,b", "ticks": ("x", "z"), "n": None}
