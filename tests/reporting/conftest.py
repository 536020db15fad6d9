"""Fixtures of the ground floor's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A lead with two projects, her deputy, a second lead, a sponsor, an executive and the PMO; the bot has started."""
    world = World(tmp_path)
    for name in ("ana", "ben", "dora", "emil", "carl", "anna"):
        world.person(name)
    world.project("ATLAS", "ana", deputy="emil", sponsor="carl")
    world.project("BEAM", "ana")
    world.project("CORE", "ben")
    world.start()
    return world


@pytest.fixture
def open_week(world: World) -> World:
    """Monday 09:00: everybody is asked."""
    world.go("2026-11-23", "09:00")
    return world
