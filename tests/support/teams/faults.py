"""Faults that a test asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["drop_before", "drop_after", "status", "status_after", "slow", "slow_after"]


@dataclass
class Fault:
    """One rule.

    Attributes:
        method: `send`, `update`, `delete`, `create`, `member`, `members`, `channels`, `token`, `upload`, `graph`,
            `openid`; `*` for all.
        kind: `drop_before` closes the connection without doing the work, `drop_after` does it first; `status` and
            `status_after` answer `status` in the same way; `slow` waits `seconds` before, `slow_after` after the work.
        times: counts down; None means for ever.
        conversation: strikes only there (a thread counts as its channel).
    """

    method: str
    kind: Kind
    times: int | None = 1
    status: int = 500
    code: str = "ServiceError"
    seconds: float = 1.0
    conversation: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    hits: int = 0


@dataclass
class Faults:
    """The rules in force, tried in the order of adding; one rule hits a call."""

    rules: list[Fault] = field(default_factory=list)

    def add(self, method: str = "*", kind: Kind = "status", **more: Any) -> Fault:
        """Add a rule and return it; its `hits` counts how often it struck."""
        fault = Fault(method, kind, **more)
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, method: str, conversation: str) -> Fault | None:
        """The rule that hits this call, if any; it is counted."""
        for fault in self.rules:
            there = fault.conversation in (None, conversation.partition(";")[0])
            if fault.method in ("*", method) and there and fault.times != 0:
                fault.hits += 1
                fault.times = None if fault.times is None else fault.times - 1
                return fault
        return None
