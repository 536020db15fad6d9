"""Every direct dependency has its line of reason, its place in the lock, and a hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=~!\[; ]", requirement)[0] for requirement in requirements}


def test_every_dependency_has_its_reason() -> None:
    page = (TOP / "docs" / "decisions" / "dependencies.md").read_text()
    explained = set(re.findall(r"`([\w-]+)`(?=[:,])", page))
    direct = names(PROJECT["dependencies"]).union(*(names(extra) for extra in EXTRAS.values()))
    assert explained == direct


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", names(PROJECT["dependencies"])),
        ("requirements-dev.lock", names(PROJECT["dependencies"]) | names(EXTRAS["dev"]) | names(EXTRAS["postgres"])),
    ],
)
def test_the_lock_is_whole_has_hashes_and_names_no_address(lock: str, wanted: set[str]) -> None:
    text = (TOP / lock).read_text()
    pinned = re.findall(r"^([\w.-]+)==\S+(?: ; .+?)? \\\n    --hash=sha256:", text, re.MULTILINE)
    every = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    assert pinned == every
    assert {name.lower() for name in wanted} <= set(every)
    assert not re.search(r"https?://|file:|--(?:index|find-links|extra-index)", text)
