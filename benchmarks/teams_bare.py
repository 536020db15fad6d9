"""The least that could be compared with: Microsoft's own app and server, python -m benchmarks.teams_bare DATABASE PORT.

The SDK checks the token, as it does by itself. A submitted dialog is answered after one row has been committed durably,
by the driver alone, to a SQLite database with the very settings of ours. Prints its address.
"""

import asyncio
import json
import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.bare import database


class _Server(uvicorn.Server):
    """Says when it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen."""
        await super().startup(sockets)
        print(f"http://{self.config.host}:{self.config.port}", flush=True)


async def serve(path: Path, port: int) -> None:
    """Serve until cancelled."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
        from microsoft_teams.apps import App
        from microsoft_teams.apps.http import FastAPIAdapter

    def server(app: Any) -> uvicorn.Server:
        return _Server(uvicorn.Config(app, "127.0.0.1", port, log_config=None, access_log=False))

    app = App(
        client_id=os.environ["TEAMS_CLIENT_ID"],
        client_secret=os.environ["TEAMS_CLIENT_SECRET"],
        tenant_id=os.environ["TEAMS_TENANT_ID"],
        cloud=with_overrides(PUBLIC, openid_metadata_url=os.environ["TEAMS_OPENID_URL"]),
        http_server_adapter=FastAPIAdapter(server_factory=server),
    )
    db, writer = database(path), ThreadPoolExecutor(1)

    def commit(person: str, content: str) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO answers (person, content) VALUES (?, ?)", (person, content))
        db.execute("COMMIT")

    @app.on_dialog_submit
    async def on_submission(context: Any) -> Any:
        activity = context.activity
        content = json.dumps(activity.value.data)
        await asyncio.get_running_loop().run_in_executor(writer, commit, activity.from_.aad_object_id, content)

    await app.start(port)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
