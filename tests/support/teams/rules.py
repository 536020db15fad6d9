"""What Teams refuses: sizes, cards, and too many calls."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from tests.handlers.teams.kit import elements, faults

Json = dict[str, Any]
CARD: Final = "application/vnd.microsoft.card.adaptive"
CONSENT: Final = "application/vnd.microsoft.teams.card.file.consent"
FILE: Final = "application/vnd.microsoft.teams.card.file.info"
# Teams docs: format your bot messages; counted as UTF-16.
MOST_BYTES: Final = 100_000
# Teams docs: rate limits of bots; (calls, seconds) of one bot in one conversation.
SENDS: Final = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
READS: Final = ((14, 1.0), (16, 2.0), (120, 30.0), (3600, 3600.0))
# All of an app in one tenant.
APP: Final = ((50, 1.0),)


class Rates:
    """Sliding windows; what is refused does not count."""

    def __init__(self, enabled: bool = True, now: Callable[[], float] = time.monotonic) -> None:
        self.enabled = enabled
        self.now = now
        self.app = APP
        self._taken: dict[tuple[str, str], deque[float]] = {}

    def wait(self, method: str, conversation: str) -> int:
        """0 when the call may go on, else whole seconds for `Retry-After`."""
        if not self.enabled:
            return 0
        now = self.now()
        windows = SENDS if method in {"send", "update", "delete", "create"} else READS
        lanes = [(("app", ""), self.app), ((method, conversation.partition(";")[0]), windows)]
        worst = max(self._over(lane, limits, now) for lane, limits in lanes)
        if worst <= 0:
            for lane, _ in lanes:
                self._taken.setdefault(lane, deque(maxlen=4000)).append(now)
        return math.ceil(worst) if worst > 0 else 0

    def _over(self, lane: tuple[str, str], limits: tuple[tuple[int, float], ...], now: float) -> float:
        taken = self._taken.get(lane, deque())
        waits = [taken[-most] + seconds - now for most, seconds in limits if len(taken) >= most]
        return max(waits, default=0.0)


def size(value: Any) -> int:
    """As Teams counts it."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))


def too_big(activity: Json) -> bool:
    """Whether it is over the documented limit."""
    return size(activity) > MOST_BYTES


def activity_faults(activity: Any, personal: bool) -> list[str]:
    """What is wrong with an activity that is to be posted."""
    if not isinstance(activity, dict) or activity.get("type") not in {"message", "typing"}:
        return ["no activity of a known type"]
    if activity["type"] == "typing":
        return []
    attachments = activity.get("attachments") or []
    if not attachments and not activity.get("text"):
        return ["neither text nor attachment"]
    return [fault for one in attachments for fault in _attachment_faults(one, personal)]


def _attachment_faults(attachment: Json, personal: bool) -> list[str]:
    content = attachment.get("content")
    match attachment.get("contentType"):
        case "application/vnd.microsoft.card.adaptive":
            return _card_faults(content) if isinstance(content, dict) else ["a card without content"]
        case "application/vnd.microsoft.teams.card.file.consent":
            complete = isinstance(content, dict) and attachment.get("name") and "sizeInBytes" in content
            return [] if personal and complete else ["files are offered in personal chats, with name and size"]
        case "application/vnd.microsoft.teams.card.file.info":
            complete = isinstance(content, dict) and attachment.get("contentUrl") and attachment.get("name")
            known = content.keys() if isinstance(content, dict) else set()
            return [] if complete and known >= {"uniqueId", "fileType"} else ["a file without its place"]
        case other:
            return [f"unknown content type {other}"]


def _card_faults(card: Json) -> list[str]:
    found = faults(card)
    if card.get("type") != "AdaptiveCard":
        found.append("no AdaptiveCard")
    if tuple(int(part) for part in str(card.get("version", "9")).split(".")) > (1, 5):
        found.append(f"version {card.get('version')}")
    text = json.dumps(card.get("body"), ensure_ascii=False)
    for entity in card.get("msteams", {}).get("entities", ()):
        if json.dumps(entity["text"], ensure_ascii=False)[1:-1] not in text:
            found.append(f"mention of nobody: {entity['text']}")
    found += ["Action.Execute without data" for one in elements(card) if _bare(one)]
    return found


def _bare(one: Json) -> bool:
    return one["type"] == "Action.Execute" and not isinstance(one.get("data"), dict)
