"""Who is let in: people of our own tenant, and guests who stand in the register."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import Enum

from handlers.ports import Desk
from handlers.teams.inbound import Origin
from handlers.teams.installation import Presence
from handlers.teams.people import profile_of
from handlers.teams.sender import TeamsMessenger
from handlers.teams.words import Words
from handlers.telling import log
from handlers.voices import Voices
from handlers.work import DAY, Seen, Work
from reporting.model import Identity
from reporting.ports import DeliveryError, Profile, TargetGone


class Welcome(Enum):
    """How somebody is received."""

    YES = "yes"
    STRANGER = "stranger"
    OTHER_TENANT = "other tenant"


class Door:
    """Asks Teams and the desk once a day for each person, and remembers whom it let in.

    Args:
        lenient: take every tenant for our own; for a playground, which has one of its own.
    """

    def __init__(
        self,
        desk: Desk,
        messenger: TeamsMessenger,
        work: Work,
        voices: Voices[Words],
        presence: Presence,
        lenient: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._messenger = messenger
        self._work = work
        self._voices = voices
        self._presence = presence
        self._lenient = lenient
        self._inside = Seen(keep=DAY, monotonic=monotonic)
        self._vouched = Seen(keep=DAY, monotonic=monotonic)

    def ours(self, tenant: str, own: str) -> bool:
        """Whether something was done in our tenant."""
        return tenant == own or self._lenient

    async def receives(self, origin: Origin, in_haste: bool = False) -> Welcome:
        """Whether the person may do anything here; somebody new is introduced to the desk.

        Args:
            in_haste: whom the desk knows is let in without asking Teams how they are now.

        Raises:
            DeliveryError: Teams cannot be asked about somebody whom nobody knows.
        """
        if not self.ours(origin.tenant, origin.actor.workspace):
            return Welcome.OTHER_TENANT
        if not origin.actor.user_id:
            return Welcome.STRANGER
        if self._same_as_before(origin) or (in_haste and await self._vouched_for(origin.actor)):
            return Welcome.YES
        return Welcome.YES if await self._introduced(origin) else Welcome.STRANGER

    def _same_as_before(self, origin: Origin) -> bool:
        who = origin.actor.user_id
        if who not in self._inside:
            return False
        tz, locale = self._inside.get(who)
        # Not every activity says where its client is.
        return origin.tz in {None, tz} and origin.locale in {None, locale}

    async def _vouched_for(self, actor: Identity) -> bool:
        """Whether the desk knows them; asked once a day, as `meet` is."""
        if actor not in self._vouched and await self._known(actor):
            self._vouched.first(actor)
        return actor in self._vouched

    async def _introduced(self, origin: Origin) -> bool:
        actor = origin.actor
        # Where they are is where Teams can be asked about them.
        await self._presence.seen(origin)
        try:
            profile = await self._profile(origin)
        except DeliveryError as error:
            if not await self._known(actor):
                raise
            log.warning("looking up a person failed: %s", error.code)
            return True
        if profile is None:
            return await self._known(actor)
        told = _told(profile, origin)
        welcome = told.human and await self._work.call(self._desk.meet, told)
        if welcome:
            self._voices.forget(actor)
            before = self._inside.get(actor.user_id, (None, None))
            self._inside.first(actor.user_id, (origin.tz or before[0], origin.locale or before[1]))
        return welcome

    async def _profile(self, origin: Origin) -> Profile | None:
        """What the roster of the place says of whoever spoke there; else whatever roster or directory knows them."""
        if origin.member and origin.scope != "elsewhere":
            with suppress(TargetGone):
                ask = self._messenger.connector.member(origin.address, origin.channel, origin.member)
                found = profile_of(await ask, origin.actor.workspace)
                if found is not None and found.identity == origin.actor:
                    return found
        return await self._messenger.profile(origin.actor.user_id)

    async def _known(self, actor: Identity) -> bool:
        return await self._work.call(self._desk.knows, actor)


def _told(profile: Profile, origin: Origin) -> Profile:
    """With what only activities say."""
    return replace(profile, tz=origin.tz or profile.tz, locale=origin.locale or profile.locale)
