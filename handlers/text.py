"""Literal text: cleaned of what JSON or a chat system cannot carry, measured, and cut where a reader would cut it."""

import re
import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}
_BOUNDARIES = (re.compile(r"\n+"), re.compile(r"[.!?…。！？]['\")\]]*\s+"), re.compile(r"\s+"))


def clean(text: str) -> str:
    """The same text with every line end as a newline and each unprintable character as U+FFFD."""
    # Most texts have nothing of all this, and a digest has tens of thousands of them.
    return text if text.isprintable() else _CONTROL.sub("\ufffd", _LINE_ENDS.sub("\n", text))


def size(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_line(text: str) -> str:
    """Cleaned text with all white space folded, for titles, labels and table headers."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis, within `limit` units."""
    if size(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> Iterator[str]:
    """Parts of at most `limit` units that joined give the text again, cut after lines, sentences or words if can be."""
    rest = text
    while size(rest) > limit:
        at = _cut(rest, limit)
        yield rest[:at]
        rest = rest[at:]
    if rest:
        yield rest


def _cut(text: str, limit: int) -> int:
    most = _fitting(text, limit)
    for boundary in _BOUNDARIES:
        ends = [found.end() for found in boundary.finditer(text, 0, most)]
        # A boundary in the first third would waste most of the room.
        if ends and ends[-1] > most // 3:
            return ends[-1]
    return most


def _fitting(text: str, limit: int) -> int:
    """How many characters fit, without splitting a character from its accents or an emoji sequence."""
    start = at = _units(text, limit)
    while 1 < at < len(text) and _joined(text, at):
        at -= 1
    return at if start - at < 20 and at > 1 else max(start, 1)


def _units(text: str, limit: int) -> int:
    """How many characters take at most `limit` UTF-16 units."""
    head = text[:limit]
    if size(head) == len(head):
        return len(head)
    left = limit
    for at, char in enumerate(head):
        left -= 2 if char > "\uffff" else 1
        if left < 0:
            return at
    return len(head)


def _joined(text: str, at: int) -> bool:
    after, before = text[at], text[at - 1]
    return after in _JOINERS or before == "\u200d" or bool(unicodedata.combining(after))
