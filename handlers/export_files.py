"""Writes tables as CSV and XLSX files that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from reporting.services.export import Sheet, Value

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

CELL_MAX = 32_767
"""Characters in one cell. Microsoft: Excel specifications and limits."""

# OWASP, "CSV Injection": a cell that begins so is run as a formula.
# Apostrophes in front count as well, so that the import can take away exactly the one that is put there here.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
# Control characters that XML 1.0 cannot hold, so no worksheet can.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def csv_bytes(sheet: Sheet) -> bytes:
    """One table as CSV: UTF-8 with the mark by which Excel knows it, CRLF line ends.

    Text that a spreadsheet would run is given an apostrophe in front, which a spreadsheet does not show.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(sheet.columns)
    writer.writerows([[_harmless(value) for value in row] for row in sheet.rows])
    return file.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Tables as worksheets; text stays text, whatever it begins with."""
    # Not at the top: the first export may load 5 MB more, but not every start of the bot.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "B2"
        page.append(list(sheet.columns))
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def too_long(sheets: Sequence[Sheet]) -> int:
    """How many texts a worksheet cannot hold in full."""
    return sum(
        isinstance(value, str) and len(value) > CELL_MAX for sheet in sheets for row in sheet.rows for value in row
    )


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _cell(page: WriteOnlyWorksheet, value: Value) -> object:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    text = _UNWRITABLE.sub("", value)[:CELL_MAX]
    cell = WriteOnlyCell(page, text)
    cell.data_type = "s"
    return cell
