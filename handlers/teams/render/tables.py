"""Tables, with their rows as lines of text for clients that cannot draw them."""

from collections.abc import Iterator
from dataclasses import replace

from handlers.teams.limits import LARGE_BYTES, TABLE_COLUMNS, TEXT_UNITS
from handlers.teams.render.buttons import action_sets, button
from handlers.teams.render.look import Json, Look, weight
from handlers.teams.render.text import BODY, BOLD, Style, flat, literal, prose
from handlers.text import one_line, shorten, size
from reporting.messages import ButtonCell, Cell, NumberCell, Plain, Spans, Strong, Table

_LONG_WORD = 15
_LONG_CELL = 40
_CAPTION = 200
_LINE = Style(spacing="small")


def table(block: Table, look: Look) -> list[Json]:
    """The caption and a table, or several one after the other; lines of text where a table would not do."""
    if not block.columns and not any(block.rows):
        return literal(block.caption, look, BOLD)
    whole = _square(block, look)
    rows = [_row(row, look) for row in whole.rows]
    if len(whole.columns) > TABLE_COLUMNS or _too_large(whole, rows):
        lines = [one for row in whole.rows for one in prose(_line(whole.columns, row), look, _LINE)]
        return literal(block.caption, look, BOLD) + lines
    return _tables(whole, rows, look)


def _too_large(block: Table, rows: list[Json]) -> bool:
    long = any(size(flat(_spans(cell))) > TEXT_UNITS for row in block.rows for cell in row)
    return long or any(weight(row) > LARGE_BYTES // 3 for row in rows) or sum(map(size, block.columns)) > TEXT_UNITS


def _tables(block: Table, rows: list[Json], look: Look) -> list[Json]:
    head = _header(block.columns, look)
    widths = _widths(block)
    lines = [prose(_line(block.columns, row), look, _LINE) for row in block.rows]
    groups = list(_grouped(rows, lines, weight(head), look))
    made: list[Json] = []
    for n, (some, words) in enumerate(groups, 1):
        made += _caption(block.caption, n, len(groups), look)
        fallback = {"type": "Container", "items": words}
        body: Json = {"type": "Table", "columns": widths, "rows": [head, *some]}
        made.append(body | {"spacing": "small", "fallback": fallback})
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
    texts = [[one_line(name), *(flat(_spans(row[at])) for row in block.rows)] for at, name in enumerate(block.columns)]
    return [{"width": max(map(_width, column))} for column in texts]


def _width(text: str) -> int:
    word = max(map(size, text.split()), default=1)
    return max(2 * min(word, _LONG_WORD), 4 * min(size(text), _LONG_CELL) // 5, 1)


def _header(columns: tuple[str, ...], look: Look) -> Json:
    cells = [literal(name, look, BOLD) or literal(look.words.nothing, look, BOLD) for name in columns]
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": items} for items in cells]}


def _row(row: tuple[Cell, ...], look: Look) -> Json:
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": _cell(cell, look)} for cell in row]}


def _cell(cell: Cell, look: Look) -> list[Json]:
    if isinstance(cell, ButtonCell):
        drawn = button(cell.button, look)
        if drawn.actions and not drawn.beside and drawn.actions[0]["type"] != "Action.ShowCard":
            return action_sets(drawn.actions)
    return prose(_spans(cell), look, BODY) or literal(look.words.nothing, look, BODY)


def _spans(cell: Cell) -> Spans:
    match cell:
        case NumberCell(text=text) | ButtonCell(fallback=text):
            return (Plain(text),) if text else ()
        case _:
            return cell


def _line(columns: tuple[str, ...], row: tuple[Cell, ...]) -> Spans:
    """A row as text: the first cell with weight, then every other with its column's name."""
    spans: Spans = ()
    for name, cell in zip(columns, row, strict=True):
        text = _spans(cell)
        if not flat(text).strip():
            continue
        if spans:
            spans += (Plain(f" · {one_line(name)}: "), *text)
        else:
            spans = tuple(Strong(s.text) if isinstance(s, Plain) else s for s in text)
    return spans
