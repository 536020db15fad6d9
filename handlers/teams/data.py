"""What the buttons of cards carry, and how it is read again. Nothing in it is to be believed: clients can change it.

Everything of ours lies under one key, and the ids of inputs begin with `in:`, so that a client, which writes both into
one object, can never put one over the other. `action` and `dialog_id` are the keys by which the SDK finds a handler.
"""

from collections.abc import Mapping
from typing import Any, Literal

from reporting.interactions import Click
from reporting.model import Identity

Json = dict[str, Any]
OURS = "rollcall"
INPUT = "in:"
STATE = INPUT + "state"
FormButton = Literal["send", "look", "keep", "back", "press"]


def click_data(action: str, value: str, place: str) -> Json:
    """For a button that is answered in place."""
    return {"action": "click", **_ours(action, value, place)}


def opening_data(action: str, value: str, place: str) -> Json:
    """For a button that opens a dialog (Teams docs: invoking dialogs; only Action.Submit can)."""
    return {"dialog_id": "open", "msteams": {"type": "task/fetch"}, **_ours(action, value, place)}


def form_data(kind: FormButton, action: str = "", value: str = "", state: str = "") -> Json:
    """For a button inside a dialog; `state` where it must arrive whatever the client does."""
    ours: Json = {"kind": kind} | ({"do": sendable(action), "with": sendable(value)} if kind == "press" else {})
    return {"action": "form", OURS: ours | ({"state": state} if state else {})}


def _ours(action: str, value: str, place: str) -> Json:
    return {OURS: {"do": sendable(action), "with": sendable(value), "at": place}}


def sendable(text: str) -> str:
    """The same text, free of what cannot be sent."""
    # Half a surrogate pair has no UTF-8.
    return text.encode("utf-8", "replace").decode()


def ours(data: Any) -> Mapping[str, Any]:
    """Our part of what came in; empty when there is none."""
    part = data.get(OURS) if isinstance(data, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def read_click(data: Any, actor: Identity, channel: str = "", message_id: str = "") -> Click | None:
    """The button of a card as a click; None when the data names none."""
    part = ours(data)
    action, value = part.get("do"), part.get("with", "")
    if not isinstance(action, str) or not action or not isinstance(value, str):
        return None
    place: Literal["message", "home"] = "home" if part.get("at") == "home" else "message"
    return Click(action, value, actor, place, channel, message_id)
