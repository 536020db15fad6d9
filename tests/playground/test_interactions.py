"""Commands, clicks and Home with a real Bolt app on both transports, payload by payload."""

from typing import Any

from playground import Playground
from tests.playground.conftest import running, web_client
from tests.playground.kit import actions, button, field, home, mrkdwn, option, options, section, select, typed
from tests.playground.robot import Robot

Json = dict[str, Any]
ROW = actions(button(value="req_7", style="primary"), select(initial_option=option()), block_id="row")


async def post(pg: Playground, *blocks: Json, channel: str = "U1") -> str:
    """A message of the app in a direct conversation; its ts."""
    sent = await web_client(pg).chat_postMessage(channel=channel, text="t", blocks=list(blocks))
    return str(sent["ts"])


async def test_a_command_and_its_private_answer(transport: str) -> None:
    robot = Robot({"/rag": "Nobody is red"})
    async with running(robot, transport) as pg:
        outcome = await pg.person("U1").command("/rag red @bo #general R&D", "general")
        assert outcome.ok
        [shown] = pg.person("U1").ephemerals("general")
        assert shown.text == "Nobody is red"
        assert pg.person("U2").messages("general") == []
    form = robot.seen[0]
    assert form["text"] == "red <@U2|bo> <#C1|general> R&amp;D"
    assert (form["channel_id"], form["channel_name"], form["user_name"]) == ("C1", "general", "ana")
    assert form["is_enterprise_install"] == "false"
    assert "enterprise_id" not in form


async def test_a_command_answered_for_all_with_blocks(transport: str) -> None:
    robot = Robot({"/rag": {"response_type": "in_channel", "text": "x", "blocks": [section("Hi")]}})
    async with running(robot, transport) as pg:
        await pg.person("U1").command("/rag", "general")
        assert pg.person("U2").messages("general")[0].blocks[0]["text"] == mrkdwn("Hi")


async def test_a_command_without_should_escape_is_raw(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        await pg.person("U1").command("/raw @bo <3")
        assert robot.seen[0]["text"] == "@bo <3"
        assert robot.seen[0]["channel_name"] == "directmessage"
        assert pg.person("U1").messages() == []


async def test_an_unknown_command_never_leaves_the_client(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        outcome = await pg.person("U1").command("/dance", "general")
        assert (outcome.ok, outcome.error) == (False, "/dance is not a valid command.")
        assert robot.seen == []


async def test_invalid_blocks_in_a_command_ack_are_an_error_to_the_person(transport: str) -> None:
    robot = Robot({"/rag": {"text": "x", "blocks": [{"type": "marquee"}]}})
    async with running(robot, transport) as pg:
        outcome = await pg.person("U1").command("/rag", "general")
        assert outcome.error == '/rag failed with the error "dispatch_failed"'
        assert (pg.refusals[0].where, pg.refusals[0].error) == ("ack", "invalid_blocks")


async def test_a_click_in_a_message(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        ts = await post(pg, ROW)
        assert (await ana.click(None, ts, "Go")).ok
        body = robot.seen[0]
        channel = ana.dm.id
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False}
    assert body["channel"] == {"id": channel, "name": "directmessage"}
    assert body["message"]["ts"] == ts
    assert body["message"]["bot_id"] == "B0PLAY"
    assert body["team"] == {"id": "T0PLAY", "domain": "acme"}
    assert body["user"] == {"id": "U1", "username": "ana", "name": "ana", "team_id": "T0PLAY"}
    assert body["state"]["values"] == {"row": {"s": {"type": "static_select", "selected_option": option()}}}
    [action] = body["actions"]
    assert action.pop("action_ts")
    assert action == {
        "type": "button",
        "block_id": "row",
        "action_id": "a0",
        "text": {"type": "plain_text", "text": "Go"},
        "value": "req_7",
        "style": "primary",
    }


async def test_buttons_work_after_an_update_and_in_attachments(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        ts = await post(pg, section())
        fresh = {"type": "actions", "elements": [button(1)]}
        old = [{"blocks": [{"type": "actions", "elements": [button(2)]}]}]
        await web_client(pg).chat_update(channel="D1", ts=ts, text="t", blocks=[fresh], attachments=old)
        assert (await pg.person("U1").click(None, ts, "a1")).ok
        assert (await pg.person("U1").click(None, ts, "a2")).ok


async def test_choosing_in_a_message(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        menu = {"type": "overflow", "action_id": "more", "options": options(2)}
        ts = await post(pg, actions(select(options=options(2)), menu, block_id="row"))
        await pg.person("U1").click(None, ts, "s", value="o1")
        await pg.person("U1").click(None, ts, "more", value="v1")
    chosen, menued = (body["actions"][0] for body in robot.seen)
    assert chosen["selected_option"] == menued["selected_option"] == option(1)
    assert robot.seen[0]["state"]["values"]["row"]["s"]["selected_option"] == option(1)


async def test_an_ephemeral_message_is_not_sent_along(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        await web_client(pg).chat_postEphemeral(channel="C1", user="U1", text="t", blocks=[ROW])
        [shown] = pg.person("U1").ephemerals("general")
        await pg.person("U1").click("general", shown.ts, "a0")
        history: Any = await web_client(pg).conversations_history(channel="C1")
        assert history["messages"] == []
    body = robot.seen[0]
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body
    assert body["response_url"].startswith("http://127.0.0.1:")


async def test_home(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        await ana.open_home()
        await pg.settled()
        await web_client(pg).views_publish(user_id="U1", view=home(ROW, typed(), private_metadata="m"))
        await ana.open_home()
        await pg.settled()
        assert (await ana.click_home("a0")).ok
        shown = ana.home()
        assert shown is not None
        assert pg.person("U2").home() is None
    first, second = (body["event"] for body in robot.bodies("app_home_opened"))
    assert (first["tab"], first["channel"]) == ("home", "D1")
    assert "view" not in first
    assert second["view"]["id"] == shown["id"]
    [body] = robot.bodies("block_actions")
    assert body["container"] == {"type": "view", "view_id": shown["id"]}
    assert body["view"]["private_metadata"] == "m"
    assert body["view"]["hash"] == shown["hash"]
    assert not {"channel", "message", "response_url", "state"} & set(body)


async def test_messages_of_people(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        await ana.say("done <b> & @bo")
        await ana.say("hey @rollcall", "general")
        await pg.settled()
        [direct] = robot.bodies("message")
        [mention] = robot.bodies("app_mention")
    event = direct["event"]
    assert (event["channel_type"], event["text"]) == ("im", "done &lt;b&gt; &amp; <@U2>")
    assert (event["user"], event["channel"]) == ("U1", "D1")
    assert "subtype" not in event
    assert "bot_id" not in event
    assert direct["authorizations"][0]["user_id"] == "U0BOT"
    assert direct["event_id"].startswith("Ev")
    assert (mention["event"]["text"], mention["event"]["channel"]) == ("hey <@U0BOT>", "C1")


async def test_people_change_and_remove_their_messages(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        message = await ana.say("dnoe")
        await ana.edit(message.ts, "done")
        await ana.edit(message.ts, None)
        await pg.settled()
        events = {body["event"].get("subtype"): body["event"] for body in robot.bodies("message")}
    assert set(events) == {None, "message_changed", "message_deleted"}
    assert events["message_changed"]["message"]["text"] == "done"
    assert events["message_changed"]["previous_message"]["text"] == "dnoe"
    assert events["message_deleted"]["deleted_ts"] == message.ts


async def test_the_app_hears_its_own_messages_and_bolt_ignores_them(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        await post(pg, section())
        await pg.settled()
        assert [entry.ok for entry in pg.log.deliveries("message")] == [True]
        assert robot.seen == []


async def test_changed_people_and_a_removed_app(transport: str) -> None:
    robot = Robot()
    async with running(robot, transport) as pg:
        pg.change_user("U2", deleted=True)
        await pg.settled()
        assert robot.bodies("user_change")[0]["event"]["user"]["deleted"] is True
        pg.uninstall()
        await pg.settled()
        names = {entry.name for entry in pg.log.deliveries("events_api")}
        assert {"tokens_revoked", "app_uninstalled"} <= names


async def test_shortcuts_and_suggestions(transport: str) -> None:
    robot = Robot({"block_suggestion": {"options": options(2)}})
    async with running(robot, transport) as pg:
        ana = pg.person("U1")
        assert (await ana.shortcut("report")).ok
        assert (robot.seen[0]["type"], robot.seen[0]["callback_id"]) == ("shortcut", "report")
        search = {"type": "external_select", "action_id": "find", "min_query_length": 2}
        await web_client(pg).views_publish(user_id="U1", view=home(field(search, block_id="b")))
        view = ana.home()
        assert view is not None
        assert (await ana.suggest(view["id"], "find", "a")).ack == {"options": []}
        assert (await ana.suggest(view["id"], "find", "at")).ack == {"options": options(2)}
    [body] = robot.bodies("block_suggestion")
    assert (body["value"], body["action_id"], body["block_id"]) == ("at", "find", "b")


async def test_too_many_suggestions_are_refused(transport: str) -> None:
    robot = Robot({"block_suggestion": {"options": options(101)}})
    async with running(robot, transport) as pg:
        search = actions({"type": "external_select", "action_id": "find", "min_query_length": 0}, block_id="b")
        ts = await post(pg, search)
        container = {"type": "message", "channel": "D1", "ts": ts}
        outcome = await pg.acts.suggest("U1", container, "b", "find", "")
        assert not outcome.ok
        assert pg.refusals[0].where == "ack"
