"""The form itself, sealed, as it travels through a dialog and back.

A dialog's answer must bring the whole form again when something is wrong with it, and only what was typed comes back
from the client. So the form goes along, packed, with a seal that only we can make for this one person: what is opened
here is what we drew. Without memory on our side it survives a restart and any number of processes.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from reporting import messages_json
from reporting.interactions import (
    ChecksField,
    ChoiceField,
    DateField,
    Field,
    Form,
    FormItem,
    NumberField,
    PersonField,
    TextField,
    UserRef,
    Value,
)
from reporting.messages import Block, Message, Option
from reporting.model import Identity

FIELDS: dict[str, type[Field]] = {
    "t": TextField,
    "c": ChoiceField,
    "m": ChecksField,
    "n": NumberField,
    "d": DateField,
    "p": PersonField,
}
_SEAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class State:
    """What travels.

    Attributes:
        once: names this drawing of the form, so that a repeated sending can be told.
        typed: values kept for a form that waits beneath another.
        beneath: the sealed state of the form under this one, or an empty text.
    """

    form: Form
    once: str
    typed: Mapping[str, Value] = field(default_factory=dict)
    beneath: str = ""


class Unreadable(Exception):
    """No state, or one that was not sealed here for this person."""


def seal(state: State, key: bytes, owner: Identity) -> str:
    """The state as text for a card."""
    form = state.form
    content = {
        "form": [form.id, form.title, form.submit, form.close, form.context, form.tell_close],
        "items": [_dump(item) for item in form.items],
        "once": state.once,
        "typed": {name: _dump_value(value) for name, value in state.typed.items()},
        "beneath": state.beneath,
    }
    packed = zlib.compress(json.dumps(content).encode(), 9)
    return base64.urlsafe_b64encode(_sealed(packed, key, owner) + packed).decode()


def unseal(text: str, key: bytes, owner: Identity) -> State:
    """The state back.

    Raises:
        Unreadable: it was not sealed with this key for this person, or by a version that drew forms otherwise.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except ValueError as error:
        raise Unreadable("no state") from error
    given, packed = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
    if not hmac.compare_digest(given, _sealed(packed, key, owner)):
        raise Unreadable("not sealed here for this person")
    try:
        return _state(json.loads(zlib.decompress(packed)), owner)
    except (KeyError, TypeError, ValueError) as error:
        # Ours, but of a version that drew forms otherwise: the dialog was open while the bot was replaced.
        raise Unreadable("drawn by another version") from error


def _state(content: Any, owner: Identity) -> State:
    form_id, title, submit, close, context, tell_close = content["form"]
    items = tuple(_load(item) for item in content["items"])
    typed = {name: _load_value(value, owner) for name, value in content["typed"].items()}
    return State(Form(form_id, title, items, submit, close, context, tell_close), content["once"], typed,
                 content["beneath"])  # fmt: skip


def _sealed(packed: bytes, key: bytes, owner: Identity) -> bytes:
    who = json.dumps([owner.platform, owner.workspace, owner.user_id]).encode()
    return hmac.new(key, hashlib.sha256(who).digest() + packed, hashlib.sha256).digest()[:_SEAL_BYTES]


def kind_of(item: Field) -> str:
    """The letter of a field's kind."""
    return next(letter for letter, kind in FIELDS.items() if type(item) is kind)


def _dump(item: FormItem) -> Any:
    if isinstance(item, Block):
        return messages_json.to_json(Message("", (item,)))["blocks"][0]
    values = {f.name: getattr(item, f.name) for f in fields(item) if getattr(item, f.name) != f.default}
    if "options" in values:
        values["options"] = [[o.value, o.label, o.description] for o in values["options"]]
    return [kind_of(item), values]


def _load(item: Any) -> FormItem:
    if isinstance(item, dict):
        return messages_json.from_json({"kind": "Message", "summary": "", "blocks": [item]}).blocks[0]
    letter, values = item
    if "options" in values:
        values["options"] = tuple(Option(*option) for option in values["options"])
    if letter == "m" and "value" in values:
        values["value"] = tuple(values["value"])
    return FIELDS[letter](**values)


def _dump_value(value: Value) -> Any:
    match value:
        case UserRef(identity):
            return {"user": identity.user_id}
        case tuple():
            return list(value)
        case _:
            return value


def _load_value(value: Any, owner: Identity) -> Value:
    match value:
        case dict():
            return UserRef(replace(owner, user_id=value["user"]))
        case list():
            return tuple(value)
        case _:
            return value  # type: ignore[no-any-return]
