"""One rule for keys, wherever they come from."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.keys import is_project_key, portfolio_key, project_key
from tests.support.world import World, text_of

GOOD = ("ATLAS", "R&D/7.1", "ÄRZTE-1", "BEIS_0001_1617-Q2", "7", "_X", "C++", "परियोजना", "プロジェクト-2")


@pytest.mark.parametrize("key", GOOD)
def test_letters_of_any_language_and_joiners_make_a_key(key: str) -> None:
    assert project_key(f" {unicodedata.normalize('NFD', key).lower()}\n") == project_key(key)
    assert is_project_key(project_key(key))


@pytest.mark.parametrize("key", ["", "A B", "-A", "&", "A:B", "A@B", "A<B", '"A"', "X" * 41])
def test_what_people_cannot_type_after_the_command_is_no_key(key: str) -> None:
    assert not is_project_key(project_key(key))


@given(st.text())
def test_keys_stay_as_they_are(text: str) -> None:
    assert portfolio_key(portfolio_key(text)) == portfolio_key(text)
    assert project_key(project_key(text)) == project_key(text)


@pytest.mark.parametrize(
    ("name", "key"), [("R&D", "r-d"), (" Imaging  North ", "imaging-north"), ("Straße", "strasse"), ("&", "")]
)
def test_a_portfolio_is_known_by_its_words(name: str, key: str) -> None:
    assert portfolio_key(name) == key


@pytest.mark.parametrize("key", [key for key in GOOD if key == key.upper()])
def test_every_such_project_is_found_by_its_key(tmp_path: Path, key: str) -> None:
    world = World(tmp_path)
    world.person("anna")
    world.project(key, None)
    world.project(f"{key}2", None)
    for typed in (key, key.lower(), unicodedata.normalize("NFD", key), f'"{key}"', f"history {key}"):
        assert f"summary='{key}: " in text_of(world.command("anna", typed))
