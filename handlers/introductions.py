"""People chosen in a form whom nobody knows yet: the chat system is asked about them before the rules are."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from handlers.ports import Desk
from handlers.telling import log
from handlers.work import DAY, Seen, Work
from reporting.interactions import Submission, UserRef
from reporting.model import Identity
from reporting.ports import DeliveryError, Profile

_IN_VAIN: Final = 60.0


class Introductions:
    """Introduces to the desk who was chosen from the chat system's whole directory.

    Args:
        profile: what the chat system knows of somebody by user id; raises `DeliveryError`.
        seconds: how long the asking may take; whoever is not known by then is refused by the form, as before.
    """

    def __init__(
        self, desk: Desk, work: Work, profile: Callable[[str], Awaitable[Profile | None]], seconds: float
    ) -> None:
        self._desk = desk
        self._work = work
        self._profile = profile
        self._seconds = seconds
        self._known = Seen(keep=DAY)
        self._in_vain = Seen(keep=_IN_VAIN)

    async def of(self, form: Submission, live: bool = False) -> None:
        """Make known everybody who is chosen in a form. That it fails for somebody is no reason to stop.

        Args:
            live: it comes with every key that is pressed: whom the chat system did not tell us about just now, it is
                not asked about again.

        Raises:
            StoreBusy: the desk cannot say whom it knows.
        """
        chosen = dict.fromkeys(value.identity for value in form.values.values() if isinstance(value, UserRef))
        try:
            async with asyncio.timeout(self._seconds):
                for who in chosen:
                    if not (live and who in self._in_vain):
                        await self._introduced(who)
        except TimeoutError:
            log.warning("looking up the people chosen in a form took too long")

    async def _introduced(self, who: Identity) -> None:
        if who in self._known:
            return
        if not await self._work.call(self._desk.knows, who):
            # Until something else is known, also when time runs out meanwhile.
            self._in_vain.first(who)
            profile = await self._asked(who)
            if profile is None or not await self._work.call(self._desk.meet, profile):
                return
        self._known.first(who)

    async def _asked(self, who: Identity) -> Profile | None:
        """Somebody at work here, as the chat system knows them; nobody else is made known."""
        try:
            found = await self._profile(who.user_id)
        except DeliveryError as error:
            log.warning("looking up a person chosen in a form failed: %s", error.code)
            return None
        ours = found is not None and found.identity == who and found.human and found.active
        return found if ours else None
