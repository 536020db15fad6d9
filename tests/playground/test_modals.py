"""Modals: triggers, the stack, hashes, submissions and their acknowledgements."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Person, Playground
from tests.playground.conftest import running, web_client
from tests.playground.kit import actions, button, code, field, modal, option, options, plain, section, select, typed
from tests.playground.robot import Robot, Then, opens, pushes

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"
FORM = modal(typed(block_id="text"), callback_id="report", private_metadata="m", notify_on_close=True)


@asynccontextmanager
async def form(robot: Robot, view: Json = FORM, transport: str = "socket") -> AsyncIterator[tuple[Playground, Person]]:
    """Ana with this modal open."""
    robot.then.setdefault("/rag", opens(view))
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        await ana.command("/rag", "general")
        await pg.until(ana.modals)
        yield pg, ana


async def test_a_submission(transport: str) -> None:
    robot = Robot()
    async with form(robot, transport=transport) as (_, ana):
        shown = ana.modal()
        assert (await ana.submit(values={"text": "Fine & <b>"})).ok
        assert ana.modals() == []
    [body] = robot.bodies("view_submission")
    view = body["view"]
    assert view["state"]["values"] == {"text": {"i": {"type": "plain_text_input", "value": "Fine & <b>"}}}
    assert (view["id"], view["hash"], view["root_view_id"]) == (shown["id"], shown["hash"], shown["id"])
    assert (view["private_metadata"], view["callback_id"], view["previous_view_id"]) == ("m", "report", None)
    assert body["response_urls"] == []
    assert not {"channel", "response_url"} & set(body)


async def test_empty_optional_inputs_are_null_or_empty_lists() -> None:
    kinds: dict[str, Json] = {
        "plain_text_input": {},
        "static_select": {"options": options(1)},
        "radio_buttons": {"options": options(1)},
        "checkboxes": {"options": options(1)},
        "multi_users_select": {},
        "datepicker": {},
        "users_select": {},
        "number_input": {"is_decimal_allowed": True},
    }
    blocks = [field({"type": kind, **more}, block_id=kind, optional=True) for kind, more in kinds.items()]
    robot = Robot()
    async with form(robot, modal(*blocks)) as (_, ana):
        await ana.submit(values={"number_input": 42})
    values = robot.bodies("view_submission")[0]["view"]["state"]["values"]
    assert {name: next(v for k, v in entries["i"].items() if k != "type") for name, entries in values.items()} == {
        "plain_text_input": None,
        "static_select": None,
        "radio_buttons": None,
        "checkboxes": [],
        "multi_users_select": [],
        "datepicker": None,
        "users_select": None,
        "number_input": "42",
    }


async def test_presets_count_as_entered() -> None:
    chosen = field(select(action_id="i", options=options(2), initial_option=option(1)), block_id="pick")
    robot = Robot()
    async with form(robot, modal(typed(block_id="text", initial_value="as last week"), chosen)) as (_, ana):
        assert (await ana.submit()).ok
    values = robot.bodies("view_submission")[0]["view"]["state"]["values"]
    assert values["text"]["i"]["value"] == "as last week"
    assert values["pick"]["i"]["selected_option"] == option(1)


async def test_errors_keep_the_form_and_the_text(transport: str) -> None:
    robot = Robot({"view_submission": {"response_action": "errors", "errors": {"text": "Too vague"}}})
    async with form(robot, transport=transport) as (_, ana):
        outcome = await ana.submit(values={"text": "meh"})
        assert (outcome.ok, outcome.ack["errors"]) == (False, {"text": "Too vague"})
        assert ana.modal()["state"]["values"]["text"]["i"]["value"] == "meh"


async def test_update_push_and_clear(transport: str) -> None:
    robot = Robot({"view_submission": {"response_action": "push", "view": modal(title=plain("Two"))}})
    async with form(robot, transport=transport) as (_, ana):
        root = ana.modal()
        await ana.submit(values={"text": "x"})
        assert [view["title"]["text"] for view in ana.modals()] == ["T", "Two"]
        assert (ana.modal()["previous_view_id"], ana.modal()["root_view_id"]) == (root["id"], root["id"])
        robot.acks["view_submission"] = {"response_action": "update", "view": modal(title=plain("Three"))}
        before = ana.modal()
        await ana.submit()
        assert (ana.modal()["id"], ana.modal()["title"]["text"]) == (before["id"], "Three")
        assert ana.modal()["hash"] != before["hash"]
        robot.acks["view_submission"] = None
        await ana.submit()
        assert [view["id"] for view in ana.modals()] == [root["id"]]
        robot.acks["view_submission"] = {"response_action": "clear"}
        await ana.submit()
        assert ana.modals() == []


BAD_ACKS: list[tuple[str, Any]] = [
    ("errors for no block", {"response_action": "errors", "errors": {"nothing": "x"}}),
    ("errors for no input", {"response_action": "errors", "errors": {"words": "x"}}),
    ("an empty error", {"response_action": "errors", "errors": {"text": ""}}),
    ("text", "saved"),
    ("an invalid view", {"response_action": "update", "view": modal({"type": "marquee"})}),
    ("a Home view", {"response_action": "push", "view": {"type": "home", "blocks": [section()]}}),
    ("an unknown action", {"response_action": "dance"}),
]


@pytest.mark.parametrize(("name", "ack"), BAD_ACKS, ids=[case[0] for case in BAD_ACKS])
async def test_a_bad_ack_is_trouble_for_the_person(name: str, ack: Any) -> None:
    robot = Robot({"view_submission": ack})
    async with form(robot, modal(typed(block_id="text"), section(block_id="words"))) as (pg, ana):
        before = ana.modal()["hash"]
        outcome = await ana.submit(values={"text": "x"})
        assert (outcome.ok, outcome.error) == (False, TROUBLE)
        assert ana.modal()["hash"] == before
        assert pg.refusals[0].where == "ack"


async def test_required_inputs_never_leave_the_client_empty() -> None:
    robot = Robot()
    async with form(robot) as (_, ana):
        outcome = await ana.submit()
        assert outcome.ack == {
            "response_action": "errors",
            "errors": {"text": "Please complete this required field."},
        }
        assert robot.bodies("view_submission") == []


async def test_a_trigger_works_once_and_for_three_seconds() -> None:
    codes: list[str | None] = []

    async def thrice(body: Json, client: AsyncWebClient) -> None:
        codes.append(await code(client.views_open(trigger_id=body["trigger_id"], view=modal({"type": "marquee"}))))
        codes.append(await code(client.views_open(trigger_id=body["trigger_id"], view=FORM)))
        codes.append(await code(client.views_open(trigger_id=body["trigger_id"], view=FORM)))

    async def late(body: Json, client: AsyncWebClient) -> None:
        await asyncio.sleep(0.45)
        codes.append(await code(client.views_open(trigger_id=body["trigger_id"], view=FORM)))

    async with running(Robot(then={"/rag": thrice, "/raw": late}), "socket", trigger_seconds=0.4) as pg:
        await pg.person("U1").command("/rag")
        await pg.person("U1").command("/raw")
        await pg.until(lambda: len(codes) == 4)
    assert codes == ["invalid_arguments", None, "exchanged_trigger_id", "expired_trigger_id"]


async def test_no_more_than_three_views() -> None:
    codes: list[str | None] = []

    async def push(body: Json, client: AsyncWebClient) -> None:
        codes.append(await code(client.views_push(trigger_id=body["trigger_id"], view=STEP)))

    STEP = modal(actions(button()))  # noqa: N806
    async with form(Robot(then={"block_actions": push}), STEP) as (pg, ana):
        for _ in range(3):
            before = len(codes)
            await ana.click_in(ana.modal()["id"], "a0")
            await pg.until(lambda before=before: len(codes) > before)  # type: ignore[misc]
        assert codes == [None, None, "push_limit_reached"]
        assert len(ana.modals()) == 3


async def test_push_needs_a_trigger_from_a_modal() -> None:
    codes: list[str | None] = []

    async def push(body: Json, client: AsyncWebClient) -> None:
        codes.append(await code(client.views_push(trigger_id=body["trigger_id"], view=FORM)))

    async with running(Robot(then={"/rag": push}), "socket") as pg:
        await pg.person("U1").command("/rag")
        await pg.until(lambda: codes)
    assert codes == ["invalid_trigger_id"]


async def test_hash_and_external_id() -> None:
    codes: list[str | None] = []
    view = FORM | {"external_id": "report-7"}

    async def again(body: Json, client: AsyncWebClient) -> None:
        codes.append(await code(client.views_open(trigger_id=body["trigger_id"], view=view)))

    async with form(Robot(then={"/raw": again}), view) as (pg, ana):
        client, old = web_client(pg), ana.modal()
        assert await code(client.views_update(external_id="report-7", hash=old["hash"], view=view)) is None
        assert await code(client.views_update(view_id=old["id"], hash=old["hash"], view=view)) == "hash_conflict"
        bo = pg.person("U2")
        await bo.command("/raw", "general")
        await pg.until(lambda: codes)
        assert codes == ["duplicate_external_id"]
        assert bo.modals() == []
        await ana.close()
        assert await code(client.views_update(view_id=old["id"], view=view)) == "not_found"


async def test_typed_text_survives_an_update_with_the_same_ids() -> None:
    async with form(Robot()) as (pg, ana):
        view = ana.modal()
        await ana.type(view["id"], "text", "half a sentence")
        await web_client(pg).views_update(view_id=view["id"], view=modal(section(), typed(block_id="text")))
        assert ana.values(view["id"])["text"]["i"]["value"] == "half a sentence"
        other = field({"type": "email_text_input"}, block_id="text")
        await web_client(pg).views_update(view_id=view["id"], view=modal(other))
        assert ana.values(view["id"])["text"]["i"] == {"type": "email_text_input", "value": None}
        await web_client(pg).views_update(view_id=view["id"], view=modal(typed(block_id="text2")))
        assert ana.values(view["id"]) == {"text2": {"i": {"type": "plain_text_input", "value": None}}}


async def test_closing(transport: str) -> None:
    robot = Robot(then={"/rag": opens(FORM), "block_actions": pushes(FORM | {"private_metadata": "top"})})
    view = FORM | {"blocks": [*FORM["blocks"], actions(select(), block_id="row"), actions(button())]}
    robot.then["/rag"] = opens(view)
    async with form(robot, view, transport) as (pg, ana):
        await ana.type(ana.modal()["id"], "text", "typed")
        await ana.click_in(ana.modal()["id"], "a0")
        await pg.until(lambda: len(ana.modals()) == 2)
        await ana.close()
        assert len(ana.modals()) == 1
        await ana.close(clear=True)
        assert ana.modals() == []
    one, two = robot.bodies("view_closed")
    assert (one["is_cleared"], one["view"]["private_metadata"]) == (False, "top")
    assert (two["is_cleared"], two["view"]["private_metadata"]) == (True, "m")
    assert list(two["view"]["state"]["values"]) == ["row"]
    assert "trigger_id" not in one


async def test_closing_silently() -> None:
    robot = Robot()
    async with form(robot, modal()) as (_, ana):
        await ana.close()
        assert robot.bodies("view_closed") == []


async def test_dispatching_inputs() -> None:
    loud = typed(block_id="loud") | {"dispatch_action": True}
    robot = Robot()
    async with form(robot, modal(loud, typed(block_id="quiet"))) as (_, ana):
        view = ana.modal()["id"]
        await ana.type(view, "quiet", "a")
        await ana.type(view, "loud", "b")
    [body] = robot.bodies("block_actions")
    assert body["actions"][0]["value"] == "b"
    values = body["view"]["state"]["values"]
    assert (values["loud"]["i"]["value"], values["quiet"]["i"]["value"]) == ("b", "a")


async def test_response_urls_of_a_channel_input() -> None:
    place = field({"type": "channels_select", "response_url_enabled": True}, block_id="where")
    robot = Robot()
    async with form(robot, modal(place)) as (_, ana):
        await ana.submit(values={"where": "C1"})
    [entry] = robot.bodies("view_submission")[0]["response_urls"]
    assert (entry["block_id"], entry["action_id"], entry["channel_id"]) == ("where", "i", "C1")


async def test_opening_from_a_modal_goes_on_top() -> None:
    later: Then = opens(modal(title=plain("Over")))
    async with form(Robot(then={"block_actions": later}), modal(actions(button()))) as (pg, ana):
        await ana.click_in(ana.modal()["id"], "a0")
        await pg.until(lambda: len(ana.modals()) == 2)
        assert ana.modal()["title"]["text"] == "Over"
