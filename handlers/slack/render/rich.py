"""Spans as rich_text elements, where nothing that was typed can become markup, a mention or an emoji."""

import re
from collections.abc import Iterable
from typing import assert_never

from handlers.links import web_address
from handlers.slack.limits import TEXT_CHARS, URL_CHARS
from handlers.slack.render.look import Json, Look, weight
from handlers.text import clean, pieces, size
from reporting.messages import Channel, Code, Emphasis, Link, Mention, Pill, Plain, Span, Spans, Strong
from reporting.model import Rag

CHUNK = 2_800
_TAG_CHARS = 75
_COLOURS = {Rag.GREEN: "green", Rag.AMBER: "yellow", Rag.RED: "red", None: "gray"}
_CIRCLES = {Rag.GREEN: "🟢", Rag.AMBER: "🟡", Rag.RED: "🔴", None: "⚪"}
_USER_ID = re.compile(r"[UW][A-Z0-9]+")
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{2,20}")


def inline(span: Span, look: Look) -> list[Json]:  # noqa: PLR0911 - one arm for each span
    """One span as inline elements, each small enough for a text object."""
    match span:
        case Plain(text):
            return _texts(text)
        case Strong(text):
            return _texts(text, "bold")
        case Emphasis(text):
            return _texts(text, "italic")
        case Code(text):
            return _texts(text, "code")
        case Link():
            return _link(span)
        case Mention():
            user = user_of(span, look)
            return [{"type": "user", "user_id": user}] if user else _texts(span.name)
        case Channel(ref):
            return [{"type": "channel", "channel_id": ref}] if linkable(span) else _texts(ref)
        case Pill():
            return _pill(span, look)
        case _:
            assert_never(span)


def inlines(spans: Spans, look: Look) -> list[Json]:
    """All spans of a text."""
    return [element for span in spans for element in inline(span, look)]


def chunks(elements: Iterable[Json], limit: int = CHUNK) -> list[list[Json]]:
    """The elements in groups of at most `limit` counted characters (one element alone may be as long as itself)."""
    groups: list[list[Json]] = []
    room = 0
    for element in elements:
        need = weight(element)
        if not groups or need > room:
            groups.append([])
            room = limit
        groups[-1].append(element)
        room -= need
    return groups


def flat(spans: Spans) -> str:
    """The spans as literal text alone, for the places that know nothing else."""
    return "".join(_flat(span) for span in spans)


def has_function(spans: Spans, look: Look) -> bool:
    """Whether something would be lost as literal text: a link, a channel, or somebody with an account."""
    return any(
        isinstance(s, Link)
        or (isinstance(s, Mention) and bool(user_of(s, look)))
        or (isinstance(s, Channel) and linkable(s))
        for s in spans
    )


def linkable(channel: Channel) -> bool:
    """Whether a channel is named by an id that Slack can draw with the channel's name."""
    return _CHANNEL_ID.fullmatch(channel.ref) is not None


def user_of(mention: Mention, look: Look) -> str:
    """The account to mention, or an empty text."""
    user = look.users.get(mention.person_id, "")
    return user if _USER_ID.fullmatch(user) else ""


def pill_text(pill: Pill) -> str:
    """A pill without tags: the coloured circle, and the letter or words beside it."""
    return f"{_CIRCLES[pill.rag]} {clean(pill.label) or letter(pill)}"


def letter(pill: Pill) -> str:
    """G, A, R, or – for not reported."""
    return pill.rag.letter if pill.rag else "–"


def safe_url(url: str) -> str:
    """The address when a reader may be sent there, else an empty text."""
    return web_address(url) if size(url) <= URL_CHARS else ""


def _texts(text: str, style: str = "") -> list[Json]:
    look: Json = {"style": {style: True}} if style else {}
    return [{"type": "text", "text": piece, **look} for piece in pieces(clean(text), CHUNK)]


def _link(link: Link) -> list[Json]:
    url = safe_url(link.url)
    if not url:
        return _texts(_labelled(link))
    if size(url) > TEXT_CHARS // 2:
        # The address counts as text too; a long one is written once, at the end of the label.
        return [*_texts(link.text), {"type": "link", "url": url}]
    labels = list(pieces(clean(link.text), CHUNK // 2))
    return [{"type": "link", "url": url, "text": label} for label in labels] or [{"type": "link", "url": url}]


def _pill(pill: Pill, look: Look) -> list[Json]:
    if not look.tags:
        return _texts(pill_text(pill), "bold")
    label = clean(pill.label)
    fits = bool(label.strip()) and size(label) <= _TAG_CHARS
    tag = {"type": "tag", "text": label if fits else letter(pill), "color": _COLOURS[pill.rag]}
    return [tag] if fits or not label else [tag, *_texts(f" {label}")]


def _labelled(link: Link) -> str:
    if not link.url or link.text == link.url:
        return link.text
    return f"{link.text} ({link.url})" if link.text else link.url


def _flat(span: Span) -> str:
    match span:
        case Plain(text) | Strong(text) | Emphasis(text) | Code(text):
            return clean(text)
        case Link():
            return clean(_labelled(span))
        case Mention():
            return clean(span.name)
        case Channel(ref):
            return clean(ref)
        case Pill():
            return pill_text(span)
        case _:
            assert_never(span)
