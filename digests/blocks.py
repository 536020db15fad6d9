"""A skeleton and what its marks stand for, to neutral blocks."""

import re
from collections.abc import Callable, Iterator, Sequence

from digests.faults import MarkdownFault
from digests.fences import chart, table
from digests.ink import MARK, Thing, normal, reveal, words
from digests.notation import NotationFault, thing
from digests.skeleton import (
    Anchor,
    Bone,
    Fence,
    Grid,
    Head,
    Items,
    Leaf,
    Leaves,
    Notation,
    Para,
    Place,
    Rule,
    Style,
    Text,
    split,
)
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    ButtonCell,
    Cell,
    Channel,
    Code,
    Divider,
    Emphasis,
    Heading,
    Link,
    Mention,
    Note,
    NumberCell,
    Paragraph,
    Pill,
    Plain,
    Quote,
    Row,
    Span,
    Spans,
    Strong,
    Table,
)

Piece = Span | Button | NumberCell
_WRITTEN: dict[Style, type[Plain] | type[Strong] | type[Emphasis] | type[Code]] = {
    "": Plain,
    "strong": Strong,
    "em": Emphasis,
    "code": Code,
}
_TEXTS = (Plain, Strong, Emphasis, Code)
_WEB = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)


class Filler:
    """Fills the places of one section."""

    def __init__(self, values: Sequence[Thing], skeleton: Callable[[str], tuple[Bone, ...]]) -> None:
        self._values = values
        self._skeleton = skeleton

    def blocks(self, bone: Bone) -> Iterator[Block]:
        """The blocks that a bone becomes."""
        match bone:
            case Head(level, leaves):
                yield Heading(self._plain(leaves).replace("\n", " "), min(level, 4))
            case Para(leaves, line, quoted):
                yield from self._paragraph(leaves, line, quoted)
            case Items():
                yield from self._list(bone)
            case Rule():
                yield Divider()
            case Grid(rows, line):
                header, *body = rows
                columns = tuple(self._plain(cell) for cell in header)
                yield Table(", ".join(columns), columns, tuple(tuple(self._cell(c, line) for c in row) for row in body))
            case Fence("table", lines, line):
                yield table(lines, line, self._inner_cell, self._inner_words)
            case Fence("chart", lines, line):
                yield chart(lines, line, self._inner_spans, self._inner_words)
            case Fence(_, lines, _):
                yield Paragraph((Code(reveal("\n".join(lines), self._values)),))

    def _paragraph(self, leaves: Sequence[Leaf], line: int, quoted: bool) -> Iterator[Block]:
        small = bool(leaves) and isinstance(leaves[0], Notation) and leaves[0].name == "note" and not leaves[0].values
        spans, buttons = self._line(leaves[1:] if small else leaves, line)
        if quoted or small:
            if buttons:
                raise MarkdownFault("a button cannot stand in a quote or a note", line, buttons[0].label)
            if spans:
                yield Note(_stripped(spans)) if small else Quote(spans)
        elif len(buttons) == 1 and spans:
            yield Row(spans, buttons[0])
        else:
            if spans:
                yield Paragraph(spans)
            if buttons:
                yield Actions(tuple(buttons))

    def _list(self, bone: Items) -> Iterator[Block]:
        lines = [self._line(item, bone.line) for item in bone.items]
        if lines and bone.start == 1 and not any(buttons for _, buttons in lines):
            yield Bullets(tuple(spans for spans, _ in lines), bone.ordered)
            return
        for number, (spans, buttons) in enumerate(lines, bone.start):
            if len(buttons) > 1:
                raise MarkdownFault("a line of a list has one button at most", bone.line, buttons[0].label)
            first = f"{number}. " if bone.ordered else "• "
            yield Row(_merged([Plain(first), *spans]), buttons[0] if buttons else None)

    def _line(self, leaves: Sequence[Leaf], line: int) -> tuple[Spans, list[Button]]:
        """The text of a line and the buttons at its end."""
        pieces = self._pieces(leaves)
        buttons: list[Button] = []
        while pieces and (isinstance(pieces[-1], Button) or (buttons and _blank(pieces[-1]))):
            last = pieces.pop()
            if isinstance(last, Button):
                buttons.insert(0, last)
        spans = _spans(pieces, line)
        return (_without_end(spans) if buttons else spans), buttons

    def _cell(self, leaves: Sequence[Leaf], line: int) -> Cell:
        pieces = self._pieces(leaves)
        match pieces:
            case [Button() as button]:
                return ButtonCell(button, button.label)
            case [NumberCell() as number]:
                return number
            case _:
                return _spans(pieces, line)

    def _inner(self, text: str) -> tuple["Filler", Leaves]:
        """A piece of a fenced block, read as running text, with the filler of its own places."""
        shape, values = normal(text, self._values)
        filler = Filler(values, self._skeleton)
        match self._skeleton(shape):
            case ():
                return filler, ()
            case (Para(leaves, _, quoted=False),):
                return filler, leaves
            case _:
                # What looks like a list or a heading is only text in a cell.
                return filler, tuple(split(shape, ""))

    def _inner_cell(self, text: str, line: int) -> Cell:
        alone = MARK.fullmatch(text)
        if alone:  # as in most cells: there is nothing to parse
            return self._cell((Place(int(alone[1])),), line)
        filler, leaves = self._inner(text)
        return filler._cell(leaves, line)

    def _inner_spans(self, text: str, line: int) -> Spans:
        filler, leaves = self._inner(text)
        return _spans(filler._pieces(leaves), line)

    def _inner_words(self, text: str) -> str:
        filler, leaves = self._inner(text)
        return filler._plain(leaves)

    def _plain(self, leaves: Sequence[Leaf]) -> str:
        return "".join(piece.label if isinstance(piece, Button) else said(piece) for piece in self._pieces(leaves))

    def _pieces(self, leaves: Sequence[Leaf]) -> list[Piece]:
        pieces: list[Piece] = []
        for leaf in leaves:
            # The two that nearly every leaf is come first: a large digest has tens of thousands of them.
            if type(leaf) is Place:
                value = self._values[leaf.number]
                pieces.append(_WRITTEN[leaf.style](value) if isinstance(value, str) else value)
            elif type(leaf) is Text:
                pieces.append(_WRITTEN[leaf.style](leaf.text))
            elif isinstance(leaf, Anchor):
                pieces.append(_link(reveal(leaf.url, self._values), reveal(leaf.label, self._values)))
            elif isinstance(leaf, Notation):
                pieces.append(self._thing(leaf.name, leaf.values))
        return pieces

    def _thing(self, name: str, values: Sequence[str]) -> Piece:
        try:
            found = thing(name, [reveal(value, self._values) for value in values])
        except NotationFault as fault:
            source = f"[[{':'.join((name, '|'.join(values))) if values else name}"
            raise NotationFault(str(fault), source) from fault
        assert not isinstance(found, str)
        return found


def said(span: Span | NumberCell) -> str:
    """A span as bare text."""
    if isinstance(span, Pill | Mention | NumberCell):
        return words(span)
    return span.ref if isinstance(span, Channel) else span.text


def _link(url: str, label: str) -> Span:
    if _WEB.fullmatch(url):
        return Link(url, label or url)
    return Plain(f"{label} ({url})")


def _blank(piece: Piece) -> bool:
    return isinstance(piece, Plain) and not piece.text.strip()


def _spans(pieces: Sequence[Piece], line: int) -> Spans:
    if len(pieces) == 1 and type(pieces[0]) is Plain:  # as most cells of a table are
        return (pieces[0],) if pieces[0].text else ()
    spans: list[Span] = []
    for piece in pieces:
        if isinstance(piece, Button):
            raise MarkdownFault("a button stands at the end of a line or in a cell of its own", line, piece.label)
        spans.append(Plain(piece.text) if isinstance(piece, NumberCell) else piece)
    return _merged(spans)


def _merged(spans: Sequence[Span]) -> Spans:
    """Neighbours of one kind become one; empty text goes."""
    merged: list[Span] = []
    for span in spans:
        last = merged[-1] if merged else None
        if isinstance(span, _TEXTS):
            if not span.text:
                continue
            if type(last) is type(span):
                merged[-1] = type(span)(last.text + span.text)
                continue
        merged.append(span)
    return tuple(merged)


def _without_end(spans: Spans) -> Spans:
    """Without the space that stood before a button."""
    if spans and isinstance(spans[-1], Plain):
        return _merged([*spans[:-1], Plain(spans[-1].text.rstrip(" "))])
    return spans


def _stripped(spans: Spans) -> Spans:
    """Without the space that stood behind `[[note]]`."""
    if isinstance(spans[0], Plain):
        return _merged([Plain(spans[0].text.lstrip(" ")), *spans[1:]])
    return spans
