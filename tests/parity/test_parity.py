"""Nothing that is said or asked in Slack is missing in Teams, and docs/parity.md lists what looks different."""

from __future__ import annotations

import os
from typing import get_args

import pytest

from handlers.desk import _ROOMS as ROOMS
from reporting.interactions import Field
from reporting.messages import Block
from reporting.query import Verb
from tests.parity.company import large, lived
from tests.parity.drawing import Pair, both
from tests.parity.page import BEGIN, END, NAMES, PAGE, blocks_of, differences, drawn_part, fields_of


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Pair]]:
    """Everything drawn on both sides, by name."""
    drawn: dict[str, list[Pair]] = {}
    for seen in (lived(tmp_path_factory.mktemp("small")), large(tmp_path_factory.mktemp("large"))):
        people = {person.id: person.name for person in seen.world.people.values()}
        for name, found in seen.tables.items():
            drawn.setdefault(name, []).extend(both(one, people) for one in found.values())
    return drawn


def test_nothing_is_missing_on_either_side(gathered: dict[str, list[Pair]]) -> None:
    lost = {(name, what) for name, pairs in gathered.items() for pair in pairs for what in pair.lost()}
    assert lost == set()


def test_everything_that_the_product_shows_was_drawn(gathered: dict[str, list[Pair]]) -> None:
    pairs = [pair for found in gathered.values() for pair in found]
    asked = {name.removeprefix("answer ") for name in gathered if name.startswith("answer ")}
    assert set(map(str, Verb)) <= asked
    wanted = {f"form {name}" for room in ROOMS for name in room.FORMS}
    assert wanted <= set(gathered)
    assert {name for name in gathered if not name.startswith("answer ")} <= set(NAMES)
    pressed = {action for pair in pairs for action, _ in pair.presses}
    assert {action for room in ROOMS for action in room.ACTIONS} <= pressed
    parts = {type(item) for pair in pairs for item in (*blocks_of(pair), *fields_of(pair))}
    assert {*get_args(Block), *get_args(Field)} - parts == set()


def test_every_difference_is_one_that_is_there(gathered: dict[str, list[Pair]]) -> None:
    pairs = [pair for found in gathered.values() for pair in found]
    assert [each.name for each in differences() if not any(each.found(pair) for pair in pairs)] == []


def test_the_page_says_so(gathered: dict[str, list[Pair]]) -> None:
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    now = head + BEGIN + "\n" + drawn_part(gathered) + "\n" + END + tail
    if os.environ.get("REWRITE_EXPECTED"):
        PAGE.write_text(now, "utf-8")
    assert PAGE.read_text("utf-8") == now, "REWRITE_EXPECTED=1 renews docs/parity.md"


def test_what_is_lost_would_be_seen(gathered: dict[str, list[Pair]]) -> None:
    prompt = gathered["message prompt"][0]
    for side in ("slack", "teams"):
        drawn = getattr(prompt, side)
        broken = Pair(prompt.subject, prompt.slack, prompt.teams)
        object.__setattr__(broken, side, type(drawn)(drawn.pieces, drawn.words[:40], set(), drawn.asks, drawn.people))
        assert any(what.lower().startswith(f"{side} lacks") for what in broken.lost())
        assert any("the button report.open" in what for what in broken.lost())
