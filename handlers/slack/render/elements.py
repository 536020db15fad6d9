"""Buttons and menus."""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.slack.actions import LINK, encode
from handlers.slack.limits import (
    BUTTON_TEXT,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    CONFIRM_TITLE,
    OPTION_TEXT,
    OPTION_VALUE,
    PLACEHOLDER,
    SELECT_OPTIONS,
)
from handlers.slack.render.look import Json, Look
from handlers.slack.render.rich import safe_url
from handlers.text import clean, one_line, shorten, size
from reporting.messages import Button, Menu, Option

_MENU_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """Elements, and the texts that did not fit into them and must stand beside."""

    elements: tuple[Json, ...]
    beside: tuple[str, ...] = ()


def plain(text: str) -> Json:
    """A plain_text object: never markup, and `:x:` stays as typed."""
    return {"type": "plain_text", "text": text, "emoji": False}


def element(item: Button | Menu, look: Look) -> Drawn:
    """One interactive element, or as many as it takes."""
    return button(item, look) if isinstance(item, Button) else menu(item, look)


def elements(items: Iterable[Button | Menu], look: Look) -> Drawn:
    """All elements of a row of them."""
    drawn = [element(item, look) for item in items]
    return Drawn(
        tuple(one for d in drawn for one in d.elements),
        tuple(text for d in drawn for text in d.beside),
    )


def button(item: Button, look: Look) -> Drawn:
    """A button; one that cannot work becomes its label as text."""
    label = one_line(item.label) or look.words.nothing
    ids = (LINK, "") if item.url else encode(item.action, item.value)
    url = safe_url(item.url)
    if ids is None or bool(item.url) != bool(url):
        return Drawn((), (f"{label} ({clean(item.url)})" if item.url else label,))
    body: Json = {"type": "button", "action_id": ids[0], "text": plain(shorten(label, BUTTON_TEXT))}
    body |= {"value": ids[1]} if ids[1] else {}
    body |= {"url": url} if url else {}
    body |= {"style": item.style} if item.style else {}
    body |= {"confirm": _confirm(item, label, look)} if item.confirm.strip() else {}
    return Drawn((body,), (label,) if size(label) > BUTTON_TEXT else ())


def _confirm(item: Button, label: str, look: Look) -> Json:
    words = look.words
    yes = label if size(label) <= CONFIRM_BUTTON else words.confirm_yes
    return {
        "title": plain(shorten(words.confirm_title, CONFIRM_TITLE)),
        "text": plain(shorten(clean(item.confirm).strip(), CONFIRM_TEXT)),
        "confirm": plain(yes),
        "deny": plain(shorten(words.confirm_no, CONFIRM_BUTTON)),
    }


def menu(item: Menu, look: Look) -> Drawn:
    """A select, or several when there are too many options; buttons when an option's value cannot travel."""
    ids = encode(item.action, "")
    if ids is None or ids[1] or not sendable(item.options):
        buttons = (Button(item.action, f"{item.placeholder} {option.label}", option.value) for option in item.options)
        return elements(buttons, look) if item.options else Drawn((), (clean(item.placeholder),))
    selects = tuple(_select(ids[0], item, group) for group in _grouped(item.options, look))
    return Drawn(selects, tuple(text for option in item.options for text in overlong(option)))


def _select(action_id: str, item: Menu, options: list[Json]) -> Json:
    body: Json = {"type": "static_select", "action_id": action_id, "options": options}
    placeholder = one_line(item.placeholder)
    return body | ({"placeholder": plain(shorten(placeholder, PLACEHOLDER))} if placeholder else {})


def _grouped(options: tuple[Option, ...], look: Look) -> Iterable[list[Json]]:
    group: list[Json] = []
    room = _MENU_CHARS
    for item in options:
        drawn = option(item, item.value, look)
        need = size(drawn["text"]["text"]) + size(drawn.get("description", {}).get("text", ""))
        if group and (need > room or len(group) == SELECT_OPTIONS):
            yield group
            group, room = [], _MENU_CHARS
        group.append(drawn)
        room -= need
    yield group


def sendable(options: tuple[Option, ...]) -> bool:
    """Whether Slack would take the options' values as they are."""
    values = [option.value for option in options]
    fitting = all(0 < size(value) <= OPTION_VALUE and value.isprintable() for value in values)
    return bool(values) and fitting and len(set(values)) == len(values)


def option(item: Option, value: str, look: Look) -> Json:
    """One choice under the value given."""
    body: Json = {"text": plain(shorten(one_line(item.label) or look.words.nothing, OPTION_TEXT)), "value": value}
    description = one_line(item.description)
    return body | ({"description": plain(shorten(description, OPTION_TEXT))} if description else {})


def overlong(item: Option) -> tuple[str, ...]:
    """The choice in full when its label or description had to be shortened."""
    label, description = one_line(item.label), one_line(item.description)
    if max(size(label), size(description)) <= OPTION_TEXT:
        return ()
    return (f"{label}: {description}" if description else label,)
