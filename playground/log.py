"""What passed between the app and the workspace, for tests to look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playground.model import Json


@dataclass(frozen=True)
class ApiCall:
    """One Web API call, or a post to a response_url (method `response_url`).

    Attributes:
        args: the arguments without the token.
        error: Slack's code, or None when the call worked. `http:500` and `dropped` stand for injected faults.
        answer: the JSON that was answered.
        at: simulated Unix seconds.
    """

    method: str
    args: Json
    error: str | None
    answer: Json
    at: float

    @property
    def ok(self) -> bool:
        """Whether the call worked."""
        return self.error is None


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand something to the app.

    Attributes:
        kind: `slash_commands`, `interactive` or `events_api`.
        name: the command, the payload type or the event type.
        took: real seconds until the acknowledgement or the failure.
        ack: what the app answered, None for an empty body.
        error: None when acknowledged in time, else a reason such as `http_timeout`.
    """

    kind: str
    name: str
    payload: Json
    took: float
    ack: Any
    error: str | None
    attempt: int = 0

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time."""
        return self.error is None


@dataclass
class Log:
    """Everything in order; iterate over it, or take one kind."""

    entries: list[ApiCall | Delivery] = field(default_factory=list)

    def __iter__(self) -> Iterator[ApiCall | Delivery]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def calls(self, method: str | None = None) -> list[ApiCall]:
        """API calls, all or of one method."""
        return [e for e in self.entries if isinstance(e, ApiCall) and method in (None, e.method)]

    def deliveries(self, name: str | None = None) -> list[Delivery]:
        """Deliveries to the app, all or of one command, payload type or event type."""
        return [e for e in self.entries if isinstance(e, Delivery) and name in (None, e.name, e.kind)]

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()


@dataclass(frozen=True)
class Refusal:
    """Something invalid that the app sent.

    Attributes:
        where: the API method, `response_url`, or `ack` for an invalid acknowledgement.
        error: Slack's code.
        messages: the faults with their JSON pointers.
        sent: what was sent.
    """

    where: str
    error: str
    messages: tuple[str, ...]
    sent: Any
