"""Every chat system, both ways of reaching Slack, and both engines, so that every scenario is played over each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.machine import Machine, Starting
from tests.scenarios.on_slack import staged
from tests.scenarios.on_teams import staged_in_teams
from tests.scenarios.stage import Stage
from tests.support.databases import BOTH, database

PLAYED = ["socket-sqlite", "http-sqlite", "http-postgres", "teams-sqlite", "teams-postgres"]


@pytest.fixture(params=PLAYED)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot and its chat system on Monday 28 September 2026, 07:00 in Berlin."""
    mode, _, kind = request.param.partition("-")
    opened = staged_in_teams(tmp_path, kind=kind) if mode == "teams" else staged(tmp_path, mode, kind=kind)
    async with opened as stage:
        yield stage


@pytest.fixture(params=BOTH)
async def machine(request: pytest.FixtureRequest, tmp_path: Path, starting: Starting) -> AsyncIterator[Machine]:
    """What the module starts, on either kind of database."""
    with database(request.param, tmp_path) as url:
        async with starting(tmp_path, url) as machine:
            yield machine


@pytest.fixture
async def shared(tmp_path: Path, starting: Starting) -> AsyncIterator[Machine]:
    """The same on PostgreSQL, where there may be several processes."""
    with database("postgres", tmp_path) as url:
        async with starting(tmp_path, url) as machine:
            yield machine
