"""A whole message as posts, each within every limit of Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.slack.escaping import escape
from handlers.slack.limits import CHARTS, MESSAGE_BLOCKS, MESSAGE_CHARS, SUMMARY_CHARS
from handlers.slack.render.blocks import draw
from handlers.slack.render.look import Json, Look, weight
from handlers.slack.words import Words
from handlers.text import clean, one_line, shorten
from reporting.messages import Block, Divider, Heading, Message, Note, Paragraph, Plain, Table

_MARGIN = 200
# The line at the end of a post that says what its thread goes on with.
_SIGN_CHARS = 400
_NAME_CHARS = 60
_NAMES = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawn block, with what packing must know of it.

    Attributes:
        leads: it says what comes next, and must not be the last thing in a post.
        under: the heading that it stands under, or is.
    """

    block: Json
    leads: bool = False
    under: str = ""


def render(
    message: Message, users: Mapping[int, str], words: Words, new_blocks: bool, threaded: bool = False
) -> list[Json]:
    """The message as payloads `{text, blocks}`, one for each post; there is always at least one.

    Args:
        users: chat user id by person id.
        new_blocks: False draws with the oldest blocks only.
        threaded: further posts go into the thread of the first, which then ends with what is to be found there.
    """
    look = Look.of("message", users, words, new_blocks)
    pieces = _pieces(message.blocks or (Paragraph((Plain(message.summary),)),), look)
    packed = pack(pieces)
    if threaded and len(packed) > 1:
        packed = pack(pieces, sign=True)
        packed[0].append(Piece(_sign(packed[1:], look)))
    groups = [[piece.block for piece in group] for group in packed]
    groups = groups or [[{"type": "section", "text": {"type": "plain_text", "text": words.nothing}}]]
    return [{"text": _summary(message, at, len(groups), words), "blocks": group} for at, group in enumerate(groups, 1)]


def _pieces(blocks: Sequence[Block], look: Look) -> list[Piece]:
    made: list[Piece] = []
    under = ""
    for block in blocks:
        if isinstance(block, Heading) and one_line(block.text):
            under = one_line(block.text)
        whole = isinstance(block, Heading | Divider)
        # As lines of text a table begins with its caption.
        captioned = isinstance(block, Table) and not look.tables
        made += [Piece(one, whole or (captioned and at == 0), under) for at, one in enumerate(draw(block, look))]
    return made


def pack(pieces: Sequence[Piece], sign: bool = False) -> list[list[Piece]]:
    """The pieces in as few posts as they need, in order; what leads goes with what it leads to.

    Args:
        sign: leave room in the first post for one line more.
    """
    groups: list[list[Piece]] = []
    room = most = 0
    for piece in pieces:
        need = weight(piece.block)
        if not groups or need > room or not _fits(groups[-1], piece.block, most):
            first = sign and not groups
            room = MESSAGE_CHARS - _MARGIN - (_SIGN_CHARS if first else 0)
            most = MESSAGE_BLOCKS - first
            groups.append(_leading(groups, room - need))
            room -= _weight(groups[-1])
        groups[-1].append(piece)
        room -= need
    return groups


def _fits(group: list[Piece], block: Json, most: int) -> bool:
    charts = sum(b["type"] == "data_visualization" for b in (*(piece.block for piece in group), block))
    return len(group) < most and charts <= CHARTS


def _weight(group: list[Piece]) -> int:
    return sum(weight(piece.block) for piece in group)


def _leading(groups: list[list[Piece]], room: int) -> list[Piece]:
    """Takes what leads to the next piece from the end of the last post, where it fits and is not all there is."""
    last = groups[-1] if groups else []
    at = len(last)
    while at > 0 and last[at - 1].leads:
        at -= 1
    taken = last[at:] if at > 0 and _weight(last[at:]) <= room else []
    del last[len(last) - len(taken) :]
    return taken


def _sign(rest: Sequence[Sequence[Piece]], look: Look) -> Json:
    """The line that says what the thread goes on with."""
    under = dict.fromkeys(piece.under for group in rest for piece in group if piece.under)
    names = [shorten(name, _NAME_CHARS) for name in under]
    words = look.words
    text = words.in_thread.format(names=", ".join(names[:_NAMES])) if names else words.rest_in_thread
    if len(names) > _NAMES:
        text = words.more_in_thread.format(names=", ".join(names[:_NAMES]))
    (line,) = draw(Note((Plain(text),)), look)
    return line


def _summary(message: Message, n: int, total: int, words: Words) -> str:
    text = clean(message.summary).strip() or words.nothing
    if total > 1 and n > 1:
        text = words.part.format(text=shorten(text, 200), n=n, total=total)
    limit = SUMMARY_CHARS
    # Escaping makes some texts longer; shorten until the escaped one fits.
    while len(escaped := escape(shorten(text, limit)).encode("utf-16-le")) // 2 > SUMMARY_CHARS:
        limit -= max(1, (len(escaped) // 2 - SUMMARY_CHARS) // 5)
    return escape(shorten(text, limit))
