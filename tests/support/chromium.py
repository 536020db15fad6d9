"""A real browser for the tests of the page, or a loud skip."""

import shutil
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--lang=en-GB",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds; only a failing test or a very busy machine waits that long


# For a module only: as long as Playwright runs, its thread counts as one with a running loop, and no asynchronous test
# can run there.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or a loud skip."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        reason = "THE PAGE WAS NOT TESTED: there is no Chromium on the path. Install chromium to run these tests."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()
