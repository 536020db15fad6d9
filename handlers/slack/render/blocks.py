"""Every neutral block as Slack's blocks. Each block made here is far below the limits of a whole message."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from handlers.slack.actions import number
from handlers.slack.limits import ACTIONS_ELEMENTS, CONTEXT_ELEMENTS, HEADER_CHARS, TEXT_CHARS
from handlers.slack.render.charts import complete, visualization
from handlers.slack.render.elements import Drawn, elements, plain
from handlers.slack.render.look import Json, Look, weight
from handlers.slack.render.rich import CHUNK, chunks, flat, has_function, inlines
from handlers.slack.render.tables import data_tables, lines
from handlers.text import clean, pieces, size
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Chart,
    Divider,
    Heading,
    Note,
    Paragraph,
    Plain,
    Quote,
    Row,
    Spans,
    Strong,
    Table,
)


def draw(block: Block, look: Look) -> list[Json]:  # noqa: C901, PLR0911 - one arm for each block
    """One neutral block; nothing when there is nothing in it to see."""
    match block:
        case Heading():
            return _heading(block, look)
        case Paragraph(spans):
            return prose(spans, look)
        case Bullets():
            return _bullets(block, look)
        case Quote(spans):
            return [_rich({"type": "rich_text_quote", "elements": part}) for part in chunks(inlines(spans, look))]
        case Note(spans):
            return _note(spans, look)
        case Divider():
            return [{"type": "divider"}]
        case Row():
            return _row(block, look)
        case Actions(items):
            return _actions(elements(items, look))
        case Table():
            return _table(block, look)
        case Chart():
            return _chart(block, look)
        case _:
            assert_never(block)


def prose(spans: Spans, look: Look) -> list[Json]:
    """Running text as one rich_text block or several."""
    return [_rich(_section(part)) for part in chunks(inlines(spans, look))]


def _rich(part: Json) -> Json:
    return {"type": "rich_text", "elements": [part]}


def _section(parts: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": parts}


def _heading(block: Heading, look: Look) -> list[Json]:
    text = clean(block.text)
    if not text.strip():
        return []
    if block.level <= 1 and size(text) <= HEADER_CHARS and "\n" not in text:
        return [{"type": "header", "text": plain(text)}]
    return prose((Strong(text),), look)


def _bullets(block: Bullets, look: Look) -> list[Json]:
    """Lists of short items; an item too long for one block goes on below its list."""
    made: list[Json] = []
    style = "ordered" if block.ordered else "bullet"
    open_list: Json | None = None
    room = 0
    for at, spans in enumerate(block.items):
        first, *rest = chunks(inlines(spans, look)) or [[{"type": "text", "text": look.words.nothing}]]
        need = weight(first)
        if open_list is None or need > room:
            room = CHUNK
            open_list = {"type": "rich_text_list", "style": style, "elements": []}
            open_list |= {"offset": at} if block.ordered and at else {}
            made.append(_rich(open_list))
        open_list["elements"].append(_section(first))
        room -= need
        if rest:
            made += [_rich(_section(part)) for part in rest]
            open_list = None
    return made


def _note(spans: Spans, look: Look) -> list[Json]:
    # Small print knows literal text only; a link or a mention must keep working.
    if has_function(spans, look):
        return prose(spans, look)
    return _small((flat(spans),))


def _small(texts: Iterable[str]) -> list[Json]:
    parts = [plain(piece) for text in texts if text.strip() for piece in pieces(text, CHUNK) if piece.strip()]
    groups: list[list[Json]] = []
    for part in parts:
        if not groups or len(groups[-1]) == CONTEXT_ELEMENTS or weight(groups[-1]) + weight(part) > TEXT_CHARS:
            groups.append([])
        groups[-1].append(part)
    return [{"type": "context", "elements": group} for group in groups]


def _row(block: Row, look: Look) -> list[Json]:
    if block.element is None:
        return prose(block.spans, look)
    drawn = elements((block.element,), look)
    text = flat(block.spans)
    first, *rest = list(pieces(text, TEXT_CHARS)) or [""]
    if len(drawn.elements) != 1 or not first.strip():
        return prose(block.spans, look) + _actions(drawn)
    section: Json = {"type": "section", "text": plain(first), "accessory": drawn.elements[0]}
    return [section, *(b for part in rest for b in prose((Plain(part),), look)), *_small(drawn.beside)]


def _actions(drawn: Drawn) -> list[Json]:
    groups: list[list[Json]] = []
    for item in drawn.elements:
        full = not groups or len(groups[-1]) == ACTIONS_ELEMENTS or weight(groups[-1]) + weight(item) > TEXT_CHARS * 2
        if full:
            groups.append([])
        groups[-1].append(item)
    return [*_small(drawn.beside), *({"type": "actions", "elements": number(group)} for group in groups)]


def _table(block: Table, look: Look) -> list[Json]:
    if not block.columns and not any(block.rows):
        return prose((Strong(block.caption),), look)
    if look.tables:
        drawn = data_tables(block, look)
        return [*drawn.blocks, *_all(drawn.beside, look)]
    rows = lines(block, look) or ((Plain(look.words.nothing),),)
    return [*prose((Strong(block.caption),), look), *_bullets(Bullets(rows), look)]


def _chart(block: Chart, look: Look) -> list[Json]:
    drawn = visualization(block) if look.charts else None
    if drawn is not None and complete(block):
        return [drawn]
    words = prose((Strong(f"{block.title}\n"), *block.fallback) if block.title else block.fallback, look)
    return words if drawn is None else [drawn, *words]


def _all(texts: Iterable[Spans], look: Look) -> Iterator[Json]:
    for spans in texts:
        yield from prose(spans, look)
