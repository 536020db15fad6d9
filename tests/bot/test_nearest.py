"""Which name somebody may have meant."""

from __future__ import annotations

import pytest

from bot.config.faults import nearest

TEMPLATES = ["weekly.md.j2", "alert.md.j2"]


@pytest.mark.parametrize(
    ("word", "names", "said"),
    [
        ("nope.md.j2", TEMPLATES, "; known: alert.md.j2, weekly.md.j2"),
        ("weakly.md.j2", TEMPLATES, '; did you mean "weekly.md.j2"?'),
        ("weekly", TEMPLATES, '; did you mean "weekly.md.j2"?'),
        ("weekly.md", ["weekly.md"], '; did you mean "weekly.md"?'),
        ("Europe/Berln", ["Europe/Berlin", "Europe/Rome"], '; did you mean "Europe/Berlin"?'),
        ("x", [], ""),
    ],
)
def test_a_common_ending_makes_nothing_alike(word: str, names: list[str], said: str) -> None:
    assert nearest(word, names) == said
