"""Deliveries to the app: one attempt for what people do, retries for events, all of it logged."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

from playground.delivery.payloads import event_envelope
from playground.log import Delivery
from playground.model import Json
from playground.world import Ack, World

RETRY_DELAYS = (0.0, 60.0, 300.0)
_SCOPE = {
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "app_mention": "app_mentions:read",
    "user_change": "users:read",
}
_MESSAGES = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}


class Transport(Protocol):
    """One way to the app."""

    async def send(self, kind: str, payload: Json, attempt: int, reason: str) -> Ack:
        """One attempt."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


class AppCourier:
    """Brings payloads to the app over the transport that is set.

    Args:
        retry_delays: real seconds before each retry of an event.
    """

    def __init__(self, world: World, transport: Transport, retry_delays: Sequence[float] = RETRY_DELAYS) -> None:
        self.world = world
        self.transport = transport
        self.retry_delays = tuple(retry_delays)
        self._earlier: list[Transport] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._sleeping = 0

    def use(self, transport: Transport) -> None:
        """Deliver over another transport from now on."""
        self._earlier.append(self.transport)
        self.transport = transport

    async def deliver(self, kind: str, name: str, payload: Json) -> Ack:
        """Hand over one command or interaction; nobody repeats it."""
        return await self._attempt(kind, name, payload, 0, "")

    def event(self, event: Json) -> None:
        """Queue an event if the app is there, subscribed to it and has the scope for it."""
        app = self.world.space.app
        name = _MESSAGES[event["channel_type"]] if event["type"] == "message" else event["type"]
        scope = _SCOPE.get(name)
        leaving = name in {"app_uninstalled", "tokens_revoked"}
        if name not in app.events or (scope and scope not in app.scopes) or not (app.active or leaving):
            return
        self._start(self._with_retries(event["type"], event_envelope(self.world.space, event)))

    async def settled(self) -> None:
        """Return when no event is under way; one that waits for a later retry does not count."""
        while len(self._tasks) > self._sleeping:
            await asyncio.wait(self._tasks, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """Drop what is waiting and let go of the transport."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in (*self._earlier, self.transport):
            await transport.close()

    async def _with_retries(self, name: str, payload: Json) -> None:
        ack = await self._attempt("events_api", name, payload, 0, "")
        for number, delay in enumerate(self.retry_delays, start=1):
            if ack.ok or ack.no_retry:
                return
            await self._pause(delay)
            ack = await self._attempt("events_api", name, payload, number, ack.error or "")

    async def _pause(self, delay: float) -> None:
        waits = delay > 1
        self._sleeping += waits
        try:
            await asyncio.sleep(delay)
        finally:
            self._sleeping -= waits

    async def _attempt(self, kind: str, name: str, payload: Json, attempt: int, reason: str) -> Ack:
        ack = await self.transport.send(kind, payload, attempt, reason)
        entry = Delivery(kind, name, payload, ack.took, ack.body, ack.error, attempt)
        self.world.log.entries.append(entry)
        self.world.space.tell("delivery", {"name": name})
        return ack

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
