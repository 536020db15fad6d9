"""The demo as a process, and somebody in front of its page. The tests of a module are steps of one story."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.process import ROOT, DemoProcess
from tests.browser.visitor import PHONE, Visitor

_BROKEN = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember the first step that failed."""
    report = yield
    if report.failed and item.parent is not None:
        item.parent.stash.setdefault(_BROKEN, item.name)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Do not wait in vain for what follows from a step that failed."""
    broken = item.parent.stash.get(_BROKEN, None) if item.parent is not None else None
    if broken is not None:
        pytest.skip(f"{broken} failed before")


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
