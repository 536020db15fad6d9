"""The keys by which people name projects and portfolios: one rule for the form, the import and the settings."""

from __future__ import annotations

import unicodedata
from itertools import groupby

PROJECT_KEY_MAX = 40
"""Characters in a project's key; a longer one is a name."""

JOINERS = "- _ . & / +"
"""What may stand in a project's key besides letters and digits; not at its beginning, save `_`."""


def project_key(text: str) -> str:
    """A project's key as it is kept: upper case, without blanks around it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().upper())


def is_project_key(key: str) -> bool:
    """Whether a key from `project_key` may be one: letters and digits of any language, and the joiners."""
    wellformed = all(_is_word(char) or char in JOINERS.split() for char in key)
    return wellformed and 0 < len(key) <= PROJECT_KEY_MAX and _begins(key[0])


def portfolio_key(text: str) -> str:
    """The key of a portfolio with this name or key: folded case, words joined by `-`; empty without any word."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    words = ("".join(chars) for is_word, chars in groupby(folded, _is_word) if is_word)
    return "-".join(words)


def _begins(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_word(char: str) -> bool:
    # Marks belong to their letters: many scripts write vowels so.
    return char == "_" or unicodedata.category(char)[0] in "LMN"
