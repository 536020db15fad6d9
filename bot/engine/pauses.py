"""A workspace that refuses everything for now is left alone by all processes, then tried by one message.

Slack docs (errors of chat.postMessage): `org_login_required`, `team_access_not_granted` and the like concern the
workspace, not the message, and pass only when somebody there has done something.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.engine.attempt import Attempt
from reporting.ports import UnitOfWork
from reporting.services.context import Services

PAUSE = 3600.0
"""Seconds for which nothing is tried."""
_NOTE = "engine.paused."


def pause(uow: UnitOfWork, platform: str, now: datetime, seconds: float = PAUSE) -> None:
    """Try nothing by this chat system for some seconds."""
    uow.notes.put(_NOTE + platform, (now + timedelta(seconds=seconds)).isoformat())


def paused(uow: UnitOfWork, platform: str, now: datetime) -> float | None:
    """For how many seconds more nothing is tried; 0 when one message may try, None when nothing is paused."""
    until = uow.notes.get(_NOTE + platform)
    if until is None:
        return None
    left = (datetime.fromisoformat(until) - now).total_seconds()
    # More was noted before the clock was set back.
    return left if 0 < left <= PAUSE else 0.0


def resume(uow: UnitOfWork, platform: str) -> None:
    """It answers again."""
    uow.notes.put(_NOTE + platform, None)


class Pauses:
    """The same, each in a transaction of its own."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def begin(self, platform: str) -> None:
        """Nobody tries anything there for a while."""
        with self._services.store.begin() as uow:
            pause(uow, platform, self._services.clock.now())

    def left(self, platform: str) -> float:
        """For how many seconds more nothing is tried there; 0 when it may be."""
        with self._services.store.read() as uow:
            return paused(uow, platform, self._services.clock.now()) or 0.0

    def end(self, attempt: Attempt) -> None:
        """The one that tried has got an answer, whatever it says."""
        if attempt.probe:
            with self._services.store.begin() as uow:
                resume(uow, attempt.delivery.platform)
