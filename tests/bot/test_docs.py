"""The documentation names every setting, and no setting that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.config.environment import NAMES
from bot.config.models import AppFile
from reporting.policy import DEFAULT_SECTIONS, AlertKind, FieldKind

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()


def parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield from parts(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def section_of(model: type[BaseModel]) -> str:
    """The part of the page that explains a model: its own heading, or that of the list it belongs to."""
    headings = {
        "AppFile": "Top level",
        "RolesPart": "roles",
        "CalendarPart": "calendars",
        "NightPart": "calendars",
        "ReminderPart": "calendars",
        "FormPart": "forms",
        "DefinitionsPart": "forms",
        "DimensionPart": "forms",
        "CustomFieldPart": "forms",
        "DigestPart": "digests",
        "AlertPart": "alerts",
        "GracePart": "grace",
        "EnginePart": "engine",
        "LogPart": "log",
    }
    return PAGE.split(f"\n### {headings[model.__name__]}\n")[1].split("\n### ")[0]


@pytest.mark.parametrize("model", sorted(set(parts(AppFile)), key=lambda m: m.__name__))
def test_every_key_is_explained_in_its_section(model: type[BaseModel]) -> None:
    section = section_of(model)
    assert [key for key in model.model_fields if f"`{key}`" not in section] == []


def test_no_table_explains_a_key_that_does_not_exist() -> None:
    known = {key for model in parts(AppFile) for key in model.model_fields}
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert explained - known == set()


def test_every_variable_and_choice_is_explained() -> None:
    words = [*NAMES, *AlertKind, *FieldKind, *DEFAULT_SECTIONS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
