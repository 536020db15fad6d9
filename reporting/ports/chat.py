"""The sending side of a chat system, and the templates that write for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from reporting.ledger import MessageRef
from reporting.messages import Message
from reporting.model import Identity


@dataclass(frozen=True, slots=True)
class Profile:
    """What a chat system knows of a person.

    Attributes:
        human: neither a program nor somebody of another organisation.
        guest: of this organisation's chat, but no member of it.
        login: what they sign in with, in the form of a mail address, where the organisation's directory tells it. Like
            `email` it may only come from there, never from what somebody can write about themselves.
    """

    identity: Identity
    name: str
    email: str | None
    tz: str | None
    locale: str | None
    active: bool
    human: bool = True
    guest: bool = False
    login: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a person, channel or team is reached, in a chat system that tells it only when they turn up.

    Attributes:
        workspace: the tenant.
        owner: the account of the person, or the id of the channel or team.
        kind: `personal`, `channel` or `team`.
        conversation: the id to post to.
        address: the service to ask; it may change, the newest counts.
        name: of the channel or team as last heard; empty when it was never told.
        team: the id of a channel's team.
        gone: why it cannot be reached any more; empty while it can.
        seen_at: when it was last heard of.
    """

    platform: str
    workspace: str
    owner: str
    kind: str
    conversation: str
    address: str
    name: str
    team: str
    gone: str
    seen_at: datetime


class Messenger(Protocol):
    """One chat system's sending side. All methods raise `DeliveryError`s and nothing else for its refusals.

    Attributes:
        looks_back: whether the chat system can be asked what was sent. Where it cannot, `find` knows only what this
            process has sent itself, and raises `Uncertain` for everything else: whether it is sent again is for people
            to say.
    """

    platform: str
    looks_back: bool

    def render(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[dict[str, Any]]:
        """The message as platform payloads, one for each post, each within every limit.

        Args:
            users: chat user id by person id, for mentions.
            locale: the reader's, for the few words of the platform's own; None is the installation's.
            threaded: further parts go into the thread of the first, which then says what is to be found there.
        """
        ...

    def render_plain(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[dict[str, Any]]:
        """The same with the oldest, safest blocks only, for after an `AppFault` about blocks."""
        ...

    async def post(
        self, target: str, part: Mapping[str, Any], key: str, thread: MessageRef | None = None
    ) -> MessageRef:
        """Send one part once, without any automatic repeat. `target` is a channel id, `#name` or user id."""
        ...

    async def update(self, ref: MessageRef, part: Mapping[str, Any], key: str) -> None:
        """Replace a sent part."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Remove a sent part that is no longer needed; a missing one is fine."""
        ...

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        """Look for a part that may have been sent, by its key."""
        ...

    async def profile(self, user_id: str) -> Profile | None:
        """What the platform knows of a person, or None if there is none."""
        ...

    async def lookup(self, email: str) -> Profile | None:
        """A person by mail address."""
        ...


@dataclass(frozen=True, slots=True)
class Composed:
    """What a digest or alert template made."""

    message: Message
    details: tuple[Message, ...]
    markdown: str


class DigestComposer(Protocol):
    """Templates: data in, Markdown and neutral messages out."""

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        """A digest with its thread."""
        ...

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        """An alert, in whichever state the view says (open, acknowledged, resolved)."""
        ...
