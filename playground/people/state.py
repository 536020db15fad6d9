"""What a person has entered into inputs: Slack's `state.values`, and what the client lets pass."""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.blocks import elements_of, walk
from playground.model import Json
from playground.workspace import Workspace

REQUIRED = "Please complete this required field."


class ClientRefusal(Exception):
    """Something that a real client would not let a person do. The text says why."""


@dataclass(frozen=True)
class _Kind:
    """How one element type holds its value: its key, its initial key, and what empty looks like."""

    key: str
    initial: str
    many: bool = False

    def empty(self) -> Any:
        return [] if self.many else None


_KINDS: dict[str, _Kind] = {
    "plain_text_input": _Kind("value", "initial_value"),
    "email_text_input": _Kind("value", "initial_value"),
    "url_text_input": _Kind("value", "initial_value"),
    "number_input": _Kind("value", "initial_value"),
    "rich_text_input": _Kind("rich_text_value", "initial_value"),
    "static_select": _Kind("selected_option", "initial_option"),
    "external_select": _Kind("selected_option", "initial_option"),
    "multi_static_select": _Kind("selected_options", "initial_options", many=True),
    "multi_external_select": _Kind("selected_options", "initial_options", many=True),
    "users_select": _Kind("selected_user", "initial_user"),
    "multi_users_select": _Kind("selected_users", "initial_users", many=True),
    "conversations_select": _Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": _Kind("selected_conversations", "initial_conversations", many=True),
    "channels_select": _Kind("selected_channel", "initial_channel"),
    "multi_channels_select": _Kind("selected_channels", "initial_channels", many=True),
    "checkboxes": _Kind("selected_options", "initial_options", many=True),
    "radio_buttons": _Kind("selected_option", "initial_option"),
    "datepicker": _Kind("selected_date", "initial_date"),
    "timepicker": _Kind("selected_time", "initial_time"),
    "datetimepicker": _Kind("selected_date_time", "initial_date_time"),
    "file_input": _Kind("files", "initial_files", many=True),
}
_STATELESS = {"overflow": _Kind("selected_option", "")}


def stateful(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with each of its elements that holds a value."""
    for block in walk(blocks):
        for element in elements_of(block):
            if element["type"] in _KINDS:
                yield block, element


def current_values(space: Workspace, blocks: list[Json], typed: Json) -> Json:
    """`state.values`: what was typed, else what the app preset, else empty.

    Raises:
        ClientRefusal: something typed that the client would not take.
    """
    values: Json = {}
    for block, element in stateful(blocks):
        given = typed.get(block["block_id"], {}).get(element["action_id"])
        entry = initial(element) if given is None else accepted(space, element, given)
        values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def initial(element: Json) -> Json:
    """The entry of an element that nobody has touched."""
    kind = _KINDS[element["type"]]
    value = copy.deepcopy(element.get(kind.initial, kind.empty()))
    return {"type": element["type"], kind.key: value}


def entry_for(element: Json, value: Any) -> Json:
    """An entry from a plain value: a text, an option's value or label, an id, a list of those."""
    kind = _KINDS.get(element["type"]) or _STATELESS[element["type"]]
    if kind.key in {"selected_option", "selected_options"} and value is not None:
        many = isinstance(value, list | tuple | set)
        picked = [find_option(element, each) for each in (value if many else [value])]
        value = picked if kind.many else picked[0]
    elif element["type"] == "number_input" and value is not None:
        value = str(value)
    return {"type": element["type"], kind.key: value}


def find_option(element: Json, wanted: Any) -> Json:
    """The option with this value or label.

    Raises:
        ClientRefusal: the element does not offer it.
    """
    options = offered(element)
    if isinstance(wanted, dict):
        if element["type"].endswith("external_select"):
            return wanted
        wanted = wanted.get("value")
    for option in options:
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise ClientRefusal(f"the option {wanted!r} is not offered in {element.get('action_id')}")


def offered(element: Json) -> list[Json]:
    """All options of an element."""
    groups = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *groups]


def accepted(space: Workspace, element: Json, given: Json) -> Json:
    """An entry as the client would send it.

    Raises:
        ClientRefusal: the client would not take the value.
    """
    kind = _KINDS.get(element["type"]) or _STATELESS[element["type"]]
    value = given.get(kind.key, kind.empty())
    if value in (None, "", []):
        return {"type": element["type"], kind.key: kind.empty()}
    if kind.many:
        value = [_single(space, element, kind, each) for each in value]
        limit = element.get("max_selected_items") or element.get("max_files")
        if limit is not None and len(value) > limit:
            raise ClientRefusal(f"{element['action_id']} takes at most {limit} items")
    else:
        value = _single(space, element, kind, value)
    return {"type": element["type"], kind.key: value}


def _single(space: Workspace, element: Json, kind: _Kind, value: Any) -> Any:
    if kind.key.startswith("selected_option"):
        return find_option(element, value)
    if kind.key.startswith("selected_user") and value not in space.users:
        raise ClientRefusal(f"there is no user {value!r}")
    if kind.key.startswith(("selected_channel", "selected_conversation")) and value not in space.channels:
        raise ClientRefusal(f"there is no channel {value!r}")
    if kind.key == "value":
        return _typed_text(element, value)
    if kind.key == "selected_date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        raise ClientRefusal(f"{value!r} is no date")
    if kind.key == "selected_time" and not re.fullmatch(r"\d\d:\d\d", str(value)):
        raise ClientRefusal(f"{value!r} is no time")
    return value


def _typed_text(element: Json, value: Any) -> str:
    if not isinstance(value, str):
        raise ClientRefusal(f"{element['action_id']} takes text, not {value!r}")
    limit = element.get("max_length", 3000)
    if len(value) > limit:
        raise ClientRefusal(f"{element['action_id']} takes at most {limit} characters")
    return value


def is_empty(entry: Json) -> bool:
    """Whether an entry holds nothing."""
    return all(value in (None, "", []) for name, value in entry.items() if name != "type")


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """What the client shows beside inputs instead of submitting, by block_id."""
    found: dict[str, str] = {}
    for block in walk(blocks):
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = values[block["block_id"]][element["action_id"]]
        if is_empty(entry):
            if not block.get("optional"):
                found[block["block_id"]] = REQUIRED
        else:
            words = _complaint(element, str(entry.get("value") or ""))
            if words:
                found[block["block_id"]] = words
    return found


def _complaint(element: Json, text: str) -> str | None:
    match element["type"]:
        case "plain_text_input" if len(text) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
        case "number_input":
            return _number_complaint(element, text)
        case "email_text_input" if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
            return "Please enter a valid email address."
        case "url_text_input" if not re.fullmatch(r"https?://\S+", text):
            return "Please enter a valid URL."
        case _:
            return None


def _number_complaint(element: Json, text: str) -> str | None:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return "Please enter a number."
    if "." in text and not element["is_decimal_allowed"]:
        return "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Must be {low} or more."
    if high is not None and float(text) > float(high):
        return f"Must be {high} or less."
    return None


def without_inputs(blocks: list[Json], values: Json) -> Json:
    """The values of a closed view: input blocks are left out."""
    inputs = {block["block_id"] for block in walk(blocks) if block["type"] == "input"}
    return {name: entries for name, entries in values.items() if name not in inputs}


def kept(blocks: list[Json], typed: Json) -> Json:
    """What stays of typed values when a view was changed: the same block_id and action_id and type."""
    fresh: Json = {}
    for block, element in stateful(blocks):
        entry = typed.get(block["block_id"], {}).get(element["action_id"])
        if entry is not None and entry["type"] == element["type"]:
            fresh.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return fresh
