"""Fixtures of the import's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.migrate import upgrade
from tests.imports.company import Company


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "rollcall.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def company(tmp_path: Path, empty: Path) -> Company:
    """A company without a register."""
    return Company(tmp_path, empty)
