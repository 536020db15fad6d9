"""Who is let in: people of our own organisation, and guests who stand in the register."""

import logging
import time
from collections.abc import Callable

from handlers.ports import Desk
from handlers.slack.api import LOG
from handlers.slack.inbound import Origin
from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Words
from handlers.voices import Voices
from handlers.work import DAY, Seen, Work
from reporting.model import Identity
from reporting.ports import DeliveryError

log = logging.getLogger(LOG)


class Door:
    """Asks Slack and the desk once a day for each person, and remembers whom it let in."""

    def __init__(
        self,
        desk: Desk,
        messenger: SlackMessenger,
        work: Work,
        voices: Voices[Words],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._messenger = messenger
        self._work = work
        self._voices = voices
        self._inside = Seen(keep=DAY, monotonic=monotonic)

    async def admits(self, origin: Origin, in_haste: bool = False) -> bool:
        """Whether the person may do anything here; somebody new is introduced to the desk.

        Args:
            in_haste: whom the desk knows is let in without asking Slack how they are now.

        Raises:
            DeliveryError: Slack cannot be asked about somebody whom nobody knows.
        """
        me = await self._messenger.start()
        if origin.team and me.enterprise is None and origin.team != me.workspace:
            return False
        if origin.actor.user_id in self._inside:
            return True
        if in_haste and await self._known(origin.actor):
            return True
        return await self._introduced(origin.actor)

    def forget(self, user_id: str) -> None:
        """Their account has changed: look again."""
        self._inside.forget(user_id)

    async def _introduced(self, actor: Identity) -> bool:
        try:
            profile = await self._messenger.profile(actor.user_id)
        except DeliveryError as error:
            if not await self._known(actor):
                raise
            log.warning("looking up a person failed: %s", error.code)
            return True
        if profile is None:
            return await self._known(actor)
        welcome = profile.human and await self._work.call(self._desk.meet, profile)
        if welcome:
            self._voices.forget(actor)
            self._inside.first(actor.user_id)
        return welcome

    async def _known(self, actor: Identity) -> bool:
        return await self._work.call(self._desk.knows, actor)
