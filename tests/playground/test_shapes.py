"""What Slack refuses whatever its length: unknown, missing, misplaced and contradictory pieces."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from playground import Playground, RateLimits
from tests.playground.conftest import web_client, workspace
from tests.playground.kit import (
    Json,
    actions,
    bars,
    button,
    card,
    code,
    container,
    data_table,
    field,
    home,
    image,
    modal,
    mrkdwn,
    option,
    options,
    pie,
    plain,
    raw,
    rich,
    section,
    select,
    show,
    table,
    task,
    typed,
    video,
)

NUMBER = {"type": "number_input", "is_decimal_allowed": False}
CELL = {"type": "action_cell", "element": button(), "fallback": raw("x")}
CHANNEL = {"type": "channels_select", "response_url_enabled": True}
GROUP = {"label": plain("g"), "options": options(1)}
PILL = {"type": "tag", "text": "At risk", "color": "yellow"}

GOOD: list[tuple[str, Json]] = [
    ("message", section() | {"accessory": image()}),
    ("message", {"type": "divider"}),
    ("message", rich(PILL, {"type": "text", "text": "x", "style": {"bold": True}})),
    ("message", actions(select(), {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-02"})),
    ("message", {"type": "markdown", "text": "# x"}),
    ("message", data_table(rows=0) | {"rows": [[raw("h")], [CELL]]}),
    ("message", data_table(rows=0) | {"rows": [[raw("h")], [rich(PILL)]]}),
    ("message", table(1) | {"rows": [[{"type": "raw_number", "value": 1.5, "text": "1.5"}]]}),
    ("home", data_table()),
    ("home", pie()),
    ("home", typed() | {"dispatch_action": True}),
    ("modal", field(NUMBER | {"min_value": "1", "max_value": "5", "initial_value": "5"})),
    ("modal", field({"type": "datetimepicker", "initial_date_time": 1_763_800_000})),
    ("modal", field(select(action_id="i") | {"initial_option": option()})),
    ("modal", field(CHANNEL)),
    ("message", container(is_collapsible=True)),
]

BAD: list[tuple[str, str, Json, str]] = [
    ("unknown block", "message", {"type": "marquee"}, "unsupported type: marquee"),
    ("no type", "message", {"text": "x"}, "missing required field: type"),
    ("unknown field", "message", section(color="red"), "invalid additional property: color"),
    ("emoji in mrkdwn", "message", {"type": "section", "text": mrkdwn("x") | {"emoji": True}}, "property: emoji"),
    ("empty section", "message", {"type": "section"}, "must define either `fields` or `text`"),
    ("mrkdwn header", "message", {"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ("null accessory", "message", section(accessory=None), "must be an object"),
    ("bool as text", "message", {"type": "header", "text": plain("x") | {"text": True}}, "must be a string"),
    ("button in section text", "message", section(accessory={"type": "checkboxes"}), "missing required field: options"),
    ("text input in actions", "message", actions({"type": "plain_text_input"}), "unsupported element"),
    ("multi select in actions", "message", actions(select() | {"type": "multi_static_select"}), "unsupported element"),
    ("button in input", "modal", field(button()), "unsupported element: button"),
    ("no image", "message", {"type": "image", "alt_text": "A"}, "must define either"),
    ("unknown file", "message", {"type": "image", "alt_text": "A", "slack_file": {"id": "F1"}}, "invalid slack file"),
    ("local image", "message", image(image_url="http://127.0.0.1/a.png"), "downloading image failed"),
    ("relative url", "message", actions(button(url="docs/page")), "invalid url"),
    ("bad style", "message", actions(button(style="warning")), "value must be one of: primary, danger"),
    ("two sources", "message", actions(select(option_groups=[GROUP]) | {"options": options(1)}), "must define either"),
    ("same option value", "message", actions(select(options=[option(), option()])), "must be unique"),
    ("foreign initial", "message", actions(select(initial_option=option(9))), "must match one of the options"),
    ("bad date", "message", actions({"type": "datepicker", "initial_date": "2.11.2026"}), "required format"),
    ("bad time", "message", actions({"type": "timepicker", "initial_time": "25:00"}), "required format"),
    ("datetimepicker in Home", "home", actions({"type": "datetimepicker"}), "unsupported type: datetimepicker"),
    ("number as number", "modal", field(NUMBER | {"min_value": 1}), "given as a string"),
    ("number bounds", "modal", field(NUMBER | {"min_value": "9", "max_value": "1"}), "not be greater"),
    ("number without decimals flag", "modal", field({"type": "number_input"}), "is_decimal_allowed"),
    ("number in message", "message", field(NUMBER), "unsupported type: number_input"),
    ("response_url in message", "message", actions(CHANNEL), "property"),
    ("dispatching file", "modal", field({"type": "file_input"}, dispatch_action=True), "not supported with file_input"),
    ("alert in message", "message", {"type": "alert", "text": plain("x")}, "unsupported type: alert"),
    ("markdown in Home", "home", {"type": "markdown", "text": "x"}, "unsupported type: markdown"),
    ("table in modal", "modal", table(1), "unsupported type: table"),
    ("chart in modal", "modal", pie(), "unsupported type: data_visualization"),
    ("file block", "message", {"type": "file", "external_id": "x", "source": "remote"}, "unsupported type: file"),
    ("ragged data_table", "message", data_table() | {"rows": [[raw("a")], [raw("a")] * 2]}, "same number"),
    ("pill in header row", "message", data_table() | {"rows": [[rich(PILL)], [raw("a")]]}, "header cells"),
    ("no caption", "message", {"type": "data_table", "rows": data_table()["rows"]}, "missing required field: caption"),
    ("header column", "message", data_table(row_header_column_index=1), "must be the index of a column"),
    ("raw_number text", "message", table(1) | {"rows": [[{"type": "raw_number", "value": 1}]]}, "required field: text"),
    ("tag colour", "message", rich(PILL | {"color": "pink"}), "value must be one of: gray"),
    ("zero slice", "message", pie(value=0), "must be greater than 0"),
    ("missing point", "message", bars(1, 2, axes={"categories": ["c0"]}), "exactly one point for each category"),
    ("card with nothing", "message", {"type": "card", "subtitle": plain("x")}, "at least one of"),
    ("card with two icons", "message", card(icon=image(), slack_icon={"name": "x"}), "both"),
    ("container of charts", "message", container(pie()), "unsupported"),
    ("collapsed, not collapsible", "message", container(default_collapsed=True), "requires is_collapsible"),
    ("pending task alone", "message", task("pending"), "one of"),
    ("video without scope", "message", video(), "links.embed:write"),
]

BAD_TOGETHER: list[tuple[str, str, list[Json], str]] = [
    ("same block_id", "message", [section(block_id="x"), section(block_id="x")], "must be unique"),
    ("nested block_id", "message", [section(block_id="x"), container(section(block_id="x"))], "must be unique"),
    ("same action_id", "message", [actions(button(), button())], "already exists in this block"),
    ("two tables", "message", [table(1), table(1)], "only_one_table_allowed"),
    ("data tables together", "message", [data_table(2, 1, "x" * 6000)] * 2, "all data tables"),
    ("markdown together", "message", [{"type": "markdown", "text": "x" * 6001}] * 2, "markdown blocks"),
    ("two focused", "modal", [typed(focus_on_load=True), typed(focus_on_load=True)], "focus_on_load"),
]


async def detail(client: AsyncWebClient, surface: str, *blocks: Json) -> tuple[str, list[str]]:
    """The error code and the detail of a refusal."""
    if surface == "message":
        call = client.chat_postMessage(channel="C1", text="t", blocks=list(blocks))
    elif surface == "home":
        call = client.views_publish(user_id="U1", view=home(*blocks))
    else:
        call = client.blocks_validate(view=modal(*blocks))
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: Any = caught.value.response
    return answer["error"], answer["response_metadata"]["messages"]


@pytest.mark.parametrize(("surface", "block"), GOOD)
async def test_taken(client: AsyncWebClient, surface: str, block: Json) -> None:
    assert await show(client, surface, block) is None


@pytest.mark.parametrize(("name", "surface", "block", "words"), BAD, ids=[case[0] for case in BAD])
async def test_refused(client: AsyncWebClient, name: str, surface: str, block: Json, words: str) -> None:
    error, messages = await detail(client, surface, block)
    assert error == ("invalid_blocks" if surface == "message" else "invalid_arguments")
    assert any(words in line for line in messages), messages
    assert all(line.startswith("[ERROR] ") and "[json-pointer:/" in line for line in messages)


@pytest.mark.parametrize(("name", "surface", "blocks", "words"), BAD_TOGETHER, ids=[c[0] for c in BAD_TOGETHER])
async def test_refused_together(
    client: AsyncWebClient, name: str, surface: str, blocks: list[Json], words: str
) -> None:
    _, messages = await detail(client, surface, *blocks)
    assert any(words in line for line in messages), messages


async def test_pointers_lead_to_the_fault(client: AsyncWebClient) -> None:
    _, messages = await detail(client, "message", section(), {"type": "header", "text": plain("x" * 151)})
    assert messages == ["[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]"]


async def test_sum_of_text(client: AsyncWebClient) -> None:
    assert await show(client, "message", *[section("x" * 2500)] * 4) is None
    assert await show(client, "message", *[section("x" * 2500)] * 4, section("x")) == "msg_blocks_too_long"
    assert await show(client, "message", *[section("x" * 2500)] * 4, table(1, 1, "x" * 100)) is None


@pytest.mark.parametrize("block", [data_table(), pie(), {"type": "card", "title": plain("T")}, rich(PILL)])
async def test_an_older_workspace_refuses_new_blocks(block: Json) -> None:
    async with Playground(workspace(), new_blocks=False, rate_limits=RateLimits(enabled=False)) as pg:
        client = web_client(pg)
        assert await show(client, "message", block) == "invalid_blocks"
        assert await show(client, "message", section(), table(1)) is None
        assert pg.refusals[0].where == "chat.postMessage"


VIEWS: list[tuple[str, Json, bool]] = [
    ("title at 24", modal(title=plain("x" * 24)), True),
    ("title at 25", modal(title=plain("x" * 25)), False),
    ("submit at 25", modal(submit=plain("x" * 25)), False),
    ("close at 25", modal(close=plain("x" * 25)), False),
    ("metadata at 3000", modal(private_metadata="x" * 3000), True),
    ("metadata at 3001", modal(private_metadata="x" * 3001), False),
    ("callback_id at 255", modal(callback_id="x" * 255), True),
    ("callback_id at 256", modal(callback_id="x" * 256), False),
    ("external_id at 256", modal(external_id="x" * 256), False),
    ("no title", {"type": "modal", "blocks": [section()]}, False),
    ("input without submit", {"type": "modal", "title": plain("T"), "blocks": [typed()]}, False),
    ("read back", modal(id="V1"), False),
    ("submit_disabled", modal(submit_disabled=True), False),
    ("title on Home", home(title=plain("T")), False),
    ("null block", modal() | {"blocks": [None]}, False),
]


@pytest.mark.parametrize(("name", "view", "fine"), VIEWS, ids=[case[0] for case in VIEWS])
async def test_views(client: AsyncWebClient, name: str, view: Json, fine: bool) -> None:
    assert await code(client.blocks_validate(view=view)) == (None if fine else "invalid_arguments")


async def test_a_view_of_more_than_250_kb(client: AsyncWebClient) -> None:
    assert await show(client, "home", *[section("é" * 1200)] * 100) is None
    assert await show(client, "home", *[section("é" * 1300)] * 100) == "view_too_large"
