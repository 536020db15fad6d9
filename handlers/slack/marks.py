"""How a sent message is recognised again: Slack has no idempotency key, so the delivery's key travels along."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from handlers.slack.limits import ID_CHARS
from handlers.text import size

EVENT_TYPE = "rollcall_delivery"
_SEPARATOR = "~"
_ROOM = ID_CHARS - 20


def metadata(key: str) -> dict[str, Any]:
    """Message metadata with the key."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def marked(blocks: list[dict[str, Any]], key: str, edited: bool = False) -> list[dict[str, Any]]:
    """The blocks with the key as the first one's `block_id`.

    Metadata of an event type that the manifest does not name may be dropped, so the key stands here too. An edited
    message needs new ids (Slack docs: blocks, "block_id should be unique for each iteration of a message").
    """
    if not blocks:
        return blocks
    name = mark(key)
    if edited:
        digest = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
        name = f"{name}{_SEPARATOR}{digest[:12]}"
    return [{**blocks[0], "block_id": name}, *blocks[1:]]


def mark(key: str) -> str:
    """The key as a `block_id`, hashed when it is too long or would look like an edited one."""
    if key and size(key) <= _ROOM and _SEPARATOR not in key and key.isprintable():
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def carries(message: Mapping[str, Any], key: str) -> bool:
    """Whether a message read back is the one sent with this key."""
    found = message.get("metadata") or {}
    if found.get("event_type") == EVENT_TYPE and (found.get("event_payload") or {}).get("key") == key:
        return True
    name = mark(key)
    ids = (str(block.get("block_id", "")) for block in message.get("blocks") or ())
    return any(block_id.partition(_SEPARATOR)[0] == name for block_id in ids)
