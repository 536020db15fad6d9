"""Blocks that came with 2026: older workspaces and clients refuse them (Slack docs: blocks)."""

from typing import Any

from playground.blocks.data import DATA_TABLE, DATA_VISUALIZATION, TABLE
from playground.blocks.elements import BUTTONS, CONTEXT_ACTIONS
from playground.blocks.layout import LAYOUT, block
from playground.blocks.objects import IMAGE, plain, text, url
from playground.blocks.rich import RICH_TEXT
from playground.blocks.schema import (
    Check,
    Context,
    array,
    boolean,
    one_of,
    only_on,
    record,
    rule,
    string,
    typed,
)


def _object(ctx: Context, value: Any, at: str) -> None:
    if not isinstance(value, dict) or not value:
        ctx.fail(at, "must be an object")


CARD = block(
    {},
    {
        "hero_image": IMAGE,
        "icon": IMAGE,
        "slack_icon": _object,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "actions": array(typed(BUTTONS, "element"), 1, 3),
    },
    rule(
        lambda value: not ("icon" in value and "slack_icon" in value),
        "must not define both icon and slack_icon",
    ),
    rule(
        lambda value: any(name in value for name in ("hero_image", "title", "actions", "body")),
        "must define at least one of hero_image, title, actions, body",
    ),
)
_CHILDREN = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video")
_CHILD = typed({**{name: LAYOUT[name] for name in _CHILDREN}, "table": TABLE})


def _rich_title(ctx: Context, value: Any, at: str) -> None:
    before = len(ctx.faults)
    RICH_TEXT(ctx, value, at)
    if len(ctx.faults) == before and _letters(value) > 150:
        ctx.fail(at, "must be less than 151 characters")


def _letters(value: Any) -> int:
    if isinstance(value, dict):
        own = value["text"] if isinstance(value.get("text"), str) else ""
        return len(own) + sum(_letters(entry) for entry in value.values())
    return sum(_letters(entry) for entry in value) if isinstance(value, list) else 0


CONTAINER = block(
    {"child_blocks": array(_CHILD, 1, 10)},
    {
        "title": plain(150),
        "rich_text_title": _rich_title,
        "subtitle": text(150),
        "icon": IMAGE,
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    only_on("message", "home"),
    rule(lambda value: "title" in value or "rich_text_title" in value, "must define title or rich_text_title"),
    rule(
        lambda value: not (value.get("is_collapsible") and value.get("has_header_divider")),
        "has_header_divider is not supported when collapsible",
        "has_header_divider",
    ),
    rule(
        lambda value: value.get("is_collapsible", False) or not value.get("default_collapsed"),
        "default_collapsed requires is_collapsible",
        "default_collapsed",
    ),
)
_TASK_FIELDS: dict[str, Check] = {
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": array(record({"type": one_of("url"), "url": url(), "text": string(1)}), 1),
}


def _task(*statuses: str) -> Check:
    return block({"task_id": string(1), "title": string(1), "status": one_of(*statuses)}, _TASK_FIELDS)


_ANY_TASK = typed({"task_card": _task("pending", "in_progress", "complete", "error")})


def _message_only(check: Check) -> Check:
    def run(ctx: Context, value: Any, at: str) -> None:
        only_on("message")(ctx, value, at)
        check(ctx, value, at)

    return run


NEWER: dict[str, Check] = {
    "alert": block(
        {"text": text(200)},
        {"level": one_of("default", "info", "warning", "error", "success")},
        only_on("modal"),
    ),
    "card": CARD,
    "carousel": block({"elements": array(typed({"card": CARD}), 1, 10)}, {}, only_on("message", "home")),
    "container": CONTAINER,
    "context_actions": _message_only(block({"elements": array(typed(CONTEXT_ACTIONS, "element"), 1, 5)})),
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "plan": _message_only(block({"title": string(1), "tasks": array(_ANY_TASK, 1, 50)})),
    "task_card": _message_only(_task("in_progress", "complete", "error")),
}
KNOWN = typed({**LAYOUT, "table": TABLE, **NEWER})
OLDER = typed({**LAYOUT, "table": TABLE})


def any_block(ctx: Context, value: Any, at: str) -> None:
    """Any block that this workspace knows."""
    (KNOWN if ctx.new_blocks else OLDER)(ctx, value, at)
