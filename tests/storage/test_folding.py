"""Text for look-ups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.folding import fold, key_fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ana MÜLLER", "ana muller"),
        ("Straße", "strasse"),
        ("  a\u00a0 b\n", "a b"),
        ("İstanbul", "istanbul"),
        ("Łódź", "łodz"),
        ("ＦＵＬＬ", "full"),
        ("Ωμέγα", "ωμεγα"),
        ("", ""),
    ],
)
def test_case_accents_and_white_space_go(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_upper_and_lower_case_are_one_key(text: str) -> None:
    assert key_fold(key_fold(text)) == key_fold(text)


def test_keys_keep_their_accents() -> None:
    assert key_fold("ÄTNA") == key_fold("a\u0308tna") != key_fold("ATNA")
