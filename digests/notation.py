"""The small notation beside Markdown: `[[pill:red|Red]]`, `[[person:12|Ana]]`, `[[button:query.run|Open|red]]`."""

from typing import Literal, TypeVar

from digests.ink import Thing
from reporting.messages import Button, Mention, Pill
from reporting.model import Rag

SINGLE = ("note", "thread")
"""Notation without a value: `[[note]]` makes a paragraph small print, `[[thread]]` starts a message in the thread."""

_STYLES: tuple[Literal["", "primary", "danger"], ...] = ("", "primary", "danger")

Word = TypeVar("Word", bound=str)


class NotationFault(ValueError):
    """A notation that says something impossible; `snippet` is how it begins."""

    def __init__(self, problem: str, snippet: str = "") -> None:
        super().__init__(problem)
        self.snippet = snippet


def thing(name: str, values: list[str]) -> Thing:
    """What `[[name:value|value]]` stands for.

    Raises:
        NotationFault: unknown, or with values that do not fit.
    """
    match name, values:
        case "pill", [colour]:
            return Pill(_rag(colour))
        case "pill", [colour, label]:
            return Pill(_rag(colour), label)
        case "person", [number, name] if number.isdecimal():
            return Mention(int(number), name)
        case "button", [action, label]:
            return Button(action, label)
        case "button", [action, label, value]:
            return Button(action, label, value)
        case "button", [action, label, value, style]:
            return Button(action, label, value, one_of(style, _STYLES, "a button's style"))
        case _:
            pass
    raise NotationFault(f"[[{name}:{'|'.join(values)}]] is not known; there are pill, person, button, note and thread")


def _rag(colour: str) -> Rag | None:
    if colour == "none":
        return None
    try:
        return Rag(colour)
    except ValueError:
        raise NotationFault(f"a pill is red, amber, green or none, not {colour!r}") from None


def one_of(word: str, known: tuple[Word, ...], what: str) -> Word:
    """The word if it is known.

    Raises:
        NotationFault: naming those that are.
    """
    for candidate in known:
        if candidate == word:
            return candidate
    raise NotationFault(f"{what} is {', '.join(each for each in known if each)}, not {word!r}")
