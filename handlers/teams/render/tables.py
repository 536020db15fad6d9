"""Tables, with their rows as lines of text for clients that cannot draw them, or are too narrow.

A table that no phone is wide enough for stands there twice: as a table for those as wide as a chat on a computer, and
as lines for narrower ones (Teams docs: responsive layout of Adaptive Cards). Clients that know no tables know no widths
either, so they show the lines.
"""

from collections.abc import Iterator
from dataclasses import replace

from handlers.teams.limits import BUTTON_FRAME_UNITS, LARGE_BYTES, PHONE_TABLE_UNITS, TABLE_COLUMNS, TEXT_UNITS
from handlers.teams.render.buttons import action_sets, beside, button
from handlers.teams.render.look import Json, Look, weight
from handlers.teams.render.text import BODY, BOLD, Style, flat, literal, prose
from handlers.text import one_line, shorten, size
from reporting.messages import ButtonCell, Cell, NumberCell, Plain, Span, Spans, Strong, Table

_LONG_WORD = 15
_LONG_CELL = 40
_CAPTION = 200
_SHORT_CELL = 12
_GAP = 2
_LINE = Style(spacing="small")
NARROW, WIDE = {"targetWidth": "atMost:narrow"}, {"targetWidth": "atLeast:standard"}


def table(block: Table, look: Look) -> list[Json]:
    """The caption and a table, or several one after the other; lines of text where a table would not do."""
    if not block.columns and not any(block.rows):
        return literal(block.caption, look, BOLD)
    whole = _square(block, look)
    rows = [_row(row, look) for row in whole.rows]
    if len(whole.columns) > TABLE_COLUMNS or _too_large(whole, rows):
        lines = [one for row in whole.rows for one in _lines(whole.columns, row, look)]
        return literal(block.caption, look, BOLD) + lines
    return _tables(whole, rows, look)


def _too_large(block: Table, rows: list[Json]) -> bool:
    long = any(size(flat(_spans(cell))) > TEXT_UNITS for row in block.rows for cell in row)
    return long or any(weight(row) > LARGE_BYTES // 3 for row in rows) or sum(map(size, block.columns)) > TEXT_UNITS


def _tables(block: Table, rows: list[Json], look: Look) -> list[Json]:
    head = _header(block.columns, look)
    widths = _widths(block)
    lines = [_lines(block.columns, row, look) for row in block.rows]
    groups = list(_grouped(rows, lines, weight(head), look))
    twice = sum(_least(column) + _GAP for column in _columns(block)) > PHONE_TABLE_UNITS
    made: list[Json] = []
    for n, (some, words) in enumerate(groups, 1):
        made += _caption(block.caption, n, len(groups), look)
        said: Json = {"type": "Container", "items": words}
        body: Json = {"type": "Table", "columns": widths, "rows": [head, *some], "spacing": "small"}
        if twice:
            made += [body | WIDE | {"fallback": "drop"}, said | NARROW | {"spacing": "small"}]
        else:
            made.append(body | {"fallback": said})
    return made


def _caption(text: str, n: int, total: int, look: Look) -> list[Json]:
    if total == 1 or n == 1:
        return literal(text, look, BOLD)
    short = shorten(one_line(text) or look.words.nothing, _CAPTION)
    return literal(look.words.part.format(text=short, n=n, total=total), look, BOLD)


def _grouped(
    rows: list[Json], lines: list[list[Json]], head: int, look: Look
) -> Iterator[tuple[list[Json], list[Json]]]:
    some: list[Json] = []
    words: list[Json] = []
    room = LARGE_BYTES - head
    left = room
    for row, line in zip(rows, lines, strict=True):
        need = weight(row, look) + weight(line)
        if some and need > left:
            yield some, words
            some, words, left = [], [], room
        some.append(row)
        words += line
        left -= need
    yield some, words


def _square(block: Table, look: Look) -> Table:
    """The table with as many cells in every row as there are columns."""
    width = max([len(block.columns), *(len(row) for row in block.rows)])
    columns = block.columns + (look.words.nothing,) * (width - len(block.columns))
    empty: Spans = ()
    return replace(block, columns=columns, rows=tuple(row + (empty,) * (width - len(row)) for row in block.rows))


def _widths(block: Table) -> list[Json]:
    """Wider columns for longer texts, within reason; the longest word must fit on a phone."""
    return [{"width": max(map(_width, column))} for column in _columns(block)]


def _columns(block: Table) -> list[list[str]]:
    """The texts of each column, its name among them."""
    return [[one_line(name), *(_text(row[at]) for row in block.rows)] for at, name in enumerate(block.columns)]


def _text(cell: Cell) -> str:
    if isinstance(cell, ButtonCell):
        # A button is wider than its label, and its label is not broken.
        return "_" * (size(one_line(cell.button.label)) + BUTTON_FRAME_UNITS)
    return flat(_spans(cell))


def _width(text: str) -> int:
    short = size(text) if size(text) <= _SHORT_CELL else 4 * min(size(text), _LONG_CELL) // 5
    return max(2 * min(_word(text), _LONG_WORD), short) + _GAP


def _least(column: list[str]) -> int:
    return min(max(map(_word, column)), _LONG_WORD)


def _word(text: str) -> int:
    return max(map(size, text.split()), default=1)


def _header(columns: tuple[str, ...], look: Look) -> Json:
    cells = [literal(name, look, BOLD) or literal(look.words.nothing, look, BOLD) for name in columns]
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": items} for items in cells]}


def _row(row: tuple[Cell, ...], look: Look) -> Json:
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": _cell(cell, look)} for cell in row]}


def _cell(cell: Cell, look: Look) -> list[Json]:
    action = _button(cell, look)
    if action is not None:
        return action_sets([action])
    return prose(_spans(cell), look, BODY) or literal(look.words.nothing, look, BODY)


def _button(cell: Cell, look: Look) -> Json | None:
    """The cell's button, where it is one that needs nothing beside it."""
    if not isinstance(cell, ButtonCell):
        return None
    drawn = button(cell.button, look)
    alone = drawn.actions and not drawn.beside and drawn.actions[0]["type"] != "Action.ShowCard"
    return drawn.actions[0] if alone else None


def _spans(cell: Cell) -> Spans:
    match cell:
        case NumberCell(text=text) | ButtonCell(fallback=text):
            return (Plain(text),) if text else ()
        case _:
            return cell


def _lines(columns: tuple[str, ...], row: tuple[Cell, ...], look: Look) -> list[Json]:
    """A row as text, with its button at the end."""
    buttons = [action for cell in row if (action := _button(cell, look)) is not None]
    said = tuple(() if _button(cell, look) is not None else cell for cell in row)
    text = prose(_line(columns, said if buttons else row, look), look, _LINE)
    if len(buttons) == 1 and text:
        return [beside(text, buttons[0]) | {"spacing": "small"}]
    return text + action_sets(buttons)


def _line(columns: tuple[str, ...], row: tuple[Cell, ...], look: Look) -> Spans:
    """A row as text: the first cell with weight, then every other that says something with its column's name."""
    spans: Spans = ()
    for name, cell in zip(columns, row, strict=True):
        text = _spans(cell)
        if flat(text).strip() in ("", look.words.nothing):
            continue
        spans += (Plain(f" · {one_line(name)}: "), *text) if spans else _strong(text)
    return spans


def _strong(text: Spans) -> Spans:
    """With weight; neighbours become one, since two bold texts side by side are not both bold in Markdown."""
    made: list[Span] = []
    for span in text:
        said = span.text if isinstance(span, Plain | Strong) else None
        if said is not None and made and isinstance(made[-1], Strong):
            made[-1] = Strong(made[-1].text + said)
        else:
            made.append(span if said is None else Strong(said))
    return tuple(made)
