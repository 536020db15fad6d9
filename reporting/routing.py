"""Which chat system a name belongs to."""

from __future__ import annotations

from typing import Final

SLACK: Final = "slack"
TEAMS: Final = "teams"
PLATFORMS: Final = (SLACK, TEAMS)


def platform_of_channel(name: str) -> str:
    """The chat system of a channel as the policy names it: ids of Teams begin with `19:`, all others are Slack's."""
    return TEAMS if name.startswith("19:") else SLACK
