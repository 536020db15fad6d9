"""Finding the element that a person uses, and the entry it makes in `actions`."""

from dataclasses import dataclass

from playground.blocks import elements_of, walk
from playground.model import Json, Message, View
from playground.people.state import ClientRefusal, accepted, find_option
from playground.workspace import Workspace

_BUTTON_FIELDS = ("text", "value", "style")


@dataclass(frozen=True)
class Found:
    """An element where it stands."""

    blocks: list[Json]
    block: Json
    element: Json
    view: View | None
    message: Message | None


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """The block and the element with these ids.

    Raises:
        ClientRefusal: the app did not send such an element.
    """
    for block in walk(blocks):
        if block["block_id"] != block_id:
            continue
        for element in elements_of(block):
            if element.get("action_id") == action_id:
                return block, element
    raise ClientRefusal(f"there is no element {action_id!r} in block {block_id!r}")


def search_element(blocks: list[Json], wanted: str) -> tuple[Json, Json]:
    """The block and the element with this action_id, or with this label on its face.

    Raises:
        ClientRefusal: there is none, or more than one.
    """
    pairs = [(block, element) for block in walk(blocks) for element in elements_of(block)]
    for key in (_action_id, _label):
        hits = [pair for pair in pairs if key(pair[1]) == wanted]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise ClientRefusal(f"{len(hits)} elements are called {wanted!r}; name the block too")
    known = sorted({_action_id(e) or "?" for _, e in pairs} | {_label(e) for _, e in pairs if _label(e)})
    raise ClientRefusal(f"there is no element {wanted!r}; there are {known}")


def _action_id(element: Json) -> str:
    return str(element.get("action_id", ""))


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder")
    return str(text["text"]) if isinstance(text, dict) else ""


def action_entry(space: Workspace, found: Found, given: Json) -> Json:
    """One entry of `actions`, made from what the app sent and what the person chose.

    Raises:
        ClientRefusal: this element does not send actions, or does not offer the value.
    """
    element, block = found.element, found.block
    entry: Json = {"type": element["type"], "block_id": block["block_id"], "action_id": element["action_id"]}
    if block["type"] == "input" and not block.get("dispatch_action"):
        raise ClientRefusal(f"{element['action_id']} is an input and sends nothing before the form is submitted")
    match element["type"]:
        case "button" | "icon_button":
            return entry | {name: element[name] for name in _BUTTON_FIELDS if name in element}
        case "feedback_buttons":
            return entry | _feedback(element, given)
        case "overflow":
            return entry | {"selected_option": find_option(element, given.get("selected_option"))}
        case "workflow_button" | "image":
            raise ClientRefusal(f"nothing happens on a {element['type']}")
        case _:
            return entry | accepted(space, element, given) | _placeholder(element)


def _placeholder(element: Json) -> Json:
    return {"placeholder": element["placeholder"]} if "placeholder" in element else {}


def _feedback(element: Json, given: Json) -> Json:
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == given.get("value"):
            return {"text": element[name]["text"], "value": element[name]["value"]}
    raise ClientRefusal("feedback is one of the two buttons")
