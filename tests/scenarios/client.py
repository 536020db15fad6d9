"""People at their client, whichever chat system it belongs to: what they see, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press.

    Attributes:
        action, value: what it stands for, as the product named it.
        handle: the client's own; opaque to a test.
    """

    label: str
    action: str
    value: str
    handle: Any = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as somebody sees it.

    Attributes:
        text: all of its words, notification included.
        preview: what the notification says.
    """

    place: str
    id: str
    text: str
    preview: str
    buttons: tuple[Button, ...] = ()


class Refused(AssertionError):
    """The bot did not take what somebody did; the text says what the client shows."""


class Client(Protocol):
    """One person at one chat system's client.

    Fields of forms go by their label, options by theirs.
    """

    id: str

    def inbox(self) -> list[Seen]:
        """The direct conversation with the bot, oldest first."""
        ...

    def channel(self, name: str) -> list[Seen]:
        """What was posted in a channel (`LEAD`, `ALERTS`, `PMO`), threads left out."""
        ...

    def thread(self, seen: Seen) -> list[Seen]:
        """The replies to a message."""
        ...

    def answers(self) -> list[Seen]:
        """Every private answer to a line typed so far."""
        ...

    async def say(self, text: str) -> None:
        """Write to the bot in the direct conversation."""
        ...

    async def ask(self, line: str) -> None:
        """Type a command, without its name, where private answers come (`answers`)."""
        ...

    async def press(self, seen: Seen, label: str = "", action: str = "", value: str = "") -> None:
        """Press a button of a message: by its label, or by how its action begins and its value ends.

        Raises:
            Refused: there is no such button, or the bot did not take it.
        """
        ...

    async def open_by_line(self, line: str) -> None:
        """Open a form by typing."""
        ...

    async def owed(self) -> None:
        """Open what is owed from anywhere: a shortcut, or a command of the compose box."""
        ...

    def form(self) -> Seen | None:
        """The form in front: its words, buttons and the values in it; None when none is open."""
        ...

    def labels(self) -> set[str]:
        """The labels of the fields of the form in front."""
        ...

    async def fill(self, label: str, value: str) -> None:
        """Enter a value, and let the form ask for more where it does that."""
        ...

    async def send(self, **values: Any) -> bool:
        """Fill in and send the form in front; `_` in a name stands for a blank. Whether it was taken."""
        ...

    async def dismiss(self) -> None:
        """Close the form in front; what is typed is kept where the client tells the bot of it."""
        ...

    async def home(self) -> str:
        """Open one's home; all of its words."""
        ...
