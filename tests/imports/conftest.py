"""Fixtures of the import's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company without a register."""
    return Company(tmp_path)
