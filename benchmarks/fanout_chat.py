"""The playground with limits of rate in a process of its own: python -m benchmarks.fanout_chat PEOPLE PER_SECOND.

Prints the address of its API and of a place that takes answers to commands; then, for each line on its standard input,
one of JSON with what it has counted.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

from benchmarks.chat import answers, workspace
from playground import Playground, RateLimits

URGENT = "CURGENT"
# Posts that the workspace takes at once before the rate holds: few, so that whoever is too fast is refused soon.
_BURST = 30


@dataclass
class Counting(RateLimits):
    """Limits that remember when a post was taken and when one was refused."""

    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    urgent: list[float] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def retry_after(self, method: str, tier: int, channel: str | None) -> int | None:
        """As the limits say."""
        wait = super().retry_after(method, tier, channel)
        if method != "chat.postMessage":
            return wait
        (self.taken if wait is None else self.refused).append(time.time())
        if wait is None and channel == URGENT:
            self.urgent.append(time.time())
        if wait is None and channel is not None and channel.startswith("D"):
            # A direct conversation.
            self.people.add(channel)
        return wait

    def counted(self, whole: bool) -> str:
        """One line: how many people have had a post, and on request the instants."""
        found = {"people": len(self.people), "taken": [], "refused": [], "urgent": []}
        if whole:
            found |= {"taken": self.taken, "refused": self.refused, "urgent": self.urgent}
        return json.dumps(found)


async def serve(people: int, per_second: float) -> None:
    """Serve until the standard input ends."""
    limits = Counting(posts_per_minute=_BURST, scale=per_second * 60 / _BURST)
    space = workspace(people, "urgent")
    async with Playground(space, rate_limits=limits) as playground, answers() as taker:
        print(playground.api_url, taker, flush=True)
        while asked := await asyncio.to_thread(sys.stdin.readline):
            print(limits.counted(whole=asked.strip() == "whole"), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
