"""Fixtures for the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.bench import Bench
from tests.support.databases import BOTH, database


@pytest.fixture(params=BOTH)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A fresh database and an empty chat, with the engine that the database brings along."""
    with database(request.param, tmp_path) as url, Bench(url).closing() as bench:
        yield bench
