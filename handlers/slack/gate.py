"""Who may knock: Slack's signature, its age, and whether the very same request has been here before.

Slack docs: verifying requests from Slack.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.signature import Clock, SignatureVerifier

from handlers.work import Seen

MAX_AGE: Final = 300


class Gate:
    """Remembers the signatures of the last five minutes.

    Args:
        now: real Unix seconds; a moved clock of a rehearsal does not count here.
    """

    def __init__(self, signing_secret: str, now: Callable[[], float] = time.time) -> None:
        if not signing_secret:
            raise ValueError("HTTP needs the signing secret")
        self._now = now
        self._verifier = SignatureVerifier(signing_secret, _Clock(now))
        self._used = Seen()

    def refuses(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Why the request is refused, or an empty text."""
        stamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return "no valid timestamp"
        # The SDK compares texts; a signature that is none would make it raise.
        if not signature.isascii() or abs(self._now() - int(stamp)) > MAX_AGE:
            return "too old, or no signature"
        try:
            valid = self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return "no text"
        if not valid:
            return "wrong signature"
        if body.startswith(b"{"):
            # An event, where anything else is a form. Slack itself repeats events, perhaps within the same second;
            # they are told apart by their event id.
            return ""
        return "" if self._used.first(signature) else "seen before"


class _Clock(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        """Unix seconds."""
        return self._now()
