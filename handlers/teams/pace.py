"""Teams counts an app's calls in any second. So does this, at the last moment before a call.

Rate slots space deliveries evenly, but between its slot and its call a delivery may be held up, and answers to people
have no slot: a few calls that come close together would be refused, and each refusal costs all of them a second.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

# What is sent at an even pace arrives a little less evenly, a burst over new connections even less so.
_SECOND: Final = 1.03
_BURST: Final = 0.25


class Pace:
    """Lets so many calls go in any second of this process, in the order in which they come.

    Args:
        spacing: seconds between two calls on average, above 0; a quarter of it is between any two.
    """

    def __init__(
        self,
        spacing: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gone: deque[float] = deque(maxlen=math.ceil(1 / spacing))
        self._gap = spacing * _BURST
        self._turn = asyncio.Lock()
        self._monotonic = monotonic
        self._sleep = sleep

    async def turn(self) -> None:
        """Wait until one more may go."""
        async with self._turn:
            while (wait := self._free() - self._monotonic()) > 0:
                await self._sleep(wait)
            self._gone.append(self._monotonic())

    def _free(self) -> float:
        """When the next one may go."""
        if not self._gone:
            return 0.0
        after_burst = self._gone[-1] + self._gap
        return max(after_burst, self._gone[0] + _SECOND) if len(self._gone) == self._gone.maxlen else after_burst
