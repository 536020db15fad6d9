"""Socket Mode: Slack reaches us over a connection that we open, so nothing of ours must be reachable from outside."""

import asyncio
import logging

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

from handlers.slack.api import LOG, quiet_logger
from handlers.slack.app import SlackAdapter
from handlers.slack.errors import UNREACHED_WAIT, typed
from reporting.ports import RetryLater

log = logging.getLogger(LOG)
_CONNECT = "apps.connections.open"


class SocketLink:
    """One connection of a started adapter.

    Slack hands each payload to any one of an app's connections: two installations that share an app-level token take
    each other's.

    Args:
        app_token: the app-level token (xapp-).
        watch_seconds: how often the connection is looked at.
        patience: looks in a row without a connection before a new one is forced.
        connect_seconds: how long connecting may take.
    """

    def __init__(
        self,
        adapter: SlackAdapter,
        app_token: str,
        *,
        watch_seconds: float = 10.0,
        patience: int = 3,
        connect_seconds: float = 15.0,
    ) -> None:
        self._adapter = adapter
        self._token = app_token
        self._watch_seconds = watch_seconds
        self._patience = patience
        self._connect_seconds = connect_seconds
        self._handler: AsyncSocketModeHandler | None = None
        self._watchdog: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, and keep connected until `close`.

        Raises:
            DeliveryError: Slack refused the connection.
        """
        await self._adapter.start()
        api = self._adapter.messenger.api
        # Asked for by us: the SDK would try a refused token again for ever, without ever telling.
        address = await api.call(_CONNECT, token=self._token)
        # The handler must be made inside the running loop: it creates a session and tasks.
        proxy = api.proxies.of(str(address["url"]))
        handler = AsyncSocketModeHandler(self._adapter.bolt, self._token, logger=quiet_logger(), proxy=proxy)
        # Given none, the SDK has looked for one itself.
        handler.client.proxy = proxy
        handler.client.wss_uri = str(address["url"])
        self._handler = handler
        try:
            async with asyncio.timeout(self._connect_seconds):
                await handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError:
            await self.close()
            raise RetryLater("no_socket", UNREACHED_WAIT) from None
        self._watchdog = asyncio.get_running_loop().create_task(self._watch(handler))

    async def connected(self) -> bool:
        """Whether the connection stands, for health checks."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def close(self, seconds: float = 5.0) -> None:
        """Disconnect; gives up waiting after `seconds`."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            await asyncio.gather(self._watchdog, return_exceptions=True)
            self._watchdog = None
        if self._handler is None:
            return
        client = self._handler.client
        try:
            async with asyncio.timeout(seconds):
                await self._handler.close_async()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - closing must end, whatever state the connection was in
            log.warning("the socket did not close cleanly: %s", type(error).__name__)
        if not client.aiohttp_client_session.closed:
            await client.aiohttp_client_session.close()
        self._handler = None

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        """The SDK reconnects by itself; this helps where it has got stuck."""
        missing = 0
        while True:
            await asyncio.sleep(self._watch_seconds)
            missing = 0 if await handler.client.is_connected() else missing + 1
            if missing < self._patience:
                continue
            missing = 0
            log.warning("no connection to Slack; opening a new one")
            try:
                async with asyncio.timeout(self._connect_seconds):
                    await handler.client.connect_to_new_endpoint(force=True)
            except Exception as error:  # noqa: BLE001 - tried again at the next look
                log.warning("could not connect to Slack: %s", typed(error, _CONNECT).code)
