"""Reading files as people really save them: encodings, delimiters, multi-line cells, workbooks."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.imports.reading import DELIMITERS, RawRow, read_table


def file(folder: Path, content: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, *rows: list[Any], title: str = "Status", first: str | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if first is not None:
        sheet.title = first
        sheet = book.create_sheet()
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


def test_lines_are_those_of_the_file_also_after_cells_of_several_lines(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, 'key,text\nA,"one\ntwo\nthree"\n\nB,x\n,\nC,y\n'))
    assert table.columns == ("key", "text")
    assert table.rows == [
        RawRow(2, {"key": "A", "text": "one\ntwo\nthree"}),
        RawRow(6, {"key": "B", "text": "x"}),
        RawRow(8, {"key": "C", "text": "y"}),
    ]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["key", '"a, b; c"', "name"]) + "\n" + delimiter.join(["A", "1", "x"]) + "\n"
    assert read_table(file(tmp_path, text)).columns == ("key", "a, b; c", "name")


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert read_table(file(tmp_path, "key\nA\n".encode("utf-8-sig"))).columns == ("key",)
    assert read_table(file(tmp_path, "key\tname\nA\tÄ\n".encode("utf-16"))).rows == [
        RawRow(2, {"key": "A", "name": "Ä"})
    ]


def test_another_encoding_is_guessed_and_said_loudly(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "key,name\nA,“Zoë’s”\n".encode("cp1252")))
    assert table.rows[0].cells["name"] == "“Zoë’s”"
    assert "not UTF-8 (line 2)" in table.notes[0]
    assert "Windows-1252" in table.notes[0]


def test_a_file_in_no_known_encoding_is_a_fault(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, b"key\n\x81\xff\n"))
    assert [str(fault) for fault in table.faults] == [
        "line 2: the file is neither UTF-8 nor Windows-1252; save it as CSV UTF-8"
    ]


def test_a_quotation_mark_that_is_never_closed_is_a_fault_at_its_line(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, 'key,name\nA,x\nB,"y\nC,z\n'))
    assert table.faults[0].line == 3
    assert "quotation mark" in table.faults[0].reason


def test_rows_with_too_many_cells_are_faults_and_short_ones_are_filled(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "key,name\nA\nB,x,y\nC,z,\n"))
    assert table.rows == [RawRow(2, {"key": "A", "name": ""}), RawRow(4, {"key": "C", "name": "z"})]
    assert [(fault.line, fault.reason) for fault in table.faults] == [
        (3, "the row has 3 cells, but there are 2 columns")
    ]


def test_a_column_named_twice_is_a_fault(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "key,name, name\nA,1,2\n"))
    assert str(table.faults[0]) == "line 1, name: the header names this column twice"


def test_a_file_without_a_header_is_a_fault(tmp_path: Path) -> None:
    assert "no header" in read_table(file(tmp_path, "")).faults[0].reason
    assert "no header" in read_table(file(tmp_path, "a\nb\n"), header=5).faults[0].reason


def test_the_header_may_stand_further_down(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "Status report,,\n,,\nkey,,name\nA,unnamed,x\n"), header=3)
    assert table.rows == [RawRow(4, {"key": "A", "name": "x"})]


def test_a_workbook_with_days_numbers_and_text(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["key", "day", "at", "percent", "share", "yes", "text", None],
        [
            "A",
            datetime.fromisoformat("2026-11-27"),
            datetime.fromisoformat("2026-11-27T09:30"),
            61,
            0.5,
            True,
            "one\ntwo\xa0’",
            None,
        ],
        [None],
        ["B", date(2026, 11, 27)],
    )
    table = read_table(path)
    assert table.columns == ("key", "day", "at", "percent", "share", "yes", "text")
    assert table.rows[0] == RawRow(
        2,
        {
            "key": "A",
            "day": date(2026, 11, 27),
            "at": "2026-11-27 09:30:00",
            "percent": 61.0,
            "share": 0.5,
            "yes": True,
            "text": "one\ntwo\xa0’",
        },
    )
    assert (table.rows[1].line, table.rows[1].cells["text"]) == (4, "")


def test_a_long_text_in_a_workbook_is_whole(tmp_path: Path) -> None:
    text = "A narrative\n\twith “quotes”, and £\xa0signs \n" * 220
    assert len(text) > 9000
    assert read_table(workbook(tmp_path, ["text"], [text])).rows[0].cells["text"] == text


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["key"], ["A"], title="reports", first="Cover")
    assert read_table(path, sheet="reports").columns == ("key",)
    assert read_table(path, prefer="reports").columns == ("key",)
    assert read_table(path, prefer="register").columns == ()
    assert "there is no sheet 'Nope'; there are: Cover, reports" in read_table(path, sheet="Nope").faults[0].reason


def test_an_error_in_a_cell_is_a_fault(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path, ["key", "name"], ["A", "#REF!"]))
    assert str(table.faults[0]) == "line 2: the cell B2 holds the error #REF!"


def test_something_that_is_no_workbook_is_a_fault(tmp_path: Path) -> None:
    assert "not an Excel workbook" in read_table(file(tmp_path, "key\nA\n", "file.xlsx")).faults[0].reason


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("any")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), st.sampled_from(DELIMITERS))
def test_any_text_comes_back_character_by_character(shared: Path, rows: list[tuple[str, str]], delimiter: str) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("key", "name"), *rows])
    table = read_table(file(shared, written.getvalue()))
    assert not table.faults
    assert [(row.cells["key"], row.cells["name"]) for row in table.rows] == [row for row in rows if any(row)]


@pytest.mark.parametrize("text", ["key,name\nA,{long}\n", "key,{long}\n"])
def test_a_cell_longer_than_any_text_is_a_fault(tmp_path: Path, text: str) -> None:
    table = read_table(file(tmp_path, text.format(long="x" * 150_000)))
    assert "cannot be read" in table.faults[0].reason
