"""For whom and on what a message is drawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.slack.words import Words
from handlers.text import size

Json = dict[str, Any]
_COUNTED = {"text", "caption", "title", "label", "name", "x_label", "y_label", "url"}


@dataclass(frozen=True, slots=True)
class Look:
    """What may be used.

    Attributes:
        users: chat user id by person id, for mentions.
        tags: coloured tags inside text.
        tables, charts: the data blocks of 2026.
    """

    users: Mapping[int, str] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    tags: bool = True
    tables: bool = True
    charts: bool = True

    @classmethod
    def of(cls, surface: str, users: Mapping[int, str], words: Words, new: bool) -> "Look":
        """The look for a message, a modal or a Home tab (Slack docs: blocks reference, "available in surfaces")."""
        return cls(users, words, tags=new, tables=new and surface != "modal", charts=new and surface == "message")


def weight(value: Any) -> int:
    """Characters of text in a piece of payload, counted generously."""
    total = 0
    # Without recursion: a large digest has a hundred thousand of these.
    left = [value]
    while left:
        piece = left.pop()
        if type(piece) is list:
            left += piece
        elif type(piece) is dict:
            for key, item in piece.items():
                if isinstance(item, str):
                    if key in _COUNTED:
                        total += len(item) if item.isascii() else size(item)
                elif type(item) is dict or type(item) is list:
                    left.append(item)
    return total


def json_bytes(value: Any) -> int:
    """The size of a payload as JSON in bytes, as Slack's SDK sends it."""
    return len(json.dumps(value))
