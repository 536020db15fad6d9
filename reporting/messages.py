"""Neutral messages: the language between all rooms. Renderers own escaping and size limits.

Text that a person typed travels in spans as it is; no renderer may let it become markup or a mention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reporting.model import Rag

# ---------------------------------------------------------------- text


@dataclass(frozen=True, slots=True)
class Plain:
    """Literal text; line breaks are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Literal text with weight."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Literal text, slanted."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Literal text as typed into a machine, such as a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web address with its label."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person. Drawn as the platform's mention when they have an account there, else as the name."""

    person_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, by its id or as `#name`. Drawn as the platform's own link to it where the id is known."""

    ref: str


@dataclass(frozen=True, slots=True)
class Pill:
    """A RAG mark: always a letter, in colour where the platform has one. None is "not reported" (–).

    `label` replaces the letter by words (`Red`), still with the colour.
    """

    rag: Rag | None
    label: str = ""


Span = Plain | Strong | Emphasis | Code | Link | Mention | Channel | Pill
Spans = tuple[Span, ...]


# ---------------------------------------------------------------- interactive elements


@dataclass(frozen=True, slots=True)
class Button:
    """A button. `action` names the handler (`report.open`), `value` is its argument."""

    action: str
    label: str
    value: str = ""
    style: Literal["", "primary", "danger"] = ""
    url: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    label: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice that acts at once, such as "Remind me later"."""

    action: str
    placeholder: str
    options: tuple[Option, ...]


# ---------------------------------------------------------------- blocks


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the message's title."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of lines."""

    items: tuple[Spans, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, set apart."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Divider:
    """A rule."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with at most one element at its end."""

    spans: Spans
    element: Button | Menu | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """Elements side by side."""

    elements: tuple[Button | Menu, ...]


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A cell that sorts as a number."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class ButtonCell:
    """A cell with one button; `fallback` where buttons in tables cannot be drawn."""

    button: Button
    fallback: str


Cell = Spans | NumberCell | ButtonCell


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Every row has as many cells as there are columns.

    Attributes:
        caption: what it shows; needed by screen readers.
        columns: header texts.
        page_size: rows to show at once, where the platform can page.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    page_size: int = 10


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, a value for each category."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; `fallback` says the same in words where charts cannot be drawn."""

    kind: Literal["bar", "line", "area"]
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    fallback: Spans
    x_label: str = ""
    y_label: str = ""


Block = Heading | Paragraph | Bullets | Quote | Note | Divider | Row | Actions | Table | Chart


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `summary` makes sense alone, in a notification or a screen reader."""

    summary: str
    blocks: tuple[Block, ...]
