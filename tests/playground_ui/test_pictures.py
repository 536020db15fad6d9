"""Pictures of every part of the page, wide and on a phone, for a person to look at."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.playground_ui import forms
from tests.playground_ui.stub import Stub
from tests.support.chromium import PATIENCE

SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def open_at(browser: Browser, stub: Stub, size: str, place: str) -> Page:
    """The page at one size and place."""
    width, height = SIZES[size]
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{stub.base_url}/#U1/{place}")
    page.locator("#main h1").wait_for()
    return page


def too_wide(page: Page) -> list[str]:
    """Elements that stick out of the window (tables and card rows scroll inside their own box)."""
    script = """() => [...document.querySelectorAll('#main *, #topbar *, dialog *')]
        .filter(e => !e.closest('.table-scroll, .carousel-track, .clock-controls, .sr-only, svg'))
        .map(e => [e.className, e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 0 && box.right > innerWidth + 1)
        .map(([name]) => name).slice(0, 5)"""
    return list(page.evaluate(script))


@pytest.mark.parametrize("size", SIZES)
def test_a_channel_with_every_block_fits(browser: Browser, stub: Stub, shots: Path, size: str) -> None:
    page = open_at(browser, stub, size, "C1")
    page.get_by_role("article").nth(8).wait_for()
    for article in page.get_by_role("article").all():
        article.scroll_into_view_if_needed()
    parts = page.get_by_role("article").count()
    for index in range(2, parts, 2):
        page.get_by_role("article").nth(index).evaluate("node => node.scrollIntoView({block: 'start'})")
        page.screenshot(path=shots / f"{size}-channel-{index}.png")
    assert too_wide(page) == []
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_a_modal_with_every_element_fits(browser: Browser, stub: Stub, shots: Path, size: str) -> None:
    stub.stacks["U1"] = [forms.report_view()]
    page = open_at(browser, stub, size, "C1")
    dialog = page.get_by_role("dialog", name="ATLAS, week 48")
    dialog.wait_for()
    page.wait_for_timeout(200)
    page.screenshot(path=shots / f"{size}-modal-top.png")
    dialog.get_by_role("button", name="Send report").click()
    dialog.get_by_text("Please complete this required field.").first.wait_for()
    page.screenshot(path=shots / f"{size}-modal-errors.png")
    dialog.get_by_label("Owner").click()
    page.screenshot(path=shots / f"{size}-modal-select.png")
    page.keyboard.press("Escape")
    dialog.get_by_label("Search").scroll_into_view_if_needed()
    page.screenshot(path=shots / f"{size}-modal-end.png")
    assert too_wide(page) == []
    page.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_home_thread_hints_and_confirmation(browser: Browser, stub: Stub, shots: Path, size: str) -> None:
    stub.homes["U1"] = forms.HOME
    page = open_at(browser, stub, size, "home")
    page.get_by_text("Your projects").wait_for()
    page.screenshot(path=shots / f"{size}-home.png")
    if size == "phone":
        page.get_by_role("button", name="Open the menu").click()
        page.wait_for_timeout(300)
        page.screenshot(path=shots / "phone-menu.png")
    page.get_by_role("link", name="imaging-leadership").click()
    page.get_by_role("button", name="Drop").wait_for()  # the conversation is drawn, and its composer with it
    page.get_by_label("Message", exact=True).fill("/r")
    page.get_by_role("option", name="/rag").wait_for()
    page.screenshot(path=shots / f"{size}-hints.png")
    page.get_by_label("Message", exact=True).fill("")
    page.get_by_role("button", name="Drop").click()
    page.get_by_role("alertdialog").wait_for()
    page.wait_for_timeout(200)
    page.screenshot(path=shots / f"{size}-confirm.png")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="2 replies").click()
    page.get_by_label("Reply", exact=True).wait_for()
    page.screenshot(path=shots / f"{size}-thread.png")
    page.context.close()
