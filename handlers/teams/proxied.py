"""Transports for httpx that choose the proxy for each address."""

import httpx

from handlers.proxies import Proxies


class AsyncProxied(httpx.AsyncBaseTransport):
    """One pool for each proxy, and one for what is called directly."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._pools: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request its way."""
        proxy = self._proxies.of(str(request.url))
        if proxy not in self._pools:
            self._pools[proxy] = httpx.AsyncHTTPTransport(proxy=proxy)
        return await self._pools[proxy].handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            await pool.aclose()


class Proxied(httpx.BaseTransport):
    """The same for calls that block."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._pools: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request its way."""
        proxy = self._proxies.of(str(request.url))
        if proxy not in self._pools:
            self._pools[proxy] = httpx.HTTPTransport(proxy=proxy)
        return self._pools[proxy].handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()
