"""When the bot was not running, found out afterwards: it notes now and then that it is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from reporting.ports import Clock, Store, UnitOfWork

_ALIVE, _OUTAGES = "bot.alive_at", "bot.outages"
# One small write in so many seconds.
_EVERY = timedelta(seconds=60)
# A restart, or a tick that took its time, is none.
_OUTAGE = timedelta(minutes=5)
_KEPT = 20


class Outages:
    """Notes signs of life in the store; of several processes one that lives is enough."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def note(self) -> None:
        """The bot is there. Where it was not for some minutes before, that is remembered."""
        now = self._clock.now()
        with self._store.read() as uow:
            last = _instant(uow.notes.get(_ALIVE))
        # A clock that was set back begins anew.
        if last is not None and timedelta(0) <= now - last < _EVERY:
            return
        with self._store.begin() as uow:
            last = _instant(uow.notes.get(_ALIVE))
            if last is not None and now - last > _OUTAGE:
                known = uow.notes.get(_OUTAGES) or []
                uow.notes.put(_OUTAGES, [*known, [last.isoformat(), now.isoformat()]][-_KEPT:])
            uow.notes.put(_ALIVE, now.isoformat())


def outages_between(uow: UnitOfWork, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the bot was not there, where that touches the time from `first` to `last`; oldest first."""
    for begun, ended in uow.notes.get(_OUTAGES) or []:
        outage = datetime.fromisoformat(begun), datetime.fromisoformat(ended)
        if outage[0] <= last and outage[1] >= first:
            yield outage


def _instant(noted: str | None) -> datetime | None:
    return None if noted is None else datetime.fromisoformat(noted)
