"""Tables as data_table with everything that Slack limits, or as lines where there are no data tables."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from handlers.slack.actions import number
from handlers.slack.limits import BUTTON_TEXT, TABLE_COLUMNS, TABLE_PAGE, TABLE_ROWS
from handlers.slack.render.elements import button
from handlers.slack.render.look import Json, Look, weight
from handlers.slack.render.rich import flat, inlines
from handlers.text import clean, one_line, shorten, size
from reporting.messages import ButtonCell, Cell, NumberCell, Plain, Spans, Strong, Table

# One post carries at most 10,000 counted characters, so a table must leave room for its header and caption.
_CHARS = 8_500
_CELL = 1_000
_ROW = 6_000
_CAPTION = 250


@dataclass(frozen=True, slots=True)
class Tables:
    """The drawn tables, and texts that did not fit into a cell, in full."""

    blocks: tuple[Json, ...]
    beside: tuple[Spans, ...]


def normal(table: Table, look: Look) -> Table:
    """The table with as many cells in every row as there are columns."""
    width = max([len(table.columns), *(len(row) for row in table.rows)])
    columns = table.columns + (look.words.nothing,) * (width - len(table.columns))
    empty: Spans = ()
    rows = tuple(row + (empty,) * (width - len(row)) for row in table.rows)
    return replace(table, columns=columns, rows=rows or ((empty,) * width,))


def data_tables(table: Table, look: Look) -> Tables:
    """A table as one data_table or several (Slack docs: data table block)."""
    blocks: list[Json] = []
    beside: list[Spans] = []
    whole = normal(table, look)
    for part in _by_columns(whole, look):
        head = [_raw(shorten(one_line(name), BUTTON_TEXT), look) for name in part.columns]
        beside += [(Plain(clean(name)),) for name in part.columns if size(one_line(name)) > BUTTON_TEXT]
        groups = list(_by_rows(part, _ROW // len(part.columns), look, beside))
        for at, rows in enumerate(groups, 1):
            caption = one_line(part.caption) or look.words.nothing
            if len(groups) > 1:
                caption = look.words.part.format(text=shorten(caption, _CAPTION), n=at, total=len(groups))
            blocks.append(_block(shorten(caption, _CAPTION + 30), head, rows, table.page_size))
    if size(one_line(table.caption)) > _CAPTION:
        beside.insert(0, (Plain(clean(table.caption)),))
    return Tables(tuple(blocks), tuple(beside))


def lines(table: Table, look: Look) -> tuple[Spans, ...]:
    """Each row as one line of text: the first cell, then every other with its column's name."""
    whole = normal(table, look)
    return tuple(_line(whole.columns, row) for row in whole.rows if any(cell != () for cell in row))


def _line(columns: tuple[str, ...], row: tuple[Cell, ...]) -> Spans:
    spans: Spans = ()
    for name, cell in zip(columns, row, strict=True):
        text = _spans(cell)
        if not text:
            continue
        title = (Plain(f" · {clean(name)}: "),) if spans else ()
        spans += title + (text if spans else tuple(Strong(s.text) if isinstance(s, Plain) else s for s in text))
    return spans


def _spans(cell: Cell) -> Spans:
    match cell:
        case NumberCell(text=text):
            return (Plain(text),) if text else ()
        case ButtonCell(fallback=text):
            return (Plain(text),) if text else ()
        case _:
            return cell


def _by_columns(table: Table, look: Look) -> Iterator[Table]:
    """Slices of at most twenty columns, each with the first one."""
    width = len(table.columns)
    if width <= TABLE_COLUMNS:
        yield table
        return
    for start in range(1, width, TABLE_COLUMNS - 1):
        end = min(width, start + TABLE_COLUMNS - 1)
        caption = shorten(one_line(table.caption) or look.words.nothing, _CAPTION - 50)
        yield Table(
            look.words.columns.format(text=caption, first=start + 1, last=end),
            (table.columns[0], *table.columns[start:end]),
            tuple((row[0], *row[start:end]) for row in table.rows),
            table.page_size,
        )


def _by_rows(table: Table, most: int, look: Look, beside: list[Spans]) -> Iterator[list[list[Json]]]:
    group: list[list[Json]] = []
    room = _CHARS - sum(min(size(one_line(name)) + 1, BUTTON_TEXT) for name in table.columns)
    left = room
    for row in table.rows:
        cells = []
        for name, cell in zip(table.columns, row, strict=True):
            drawn, rest = _cell(cell, min(most, _CELL), look)
            cells.append(drawn)
            beside += [(Strong(clean(f"{_title(row)}, {name}: ")), *rest)] if rest else []
        need = sum(weight(cell) for cell in cells)
        if group and (len(group) == TABLE_ROWS or need > left):
            yield group
            group, left = [], room
        group.append(cells)
        left -= need
    yield group


def _title(row: tuple[Cell, ...]) -> str:
    return shorten(one_line(flat(_spans(row[0]))), BUTTON_TEXT)


def _cell(cell: Cell, most: int, look: Look) -> tuple[Json, Spans]:
    match cell:
        case NumberCell():
            return _number(cell, most, look)
        case ButtonCell():
            return _action(cell, most, look)
        case _:
            return _text_cell(cell, most, look)


def _number(cell: NumberCell, most: int, look: Look) -> tuple[Json, Spans]:
    text = one_line(cell.text)
    if not math.isfinite(cell.value) or not text or size(text) > most:
        return _text_cell((Plain(text),), most, look)
    whole = abs(cell.value) < 2**53 and float(cell.value).is_integer()
    return {"type": "raw_number", "value": int(cell.value) if whole else cell.value, "text": text}, ()


def _action(cell: ButtonCell, most: int, look: Look) -> tuple[Json, Spans]:
    drawn = button(cell.button, look)
    fallback, rest = _text_cell((Plain(cell.fallback),), most, look)
    if not drawn.elements or weight(drawn.elements[0]) > most:
        return fallback, rest
    kept = tuple(Plain(text) for text in drawn.beside)
    fallback = _raw(shorten(one_line(cell.fallback), most), look)
    return {"type": "action_cell", "element": dict(drawn.elements[0]), "fallback": fallback}, (*rest, *kept)


def _text_cell(spans: Spans, most: int, look: Look) -> tuple[Json, Spans]:
    text = flat(spans)
    elements = inlines(spans, look)
    if not text.strip() and not elements:
        return _raw("", look), ()
    if size(text) > most or weight(elements) > most:
        return _raw(shorten(one_line(text), min(most, 200)), look), spans
    if all(isinstance(span, Plain) for span in spans):
        return _raw(text, look), ()
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}, ()


def _raw(text: str, look: Look) -> Json:
    # Slack refuses an empty cell (Slack docs: data table block).
    return {"type": "raw_text", "text": text if text.strip() else look.words.nothing}


def _block(caption: str, head: list[Json], rows: list[list[Json]], page: int) -> Json:
    number([cell["element"] for row in rows for cell in row if cell["type"] == "action_cell"])
    return {
        "type": "data_table",
        "caption": caption,
        "page_size": max(1, min(page, TABLE_PAGE)),
        "row_header_column_index": 0,
        "rows": [head, *rows],
    }
