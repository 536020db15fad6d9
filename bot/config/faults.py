"""Faults of the configuration: where, and what is wrong, in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """A chat system has ended the installation: not the configuration is at fault, nor any other chat system."""

    platform: str
    code: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `place` is `app.yaml:12` or the name of an environment variable.

    Attributes:
        ending: what it says of the installation, where that is all that is wrong; another chat system can go on then.
    """

    place: str
    message: str
    ending: Ending | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigFaults(Exception):
    """The configuration cannot be used. Holds every fault found, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault before it has its line: the path to it in the file."""

    path: Path
    message: str


def _common_end(names: Sequence[str]) -> str:
    """The ending from a full stop on that all names share."""
    letters = zip(*(reversed(name) for name in names), strict=False)
    end = "".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, letters))[::-1]
    return end[end.index(".") :] if "." in end else ""


def nearest(word: object, names: Iterable[str]) -> str:
    """`; did you mean "weekly"?` when one of the names is close to the word, else the names in question."""
    known = sorted(names)
    # What all have in common at their ends, as file names have, makes nothing alike.
    end = len(_common_end([str(word), *known])) if known else 0
    stems = {name[: len(name) - end]: name for name in known}
    match = difflib.get_close_matches(str(word)[: len(str(word)) - end], stems, n=1, cutoff=0.6)
    if match:
        return f'; did you mean "{stems[match[0]]}"?'
    return f"; known: {', '.join(known)}" if known and len(known) <= 12 else ""
