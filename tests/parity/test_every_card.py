"""The official renderer draws every card of the product without a complaint, and a phone is wide enough for each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.handlers.teams.drawing import library, show
from tests.handlers.teams.kit import faults
from tests.parity.company import lived
from tests.parity.drawing import Json, both
from tests.parity.page import titled

SHOTS = Path(__file__).parents[2] / "build" / "screenshots" / "parity"
PHONE = 360
# What only Teams knows: charts, and pickers whose choices come from the directory.
UNKNOWN = ("Chart.", "must have at least one choice")


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Json]]:
    """Every card, by what it shows."""
    seen = lived(tmp_path_factory.mktemp("company"))
    people = {person.id: person.name for person in seen.world.people.values()}
    return {
        titled(name): [card for one in found.values() for card in both(one, people).teams.pieces]
        for name, found in seen.tables.items()
    }


def test_every_card_is_valid(every: dict[str, list[Json]]) -> None:
    for name, cards in every.items():
        assert [(name, fault) for card in cards for fault in faults(card)] == []


def test_every_card_is_drawn(
    every: dict[str, list[Json]], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    script = library(tmp_path_factory.mktemp("npm"))
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": PHONE, "height": 900})
    wrong: list[tuple[str, str]] = []
    for name, cards in every.items():
        for number, card in enumerate(cards, 1):
            found = [fault for fault in show(page, script, card) if not any(word in fault for word in UNKNOWN)]
            wrong += [(name, fault) for fault in found]
            if page.evaluate("document.documentElement.scrollWidth") > PHONE:
                wrong.append((name, f"card {number} is wider than a phone"))
            if number == len(cards):
                page.screenshot(path=SHOTS / f"{'-'.join(re.findall('[a-z]+', name.lower()))}.png", full_page=True)
    page.close()
    assert wrong == []
