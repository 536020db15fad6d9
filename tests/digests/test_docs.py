"""Everything a template may use is described."""

from __future__ import annotations

import re
from pathlib import Path

import digests
from digests import samples
from digests.environment import FILTERS, FUNCTIONS, Templates

PAGE = (Path(digests.__file__).parents[1] / "docs" / "templates.md").read_text(encoding="utf-8")


def test_filters_and_functions_are_described() -> None:
    for name in FILTERS:
        assert f"\\| {name}" in PAGE, name
    for name in FUNCTIONS:
        assert f"`{name}(" in PAGE or name == "gettext", name


def test_blocks_are_described() -> None:
    for template in Templates().names():
        for block in re.findall(r"{% block (\w+)", Templates().source(template)):
            assert f"`{block}`" in PAGE, block


def test_data_is_described() -> None:
    view = samples.digests()["week"]
    project = view["attention"][0]
    for name in {*view, *project, *samples.alerts()["turned_red_open"]} - {"asks"}:
        assert re.search(rf"`(\w+\.)?{name}(\W|`)", PAGE), name
