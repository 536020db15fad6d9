"""Sends one delivery so that it arrives once.

The steps: claim it with a compare-and-swap, for a time; for each part take a rate slot, refuse to send if the process
was frozen meanwhile, send with the part's key, store where it is. What the chat system refuses for certain is planned
again or given up; what may have been sent is looked for by its key before it is sent again.

One hole is known and cannot be closed from here: a process frozen between the check and the request may send after
another attempt has looked and found nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.engine.attempt import Attempt, Holds
from bot.engine.outcomes import Watch, unwatched
from bot.engine.outlets import Outlet
from bot.engine.pauses import PAUSE, Pauses
from bot.engine.records import Compose, Records
from bot.engine.slots import Frozen, steady
from bot.engine.turns import TOO_LATE
from reporting.ledger import Delivery, MessageRef
from reporting.ports import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    Later,
    RetryLater,
    StoreBusy,
    TargetGone,
    Uncertain,
)
from reporting.services.context import Services

_T = TypeVar("_T")
_HALTED = 300.0
_BUSY = 1.0
# Clocks of two machines differ a little; look that much further back.
_MARGIN = timedelta(minutes=10)


def planned_since(delivery: Delivery) -> datetime:
    """No part of a delivery was sent before this instant."""
    return max(delivery.created_at, delivery.due_at) - _MARGIN


def _unnoted() -> None:
    """Remember nothing."""


class Deliver:
    """The handler of the task "deliver".

    Attributes:
        stopped: platforms whose installation is dead, each with the chat system's code.

    Args:
        outlets: by platform; people without an account are looked for in this order.
        compose: writes a delivery's message from the present state, or None.
        holds: for how long nobody else may take what is being sent, or is in doubt.
        sent_since: how far back to look for a delivery's parts, on the chat system's clock.
        watch: told of every attempt's end, in a worker thread.
        ended: called in a worker thread when a chat system has ended the installation.
    """

    def __init__(
        self,
        services: Services,
        outlets: Mapping[str, Outlet],
        compose: Compose,
        *,
        holds: Holds,
        sent_since: Callable[[Delivery], datetime] = planned_since,
        jitter: Callable[[], float] = random.random,
        watch: Watch = unwatched,
        ended: Callable[[], None] = _unnoted,
    ) -> None:
        self._ended = ended
        self._holds = holds
        messengers = {platform: outlet.messenger for platform, outlet in outlets.items()}
        self._records = Records(services, messengers, compose, self._holds, steady, watch)
        self._pauses = Pauses(services)
        self._outlets = outlets
        self._sent_since = sent_since
        self._jitter = jitter
        self._log = structlog.get_logger("deliver")
        self.stopped: dict[str, str] = {}

    async def __call__(self, delivery_id: int) -> None:
        """Send it, or raise `Later`."""
        if len(self.stopped) == len(self._outlets):
            raise Later(_HALTED)
        try:
            await self._look_ahead(delivery_id)
            attempt = await asyncio.to_thread(self._records.claim, delivery_id)
            if attempt is not None:
                await self._send(attempt)
        except StoreBusy:
            # Whatever was sent and not stored is in doubt now; the next attempt looks for it.
            raise Later(_BUSY) from None
        except Later:
            raise
        except Exception as error:
            # A fault of ours: the engine tries it again, and nobody waits behind it.
            await asyncio.to_thread(self._records.stuck, delivery_id, f"{type(error).__name__}: {error}")
            raise

    async def give_up(self, reason: str, delivery_id: int) -> None:
        """It has failed too often for a reason of ours: never again, and the PMO is told.

        Raises:
            StoreBusy: nothing was changed.
        """
        self._log.error("delivery_given_up", delivery=delivery_id, reason=reason)
        await asyncio.to_thread(self._records.give_up, delivery_id, reason)

    async def _look_ahead(self, delivery_id: int) -> None:
        """Look for the account of somebody who has none; raises `Later` where the way is closed."""
        way = await asyncio.to_thread(self._records.way, delivery_id)
        if way is None:
            return
        if way.platform in self.stopped:
            raise Later(_HALTED)
        if way.stranger is not None:
            await self._introduce(way.stranger)

    async def _introduce(self, person_id: int) -> None:
        wait: Later | None = None
        for platform, outlet in self._outlets.items():
            try:
                if await self._found(platform, outlet, person_id):
                    return
            except Later as later:
                # Another chat system may know them.
                wait = later
        if wait is not None:
            raise wait

    async def _found(self, platform: str, outlet: Outlet, person_id: int) -> bool:
        if outlet.find_account is None:
            return False
        if platform in self.stopped:
            raise Later(_HALTED)
        closed = await asyncio.to_thread(self._pauses.left, platform)
        if closed:
            raise Later(closed)
        try:
            return await outlet.find_account(person_id)
        except RetryLater as wait:
            raise Later(wait.seconds + self._jitter()) from None
        except Uncertain:
            raise Later(self._holds.doubt) from None
        except InstallationPaused:
            await asyncio.to_thread(self._pauses.begin, platform)
            raise Later(PAUSE) from None
        except InstallationStopped as error:
            await self._halt(platform, error.code)
            raise Later(_HALTED) from None

    async def _send(self, attempt: Attempt) -> None:
        sending = _Sending(attempt, self._records, self._outlets[attempt.delivery.platform], self._sent_since)
        try:
            await self._in_full(sending)
        except Frozen:
            await asyncio.to_thread(self._records.again, sending.attempt, "the process stood still before sending")
            raise Later(0) from None
        except _NotTaken as refusal:
            await self._refused(sending.attempt, refusal.fault)
        except _Unknowable as doubt:
            self._log.error("nobody_can_tell", key=sending.attempt.delivery.key, reason=str(doubt))
            await asyncio.to_thread(self._records.unknown, sending.attempt, str(doubt))
        except DeliveryError as error:
            await self._refused(sending.attempt, error)

    async def _in_full(self, sending: _Sending) -> None:
        try:
            await sending.run()
        except _NotTaken as refusal:
            if not self._outlets[sending.attempt.delivery.platform].about_blocks(refusal.fault):
                raise
            # Perhaps a newer block is not known here: once more with the oldest ones.
            self._log.warning("sent_plainer", key=sending.attempt.delivery.key, code=refusal.fault.code)
            sending.attempt = await asyncio.to_thread(self._records.plainer, sending.attempt)
            await sending.run()

    async def _refused(self, attempt: Attempt, error: DeliveryError) -> None:
        """Settle an attempt by the class of its error; raises `Later` where it is to be tried again."""
        key, platform, reason = attempt.delivery.key, attempt.delivery.platform, str(error)
        if not isinstance(error, InstallationPaused):
            await asyncio.to_thread(self._pauses.end, attempt)
        match error:
            case RetryLater() | Uncertain() if await asyncio.to_thread(self._records.worn_out, attempt):
                await asyncio.to_thread(self._records.fail, attempt, reason, False)
            case RetryLater(seconds=seconds):
                await asyncio.to_thread(self._hold, attempt, reason)
                # In doubt it was the look-up that was refused, and that limit is another one than that of posts.
                if error.all_wait and not attempt.doubtful:
                    await self._outlets[platform].slots.hold(attempt.target, seconds)
                raise Later(seconds + self._jitter())
            case Uncertain():
                await asyncio.to_thread(self._records.doubt, attempt, reason)
                raise Later(self._holds.doubt)
            case InstallationPaused():
                self._log.error("workspace_refuses", key=key, platform=platform, code=error.code)
                await asyncio.to_thread(self._hold, attempt, reason)
                await asyncio.to_thread(self._pauses.begin, platform)
                raise Later(PAUSE)
            case InstallationStopped():
                await asyncio.to_thread(self._hold, attempt, reason)
                await self._halt(platform, error.code)
                raise Later(_HALTED)
            case _:
                unreachable = isinstance(error, TargetGone)
                await asyncio.to_thread(self._records.fail, attempt, reason, unreachable)

    def _hold(self, attempt: Attempt, reason: str) -> None:
        # A look-up that was refused says nothing about the message looked for: the doubt stays.
        (self._records.doubt if attempt.doubtful else self._records.again)(attempt, reason)

    async def _halt(self, platform: str, code: str) -> None:
        self.stop(platform, code)
        await asyncio.to_thread(self._ended)

    def stop(self, platform: str, code: str) -> None:
        """Send nothing more by this chat system: the installation is dead. The others go on.

        Nothing is given up: with a new token and a restart everything planned is sent, or skipped as too late.
        """
        if platform not in self.stopped:
            self.stopped[platform] = code
            self._log.critical(
                "installation_stopped", platform=platform, code=code, do=self._outlets[platform].remedy(code)
            )


class _NotTaken(Exception):
    """What was to be posted or changed was refused. A look-up that is refused says nothing about what was drawn."""

    def __init__(self, fault: AppFault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Unknowable(Exception):
    """It may have been sent, and the chat system cannot be asked; the text is why."""


async def _taken(call: Awaitable[_T]) -> _T:
    try:
        return await call
    except AppFault as fault:
        raise _NotTaken(fault) from fault


class _Sending:
    """The parts of one attempt, one after another; `attempt` grows as they are placed."""

    def __init__(
        self,
        attempt: Attempt,
        records: Records,
        outlet: Outlet,
        sent_since: Callable[[Delivery], datetime],
    ) -> None:
        self.attempt = attempt
        self._records = records
        self._messenger = outlet.messenger
        self._slots = outlet.slots
        self._sent_since = sent_since
        self._log = structlog.get_logger("deliver")

    async def run(self) -> None:
        """Place every part that is missing, remove what is left over, record the end."""
        while len(self.attempt.delivery.refs) < len(self.attempt.parts):
            ref = await self._place(len(self.attempt.delivery.refs))
            if ref is None:
                await asyncio.to_thread(self._records.skip, self.attempt, f"not sent, and {TOO_LATE} by now")
                return
            last = len(self.attempt.delivery.refs) + 1 == len(self.attempt.parts)
            if last and len(self.attempt.over) <= len(self.attempt.parts):
                # Written down together with the end: one write less for nearly every message.
                self.attempt = self.attempt.with_part(ref)
            else:
                self.attempt = await asyncio.to_thread(self._records.placed, self.attempt, ref)
        for surplus in self.attempt.over[len(self.attempt.parts) :]:
            await self._remove(surplus)
        await asyncio.to_thread(self._records.sent, self.attempt)

    async def _slot(self) -> None:
        """Wait for a turn, and make sure that this is still ours to send.

        Raises:
            StoreBusy: nobody could be asked for so long that somebody else may have it by now.
        """
        await self._patiently(lambda: self._slots.take(self.attempt.target))
        if not self._records.kept(self.attempt):
            self.attempt = await asyncio.to_thread(self._records.still, self.attempt)

    async def _patiently(self, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await ask()
            except StoreBusy:
                if not self._records.kept(self.attempt):
                    raise
                await asyncio.sleep(_BUSY)

    async def _remove(self, surplus: MessageRef) -> None:
        try:
            await self._slot()
            await self._messenger.delete(surplus)
        except AppFault as fault:
            # The new text stands; an old part that may not be removed is no reason to call it failed.
            self._log.warning("part_not_removed", key=self.attempt.delivery.key, code=fault.code)

    async def _place(self, index: int) -> MessageRef | None:
        attempt, part = self.attempt, self.attempt.parts[index]
        if index < len(attempt.over):
            await self._slot()
            await _taken(self._messenger.update(attempt.over[index], part, f"{attempt.over_key}#{index}"))
            return attempt.over[index]
        key, thread = f"{attempt.delivery.key}#{index}", attempt.thread_for(index)
        if attempt.doubtful:
            found = await self._found(key, thread)
            if found is not None:
                return found
            if self._records.expired(attempt) and not attempt.delivery.refs:
                return None
            # Looked for and not there: from here on a refusal means that it is not sent.
            self.attempt = attempt = replace(attempt, doubtful=False)
        await self._slot()
        return await _taken(self._messenger.post(attempt.target, part, key, thread))

    async def _found(self, key: str, thread: MessageRef | None) -> MessageRef | None:
        """Look for a part that may be there.

        Raises:
            _Unknowable: only people can.
        """
        attempt = self.attempt
        try:
            return await self._messenger.find(attempt.target, key, self._sent_since(attempt.delivery), thread)
        except Uncertain as doubt:
            if self._messenger.looks_back:
                raise
            # What the first try ended with says more than that nobody can look.
            raise _Unknowable(attempt.delivery.error or str(doubt)) from doubt
