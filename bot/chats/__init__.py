"""The chat systems that the settings name. Each is imported only where it is set up."""

from __future__ import annotations

from collections.abc import Collection

from bot.chats.base import Chat, Checks, Finding, House, NotReached
from bot.config import ConfigFaults, Fault, Settings, SlackSettings, TeamsSettings
from bot.lean import collecting_nothing
from reporting.routing import SLACK


def make_chats(settings: Settings, house: House) -> dict[str, Chat]:
    """The chats by platform, ready to be checked and listened to; in the order in which people are looked for.

    Raises:
        ConfigFaults: a chat system of the settings cannot be had.
    """
    found: dict[str, Chat] = {}
    if settings.slack is not None:
        with collecting_nothing():
            from bot.chats.slack import SlackChat
        found[SLACK] = SlackChat(settings.slack, house)
    if settings.teams is not None:
        raise ConfigFaults(
            [Fault("TEAMS_CLIENT_ID", "is set, but this version cannot be connected to Microsoft Teams")]
        )
    return found


def make_checks(
    slack: SlackSettings | None, _teams: TeamsSettings | None, broken: Collection[str] = ()
) -> dict[str, Checks]:
    """What can be found out about each chat without the bot; to be closed afterwards.

    Args:
        broken: variables that have a fault already.
    """
    found: dict[str, Checks] = {}
    if slack is not None:
        with collecting_nothing():
            from bot.chats.slack_checks import SlackChecks
        found[SLACK] = SlackChecks(slack, broken)
    return found


__all__ = ["Chat", "Checks", "Finding", "House", "NotReached", "make_chats", "make_checks"]
