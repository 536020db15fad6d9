"""A lead and PMO in the Agents Playground: from the prompt to the digest, in a real browser.

The tests are steps of one story.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from bot.demo_teams.agents import NoPlayground, installed
from tests.browser.process import DemoProcess
from tests.support.chromium import PATIENCE

JUMP = 90_000


class Visitor:
    """One page of the demo. Collects what its scripts and requests do wrong, and whom else it asks, in `faults`."""

    def __init__(self, browser: Browser, url: str, shots: Path) -> None:
        self.faults: list[str] = []
        self._shots = shots
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB", reduced_motion="reduce")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", lambda answer: self._answered(url, answer.url, answer.status))
        self.page.goto(url)
        self.teams: FrameLocator = self.page.frame_locator("#teams")
        self.dialog = self.page.locator("dialog")

    def _answered(self, ours: str, url: str, status: int) -> None:
        if not url.startswith(ours) or status >= 400:
            self.faults.append(f"{status} {url}")

    def visit(self, place: str) -> None:
        """Open the personal chat or a channel."""
        self.teams.get_by_text(place, exact=True).first.click()

    def message(self, text: str) -> Locator:
        """What the playground shows, by a text in it."""
        return self.teams.get_by_text(text).last

    def type(self, line: str) -> None:
        """Send a line."""
        self.teams.get_by_role("textbox").last.fill(line)
        self.teams.get_by_role("button", name="Send Message").click()

    def clock(self, label: str) -> None:
        """Press a button of the clock and wait until it has arrived."""
        self.page.get_by_role("button", name=label, exact=True).click()
        expect(self.page.locator("#clock[data-moving]")).to_have_count(0, timeout=JUMP)

    def shot(self, name: str) -> None:
        """Keep a picture."""
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=self._shots / f"teams-{name}.png")


@pytest.fixture(scope="module")
def visitor(browser: Browser, tmp_path_factory: pytest.TempPathFactory, shots: Path) -> Iterator[Visitor]:
    """Somebody in front of one demo; a loud skip where the playground cannot be had."""
    folder = tmp_path_factory.mktemp("teams")
    try:
        installed(folder / "playground")
    except NoPlayground as missing:
        reason = f"THE DEMO IN TEAMS WAS NOT TRIED: {missing}"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    options = ("--folder", str(folder / "playground"))
    with DemoProcess(folder / "errors.txt", *options, command="demo-teams") as demo:
        visitor = Visitor(browser, demo.url, shots)
        yield visitor
        visitor.page.context.close()
        assert visitor.faults == []
    assert demo.process.returncode == 0
    assert demo.log.read_text("utf-8") == ""


def test_the_prompt_is_there(visitor: Visitor) -> None:
    expect(visitor.message("3 projects report this week")).to_be_visible()
    expect(visitor.message("leadership on Fri")).to_be_visible()
    # The id of a channel; the playground shows times too.
    expect(visitor.teams.get_by_text("19:leadership")).to_have_count(0)
    visitor.shot("1-prompt")


def test_a_report_is_filled_in(visitor: Visitor) -> None:
    visitor.teams.get_by_role("button", name="Report", exact=True).first.click()
    expect(visitor.dialog.get_by_role("heading", name="ATLAS")).to_be_visible()
    visitor.shot("2-form")
    visitor.dialog.get_by_role("radio", name="Red").check()
    visitor.dialog.get_by_label("Headline").fill("The mirror is cracked.")
    visitor.dialog.get_by_role("button", name="Send").click()
    # What a red project is asked besides appears, and nothing typed is lost.
    expect(visitor.dialog.get_by_label("Headline")).to_have_value("The mirror is cracked.")
    expect(visitor.dialog.get_by_role("radio", name="Red")).to_be_checked()
    visitor.shot("3-asked-more")


def test_the_receipt_takes_the_card_s_place(visitor: Visitor) -> None:
    visitor.dialog.get_by_label("Why is it not green?").fill("The mirror cracked on Friday.")
    visitor.dialog.get_by_label("what happens").fill("A second mirror is cut.")
    visitor.dialog.get_by_label("who does it").fill("Ana Ferreira")
    visitor.dialog.get_by_label("by when").fill("2030-03-01")
    visitor.shot("4-filled")
    visitor.dialog.get_by_role("button", name="Send").click()
    expect(visitor.dialog).to_be_hidden()
    expect(visitor.message("1 of 3 answered")).to_be_visible()
    visitor.shot("5-receipt")


def test_questions_are_answered_in_the_chat(visitor: Visitor) -> None:
    visitor.type("red")
    expect(visitor.message("One project is red.")).to_be_visible()
    visitor.shot("6-red")
    visitor.type("missing")
    expect(visitor.message("asked, no answer yet")).to_be_visible()
    visitor.shot("7-missing")


def test_leadership_gets_its_digest(visitor: Visitor) -> None:
    visitor.clock("Friday 16:00")
    visitor.shot("8-friday")
    visitor.visit("leadership")
    expect(visitor.teams.get_by_text("Portfolio status, week").first).to_be_visible()
    expect(visitor.message("The mirror cracked on Friday.")).to_be_attached()
    visitor.shot("9-digest")
    visitor.visit("General")
    expect(visitor.message("ATLAS turned red")).to_be_attached()
    visitor.shot("10-alerts")


def test_a_page_that_is_loaded_anew_shows_the_same(visitor: Visitor) -> None:
    visitor.page.reload()
    expect(visitor.message("1 of 3 answered")).to_be_visible()
