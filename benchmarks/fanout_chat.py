"""The playground with limits of rate in a process of its own: python -m benchmarks.fanout_chat PEOPLE PER_SECOND.

Prints its address; then, for each line on its standard input, one of JSON with what it has counted.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

from benchmarks.chat import workspace
from playground import Playground, RateLimits

ALERTS = "CALERTS"
# Posts that the workspace takes at once before the rate holds: few, so that whoever is too fast is refused soon.
_BURST = 30


@dataclass
class Counting(RateLimits):
    """Limits that remember when a post was taken and when one was refused."""

    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    alerts: list[float] = field(default_factory=list)

    def retry_after(self, method: str, tier: int, channel: str | None) -> int | None:
        """As the limits say."""
        wait = super().retry_after(method, tier, channel)
        if method == "chat.postMessage":
            (self.taken if wait is None else self.refused).append(time.time())
            if channel == ALERTS and wait is None:
                self.alerts.append(time.time())
        return wait


async def serve(people: int, per_second: float) -> None:
    """Serve until the standard input ends."""
    limits = Counting(posts_per_minute=_BURST, scale=per_second * 60 / _BURST)
    async with Playground(workspace(people), rate_limits=limits) as playground:
        print(playground.api_url, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            counted = {"taken": limits.taken, "refused": limits.refused, "alerts": limits.alerts}
            print(json.dumps(counted), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
