"""Lets an attempt at a delivery stand still where it matters most: before it is taken, and before its last check.

A process told to by a signal stops itself at the next such place (SIGUSR1), as a machine may stop it there; or only
that one attempt stands still (SIGUSR2), as behind a slow disk. Whoever stood still there must notice before it sends.
"""

from __future__ import annotations

import asyncio
import functools
import os
import random
import signal
import time
from typing import Any

from bot.engine import deliver
from bot.engine.records import Records

CLAIM, SLOT = "claim", "slot"
LONGER = 1.6
"""Standing still for so many times as long as a delivery is held: somebody else has it by then."""


class Snare:
    """Set by a signal, for the next attempt that comes to a place drawn by lot.

    Args:
        seconds: how long an attempt stands still while its process goes on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._armed: tuple[signal.Signals, str] | None = None

    def arm(self, number: int, _frame: object) -> None:
        """The handler of both signals."""
        self._armed = signal.Signals(number), random.choice((CLAIM, SLOT, SLOT))

    def caught(self, place: str) -> float:
        """Stand still here if this is the place; seconds for which this attempt alone must."""
        if self._armed is None or self._armed[1] != place:
            return 0.0
        number, self._armed = self._armed[0], None
        print(f"stands still before its {place}: {number.name}", flush=True)
        if number == signal.SIGUSR2:
            return self._seconds
        os.kill(os.getpid(), signal.SIGSTOP)
        return 0.0


def lay(hold: float) -> None:
    """Lay snares in this process and its children.

    Args:
        hold: seconds for which a delivery is held.
    """
    snare = Snare(LONGER * hold)
    take, slot = Records._take, deliver._Sending._slot

    @functools.wraps(take)
    def taken(self: Records, *args: Any) -> Any:
        time.sleep(snare.caught(CLAIM))
        return take(self, *args)

    @functools.wraps(slot)
    async def slotted(self: Any) -> None:
        await asyncio.sleep(snare.caught(SLOT))
        await slot(self)

    setattr(Records, "_take", taken)  # noqa: B010 - a part of the product is replaced, as in `parts`
    setattr(deliver._Sending, "_slot", slotted)  # noqa: B010
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, snare.arm)
