"""A local stand-in for Slack in a process of its own: python -m benchmarks.chat PEOPLE.

Prints the address of its API and of a place that takes answers to commands, then serves until it is told to stop.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from benchmarks.plan import OPENING
from benchmarks.world import TEAM, lead
from playground import Channel, Playground, RateLimits, SimClock, User, Workspace


def workspace(people: int, *more: str) -> Workspace:
    """The channels of the shipped policy and some `more`, and so many leads."""
    users = [
        User(lead(n).user_id, f"lead{n}", f"Lead Number{n}", tz="Europe/London", locale="en-GB",
             email=f"lead{n}@example.org") for n in range(people)
    ]  # fmt: skip
    channels = [Channel(f"C{name.upper()}", name) for name in ("leadership", "alerts", "pmo", *more)]
    return Workspace.create(users=users, channels=channels, clock=SimClock(OPENING), team_id=TEAM)


@asynccontextmanager
async def answers() -> AsyncIterator[str]:
    """The address of a place that takes answers to commands, as a response_url does."""
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/answers", _taken)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/answers"
    finally:
        await runner.cleanup()


async def _taken(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def serve(people: int) -> None:
    """Serve until cancelled."""
    async with Playground(workspace(people), rate_limits=RateLimits(enabled=False)) as playground, answers() as taker:
        print(playground.api_url, taker, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
