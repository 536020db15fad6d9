"""What comes back from a modal."""

from collections.abc import Mapping
from typing import Any

from handlers.slack.forms.context import Carried, load
from handlers.slack.forms.inputs import HARD_CUT
from handlers.text import clean, size
from reporting.interactions import Submission, UserRef, Value
from reporting.model import Identity

Json = Mapping[str, Any]


def parse(view: Json, actor: Identity) -> Submission:
    """The state of a form, sent or while typing."""
    carried = load(view.get("private_metadata") or "")
    return Submission(
        form_id=view.get("callback_id") or "",
        actor=actor,
        values=values(view, actor, carried),
        context=carried.context,
        interaction=f"{view.get('id', '')}:{view.get('hash', '')}",
        view=str(view.get("id", "")),
    )


def values(view: Json, actor: Identity, carried: Carried) -> dict[str, Value]:
    """By field id; an empty input is None, or () where several can be chosen."""
    state = (view.get("state") or {}).get("values") or {}
    parts: dict[str, dict[int, Json]] = {}
    for block_id, entries in state.items():
        for action_id, entry in entries.items():
            n = field_part(block_id, action_id)
            if n is not None:
                parts.setdefault(action_id, {})[n] = entry
    return {name: _value(name, found, actor, carried) for name, found in parts.items()}


def field_part(block_id: str, action_id: str) -> int | None:
    """Which input of a field this is, counted from 1; None when it is no field but a button or menu."""
    if block_id == action_id:
        return 1
    head, mark, n = block_id.rpartition("~")
    return int(n) if mark and head == action_id and n.isdigit() else None


def first_input(view: Json) -> str | None:
    """The `block_id` of the first input: where an error of the whole form is shown."""
    for block in view.get("blocks", ()):
        if block["type"] == "input":
            return str(block["block_id"])
    return None


def _value(name: str, parts: dict[int, Json], actor: Identity, carried: Carried) -> Value:
    entry = parts[min(parts)]
    options = carried.options.get(name)
    match entry["type"]:
        case "checkboxes" | "multi_static_select":
            return tuple(_original(o["value"], options) for o in entry.get("selected_options") or ())
        case "radio_buttons" | "static_select":
            chosen = entry.get("selected_option")
            return _original(chosen["value"], options) if chosen else None
        case "users_select":
            user = entry.get("selected_user")
            return UserRef(Identity(actor.platform, actor.workspace, user)) if user else None
        case "datepicker":
            return entry.get("selected_date") or None
        case _:
            texts = [clean(str(parts[n].get("value") or "")) for n in sorted(parts)]
            return _joined(texts) or None


def _original(value: str, options: list[str] | None) -> str:
    if options is None or not value.startswith("~") or not value[1:].isdigit():
        return value
    at = int(value[1:])
    return options[at] if at < len(options) else value


def _joined(texts: list[str]) -> str:
    """The inputs of one field put together; a new line between two that were not cut out of one text."""
    whole = ""
    previous = ""
    for text in texts:
        if not text:
            continue
        apart = previous and not (previous[-1].isspace() or text[0].isspace() or size(previous) >= HARD_CUT)
        whole += ("\n" if apart else "") + text
        previous = text
    return whole
