"""Markdown with marks to neutral blocks. Nothing typed is ever parsed; what cannot be understood is a fault."""

import re
from collections.abc import Iterator, Sequence

from digests.blocks import Filler
from digests.faults import MarkdownFault
from digests.ink import Thing, normal
from digests.notation import NotationFault
from digests.skeleton import Bone, Rule, bones, parser
from reporting.messages import Block

_FENCE = re.compile(r"\s*(`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_THREAD = "[[thread]]"
_KEPT = 1_000
_LARGEST_KEPT = 4_000


class MarkdownReader:
    """Reads Markdown; keeps the skeletons of sections it has seen."""

    def __init__(self) -> None:
        self._markdown = parser()
        self._skeletons: dict[str, tuple[Bone, ...]] = {}

    def read(self, markdown: str, things: Sequence[Thing]) -> list[tuple[Block, ...]]:
        """The blocks of each message: the first for the channel, the others for its thread.

        Raises:
            MarkdownFault: a notation that is not known or says something impossible.
        """
        messages: list[list[Block]] = [[]]
        for line, text in _sections(markdown):
            if text == _THREAD:
                messages.append([])
            else:
                messages[-1] += self._section(text, line, things)
        return [tuple(blocks) for index, blocks in enumerate(messages) if blocks or index == 0]

    def _section(self, text: str, line: int, things: Sequence[Thing]) -> list[Block]:
        shape, values = normal(text, things)
        filler = Filler(values, self.skeleton)
        bone: Bone = Rule()
        found: list[Block] = []
        try:
            for bone in self.skeleton(shape):
                found += filler.blocks(bone)
        except NotationFault as fault:
            raise MarkdownFault(str(fault), line + getattr(bone, "line", 0) + 1, fault.snippet) from fault
        except MarkdownFault as fault:
            raise MarkdownFault(fault.problem, line + fault.line + 1, fault.snippet) from fault
        return found

    def skeleton(self, shape: str) -> tuple[Bone, ...]:
        """The skeleton of a section, from those kept if it is there."""
        known = self._skeletons.get(shape)
        if known is None:
            known = bones(self._markdown, shape)
            if len(shape) <= _LARGEST_KEPT:
                if len(self._skeletons) >= _KEPT:
                    self._skeletons.clear()
                self._skeletons[shape] = known
        return known


def _sections(markdown: str) -> Iterator[tuple[int, str]]:
    """(line, text) of the parts between headings and thread marks; those inside a fence do not count."""
    lines = markdown.split("\n")
    start = 0
    fence = ""
    for number, line in enumerate(lines):
        opened = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence:
            if opened and opened[1].startswith(fence) and opened[0] == line.rstrip():
                fence = ""
        elif opened:
            fence = opened[1]
        elif line.rstrip() == _THREAD or _HEADING.match(line):
            yield from _part(lines, start, number)
            start = number
            if line.rstrip() == _THREAD:
                yield number, _THREAD
                start = number + 1
    yield from _part(lines, start, len(lines))


def _part(lines: Sequence[str], start: int, end: int) -> Iterator[tuple[int, str]]:
    text = "\n".join(lines[start:end])
    if text.strip():
        yield start, text
