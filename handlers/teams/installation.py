"""Where the app was added, moved or taken away: kept in the address book, and told to whom it matters."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

from handlers.ports import ChannelNews, Desk
from handlers.teams.book import Book, Kind
from handlers.teams.inbound import Origin, part, text
from handlers.teams.remedies import PERSON_LOST
from handlers.telling import log
from handlers.work import Work
from reporting.ports import DeliveryError

Json = Mapping[str, Any]
# Teams docs: subscribe to conversation events. What has happened to a channel, and how; the same for all of a team.
_CHANNELS: Final[Mapping[str, tuple[str, str]]] = {
    "channelDeleted": ("lost", "deleted"),
    "channelRestored": ("back", "restored"),
}
_TEAMS: Final[Mapping[str, tuple[str, str]]] = {
    "teamArchived": ("lost", "archived"),
    "teamDeleted": ("lost", "deleted"),
    "teamHardDeleted": ("lost", "deleted"),
    "teamUnarchived": ("back", "restored"),
    "teamRestored": ("back", "restored"),
}


class Presence:
    """Keeps in the address book who and what turned up.

    Args:
        desk: told of people who can be written to from now on.
    """

    def __init__(self, book: Book, work: Work, desk: Desk) -> None:
        self.book = book
        self.work = work
        self._desk = desk

    async def seen(self, origin: Origin) -> None:
        """Somebody or some channel turned up: it is reached here from now on."""
        if origin.personal and origin.actor.user_id:
            if await self.person(origin):
                await self.reached(origin)
        elif origin.scope == "channel":
            await self.place(origin.channel, origin, origin.place, origin.team)

    async def person(self, origin: Origin) -> bool:
        """Somebody turned up in the chat with us; whether we could not write to them until now, for all we knew."""
        who = origin.actor.user_id
        if not origin.conversation or not origin.address:
            return False
        known = await self.work.call(
            self.book.met, who, "personal", origin.conversation, origin.address, origin.name, ""
        )  # fmt: skip
        return known is None or bool(known.gone)

    async def reached(self, origin: Origin) -> None:
        """What somebody has missed is sent."""
        await self.work.call(self._desk.reached, origin.actor, PERSON_LOST)

    async def place(self, channel: str, origin: Origin, name: str, team: str) -> bool:
        """A channel turned up; whether it was gone until now. A team has the id of its first channel, and stays one."""
        if channel == team:
            return await self.met(team, "team", team, origin)
        return await self.met(channel, "channel", channel, origin, name, team)

    async def met(
        self, owner: str, kind: Kind, conversation: str, origin: Origin, name: str = "", team: str = ""
    ) -> bool:
        """Whether it was gone until now."""
        if not owner or not conversation or not origin.address:
            return False
        before = await self.work.call(self.book.met, owner, kind, conversation, origin.address, name, team)
        return before is not None and bool(before.gone)


class Installation:
    """Hears `installationUpdate` and `conversationUpdate`.

    Args:
        greet: told when somebody, or a chat of several people, has the app for the first time, or again.
        channels: the channels of a team, by its service's address and its id; raises DeliveryErrors.
    """

    def __init__(
        self,
        presence: Presence,
        news: ChannelNews | None,
        greet: Callable[[Origin], Awaitable[None]],
        channels: Callable[[str, str], Awaitable[list[dict[str, Any]]]],
    ) -> None:
        self._presence = presence
        self._book = presence.book
        self._work = presence.work
        self._news = news
        self._greet = greet
        self._channels = channels

    async def installed(self, origin: Origin, activity: Json) -> None:
        """The app was added or removed; an upgrade says so in words of its own."""
        added = text(activity, "action").startswith("add")
        if origin.personal:
            await self._person(origin, added)
        elif added and _of_group(activity):
            if text(activity, "action") == "add":
                await self._greet(origin)
        elif added:
            await self._team(origin, activity)
        else:
            await self._team_lost(text(_team(activity), "id") or origin.channel, "lost", "removed")

    async def changed(self, origin: Origin, activity: Json) -> None:
        """Something about a team or its channels."""
        event = text(part(activity, "channelData"), "eventType")
        channel = part(activity, "channelData", "channel")
        team = text(_team(activity), "id")
        if event in _CHANNELS:
            await self._channel(text(channel, "id"), *_CHANNELS[event], origin=origin, name=text(channel, "name"))
        elif event in {"channelCreated", "channelRenamed"} and text(channel, "id"):
            await self._presence.place(text(channel, "id"), origin, text(channel, "name"), team)
            if event == "channelRenamed":
                await self._tell("renamed", text(channel, "id"), text(channel, "name"))
        elif event in _TEAMS:
            await self._team_lost(team, *_TEAMS[event])
        elif _me_in(activity, "membersRemoved") and not origin.personal:
            await self._team_lost(team or origin.channel, "lost", "removed")
        elif team and (event == "teamRenamed" or _me_in(activity, "membersAdded")):
            await self._team(origin, activity)

    async def _person(self, origin: Origin, added: bool) -> None:
        who = origin.actor.user_id
        if not who:
            return
        if not added:
            await self._work.call(self._book.gone, who, "the app was removed")
            return
        new = await self._presence.person(origin)
        if await self._work.call(self._book.installed_by_us, who):
            # What it was put there for follows at once, and says who we are and what is wanted.
            await self._presence.reached(origin)
        elif new:
            try:
                await self._greet(origin)
            finally:
                # After the greeting, and also where that fails.
                await self._presence.reached(origin)

    async def _team(self, origin: Origin, activity: Json) -> None:
        """A team, the channel that the app was added to, and the others by their names."""
        team = _team(activity)
        name = text(team, "name")
        if not text(team, "id"):
            return
        if await self._presence.met(text(team, "id"), "team", text(team, "id"), origin, name):
            await self._tell("back", text(team, "id"), "restored")
        chosen = part(activity, "channelData", "settings", "selectedChannel")
        for channel in (chosen, part(activity, "channelData", "channel")):
            if text(channel, "id"):
                await self._back(origin, text(channel, "id"), text(channel, "name"), text(team, "id"))
        for channel_id in (await self._work.call(self._of_team, text(team, "id")))[1:]:
            await self._back(origin, channel_id, "", text(team, "id"))
        await self._named(origin, text(team, "id"))

    async def _named(self, origin: Origin, team: str) -> None:
        """Learn how the channels are called: activities say so only when one is made or renamed."""
        try:
            found = await self._channels(origin.address, team)
        except DeliveryError as error:
            log.warning("the channels of a team could not be looked up: %s", error.code)
            return
        for channel in found:
            # The first channel has the team's id, and no name of its own.
            if text(channel, "name") and text(channel, "id") not in {"", team}:
                await self._back(origin, text(channel, "id"), text(channel, "name"), team)

    async def _back(self, origin: Origin, channel: str, name: str, team: str) -> None:
        if await self._presence.place(channel, origin, name, team):
            await self._tell("back", channel, "restored")

    async def _channel(self, channel: str, what: str, how: str, origin: Origin | None = None, name: str = "") -> None:
        if not channel:
            return
        if what == "lost":
            await self._work.call(self._book.gone, channel, f"the channel was {how}")
        elif origin is not None:
            await self._presence.place(channel, origin, name, origin.team)
        await self._tell(what, channel, how)

    async def _team_lost(self, team: str, what: str, how: str) -> None:
        """The same happened to every channel of a team."""
        await self._work.call(self._team_noted, team, what, how)
        for channel in await self._work.call(self._of_team, team):
            await self._tell(what, channel, how)

    def _team_noted(self, team: str, what: str, how: str) -> None:
        for owner in self._of_team(team):
            known = self._book.find(owner)
            if known is None:
                continue
            if what == "lost":
                self._book.gone(owner, "the app was removed" if how == "removed" else f"the team was {how}")
            else:
                kind: Kind = "team" if owner == team else "channel"
                self._book.met(owner, kind, known.conversation, known.address)

    def _of_team(self, team: str) -> list[str]:
        return [team, *(one.owner for one in self._book.all("channel") if one.team == team)] if team else []

    async def _tell(self, what: str, channel: str, how: str) -> None:
        if self._news is not None:
            await self._work.call(self._news, what, channel, how)


def _team(activity: Json) -> Json:
    return part(activity, "channelData", "team")


def _of_group(activity: Json) -> bool:
    return text(part(activity, "conversation"), "conversationType") == "groupChat"


def _me_in(activity: Json, which: str) -> bool:
    """Whether it is us who came or went."""
    me = text(part(activity, "recipient"), "id")
    return any(text(one, "id") == me for one in _members(activity.get(which)))


def _members(value: Any) -> Iterator[Json]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one
