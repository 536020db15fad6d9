"""CommonMark to a skeleton: the shape of a text, with the places where its marks are filled in.

Sections that differ only in what people typed have the same skeleton, so it is kept and parsed once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from digests.faults import MarkdownFault
from digests.ink import CLOSE, OPEN
from digests.notation import SINGLE

Style = Literal["", "strong", "em", "code"]

_MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_NOTATION = re.compile(r"\[\[([a-z]+)(?::([^\]\n]*))?\]\]")


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the template."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mark stands, by its number within the section."""

    number: int
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Notation:
    """`[[name:value|value]]`, not yet looked at."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link; address and label may hold marks."""

    url: str
    label: str


Leaf = Text | Place | Notation | Anchor
Leaves = tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A heading."""

    level: int
    leaves: Leaves


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; `line` counts from 0 within the section."""

    leaves: Leaves
    line: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list, nested ones flattened into it."""

    ordered: bool
    start: int
    items: tuple[Leaves, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """`---`."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: its first word and its lines."""

    info: str
    lines: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table written with pipes; the first row is its header."""

    rows: tuple[tuple[Leaves, ...], ...]
    line: int


Bone = Head | Para | Items | Rule | Fence | Grid


def parser() -> MarkdownIt:
    """CommonMark without raw HTML, indented code, references and entities, with tables and our notation."""
    markdown = MarkdownIt("zero").enable(
        ["table", "fence", "blockquote", "hr", "list", "heading", "newline", "escape", "backticks", "emphasis", "link"]
    )
    markdown.inline.ruler.before("link", "notation", _notation)
    # Addresses come back as written; which schemes are allowed is decided once the marks are filled in.
    markdown.normalizeLink = _as_it_is  # type: ignore[method-assign]
    markdown.validateLink = _always  # type: ignore[method-assign,assignment]
    return markdown


def _as_it_is(url: str) -> str:
    return url


def _always(_url: str) -> bool:
    return True


def _notation(state: StateInline, silent: bool) -> bool:
    found = _NOTATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("notation", "", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def bones(markdown: MarkdownIt, text: str) -> tuple[Bone, ...]:
    """The skeleton of a section.

    Raises:
        MarkdownFault: a notation that stands where it cannot.
    """
    return tuple(_bones(_Reader(markdown.parse(text))))


class _Reader:
    """Walks through markdown-it's flat list of tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def next(self) -> Token | None:
        if self._at == len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def until(self, kind: str, level: int) -> list[Token]:
        """The tokens up to the one that closes, which is passed over."""
        start = self._at
        while self._tokens[self._at].type != kind or self._tokens[self._at].level != level:
            self._at += 1
        self._at += 1
        return list(self._tokens[start : self._at - 1])


def _bones(reader: _Reader) -> Iterator[Bone]:
    while (token := reader.next()) is not None:
        line = token.map[0] if token.map else 0
        match token.type:
            case "heading_open":
                inside = reader.until("heading_close", token.level)
                yield Head(int(token.tag[1:]), leaves(inside[0].children or (), line))
            case "paragraph_open":
                inside = reader.until("paragraph_close", token.level)
                yield Para(leaves(inside[0].children or (), line), line)
            case "bullet_list_open":
                yield _items(False, 1, reader.until("bullet_list_close", token.level), line)
            case "ordered_list_open":
                start = int(token.attrs.get("start", 1))
                yield _items(True, start, reader.until("ordered_list_close", token.level), line)
            case "blockquote_open":
                inside = reader.until("blockquote_close", token.level)
                yield Para(_joined(_texts(inside)), line, quoted=True)
            case "table_open":
                yield _grid(reader.until("table_close", token.level), line)
            case "fence":
                yield Fence(token.info.strip(), tuple(token.content.split("\n")[:-1]), line)
            case "hr":
                yield Rule()
            case _:
                pass


def _items(ordered: bool, start: int, tokens: Sequence[Token], line: int) -> Items:
    items: list[list[Leaves]] = []
    for token in tokens:
        if token.type == "list_item_open":
            items.append([])
        items[-1].extend(_texts((token,)))
    return Items(ordered, start, tuple(_joined(item) for item in items if item), line)


def _texts(tokens: Sequence[Token]) -> list[Leaves]:
    """The texts inside a list item or a quote, whatever they stand in."""
    found = []
    for token in tokens:
        if token.type == "inline":
            found.append(leaves(token.children or (), token.map[0] if token.map else 0))
        elif token.type == "fence":
            found.append(tuple(split(token.content.rstrip("\n"), "code")))
    return found


def _joined(texts: Sequence[Leaves]) -> Leaves:
    joined: list[Leaf] = []
    for text in texts:
        joined += (Text("\n"), *text) if joined else text
    return tuple(joined)


def _grid(tokens: Sequence[Token], line: int) -> Grid:
    rows: list[list[Leaves]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(leaves(token.children or (), line))
    return Grid(tuple(tuple(row) for row in rows), line)


def leaves(tokens: Sequence[Token], line: int) -> Leaves:
    """The running text inside a block, flat: bold inside italics is bold."""
    found: list[Leaf] = []
    strong = slanted = 0
    link: tuple[str, int] | None = None
    for token in tokens:
        style: Style = "strong" if strong else "em" if slanted else ""
        match token.type:
            case "text":
                found += split(token.content, style)
            case "code_inline":
                found += split(token.content, "code")
            case "softbreak" | "hardbreak":
                found.append(Text("\n", style))
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                slanted += token.nesting
            case "link_open":
                link = (str(token.attrs.get("href", "")), len(found))
            case "link_close" if link is not None:
                url, start = link
                found[start:] = [Anchor(url, "".join(map(_label, found[start:])))]
                link = None
            case "notation":
                found.append(_looked_at(token.content, line, first=not found))
            case _:
                pass
    return tuple(found)


def _label(leaf: Leaf) -> str:
    match leaf:
        case Text(text):
            return text
        case Place(number):
            return f"{OPEN}{number}{CLOSE}"
        case Anchor(_, label):
            return label
        case Notation(_, values):
            return values[-1]


def split(text: str, style: Style) -> Iterator[Leaf]:
    """Words and places of a piece of text."""
    for index, piece in enumerate(_MARK.split(text)):
        if index % 2:
            yield Place(int(piece), style)
        elif piece:
            yield Text(piece, style)


def _looked_at(source: str, line: int, first: bool) -> Notation:
    found = _NOTATION.fullmatch(source)
    assert found is not None
    name, values = found[1], found[2]
    if values is None and name == "note" and first:
        return Notation(name, ())
    if values is None and name in SINGLE:
        where = "at the start of a paragraph" if name == "note" else "alone on its line"
        raise MarkdownFault(f"[[{name}]] stands {where}", line, source)
    return Notation(name, tuple((values or "").split("|")))
