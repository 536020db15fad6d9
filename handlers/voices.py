"""In whose language an adapter speaks."""

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from handlers.work import Seen, Work
from reporting.model import Identity
from reporting.ports import StoreBusy

_W = TypeVar("_W")
# The locale of a chat account's person as the register knows it; called in a worker thread.
Locales = Callable[[Identity], str | None]


class Voices(Generic[_W]):
    """Finds the words for a person and remembers their language, since answers have little time.

    Args:
        wording: the adapter's words for a locale; None is the language of the installation.
        locales: asked once for each person, until they are forgotten; without it everybody hears the default.
    """

    def __init__(self, work: Work, wording: Callable[[str | None], _W], locales: Locales | None) -> None:
        self._work = work
        self._wording = wording
        self._locales = locales
        self._known = Seen()

    async def of(self, who: Identity) -> _W:
        """The words for somebody."""
        return self._wording(await self.locale(who))

    def at_hand(self, who: Identity) -> _W:
        """The words for somebody as far as is known without asking: when the store is slow, time is short."""
        return self._wording(self._known.get(who))

    async def locale(self, who: Identity) -> str | None:
        """Somebody's locale; None when it is not known."""
        if who not in self._known and self._locales is not None:
            # The default language now is better than an answer that comes too late.
            with suppress(StoreBusy):
                self._known.first(who, await self._work.call(self._locales, who))
        known: str | None = self._known.get(who)
        return known

    def forget(self, who: Identity) -> None:
        """What is known of them may have changed."""
        self._known.forget(who)
