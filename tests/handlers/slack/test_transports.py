"""The doors themselves: signatures, replays, reconnecting."""

import asyncio
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from handlers.slack.gate import Gate
from handlers.slack.socket import SocketLink
from reporting.ports import InstallationStopped, RetryLater
from tests.handlers.slack.conftest import Bench, bench, workspace
from tests.handlers.slack.test_app import say

SECRET = "play-signing-secret"
COMMAND = urlencode({"command": "/rag", "text": "red", "user_id": "U1", "channel_id": "C1", "team_id": "T0PLAY",
                     "trigger_id": "1.2.x", "response_url": "http://127.0.0.1:9/x"})  # fmt: skip


def signed(body: str, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature), "Content-Type": kind}


async def knock(running: Bench, body: str, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(running.url, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


async def test_the_address_is_verified() -> None:
    async with bench("http") as running:
        assert await running.pg.verify_request_url()


async def test_forged_old_and_broken_requests_are_refused_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with bench("http") as running:
        good = signed(COMMAND)
        refused = [
            signed(COMMAND, secret="other"),
            signed(COMMAND, at=time.time() - 301),
            # A busy machine may take a while until it looks.
            signed(COMMAND, at=time.time() + 360),
            {**good, "X-Slack-Request-Timestamp": "soon"},
            {**good, "X-Slack-Request-Timestamp": "²"},
            {**good, "X-Slack-Request-Timestamp": ""},
            {**good, "X-Slack-Signature": ""},
            {**good, "X-Slack-Signature": "v0=é"},
            {"Content-Type": "application/x-www-form-urlencoded"},
        ]
        assert [await knock(running, COMMAND, headers) for headers in refused] == [401] * len(refused)
        assert await knock(running, "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), good) == 401
        await running.settled()
        assert running.desk.heard == []
        assert "rag" not in caplog.text.replace("rollcall", "")


async def test_a_request_is_taken_once() -> None:
    async with bench("http") as running:
        headers = signed(COMMAND)
        assert [await knock(running, COMMAND, headers) for _ in range(3)] == [200, 401, 401]
        await running.settled()
        assert len(running.desk.heard) == 1


async def test_an_event_sent_again_is_acknowledged_and_done_once() -> None:
    async with bench("http") as running:
        running.desk.replies["command"] = say("Hi")
        event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "x", "ts": "1.1"}
        body = json.dumps({"type": "event_callback", "team_id": "T0PLAY", "event_id": "Ev1", "event": event})
        headers = signed(body)
        assert [await knock(running, body, headers) for _ in range(3)] == [200] * 3
        await running.settled()
        assert len(running.desk.heard) == 1


async def test_another_workspace_gets_nothing() -> None:
    async with bench("http") as running:
        body = COMMAND.replace("T0PLAY", "TOTHER")
        await knock(running, body, signed(body))
        await running.settled()
        assert running.desk.heard == []


async def test_what_nobody_listens_to_and_what_is_malformed_does_not_fail() -> None:
    async with bench("http") as running:
        payloads: list[dict[str, Any]] = [
            {"type": "interactive_message", "callback_id": "x", "actions": [{"name": "n"}]},
            {"type": "unheard_of"},
            {"type": "block_actions", "actions": [{"type": "button", "action_id": "x", "block_id": "b"}]},
            {"type": "view_closed", "view": {"callback_id": "x"}},
        ]
        for payload in payloads:
            body = urlencode({"payload": json.dumps({**payload, "team": {"id": "T0PLAY"}})})
            assert await knock(running, body, signed(body)) == 200
        await running.settled()


async def test_large_bodies_are_not_read() -> None:
    async with bench("http") as running:
        assert await knock(running, "x" * (2 * 1024 * 1024 + 1), signed("x")) == 413


def test_signatures_are_forgotten_in_the_end_but_then_too_old() -> None:
    now = [1_000_000.0]
    gate = Gate(SECRET, lambda: now[0])
    headers = {name.lower(): value for name, value in signed("a=1", at=now[0]).items()}
    assert gate.refuses(b"a=1", headers) == ""
    assert gate.refuses(b"a=1", headers) == "seen before"
    now[0] += 301
    assert gate.refuses(b"a=1", headers) == "too old, or no signature"


def test_http_without_a_secret_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="signing secret"):
        Gate("")


# ---------------------------------------------------------------- sockets


async def test_the_watchdog_opens_a_new_connection() -> None:
    async with bench("socket") as running:
        link = running.link
        assert link is not None
        assert await link.connected()
        handler: Any = link._handler
        handler.client.auto_reconnect_enabled = False
        await handler.client.disconnect()
        assert not await link.connected()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if await link.connected():
                break
        running.desk.replies["command"] = say("Back")
        assert (await running.pg.person("U1").command("/rag", "C1")).ok
        await running.settled()
        assert len(running.desk.heard) == 1


async def test_closing_is_quick_and_twice_is_fine() -> None:
    async with bench("socket") as running:
        assert running.link is not None
        started = time.monotonic()
        await running.link.close()
        await running.link.close()
        assert time.monotonic() - started < 6
        assert not await running.link.connected()


async def test_a_refused_socket_is_a_typed_error() -> None:
    async with bench("none", space=workspace()) as running:
        with pytest.raises(InstallationStopped):
            await SocketLink(running.adapter, "xapp-wrong").start()
        running.pg.faults.add("apps.connections.open", "http500")
        with pytest.raises(RetryLater):
            await SocketLink(running.adapter, running.pg.workspace.app.app_token).start()
