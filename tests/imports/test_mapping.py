"""The mapping file: what it can say, and how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.config.faults import ConfigFaults
from bot.imports import ImportReport, describe, import_file, read_mapping
from reporting.model import Rag
from reporting.services.importing import Fault
from tests.imports.company import Company


def faults_of(path: Path, company: Company | None = None, table: Path | None = None) -> list[str]:
    try:
        mapping = read_mapping(path)
        assert company is not None
        assert table is not None
        import_file(company.services, "reports", table, mapping=mapping)
    except ConfigFaults as caught:
        return [str(fault) for fault in caught.faults]
    return []


@pytest.fixture
def company(company: Company) -> Company:
    company.register("key,name,portfolio", "ATLAS,Atlas,imaging")
    return company


def test_everything_a_mapping_can_say(company: Company) -> None:
    table = company.write(
        "status.csv",
        "Status report of the week;;;;;",
        "No.;Week ending;Status;Text;Money;Rated",
        'atlas;13.11.26;Amber/Red;"First\nsecond";;yes',
        "ATLAS;06/11/2026;on track;Good;dear;yes",
        "ATLAS;30.10.26;n/a;Not begun;;no",
    )
    mapping = company.write(
        "map.yaml",
        "reports:",
        "  header: 2",
        '  dates: ["%d.%m.%y", "%d/%m/%Y"]',
        "  columns:",
        "    project: no.",
        "    period: {column: Week ending}",
        '    rag: {column: Status, values: {Amber/Red: amber, "On Track": green}, otherwise: ""}',
        "    not_reported: {column: Text, when: {column: Rated, is: [NO]}}",
        "    summary: {combine: [{column: Text}, {column: Money, label: Money}], between: ' / '}",
        "    reason: {constant: 2026}",
        "    percent: {column: Money, default: 50, values: {dear: 99, true: 1}}",
    )
    report = import_file(company.services, "reports", table, mapping=read_mapping(mapping))
    assert report.faults == ()
    first = company.current("ATLAS", "import", "2026-11-13")
    assert (first.rag, first.summary, first.reason, first.percent) == (Rag.AMBER, "First\nsecond", "2026", 50)
    second = company.current("ATLAS", "import", "2026-11-06")
    assert (second.rag, second.summary, second.percent) == (Rag.GREEN, "Good / Money: dear", 99)
    third = company.current("ATLAS", "import", "2026-10-30")
    assert (third.rag, third.not_reported) == (None, "Not begun")


def test_dates_may_differ_by_column_and_a_bad_one_shows_what_was_expected(company: Company) -> None:
    table = company.write("t.csv", "p,d,e,r", "ATLAS,2026-11-13,31/12/26,green", "ATLAS,13.11.2026,x,green")
    mapping = company.write(
        "map.yaml",
        "reports:",
        '  columns: {project: p, period: d, rag: r, forecast_end: {column: e, dates: ["%d/%m/%y"]}}',
    )
    report = import_file(company.services, "reports", table, mapping=read_mapping(mapping))
    assert [str(fault) for fault in report.faults] == [
        "line 3, d: not a date: '13.11.2026' (expected 2026-11-27)",
        "line 3, e: not a date: 'x' (expected 27/11/26)",
    ]


def test_all_faults_of_a_mapping_are_told_with_their_lines(company: Company) -> None:
    mapping = company.write(
        "map.yaml",
        "reports:",
        "  colums: {}",
        "  header: 0",
        "  columns:",
        "    project: {column: a, constant: b}",
        "    period: {}",
        "    rag: {column: r, when: {column: x}}",
    )
    assert faults_of(mapping) == [
        'map.yaml:5: "project" needs exactly one of column, constant and combine',
        'map.yaml:6: "period" needs exactly one of column, constant and combine',
        'map.yaml:7: "is" is missing',
        'map.yaml:3: "header": input should be greater than or equal to 1',
        'map.yaml:2: "colums" is not known here',
    ]


def test_a_mapping_that_does_not_fit_the_file_is_told_with_its_lines(company: Company) -> None:
    table = company.write("t.csv", "No,Week,Status", "ATLAS,2026-11-13,green")
    mapping = company.write(
        "map.yaml", "reports:", "  columns:", "    project: Number", "    rga: Status", "    custom.cost: Weak"
    )
    assert faults_of(mapping, company, table) == [
        'map.yaml:3: the file has no column "Number"; known: No, Status, Week',
        'map.yaml:4: there is no field "rga"; did you mean "rag"?',
        'map.yaml:5: the file has no column "Weak"; did you mean "Week"?',
        'map.yaml:2: the field "period" has no column',
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["reports: [", "x"], "not YAML"),
        (["reports:", "  columns: {project: a, period: b}", "reports:", "  columns: {}"], '"reports" is given twice'),
        (["register:", "  columns: {key: a}"], 'there is no section "reports"'),
    ],
)
def test_a_mapping_that_cannot_be_used(company: Company, lines: list[str], fault: str) -> None:
    table = company.write("t.csv", "a,b", "ATLAS,2026-11-13")
    assert fault in faults_of(company.write("map.yaml", *lines), company, table)[0]


def test_a_mapping_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_bytes("reports: Zoë".encode("cp1252"))
    assert faults_of(tmp_path / "map.yaml") == ["map.yaml:1: not UTF-8"]


# ---------------------------------------------------------------- without a mapping


def test_the_columns_of_our_own_export_need_no_mapping(company: Company) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "register"
    book.active.append(["key", "name", "portfolio", "periods_in_state"])
    book.active.append(["ATLAS", "Atlas", "imaging", 3])
    sheet = book.create_sheet("reports")
    sheet.append(
        ["project", "period", "rag", "dimensions.cost", "custom.fy_variance_pct", "decision", "decision_by", "late",
         "revision", "open_risk_score"]
    )  # fmt: skip
    sheet.append(["ATLAS", "2026-11-16", "red", "amber", -22.7, "Buy or wait", "2026-12-01", "no", 4, 12])
    book.save(company.folder / "export.xlsx")
    path = company.folder / "export.xlsx"
    assert import_file(company.services, "register", path).unchanged == 1
    report = import_file(company.services, "reports", path)
    assert report.notes == ("Not read, for want of a field of that name: open_risk_score.",)
    stored = company.current("ATLAS", "weekly", "2026-11-16")
    assert (stored.dimensions, stored.custom) == ({"cost": Rag.AMBER}, {"fy_variance_pct": -22.7})
    assert stored.decision is not None
    assert (stored.decision.question, stored.decision.of_id) == ("Buy or wait", None)
    assert import_file(company.services, "reports", path).unchanged == 1


def test_a_file_without_a_needed_column_says_which(company: Company) -> None:
    report = company.reports("projekt,period,rag", "ATLAS,2026-11-16,red")
    assert [str(fault) for fault in report.faults] == [
        'line 1: there is no column "project"; a mapping can say which one it is'
    ]


# ---------------------------------------------------------------- telling


def report(**changes: object) -> ImportReport:
    fields = {"created": 1, "changed": 2, "unchanged": 3, "faults": (), "changes": ("a", "b", "c"), "dry_run": False}
    return ImportReport(**(fields | changes))  # type: ignore[arg-type]


def test_what_was_done_is_told() -> None:
    assert list(describe(report(notes=("note",)))) == [
        "note", "  a", "  b", "  c", "Were added: 1, changed: 2, unchanged: 3.",
    ]  # fmt: skip
    assert list(describe(report(dry_run=True), changes=1)) == [
        "  a", "  … and 2 more", "Would be added: 1, changed: 2, unchanged: 3.",
    ]  # fmt: skip
    assert list(describe(report(faults=(Fault(3, "key", "is missing"),)))) == [
        "Nothing was imported. 1 fault:", "  line 3, key: is missing",
    ]  # fmt: skip
