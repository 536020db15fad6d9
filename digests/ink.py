"""Keeps typed text out of the Markdown: a short mark stands for it until parsing is done.

Whatever a template prints with `{{ }}` becomes a mark made of private-use characters, which Markdown treats like a
letter. After parsing, the mark turns back into the very text (or pill, person, button), so that nothing typed can
ever become markup, whatever it holds.
"""

import re
from collections.abc import Sequence

from reporting.messages import Button, Mention, NumberCell, Pill

OPEN = "\ue000"
CLOSE = "\ue001"
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")

Thing = str | Pill | Mention | Button | NumberCell


class Md(str):
    """Markdown that the program wrote itself. Every other `str` is somebody's text and stays literal.

    Any operation on it gives an ordinary `str` again, which is the safe side.
    """

    __slots__ = ()


class Ink:
    """The things that one rendering holds back, in the order they were written."""

    def __init__(self) -> None:
        self.things: list[Thing] = []

    def put(self, thing: Thing) -> Md:
        """The mark that stands for a thing."""
        self.things.append(thing)
        return Md(f"{OPEN}{len(self.things) - 1}{CLOSE}")


def words(thing: Thing) -> str:
    """A thing as bare text."""
    match thing:
        case str():
            return thing
        case Pill():
            return thing.label or (thing.rag.letter if thing.rag else "–")
        case Mention():
            return f"@{thing.name}"
        case Button():
            return thing.label
        case NumberCell():
            return thing.text


def reveal(text: str, things: Sequence[Thing]) -> str:
    """Text with every mark replaced by the words of what it stands for."""
    return MARK.sub(lambda found: words(things[int(found[1])]), text)


def normal(text: str, things: Sequence[Thing]) -> tuple[str, list[Thing]]:
    """A text with its marks numbered from 0, and what they stand for."""
    pieces = MARK.split(text)
    values = [things[int(number)] for number in pieces[1::2]]
    pieces[1::2] = [f"{OPEN}{number}{CLOSE}" for number in range(len(values))]
    return "".join(pieces), values


def readable(markdown: str, things: Sequence[Thing]) -> str:
    """The Markdown for the record: marks written out, typed text escaped as CommonMark asks."""
    pieces: list[str] = MARK.split(markdown)
    written = _all_written(things)
    pieces[1::2] = [written[int(number)] for number in pieces[1::2]]
    return "".join(pieces)


def _all_written(things: Sequence[Thing]) -> list[str]:
    """Each thing written out. Texts are escaped all at once: a large digest has tens of thousands of them."""
    texts = [thing for thing in things if type(thing) is str]
    escaped = _escaped(_BETWEEN.join(texts)).split(_BETWEEN)
    if len(escaped) != max(len(texts), 1):  # somebody typed the very character
        return [_written(thing) for thing in things]
    following = iter(escaped)
    return [next(following) if type(thing) is str else _written(thing) for thing in things]


# Escaping leaves it as it is, and hardly anybody can type it.
_BETWEEN = "\x00"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&])")


def _written(thing: Thing) -> str:
    match thing:
        case str():
            return _escaped(thing)
        case Pill():
            label = f"|{_escaped(thing.label)}" if thing.label else ""
            return f"[[pill:{thing.rag or 'none'}{label}]]"
        case Mention():
            return f"[[person:{thing.person_id}|{_escaped(thing.name)}]]"
        case Button():
            style = f"|{thing.style}" if thing.style else ""
            return f"[[button:{thing.action}|{_escaped(thing.label)}|{_escaped(thing.value)}{style}]]"
        case NumberCell():
            return _escaped(thing.text)


def _escaped(text: str) -> str:
    if text.isalnum():
        return text
    return _SPECIAL.sub(r"\\\1", text)
