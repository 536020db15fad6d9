"""Every number in Block Kit: taken at the limit, refused just above (and just below a minimum)."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.playground.kit import (
    Json,
    actions,
    bars,
    button,
    card,
    container,
    data_table,
    field,
    image,
    mrkdwn,
    option,
    options,
    pie,
    plain,
    raw,
    section,
    select,
    show,
    table,
    task,
    typed,
)

Build = Callable[[int], Json | list[Json]]
REFUSED = {"message": "invalid_blocks", "home": "invalid_arguments", "modal": "invalid_arguments"}
URL = "https://example.com/"


def url(length: int) -> str:
    return URL + "x" * (length - len(URL))


def confirm(**more: Any) -> Json:
    texts = {"title": plain("T"), "text": plain("X"), "confirm": plain("Y"), "deny": plain("N")}
    return actions(button(confirm=texts | more))


def icon(**more: Any) -> Json:
    element = {"type": "icon_button", "icon": "trash", "text": plain("T"), "action_id": "i"}
    return {"type": "context_actions", "elements": [element | more]}


def icons(count: int) -> Json:
    elements = [icon(action_id=f"a{n}")["elements"][0] for n in range(count)]
    return {"type": "context_actions", "elements": elements}


def chooser(kind: str, count: int, **more: Any) -> Json:
    return {"type": kind, "action_id": "c", "options": options(count), **more}


def carousel(count: int) -> Json:
    return {"type": "carousel", "elements": [card() for _ in range(count)]}


UPPER: list[tuple[str, str, int, Build]] = [
    ("blocks in a message", "message", 50, lambda n: [section()] * n),
    ("blocks in a Home", "home", 100, lambda n: [section()] * n),
    ("blocks in a modal", "modal", 100, lambda n: [section()] * n),
    ("block_id", "message", 255, lambda n: section(block_id="x" * n)),
    ("action_id", "message", 255, lambda n: actions({**button(), "action_id": "x" * n})),
    ("section text", "message", 3000, lambda n: section("x" * n)),
    ("section fields", "message", 10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
    ("section field text", "message", 2000, lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
    ("header", "message", 150, lambda n: {"type": "header", "text": plain("x" * n)}),
    ("header level", "message", 4, lambda n: {"type": "header", "text": plain("x"), "level": n}),
    ("context elements", "message", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    ("actions elements", "message", 25, lambda n: actions(*[button(i) for i in range(n)])),
    ("image url", "message", 3000, lambda n: image(image_url=url(n))),
    ("image alt_text", "message", 2000, lambda n: image(alt_text="x" * n)),
    ("image title", "message", 2000, lambda n: image(title=plain("x" * n))),
    ("input label", "modal", 2000, lambda n: typed() | {"label": plain("x" * n)}),
    ("input hint", "modal", 2000, lambda n: typed() | {"hint": plain("x" * n)}),
    ("button text", "message", 75, lambda n: actions(button(text=plain("x" * n)))),
    ("button value", "message", 2000, lambda n: actions(button(value="x" * n))),
    ("button url", "message", 3000, lambda n: actions(button(url=url(n)))),
    ("button accessibility_label", "message", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("confirm title", "message", 100, lambda n: confirm(title=plain("x" * n))),
    ("confirm text", "message", 300, lambda n: confirm(text=plain("x" * n))),
    ("confirm yes", "message", 30, lambda n: confirm(confirm=plain("x" * n))),
    ("confirm no", "message", 30, lambda n: confirm(deny=plain("x" * n))),
    ("select options", "message", 100, lambda n: actions(select(options=options(n)))),
    (
        "select groups",
        "message",
        100,
        lambda n: actions(select(option_groups=[{"label": plain("g"), "options": [option(i)]} for i in range(n)])),
    ),
    (
        "options in a group",
        "message",
        100,
        lambda n: actions(select(option_groups=[{"label": plain("g"), "options": options(n)}])),
    ),
    (
        "group label",
        "message",
        75,
        lambda n: actions(select(option_groups=[{"label": plain("x" * n), "options": options(1)}])),
    ),
    ("option text", "message", 75, lambda n: actions(select(options=[option(text=plain("x" * n))]))),
    ("option value", "message", 150, lambda n: actions(select(options=[option(value="x" * n)]))),
    ("option description", "message", 75, lambda n: actions(select(options=[option(description=plain("x" * n))]))),
    ("placeholder", "message", 150, lambda n: actions(select(placeholder=plain("x" * n)))),
    ("overflow options", "message", 5, lambda n: actions(chooser("overflow", n))),
    ("overflow url", "message", 3000, lambda n: actions(chooser("overflow", 0) | {"options": [option(url=url(n))]})),
    ("checkboxes", "message", 10, lambda n: actions(chooser("checkboxes", n))),
    ("radio buttons", "message", 10, lambda n: actions(chooser("radio_buttons", n))),
    ("min_length", "modal", 3000, lambda n: typed(min_length=n)),
    ("max_length", "modal", 3000, lambda n: typed(max_length=n)),
    ("initial_value", "modal", 3000, lambda n: typed(initial_value="x" * n)),
    ("input placeholder", "modal", 150, lambda n: typed(placeholder=plain("x" * n))),
    ("max_files", "modal", 10, lambda n: field({"type": "file_input", "max_files": n})),
    ("rich_text_input lines", "modal", 100, lambda n: field({"type": "rich_text_input", "max_lines": n})),
    ("alert", "modal", 200, lambda n: {"type": "alert", "text": plain("x" * n)}),
    ("card title", "message", 150, lambda n: card(title=plain("x" * n))),
    ("card subtitle", "message", 150, lambda n: card(subtitle=plain("x" * n))),
    ("card body", "message", 200, lambda n: card(body=plain("x" * n))),
    ("card subtext", "message", 200, lambda n: card(subtext=plain("x" * n))),
    ("card buttons", "message", 3, lambda n: card(actions=[button(i) for i in range(n)])),
    ("carousel", "message", 10, carousel),
    ("container children", "message", 10, lambda n: container(*[section()] * n)),
    ("container title", "message", 150, lambda n: container(title=plain("x" * n))),
    ("container subtitle", "message", 150, lambda n: container(subtitle=plain("x" * n))),
    ("context_actions", "message", 5, icons),
    ("icon button text", "message", 75, lambda n: icon(text=plain("x" * n))),
    ("icon button value", "message", 2000, lambda n: icon(value="x" * n)),
    ("icon button users", "message", 10, lambda n: icon(visible_to_user_ids=["U1"] * n)),
    ("table rows", "message", 100, table),
    ("table cells", "message", 20, lambda n: table(1, n)),
    ("table columns", "message", 20, lambda n: table(1, 1, column_settings=[None] * n)),
    ("table text", "message", 10_000, lambda n: table(1, 1, "x" * n)),
    ("data_table rows", "message", 201, data_table),
    ("data_table columns", "message", 20, lambda n: data_table(2, n)),
    ("data_table page", "message", 100, lambda n: data_table(page_size=n)),
    ("data_table text", "message", 20_000, lambda n: data_table(rows=0) | {"rows": [[raw("h")], [raw("x" * (n - 1))]]}),
    ("charts", "message", 2, lambda n: [pie()] * n),
    ("chart title", "message", 50, lambda n: pie(title="x" * n)),
    ("pie segments", "message", 12, pie),
    ("pie label", "message", 20, lambda n: pie(label="x" * n)),
    ("series", "message", 12, bars),
    ("points", "message", 20, lambda n: bars(1, n)),
    ("x_label", "message", 50, lambda n: bars(axes={"x_label": "x" * n})),
    ("y_label", "home", 50, lambda n: bars(axes={"y_label": "x" * n})),
    ("plan tasks", "message", 50, lambda n: {"type": "plan", "title": "P", "tasks": [task("pending")] * n}),
]

LOWER: list[tuple[str, str, int, Build]] = [
    ("modal blocks", "modal", 1, lambda n: [section()] * n),
    ("section text", "message", 1, lambda n: section("x" * n)),
    ("header text", "message", 1, lambda n: {"type": "header", "text": plain("x" * n)}),
    ("button text", "message", 1, lambda n: actions(button(text=plain("x" * n)))),
    ("raw_text", "message", 1, lambda n: table(1, 1, "x" * n)),
    ("actions", "message", 1, lambda n: actions(*[button(i) for i in range(n)])),
    ("overflow", "message", 1, lambda n: actions(chooser("overflow", n))),
    ("max_length", "modal", 1, lambda n: typed(max_length=n)),
    ("min_length", "modal", 0, lambda n: typed(min_length=n)),
    ("data_table rows", "message", 2, data_table),
    ("page_size", "message", 1, lambda n: data_table(page_size=n)),
    ("pie value", "message", 1, lambda n: pie(value=n)),
    ("header level", "message", 1, lambda n: {"type": "header", "text": plain("x"), "level": n}),
    ("carousel", "message", 1, carousel),
    ("alt_text", "message", 1, lambda n: image(alt_text="x" * n)),
]


def _listed(built: Json | list[Json]) -> list[Json]:
    return built if isinstance(built, list) else [built]


@pytest.mark.parametrize(("name", "surface", "limit", "build"), UPPER, ids=[f"{c[0]}-{c[2]}" for c in UPPER])
async def test_upper(client: AsyncWebClient, name: str, surface: str, limit: int, build: Build) -> None:
    assert await show(client, surface, *_listed(build(limit))) is None
    assert await show(client, surface, *_listed(build(limit + 1))) == REFUSED[surface]


@pytest.mark.parametrize(("name", "surface", "limit", "build"), LOWER, ids=[f"{c[0]}-{c[2]}" for c in LOWER])
async def test_lower(client: AsyncWebClient, name: str, surface: str, limit: int, build: Build) -> None:
    assert await show(client, surface, *_listed(build(limit))) is None
    assert await show(client, surface, *_listed(build(limit - 1))) == REFUSED[surface]
