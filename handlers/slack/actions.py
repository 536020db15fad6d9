"""How the name of a handler and its argument travel through a button and back."""

import base64
import json
import re
import zlib
from typing import Any

from handlers.slack.limits import BUTTON_VALUE, ID_CHARS
from handlers.text import size

LINK = "link"
_MARK = "~"
_NUMBERED = re.compile(r"#\d+$")
_ROOM_FOR_NUMBER = 10


def encode(action: str, value: str) -> tuple[str, str] | None:
    """`action_id` and `value` for a button; an empty value means none.

    Names and values that Slack would refuse travel packed inside the value. None when even that is too long.
    """
    plain_name = 0 < size(action) <= ID_CHARS - _ROOM_FOR_NUMBER and not _NUMBERED.search(action)
    if plain_name and action[0] != _MARK and size(value) <= BUTTON_VALUE and value[:1] != _MARK and _sendable(value):
        return action, value
    packed = _MARK + base64.b64encode(zlib.compress(json.dumps([action, value]).encode(), 9)).decode()
    return (_MARK + "packed", packed) if len(packed) <= BUTTON_VALUE else None


def decode(action_id: str, value: str) -> tuple[str, str]:
    """What `encode` was given."""
    if action_id.startswith(_MARK) and value.startswith(_MARK):
        action, argument = json.loads(zlib.decompress(base64.b64decode(value[1:])))
        return str(action), str(argument)
    return _NUMBERED.sub("", action_id), value


def is_link(action_id: str) -> bool:
    """Whether this is a button that only opens an address: acknowledged and nothing else."""
    return _NUMBERED.sub("", action_id) == LINK


def number(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements with `action_id`s made unique, as one block demands."""
    seen: dict[str, int] = {}
    for element in elements:
        name = element["action_id"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            element["action_id"] = f"{name}#{seen[name]}"
    return elements


def _sendable(value: str) -> bool:
    return value.isprintable()
