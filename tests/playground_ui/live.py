"""The real playground with a small real Bolt app, in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Self

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from playground import App, Channel, ClockControl, Command, Embedder, Playground, RateLimits, SimClock, User, Workspace
from tests.playground_ui import forms
from tests.playground_ui.people import Json, button, mrkdwn, plain

START = datetime(2026, 11, 27, 15, tzinfo=UTC)
LATER = datetime(2026, 11, 30, 8, tzinfo=UTC)
FORM: Json = {
    "type": "modal",
    "callback_id": "report",
    "title": plain("ATLAS, week 48"),
    "submit": plain("Send report"),
    "notify_on_close": True,
    "blocks": [
        forms.field("overall", "Overall", {"type": "radio_buttons", "options": forms.COLOURS}),
        forms.field("headline", "Headline", {"type": "plain_text_input", "max_length": 120}),
        forms.field("when", "Next date", {"type": "datepicker"}, optional=True),
    ],
}


class LiveWorkspace:
    """Two people, a channel, and an app that asks for a report."""

    def __init__(self) -> None:
        people = [
            User("U1", "ana", "Ana Example", "Lead of ATLAS", tz="Europe/Paris", featured=True),
            User("U2", "carl", "Carl Sample", "Vice president", tz="Europe/Paris", featured=True),
        ]
        self.space = Workspace.create(
            team="Example Imaging",
            users=people,
            channels=[Channel("C1", "imaging-leadership", members=["U1", "U2"])],
            app=App(name="Rollcall", commands=(Command("/rag", "Ask about the portfolio", "[red | amber]"),)),
            clock=SimClock(START, speed=0),
        )
        controls = [ClockControl("monday", "Monday 09:00", "A new week")]
        embedder = Embedder(controls=controls, on_control=self._move, notice="A made-up company.")
        self.pg = Playground(self.space, rate_limits=RateLimits(enabled=False), embedder=embedder)
        self.submitted: list[Json] = []
        self.closed: list[Json] = []

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the workspace's thread and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    async def _start(self) -> None:
        await self.pg.start()
        self.client = AsyncWebClient(token=self.space.app.bot_token, base_url=self.pg.api_url)
        app = AsyncApp(client=self.client, signing_secret=self.space.app.signing_secret)
        self._register(app)
        self._handler = AsyncSocketModeHandler(app, self.space.app.app_token)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]

    async def _stop(self) -> None:
        await self._handler.close_async()  # type: ignore[no-untyped-call]
        await self.pg.stop()

    async def _move(self, _target: str | datetime) -> None:
        self.space.clock.set(LATER)
        await self.client.chat_postMessage(channel="C1", text="Good morning. A new week begins.")

    def _register(self, app: AsyncApp) -> None:
        app.action("report")(self._open)
        app.view("report")(self._receive)
        app.view_closed("report")(self._note_close)
        app.command("/rag")(self._answer)
        app.event("app_home_opened")(self._home)
        app.event("message")(self._ignore)

    async def _ignore(self) -> None:
        """Messages of people need no answer here."""

    async def _open(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def _receive(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        values = body["view"]["state"]["values"]
        if values["when"]["a"]["selected_date"] == "2026-11-01":
            await ack(response_action="errors", errors={"when": "A date after today, or clear it."})
            return
        await ack()
        self.submitted.append(values)
        await client.chat_postMessage(channel="C1", text=f"Receipt: {values['headline']['a']['value']}")

    async def _note_close(self, ack: Any, body: Json) -> None:
        await ack()
        self.closed.append(body)

    async def _answer(self, ack: Any, respond: Any, command: Json) -> None:
        await ack()
        await respond(text=f"You asked: {command['text']}")

    async def _home(self, event: Json, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            blocks = [{"type": "header", "text": plain("Your projects")}]
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async def prompt(self) -> None:
        """Ask Ana for her report."""
        asked = {"type": "actions", "elements": [button("Report", "report", style="primary")]}
        await self.client.chat_postMessage(
            channel="U1", text="One project reports.", blocks=[{"type": "section", "text": mrkdwn("*ATLAS*")}, asked]
        )

    async def sheet(self) -> None:
        """Share a file in the channel."""
        await self.client.files_upload_v2(channel="C1", content="key,colour\nATLAS,G\n", filename="week48.csv")
