"""Reads a spreadsheet into rows of cells: CSV in whatever dialect it was saved, or XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from reporting.services.importing import Fault

Cell = str | date | float | bool
"""An empty cell is an empty text. Numbers of a CSV file are text; those of a workbook are numbers."""

# The characters that `handlers/export_files.py` guards, behind apostrophes of the text's own.
_GUARDED = re.compile(r"''*[=+\-@\t\r]")

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: where it begins in the file (counted from 1), and its cells by column name."""

    line: int
    cells: dict[str, Cell]


@dataclass(slots=True)
class Table:
    """A file as read. With faults, the rows are those that could be read."""

    columns: tuple[str, ...] = ()
    rows: list[RawRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, line: int, reason: str, column: str = "") -> None:
        """Note what cannot be read."""
        self.faults.append(Fault(line, column, reason))


def read_table(path: Path, sheet: str | None = None, header: int = 1, prefer: str = "") -> Table:
    """Read a file by its ending: `.xlsx` and `.xlsm` as a workbook, everything else as CSV.

    Args:
        sheet: of a workbook, which must have it; when None, the one called `prefer`, or else the first.
        header: the line that names the columns, counted from 1; lines before it are ignored.

    Raises:
        OSError: the file cannot be opened.
    """
    table = Table()
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        numbered = _workbook_lines(path, sheet, prefer, table)
    else:
        numbered = _csv_lines(_decoded(path.read_bytes(), table), table)
    _fill(table, numbered, header)
    return table


# ---------------------------------------------------------------- CSV


def _decoded(content: bytes, table: Table) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        table.fault(line, "the file is neither UTF-8 nor Windows-1252; save it as CSV UTF-8")
        return ""
    table.notes.append(
        f"The file is not UTF-8 (line {line}) and was read as Windows-1252. Please check names with accents; "
        "saving it as CSV UTF-8 avoids the guess."
    )
    return text


def _csv_lines(text: str, table: Table) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, [_unguarded(cell) for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        table.fault(begins, f"the row cannot be read ({error}); a quotation mark may be missing")


def _unguarded(cell: str) -> str:
    """Without the apostrophe that our export puts before text which a spreadsheet would run as a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first row into the most columns."""

    def columns(delimiter: str) -> int:
        try:
            return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=columns)


# ---------------------------------------------------------------- workbooks


def _workbook_lines(path: Path, sheet: str | None, prefer: str, table: Table) -> Iterator[tuple[int, Sequence[Cell]]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        table.fault(1, f"not an Excel workbook ({error})")
        return
    try:
        if sheet is not None and sheet not in book.sheetnames:
            table.fault(1, f"there is no sheet {sheet!r}; there are: {', '.join(book.sheetnames)}")
            return
        wanted = prefer if sheet is None and prefer in book.sheetnames else sheet
        chosen = book[wanted] if wanted is not None else book.worksheets[0]
        for line, cells in enumerate(chosen.iter_rows(), start=1):
            for cell in cells:
                if cell.data_type == "e":
                    table.fault(line, f"the cell {cell.coordinate} holds the error {cell.value}")
            yield line, [_cell(cell.value) for cell in cells]
    finally:
        book.close()


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case datetime():
            midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
            return value.date() if midnight else value.isoformat(sep=" ")
        case bool() | float() | date():
            return value
        case int():
            return float(value)
        case _:
            return str(value)


# ---------------------------------------------------------------- both


def _fill(table: Table, numbered: Iterable[tuple[int, Sequence[Cell]]], header: int) -> None:
    for line, cells in numbered:
        if not table.columns:
            if line >= header:
                table.columns = _columns(table, line, cells)
        elif len(cells) > len(table.columns) and any(cell != "" for cell in cells[len(table.columns) :]):
            table.fault(line, f"the row has {len(cells)} cells, but there are {len(table.columns)} columns")
        elif any(cell != "" for cell in cells):
            padded = [*cells, *[""] * (len(table.columns) - len(cells))]
            named = zip(table.columns, padded, strict=False)
            table.rows.append(RawRow(line, {name: cell for name, cell in named if name}))
    if not table.columns and not table.faults:
        table.fault(header, "there is no header that names the columns")


def _columns(table: Table, line: int, cells: Sequence[Cell]) -> tuple[str, ...]:
    names = [str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        table.fault(line, "the header names this column twice", name)
    return tuple(names)
