"""The chat systems that the settings name. Each is imported only where it is set up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from bot.chats.base import Chat, Checks, Finding, House, NotReached
from bot.config import ConfigFaults, Fault, Settings, SlackSettings, TeamsSettings
from bot.lean import collecting_nothing
from reporting.ports import Store
from reporting.routing import SLACK, TEAMS


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
        with _installed(), collecting_nothing():
            from bot.chats.teams import TeamsChat
        found[TEAMS] = TeamsChat(settings.teams, house)
    return found


def make_checks(
    slack: SlackSettings | None, teams: TeamsSettings | None, broken: Collection[str] = (), store: Store | None = None
) -> dict[str, Checks]:
    """What can be found out about each chat without the bot; to be closed afterwards.

    Args:
        broken: variables that have a fault already.
        store: knows where channels of Teams are; without it they are not looked at.
    """
    found: dict[str, Checks] = {}
    if slack is not None:
        with collecting_nothing():
            from bot.chats.slack_checks import SlackChecks
        found[SLACK] = SlackChecks(slack, broken)
    if teams is not None:
        with _installed(), collecting_nothing():
            from bot.chats.teams_checks import TeamsChecks
        found[TEAMS] = TeamsChecks(teams, broken, store=store)
    return found


@contextmanager
def _installed() -> Iterator[None]:
    """Say what to install where Microsoft's libraries are not there.

    Raises:
        ConfigFaults: they are not.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        words = f"is set, but {error.name} is not installed: pip install -r requirements-server.lock"
        raise ConfigFaults([Fault("TEAMS_CLIENT_ID", words)]) from None


__all__ = ["Chat", "Checks", "Finding", "House", "NotReached", "make_chats", "make_checks"]
