"""The two fenced blocks with a meaning: tables and charts, written in simple lines."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from digests.faults import MarkdownFault
from reporting.messages import Cell, Chart, Series, Spans, Table

_KINDS: dict[str, Literal["bar", "line", "area"]] = {"bar": "bar", "line": "line", "area": "area"}
_PIPE = re.compile(r"(?<!\\)\|")
PAGE_LIMIT = 100


def table(lines: Sequence[str], line: int, cell: Callable[[str, int], Cell], words: Callable[[str], str]) -> Table:
    """`caption: ...`, `page: 10`, then lines of cells between pipes, the first of them the header.

    Raises:
        MarkdownFault: a line that is neither, or with another number of cells than the header.
    """
    caption, page, columns = "", 10, None
    rows: list[tuple[Cell, ...]] = []
    for number, text in _lines(lines, line):
        if text.startswith("|"):
            cells = _cells(text)
            if columns is None:
                columns = tuple(words(each) for each in cells)
                continue
            if len(cells) != len(columns):
                raise MarkdownFault(f"this row has {len(cells)} cells, the header {len(columns)}", number, text)
            rows.append(tuple(cell(each, number) for each in cells))
        elif text.startswith("caption:"):
            caption = words(text[8:].strip())
        elif text.startswith("page:") and words(text[5:].strip()).isdecimal():
            page = min(max(int(words(text[5:].strip())), 1), PAGE_LIMIT)
        else:
            raise MarkdownFault("a table has caption:, page: and lines that begin with |", number, text)
    if columns is None or not caption:
        raise MarkdownFault("a table needs a caption: and a header line", line)
    return Table(caption, columns, tuple(rows), page)


def chart(lines: Sequence[str], line: int, spans: Callable[[str, int], Spans], words: Callable[[str], str]) -> Chart:
    """`kind:`, `title:`, `categories: a | b`, `series NAME: 1 | 2`, `fallback:`, and if you like `x:` and `y:`.

    Raises:
        MarkdownFault: a line that is none of these, or series that do not fit the categories.
    """
    said: dict[str, str] = {}
    series: list[Series] = []
    categories: tuple[str, ...] = ()
    fallback: Spans = ()
    for number, text in _lines(lines, line):
        key, _, value = (part.strip() for part in text.partition(":"))
        if key == "categories":
            categories = tuple(words(each) for each in _cells(value))
        elif key == "fallback":
            fallback = spans(value, number)
        elif key.startswith("series "):
            series.append(_series(words(key[7:]), [words(each) for each in _cells(value)], number))
        elif key in ("kind", "title", "x", "y"):
            said[key] = words(value)
        else:
            raise MarkdownFault("a chart has kind, title, x, y, categories, series and fallback", number, text)
    if not (categories and series and fallback and said.get("title")):
        raise MarkdownFault("a chart needs a title, categories, series and a fallback in words", line)
    if any(len(each.values) != len(categories) for each in series):
        raise MarkdownFault("every series of a chart needs one value for each category", line)
    kind = _KINDS.get(said.get("kind", "bar"))
    if kind is None:
        raise MarkdownFault(f"a chart is of the kind {', '.join(_KINDS)}", line, said["kind"])
    return Chart(kind, said["title"], categories, tuple(series), fallback, said.get("x", ""), said.get("y", ""))


def _series(name: str, values: Sequence[str], line: int) -> Series:
    try:
        return Series(name, tuple(float(value) for value in values))
    except ValueError:
        raise MarkdownFault(f"the values of {name!r} are not all numbers", line) from None


def _lines(lines: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(lines, first + 1):
        if text.strip():
            yield number, text.strip()


def _cells(text: str) -> list[str]:
    inner = text.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip() for cell in _PIPE.split(inner)]
