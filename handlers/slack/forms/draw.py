"""A form as a modal."""

import hashlib
import json
from collections.abc import Mapping

from handlers.slack.forms.context import Carried, FormTooLarge, dump
from handlers.slack.forms.inputs import Inputs
from handlers.slack.limits import ID_CHARS, VIEW_BLOCKS, VIEW_BYTES, VIEW_TITLE
from handlers.slack.render.blocks import draw
from handlers.slack.render.elements import plain
from handlers.slack.render.look import Json, Look, json_bytes
from handlers.slack.words import Words
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
)
from reporting.messages import Heading, Message, Note, Paragraph, Plain, Strong

_INTERACTIVE = {"actions", "section"}


def draw_form(form: Form, users: Mapping[int, str], words: Words, new_blocks: bool) -> Json:
    """The modal for `views.open`, `push`, `update` or an acknowledgement.

    Args:
        users: chat user id by person id, for mentions and for chosen people.

    Raises:
        FormTooLarge: more inputs than a modal holds, or a context over 3,000 characters.
    """
    look = Look.of("modal", users, words, new_blocks)
    inputs = Inputs(look, users)
    title = one_line(form.title) or words.loading_title
    items: tuple[FormItem, ...] = (Heading(title), *form.items) if size(title) > VIEW_TITLE else form.items
    blocks = [block for item in items for block in _item(item, look, inputs)]
    view: Json = {
        "type": "modal",
        "callback_id": form.id[:ID_CHARS],
        "title": plain(shorten(title, VIEW_TITLE)),
        "close": plain(shorten(one_line(form.close) or words.close, VIEW_TITLE)),
        "notify_on_close": form.tell_close,
        "private_metadata": dump(Carried(form.context, inputs.numbered)),
    }
    if form.submit.strip() or any(block["type"] == "input" for block in blocks):
        view["submit"] = plain(shorten(one_line(form.submit) or words.send, VIEW_TITLE))
    return _fitted(view, blocks or draw(Note((Plain(words.nothing),)), look), look)


def message_form(message: Message, words: Words, title: str = "") -> Form:
    """A message as a form that only shows, for answers where there is no conversation to answer in."""
    blocks = message.blocks or (Paragraph((Plain(message.summary),)),)
    return Form(id="message", title=title or words.loading_title, items=blocks, close=words.close)


def loading_form(words: Words) -> Form:
    """What stands in a modal until its form has been made; a trigger lives for three seconds only."""
    return Form(id="loading", title=words.loading_title, items=(Paragraph((Plain(words.loading),)),), close=words.close)


def _item(item: FormItem, look: Look, inputs: Inputs) -> list[Json]:
    match item:
        case TextField() | ChoiceField() | ChecksField() | NumberField() | DateField() | PersonField():
            return inputs.draw(item)
        case _:
            return draw(item, look)


def _fitted(view: Json, blocks: list[Json], look: Look) -> Json:
    """Within a hundred blocks and 250 KB: texts are put together, then cut from the end with a note; never inputs."""
    note = draw(Note((Strong(look.words.more_title),)), look)
    if len(blocks) > VIEW_BLOCKS:
        blocks = _merged(blocks)
    cut = False
    while len(blocks) + cut > VIEW_BLOCKS or json_bytes({**view, "blocks": blocks}) > VIEW_BYTES:
        blocks = _without_one(blocks)
        cut = True
    view["blocks"] = _with_ids(blocks + note if cut else blocks)
    return view


def _without_one(blocks: list[Json]) -> list[Json]:
    for kept in (_INTERACTIVE | {"input"}, {"input"}):
        for at in range(len(blocks) - 1, -1, -1):
            if blocks[at]["type"] not in kept:
                return blocks[:at] + blocks[at + 1 :]
    raise FormTooLarge(f"{len(blocks)} inputs, {json_bytes(blocks)} bytes")


def _merged(blocks: list[Json]) -> list[Json]:
    made: list[Json] = []
    for block in blocks:
        if made and block["type"] == made[-1]["type"] == "rich_text":
            made[-1] = {"type": "rich_text", "elements": made[-1]["elements"] + block["elements"]}
        else:
            made.append(block)
    return made


def _with_ids(blocks: list[Json]) -> list[Json]:
    """Ids that stay the same in a redraw, for blocks in which something can be chosen."""
    seen: dict[str, int] = {}
    for block in blocks:
        if block["type"] in _INTERACTIVE and "block_id" not in block:
            elements = block.get("elements") or [block.get("accessory")]
            name = "-" + hashlib.sha256(json.dumps(elements, sort_keys=True).encode()).hexdigest()[:16]
            seen[name] = seen.get(name, 0) + 1
            block["block_id"] = f"{name}.{seen[name]}"
    return blocks
