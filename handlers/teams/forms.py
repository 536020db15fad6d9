"""A form as a dialog's card.

Teams tells nothing while somebody types. Where an answer may ask for more (amber asks for a path to green), a button
under the choice sends what is typed, and the form comes back with the further questions; so does sending too early.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from handlers.teams.data import STATE, FormButton, form_data
from handlers.teams.inputs import Inputs, most, no_options
from handlers.teams.limits import DIALOG_TITLE, FORM_UNITS, FORM_UNITS_MOST
from handlers.teams.render.blocks import draw
from handlers.teams.render.look import Account, Json, Look, utf16_bytes
from handlers.teams.render.posts import CARD, card
from handlers.teams.render.text import FAULT, SMALL, Style, literal, shield
from handlers.teams.state import State, seal
from handlers.teams.words import Words
from handlers.text import one_line, shorten, size
from reporting.interactions import (
    ChecksField,
    ChoiceField,
    DateField,
    Form,
    FormItem,
    NumberField,
    PersonField,
    TextField,
    Value,
)
from reporting.messages import Actions, Block, Divider, Heading, Message, Paragraph, Plain, Row
from reporting.model import Identity


class FormTooLarge(Exception):
    """A form whose inputs alone are too much for one dialog."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """For whom a form is drawn, and with what.

    Attributes:
        owner: only what this person sends is read again.
        key: a secret of the installation, the same after a restart.
        accounts: by person id, for mentions and chosen people.
        channels: names by channel id.
    """

    owner: Identity
    key: bytes
    accounts: Mapping[int, Account] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    channels: Mapping[str, str] = field(default_factory=dict)


def draw_form(
    form: Form,
    recipient: Recipient,
    once: str,
    typed: Mapping[str, Value] | None = None,
    errors: Mapping[str, str] | None = None,
    beneath: str = "",
    aim: int = FORM_UNITS,
) -> Json:
    """The `value` of a `continue` answer: title, size and card.

    Args:
        once: a new name for this drawing; comes back as the submission's `interaction`.
        typed: values that win over the form's own, to give back what somebody typed.
        errors: what is wrong, by field id; shown on top and at the fields.
        beneath: the sealed state of the form that this one lies on (`seal_beneath`).
        aim: UTF-16 units above which texts of the form give way.

    Raises:
        FormTooLarge: the inputs alone are far over the size limit.
    """
    kept, cut = form.items, False
    while True:
        state = State(form, once, {}, beneath)
        made = _card(replace(form, items=kept), recipient, state, typed or {}, errors or {}, cut)
        fewer = _without_one(kept)
        if fewer is None or utf16_bytes(made) <= 2 * aim:
            break
        kept, cut = fewer, True
    if utf16_bytes(made) > 2 * FORM_UNITS_MOST:
        raise FormTooLarge(f"{len(kept)} fields are too much for one dialog")
    title = one_line(form.title) or recipient.words.title
    return {
        "title": shorten(title, DIALOG_TITLE),
        "height": "large",
        "width": "medium",
        "card": {"contentType": CARD, "content": made},
    }


def seal_beneath(form: Form, recipient: Recipient, once: str, typed: Mapping[str, Value], beneath: str = "") -> str:
    """The state of a form on which another is opened, with what was typed into it."""
    return seal(State(_emptied(form), once, typed, beneath), recipient.key, recipient.owner)


def message_form(message: Message, words: Words, title: str = "") -> Form:
    """A message as a form that only shows, for answers where a dialog is open."""
    return Form("message", title or words.title, message.blocks or (Paragraph((Plain(message.summary),)),))


def sends_only(form: Form) -> bool:
    """Whether its one button is the sending one: then the client may check what is required."""
    pressed = any(isinstance(i, Actions) or (isinstance(i, Row) and i.element is not None) for i in form.items)
    return not pressed and not form.tell_close and not any(_asks_more(item) for item in form.items)


def keeps(form: Form) -> bool:
    """Whether what stands in it is kept as a draft whenever it is heard of."""
    return any(not isinstance(item, Block) and item.live for item in form.items)


def _card(form: Form, recipient: Recipient, state: State, typed: Mapping[str, Value], errors: Mapping[str, str],
          cut: bool) -> Json:  # fmt: skip
    look = Look(recipient.accounts, recipient.words, "form", channels=recipient.channels)
    sealed = seal(replace(state, form=_emptied(form)), recipient.key, recipient.owner)
    inputs = Inputs(look, typed, errors, enforced=sends_only(form) and not state.beneath)
    body = _on_top(form, errors, look)
    if size(one_line(form.title)) > DIALOG_TITLE:
        body += draw(Heading(form.title), look)
    body += _items(form, look, inputs)
    body += literal(look.words.more_title, look, SMALL) if cut else []
    body += _how_to_keep(form, state.beneath, look)
    body = body or literal(look.words.nothing, look)
    buttons = _buttons(form, sealed, state.beneath, look.words)
    if buttons or _has_buttons(body):
        body.append({"type": "Input.Text", "id": STATE, "isVisible": False, "value": sealed})
    made = card(body, look)
    return made | ({"actions": buttons} if buttons else {})


def _on_top(form: Form, errors: Mapping[str, str], look: Look) -> list[Json]:
    """All errors, so that none is missed below the fold, and those of fields that are not drawn are seen at all."""
    if not errors:
        return []
    labels = {item.id: one_line(item.label) for item in form.items if not isinstance(item, Block)}
    words = literal(look.words.not_sent, look, FAULT)
    for name, text in errors.items():
        said = look.words.option.format(label=labels[name], description=text) if labels.get(name) else text
        words += literal(said, look, Style(spacing="small"))
    return [{"type": "Container", "style": "attention", "items": words}]


def _how_to_keep(form: Form, beneath: str, look: Look) -> list[Json]:
    """Closing a dialog by its cross tells us nothing (Teams docs: dialogs), so whoever wants a draft must know how."""
    if not keeps(form) or not (form.tell_close or beneath):
        return []
    return literal(look.words.how_to_keep.format(button=one_line(form.close) or look.words.close), look, SMALL)


def _items(form: Form, look: Look, inputs: Inputs) -> list[Json]:
    body: list[Json] = []
    ruled = False
    for item in form.items:
        if isinstance(item, Divider):
            ruled = bool(body)
            continue
        drawn = _item(item, look, inputs)
        if ruled and drawn:
            drawn[0] |= {"separator": True, "spacing": "large"}
            ruled = False
        body += drawn
        if _asks_more(item):
            body += literal(f"{_further(item) or look.words.some_ask} {look.words.show_more_hint}", look, SMALL)
            body.append({"type": "ActionSet", "actions": [_submit("look", look.words.show_more)]})
    return body


def _item(item: FormItem, look: Look, inputs: Inputs) -> list[Json]:
    match item:
        case ChoiceField(options=()) | ChecksField(options=()):
            return no_options(item, look)
        case TextField() | ChoiceField() | ChecksField() | NumberField() | DateField() | PersonField():
            return inputs.draw(item)
        case _:
            return draw(item, look)


def _asks_more(item: FormItem) -> bool:
    """A live choice in full view is the one that decides which fields are wanted."""
    return isinstance(item, ChoiceField) and item.live and item.style == "radio" and bool(item.options)


def _further(item: FormItem) -> str:
    return one_line(item.further) if isinstance(item, ChoiceField) else ""


def _buttons(form: Form, sealed: str, beneath: str, words: Words) -> list[Json]:
    asks = form.submit.strip() or any(not isinstance(item, Block) for item in form.items)
    made: list[Json] = []
    if asks:
        made.append(_submit("send", one_line(form.submit) or words.send, sealed) | {"style": "positive"})
    if form.tell_close:
        made.append(_submit("keep", one_line(form.close) or words.close))
    if beneath:
        made.append(_submit("back", one_line(form.close) or words.close))
    return made


def _submit(kind: FormButton, title: str, state: str = "") -> Json:
    return {
        "type": "Action.Submit",
        "title": shield(shorten(title, DIALOG_TITLE)),
        "data": form_data(kind, state=state),
    }


def _has_buttons(body: list[Json]) -> bool:
    return any(one["type"] in {"ActionSet", "ColumnSet", "Table"} for one in body)


def _emptied(form: Form) -> Form:
    """Without values, which come back from the client."""
    return replace(form, items=tuple(_empty(item) for item in form.items))


def _empty(item: FormItem) -> FormItem:
    match item:
        case TextField():
            # A text that was longer before may stay as long.
            return replace(item, value="", max_length=most(item))
        case ChoiceField() | PersonField():
            return replace(item, value=None)
        case ChecksField():
            return replace(item, value=())
        case NumberField() | DateField():
            return replace(item, value="")
        case _:
            return item


def _without_one(items: tuple[FormItem, ...]) -> tuple[FormItem, ...] | None:
    """One text less from the end, then one block with buttons; None when only fields are left."""
    for kinds in ((Actions, Row), ()):
        for at in range(len(items) - 1, -1, -1):
            item = items[at]
            if isinstance(item, Block) and not isinstance(item, kinds):
                return items[:at] + items[at + 1 :]
    return None
