"""In whose language the adapter speaks."""

from contextlib import suppress

from handlers.teams.sender import TeamsMessenger
from handlers.teams.words import Locales, Words
from handlers.work import Seen, Work
from reporting.model import Identity
from reporting.ports import StoreBusy


class Voices:
    """Finds the words for a person and remembers their language, since answers have little time.

    Args:
        locales: asked once for each person, until they are `met` again; without it everybody hears the default.
    """

    def __init__(self, work: Work, messenger: TeamsMessenger, locales: Locales | None) -> None:
        self._work = work
        self._messenger = messenger
        self._locales = locales
        self._known = Seen()

    async def of(self, who: Identity) -> Words:
        """The words for somebody."""
        return self._messenger.wording(await self.locale(who))

    def at_hand(self, who: Identity) -> Words:
        """The words for somebody as far as is known without asking: when the store is slow, time is short."""
        return self._messenger.wording(self._known.get(who.user_id))

    async def locale(self, who: Identity) -> str | None:
        """Somebody's locale; None when it is not known."""
        if who.user_id not in self._known and self._locales is not None:
            # The default language now is better than an answer that comes too late.
            with suppress(StoreBusy):
                self._known.first(who.user_id, await self._work.call(self._locales, who))
        known: str | None = self._known.get(who.user_id)
        return known

    def forget(self, who: Identity) -> None:
        """What is known of them may have changed."""
        self._known.forget(who.user_id)
