"""Tables and charts (Slack docs: table, data table and data visualization blocks)."""

from typing import Any

from playground.blocks.elements import BUTTON
from playground.blocks.layout import block
from playground.blocks.objects import TYPE
from playground.blocks.rich import RICH_TEXT
from playground.blocks.schema import (
    Check,
    Context,
    Json,
    array,
    boolean,
    integer,
    number,
    one_of,
    only_on,
    record,
    rule,
    string,
    typed,
)

TABLE_CHARS = 10_000
DATA_TABLE_CHARS = 20_000
_RAW = {
    "raw_text": record({"type": TYPE, "text": string(1)}),
    "raw_number": record({"type": TYPE, "value": number(), "text": string(1)}),
}
_TABLE_CELL = typed({**_RAW, "rich_text": RICH_TEXT}, "cell")
_ACTION = record(
    {"type": TYPE, "element": typed({"button": BUTTON}, "element"), "fallback": typed(_RAW, "cell")},
)
_DATA_CELL = typed({**_RAW, "rich_text": RICH_TEXT, "action_cell": _ACTION}, "cell")


def cell_chars(value: Any) -> int:
    """How many characters the cells of a table hold."""
    if isinstance(value, dict):
        if value.get("type") == "action_cell":
            return cell_chars(value["fallback"]) + cell_chars(value["element"])
        own = value["text"] if isinstance(value.get("text"), str) else ""
        return len(own) + sum(cell_chars(entry) for entry in value.values())
    if isinstance(value, list):
        return sum(cell_chars(entry) for entry in value)
    return 0


def _fits(limit: int) -> Check:
    return rule(
        lambda value: cell_chars(value["rows"]) <= limit,
        f"no more than {limit} characters allowed in a table",
        "rows",
    )


def _column(ctx: Context, value: Any, at: str) -> None:
    if value is not None:
        record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})(ctx, value, at)


def _same_width(ctx: Context, value: Json, at: str) -> None:
    width = len(value["rows"][0])
    for index, row in enumerate(value["rows"]):
        if len(row) != width:
            ctx.fail(f"{at}/rows/{index}", "all rows must have the same number of cells")


def _plain_header(ctx: Context, value: Json, at: str) -> None:
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] in {"rich_text", "action_cell"}:
            ctx.fail(f"{at}/rows/0/{index}", "header cells must be raw_text or raw_number")


def _header_column(ctx: Context, value: Json, at: str) -> None:
    if value.get("row_header_column_index", 0) >= len(value["rows"][0]):
        ctx.fail(f"{at}/row_header_column_index", "must be the index of a column")


TABLE = block(
    {"rows": array(array(_TABLE_CELL, 1, 20), 1, 100)},
    {"column_settings": array(_column, 0, 20)},
    only_on("message", "home"),
    _fits(TABLE_CHARS),
)
DATA_TABLE = block(
    {"rows": array(array(_DATA_CELL, 1, 20), 2, 201), "caption": string(1)},
    {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
    only_on("message", "home"),
    _same_width,
    _plain_header,
    _header_column,
    _fits(DATA_TABLE_CHARS),
)

_LABEL = string(1, 20)
_SEGMENT = record({"label": _LABEL, "value": number(above=0)})
_POINT = record({"label": _LABEL, "value": number()})
_SERIES = record({"name": _LABEL, "data": array(_POINT, 1, 20)})
_AXES = record({"categories": array(_LABEL, 1, 20)}, {"x_label": string(1, 50), "y_label": string(1, 50)})


def _one_point_per_category(ctx: Context, value: Json, at: str) -> None:
    wanted = sorted(value["axis_config"]["categories"])
    for index, series in enumerate(value["series"]):
        if sorted(point["label"] for point in series["data"]) != wanted:
            ctx.fail(f"{at}/series/{index}/data", "must have exactly one point for each category")


def _unique_names(ctx: Context, value: Json, at: str) -> None:
    names = [series["name"] for series in value["series"]]
    if len(names) != len(set(names)):
        ctx.fail(f"{at}/series", "series names must be unique")
    categories = value["axis_config"]["categories"]
    if len(categories) != len(set(categories)):
        ctx.fail(f"{at}/axis_config/categories", "categories must be unique")


_XY = record(
    {"type": TYPE, "series": array(_SERIES, 1, 12), "axis_config": _AXES},
    {},
    _unique_names,
    _one_point_per_category,
)
CHART = typed(
    {
        "pie": record({"type": TYPE, "segments": array(_SEGMENT, 1, 12)}),
        "bar": _XY,
        "line": _XY,
        "area": _XY,
    },
    "chart",
)
DATA_VISUALIZATION = block({"title": string(1, 50), "chart": CHART}, {}, only_on("message", "home"))
