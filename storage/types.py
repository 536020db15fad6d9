"""Column types: instants as aware UTC on every database, enums as short words, JSON written one way."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

POSTGRES = "postgresql"

# Keys are compared and sorted byte by byte on every database, so that prefixes can use an index.
KeyText = Text().with_variant(Text(collation="C"), POSTGRES)


class NaiveDatetime(TypeError):
    """An instant without a time zone was about to be stored."""


def utc_text(instant: datetime) -> str:
    """An instant as text of fixed width (`2026-11-22T07:36:12.000000Z`), which sorts in the order of time.

    Raises:
        NaiveDatetime: the instant has no time zone.
    """
    return _as_utc(instant).isoformat(timespec="microseconds")[:26] + "Z"


def _as_utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise NaiveDatetime(f"{instant!r} has no time zone")
    return instant.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant: text of fixed width on SQLite, `timestamptz` on PostgreSQL; read back as aware UTC."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type the database knows."""
        if dialect.name == POSTGRES:
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    # The processors are replaced, not wrapped: these run for every value of every row.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """To the database."""
        convert: Callable[[datetime], Any] = _as_utc if dialect.name == POSTGRES else utc_text
        return lambda value: None if value is None else convert(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """From the database."""
        convert: Callable[[Any], datetime] = _as_utc if dialect.name == POSTGRES else datetime.fromisoformat
        return lambda value: None if value is None else convert(value)


class Word(TypeDecorator[Any]):
    """A `StrEnum` stored as its value, at most 16 characters."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        """Store members of `kind`."""
        super().__init__(16)
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:  # noqa: ARG002
        """To the database; a word that is no member of the enum is refused."""
        kind = self.kind
        return lambda value: None if value is None else kind(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """From the database; an unknown word is refused."""
        known: dict[str | None, Any] = {member.value: member for member in self.kind}
        known[None] = None
        return known.__getitem__


def dump_json(value: Any) -> str:
    """Compact JSON. ASCII only, so that even half a surrogate pair survives."""
    return "{}" if value == {} else json.dumps(value, separators=(",", ":"), allow_nan=False)


def load_json(text: str) -> Any:
    """JSON back; most objects of a report are empty."""
    return {} if text == "{}" else json.loads(text)
