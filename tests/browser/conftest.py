"""The demo as a process, and somebody in front of its page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.process import ROOT, DemoProcess
from tests.browser.visitor import PHONE, Visitor


@pytest.fixture(scope="module")
def shots() -> Path:
    """Where pictures go (not kept in the repository)."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """One demo for a whole module; asks for the browser first, so that nothing is started without one."""
    with DemoProcess(tmp_path_factory.mktemp("demo") / "errors.txt") as process:
        yield process
    assert process.process.returncode == 0
    assert process.log.read_text("utf-8") == ""


@pytest.fixture(scope="module")
def visitor(browser: Browser, demo: DemoProcess, shots: Path) -> Iterator[Visitor]:
    """The visitor at a desk."""
    visitor = Visitor(browser, demo.url, shots)
    yield visitor
    visitor.page.context.close()
    assert visitor.faults == []
    assert demo.refused() == []


@pytest.fixture
def phone(browser: Browser, demo: DemoProcess, shots: Path) -> Iterator[Visitor]:
    """Another visitor, with a phone."""
    visitor = Visitor(browser, demo.url, shots, PHONE)
    yield visitor
    assert visitor.too_wide() == []
    visitor.page.context.close()
    assert visitor.faults == []
