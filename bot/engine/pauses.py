"""A workspace that refuses everything for now is left alone by all processes, then tried by one message.

Slack docs (errors of chat.postMessage): `org_login_required`, `team_access_not_granted` and the like concern the
workspace, not the message, and pass only when somebody there has done something.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from reporting.ports import UnitOfWork

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
