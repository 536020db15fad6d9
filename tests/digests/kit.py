"""What the tests of digests share: a template in, neutral messages out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digests.blocks import said
from digests.composer import compose
from digests.environment import Templates
from digests.markdown import MarkdownReader
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    ButtonCell,
    Cell,
    Chart,
    Divider,
    Heading,
    Message,
    NumberCell,
    Row,
    Table,
)
from reporting.ports import Composed
from reporting.texts import Catalogues


def write(folder: Path, source: str, view: dict[str, Any] | None = None, locale: str = "en-GB") -> Composed:
    """What a template makes of a view."""
    (folder / "t.md.j2").write_text(source, encoding="utf-8")
    texts = Catalogues().texts(locale, "Europe/Berlin").at(datetime(2026, 11, 27, 15, 0, tzinfo=UTC))
    return compose(Templates(folder), MarkdownReader(), "t.md.j2", view or {}, texts)


def blocks(folder: Path, source: str, **view: Any) -> tuple[Block, ...]:
    """The blocks of the first message."""
    return write(folder, source, view).message.blocks


def lines(message: Message) -> list[str]:
    """A message as lines of bare text, as somebody would read it out."""
    return [line for block in message.blocks for line in _lines(block)]


def _lines(block: Block) -> list[str]:  # noqa: PLR0911
    match block:
        case Heading(text, level):
            return [f"{'#' * level} {text}"]
        case Bullets(items, ordered):
            return [f"{f'{n}.' if ordered else '-'} {''.join(map(said, item))}" for n, item in enumerate(items, 1)]
        case Actions(elements):
            return [" ".join(f"[{e.label if isinstance(e, Button) else e.placeholder}]" for e in elements)]
        case Row(spans, element):
            label = f" [{element.label}]" if isinstance(element, Button) else ""
            return [f"{''.join(map(said, spans))}{label}"]
        case Table(caption, columns, rows):
            return [caption, " | ".join(columns), *(" | ".join(map(_cell, row)) for row in rows)]
        case Chart(title=title, fallback=fallback):
            return [title, "".join(map(said, fallback))]
        case Divider():
            return ["---"]
        case _:
            return ["".join(map(said, block.spans))]


def _cell(cell: Cell) -> str:
    if isinstance(cell, ButtonCell):
        return f"[{cell.button.label}]"
    return cell.text if isinstance(cell, NumberCell) else "".join(map(said, cell))
