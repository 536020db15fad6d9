"""What the inbound side needs of the outbound side."""

from collections.abc import Mapping
from typing import Any, Protocol

from handlers.teams.words import Words
from reporting.ledger import MessageRef
from reporting.ports import Profile

Json = dict[str, Any]


class Voice(Protocol):
    """Speaks in Teams. Every call is sent once, and raises `DeliveryError`s for what Teams refuses."""

    def wording(self, locale: str | None) -> Words:
        """The words for a locale; None is the installation's."""
        ...

    async def say(self, conversation: str, address: str, activity: Mapping[str, Any], reply_to: str = "") -> MessageRef:
        """Post to a conversation at a service; a thread of a channel is a conversation of its own."""
        ...

    async def replace(self, ref: MessageRef, activity: Mapping[str, Any]) -> None:
        """Put another card in a message's place, for everybody."""
        ...

    async def profile(self, user_id: str) -> Profile | None:
        """What Teams knows of a person, by Entra object id."""
        ...
