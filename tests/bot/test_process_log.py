"""The log of a bot that was really started: our own lines, warnings of others, no token and nothing that was typed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from playground import Playground
from playground.delivery.http import sign
from tests.bot.live import SHIPPED, playing

TYPED = "Kryptonite"
# Who may speak below a warning. The libraries have names of their own; Slack's speak under `rollcall.slack.sdk`.
OURS = ("rollcall", "engine", "deliver", "accounts", "clock", "slack")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")


class Process:
    """`rollcall run` with its log as JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.raw: list[str] = []

    async def until(self, event: str) -> dict[str, Any]:
        """Read on until a line with this event."""
        assert self.process.stderr is not None
        async with asyncio.timeout(40):
            while True:
                line = (await self.process.stderr.readline()).decode()
                assert line, "".join(self.raw)
                self.raw.append(line)
                found: dict[str, Any] = json.loads(line)
                if found["event"] == event:
                    return found

    async def end(self) -> None:
        """Tell it to stop, and read what is left."""
        self.process.terminate()
        _, rest = await asyncio.wait_for(self.process.communicate(), 20)
        self.raw += rest.decode().splitlines(keepends=True)


@asynccontextmanager
async def started(playground: Playground, folder: Path, mode: str, level: str) -> AsyncIterator[Process]:
    app = playground.workspace.app
    text = (
        SHIPPED.read_text("utf-8").replace("format: console", "format: json").replace("level: info", f"level: {level}")
    )
    (folder / "app.yaml").write_text(text, "utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "SLACK_API_URL": playground.api_url,
        "SLACK_MODE": mode,
        "ROLLCALL_CONFIG": str(folder / "app.yaml"),
        "ROLLCALL_DATA": str(folder),
        "PORT": "0",
    }
    process = Process(
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, cwd=SHIPPED.parent, stderr=asyncio.subprocess.PIPE
        )
    )
    try:
        line = await process.until("started")
        if mode == "http":
            playground.set_request_url(line["health"].replace("/readyz", "/slack/events"))
        yield process
    finally:
        if process.process.returncode is None:
            await process.end()


async def type_everywhere(playground: Playground) -> None:
    """Whatever a person can write: a command, a message, a form; and requests that are refused."""
    petra = playground.person("U2")
    assert (await petra.command(f"/rag {TYPED}", "C1")).ok
    assert (await petra.command("/rag project add", "C1")).ok
    await petra.say(f"show {TYPED}")
    await petra.open_home()
    await playground.until(lambda: petra.modals() and petra.modal()["callback_id"] == "project")
    modal = petra.modal()["id"]
    values = {"Key": "K1", "Name": f"{TYPED} mine", "New portfolio": TYPED}
    assert (await petra.submit(modal, values)).ok
    shortcut = playground.person("U1").shortcut("report")
    assert (await shortcut).ok


async def knock(address: str) -> None:
    body = f"command=%2Frag&text={TYPED}&token={TYPED}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": "1"}
    headers["X-Slack-Signature"] = sign("wrong", "1", body)
    async with aiohttp.ClientSession() as client, client.post(address, data=body, headers=headers) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(("mode", "level"), [("socket", "info"), ("socket", "debug"), ("http", "debug")])
async def test_the_log_of_a_process(tmp_path: Path, mode: str, level: str) -> None:
    async with playing() as playground:
        async with started(playground, tmp_path, mode, level) as process:
            if mode == "http":
                health = json.loads(process.raw[-1])["health"]
                await knock(health.replace("/readyz", "/slack/events"))
            await type_everywhere(playground)
            await playground.settled()
            await asyncio.sleep(0.5)
        app = playground.workspace.app
        log = "".join(process.raw)
        assert process.process.returncode == 0
    lines = [json.loads(line) for line in process.raw]
    strange = [
        line for line in lines if line["level"] in ("debug", "info") and line["logger"].split(".")[0] not in OURS
    ]
    assert strange == []
    assert [line for line in lines if line["logger"].startswith(("slack_", "rollcall.slack.sdk"))] == []
    assert {line["kind"] for line in lines if line["event"] == "interaction"} >= {"command", "event", "submission"}
    assert TYPED.lower() not in log.lower()
    for secret in (app.bot_token, app.app_token, app.signing_secret, "/hooks/", "ticket="):
        assert secret not in log
