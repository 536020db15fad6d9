"""Buttons and menus.

`Action.Execute` answers in place; `Action.Submit` with `task/fetch` opens a dialog; inside a dialog every button is a
plain `Action.Submit`. What must be confirmed, and a menu's choices, unfold under the button.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.teams.data import click_data, form_data, opening_data, sendable
from handlers.teams.limits import BUTTON_FRAME_UNITS, BUTTON_ROW_UNITS, BUTTON_UNITS, BUTTONS, ELEMENT_BYTES
from handlers.teams.render.look import Json, Look, weight
from handlers.teams.render.text import address, literal, shield
from handlers.text import clean, one_line, shorten, size
from reporting.messages import Button, Menu, Option

_STYLES = {"primary": "positive", "danger": "destructive"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Actions, and the texts that did not fit into them and must stand beside."""

    actions: tuple[Json, ...]
    beside: tuple[str, ...] = ()


def actions(items: Iterable[Button | Menu], look: Look) -> Drawn:
    """All elements of a row of them."""
    drawn = [button(item, look) if isinstance(item, Button) else menu(item, look) for item in items]
    return Drawn(
        tuple(one for d in drawn for one in d.actions),
        tuple(text for d in drawn for text in d.beside),
    )


def action_sets(found: Iterable[Json]) -> list[Json]:
    """Actions in sets of as many as clients draw, and a phone has room for side by side."""
    sets: list[list[Json]] = []
    room = units = 0
    for action in found:
        need, wide = weight(action), size(action["title"]) + BUTTON_FRAME_UNITS
        if not sets or len(sets[-1]) == BUTTONS or need > room or wide > units:
            sets.append([])
            room, units = ELEMENT_BYTES, BUTTON_ROW_UNITS
        sets[-1].append(action)
        room -= need
        units -= wide
    return [{"type": "ActionSet", "actions": group} for group in sets]


def beside(text: list[Json], action: Json) -> Json:
    """A text with a button at its end."""
    end = [{"type": "ActionSet", "actions": [action]}]
    return {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": "stretch", "items": text, "verticalContentAlignment": "center"},
            {"type": "Column", "width": "auto", "items": end, "verticalContentAlignment": "center"},
        ],
    }


def button(item: Button, look: Look) -> Drawn:
    """A button; one that cannot work becomes its label as text."""
    label = one_line(item.label) or look.words.nothing
    if item.url:
        url = address(item.url)
        if not url:
            return Drawn((), (f"{label} ({clean(item.url)})",))
        return _titled({"type": "Action.OpenUrl", "url": url}, label)
    action = _pressed(item, look)
    if item.confirm.strip():
        action = _confirmed(item, label, action, look)
    return _titled(action, label) if weight(action) < ELEMENT_BYTES - 4 * BUTTON_UNITS else Drawn((), (label,))


def _pressed(item: Button, look: Look) -> Json:
    style = {"style": _STYLES[item.style]} if item.style else {}
    if look.place == "form":
        return {"type": "Action.Submit", "data": form_data("press", item.action, item.value), **style}
    if item.action in look.opens:
        return {"type": "Action.Submit", "data": opening_data(item.action, item.value, look.place), **style}
    data = click_data(item.action, item.value, look.place)
    return {"type": "Action.Execute", "verb": sendable(item.action), "data": data, **style}


def _titled(action: Json, label: str) -> Drawn:
    title = shield(shorten(label, BUTTON_UNITS))
    return Drawn(({**action, "title": title},), (label,) if size(label) > BUTTON_UNITS else ())


def _confirmed(item: Button, label: str, action: Json, look: Look) -> Json:
    # A card has no confirmation of its own: the question and the button that does it unfold.
    yes = {**action, "title": shield(shorten(label, BUTTON_UNITS))}
    return _unfolding([*literal(item.confirm.strip(), look), {"type": "ActionSet", "actions": [yes]}])


def menu(item: Menu, look: Look) -> Drawn:
    """A button under which the choices unfold; several where there are too many."""
    name = one_line(item.placeholder) or look.words.nothing
    drawn = choices(item, look)
    groups = _unfolded(action_sets(drawn.actions))
    made: list[Json] = []
    first = 1
    for sets in groups:
        count = sum(len(one["actions"]) for one in sets)
        span = look.words.options.format(first=first, last=first + count - 1)
        title = name if len(groups) == 1 else look.words.option.format(label=name, description=span)
        made += _titled(_unfolding(sets), shorten(title, BUTTON_UNITS)).actions
        first += count
    long = (name,) if size(name) > BUTTON_UNITS or not made else ()
    return Drawn(tuple(made), (*long, *drawn.beside))


def choices(item: Menu, look: Look) -> Drawn:
    """The choices of a menu as buttons."""
    drawn = actions((Button(item.action, option.label, option.value) for option in item.options), look)
    return Drawn(drawn.actions, drawn.beside + tuple(filter(None, map(_described, item.options))))


def _described(option: Option) -> str:
    description = clean(option.description)
    return f"{one_line(option.label)}: {description}" if description.strip() else ""


def _unfolding(body: list[Json]) -> Json:
    return {"type": "Action.ShowCard", "card": {"type": "AdaptiveCard", "version": "1.5", "body": body}}


def _unfolded(sets: list[Json]) -> list[list[Json]]:
    groups: list[list[Json]] = []
    room = 0
    for one in sets:
        need = weight(one)
        if not groups or need > room:
            groups.append([])
            room = ELEMENT_BYTES
        groups[-1].append(one)
        room -= need
    return groups
