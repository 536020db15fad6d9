"""Web API methods and their error codes, through the real client."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from playground import Message, Playground, RateLimits
from tests.playground.conftest import MONDAY, web_client, workspace
from tests.playground.kit import code, home, modal, section

META = {"event_type": "status_request", "event_payload": {"key": "cycle42:U01"}}
POSTS: list[tuple[str, dict[str, Any], str | None]] = [
    ("a channel", {"channel": "C1", "text": "x"}, None),
    ("by name", {"channel": "#general", "text": "x"}, None),
    ("a private channel", {"channel": "C2", "text": "x"}, None),
    ("a public one without the bot", {"channel": "C4", "text": "x"}, None),
    ("a private one without the bot", {"channel": "C5", "text": "x"}, "channel_not_found"),
    ("nowhere", {"channel": "C9", "text": "x"}, "channel_not_found"),
    ("no channel", {"channel": "", "text": "x"}, "invalid_arguments"),
    ("an archived one", {"channel": "C3", "text": "x"}, "is_archived"),
    ("a leaver", {"channel": "U3", "text": "x"}, "channel_not_found"),
    ("itself", {"channel": "U0BOT", "text": "x"}, "channel_not_found"),
    ("nothing", {"channel": "C1"}, "no_text"),
    ("spaces", {"channel": "C1", "text": "  "}, "no_text"),
    ("broken blocks", {"channel": "C1", "blocks": "[{"}, "invalid_blocks_format"),
    ("an object as blocks", {"channel": "C1", "blocks": "{}"}, "invalid_blocks_format"),
    ("markdown", {"channel": "C1", "markdown_text": "# x"}, None),
    ("markdown at 12001", {"channel": "C1", "markdown_text": "x" * 12_001}, "msg_too_long"),
    ("markdown and text", {"channel": "C1", "markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
    ("metadata", {"channel": "C1", "text": "x", "metadata": META}, None),
    ("metadata as text", {"channel": "C1", "text": "x", "metadata": "{"}, "invalid_metadata_format"),
    ("metadata list", {"channel": "C1", "text": "x", "metadata": "[1]"}, "invalid_metadata_format"),
    ("metadata without type", {"channel": "C1", "text": "x", "metadata": '{"a":1}'}, "invalid_metadata_schema"),
    ("101 attachments", {"channel": "C1", "attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
    ("no such thread", {"channel": "C1", "text": "x", "thread_ts": "1.000001"}, "cannot_reply_to_message"),
    ("another name", {"channel": "C1", "text": "x", "username": "Boss"}, "missing_scope"),
]


@pytest.mark.filterwarnings("ignore:The top-level:UserWarning", "ignore:Additionally:UserWarning")
@pytest.mark.parametrize(("name", "args", "error"), POSTS, ids=[case[0] for case in POSTS])
async def test_posting(client: AsyncWebClient, name: str, args: dict[str, Any], error: str | None) -> None:
    assert await code(client.chat_postMessage(**args)) == error


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("chat.update", {"channel": "C1", "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": "C1", "ts": "1.1"}, "message_not_found"),
        ("chat.getPermalink", {"channel": "C1", "message_ts": "1.1"}, "message_not_found"),
        ("chat.postEphemeral", {"channel": "C2", "user": "U2", "text": "x"}, "user_not_in_channel"),
        ("chat.postEphemeral", {"channel": "C4", "user": "U1", "text": "x"}, "not_in_channel"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": "U9"}, "user_not_found"),
        ("conversations.open", {"users": "U3"}, "user_disabled"),
        ("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot"),
        ("conversations.open", {"users": "U1," * 9}, "too_many_users"),
        ("conversations.open", {"channel": "C1"}, "method_not_supported_for_channel_type"),
        ("conversations.info", {"channel": "C5"}, "channel_not_found"),
        ("conversations.history", {"channel": "C4"}, "not_in_channel"),
        ("conversations.history", {"channel": "C1", "limit": "0"}, "invalid_arguments"),
        ("conversations.history", {"channel": "C1", "cursor": "x"}, "invalid_cursor"),
        ("conversations.replies", {"channel": "C1", "ts": "1.1"}, "thread_not_found"),
        ("conversations.join", {"channel": "C3"}, "is_archived"),
        ("conversations.join", {"channel": "C2"}, "method_not_supported_for_channel_type"),
        ("conversations.list", {"types": "rooms"}, "invalid_types"),
        ("users.info", {"user": "U9"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "no@example.com"}, "users_not_found"),
        ("dnd.teamInfo", {"users": ",".join(["U1"] * 51)}, "too_many_users"),
        ("views.open", {"trigger_id": "1.2.abc", "view": modal()}, "invalid_trigger_id"),
        ("views.open", {"trigger_id": "1.2.abc"}, "invalid_arguments"),
        ("views.open", {"trigger_id": "1.2.abc", "view": home()}, "invalid_arguments"),
        ("views.update", {"view_id": "V1", "view": modal()}, "not_found"),
        ("views.update", {"view": modal()}, "invalid_arguments"),
        ("views.publish", {"user_id": "U9", "view": home()}, "invalid_arguments"),
        ("files.upload", {"content": "x"}, "method_deprecated"),
        ("files.info", {"file": "F1"}, "file_not_found"),
        ("blocks.validate", {}, "invalid_arguments"),
        ("api.test", {"error": "my_error"}, "my_error"),
        ("chat.meow", {}, "unknown_method"),
    ],
)
async def test_refusals(client: AsyncWebClient, method: str, args: dict[str, Any], error: str) -> None:
    assert await code(client.api_call(method, json=args)) == error


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("xapp-play", "auth.test", "not_allowed_token_type"),
        ("xoxb-play", "apps.connections.open", "not_allowed_token_type"),
        ("", "api.test", None),
    ],
)
async def test_tokens(pg: Playground, token: str, method: str, error: str | None) -> None:
    assert await code(web_client(pg, token).api_call(method)) == error


async def test_missing_scopes_are_named() -> None:
    async with Playground(workspace(scopes=("chat:write",))) as pg:
        client = web_client(pg)
        with pytest.raises(Exception, match="missing_scope") as caught:
            await client.users_info(user="U1")
        answer: Any = caught.value
        assert (answer.response["needed"], answer.response["provided"]) == ("users:read", "chat:write")
        assert await code(client.chat_postMessage(channel="C4", text="x")) == "not_in_channel"
        assert await code(client.conversations_history(channel="C1")) == "missing_scope"
        assert await code(client.conversations_list(types="private_channel")) == "missing_scope"


async def test_an_uninstalled_app_is_inactive(pg: Playground, client: AsyncWebClient) -> None:
    pg.uninstall()
    assert await code(client.auth_test()) == "account_inactive"


async def test_switched_off_tabs() -> None:
    async with Playground(workspace(home_tab=False, messages_tab=False)) as pg:
        client = web_client(pg)
        assert await code(client.views_publish(user_id="U1", view=home())) == "not_enabled"
        assert await code(client.chat_postMessage(channel="U1", text="x")) == "messages_tab_disabled"


async def test_form_json_and_query_all_work(pg: Playground) -> None:
    url, token = f"{pg.api_url}chat.postMessage", {"Authorization": "Bearer xoxb-play"}
    async with aiohttp.ClientSession() as session:
        for way in (
            {"json": {"channel": "C1", "text": "x", "blocks": [section()]}, "headers": token},
            {"data": {"channel": "C1", "text": "x", "blocks": '[{"type":"divider"}]', "token": "xoxb-play"}},
            {"params": {"channel": "C1", "text": "x"}, "headers": token},
        ):
            async with session.post(url, **way) as answer:
                assert (await answer.json())["ok"] is True
        async with session.post(url, data="{", headers=token | {"Content-Type": "application/json"}) as answer:
            assert (await answer.json())["error"] == "invalid_json"
    assert all("token" not in call.args for call in pg.log.calls())


async def test_a_direct_message_opens_by_itself(pg: Playground, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U1", text="Hello")
    opened = await client.conversations_open(users="U1")
    assert posted["channel"] == opened["channel"]["id"] == pg.person("U1").dm.id
    assert opened["already_open"] is True
    assert [message.text for message in pg.person("U1").messages()] == ["Hello"]


async def test_timestamps_are_unique_and_follow_the_clock(pg: Playground, client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel="C1", text="x"))["ts"] for _ in range(3)]
    assert sorted(set(stamps), key=float) == stamps
    assert float(stamps[0]) == pytest.approx(MONDAY.timestamp(), abs=0.001)
    pg.clock.set(MONDAY.replace(hour=16))
    later = (await client.chat_postMessage(channel="C1", text="x"))["ts"]
    assert float(later) - float(stamps[0]) == pytest.approx(7 * 3600, abs=0.001)


async def test_history_pages_filters_and_shows_metadata(pg: Playground, client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel="C1", text=str(n), metadata=META))["ts"] for n in range(5)]
    await client.chat_postMessage(channel="C1", text="reply", thread_ts=stamps[0])
    first: Any = await client.conversations_history(channel="C1", limit=2)
    assert [m["text"] for m in first["messages"]] == ["4", "3"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    rest: Any = await client.conversations_history(channel="C1", limit=10, cursor=cursor, include_all_metadata=True)
    assert [m["text"] for m in rest["messages"]] == ["2", "1", "0"]
    assert rest["messages"][0]["metadata"] == META
    assert rest["messages"][-1]["reply_count"] == 1
    assert "metadata" not in first["messages"][0]
    newer: Any = await client.conversations_history(channel="C1", oldest=stamps[3])
    assert [m["text"] for m in newer["messages"]] == ["4"]
    thread: Any = await client.conversations_replies(channel="C1", ts=stamps[0])
    assert [m["text"] for m in thread["messages"]] == ["0", "reply"]


async def test_update_keeps_what_was_not_sent(pg: Playground, client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="C1", text="old", blocks=[section()], metadata=META)
    await client.chat_update(channel="C1", ts=str(sent["ts"]), text="new")
    [message] = pg.person("U1").messages("general")
    assert (message.text, len(message.blocks), message.metadata) == ("new", 1, META)
    assert message.edited is not None
    assert await code(client.chat_update(channel="C1", ts=str(sent["ts"]), text="x" * 4001)) == "msg_too_long"
    assert await code(client.chat_update(channel="C1", ts=str(sent["ts"]), text="x" * 4000)) is None


async def test_nobody_changes_what_others_wrote(pg: Playground, client: AsyncWebClient) -> None:
    message = await pg.person("U1").say("mine", "general")
    assert await code(client.chat_update(channel="C1", ts=message.ts, text="x")) == "cant_update_message"
    assert await code(client.chat_delete(channel="C1", ts=message.ts)) == "cant_delete_message"


async def test_delete_leaves_a_tombstone_only_over_replies(pg: Playground, client: AsyncWebClient) -> None:
    one, two = [str((await client.chat_postMessage(channel="C1", text="x"))["ts"]) for _ in range(2)]
    await client.chat_postMessage(channel="C1", text="reply", thread_ts=one)
    await client.chat_delete(channel="C1", ts=one)
    await client.chat_delete(channel="C1", ts=two)
    left: list[Message] = pg.person("U1").messages("general")
    assert [(m.subtype, m.text) for m in left] == [("tombstone", "This message was deleted."), (None, "reply")]


async def test_people(client: AsyncWebClient) -> None:
    one: Any = (await client.users_info(user="U2", include_locale=True))["user"]
    assert (one["tz"], one["tz_offset"], one["locale"]) == ("Asia/Shanghai", 28800, "zh-CN")
    assert "locale" not in (await client.users_info(user="U2"))["user"]
    assert (await client.users_lookupByEmail(email="ANA@example.com"))["user"]["id"] == "U1"
    page: Any = await client.users_list(limit=2)
    rest: Any = await client.users_list(limit=9, cursor=page["response_metadata"]["next_cursor"])
    ids = [user["id"] for user in [*page["members"], *rest["members"]]]
    assert ids == ["USLACKBOT", "U0BOT", "U1", "U2", "U3"]
    assert [user["deleted"] for user in rest["members"]] == [False, False, True]


async def test_quiet_hours(client: AsyncWebClient) -> None:
    quiet: Any = await client.dnd_info(user="U1")
    start = MONDAY.replace(hour=21).timestamp()
    assert (quiet["next_dnd_start_ts"], quiet["next_dnd_end_ts"]) == (start, start + 10 * 3600)
    team: Any = await client.dnd_teamInfo(users="U1,U2")
    assert [team["users"][name]["dnd_enabled"] for name in ("U1", "U2")] == [True, False]


async def test_conversations(client: AsyncWebClient) -> None:
    everything: Any = await client.conversations_list(types="public_channel,private_channel", exclude_archived=True)
    assert [c["name"] for c in everything["channels"]] == ["general", "leads", "open"]
    assert (await client.conversations_members(channel="C1"))["members"] == ["U1", "U2", "U0BOT"]
    assert (await client.conversations_join(channel="C4"))["channel"]["is_member"] is True
    again: Any = await client.conversations_join(channel="C4")
    assert again["warning"] == "already_in_channel"
    assert (await client.team_info())["team"]["domain"] == "acme"


async def test_files(pg: Playground, client: AsyncWebClient) -> None:
    uploaded: Any = await client.files_upload_v2(channel="C1", filename="a.png", content="data", title="Chart")
    file_id = uploaded["file"]["id"]
    picture = {"type": "image", "slack_file": {"id": file_id}, "alt_text": "A"}
    assert await code(client.chat_postMessage(channel="C1", text="x", blocks=[picture])) == "invalid_blocks"
    pg.workspace.files[file_id].ready_at = 0.0
    info: Any = (await client.files_info(file=file_id))["file"]
    assert info["mimetype"] == "image/png"
    assert "C1" in info["shares"]["public"]
    assert await code(client.chat_postMessage(channel="C1", text="x", blocks=[picture])) is None
    async with aiohttp.ClientSession() as session, session.get(info["url_private"]) as answer:
        assert await answer.read() == b"data"
    assert pg.person("U1").messages("general")[0].files == [file_id]


async def test_text_beyond_40000_is_cut(pg: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C1", text="x" * 40_001)
    assert len(pg.person("U1").messages("general")[0].text) == 40_000


async def test_rate_limits() -> None:
    async with Playground(workspace(), rate_limits=RateLimits(now=lambda: 0.0)) as pg:
        client = web_client(pg)
        answers = [await code(client.chat_postMessage(channel="C1", text="x")) for _ in range(6)]
        assert answers == [None] * 4 + ["ratelimited"] * 2
        assert await code(client.chat_postMessage(channel="C2", text="x")) is None
        with pytest.raises(Exception, match="ratelimited") as caught:
            await client.chat_postMessage(channel="C1", text="x")
        limited: Any = caught.value
        assert (limited.response.status_code, limited.response.headers["Retry-After"]) == (429, "1")
        listed = [await code(client.users_list()) for _ in range(22)]
        assert listed.count(None) == 20


async def test_rate_limits_scale_and_share_a_direct_conversation() -> None:
    times = [0.0]
    limits = RateLimits(scale=10, post_burst=1, now=lambda: times[-1])
    async with Playground(workspace(), rate_limits=limits) as pg:
        client = web_client(pg)
        await client.chat_postMessage(channel="U1", text="x")
        assert await code(client.chat_postMessage(channel=pg.person("U1").dm.id, text="x")) == "ratelimited"
        times.append(0.1)
        assert await code(client.chat_postMessage(channel="U1", text="x")) is None
