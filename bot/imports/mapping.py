"""The mapping: which column of somebody's spreadsheet is which field of ours, and how its words translate.

A mapping file has a section for each kind of file, `register` and `reports`:

    reports:
      sheet: Status                      # of a workbook; the first one when absent
      header: 3                          # line of the column names
      dates: [iso, "%d/%m/%Y"]           # tried in order
      columns:
        project: Project No.             # a column
        period: {column: Week ending, dates: ["%d.%m.%y"]}
        rag: {column: Status, values: {Amber/Red: amber, On track: green}, otherwise: ""}
        not_reported: {column: Status, when: {column: Rated, is: [no, exempt]}}
        summary: {combine: [{column: Narrative}, {column: Budget, label: Budget}]}
        portfolio: {constant: imaging}
        percent: {column: Done, default: "0"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from bot.config.faults import ConfigFaults, Fault
from bot.config.lines import Lines, NotYaml, parse
from bot.imports.fields import ISO, Kind


def _as_text(value: object) -> object:
    # In a table of words YAML's own numbers and booleans are meant as they are written.
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


Word = Annotated[str, BeforeValidator(_as_text)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class When(_Part):
    """Take the cell only where another column holds one of these words; elsewhere the field is empty."""

    column: str
    words: list[Word] = Field(alias="is", min_length=1)


class Piece(_Part):
    """One part of a combined text; `label` stands before it as `Label: text`. Empty parts are left out."""

    column: str
    label: str = ""


class Source(_Part):
    """Where a field comes from: exactly one of `column`, `constant` and `combine`.

    Attributes:
        values: translations, compared without regard to case; a word that is not here stays as it is.
        otherwise: what a word that is not in `values` becomes, instead of staying.
        default: what an empty cell becomes.
        dates: formats for this column, in place of the section's.
        between: what stands between combined parts.
    """

    column: str | None = None
    constant: Word | None = None
    combine: list[Piece] | None = None
    between: str = "\n\n"
    values: dict[Word, Word] = {}
    otherwise: Word | None = None
    default: Word = ""
    dates: list[str] | None = None
    when: When | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if sum(origin is not None for origin in (self.column, self.constant, self.combine)) != 1:
            raise ValueError("needs exactly one of column, constant and combine")
        return self

    def columns(self) -> Iterator[str]:
        """Every column of the file that it reads."""
        if self.column is not None:
            yield self.column
        yield from (piece.column for piece in self.combine or ())
        if self.when is not None:
            yield self.when.column


def _as_source(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Section(_Part):
    """The mapping of one kind of file."""

    columns: dict[str, Annotated[Source, BeforeValidator(_as_source)]]
    dates: list[str] = [ISO]
    sheet: str | None = None
    header: Annotated[int, Field(ge=1)] = 1


class MappingFile(_Part):
    """A mapping file as written."""

    register_: Section | None = Field(default=None, alias="register")
    reports: Section | None = None

    def section(self, kind: Kind) -> Section | None:
        """The section of a kind of file."""
        return self.register_ if kind == "register" else self.reports


@dataclass(frozen=True, slots=True)
class ReadMapping:
    """A mapping file with the lines of its parts."""

    name: str
    file: MappingFile
    lines: Lines

    def fault(self, kind: Kind, path: tuple[str | int, ...], message: str) -> Fault:
        """A fault at a part of a section."""
        return Fault(f"{self.name}:{self.lines.line((kind, *path))}", message)


def read_mapping(path: Path) -> ReadMapping:
    """Read and check a mapping file.

    Raises:
        ConfigFaults: with every fault and its line.
        OSError: the file cannot be opened.
    """
    try:
        lines = parse(path.read_text(encoding="utf-8-sig"))
    except NotYaml as error:
        raise ConfigFaults([Fault(f"{path.name}:{error.line}", f"not YAML: {error.problem}")]) from None
    except UnicodeDecodeError:
        raise ConfigFaults([Fault(f"{path.name}:1", "not UTF-8")]) from None
    faults = [Fault(f"{path.name}:{lines.line(found.path)}", found.message) for found in lines.repeated]
    try:
        file = MappingFile.model_validate(lines.data)
    except ValidationError as error:
        faults += [_located(path.name, lines, detail) for detail in error.errors()]
        raise ConfigFaults(faults) from None
    if faults:
        raise ConfigFaults(faults)
    return ReadMapping(path.name, file, lines)


def _located(name: str, lines: Lines, detail: ErrorDetails) -> Fault:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    last = path[-1] if path else "the file"
    messages: Mapping[str, str] = {
        "extra_forbidden": f'"{last}" is not known here',
        "missing": f'"{last}" is missing',
        "value_error": f'"{last}" {(detail.get("ctx") or {}).get("error", "")}',
    }
    return Fault(f"{name}:{lines.line(path)}", messages.get(detail["type"], f'"{last}": {detail["msg"].lower()}'))
