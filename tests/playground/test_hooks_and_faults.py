"""response_url, and the faults that a test can ask for."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from playground import Faults, Playground, RateLimits
from tests.playground.conftest import running, web_client, workspace
from tests.playground.kit import actions, button, code, section
from tests.playground.robot import Robot


async def hook_of_command(pg: Playground, channel: str = "general") -> AsyncWebhookClient:
    """The response_url of a fresh command by Ana."""
    await pg.person("U1").command("/rag", channel)
    return AsyncWebhookClient(pg.log.deliveries("/rag")[-1].payload["response_url"])


async def hook_of_click(pg: Playground, channel: str, ts: str) -> AsyncWebhookClient:
    """The response_url of a click by Ana."""
    await pg.person("U1").click(channel, ts, "a0")
    return AsyncWebhookClient(pg.log.deliveries("block_actions")[-1].payload["response_url"])


async def test_five_posts_and_no_more() -> None:
    async with running(Robot(), "socket") as pg:
        hook = await hook_of_command(pg)
        statuses = [await hook.send(text=str(n)) for n in range(6)]
        assert [(each.status_code, each.body) for each in statuses[:5]] == [(200, "ok")] * 5
        assert statuses[5].status_code == 404
        assert "used_url" in statuses[5].body
        assert [m.text for m in pg.person("U1").ephemerals("general")] == ["0", "1", "2", "3", "4"]
        assert pg.person("U2").messages("general") == []


async def test_half_an_hour_and_no_longer() -> None:
    async with running(Robot(), "socket") as pg:
        hook = await hook_of_command(pg)
        pg.clock.set(pg.clock.now() + timedelta(minutes=30))
        assert (await hook.send(text="x")).status_code == 200
        pg.clock.set(pg.clock.now() + timedelta(seconds=1))
        late = await hook.send(text="x")
        assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_in_a_channel_without_the_bot_and_with_much_text() -> None:
    async with running(Robot(), "socket") as pg:
        hook = await hook_of_command(pg, "secret")
        blocks = [section("x" * 3000)] * 4
        assert (await hook.send(text="x", blocks=blocks, response_type="in_channel")).status_code == 200
        assert len(pg.person("U1").messages("secret")) == 1


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": "x", "blocks": [{"type": "x"}]}, {"response_type": "x"}])
async def test_bad_posts_are_refused_and_do_not_count(body: dict[str, Any]) -> None:
    async with running(Robot(), "socket") as pg:
        hook = await hook_of_command(pg)
        assert (await hook.send_dict(body)).status_code == 400
        assert pg.person("U1").messages("general") == []
        assert pg.refusals[0].where == "response_url"
        assert [(await hook.send(text="x")).status_code for _ in range(6)] == [200] * 5 + [404]


async def test_replace_and_delete_the_original() -> None:
    async with running(Robot(), "socket") as pg:
        row = actions(button())
        sent = await web_client(pg).chat_postMessage(channel="C1", text="old", blocks=[row])
        await web_client(pg).chat_postEphemeral(channel="C1", user="U1", text="mine", blocks=[row])
        public, private = str(sent["ts"]), pg.person("U1").ephemerals("general")[0].ts
        hook = await hook_of_click(pg, "general", public)
        await hook.send(text="new", replace_original=True)
        assert [m.text for m in pg.person("U2").messages("general")] == ["new"]
        hook = await hook_of_click(pg, "general", private)
        await hook.send(text="done", replace_original=True)
        assert [m.text for m in pg.person("U1").ephemerals("general")] == ["done"]


async def test_delete_original_but_never_a_command() -> None:
    async with running(Robot(), "socket") as pg:
        sent = await web_client(pg).chat_postMessage(channel="C1", text="old", blocks=[actions(button())])
        hook = await hook_of_click(pg, "general", str(sent["ts"]))
        await hook.send(delete_original=True)
        assert pg.person("U1").messages("general") == []
        hook = await hook_of_command(pg)
        await hook.send(text="one")
        await hook.send(text="two", replace_original=True)
        assert [m.text for m in pg.person("U1").ephemerals("general")] == ["one", "two"]


async def test_dropped_before_and_after(pg: Playground, client: AsyncWebClient) -> None:
    before = pg.faults.add("chat.postMessage", "drop_before")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C1", text="lost")
    pg.faults.add("chat.postMessage", "drop_after")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C1", text="kept")
    assert await code(client.chat_postMessage(channel="C1", text="fine")) is None
    assert [m.text for m in pg.person("U1").messages("general")] == ["kept", "fine"]
    assert before.hits == 1
    assert [call.error for call in pg.log.calls("chat.postMessage")] == ["dropped", "dropped", None]


async def test_the_default_client_repeats_a_dropped_post(pg: Playground) -> None:
    pg.faults.add("chat.postMessage", "drop_after")
    await AsyncWebClient(token="xoxb-play", base_url=pg.api_url).chat_postMessage(channel="C1", text="twice")
    assert len(pg.person("U1").messages("general")) == 2


async def test_codes_pages_and_waits(pg: Playground, client: AsyncWebClient) -> None:
    pg.faults.add("*", "error", code="fatal_error")
    assert await code(client.auth_test()) == "fatal_error"
    pg.faults.add("auth.test", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as limited:
        await client.auth_test()
    assert limited.value.response.headers["Retry-After"] == "7"
    pg.faults.add("chat.postMessage", "http500_after")
    with pytest.raises(SlackApiError) as broken:
        await client.chat_postMessage(channel="C1", text="x")
    assert broken.value.response.status_code == 500
    assert len(pg.person("U1").messages("general")) == 1
    pg.faults.add("chat.postMessage", "slow", seconds=0.05, channel="C2")
    assert await code(client.chat_postMessage(channel="C2", text="x")) is None
    pg.faults.add("auth.test", "http500", times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError):
            await client.auth_test()
    pg.faults.clear()
    assert await code(client.auth_test()) is None


async def test_chance_is_the_same_for_the_same_seed() -> None:
    async def run() -> list[str | None]:
        limits = RateLimits(enabled=False)
        async with Playground(workspace(), rate_limits=limits, faults=Faults(seed=7)) as pg:
            pg.faults.add("auth.test", "error", times=None, chance=0.5)
            return [await code(web_client(pg).auth_test()) for _ in range(12)]

    first = await run()
    assert first == await run()
    assert {None, "internal_error"} == set(first)
