"""A chat system in memory with the faults of a real one, and its sending side. The chat outlives every process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from reporting.ledger import MessageRef
from reporting.messages import Message, Paragraph, Plain
from reporting.messages_json import to_json
from reporting.ports import AppFault, DeliveryError, Profile, RetryLater, Uncertain

_T = TypeVar("_T")
Fault = Literal["", "busy", "lost_before", "lost_after", "hang_before", "hang_after"] | DeliveryError


@dataclass(slots=True)
class Posted:
    """One message as the chat has it."""

    channel: str
    number: int
    key: str
    part: Mapping[str, Any]
    thread: str | None
    history: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chat:
    """What was posted. Deleted messages are gone.

    Attributes:
        takes_new: whether newer blocks are taken.
    """

    messages: dict[str, Posted] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    count: int = 0
    takes_new: bool = True

    def add(self, channel: str, key: str, part: Mapping[str, Any], thread: str | None) -> MessageRef:
        self.look_at(part)
        self.count += 1
        # A person has a direct conversation with an id of its own.
        place = f"D{channel[1:]}" if channel.startswith("U") else channel
        self.messages[str(self.count)] = Posted(place, self.count, key, part, thread, [part["text"]])
        return MessageRef(place, str(self.count))

    def look_at(self, part: Mapping[str, Any]) -> None:
        if not self.takes_new and part["text"].startswith("new:"):
            raise AppFault("invalid_blocks")

    def texts(self, channel: str) -> list[str]:
        return [m.part["text"] for m in self.messages.values() if m.channel == channel]

    def keys(self) -> list[str]:
        return [m.key for m in self.messages.values()]


class FakeMessenger:
    """The sending side. Draws one post for each paragraph; a paragraph that starts with "new:" is a newer
    block, and one with a "|" becomes two posts when it is drawn plainly.

    Args:
        faults: asked before every call that sends; what it gives happens.
    """

    platform = "slack"
    looks_back = True

    def __init__(self, chat: Chat, faults: Callable[[str], Fault] = lambda _method: "") -> None:
        self.chat = chat
        self.faults = faults
        self.found = 0

    def render(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[dict[str, Any]]:
        return [{"text": text} for text in _texts(message)]

    def render_plain(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[dict[str, Any]]:
        return [{"text": piece} for text in _texts(message) for piece in text.removeprefix("new:").split("|")]

    async def post(
        self, target: str, part: Mapping[str, Any], key: str, thread: MessageRef | None = None
    ) -> MessageRef:
        return await self._call("post", lambda: self.chat.add(target, key, part, thread and thread.message_id))

    async def update(self, ref: MessageRef, part: Mapping[str, Any], key: str) -> None:
        def change() -> None:
            self.chat.look_at(part)
            posted = self.chat.messages[ref.message_id]
            posted.part = part
            posted.history.append(part["text"])

        await self._call("update", change)

    async def delete(self, ref: MessageRef) -> None:
        self.chat.messages.pop(ref.message_id, None)

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        self.found += 1
        await self._call("find", lambda: None)
        for number, posted in self.chat.messages.items():
            if posted.key == key and posted.thread == (thread and thread.message_id):
                return MessageRef(posted.channel, number)
        return None

    async def profile(self, user_id: str) -> Profile | None:
        return None

    async def lookup(self, email: str) -> Profile | None:
        return None

    async def _call(self, method: str, act: Callable[[], _T]) -> _T:
        self.chat.calls.append(method)
        await asyncio.sleep(0)
        match self.faults(method):
            case "":
                return act()
            case "busy":
                raise RetryLater("ratelimited", 0.01)
            case "lost_before":
                raise Uncertain("timeout")
            case "lost_after":
                act()
                raise Uncertain("timeout")
            case "hang_before":
                await asyncio.sleep(3600)
            case "hang_after":
                act()
                await asyncio.sleep(3600)
            case DeliveryError() as error:
                raise error
        raise AssertionError(method)


def _texts(message: Message) -> Iterator[str]:
    if not all(isinstance(block, Paragraph) for block in message.blocks):
        # Of a message that the product wrote: all its words in one post.
        yield " ".join(_words(to_json(message)["blocks"]))
        return
    for block in message.blocks:
        assert isinstance(block, Paragraph)
        yield "".join(span.text for span in block.spans if isinstance(span, Plain))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _words([inner for key, inner in value.items() if key != "kind"])
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)


def paragraphs(*texts: str) -> Message:
    """A message of plain paragraphs."""
    return Message(texts[0], tuple(Paragraph((Plain(text),)) for text in texts))


def in_turn(*faults: Fault) -> Callable[[str], Fault]:
    """These faults one after another, then none."""
    left = list(faults)
    return lambda _method: left.pop(0) if left else ""
