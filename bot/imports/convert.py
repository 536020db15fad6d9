"""Turns rows of cells into rows of values, as the mapping says, and finds every fault on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.config.faults import ConfigFaults, nearest
from bot.config.faults import Fault as SettingFault
from bot.imports.fields import COUNTED, BadCell, FieldSpec, Kind, plain
from bot.imports.mapping import ReadMapping, Section, Source
from bot.imports.reading import Cell, RawRow, Table
from reporting.services.importing import Fault, Row


@dataclass(frozen=True, slots=True)
class Plan:
    """Which field is read from where."""

    sources: Mapping[str, Source]
    specs: Mapping[str, FieldSpec]
    dates: Sequence[str]


def plan_of(kind: Kind, section: Section, table: Table, specs: Mapping[str, FieldSpec], mapping: ReadMapping) -> Plan:
    """Check a section against the file and our fields.

    Raises:
        ConfigFaults: a field that we do not have, a column that the file does not have, a field that every row needs.
    """
    faults: list[SettingFault] = []
    by_name = _names(table)
    for name, source in section.columns.items():
        if name not in specs:
            faults.append(mapping.fault(kind, ("columns", name), f'there is no field "{name}"{nearest(name, specs)}'))
        for column in source.columns():
            if column.strip().lower() not in by_name:
                message = f'the file has no column "{column}"{nearest(column, table.columns)}'
                faults.append(mapping.fault(kind, ("columns", name), message))
    for name in _missing(specs, section.columns):
        faults.append(mapping.fault(kind, ("columns",), f'the field "{name}" has no column'))
    if faults:
        raise ConfigFaults(faults)
    return Plan(section.columns, specs, section.dates)


def plain_plan(table: Table, specs: Mapping[str, FieldSpec]) -> Plan:
    """Without a mapping: columns named like our fields, which is how our export names them.

    Other columns are left alone, and a note says so.
    """
    by_name = _names(table)
    sources = {name: Source(column=by_name[name]) for name in specs if name in by_name}
    known = {source.column for source in sources.values()}
    ignored = [column for column in table.columns if column and column not in known and column not in COUNTED]
    if ignored:
        table.notes.append(f"Not read, for want of a field of that name: {', '.join(ignored)}.")
    for name in _missing(specs, sources):
        table.fault(1, f'there is no column "{name}"; a mapping can say which one it is')
    return Plan(sources, specs, ["iso"])


def convert(table: Table, plan: Plan) -> tuple[list[Row], list[Fault]]:
    """All rows without a fault, and the faults of the others."""
    by_name = _names(table)
    rows, faults = [], []
    for raw in table.rows:
        row = _Reader(raw, plan, by_name)
        values = {name: row.value(name, source) for name, source in plan.sources.items()}
        faults += row.faults
        if not row.faults:
            rows.append(Row(raw.line, values))
    return rows, faults


def _names(table: Table) -> dict[str, str]:
    return {column.strip().lower(): column for column in table.columns if column}


def _missing(specs: Mapping[str, FieldSpec], found: Mapping[str, object]) -> list[str]:
    return [spec.name for spec in specs.values() if spec.required and spec.name not in found]


class _Reader:
    """One row."""

    def __init__(self, raw: RawRow, plan: Plan, by_name: Mapping[str, str]) -> None:
        self._raw = raw
        self._plan = plan
        self._by_name = by_name
        self.faults: list[Fault] = []

    def value(self, name: str, source: Source) -> Any:
        """A field's value; None after a fault."""
        spec = self._plan.specs[name]
        cell = self._translated(source)
        column = source.column or name
        if spec.required and cell == "":
            self.faults.append(Fault(self._raw.line, column, "is missing"))
            return None
        try:
            return spec.parse(cell, source.dates or self._plan.dates)
        except BadCell as error:
            self.faults.append(Fault(self._raw.line, column, str(error)))
            return None

    def _translated(self, source: Source) -> Cell:
        if source.when is not None and not self._holds(source.when.column, source.when.words):
            return ""
        cell = self._origin(source)
        if cell == "":
            return source.default
        if source.values or source.otherwise is not None:
            known = {word.strip().lower(): meaning for word, meaning in source.values.items()}
            unknown = cell if source.otherwise is None else source.otherwise
            return known.get(plain(cell).strip().lower(), unknown)
        return cell

    def _origin(self, source: Source) -> Cell:
        if source.constant is not None:
            return source.constant
        if source.combine is not None:
            parts = [(piece.label, plain(self._cell(piece.column))) for piece in source.combine]
            return source.between.join(f"{label}: {text}" if label else text for label, text in parts if text)
        assert source.column is not None, "the model lets through exactly one origin"
        return self._cell(source.column)

    def _holds(self, column: str, words: Sequence[str]) -> bool:
        return plain(self._cell(column)).strip().lower() in {word.strip().lower() for word in words}

    def _cell(self, column: str) -> Cell:
        return self._raw.cells.get(self._by_name[column.strip().lower()], "")
