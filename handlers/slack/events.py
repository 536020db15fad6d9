"""Events: what happens in the workspace without a person waiting for an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from handlers.ports import ChannelNews, Desk, Stopped
from handlers.slack import inbound
from handlers.slack.door import Door
from handlers.slack.inbound import Origin
from handlers.slack.people import profile_of
from handlers.slack.replies import Loading, Replies
from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Words
from handlers.telling import report_failure
from handlers.voices import Voices
from handlers.work import Seen, Work
from reporting.interactions import Home, Reply, ShowHome
from reporting.messages import Paragraph, Plain

Json = Mapping[str, Any]

# Slack docs: the events of channels; those of private ones are called `group_...`. What has happened, and how.
_PLACES: Mapping[Any, tuple[str, str]] = {
    "channel_archive": ("lost", "archived"),
    "group_archive": ("lost", "archived"),
    "channel_left": ("lost", "removed"),
    "group_left": ("lost", "removed"),
    "channel_rename": ("renamed", ""),
    "group_rename": ("renamed", ""),
    "channel_unarchive": ("back", "restored"),
    "group_unarchive": ("back", "restored"),
    # Of interest only when we are the member.
    "member_joined_channel": ("back", ""),
}


class Answering(Protocol):
    """Asks the desk for somebody."""

    async def told(self, origin: Origin, doing: str, work: Awaitable[None]) -> None:
        """Do something; failures are logged and told."""
        ...

    async def answer(self, origin: Origin, ask: Callable[[], Reply], loading: Loading | None = None) -> None:
        """Ask the desk and carry out what it answers."""
        ...


class Events:
    """Hears every event. Bolt has acknowledged before; each is handled once, however often Slack sends it."""

    def __init__(
        self,
        messenger: SlackMessenger,
        desk: Desk,
        replies: Replies,
        work: Work,
        answering: Answering,
        stopped: Stopped | None,
        voices: Voices[Words],
        door: Door,
        channel_news: ChannelNews | None = None,
    ) -> None:
        self._messenger = messenger
        self._desk = desk
        self._replies = replies
        self._work = work
        self._answering = answering
        self._stopped = stopped
        self._voices = voices
        self._door = door
        self._channel_news = channel_news
        self._seen = Seen()
        self._told = False

    async def on_event(self, body: dict[str, Any]) -> None:
        """One event callback."""
        event: Json = body.get("event") or {}
        event_id = body.get("event_id")
        if event_id and not self._seen.first(event_id):
            return
        match event.get("type"):
            case "app_home_opened":
                await self._home(event)
            case "message" | "app_mention":
                await self._chat(event)
            case "user_change":
                await self._person(event)
            case kind if kind in _PLACES:
                await self._place(event, *_PLACES[kind])
            case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
                await self._stop("token_revoked")
            case "app_uninstalled":
                await self._stop("app_uninstalled")
            case _:
                # Acknowledged and of no interest: Slack switches off apps that refuse what they subscribed to.
                pass

    async def _home(self, event: Json) -> None:
        if event.get("tab") != "home":
            return
        me = await self._messenger.start()
        origin = Origin("home", inbound.actor(event, me.workspace), team=inbound.team_of(event))
        try:
            if not await self._door.admits(origin):
                text = (await self._voices.of(origin.actor)).members_only
                await self._replies.show_home(origin.actor, Home((Paragraph((Plain(text),)),)))
                return
            reply = await self._work.call(self._desk.home, origin.actor)
            for effect in reply:
                if isinstance(effect, ShowHome):
                    await self._replies.show_home(origin.actor, effect.home, known=bool(event.get("view")))
                else:
                    await self._replies.perform(origin, (effect,))
        except Exception as error:  # noqa: BLE001 - a message for every opening would be a nuisance; the view says it
            ref = report_failure("home", error)
            text = (await self._voices.of(origin.actor)).failed.format(ref=ref)
            await self._replies.show_home(origin.actor, Home((Paragraph((Plain(text),)),)))

    async def _chat(self, event: Json) -> None:
        me = await self._messenger.start()
        heard = inbound.from_chat(event, me.workspace, me.user_id)
        if heard is not None:
            command, origin = heard
            ask = self._answering.answer(origin, lambda: self._desk.command(command))
            await self._answering.told(origin, "message", ask)

    async def _person(self, event: Json) -> None:
        me = await self._messenger.start()
        profile = profile_of(event["user"], me.workspace, me.enterprise)
        self._door.forget(profile.identity.user_id)
        if profile.human:
            await self._work.call(self._desk.changed, profile)
            self._voices.forget(profile.identity)

    async def _place(self, event: Json, what: str, how: str) -> None:
        me = await self._messenger.start()
        if self._channel_news is None or (what == "back" and event.get("user") != me.user_id and not how):
            return
        channel = event["channel"]
        if isinstance(channel, Mapping):
            channel, how = channel["id"], str(channel["name"])
        await self._work.call(self._channel_news, what, str(channel), how)

    async def _stop(self, code: str) -> None:
        # Both events may come, in any order, or only one (Slack docs: tokens_revoked).
        if self._stopped is not None and not self._told:
            self._told = True
            await self._work.call(self._stopped, code)
