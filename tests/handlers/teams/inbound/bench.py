"""The inbound adapter over real HTTP and the real SDK, with a stand-in for Teams on its other side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from handlers.teams.addresses import Addresses
from handlers.teams.app import TeamsAdapter
from handlers.teams.gate import TeamsDoor
from reporting import interactions as i
from reporting import messages as m
from tests.handlers.slack.conftest import FakeDesk
from tests.handlers.teams.kit import press
from tests.support.teams import APP_ID, TENANT, FakePerson, FakeTeam, Place
from tests.support.teams.wired import Wired, wired

Json = dict[str, Any]
KEY = b"k" * 32
OPENS = frozenset({"report.open", "report.unchanged"})


@dataclass
class Bench:
    """Everything running; Ana has the app, Bo has not, both are in a team."""

    teams: Wired
    desk: FakeDesk
    adapter: TeamsAdapter
    url: str
    client: httpx.AsyncClient
    ana: FakePerson
    bo: FakePerson
    team: FakeTeam
    news: list[tuple[str, str, str]]
    times: list[tuple[str, float]]

    async def post(self, activity: Json, **claims: Any) -> httpx.Response:
        """What Teams posts, with a good token unless `claims` make it a bad one."""
        headers = self.teams.fake.inbound_headers(**claims)
        return await self.client.post(self.url, json=activity, headers=headers)

    async def types(self, text: str, who: FakePerson | None = None, place: Place | None = None, **more: Any) -> None:
        """Somebody writes a line; returns when everything is done."""
        answer = await self.post(self.teams.fake.activity(who or self.ana, place, text=text, **more))
        assert (answer.status_code, answer.content) == (200, b"")
        await self.adapter.settled()

    async def invokes(
        self, name: str, value: Any, who: FakePerson | None = None, place: Place | None = None, **more: Any
    ) -> Any:
        """The JSON that an invoke is answered with; None when it is empty."""
        answer = await self.post(self.teams.fake.invoke(who or self.ana, name, value, place, **more))
        assert answer.status_code == 200
        return answer.json() if answer.content else None

    async def fetches(self, data: Json, **more: Any) -> Json:
        """The dialog that a button opens: title, card, ..."""
        answer = await self.invokes("task/fetch", {"data": data, "context": {"theme": "default"}}, **more)
        return shown(answer)

    async def opens(self, form: i.Form, **more: Any) -> Json:
        """A form open at Ana's."""
        self.desk.replies["report.open"] = (i.OpenForm(form),)
        dialog = await self.fetches(opening("report.open", "7:1"), **more)
        self.desk.heard.clear()
        return dialog

    async def sends(self, dialog: Json, title: str = "Send", typed: dict[str, str] | None = None, **more: Any) -> Any:
        """The answer to a button of a dialog."""
        data = press(dialog["card"]["content"], title, typed)
        return await self.invokes("task/submit", {"data": data, "context": {"theme": "default"}}, **more)

    async def presses(self, action: str, value: str = "", **more: Any) -> Any:
        """The answer to a button of a posted card."""
        made = {"type": "Action.Execute", "verb": action, "data": button(action, value)}
        return await self.invokes("adaptiveCard/action", {"action": made, "trigger": "manual"}, **more)

    @property
    def heard(self) -> Any:
        """The one thing that the desk heard."""
        (only,) = self.desk.heard
        return only


def button(action: str, value: str = "") -> Json:
    return {"action": "click", "rollcall": {"do": action, "with": value, "at": "message"}}


def opening(action: str, value: str = "") -> Json:
    return {"dialog_id": "open", "msteams": {"type": "task/fetch"},
            "rollcall": {"do": action, "with": value, "at": "message"}}  # fmt: skip


def shown(answer: Any) -> Json:
    """The dialog in an answer."""
    assert answer["task"]["type"] == "continue"
    value: Json = answer["task"]["value"]
    return value


def told(answer: Any) -> str:
    """The words of a dialog that only says something."""
    assert answer["task"]["type"] == "message"
    return str(answer["task"]["value"])


def say(text: str, replace: bool = False) -> i.Reply:
    return (i.Say(m.Message(text, (m.Paragraph((m.Plain(text),)),)), replace),)


@asynccontextmanager
async def bench(folder: Path, **options: Any) -> AsyncIterator[Bench]:
    """All of it; `door` changes the door, `teams` the outbound side, everything else the adapter."""
    door: Json = options.pop("door", {})
    desk = options.pop("desk", None) or FakeDesk()
    news: list[tuple[str, str, str]] = []
    times: list[tuple[str, float]] = []
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(wired(folder, opens=OPENS, **options.pop("teams", {})))
        ana, bo = teams.fake.world.person("Ana Ruiz"), teams.fake.world.person("Bo Li", installed=False)
        team = teams.met_team(teams.fake.world.team("Research", [ana, bo]))

        def accounts(people: Collection[int]) -> Mapping[int, str]:
            return {n: account for n, account in ((1, ana.aad), (2, bo.aad)) if n in people}

        entrance = {"client_id": APP_ID, "tenant": TENANT, "openid_url": teams.fake.openid_url,
                    "services": Addresses(["127.0.0.1"])} | door  # fmt: skip
        adapter = TeamsAdapter(
            TeamsDoor(**entrance), desk, teams.messenger, teams.book, accounts,
            **{"key": KEY, "opens": OPENS, "channel_news": lambda *what: news.append(what),
               "acknowledged": lambda *what: times.append(what), **options},
        )  # fmt: skip
        await adapter.start()
        stack.push_async_callback(adapter.close, 2.0)
        url = await stack.enter_async_context(served(adapter))
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=10))
        yield Bench(teams, desk, adapter, url, client, ana, bo, team, news, times)


@asynccontextmanager
async def served(adapter: TeamsAdapter) -> AsyncIterator[str]:
    """The route in a real ASGI server on a free port."""
    app = Starlette(routes=[*adapter.routes()])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/api/messages"
    finally:
        server.should_exit = True
        await task
