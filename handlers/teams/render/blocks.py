"""Every neutral block as elements of a card. Each element made here is far below the limits of a whole card."""

from typing import assert_never

from handlers.teams.limits import ELEMENT_BYTES
from handlers.teams.render.buttons import Drawn, action_sets, actions, beside, choices
from handlers.teams.render.charts import chart
from handlers.teams.render.look import Json, Look, weight
from handlers.teams.render.tables import table
from handlers.teams.render.text import SMALL, SUBTITLE, TITLE, Style, literal, prose
from handlers.text import clean
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Chart,
    Divider,
    Heading,
    Menu,
    Note,
    Paragraph,
    Plain,
    Quote,
    Row,
    Strong,
    Table,
)

_FEW_CHOICES = 3
_ITEM = Style(spacing="small")


def draw(block: Block, look: Look) -> list[Json]:  # noqa: C901, PLR0911 - one arm for each block
    """One neutral block; nothing when there is nothing in it to see. A divider is drawn by what follows it."""
    match block:
        case Heading(text, level):
            return literal(text, look, TITLE if level <= 1 else SUBTITLE)
        case Paragraph(spans):
            return prose(spans, look)
        case Bullets():
            return _bullets(block, look)
        case Quote(spans):
            return [{"type": "Container", "style": "emphasis", "items": [one]} for one in prose(spans, look)]
        case Note(spans):
            return prose(spans, look, SMALL)
        case Divider():
            return []
        case Row():
            return _row(block, look)
        case Actions(items):
            return _actions(actions(items, look), look)
        case Table():
            return table(block, look)
        case Chart():
            return chart(block, look)
        case _:
            assert_never(block)


def _bullets(block: Bullets, look: Look) -> list[Json]:
    made: list[Json] = []
    for at, spans in enumerate(block.items, 1):
        mark = f"{at}.\u00a0" if block.ordered else "•\u00a0"
        made += prose((Plain(mark), *(spans or (Plain(look.words.nothing),))), look, _ITEM if made else Style())
    return made


def _row(block: Row, look: Look) -> list[Json]:
    text = prose(block.spans, look)
    if block.element is None:
        return text
    if isinstance(block.element, Menu) and len(block.element.options) <= _FEW_CHOICES:
        return text + _actions(choices(block.element, look), look)
    drawn = actions((block.element,), look)
    fits = len(drawn.actions) == 1 and not drawn.beside and drawn.actions[0]["type"] != "Action.ShowCard"
    columns = beside(text, drawn.actions[0]) if fits and text else None
    if columns is None or weight(columns) > ELEMENT_BYTES:
        return text + _actions(drawn, look)
    return [columns]


def _actions(drawn: Drawn, look: Look) -> list[Json]:
    words = [one for text in drawn.beside for one in prose((Strong(clean(text)),), look, SMALL)]
    return [*words, *action_sets(drawn.actions)]
