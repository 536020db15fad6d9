"""A real Bolt app that records what it gets and answers as the test says."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]
Then = Callable[[Json, AsyncWebClient], Awaitable[Any]]
ANY = re.compile(".*", re.DOTALL)


class Robot:
    """Acknowledges everything.

    Args:
        acks: what to answer, by command, payload type or event type: a value, or a coroutine function of the body
            and the client that returns the value.
        then: what to do after the acknowledgement, under the same names.
    """

    def __init__(self, acks: dict[str, Any] | None = None, then: dict[str, Then] | None = None) -> None:
        self.acks = acks or {}
        self.then = then or {}
        self.seen: list[Json] = []

    def __call__(self, app: AsyncApp) -> None:
        for listen in (app.command, app.action, app.view, app.view_closed, app.options, app.shortcut, app.event):
            listen(ANY)(self._handle)

    def bodies(self, name: str) -> list[Json]:
        """What arrived under one name."""
        return [body for body in self.seen if _name(body) == name]

    async def _handle(self, ack: Any, body: Json, client: AsyncWebClient) -> None:
        self.seen.append(body)
        answer = self.acks.get(_name(body))
        if callable(answer):
            answer = await answer(body, client)
        if answer is None:
            await ack()
        elif isinstance(answer, dict):
            await ack(**answer)
        else:
            await ack(answer)
        if _name(body) in self.then:
            await self.then[_name(body)](body, client)


def _name(body: Json) -> str:
    if "event" in body:
        return str(body["event"]["type"])
    return str(body.get("command") or body["type"])


def opens(view: Json) -> Then:
    """Opens this modal with the trigger of whatever happened."""

    async def act(body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    return act


def pushes(view: Json) -> Then:
    """Pushes this modal with the trigger of whatever happened."""

    async def act(body: Json, client: AsyncWebClient) -> None:
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    return act
