"""A whole message as activities with one card each, every one within the limits of Teams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.teams.limits import CARD_BYTES, CARD_VERSION, FRAME_BYTES, SUMMARY_UNITS
from handlers.teams.render.blocks import draw
from handlers.teams.render.look import Account, Json, Look, Place, weight
from handlers.teams.render.text import literal, prose, shield
from handlers.teams.words import Words
from handlers.text import one_line, shorten
from reporting.interactions import Home
from reporting.messages import Block, Divider, Heading, Message, Note, Paragraph, Plain

CARD = "application/vnd.microsoft.card.adaptive"
# The line at the end of a card that says what its thread goes on with.
_SIGN_BYTES = 1_500
_NAME_UNITS = 60
_NAMES = 5
_WIDE = {"Table", "ColumnSet"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A drawn element, with what packing must know of it.

    Attributes:
        leads: it says what comes next, and must not be the last thing in a card.
        under: the heading that it stands under, or is.
    """

    element: Json
    weight: int
    leads: bool = False
    under: str = ""


def render(
    message: Message,
    accounts: Mapping[int, Account],
    words: Words,
    opens: frozenset[str],
    threaded: bool = False,
    place: Place = "message",
    channels: Mapping[str, str] | None = None,
) -> list[Json]:
    """The message as activities, each with one card; there is always at least one.

    Args:
        accounts: by person id.
        opens: actions that open a form.
        threaded: further activities are replies to the first, which then ends with what is to be found there.
        channels: names by channel id.
    """
    look = Look(accounts, words, place, opens, {} if channels is None else channels)
    pieces = _pieces(message.blocks or (Paragraph((Plain(message.summary),)),), look)
    packed = _pack(pieces)
    if threaded and len(packed) > 1:
        packed = _pack(pieces, sign=True)
        packed[0] += [Piece(one, 0) for one in _sign(packed[1:], look)]
    bodies = [[piece.element for piece in group] for group in packed] or [literal(words.nothing, look)]
    return [_activity(message, body, at, len(bodies), look) for at, body in enumerate(bodies, 1)]


def render_home(
    home: Home,
    accounts: Mapping[int, Account],
    words: Words,
    opens: frozenset[str],
    channels: Mapping[str, str] | None = None,
) -> list[Json]:
    """A person's home as cards: Teams has no view to publish, so it comes when asked for."""
    return render(Message(words.title, home.blocks), accounts, words, opens, place="home", channels=channels)


def card(body: list[Json], look: Look, fallback: str = "") -> Json:
    """A card with its mentions; wide when it has something that needs the room."""
    made: Json = {"type": "AdaptiveCard", "version": CARD_VERSION, "body": body}
    made |= {"fallbackText": fallback} if fallback else {}
    wide = look.place != "form" and any(one["type"] in _WIDE for one in body)
    teams: Json = {"width": "Full"} if wide else {}
    entities = look.entities(body)
    teams |= {"entities": entities} if entities else {}
    return made | ({"msteams": teams} if teams else {})


def _activity(message: Message, body: list[Json], n: int, total: int, look: Look) -> Json:
    summary = shield(shorten(one_line(message.summary) or look.words.nothing, SUMMARY_UNITS))
    if n > 1:
        summary = look.words.part.format(text=summary, n=n, total=total)
    content = card(body, look, summary)
    return {"type": "message", "summary": summary, "attachments": [{"contentType": CARD, "content": content}]}


def _pieces(blocks: Sequence[Block], look: Look) -> list[Piece]:
    made: list[Piece] = []
    under = ""
    ruled = False
    for block in blocks:
        if isinstance(block, Divider):
            ruled = bool(made)
            continue
        if isinstance(block, Heading) and one_line(block.text):
            under = one_line(block.text)
        drawn = draw(block, look)
        if ruled and drawn:
            drawn[0] |= {"separator": True, "spacing": "medium"}
            ruled = False
        made += [_piece(block, drawn, at, under, look) for at in range(len(drawn))]
    return made


def _piece(block: Block, drawn: list[Json], at: int, under: str, look: Look) -> Piece:
    # A caption leads to its table, which is the element after it, and a table to its lines for phones.
    after = drawn[at + 1] if at + 1 < len(drawn) else {}
    table = drawn[at]["type"] == "Table"
    leads = "targetWidth" in after if table else after.get("type") == "Table" and "targetWidth" not in drawn[at]
    return Piece(drawn[at], weight(drawn[at], look), isinstance(block, Heading) or leads, under)


def _pack(pieces: Sequence[Piece], sign: bool = False) -> list[list[Piece]]:
    """The pieces in as few cards as they need, in order; what leads goes with what it leads to."""
    groups: list[list[Piece]] = []
    room = 0
    for piece in pieces:
        if not groups or piece.weight > room:
            room = CARD_BYTES - FRAME_BYTES - (_SIGN_BYTES if sign and not groups else 0)
            groups.append(_leading(groups, room - piece.weight))
            room -= sum(one.weight for one in groups[-1])
        groups[-1].append(piece)
        room -= piece.weight
    return groups


def _leading(groups: list[list[Piece]], room: int) -> list[Piece]:
    """Takes what leads to the next piece from the end of the last card, where it fits and is not all there is."""
    last = groups[-1] if groups else []
    at = len(last)
    while at > 0 and last[at - 1].leads:
        at -= 1
    taken = last[at:] if at > 0 and sum(piece.weight for piece in last[at:]) <= room else []
    del last[len(last) - len(taken) :]
    return taken


def _sign(rest: Sequence[Sequence[Piece]], look: Look) -> list[Json]:
    """The line that says what the thread goes on with."""
    under = dict.fromkeys(piece.under for group in rest for piece in group if piece.under)
    names = [shorten(name, _NAME_UNITS) for name in under]
    words = look.words
    text = words.in_thread.format(names=", ".join(names)) if names else words.rest_in_thread
    if len(names) > _NAMES:
        text = words.more_in_thread.format(names=", ".join(names[:_NAMES]))
    return draw(Note((Plain(text),)), look) or prose((Plain(words.rest_in_thread),), look)
