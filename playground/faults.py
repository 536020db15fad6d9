"""Faults that a test asks for."""

import random
from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["ratelimited", "drop_before", "drop_after", "error", "slow", "http500", "http500_after"]


@dataclass
class Fault:
    """One rule. `times` counts down; None means for ever.

    Attributes:
        method: an API method, `response_url`, or `*` for all.
        kind: `drop_before` closes the connection without doing the work, `drop_after` does the work first;
            `http500` and `http500_after` answer an HTML page in the same way; `error` answers `code`;
            `slow` waits `seconds` and goes on; `ratelimited` answers 429 with `seconds` as Retry-After.
        chance: the likelihood of each call to be hit.
    """

    method: str
    kind: FaultKind
    times: int | None = 1
    chance: float = 1.0
    code: str = "internal_error"
    seconds: float = 1.0
    channel: str | None = None
    hits: int = 0


@dataclass
class Faults:
    """The rules in force. The order of adding is the order of trying; one rule hits a call."""

    seed: int = 0
    rules: list[Fault] = field(default_factory=list)
    _dice: random.Random | None = None

    def add(
        self,
        method: str = "*",
        kind: FaultKind = "error",
        times: int | None = 1,
        chance: float = 1.0,
        code: str = "internal_error",
        seconds: float = 1.0,
        channel: str | None = None,
    ) -> Fault:
        """Add a rule and return it; its `hits` counts how often it struck."""
        fault = Fault(method, kind, times, chance, code, seconds, channel)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def strike(self, method: str, channel: str | None) -> Fault | None:
        """The rule that hits this call, if any; it is counted."""
        if self._dice is None:
            self._dice = random.Random(self.seed)
        for fault in self.rules:
            if fault.method not in ("*", method) or fault.channel not in (None, channel):
                continue
            if fault.times == 0 or self._dice.random() >= fault.chance:
                continue
            fault.hits += 1
            fault.times = None if fault.times is None else fault.times - 1
            return fault
        return None
