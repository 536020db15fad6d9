"""Layout blocks that every workspace knows (Slack docs: blocks)."""

from typing import Any

from playground.blocks.elements import BUTTONS, CHOOSERS, INPUTS, SELECTS
from playground.blocks.objects import IMAGE, IMAGE_FIELDS, ONE_IMAGE, TYPE, plain, text, url
from playground.blocks.rich import BLOCK_ID, RICH_TEXT
from playground.blocks.schema import (
    Check,
    Context,
    Json,
    array,
    boolean,
    integer,
    only_on,
    record,
    rule,
    string,
    typed,
)

_SINGLE = {name: check for name, check in SELECTS.items() if not name.startswith("multi_")}
IN_ACTIONS = typed({**BUTTONS, **_SINGLE, **CHOOSERS}, "element")
IN_SECTION = typed(
    {**BUTTONS, **SELECTS, **{k: v for k, v in CHOOSERS.items() if k != "datetimepicker"}, "image": IMAGE},
    "element",
)
IN_INPUT = typed({**INPUTS, **SELECTS, **{k: v for k, v in CHOOSERS.items() if k != "overflow"}}, "element")
IN_CONTEXT = typed(
    {"image": IMAGE, "plain_text": text(3000), "mrkdwn": text(3000)},
    "element",
)


def block(required: dict[str, Check], optional: dict[str, Check] | None = None, *more: Check) -> Check:
    """A block with a type, an optional block_id and its own fields."""
    return record({"type": TYPE, **required}, {"block_id": BLOCK_ID, **(optional or {})}, *more)


def _input_element(ctx: Context, value: Any, at: str) -> None:
    ctx.in_input = True
    IN_INPUT(ctx, value, at)
    ctx.in_input = False


def _header_level(ctx: Context, value: Any, at: str) -> None:
    if ctx.new_blocks:
        integer(1, 4)(ctx, value, at)
    else:
        ctx.fail(at.rpartition("/")[0], "invalid additional property: level")


def _embed_scope(ctx: Context, _value: Json, at: str) -> None:
    if ctx.scopes is not None and "links.embed:write" not in ctx.scopes:
        ctx.fail(at, "video blocks require the links.embed:write scope")


LAYOUT: dict[str, Check] = {
    "section": block(
        {},
        {"text": text(3000), "fields": array(text(2000), 1, 10), "accessory": IN_SECTION, "expand": boolean},
        rule(lambda value: "text" in value or "fields" in value, "must define either `fields` or `text`"),
    ),
    "divider": block({}),
    "header": block({"text": plain(150)}, {"level": _header_level}),
    "context": block({"elements": array(IN_CONTEXT, 1, 10)}),
    "actions": block({"elements": array(IN_ACTIONS, 1, 25)}),
    "image": block({"alt_text": string(1, 2000)}, {**IMAGE_FIELDS, "title": plain(2000)}, ONE_IMAGE),
    "input": block(
        {"label": plain(2000), "element": _input_element},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        rule(
            lambda value: not (value.get("dispatch_action") and value["element"]["type"] == "file_input"),
            "dispatch_action is not supported with file_input",
            "dispatch_action",
        ),
    ),
    "rich_text": RICH_TEXT,
    "markdown": block({"text": string(1, 12000)}, {}, only_on("message")),
    "video": block(
        {"alt_text": string(1), "title": plain(199), "thumbnail_url": url(), "video_url": url()},
        {
            "title_url": url(),
            "description": plain(199),
            "author_name": string(1, 49),
            "provider_name": string(1),
            "provider_icon_url": url(),
        },
        _embed_scope,
    ),
}
