"""Rules over a whole message or view, and the two doors of the validator."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from playground.blocks.data import DATA_TABLE_CHARS, TABLE_CHARS, cell_chars
from playground.blocks.newer import any_block
from playground.blocks.objects import plain
from playground.blocks.schema import (
    Check,
    Context,
    Json,
    array,
    boolean,
    one_of,
    record,
    string,
)

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_MARKDOWN = 12_000
MAX_MESSAGE_CHARS = 10_000
MAX_VIEW_BYTES = 250 * 1024
MAX_CHARTS = 2
_UNCOUNTED = {"table", "data_table", "data_visualization"}


def check_blocks(ctx: Context, blocks: Any, at: str = "/blocks") -> list[str]:
    """All faults of a list of blocks for the surface in `ctx`; an empty list when Slack would take them."""
    limit = MAX_MESSAGE_BLOCKS if ctx.surface == "message" else MAX_VIEW_BLOCKS
    array(any_block, 0 if ctx.surface == "message" else 1, limit)(ctx, blocks, at)
    if not ctx.faults:
        _unique_ids(ctx, blocks, at)
        _one_focus(ctx, blocks, at)
        _totals(ctx, blocks, at)
    return ctx.faults


def check_view(ctx: Context, view: Any, at: str = "/view") -> list[str]:
    """All faults of a modal or Home view."""
    if isinstance(view, dict) and view.get("type") == "modal":
        _MODAL(ctx, view, at)
    else:
        _HOME(ctx, view, at)
    return ctx.faults


def view_bytes(view: Any) -> int:
    """The size of a view as JSON, in bytes."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())


def counted_chars(value: Any) -> int:
    """Characters of text in the blocks of a message; table cells and charts have limits of their own."""
    if isinstance(value, list):
        return sum(counted_chars(entry) for entry in value)
    if not isinstance(value, dict) or value.get("type") in _UNCOUNTED:
        return 0
    own = value["text"] if isinstance(value.get("text"), str) else ""
    return len(own) + sum(counted_chars(entry) for entry in value.values())


def walk(blocks: list[Json]) -> Iterator[Json]:
    """All blocks, with those inside containers, carousels and plans."""
    for block in blocks:
        yield block
        inner = [*block.get("child_blocks", []), *block.get("tasks", [])]
        yield from walk(inner + (block["elements"] if block["type"] == "carousel" else []))


def elements_of(block: Json) -> list[Json]:
    """The interactive elements that belong to one block itself."""
    found = [block[name] for name in ("accessory", "element") if name in block]
    if block["type"] in {"actions", "context_actions"}:
        found += block["elements"]
    if block["type"] == "card":
        found += block.get("actions", [])
    if block["type"] == "data_table":
        found += [cell["element"] for row in block["rows"] for cell in row if cell["type"] == "action_cell"]
    return found


def _unique_ids(ctx: Context, blocks: list[Json], at: str) -> None:
    names = Counter(block["block_id"] for block in walk(blocks) if "block_id" in block)
    for name in (name for name, count in names.items() if count > 1):
        ctx.fail(at, f"`block_id` {name} must be unique")
    for block in walk(blocks):
        actions = Counter(element["action_id"] for element in elements_of(block) if "action_id" in element)
        for name in (name for name, count in actions.items() if count > 1):
            ctx.fail(at, f"`action_id` {name} already exists in this block")


def _one_focus(ctx: Context, blocks: list[Json], at: str) -> None:
    focused = sum(element.get("focus_on_load") is True for block in walk(blocks) for element in elements_of(block))
    if focused > 1:
        ctx.fail(at, "only one element can have focus_on_load")


def _totals(ctx: Context, blocks: list[Json], at: str) -> None:
    def having(kind: str) -> list[Json]:
        return [block for block in walk(blocks) if block["type"] == kind]

    if sum(len(block["text"]) for block in having("markdown")) > MAX_MARKDOWN:
        ctx.fail(at, f"markdown blocks must be less than {MAX_MARKDOWN + 1} characters in total")
    if ctx.surface == "message" and len(having("table")) > 1:
        ctx.fail(at, "only_one_table_allowed")
    if sum(cell_chars(block["rows"]) for block in having("table")) > TABLE_CHARS:
        ctx.fail(at, f"no more than {TABLE_CHARS} characters allowed in all tables")
    if sum(cell_chars(block["rows"]) for block in having("data_table")) > DATA_TABLE_CHARS:
        ctx.fail(at, f"no more than {DATA_TABLE_CHARS} characters allowed in all data tables")
    if len(having("data_visualization")) > MAX_CHARTS:
        ctx.fail(at, f"no more than {MAX_CHARTS} data_visualization blocks allowed")


def _view_blocks(ctx: Context, value: Any, at: str) -> None:
    check_blocks(ctx, value, at)


def _submit_for_input(ctx: Context, value: Json, at: str) -> None:
    if "submit" not in value and any(block["type"] == "input" for block in value["blocks"]):
        ctx.fail(at, "missing required field: submit")


_SHARED: dict[str, Check] = {
    "private_metadata": string(0, 3000),
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
}
_MODAL = record(
    {"type": one_of("modal"), "title": plain(24), "blocks": _view_blocks},
    {
        **_SHARED,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
    },
    _submit_for_input,
)
_HOME = record({"type": one_of("modal", "home"), "blocks": _view_blocks}, _SHARED)
