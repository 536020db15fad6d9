"""Both ways of reaching Slack, and both engines, so that every scenario is played over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.on_slack import staged
from tests.scenarios.stage import Stage

PLAYED = ["socket-sqlite", "http-sqlite", "http-postgres"]


@pytest.fixture(params=PLAYED)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot and its workspace on Monday 28 September 2026, 07:00 in Berlin."""
    mode, _, kind = request.param.partition("-")
    async with staged(tmp_path, mode, kind=kind) as stage:
        yield stage
