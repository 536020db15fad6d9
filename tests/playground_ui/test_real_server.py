"""The page against the real playground and a real Bolt app over Socket Mode."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.playground_ui.live import LiveWorkspace
from tests.support.chromium import PATIENCE


@pytest.fixture
def live() -> Iterator[LiveWorkspace]:
    """A running workspace."""
    with LiveWorkspace() as workspace:
        yield workspace


@pytest.fixture
def ana(browser: Browser, live: LiveWorkspace) -> Iterator[Page]:
    """Ana's page, in her direct messages with the app."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live.pg.base_url}/#U1")
    page.get_by_role("tab", name="Messages").wait_for()
    yield page
    context.close()
    assert faults == []


def test_a_report_from_prompt_to_receipt(ana: Page, live: LiveWorkspace) -> None:
    live.run(live.prompt())
    ana.get_by_role("button", name="Report").click()
    dialog = ana.get_by_role("dialog", name="ATLAS, week 48")
    dialog.get_by_label("Amber").check()
    dialog.get_by_label("Headline").fill("Supplier & <partner> are late")
    dialog.get_by_label("Next date").fill("2026-11-01")
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog.get_by_role("alert")).to_have_text("A date after today, or clear it.")
    dialog.get_by_label("Next date").fill("2026-12-01")
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog).to_be_hidden()
    ana.get_by_role("link", name="imaging-leadership").click()
    expect(ana.get_by_text("Receipt: Supplier")).to_be_visible()
    assert live.submitted[0]["overall"]["a"]["selected_option"]["value"] == "a"


def test_closing_a_form_tells_the_app(ana: Page, live: LiveWorkspace) -> None:
    live.run(live.prompt())
    ana.get_by_role("button", name="Report").click()
    dialog = ana.get_by_role("dialog", name="ATLAS, week 48")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    for _ in range(500):
        if live.closed:
            break
        ana.wait_for_timeout(20)
    assert [body["is_cleared"] for body in live.closed] == [True]


def test_a_command_is_answered_to_the_asker_only(ana: Page, live: LiveWorkspace) -> None:
    ana.get_by_role("link", name="imaging-leadership").click()
    ana.get_by_label("Message", exact=True).fill("/rag red & late")
    ana.get_by_label("Message", exact=True).press("Enter")
    expect(ana.get_by_text("You asked: red & late")).to_be_visible()
    expect(ana.get_by_text("Only visible to you")).to_be_visible()
    ana.get_by_label("Look through the eyes of").select_option("U2")
    ana.get_by_role("link", name="imaging-leadership").click()
    expect(ana.get_by_text("You asked: red & late")).to_have_count(0)


def test_typed_text_is_escaped_once(ana: Page) -> None:
    ana.get_by_role("link", name="imaging-leadership").click()
    ana.get_by_label("Message", exact=True).fill("5 < 6 & @carl agrees")
    ana.get_by_label("Message", exact=True).press("Enter")
    expect(ana.get_by_role("article")).to_contain_text("5 < 6 & @Carl Sample agrees")


def test_home_is_published_on_opening(ana: Page) -> None:
    ana.get_by_role("tab", name="Home").click()
    expect(ana.get_by_role("heading", name="Your projects")).to_be_visible()


def test_the_clock_control_runs_the_embedder(ana: Page) -> None:
    expect(ana.get_by_text("A made-up company.")).to_be_visible()
    ana.get_by_role("button", name="Monday 09:00").click()
    expect(ana.get_by_label("Simulated time")).to_contain_text("Monday30 November 202609:00")
    expect(ana.get_by_role("link", name="imaging-leadership")).to_have_attribute("aria-description", "1 unread")


def test_a_shared_file_can_be_downloaded(ana: Page, live: LiveWorkspace) -> None:
    live.run(live.sheet())
    ana.get_by_role("link", name="imaging-leadership").click()
    with ana.expect_download() as download:
        ana.get_by_role("link", name="Download week48.csv").click()
    assert download.value.path().read_text() == "key,colour\nATLAS,G\n"


def test_a_loaded_page_is_a_new_client(ana: Page, live: LiveWorkspace) -> None:
    live.run(live.prompt())
    ana.get_by_role("button", name="Report").click()
    ana.get_by_role("dialog", name="ATLAS, week 48").wait_for()
    ana.reload()
    ana.get_by_role("button", name="Report").wait_for()
    ana.wait_for_load_state("networkidle")
    expect(ana.get_by_role("dialog")).to_have_count(0)
    ana.get_by_role("button", name="Report").click()
    ana.get_by_role("dialog", name="ATLAS, week 48").wait_for()
    # As when a real client dies: nobody tells the app that the first form is gone.
    assert live.closed == []
