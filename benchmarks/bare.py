"""The least that could be compared with: Bolt on the same transport, python -m benchmarks.bare DATABASE [API_URL].

A command is acknowledged at once. A submission is acknowledged after one row has been committed durably, by the driver
alone, to a SQLite database with the very settings of ours. Serves signed HTTP and prints its address; with the address
of an API it comes by Socket Mode instead.
"""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web import WebServer

Ack = Callable[..., Awaitable[Any]]


def database(path: Path) -> sqlite3.Connection:
    """One table, with our settings for durable commits."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        db.execute(f"PRAGMA {pragma}").close()
    db.execute("CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, person TEXT, content TEXT)")
    return db


def application(db: sqlite3.Connection, client: AsyncWebClient | None = None) -> AsyncApp:
    """Bolt with two listeners."""
    writer = ThreadPoolExecutor(1)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-play", bot_id="B0PLAY", bot_user_id="U0BOT"
        )  # fmt: skip

    app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], authorize=authorize, client=client)

    def commit(person: str, content: str) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO answers (person, content) VALUES (?, ?)", (person, content))
        db.execute("COMMIT")

    @app.command("/rag")
    async def on_command(ack: Ack) -> None:
        await ack()

    @app.view("report")
    async def on_submission(ack: Ack, body: dict[str, Any]) -> None:
        content = json.dumps(body["view"]["state"]["values"])
        await asyncio.get_running_loop().run_in_executor(writer, commit, body["user"]["id"], content)
        await ack(response_action="clear")

    return app


async def connect(path: Path, api_url: str) -> None:
    """Come by Socket Mode until cancelled."""
    app = application(database(path), AsyncWebClient("xoxb-play", base_url=api_url))
    handler = AsyncSocketModeHandler(app, "xapp-play")
    await handler.connect_async()  # type: ignore[no-untyped-call]
    print(api_url, flush=True)
    await asyncio.Event().wait()


async def serve(path: Path) -> None:
    """Serve until cancelled."""
    handler = AsyncSlackRequestHandler(application(database(path)))

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    pages = Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])
    server = WebServer(pages, "127.0.0.1", 0)
    await server.start()
    print(server.address, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(connect(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 2 else serve(Path(sys.argv[1])))
