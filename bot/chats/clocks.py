"""How far the machine's clock is from a server's."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime


def apart(header: str, now: datetime) -> timedelta | None:
    """The distance between now and the header `Date` of an answer; None when it does not tell the time."""
    try:
        return abs(parsedate_to_datetime(header) - now)
    except (ValueError, TypeError):
        # A date in no form that HTTP knows, or without a zone.
        return None
