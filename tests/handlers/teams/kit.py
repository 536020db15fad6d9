"""A client's side of cards: checks them against the official schema, reads them, fills them in, presses buttons."""

import functools
import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator

from handlers.teams.render import Account
from handlers.teams.words import Words
from reporting.model import Identity

Json = dict[str, Any]
WORDS = Words()
KEY = b"k" * 32
ANA = Identity("teams", "tenant-1", "0a11ce00-0000-4000-8000-000000000001")
ACCOUNTS = {
    1: Account(ANA.user_id, "Ana Example"),
    2: Account("0b0b0000-0000-4000-8000-000000000002", "Ben Example"),
    3: Account("", "Nobody"),
    4: Account("<at>everyone</at>", "Bad"),
}
OPENS = frozenset({"report.open", "report.unchanged"})
# What Teams documents and the schema does not know.
ADDITIONS = {"msteams", "choices.data", "targetWidth"}
SIMPLE = {"text", "title", "label", "value", "placeholder", "url", "errorMessage", "fallbackText", "id", "verb", "data"}
STUBS: dict[str, Any] = {
    "TextRun": "x",
    "Column": {"type": "Column", "items": []},
    "TableRow": {"type": "TableRow", "cells": []},
    "TableCell": {"type": "TableCell", "items": []},
    "AdaptiveCard": {"type": "AdaptiveCard", "version": "1.5"},
    "Refresh": {"type": "Refresh"},
}


@functools.cache
def schema() -> Json:
    spec = importlib.util.find_spec("adaptive_cards")
    assert spec is not None
    assert spec.origin is not None
    loaded: Json = json.loads((Path(spec.origin).parent / "schemas" / "schema-1.5.json").read_text("utf-8"))
    return loaded


def elements(value: Any) -> Iterator[Json]:
    """Everything with a type, at any depth; not what buttons carry."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value
        for key, item in value.items():
            if key not in {"data", "msteams", "choices.data"}:
                yield from elements(item)
    elif isinstance(value, list):
        for item in value:
            yield from elements(item)


def faults(card: Json) -> list[str]:
    """What the schema finds wrong, element by element, with the additions of Teams taken out first."""
    shapes = {
        json.dumps(shallow(one), sort_keys=True) for one in elements(card) if not one["type"].startswith("Chart.")
    }
    return [fault for shape in shapes for fault in shape_faults(shape)]


@functools.cache
def shape_faults(shape: str) -> tuple[str, ...]:
    element = json.loads(shape)
    if element["type"] not in schema()["definitions"]:
        return (f"unknown element {element['type']}",)
    checker = Draft6Validator({**schema(), "$ref": f"#/definitions/{element['type']}", "anyOf": [{}]})
    return tuple(f"{element['type']}: {error.message}"[:600] for error in checker.iter_errors(element))


def shallow(element: Json) -> Json:
    """The element with all texts alike and each child by a stub, so that a thousand like it are checked once."""
    return {key: stub(key, item) for key, item in element.items() if key not in ADDITIONS}


def stub(key: str, item: Any) -> Any:
    if isinstance(item, dict) and "type" in item and key != "data":
        kind = item["type"]
        if kind.startswith("Action."):
            as_itself = {
                "action": {"type": kind},
                "selectAction": {"type": "Action.OpenUrl", "url": "https://example.com"},
            }
            return as_itself.get(key, {"type": "Action.Submit", "title": "x"})
        return STUBS.get(kind, {"type": "TextBlock", "text": "x"})
    if isinstance(item, list):
        # Equal children say nothing new.
        return [json.loads(one) for one in dict.fromkeys(json.dumps(stub(key, i), sort_keys=True) for i in item)]
    if isinstance(item, dict) and key != "data":
        return {name: stub(name, value) for name, value in item.items()}
    if isinstance(item, str) and key in SIMPLE:
        return "https://example.com" if key == "url" else "x"
    return "x" if key == "inlines" else item


def cards(activities: list[Json]) -> list[Json]:
    return [activity["attachments"][0]["content"] for activity in activities]


def texts(value: Any, fallback: bool = False) -> list[str]:
    """Every text a reader sees, in order; `fallback` reads the fallbacks instead of what they stand for."""
    if isinstance(value, list):
        return [text for item in value for text in ([item] if isinstance(item, str) else texts(item, fallback))]
    if not isinstance(value, dict):
        return []
    if fallback and "fallback" in value:
        return texts(value["fallback"], fallback)
    own = [value[key] for key in ("text", "label") if isinstance(value.get(key), str)]
    own += [value["title"]] if "title" in value and not value.get("type", "").startswith("Chart.") else []
    inner = ("body", "items", "columns", "rows", "cells", "inlines", "actions", "card", "choices")
    return own + [text for key in inner for text in texts(value.get(key), fallback)]


def seen(value: Any, fallback: bool = False) -> str:
    """All of it, with the invisible helpers gone and each gap as one space."""
    return same(" ".join(texts(value, fallback)))


def same(text: str) -> str:
    return "".join(text.replace("\u2060", "").split())


# ---------------------------------------------------------------- filling in


def inputs(card: Json) -> dict[str, Json]:
    found = [one for one in elements(card) if one["type"].startswith("Input.")]
    assert len({one["id"] for one in found}) == len(found)
    return {one["id"]: one for one in found}


def untouched(card: Json) -> dict[str, str]:
    """What a client sends when nobody touched anything: empty inputs are missing, numbers are texts."""
    values = {}
    for name, one in inputs(card).items():
        value = one.get("value")
        if value is not None and value != "":
            values[name] = value if isinstance(value, str) else repr(value)
    return values


def buttons(card: Json) -> list[Json]:
    """What can be pressed: a request to renew the card has no title."""
    return [one for one in elements(card) if one["type"] in {"Action.Submit", "Action.Execute"} and "title" in one]


def press(card: Json, title: str, typed: dict[str, str] | None = None) -> Json:
    """The `data` of a `task/submit`: the button's own, under all inputs."""
    (button,) = [one for one in buttons(card) if one["title"] == title]
    merged = {**button["data"], **untouched(card), **(typed or {})}
    data: Json = json.loads(json.dumps({name: value for name, value in merged.items() if value != ""}))
    return data
