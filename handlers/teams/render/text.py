"""Spans as text elements, where nothing that was typed can become Markdown, a link, a mention or HTML.

Text runs know no Markdown on any client, so they carry what was typed. Only a text block can hold a mention or be a
heading, and text blocks are Markdown, whose escapes phones have shown as typed (Microsoft's AdaptiveCards issue 5590).
So a text block is used only where the typed words have nothing in them that Markdown could read; else the mention
stands in a line of its own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from handlers.links import web_address
from handlers.teams.limits import ELEMENT_BYTES, TEXT_UNITS, URL_UNITS
from handlers.teams.render.look import JOINER, Json, Look, weight
from handlers.text import clean, one_line, pieces, size
from reporting.messages import Channel, Code, Emphasis, Link, Mention, Pill, Plain, Span, Spans, Strong
from reporting.model import Rag

_COLOURS = {Rag.GREEN: "good", Rag.AMBER: "warning", Rag.RED: "attention", None: "default"}
_CIRCLES = {Rag.GREEN: "🟢", Rag.AMBER: "🟡", Rag.RED: "🔴", None: "⚪"}
# What a line may begin with to be an item of a list.
_LISTED = re.compile(r"\d+[.)](?: |$)")
# What clients look for in any text: mentions, and the date functions of Adaptive Cards.
_CALLS = re.compile(r"<(?=\s*/?\s*at\b)|\{(?=\{)", re.IGNORECASE)
_GAPS = re.compile(r"[ \t]{2,}|\t")
_LOUD = re.compile(
    r"[\\`*_\[\]<>&#~|{}@=^$]|://|www\.|mailto:|:\w+:|--|\w\.\w*[^\W\d]"
    r"|^(?:[-+]|\d+[.)])(?: |$)|^\s|\s$|[^\S \u00a0\u202f]"
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks as a whole."""

    properties: Json = field(default_factory=dict)
    heading: bool = False
    spacing: str = ""


BODY = Style()
BOLD = Style({"weight": "bolder"})
TITLE = Style({"size": "large", "weight": "bolder"}, heading=True)
SUBTITLE = Style({"size": "medium", "weight": "bolder"}, heading=True, spacing="medium")
SMALL = Style({"size": "small", "isSubtle": True}, spacing="small")
FAULT = Style({"color": "attention", "weight": "bolder"}, spacing="small")


def shield(text: str) -> str:
    """Literal text for any place that knows no Markdown; several spaces stay several."""
    calm = _CALLS.sub(lambda found: found[0] + JOINER, clean(text))
    return _GAPS.sub(lambda found: "\u00a0 " * (len(found[0]) // 2) + "\u00a0" * (len(found[0]) % 2), calm)


def quiet(text: str) -> bool:
    """Whether a line means the same as Markdown as it does literally, on every client."""
    return size(text) <= TEXT_UNITS and not _LOUD.search(text)


def prose(spans: Spans, look: Look, style: Style = BODY) -> list[Json]:
    """The spans as elements, one line after the other; nothing when there is nothing to see."""
    made: list[Json] = []
    gap = False
    for line in _lines(spans):
        if not flat(line).strip():
            gap = bool(made)
            continue
        drawn = _line(line, look, style)
        for at, element in enumerate(drawn):
            if made:
                element["spacing"] = "medium" if gap and at == 0 else "none"
            elif style.spacing:
                element["spacing"] = style.spacing
            made.append(element)
        gap = False
    return made


def literal(text: str, look: Look, style: Style = BODY) -> list[Json]:
    """One text in one style."""
    return prose((Plain(text),), look, style)


def flat(spans: Spans) -> str:
    """The spans as literal text alone, for the places that know nothing else."""
    return "".join(_flat(span) for span in spans)


def pill_text(pill: Pill) -> str:
    """The circle, whose colour screen readers name, and the letter or words beside it."""
    return f"{_CIRCLES[pill.rag]}\u00a0{one_line(pill.label) or (pill.rag.letter if pill.rag else '–')}"


def address(url: str) -> str:
    """The address when a link may carry it, else an empty text."""
    return web_address(url) if size(url) <= URL_UNITS else ""


def _lines(spans: Spans) -> Iterable[Spans]:
    line: list[Span] = []
    for span in spans:
        match span:
            case Plain(text) | Strong(text) | Emphasis(text) | Code(text):
                for at, part in enumerate(clean(text).split("\n")):
                    if at:
                        yield tuple(line)
                        line = []
                    if part:
                        line.append(type(span)(part))
            case _:
                line.append(span)
    yield tuple(line)


def _line(line: Spans, look: Look, style: Style) -> list[Json]:
    tags = list(dict.fromkeys(filter(None, (look.tag(span) for span in line if isinstance(span, Mention)))))
    if tags or style.heading:
        text = _markdown(line, look)
        if text is not None:
            return [_block(text, style)]
    runs = [run for span in line for run in _runs(span, look, style)]
    made: list[Json] = [{"type": "RichTextBlock", "inlines": group} for group in _grouped(runs)]
    return made + [_block(" ".join(group), SMALL) for group in _few(tags)]


def _block(text: str, style: Style) -> Json:
    heading = {"style": "heading"} if style.heading else {}
    return {"type": "TextBlock", "text": text, "wrap": True, **style.properties, **heading}


def _few(tags: list[str]) -> Iterable[list[str]]:
    for at in range(0, len(tags), 20):
        yield tags[at : at + 20]


def _grouped(runs: Iterable[Json | str]) -> list[list[Json | str]]:
    groups: list[list[Json | str]] = []
    room = 0
    for run in runs:
        need = weight(run)
        if not groups or need > room:
            groups.append([])
            room = ELEMENT_BYTES
        groups[-1].append(run)
        room -= need
    return groups


# ---------------------------------------------------------------- as Markdown, where that is safe


def _markdown(line: Spans, look: Look) -> str | None:
    """The line for a text block; None when typed words could be read as Markdown."""
    made, words, before = "", "", False
    for span in line:
        bold = isinstance(span, Strong | Pill)
        if (bold and before) or isinstance(span, Emphasis | Code | Link):
            return None
        tag = look.tag(span) if isinstance(span, Mention) else ""
        literal_text = "x" if tag else shield(_flat(span))
        marked = tag or (_bold(span, literal_text) if bold else literal_text)
        if marked is None:
            return None
        made, words, before = made + marked, words + literal_text, bold
    start = JOINER if _LISTED.match(words.strip(" ")) else ""
    return start + made.strip(" ") if quiet(start + words.strip(" ")) else None


def _bold(span: Span, text: str) -> str | None:
    """The text between `**`, which work only next to letters and digits; None when it has others at its ends."""
    circle, gap, label = text.partition("\u00a0") if isinstance(span, Pill) else ("", "", text)
    if label and label[0].isalnum() and label[-1].isalnum():
        return f"{circle}{gap}**{label}**"
    return text if isinstance(span, Pill) else None


# ---------------------------------------------------------------- as runs


def _runs(span: Span, look: Look, style: Style) -> list[Json | str]:  # noqa: PLR0911 - one arm for each span
    match span:
        case Plain(text):
            return _texts(text, style)
        case Strong(text):
            return _texts(text, style, weight="bolder")
        case Emphasis(text):
            return _texts(text, style, italic=True)
        case Code(text):
            return _texts(text, style, fontType="monospace")
        case Link():
            return _link(span, style)
        case Mention():
            return _texts(_flat(span), style, weight="bolder") if look.tag(span) else _texts(_flat(span), style)
        case Channel(ref):
            return _texts(look.channels.get(ref, ref), style)
        case Pill():
            return _texts(pill_text(span), style, weight="bolder", color=_COLOURS[span.rag])
        case _:
            assert_never(span)


def _texts(text: str, style: Style, **properties: object) -> list[Json | str]:
    looks = style.properties | properties
    return [{"type": "TextRun", "text": p, **looks} if looks else p for p in pieces(shield(text), TEXT_UNITS)]


def _link(link: Link, style: Style) -> list[Json | str]:
    url = address(link.url)
    if not url:
        return _texts(_flat(link), style)
    action = {"type": "Action.OpenUrl", "url": url}
    return _texts(one_line(link.text) or url, style, color="accent", underline=True, selectAction=action)


def _flat(span: Span) -> str:
    match span:
        case Plain(text) | Strong(text) | Emphasis(text) | Code(text):
            return clean(text)
        case Link(url, text):
            if not url or text == url:
                return one_line(text)
            return f"{one_line(text)} ({one_line(url)})" if text else one_line(url)
        case Mention():
            return one_line(span.name)
        case Channel(ref):
            return one_line(ref)
        case Pill():
            return pill_text(span)
        case _:
            assert_never(span)
