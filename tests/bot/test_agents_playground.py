"""The playground of Microsoft runs the made-up company, on this machine alone, and tells the bot what people do."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from bot.demo_data.company import read_company
from bot.demo_teams.agents import NoPlayground, installed, running
from bot.demo_teams.people import BOT_ID, CHANNEL, PERSONAL_CHAT, TENANT_ID, account, configuration, user_id

FILES = Path(__file__).parents[2] / "bot" / "demo_teams"
PATIENCE = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playground, installed; a loud skip where it cannot be had."""
    try:
        return installed(tmp_path_factory.mktemp("playground"))
    except NoPlayground as missing:
        reason = f"THE PLAYGROUND FOR TEAMS WAS NOT TRIED: {missing}"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)


class Bot:
    """A bot that takes every activity and says nothing."""

    def __init__(self) -> None:
        self.heard: Queue[dict[str, Any]] = Queue()
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/messages"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def message(self) -> dict[str, Any]:
        """The next message; other activities are passed over."""
        while True:
            activity = self.heard.get(timeout=PATIENCE)
            if activity["type"] == "message":
                return activity


@pytest.fixture
def bot() -> Iterator[Bot]:
    made = Bot()
    yield made
    made.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def post(url: str, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=PATIENCE):
        pass


def test_what_a_lead_writes_reaches_the_bot(folder: Path, bot: Bot) -> None:
    company = read_company()
    port = free_port()
    with running(folder, port, bot.url, configuration(company, "ana"), company.people["ana"].tz) as playground:
        said = {"from": {"id": user_id("ana")}, "text": "mine", "textFormat": "plain"}
        post(f"{playground.url}/_conversation/v1/conversations/{PERSONAL_CHAT}/messages", said)
        heard = bot.message()
        assert heard["text"] == "mine"
        assert heard["serviceUrl"].rstrip("/") == playground.service_url
        assert heard["from"]["aadObjectId"] == account("ana")
        assert heard["recipient"]["id"] == f"28:{BOT_ID}"
        assert heard["conversation"]["tenantId"] == TENANT_ID
        assert heard["localTimezone"] == company.people["ana"].tz
        with pytest.raises(OSError, match="refused"):
            # All of 127.0.0.0/8 is this machine; what listened everywhere would answer here too.
            socket.create_connection(("127.0.0.2", port), timeout=5)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_playground_that_cannot_start_says_so(folder: Path) -> None:
    company = read_company()
    with pytest.raises(NoPlayground, match="ended"), running(folder, 99999, "no address", {}, "UTC"):
        pass
    assert configuration(company, "carl")["currentUser"]["name"] == company.people["carl"].name


def test_the_company_is_as_large_as_the_playground_takes() -> None:
    company = read_company()
    for eyes in company.people:
        made = configuration(company, eyes)
        people = [made["currentUser"], *made["users"]]
        assert len({one["aadObjectId"] for one in people}) == len({one["id"] for one in people}) == 6
        assert made["team"]["channels"] == [{"id": CHANNEL, "name": "leadership"}]
    featured = {key for key, person in company.people.items() if person.featured}
    assert {user_id(key) for key in featured} <= {one["id"] for one in (made["currentUser"], *made["users"])}


def test_the_lock_pins_one_version_and_names_no_host() -> None:
    lock = json.loads((FILES / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((FILES / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())
    for path, package in lock["packages"].items():
        assert "resolved" not in package
        assert not path or package["integrity"].startswith("sha512-")
    assert "://" not in json.dumps(lock)


def test_without_node_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoPlayground, match="Install Node"):
        installed(tmp_path / "playground")
