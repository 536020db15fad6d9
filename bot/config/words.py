"""What pydantic found, said in words a PMO understands."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.config.faults import Finding, Path, nearest
from bot.config.models import AppFile


def finding(error: ErrorDetails) -> Finding:
    """One of pydantic's errors as a finding."""
    path = _clean(error["loc"])
    return Finding(path, _message(error, path))


def _clean(loc: tuple[int | str, ...]) -> Path:
    # For a faulty key of a mapping pydantic adds the word "[key]".
    return tuple(part for part in loc if part != "[key]")


# Said after the setting's name and, where `{value}` stands, with what was written.
_PHRASES = {
    "string_pattern_mismatch": '"{value}" must be letters, digits, "-" and "_" only',
    "int_type": '"{value}" must be a whole number',
    "int_parsing": '"{value}" must be a whole number',
    "int_from_float": '"{value}" must be a whole number',
    "bool_type": '"{value}" must be true or false',
    "bool_parsing": '"{value}" must be true or false',
    "date_type": '"{value}" is no day; write for example 2026-01-05',
    "date_parsing": '"{value}" is no day; write for example 2026-01-05',
    "date_from_datetime_parsing": '"{value}" is no day; write for example 2026-01-05',
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "list_type": "must be a list",
    "model_type": 'must be a group of settings ("name: value" lines), not a single value',
    "dict_type": 'must be a group of settings ("name: value" lines), not a single value',
}


def _message(error: ErrorDetails, path: Path) -> str:
    name = str(path[-1]) if path else "the file"
    if error["type"] == "extra_forbidden":
        return f'"{name}" is not known here{nearest(name, _fields_at(path[:-1]))}'
    if error["type"] == "missing":
        return f'"{name}" is missing'
    return _named(path) + _phrase(error)


def _phrase(error: ErrorDetails) -> str:
    context: dict[str, Any] = error.get("ctx") or {}
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] in ("enum", "literal_error"):
        options = [part.strip().strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f'"{error["input"]}" is not known{nearest(error["input"], options)}'
    if error["type"] in _PHRASES:
        return _PHRASES[error["type"]].replace("{value}", str(error["input"]))
    return error["msg"][:1].lower() + error["msg"][1:]


def _named(path: Path) -> str:
    names = [str(part) for part in path if isinstance(part, str)]
    return f"{names[-1]}: " if names else ""


def _fields_at(path: Path) -> list[str]:
    """The keys that may stand at a path."""
    model: Any = AppFile
    for part in path:
        model = _below(model, part)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _below(model: Any, part: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(str(part))
        return _strip(field.annotation) if field else None
    if get_origin(model) in (list, dict):
        return _strip(get_args(model)[-1])
    return None


def _strip(annotation: Any) -> Any:
    """`X | None` without the None."""
    if isinstance(annotation, types.UnionType) or get_origin(annotation) is Union:
        return next(a for a in get_args(annotation) if a is not type(None))
    return annotation
