"""Fixtures for the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A fresh database and an empty chat."""
    with Bench(tmp_path).closing() as bench:
        yield bench
