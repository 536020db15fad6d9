"""Rate slots: when the next message may go out, in the workspace and in one channel.

A slot is an instant before which its message does not leave; the chat system counts what arrives. Arrivals are never
ahead of their slots, so what is late by a moment comes close to the next one but never makes more in all than there are
slots. Whoever wakes when half of its slot is over takes another one: after a pause of the process those who waited must
not go all at once, or a chat system that counts any second would refuse them. What must not wait, an answer to a
person, takes the next slot after the fact: the deliveries give way to it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

# A process that wakes so much later than it should was frozen; what it knew may be out of date.
FROZEN_AFTER = 1.0
_KEEP = 1000
# Slots are kept so much wider than what the chat system allows. Exactly at its limit two clocks that differ by a hair,
# or a few answers to people, would end in a refusal, and that costs a second at least.
ROOM = 1.02
# After a shorter wait nothing is asked again; after a longer one so many seconds before its end.
_NOTICEABLE, _AHEAD = 0.2, 0.05


def steady() -> float:
    """Seconds that also count while the machine sleeps, where the system offers them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


class Frozen(Exception):
    """The process stood still while it waited for a slot: read the state anew before sending."""


def _missed(late: float, spacing: float) -> bool:
    """Whether somebody woke so many seconds after a slot that it is lost.

    Raises:
        Frozen: the process stood still.
    """
    if late > FROZEN_AFTER:
        raise Frozen
    return late > spacing / 2


class Slots(Protocol):
    """When the next message may go out."""

    async def take(self, channel: str) -> None:
        """Wait for a slot in this channel.

        Raises:
            Frozen: the process stood still while it waited.
        """
        ...

    async def used(self, channel: str) -> None:
        """Something goes out to this channel that cannot wait: the next slot is taken, those who wait give way."""
        ...

    async def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds, as the chat system asked.

        Slack docs (rate limits): a refusal blocks that method for the whole workspace.
        """
        ...


class SlotTable(Protocol):
    """Slots that several processes share. Each call is a short transaction."""

    def reserve(self, channel: str, workspace_spacing: float, channel_spacing: float) -> float:
        """Take the workspace's next slot, and the channel's no earlier than that; seconds to wait for it."""
        ...

    def held(self) -> float:
        """For how many seconds all were told to be quiet; 0 or less for none."""
        ...

    def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds."""
        ...


class SharedSlots:
    """The slots of all processes on one database."""

    def __init__(
        self,
        table: SlotTable,
        channel_spacing: float = 1.0,
        workspace_spacing: float = 0.2,
        *,
        monotonic: Callable[[], float] = steady,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._table = table
        self._channel_spacing = channel_spacing
        self._workspace_spacing = workspace_spacing
        self._monotonic = monotonic
        self._sleep = sleep

    async def take(self, channel: str) -> None:
        """Wait for a slot in this channel.

        Raises:
            Frozen: the process stood still while it waited.
        """
        again = False
        while (wait := await self._reserve(channel)) > 0:
            slot = self._monotonic() + wait
            # Where somebody was told meanwhile to be quiet this slot is lost, or all those who wait would go at once
            # when the silence ends.
            quiet = wait > _NOTICEABLE and await self._quiet_at(slot)
            await self._sleep(max(slot - self._monotonic(), 0.0))
            missed = _missed(self._monotonic() - slot, self._workspace_spacing)
            # On a machine that is always late a second slot is as good as a third.
            if not quiet and (again or not missed):
                return
            again = True

    async def _quiet_at(self, slot: float) -> bool:
        """Whether all are to be quiet then; asked a little before, so that asking makes nobody late."""
        await self._sleep(slot - self._monotonic() - _AHEAD)
        held = await asyncio.to_thread(self._table.held)
        return held > slot - self._monotonic()

    async def used(self, channel: str) -> None:
        """Something goes out to this channel that cannot wait: the next slot is taken, those who wait give way."""
        await self._reserve(channel)

    async def _reserve(self, channel: str) -> float:
        return await asyncio.to_thread(self._table.reserve, channel, self._workspace_spacing, self._channel_spacing)

    async def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds, as the chat system asked."""
        await asyncio.to_thread(self._table.hold, channel, seconds)


class RateSlots:
    """The slots of one process. Reserves the workspace's next slot first, then the channel's no earlier than that.

    Slack docs (rate limits): about one message a second in a channel, some hundreds a minute in a workspace.
    Reserved one without the other, the two drift apart and the channel's limit is hit.
    """

    def __init__(
        self,
        channel_spacing: float = 1.0,
        workspace_spacing: float = 0.2,
        *,
        monotonic: Callable[[], float] = steady,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._channel_spacing = channel_spacing
        self._workspace_spacing = workspace_spacing
        self._monotonic = monotonic
        self._sleep = sleep
        self._workspace_free = 0.0
        self._quiet_until = 0.0
        self._channel_free: dict[str, float] = {}

    async def take(self, channel: str) -> None:
        """Wait for a slot in this channel.

        Raises:
            Frozen: the process stood still while it waited.
        """
        again = False
        while (wait := (slot := self._reserve(channel)) - self._monotonic()) > 0:
            await self._sleep(wait)
            missed = _missed(self._monotonic() - slot, self._workspace_spacing)
            # Where somebody was told meanwhile to be quiet this slot is lost, or all those who wait would go at once
            # when the silence ends. On a machine that is always late a second slot is as good as a third.
            if self._quiet_until <= slot and (again or not missed):
                return
            again = True

    async def used(self, channel: str) -> None:
        """Something goes out to this channel that cannot wait: the next slot is taken, those who wait give way."""
        self._reserve(channel)

    async def hold(self, channel: str, seconds: float) -> None:
        """Keep a channel, and the whole workspace, quiet for some seconds, as the chat system asked."""
        until = self._monotonic() + seconds
        self._workspace_free = max(self._workspace_free, until)
        self._quiet_until = max(self._quiet_until, until)
        self._channel_free[channel] = max(self._channel_free.get(channel, 0.0), until)

    def _reserve(self, channel: str) -> float:
        now = self._monotonic()
        start = max(now, self._workspace_free)
        slot = max(start, self._channel_free.get(channel, 0.0))
        # The workspace's own slot is used up at `start`: a wait for one channel must not hold up the others.
        self._workspace_free = start + self._workspace_spacing
        self._channel_free[channel] = slot + self._channel_spacing
        if len(self._channel_free) > _KEEP:
            self._channel_free = {name: free for name, free in self._channel_free.items() if free > now}
        return slot
