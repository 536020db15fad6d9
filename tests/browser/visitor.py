"""Somebody in front of the demo's page: looks, clicks, types, and takes pictures."""

from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.chromium import PATIENCE

DESKTOP, PHONE = (1440, 900), (390, 844)
PEOPLE = {"Ana": "U04ANA", "Carl": "U02CARL", "Anna": "U01ANNA"}
# A jump of the clock plays days; on a busy machine that takes its time.
JUMP = 90_000


class Visitor:
    """One page of the demo. Collects every script error and failed request in `faults`."""

    def __init__(self, browser: Browser, url: str, shots: Path, size: tuple[int, int] = DESKTOP) -> None:
        self.shots = shots
        self.kind = "phone" if size == PHONE else "desktop"
        self.faults: list[str] = []
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="en-GB",
            accept_downloads=True,
            reduced_motion="reduce",
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda entry: self.faults.append(entry.text) if entry.type == "error" else None)
        self.page.goto(url)
        self.page.locator("#main h1").wait_for()

    # -- going about ----------------------------------------------------------------------------------------------

    def be(self, name: str) -> None:
        """Look through somebody's eyes."""
        self._menu()
        self.page.get_by_label("Look through the eyes of").select_option(PEOPLE[name])
        expect(self.page.locator(".who-name")).to_have_text(
            self.page.locator(".who-select option:checked").inner_text().split(",")[0]
        )

    def visit(self, place: str) -> None:
        """Open a channel, the app's direct messages ("Rollcall") or its "App Home"."""
        self._menu()
        self.page.get_by_role("link", name=place, exact=True).click()

    def _menu(self) -> None:
        if self.kind == "phone" and not self.page.locator("body.menu-open").count():
            self.page.get_by_role("button", name="Open the menu").click()

    def clock(self, label: str) -> None:
        """Press a button of the clock and wait until it has arrived."""
        button = self.page.get_by_role("button", name=label, exact=True)
        button.click()
        expect(self.page.get_by_text("The clock is moving")).to_be_visible()
        expect(self.page.get_by_text("The clock is moving")).to_have_count(0, timeout=JUMP)

    def day(self, days: int) -> str:
        """A day so many days after the demo's today, as a date field wants it."""
        now = datetime.fromisoformat(self.page.locator(".clock-time").get_attribute("datetime") or "")
        return (now + timedelta(days=days)).date().isoformat()

    # -- messages -------------------------------------------------------------------------------------------------

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.page.locator("#main").get_by_role("article").last

    def ask(self, line: str) -> Locator:
        """Type a line where one is; returns the answer."""
        articles = self.page.locator("#main").get_by_role("article")
        before = articles.count()
        self.type(line)
        expect(articles).not_to_have_count(before)
        return self.last

    def type(self, line: str) -> None:
        """Type a line where one is and send it."""
        box = self.page.get_by_label("Message", exact=True)
        box.fill(line)
        box.press("Enter")

    # -- forms ----------------------------------------------------------------------------------------------------

    @property
    def form(self) -> Locator:
        """The form in front."""
        return self.page.get_by_role("dialog")

    def pick(self, menu: Locator, option: str) -> None:
        """Choose from a menu."""
        menu.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def press(self, name: str) -> None:
        """A button of the form in front."""
        self.form.get_by_role("button", name=name, exact=True).click()

    def sent(self) -> None:
        """The form is gone."""
        expect(self.form).to_be_hidden()

    def too_wide(self) -> list[str]:
        """What sticks out of the window; tables and rows of cards scroll in their own boxes."""
        script = """() => [...document.querySelectorAll('#main *, #topbar *, dialog[open] *')]
            .filter(e => !e.closest('.table-scroll, .carousel-track, .clock-controls, .sr-only, svg'))
            .filter(e => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.className)"""
        return list(self.page.evaluate(script))

    # -- pictures -------------------------------------------------------------------------------------------------

    def shot(self, name: str, of: Locator | None = None) -> None:
        """Keep a picture of the page, scrolled to something."""
        # Twice: a message that was drawn anew meanwhile may have pulled the list to its end.
        for _ in range(2):
            if of is not None:
                of.evaluate("node => node.scrollIntoView({block: 'start'})")
            self.page.wait_for_timeout(50)
        self.page.screenshot(path=self.shots / f"{self.kind}-{name}.png")

    def page_shots(self, name: str, top: Locator) -> None:
        """Everything from a message on, screen by screen."""
        top.evaluate("node => node.scrollIntoView({block: 'start'})")
        for number in range(2, 9):
            before = self._scrolled(0)
            self.shot(f"{name}-{number - 1}")
            if self._scrolled(0.9) <= before + 1:
                return

    def _scrolled(self, screens: float) -> float:
        script = """screens => {
            const box = document.querySelector('#message-list');
            box.scrollBy(0, box.clientHeight * screens);
            return box.scrollTop;
        }"""
        return float(self.page.evaluate(script, screens))

    def form_shots(self, name: str) -> None:
        """The form in front, screen by screen."""
        scroll = self.page.locator(".dialog-scroll")
        height, whole = scroll.evaluate("node => [node.clientHeight, node.scrollHeight]")
        for number, top in enumerate(range(0, max(whole - 20, 1), height), 1):
            scroll.evaluate("(node, top) => node.scrollTo(0, top)", top)
            self.shot(f"{name}-{number}")
        scroll.evaluate("node => node.scrollTo(0, 0)")
