"""The SDK: loaded late, told nothing but our settings, never in the way of what Teams sends."""

import asyncio
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.sdk import Sdk

ROOT = Path(__file__).parents[4]
INVOKE = {
    "type": "invoke", "id": "1", "channelId": "msteams", "serviceUrl": "https://x.example/", "from": {"id": "29:a"},
    "recipient": {"id": "28:b"}, "conversation": {"id": "a:1"}, "name": "task/fetch",
    "value": {"data": {"dialog_id": "open"}, "context": {"theme": "default"}},
}  # fmt: skip
MADE = """
import asyncio, logging, os, sys
logging.basicConfig(level=logging.INFO)
import handlers.teams.app
assert not [name for name in sys.modules if name.startswith(("microsoft_teams", "fastapi"))]
from handlers.teams.sdk import Sdk
sdk = Sdk("our-app", "our-tenant", None)
assert "microsoft_teams" not in sys.modules
asyncio.run(sdk.start())
assert "microsoft_teams.apps" in sys.modules
credentials = sdk._app.credentials
print(type(credentials).__name__, credentials.client_id, credentials.tenant_id, sorted(
    name for name in os.environ if "CLIENT" in name or "DOTENV" in name))
"""


def test_it_is_loaded_late_and_takes_nothing_from_its_surroundings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLIENT_SECRET=stolen\nFROM_FILE_CLIENT=1\n", encoding="utf-8")
    surroundings = {"CLIENT_ID": "other", "CLIENT_SECRET": "other", "TENANT_ID": "other", "CLOUD": "nowhere",
                    "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "perhaps"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", MADE], cwd=tmp_path, env={**os.environ, **surroundings, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(" ", 3) == [
        "TokenCredentials", "our-app", "our-tenant", "['CLIENT_ID', 'CLIENT_SECRET']\n",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [
    {}, {"type": "new"}, {"name": "new/fetch"}, {"value": None}, {"from": 1}, {"id": 5}, {"type": "message"},
    {"name": "adaptiveCard/action", "value": {"action": {"type": "Action.Execute"}, "trigger": "automatic"}},
    {"type": "installationUpdate", "action": "add-upgrade"}, {"name": "signin/verifyState", "value": {"state": "1"}},
    {"name": "signin/tokenExchange", "value": {"id": "1", "token": "x", "connectionName": "graph"}},
])  # fmt: skip
async def test_every_activity_is_heard_once_and_its_answer_comes_back(change: dict[str, Any]) -> None:
    heard: list[Any] = []

    async def hear(activity: Any) -> Any:
        heard.append(activity)
        return {"task": {"type": "message", "value": "Saved"}}

    sdk = Sdk("app", "tenant", hear)
    activity = INVOKE | change
    await sdk.start()
    assert await sdk.receive(activity) == {"task": {"type": "message", "value": "Saved"}}
    assert heard == [activity]
    # At INFO it writes addresses, which name people and conversations.
    assert logging.getLogger("httpx").level >= logging.WARNING


async def test_activities_at_once_do_not_mix() -> None:
    async def hear(activity: Any) -> Any:
        await asyncio.sleep(0.01 * (int(activity["id"]) % 3))
        return {"id": activity["id"]}

    sdk = Sdk("app", "tenant", hear)
    numbers = [str(n) for n in range(20)]
    answers = await asyncio.gather(*(sdk.receive(INVOKE | {"id": n}) for n in numbers))
    assert [answer and answer["id"] for answer in answers] == numbers


async def test_nothing_is_sent_through_it() -> None:
    async def hear(_activity: Any) -> Any:
        return None

    sdk = Sdk("app", "tenant", hear)
    await sdk.start()
    with pytest.raises(RuntimeError, match="nothing is sent through the SDK"):
        await sdk._app.send("a:1", "hello")
