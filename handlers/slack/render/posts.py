"""A whole message as posts, each within every limit of Slack."""

from collections.abc import Mapping
from typing import Any

from handlers.slack.limits import CHARTS, MESSAGE_BLOCKS, MESSAGE_CHARS, SUMMARY_CHARS
from handlers.slack.render.blocks import draw
from handlers.slack.render.look import Json, Look, weight
from handlers.slack.text import clean, escape, shorten
from handlers.slack.words import Words
from reporting.messages import Message, Paragraph, Plain

_MARGIN = 200


def render(message: Message, users: Mapping[int, str], words: Words, new_blocks: bool) -> list[Json]:
    """The message as payloads `{text, blocks}`, one for each post; there is always at least one.

    Args:
        users: chat user id by person id.
        new_blocks: False draws with the oldest blocks only.
    """
    look = Look.of("message", users, words, new_blocks)
    blocks = message.blocks or (Paragraph((Plain(message.summary),)),)
    drawn = [one for block in blocks for one in draw(block, look)]
    groups = pack(drawn) or [[{"type": "section", "text": {"type": "plain_text", "text": words.nothing}}]]
    return [{"text": _summary(message, at, len(groups), words), "blocks": group} for at, group in enumerate(groups, 1)]


def pack(blocks: list[Json]) -> list[list[Json]]:
    """The blocks in as few posts as they need, in order; a heading goes with what it heads."""
    groups: list[list[Json]] = []
    room = 0
    for block in blocks:
        need = weight(block)
        if not groups or need > room or not _fits(groups[-1], block):
            groups.append(_orphans(groups))
            room = MESSAGE_CHARS - _MARGIN - weight(groups[-1])
        groups[-1].append(block)
        room -= need
    return groups


def _fits(group: list[Json], block: Json) -> bool:
    charts = sum(b["type"] == "data_visualization" for b in (*group, block))
    return len(group) < MESSAGE_BLOCKS and charts <= CHARTS


def _orphans(groups: list[list[Json]]) -> list[Json]:
    """Takes a heading (and a rule above it) from the end of the last post, unless that is all there is."""
    taken: list[Json] = []
    while groups and len(groups[-1]) > 1 and groups[-1][-1]["type"] in {"header", "divider"} and len(taken) < 2:
        taken.insert(0, groups[-1].pop())
    return taken


def _summary(message: Message, n: int, total: int, words: Words) -> str:
    text = clean(message.summary).strip() or words.nothing
    if total > 1 and n > 1:
        text = words.part.format(text=shorten(text, 200), n=n, total=total)
    limit = SUMMARY_CHARS
    # Escaping makes some texts longer; shorten until the escaped one fits.
    while len(escaped := escape(shorten(text, limit)).encode("utf-16-le")) // 2 > SUMMARY_CHARS:
        limit -= max(1, (len(escaped) // 2 - SUMMARY_CHARS) // 5)
    return escape(shorten(text, limit))


def block_kinds(payload: Mapping[str, Any]) -> set[str]:
    """Types of blocks and inline elements in a payload, for telling whether newer ones are among them."""
    found: set[str] = set()
    _collect(payload.get("blocks", []), found)
    return found


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, found)
    elif isinstance(value, dict):
        if isinstance(value.get("type"), str):
            found.add(value["type"])
        _collect(list(value.values()), found)
