"""One's own portfolio in the demo: the UK Government Major Projects Portfolio, from beside the repository.

Contains public sector information licensed under the Open Government Licence v3.0. It is no part of the repository.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.process import ROOT, DemoProcess
from tests.browser.visitor import Visitor

DATA = ROOT.parent / "shared" / "data"
MAPPING = ROOT / "tests" / "imports" / "mappings" / "gmpp_plain.yaml"

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not (DATA / "updates.csv").exists(),
        reason="SKIPPED: the real portfolio is not beside the repository (shared/data/updates.csv)",
    ),
]


@pytest.fixture(scope="module")
def own(browser: Browser, shots: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Somebody in front of the real portfolio."""
    files = {"--register": DATA / "projects.csv", "--reports": DATA / "updates.csv", "--mapping": MAPPING}
    options = [str(part) for pair in files.items() for part in pair]
    with DemoProcess(tmp_path_factory.mktemp("own") / "errors.txt", *options) as demo:
        visitor = Visitor(browser, demo.url, shots)
        yield visitor
        visitor.page.context.close()
        assert visitor.faults == []
        assert demo.refused() == []
    told = demo.log.read_text("utf-8").splitlines()
    assert [line for line in told if not line.startswith("Reading ") and not line.endswith(" rows")] == []


def test_a_department_gets_its_digest(own: Visitor) -> None:
    expect(own.page.locator(".who-name")).to_have_text("Ed")
    own.clock("Friday 16:00")
    own.visit("mod-leadership")
    digest = own.page.locator("#main").get_by_role("article").first
    expect(digest).to_contain_text("Ministry of Defence")
    expect(digest).to_contain_text("46 of 49 reported.")
    expect(digest).to_contain_text("MOD_0107_1617-Q1")
    own.page_shots("60-own-digest", digest)


def test_the_portfolio_can_be_asked(own: Visitor) -> None:
    own.visit("Rollcall")
    answer = own.ask("/rag")
    expect(answer).to_contain_text("27 projects are red, 6 more than last time; 215 of 227 reported.")
    own.shot("61-own-rag", answer)
    expect(own.ask("/rag portfolio:mod red")).to_contain_text("8 projects are red")


def test_a_long_text_is_whole_behind_more(own: Visitor) -> None:
    key, text = _longest()
    answer = own.ask(f"/rag {key}")
    own.shot("62-own-project", answer)
    answer.get_by_role("button", name="More").click()
    own.form.wait_for()
    own.form_shots("63-own-text")
    shown = own.form.inner_text()
    assert re.sub(r"\s+", "", text) in re.sub(r"\s+", "", shown)


def _longest() -> tuple[str, str]:
    """The active project with the longest text in the newest period."""
    with (DATA / "updates.csv").open(encoding="utf-8", newline="") as file:
        newest = [row for row in csv.DictReader(file) if row["period"] == "2024-03-31"]
    row = max(newest, key=lambda row: len(row["narrative"]))
    return row["project_id"], row["narrative"]
