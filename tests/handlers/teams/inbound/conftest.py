"""The adapter with everything around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.teams.inbound.bench import Bench, bench


@pytest.fixture
async def inbound(tmp_path: Path) -> AsyncIterator[Bench]:
    """The adapter as it runs."""
    async with bench(tmp_path) as running:
        yield running
        assert running.teams.fake.refusals == []
