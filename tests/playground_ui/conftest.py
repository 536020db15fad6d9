"""The stub server, and a page for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.playground_ui.stub import Stub
from tests.support.chromium import PATIENCE

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A fresh stub server."""
    with Stub() as server:
        yield server


@pytest.fixture
def page(browser: Browser, stub: Stub) -> Iterator[Page]:
    """The page as Ana sees it in the leadership channel; fails on any script error or outside request."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda entry: faults.append(entry.text) if entry.type == "error" else None)
    opened.on("request", lambda request: faults.append(request.url) if _outside(request.url, stub) else None)
    opened.goto(f"{stub.base_url}/#U1/C1")
    opened.get_by_role("article").first.wait_for()
    yield opened
    context.close()
    assert faults == []


def _outside(url: str, stub: Stub) -> bool:
    own = (stub.base_url, stub.base_url.replace("http", "ws"), "data:", "blob:")
    return not url.startswith(own)


@pytest.fixture
def shots() -> Path:
    """Where pictures of the page go (not kept in the repository)."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
