"""A person's Home tab."""

from collections.abc import Mapping

from handlers.slack.limits import TABLE_CHARS, VIEW_BLOCKS, VIEW_BYTES
from handlers.slack.render.blocks import draw
from handlers.slack.render.look import Json, Look, json_bytes, weight
from handlers.slack.words import Words
from reporting.interactions import Home
from reporting.messages import Actions, Button, Divider, Note, Plain

MORE = Button("query.run", "", "")


def render_home(home: Home, users: Mapping[int, str], words: Words, new_blocks: bool, more: Button = MORE) -> Json:
    """The view for `views.publish`; what does not fit is behind a button.

    Args:
        more: the button's action and value when the view is too long; its label comes from `words` unless given.
    """
    look = Look.of("home", users, words, new_blocks)
    drawn = [one for block in home.blocks for one in draw(block, look)]
    drawn = drawn or draw(Note((Plain(words.nothing),)), look)
    if _fits(drawn):
        return {"type": "home", "blocks": drawn}
    button = Button(more.action, more.label or words.more_button, more.value)
    tail = [b for block in (Divider(), Note((Plain(words.more),)), Actions((button,))) for b in draw(block, look)]
    kept = drawn[: VIEW_BLOCKS - len(tail)]
    while not _fits(kept + tail):
        kept.pop()
    return {"type": "home", "blocks": kept + tail}


def _fits(blocks: list[Json]) -> bool:
    tables = sum(weight(block) for block in blocks if block["type"] == "data_table")
    return len(blocks) <= VIEW_BLOCKS and tables <= TABLE_CHARS and json_bytes({"blocks": blocks}) <= VIEW_BYTES
