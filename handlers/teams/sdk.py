"""Microsoft's SDK, behind an interface of ours: an activity goes in as JSON, and the answer comes out as JSON.

Only this module imports it, and only when an adapter starts. Version 2.1.1 answers valid traffic with 500 where its
models are narrower than what Teams sends (an automatic refresh, an `Action.Execute` with no data, installations by an
upgrade, activities and invokes that it does not know). So every activity is heard exactly once, as it came: by way of
the SDK where it can read it, past it where it cannot.
"""

import asyncio
import logging
import os
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, NoReturn

Json = dict[str, Any]
# Hears one activity and gives the answer to an invoke, or None. Must not raise.
Hear = Callable[[Json], Awaitable[Json | None]]

# What the SDK would take from the environment where we give it nothing, or before what we give it.
_ENVIRONMENT: Final = (
    "CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "MANAGED_IDENTITY_CLIENT_ID", "SERVICE_URL", "CLOUD",
    "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS",
)  # fmt: skip


@dataclass(slots=True)
class _Heard:
    """One activity on its way through the SDK."""

    activity: Json
    begun: bool = False
    answer: Json | None = None


class _Server:
    """The SDK's web server: none, only the place where it leaves its handler."""

    def __init__(self) -> None:
        self.handler: Callable[[Any], Awaitable[Any]] | None = None

    def register_route(self, _method: str, _path: str, handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Called once, by the SDK's `initialize`."""
        self.handler = handler

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing of ours is static."""

    async def start(self, _port: int) -> None:
        """Rollcall's own server listens."""

    async def stop(self) -> None:
        """And ends."""


class Sdk:
    """The SDK's application. It sends nothing: what goes out has our own time limits and our own tokens."""

    def __init__(self, client_id: str, tenant: str, hear: Hear) -> None:
        self._client_id = client_id
        self._tenant = tenant
        self._hear = hear
        self._current: ContextVar[_Heard] = ContextVar("activity")
        self._server = _Server()
        self._starting = asyncio.Lock()
        self._app: Any = None

    async def start(self) -> None:
        """Needed before the first activity; any number of times. Loading the SDK takes seconds, in a thread."""
        async with self._starting:
            if self._app is None:
                app = await asyncio.to_thread(self._made)
                await app.initialize()
                self._app = app

    def _made(self) -> Any:
        # It writes whole activities at DEBUG, and those that it cannot read at ERROR.
        logging.getLogger("microsoft_teams").setLevel(logging.CRITICAL)
        # It gives the level of this one to httpx, which at INFO writes every address that anything here calls.
        logging.getLogger("microsoft_teams.common.http.client").setLevel(logging.WARNING)
        with _own_settings_only(), warnings.catch_warnings():
            # Of parts in preview, which are not used here.
            warnings.simplefilter("ignore")
            from microsoft_teams.apps import App

            app = App(
                client_id=self._client_id or "none",
                tenant_id=self._tenant,
                token=_no_token,
                http_server_adapter=self._server,
                # The gate has checked the token before the SDK sees anything; see docs/decisions/teams-sdk.md.
                dangerously_allow_unauthenticated_requests=True,
                telemetry={"agent365": False},
            )
        app.on_activity(self._routed)
        return app

    async def receive(self, activity: Json) -> Json | None:
        """One activity from Teams, and what is answered to it."""
        if self._app is None:
            await self.start()
        heard = _Heard(activity)
        token = self._current.set(heard)
        try:
            assert self._server.handler is not None
            await self._server.handler({"body": activity, "headers": {}})
            return heard.answer if heard.begun else await self._hear(activity)
        finally:
            self._current.reset(token)

    async def _routed(self, _context: Any) -> Json | None:
        heard = self._current.get()
        heard.begun = True
        heard.answer = await self._hear(heard.activity)
        return heard.answer


def _no_token(*_wanted: object) -> NoReturn:
    raise RuntimeError("nothing is sent through the SDK")


@contextmanager
def _own_settings_only() -> Iterator[None]:
    """Without the settings that the SDK looks for in the environment, and without the `.env` that it loads."""
    hidden: Mapping[str, str] = {name: os.environ.pop(name) for name in _ENVIRONMENT if name in os.environ}
    disabled = os.environ.get("PYTHON_DOTENV_DISABLED")
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTHON_DOTENV_DISABLED")
        if disabled is not None:
            os.environ["PYTHON_DOTENV_DISABLED"] = disabled
        os.environ.update(hidden)
