"""The page's JSON, and a client that lets nobody do what the app did not offer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from playground import ClientRefusal, ClockControl, Embedder, Playground, SimClock
from tests.playground.conftest import MONDAY, running, web_client, workspace
from tests.playground.kit import actions, button, field, home, modal, option, options, section, select, typed
from tests.playground.robot import Robot, opens

Json = dict[str, Any]
FORM = modal(typed(block_id="text"), actions(select(options=options(2)), block_id="row"))


class Page:
    """The browser."""

    def __init__(self, pg: Playground, session: aiohttp.ClientSession) -> None:
        self.pg = pg
        self.session = session

    async def get(self, path: str, **query: str) -> Any:
        """A GET as Ana."""
        async with self.session.get(f"{self.pg.base_url}/ui/{path}", params={"as": "U1", **query}) as answer:
            return await answer.json()

    async def act(self, kind: str, **fields: Any) -> Any:
        """An action as Ana."""
        async with self.session.post(f"{self.pg.base_url}/ui/act", json={"as": "U1", "kind": kind, **fields}) as answer:
            return await answer.json()

    async def clock(self, **fields: str) -> Any:
        """A move of the clock."""
        async with self.session.post(f"{self.pg.base_url}/ui/clock", json=fields) as answer:
            return await answer.json()


@pytest.fixture
async def robot() -> Robot:
    """An app with a form."""
    return Robot({"/raw": "Hello"}, {"/rag": opens(FORM)})


@pytest.fixture
async def page(robot: Robot) -> AsyncIterator[Page]:
    """A page before a workspace with that app."""
    async with running(robot, "socket") as pg, aiohttp.ClientSession() as session:
        yield Page(pg, session)


async def test_state(page: Page) -> None:
    page.pg.set_notice("Try /rag red")
    await web_client(page.pg).chat_postMessage(channel="C1", text="x")
    state = await page.get("state")
    assert state["workspace"] == {"name": "Acme", "domain": "acme"}
    assert state["app"]["commands"][0] == {"command": "/rag", "usage_hint": "red", "description": "Ask"}
    assert [user["id"] for user in state["users"]] == ["U1", "U2", "U3"]
    assert state["me"]["real_name"] == "Ana Ruiz"
    kinds = {entry["id"]: (entry["kind"], entry["is_app_dm"], entry["unread"]) for entry in state["conversations"]}
    assert kinds["C1"] == ("channel", False, 1)
    assert kinds["C2"] == ("private", False, 0)
    assert kinds["D1"] == ("im", True, 0)
    assert state["clock"] == {"now": MONDAY.isoformat(), "busy": False, "controls": []}
    assert state["notice"] == "Try /rag red"
    await page.get("messages", channel="C1")
    again = await page.get("state")
    assert next(c["unread"] for c in again["conversations"] if c["id"] == "C1") == 0


async def test_messages(page: Page) -> None:
    client = web_client(page.pg)
    top = await client.chat_postMessage(channel="C1", text="top", blocks=[section("hi")])
    await client.chat_postMessage(channel="C1", text="reply", thread_ts=str(top["ts"]))
    await client.chat_postEphemeral(channel="C1", user="U2", text="for Bo")
    await page.act("message", channel="C1", text="mine")
    shown = (await page.get("messages", channel="C1"))["messages"]
    assert [(m["text"], m["ephemeral"], m["reply_count"]) for m in shown] == [("top", False, 1), ("mine", False, 0)]
    assert shown[0]["replies"][0]["text"] == "reply"
    assert shown[0]["blocks"][0]["text"]["text"] == "hi"
    assert shown[1]["user"] == "U1"


async def test_a_form_through_the_page(page: Page, robot: Robot) -> None:
    assert (await page.act("command", channel="C1", text="/rag")) | {"took_ms": 0} == {
        "ok": True,
        "error": None,
        "ack": None,
        "took_ms": 0,
    }
    await page.pg.until(page.pg.person("U1").modals)
    [view] = (await page.get("views"))["stack"]
    refused = await page.act("submit", view_id=view["id"], state={"values": {}})
    assert refused["ack"]["errors"] == {"text": "Please complete this required field."}
    values: Json = {"text": {"i": {"type": "plain_text_input", "value": "Fine"}}}
    place = {"container": {"type": "view", "view_id": view["id"]}, "block_id": "row", "action_id": "s"}
    chosen = {"selected_option": option(1)}
    assert (await page.act("action", **place, element=chosen, state={"values": values}))["ok"]
    values["row"] = {"s": {"type": "static_select", **chosen}}
    assert (await page.act("submit", view_id=view["id"], state={"values": values}))["ok"]
    assert (await page.get("views"))["stack"] == []
    assert robot.bodies("view_submission")[0]["view"]["state"]["values"] == values
    assert robot.bodies("block_actions")[0]["view"]["state"]["values"]["text"]["i"]["value"] == "Fine"


async def test_home_closing_and_shortcuts(page: Page, robot: Robot) -> None:
    assert await page.get("home") == {"view": None}
    await web_client(page.pg).views_publish(user_id="U1", view=home())
    assert (await page.get("home", open="1"))["view"]["type"] == "home"
    assert (await page.act("open_home"))["ok"]
    await page.pg.settled()
    assert len(robot.bodies("app_home_opened")) == 2
    assert (await page.act("shortcut", callback_id="report"))["ok"]
    await page.act("command", channel="C1", text="/rag")
    await page.pg.until(page.pg.person("U1").modals)
    [view] = (await page.get("views"))["stack"]
    assert (await page.act("close", view_id=view["id"]))["ok"]
    assert (await page.act("close", view_id=view["id"]))["ok"] is False
    assert (await page.act("dance"))["error"] == "unknown kind 'dance'"
    assert (await page.act("command"))["error"] == "the request lacks 'channel'"


async def test_hints_over_the_websocket(page: Page) -> None:
    url = page.pg.base_url.replace("http", "ws") + "/ui/ws?as=U1"
    async with page.session.ws_connect(url) as socket:
        client = web_client(page.pg)
        await client.chat_postMessage(channel="C1", text="x")
        assert await socket.receive_json() == {"type": "message", "channel": "C1"}
        await client.views_publish(user_id="U2", view=home())
        await client.views_publish(user_id="U1", view=home())
        assert await socket.receive_json() == {"type": "home"}
        await page.act("command", channel="C1", text="/rag")
        assert await socket.receive_json() == {"type": "views"}
        page.pg.notify_clock()
        assert await socket.receive_json() == {"type": "clock", "now": MONDAY.isoformat(), "busy": False}


async def test_the_clock_belongs_to_the_embedder() -> None:
    space = workspace()
    friday = datetime(2026, 11, 6, 16, tzinfo=UTC)
    asked: list[str | datetime] = []

    async def jump(target: str | datetime) -> None:
        asked.append(target)
        space.clock.set(friday)

    embedder = Embedder((ClockControl("fri", "Friday 16:00", "the prompt"),), jump, "Hello")
    async with Playground(space, embedder=embedder) as pg, aiohttp.ClientSession() as session:
        page = Page(pg, session)
        state = await page.get("state")
        assert state["clock"]["controls"] == [{"id": "fri", "label": "Friday 16:00", "hint": "the prompt"}]
        assert await page.clock(control="fri") == {"ok": True, "now": friday.isoformat()}
        await page.clock(to="2026-11-06T17:00:00+01:00")
        assert (await page.clock(to="2026-11-06T17:00:00"))["ok"] is False
    assert asked == ["fri", friday]


async def test_a_clock_that_is_being_moved_is_seen_running() -> None:
    space = workspace()

    async def jump(_target: str | datetime) -> None:
        for hour in range(8):
            space.clock.set(MONDAY + timedelta(hours=hour))
            await asyncio.sleep(0.1)

    async with Playground(space, embedder=Embedder((), jump)) as pg, aiohttp.ClientSession() as session:
        hints: list[Json] = []
        async with session.ws_connect(pg.base_url.replace("http", "ws") + "/ui/ws?as=U1") as socket:
            await Page(pg, session).clock(control="fri")
            while not hints or hints[-1]["busy"]:
                hints.append(await socket.receive_json())
    assert hints[0] == {"type": "clock", "now": MONDAY.isoformat(), "busy": True}
    assert hints[-1]["now"] == (MONDAY + timedelta(hours=7)).isoformat()
    assert len({hint["now"] for hint in hints if hint["busy"]}) > 2


async def test_a_page_that_starts_forgets_the_modals_of_the_one_before(page: Page, robot: Robot) -> None:
    await page.act("command", channel="C1", text="/rag")
    await page.pg.until(page.pg.person("U1").modals)
    assert (await page.act("start"))["ok"]
    assert (await page.get("views"))["stack"] == []
    await page.pg.settled()
    assert robot.bodies("view_closed") == []


async def test_without_an_embedder_the_page_moves_the_clock(page: Page) -> None:
    assert (await page.clock(to="2026-11-06T16:00:00+00:00"))["now"] == "2026-11-06T16:00:00+00:00"


async def test_a_clock_runs_at_its_speed() -> None:
    still, fast = SimClock(MONDAY, speed=0), SimClock(MONDAY, speed=3600)
    assert still.now() == MONDAY
    assert fast.now() > MONDAY
    with pytest.raises(ValueError, match="aware"):
        SimClock(datetime(2026, 11, 2))  # noqa: DTZ001


@pytest.mark.parametrize("path", ["act", "clock"])
@pytest.mark.parametrize("body", ["{", "[]", ""])
async def test_broken_requests(page: Page, path: str, body: str) -> None:
    async with page.session.post(f"{page.pg.base_url}/ui/{path}", data=body) as answer:
        assert answer.status == 400


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_strangers_are_kept_out(page: Page, header: dict[str, str]) -> None:
    async with page.session.get(f"{page.pg.base_url}/ui/state?as=U1", headers=header) as answer:
        assert answer.status == 403


async def test_the_client_refuses_what_was_not_offered(page: Page, robot: Robot) -> None:
    pg, ana = page.pg, page.pg.person("U1")
    sent = await web_client(pg).chat_postMessage(
        channel="C1",
        text="t",
        blocks=[actions(button(), select(options=options(2)), block_id="row"), typed(block_id="quiet")],
    )
    ts = str(sent["ts"])
    with pytest.raises(ClientRefusal, match="no element 'approve'"):
        await ana.click("general", ts, "approve")
    with pytest.raises(ClientRefusal, match="not offered"):
        await ana.click("general", ts, "s", value="v9")
    with pytest.raises(ClientRefusal, match="no message"):
        await ana.click("general", "1.1", "a0")
    with pytest.raises(ClientRefusal, match="not in the conversation"):
        await pg.person("U2").command("/rag", "leads")
    with pytest.raises(ClientRefusal, match="nobody who can act"):
        await pg.person("U3").command("/rag", "general")
    with pytest.raises(ClientRefusal, match="archived"):
        await ana.say("hi", "old")
    with pytest.raises(ClientRefusal, match="no shortcut"):
        await ana.shortcut("dance")
    with pytest.raises(ClientRefusal, match="no modal open"):
        await ana.submit()
    place = {"type": "message", "channel": "C1", "ts": ts}
    forged = await page.act("action", container=place, block_id="row", action_id="admin")
    quiet = await page.act("action", container=place, block_id="quiet", action_id="i", element={"value": "x"})
    assert (forged["ok"], quiet["ok"], robot.seen) == (False, False, [])


LIMITS: list[tuple[Json, Any, str]] = [
    ({"type": "plain_text_input", "max_length": 3}, "four", "at most 3 characters"),
    ({"type": "multi_users_select", "max_selected_items": 1}, ["U1", "U2"], "at most 1 items"),
    ({"type": "users_select"}, "U9", "no user"),
    ({"type": "channels_select"}, "C9", "no channel"),
    ({"type": "datepicker"}, "Friday", "no date"),
    ({"type": "timepicker"}, "noon", "no time"),
    ({"type": "radio_buttons", "options": options(1)}, "v7", "not offered"),
]
WRONG: list[tuple[Json, Any, str]] = [
    ({"type": "plain_text_input", "min_length": 5}, "four", "Must be at least 5 characters."),
    ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number."),
    ({"type": "number_input", "is_decimal_allowed": False}, "many", "Please enter a number."),
    ({"type": "number_input", "is_decimal_allowed": True, "max_value": "5"}, "5.5", "Must be 5 or less."),
    ({"type": "number_input", "is_decimal_allowed": True, "min_value": "5"}, "4", "Must be 5 or more."),
    ({"type": "email_text_input"}, "ana", "Please enter a valid email address."),
    ({"type": "url_text_input"}, "ana", "Please enter a valid URL."),
]


@pytest.mark.parametrize(("element", "value", "words"), LIMITS)
async def test_values_that_cannot_be_entered(element: Json, value: Any, words: str) -> None:
    async with running(Robot(then={"/rag": opens(modal(field(element, block_id="b")))}), "socket") as pg:
        ana = pg.person("U1")
        await ana.command("/rag", "general")
        await pg.until(ana.modals)
        with pytest.raises(ClientRefusal, match=words):
            await ana.type(ana.modal()["id"], "b", value)


@pytest.mark.parametrize(("element", "value", "words"), WRONG)
async def test_values_that_keep_the_form_open(element: Json, value: Any, words: str) -> None:
    robot = Robot(then={"/rag": opens(modal(field(element, block_id="b")))})
    async with running(robot, "socket") as pg:
        ana = pg.person("U1")
        await ana.command("/rag", "general")
        await pg.until(ana.modals)
        outcome = await ana.submit(values={"Label": value})
        assert outcome.ack == {"response_action": "errors", "errors": {"b": words}}
        assert robot.bodies("view_submission") == []
