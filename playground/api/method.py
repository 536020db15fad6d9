"""What an API method is: its handler, its scopes, its rate tier."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from playground.api.args import Args
from playground.errors import SlackError
from playground.model import App, Json
from playground.workspace import Workspace
from playground.world import World

TokenKind = Literal["bot", "app", "none"]


@dataclass(frozen=True)
class Call:
    """One call that has passed authentication."""

    world: World
    args: Args

    @property
    def space(self) -> Workspace:
        """The workspace."""
        return self.world.space

    @property
    def app(self) -> App:
        """The calling app."""
        return self.world.space.app

    def require_scope(self, *needed: str) -> None:
        """Refuse unless one of these scopes was granted.

        Raises:
            SlackError: `missing_scope` with `needed` and `provided`.
        """
        if needed and not set(needed) & set(self.app.scopes):
            provided = ",".join(self.app.scopes)
            raise SlackError("missing_scope", extra={"needed": ",".join(needed), "provided": provided})


Handler = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True)
class Method:
    """An API method.

    Attributes:
        scopes: one of these is needed; none means that any token will do.
        tier: rate tier 1 to 4; 0 for a special limit.
        token: which kind of token it takes.
    """

    run: Handler
    tier: int
    scopes: tuple[str, ...] = ()
    token: TokenKind = "bot"


Methods = Mapping[str, Method]


def page(call: Call, rows: list[Json], limit: int) -> tuple[list[Json], str]:
    """One page of `rows` from the cursor of the call, and the next cursor (empty at the end).

    Raises:
        SlackError: `invalid_cursor`.
    """
    cursor = call.args.text("cursor")
    start = 0
    if cursor:
        prefix, _, offset = cursor.partition(":")
        if prefix != "next" or not offset.isdigit():
            raise SlackError("invalid_cursor")
        start = int(offset)
    end = start + limit
    return rows[start:end], f"next:{end}" if end < len(rows) else ""
