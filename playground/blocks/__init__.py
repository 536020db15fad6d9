"""Block Kit as strictly as Slack reads it."""

from playground.blocks.payload import (
    MAX_MESSAGE_CHARS,
    MAX_VIEW_BYTES,
    check_blocks,
    check_view,
    counted_chars,
    elements_of,
    view_bytes,
    walk,
)
from playground.blocks.schema import Context, Json, Surface

__all__ = [
    "MAX_MESSAGE_CHARS",
    "MAX_VIEW_BYTES",
    "Context",
    "Json",
    "Surface",
    "check_blocks",
    "check_view",
    "counted_chars",
    "elements_of",
    "view_bytes",
    "walk",
]
