"""In whose language the adapter speaks."""

from contextlib import suppress

from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Locales, Words
from handlers.work import Seen, Work
from reporting.model import Identity
from reporting.ports import StoreBusy


class Voices:
    """Finds the words for a person and remembers their language, since a form must be open within three seconds.

    Args:
        locales: asked once for each person, until they are `met` again; without it everybody hears the default.
    """

    def __init__(self, work: Work, messenger: SlackMessenger, locales: Locales | None) -> None:
        self._work = work
        self._messenger = messenger
        self._locales = locales
        self._known = Seen()

    async def of(self, user_id: str) -> Words:
        """The words for somebody."""
        return self._messenger.wording(await self.locale(user_id))

    def at_hand(self, user_id: str) -> Words:
        """The words for somebody as far as is known without asking: when the store is slow, time is short."""
        return self._messenger.wording(self._known.get(user_id))

    async def locale(self, user_id: str) -> str | None:
        """Somebody's locale; None when it is not known."""
        if user_id not in self._known and self._locales is not None:
            me = await self._messenger.start()
            identity = Identity(self._messenger.platform, me.workspace, user_id)
            # The default language now is better than an answer that comes too late.
            with suppress(StoreBusy):
                self._known.first(user_id, await self._work.call(self._locales, identity))
        known: str | None = self._known.get(user_id)
        return known

    def forget(self, user_id: str) -> None:
        """What is known of them may have changed."""
        self._known.forget(user_id)
