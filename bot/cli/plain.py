"""A neutral message as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from reporting import messages as m


def lines_of(message: m.Message) -> Iterator[str]:
    """The message, line by line."""
    for block in message.blocks:
        yield from _block(block)


def _block(block: m.Block) -> Iterator[str]:  # noqa: C901 - one case for each kind of block
    match block:
        case m.Heading():
            yield from ("", block.text, ("=" if block.level == 1 else "-") * len(block.text))
        case m.Paragraph() | m.Note():
            yield _text(block.spans)
        case m.Quote():
            yield from (f"> {line}" for line in _text(block.spans).splitlines())
        case m.Bullets():
            for number, item in enumerate(block.items, 1):
                yield f"{number}. {_text(item)}" if block.ordered else f"- {_text(item)}"
        case m.Divider():
            yield "-" * 40
        case m.Row():
            yield _text(block.spans) + (f"  {_element(block.element)}" if block.element else "")
        case m.Actions():
            yield "  ".join(_element(element) for element in block.elements)
        case m.Table():
            yield from _table(block)
        case m.Chart():
            yield f"{block.title}: {_text(block.fallback)}"
        case _:
            assert_never(block)


def _table(table: m.Table) -> Iterator[str]:
    rows = [table.columns, *(tuple(_cell(cell) for cell in row) for row in table.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.columns))]
    yield table.caption
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _cell(cell: m.Cell) -> str:
    match cell:
        case m.NumberCell():
            return cell.text
        case m.ButtonCell():
            return cell.fallback
        case _:
            return _text(cell).replace("\n", " ")


def _element(element: m.Button | m.Menu) -> str:
    return f"[{element.label}]" if isinstance(element, m.Button) else f"[{element.placeholder} v]"


def _text(spans: m.Spans) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: m.Span) -> str:
    match span:
        case m.Plain() | m.Strong() | m.Emphasis() | m.Code():
            return span.text
        case m.Link():
            return f"{span.text} <{span.url}>"
        case m.Mention():
            return span.name
        case m.Channel():
            return span.ref
        case m.Pill():
            return f"[{span.label or (span.rag.letter if span.rag else '–')}]"
        case _:
            assert_never(span)
