"""What a form carries along in `private_metadata`: its context, and values of options that Slack cannot carry."""

import base64
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from handlers.slack.limits import PRIVATE_METADATA
from handlers.text import size

_PACKED = "~"


class FormTooLarge(Exception):
    """A form that cannot be made to fit: too many inputs, or a context over 3,000 characters even when packed."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What comes back with a submission.

    Attributes:
        context: the form's own.
        options: values of a field's options in order, where the options travel under their number.
    """

    context: dict[str, Any] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


def dump(carried: Carried) -> str:
    """Compact JSON, packed when long.

    Raises:
        FormTooLarge: it does not fit (Slack docs: views, `private_metadata` 3,000 characters).
    """
    if not carried.context and not carried.options:
        return ""
    content = [carried.context, carried.options] if carried.options else [carried.context]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    if size(text) > PRIVATE_METADATA or not text.isprintable():
        text = _PACKED + base64.b85encode(zlib.compress(json.dumps(content).encode(), 9)).decode()
    if size(text) > PRIVATE_METADATA:
        raise FormTooLarge(f"the context takes {size(text)} of {PRIVATE_METADATA} characters")
    return text


def load(text: str) -> Carried:
    """What `dump` was given; nothing for a text that it did not write."""
    try:
        if text.startswith(_PACKED):
            text = zlib.decompress(base64.b85decode(text[1:])).decode()
        content = json.loads(text) if text else []
    except (ValueError, zlib.error):
        return Carried()
    return Carried(*content) if isinstance(content, list) else Carried()
