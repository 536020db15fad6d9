"""Rate limits (Slack docs: rate limits; one bucket for each method, for posts one for each channel)."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL_PER_MINUTE = 300


@dataclass
class _Bucket:
    capacity: float
    per_second: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Take one token, or say how many seconds to wait for it."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second


@dataclass
class RateLimits:
    """Token buckets on real time.

    Args:
        enabled: False switches all limits off.
        scale: a factor on every rate: 10 means ten times as many calls in the same time.
        post_burst: how many posts one channel takes at once before one a second holds.
        posts_per_minute: posts for the whole workspace.
        now: real seconds on a clock that never goes back.
    """

    enabled: bool = True
    scale: float = 1.0
    post_burst: int = 4
    posts_per_minute: int = SPECIAL_PER_MINUTE
    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def retry_after(self, method: str, tier: int, channel: str | None) -> int | None:
        """None when the call may go on, else the whole seconds for `Retry-After`.

        Args:
            tier: 1 to 4; 0 for methods with a limit of their own ("special").
            channel: the target of a post, None for other methods.
        """
        if not self.enabled:
            return None
        waits = [self._take(method, self._per_minute(method, tier), None)]
        if channel is not None:
            waits.append(self._take(f"{method}:{channel}", 60, self.post_burst))
        worst = max(waits)
        return max(1, math.ceil(worst)) if worst else None

    def _per_minute(self, method: str, tier: int) -> int:
        if method == "chat.postMessage":
            return self.posts_per_minute
        return PER_MINUTE.get(tier, SPECIAL_PER_MINUTE)

    def _take(self, key: str, per_minute: int, burst: int | None) -> float:
        rate = per_minute / 60 * self.scale
        capacity = float(burst or per_minute)
        bucket = self._buckets.setdefault(key, _Bucket(capacity, rate, capacity, self.now()))
        return bucket.wait(self.now())
