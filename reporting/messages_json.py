"""Neutral messages to JSON and back, exactly: what leadership was shown is kept and can be shown again."""

from __future__ import annotations

import dataclasses
from typing import Any

from reporting import messages as m
from reporting.model import Rag

_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        m.Plain, m.Strong, m.Emphasis, m.Code, m.Link, m.Mention, m.Channel, m.Pill, m.Button, m.Option, m.Menu,
        m.Heading, m.Paragraph, m.Bullets, m.Quote, m.Note, m.Divider, m.Row, m.Actions, m.NumberCell,
        m.ButtonCell, m.Table, m.Series, m.Chart, m.Message,
    )
}  # fmt: skip


def to_json(message: m.Message) -> dict[str, Any]:
    """A message as plain JSON values, each object with its `kind`."""
    data = _dump(message)
    assert isinstance(data, dict)
    return data


def from_json(data: dict[str, Any]) -> m.Message:
    """The message back.

    Raises:
        ValueError: the data is not a message written by `to_json`.
    """
    message = _load(data)
    if not isinstance(message, m.Message):
        raise ValueError("not a message")
    return message


def _dump(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        # Not asdict: that would lose the kind of each part.
        fields = {f.name: _dump(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **_rename(fields)}
    if isinstance(value, tuple):
        return [_dump(item) for item in value]
    return value


def _rename(fields: dict[str, Any]) -> dict[str, Any]:
    # Chart has a field called `kind` itself.
    return {"chart" if name == "kind" else name: value for name, value in fields.items()}


def _load(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_load(item) for item in value)
    if not isinstance(value, dict):
        return value
    kind = _TYPES.get(value.get("kind", ""))
    if kind is None:
        raise ValueError(f"unknown part {value.get('kind')!r}")
    fields = {name: _load(item) for name, item in value.items() if name != "kind"}
    if kind is m.Chart:
        fields["kind"] = fields.pop("chart")
    if kind is m.Pill and fields["rag"] is not None:
        fields["rag"] = Rag(fields["rag"])
    return kind(**fields)
