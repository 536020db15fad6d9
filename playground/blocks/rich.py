"""The rich_text block and its inline elements (Slack docs: rich text block)."""

from typing import Any

from playground.blocks.objects import TYPE, url
from playground.blocks.schema import (
    Check,
    Context,
    array,
    boolean,
    integer,
    one_of,
    record,
    string,
    typed,
)

BLOCK_ID = string(1, 255)
TAG_COLORS = ("gray", "brown", "purple", "indigo", "blue", "green", "yellow", "orange", "red")
_STYLE = record(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def inline(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """An inline element with an optional style."""
    return record({"type": TYPE, **required}, {"style": _STYLE, **(optional or {})})


def _newer(rule: Check) -> Check:
    def check(ctx: Context, value: Any, at: str) -> None:
        if ctx.new_blocks:
            rule(ctx, value, at)
        else:
            ctx.fail(f"{at}/type", f"unsupported type: {value['type']}")

    return check


_TEXT = inline({"text": string(1)})
_LINK = inline({"url": url()}, {"text": string(1), "unsafe": boolean})
INLINE = typed(
    {
        "text": _TEXT,
        "link": _LINK,
        "user": inline({"user_id": string(1)}),
        "channel": inline({"channel_id": string(1)}),
        "usergroup": inline({"usergroup_id": string(1)}),
        "team": inline({"team_id": string(1)}),
        "emoji": inline({"name": string(1)}, {"unicode": string(1), "skin_tone": integer(1, 6)}),
        "date": inline(
            {"timestamp": integer(0), "format": string(1)},
            {"url": url(), "fallback": string(1), "link": url()},
        ),
        "broadcast": inline({"range": one_of("here", "channel", "everyone")}),
        "color": inline({"value": string(pattern=r"#[0-9a-fA-F]{6}")}),
        "tag": _newer(inline({"text": string(1)}, {"color": one_of(*TAG_COLORS)})),
        "file": inline({"file_id": string(1)}),
        "canvas": inline({"file_id": string(1)}),
    }
)
_BORDER = integer(0, 1)
SECTION = record({"type": one_of("rich_text_section"), "elements": array(INLINE, 0)})
PARTS = typed(
    {
        "rich_text_section": SECTION,
        "rich_text_list": record(
            {"type": TYPE, "style": one_of("bullet", "ordered"), "elements": array(SECTION, 1)},
            {"indent": integer(0, 8), "offset": integer(0), "border": _BORDER},
        ),
        "rich_text_quote": record({"type": TYPE, "elements": array(INLINE, 1)}, {"border": _BORDER}),
        "rich_text_preformatted": record(
            {"type": TYPE, "elements": array(typed({"text": _TEXT, "link": _LINK}), 1)},
            {"border": _BORDER, "language": string(1)},
        ),
    }
)
RICH_TEXT = record({"type": one_of("rich_text"), "elements": array(PARTS, 1)}, {"block_id": BLOCK_ID})
