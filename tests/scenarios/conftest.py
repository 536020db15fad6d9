"""Both ways of reaching Slack, so that every scenario is played over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.stage import Stage, staged


@pytest.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot and its workspace on Monday 28 September 2026, 07:00 in Berlin."""
    async with staged(tmp_path, request.param) as stage:
        yield stage
