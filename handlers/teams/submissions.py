"""What comes back from a dialog, as the same neutral values as from any other chat system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from handlers.teams.data import INPUT, STATE, FormButton, ours
from handlers.teams.inputs import input_id, is_day, most, numeric
from handlers.teams.state import State, Unreadable, kind_of, unseal
from handlers.teams.words import Words
from handlers.text import clean, size
from reporting.interactions import (
    ChecksField,
    ChoiceField,
    Click,
    DateField,
    Field,
    Form,
    NumberField,
    PersonField,
    Submission,
    TextField,
    UserRef,
    Value,
)
from reporting.messages import Block
from reporting.model import Identity

Json = Mapping[str, Any]
_KINDS: tuple[FormButton, ...] = ("send", "look", "keep", "back", "press")


@dataclass(frozen=True, slots=True)
class Sent:
    """A button of a dialog.

    Attributes:
        kind: sending, asking what else is wanted, keeping the draft, going back, or a button inside the form.
        form: the form as it was drawn, without values.
        submission: what stands in it.
        complaints: what the client should not have let through, by field id; only of a sending.
        click: the button inside the form.
        beneath: the form under this one with what was typed into it, and its own sealed state.
    """

    kind: FormButton
    form: Form
    submission: Submission
    complaints: dict[str, str] = field(default_factory=dict)
    click: Click | None = None
    beneath: State | None = None
    sealed_beneath: str = ""


def read(data: Any, actor: Identity, key: bytes, words: Words) -> Sent:
    """Reads the `data` of a `task/submit`.

    Raises:
        Unreadable: it is none of ours, or was changed on the way, or belongs to somebody else's dialog.
    """
    part = ours(data)
    kind = part.get("kind")
    sealed = part.get("state") or (data.get(STATE) if isinstance(data, Mapping) else None)
    if kind not in _KINDS or not isinstance(sealed, str):
        raise Unreadable("no form")
    state = unseal(sealed, key, actor)
    fields = [item for item in state.form.items if not isinstance(item, Block) and _drawn(item)]
    values = {item.id: _value(item, data.get(input_id(item)), actor) for item in fields}
    submission = Submission(state.form.id, actor, values, state.form.context, state.once)
    beneath = unseal(state.beneath, key, actor) if state.beneath else None
    return Sent(
        kind,
        state.form,
        submission,
        {item.id: wrong for item in fields if (wrong := _wrong(item, values[item.id], words))}
        if kind == "send"
        else {},
        _click(part, submission) if kind == "press" else None,
        beneath,
        state.beneath,
    )


def texts_in(data: Any) -> list[str]:
    """The texts that somebody typed into a form which cannot be read any more."""
    found = data.items() if isinstance(data, Mapping) else ()
    mark = f"{INPUT}{kind_of(TextField('', ''))}:"
    return [text for name, text in found if str(name).startswith(mark) and isinstance(text, str) and text.strip()]


def typed_texts(form: Form, values: Mapping[str, Value]) -> list[str]:
    """The texts typed into a form, in its order."""
    texts = [values.get(item.id) for item in form.items if isinstance(item, TextField)]
    return [text for text in texts if isinstance(text, str) and text.strip()]


def _drawn(item: Field) -> bool:
    return bool(item.options) if isinstance(item, ChoiceField | ChecksField) else True


def _click(part: Json, form: Submission) -> Click:
    action, value = part.get("do"), part.get("with", "")
    if not isinstance(action, str) or not isinstance(value, str):
        raise Unreadable("no button")
    return Click(action, value, form.actor, "form", form=form)


def _value(item: Field, raw: Any, actor: Identity) -> Value:
    """An untouched or empty input is missing from the data; everything else is text."""
    text = clean(raw) if isinstance(raw, str) else str(raw) if type(raw) in {int, float} else ""
    match item:
        case TextField():
            return text or None
        case NumberField() | DateField():
            return text.strip() or None
        case ChoiceField():
            chosen = _chosen(item, text)
            return chosen[0] if chosen else None
        case ChecksField():
            return tuple(_chosen(item, text))
        case PersonField():
            user = text.split(",")[0].strip()
            return UserRef(Identity(actor.platform, actor.workspace, user)) if user else None
        case _:
            assert_never(item)


def _chosen(item: ChoiceField | ChecksField, text: str) -> list[str]:
    numbers = {part.strip() for part in text.split(",")}
    return [option.value for at, option in enumerate(item.options) if str(at) in numbers]


def _wrong(item: Field, value: Value, words: Words) -> str:
    """What a client that keeps to the card would not have sent."""
    if value is None or value == ():
        if item.optional:
            return ""
        return words.choose if isinstance(item, ChoiceField | PersonField | ChecksField) else words.required
    match item:
        case TextField() if isinstance(value, str) and size(value) > most(item):
            return words.too_long.format(n=size(value), limit=most(item))
        case NumberField() if isinstance(value, str):
            return _wrong_number(item, value, words)
        case DateField() if isinstance(value, str) and not is_day(value):
            return words.no_day
        case _:
            return ""


def _wrong_number(item: NumberField, value: str, words: Words) -> str:
    if not numeric(value, item):
        return words.no_number if item.decimal else words.no_whole
    if numeric(item.minimum, item) and float(value) < float(item.minimum):
        return words.at_least.format(limit=item.minimum)
    if numeric(item.maximum, item) and float(value) > float(item.maximum):
        return words.at_most.format(limit=item.maximum)
    return ""
