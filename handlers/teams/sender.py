"""The sending side of Teams."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from handlers.teams.book import PLATFORM, Book, ChannelNames
from handlers.teams.connector import SMALLEST_PAGE, Connector
from handlers.teams.graph import PEOPLE, Graph
from handlers.teams.people import Rosters, profile_of
from handlers.teams.places import SERVICE_URL, Place, Places, base, threaded
from handlers.teams.render import Account, render
from handlers.teams.render.plain import plainer
from handlers.teams.render.refresh import renewing
from handlers.teams.words import Words
from handlers.telling import log
from handlers.work import Seen
from reporting.ledger import MessageRef
from reporting.messages import Message
from reporting.ports import AppFault, Profile, RetryLater, TargetGone, Uncertain

Json = dict[str, Any]
# The words for a locale; None is the language of the installation.
Wording = Callable[[str | None], Words]
# Seconds that finding out where to write may take before the message itself waits for another attempt: the engine has
# counted with one request.
_QUICK: Final = 1.5
_GONE: Final = frozenset({"ActivityNotFoundInConversation", "ConversationNotFound", "http_404"})


def english(_locale: str | None = None) -> Words:
    """Words for those who have no catalogue."""
    return Words()


class TeamsMessenger:
    """One bot in one tenant. Implements `reporting.ports.Messenger`.

    A person is their Entra object id, a channel its id (`19:…`). Teams has no look-up by key and tells nothing twice:
    only what this process has sent itself can be found again.

    Args:
        wording: the adapter's own words for a locale.
        opens: actions that open a form.
        graph: for people that no roster knows, and for installing; None without it.
        service_url: where to ask while the address book knows none.
        saying: told of the conversation before an answer is posted or replaced there, outside of the rate slots.
    """

    platform = PLATFORM
    looks_back = False

    def __init__(
        self,
        connector: Connector,
        book: Book,
        wording: Wording = english,
        opens: frozenset[str] = frozenset(),
        graph: Graph | None = None,
        *,
        service_url: str = SERVICE_URL,
        saying: Callable[[str], Awaitable[None]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connector = connector
        self.book = book
        self.wording = wording
        self.opens = opens
        self.graph = graph
        self.rosters = Rosters(connector, book, monotonic=monotonic)
        self.places = Places(connector, book, self.rosters, graph, service_url, monotonic)
        self._saying = saying
        self._refused = False
        self._monotonic = monotonic
        self._sent = Seen()

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Make sure that the login lets us in.

        Raises:
            DeliveryError: it does not.
        """
        await self.connector.https.authorized()

    async def close(self) -> None:
        """Close the connections."""
        await self.connector.https.close()
        if self.graph is not None:
            await self.graph.https.close()

    # -- drawing ------------------------------------------------------------------------------------------------

    def render(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[Json]:
        """The message as activities with one card each. Call it in a worker thread: names of channels are looked up."""
        return [renewing(activity) for activity in self.draw(message, users, locale, threaded)]

    def draw(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[Json]:
        """The same for an answer, which is nowhere to be found again and so is not renewed."""
        accounts = {person_id: Account(account) for person_id, account in users.items()}
        return render(message, accounts, self.wording(locale), self.opens, threaded, channels=ChannelNames(self.book))

    def render_plain(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[Json]:
        """The same with the fallbacks in the place of what has one."""
        return [plainer(activity) for activity in self.render(message, users, locale, threaded)]

    # -- messages -----------------------------------------------------------------------------------------------

    async def post(
        self, target: str, part: Mapping[str, Any], key: str, thread: MessageRef | None = None
    ) -> MessageRef:
        """Send one part, once.

        Raises:
            DeliveryError: `Uncertain` when it may have been sent; `TargetGone("not_installed")` for somebody whom the
                app cannot write to yet.
        """
        begun = self._monotonic()
        place = await (self.places.of(thread.channel) if thread else self.places.find(target))
        place, ref = await self._wherever(place, thread, part, begun)
        await self.places.reached(place)
        self._sent.first(key, ref)
        return ref

    async def _wherever(
        self, place: Place, thread: MessageRef | None, part: Mapping[str, Any], begun: float
    ) -> tuple[Place, MessageRef]:
        while True:
            if self._monotonic() - begun > _QUICK:
                raise RetryLater("found_late", 0.0, "the conversation is known now", all_wait=False)
            try:
                return place, await self._send(threaded(place.conversation, thread), place.address, part)
            except TargetGone as error:
                # Certainly not sent, so it may be sent elsewhere, as long as there is a place left.
                place = await self.places.instead(place, error)

    async def say(self, conversation: str, address: str, activity: Mapping[str, Any], reply_to: str = "") -> MessageRef:
        """Answer in a conversation at an address, both as an activity named them.

        Raises:
            DeliveryError: from Teams.
        """
        await self._out_of_turn(conversation)
        return await self._send(conversation, address, {**activity, "replyToId": reply_to} if reply_to else activity)

    async def replace(self, ref: MessageRef, activity: Mapping[str, Any]) -> None:
        """Answer by replacing what was posted.

        Raises:
            DeliveryError: from Teams.
        """
        await self._out_of_turn(ref.channel)
        await self._put(ref, activity)

    async def _out_of_turn(self, conversation: str) -> None:
        if self._saying is not None:
            await self._saying(base(conversation))

    async def _send(self, conversation: str, address: str, activity: Mapping[str, Any]) -> MessageRef:
        return MessageRef(conversation, await self.connector.send(address, conversation, dict(activity)))

    async def _put(self, ref: MessageRef, activity: Mapping[str, Any]) -> None:
        place = await self.places.of(ref.channel)
        try:
            await self.connector.update(place.address, ref.channel, ref.message_id, dict(activity))
        except TargetGone as error:
            address = await self.places.elsewhere(place, error)
            await self.connector.update(address, ref.channel, ref.message_id, dict(activity))

    async def update(self, ref: MessageRef, part: Mapping[str, Any], key: str) -> None:
        """Replace a sent part.

        Raises:
            DeliveryError: from Teams.
        """
        await self._put(ref, part)
        self._sent.first(key, ref)

    async def delete(self, ref: MessageRef) -> None:
        """Remove a sent part; one that is gone already is fine.

        Raises:
            DeliveryError: from Teams.
        """
        place = await self.places.of(ref.channel)
        try:
            await self.connector.delete(place.address, ref.channel, ref.message_id)
        except TargetGone as error:
            if error.code not in _GONE:
                raise

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        """A part that this process has sent; Teams itself cannot be asked.

        Raises:
            Uncertain: for every other one. "Not there" would be a guess.
        """
        known = self._sent.get(key)
        if isinstance(known, MessageRef):
            return known
        where = base(thread.channel if thread else target)
        raise Uncertain("cannot_look", f"Teams shows nobody what was sent to {where} since {since:%Y-%m-%d %H:%M}")

    async def check(self, channel: str) -> None:
        """Whether a channel can be posted to; nothing is.

        Raises:
            DeliveryError: why not; `TargetGone` when the app is not in it.
        """
        place = await self.places.of(channel)
        try:
            await self.connector.members(place.address, place.conversation, size=SMALLEST_PAGE)
        except TargetGone as error:
            address = await self.places.elsewhere(place, error)
            await self.connector.members(address, place.conversation, size=SMALLEST_PAGE)

    # -- people -------------------------------------------------------------------------------------------------

    async def profile(self, user_id: str) -> Profile | None:
        """What Teams knows of somebody by Entra object id; None when no roster and no directory knows them.

        Raises:
            DeliveryError: from Teams.
        """
        known = await asyncio.to_thread(self.book.find, user_id)
        if known is not None and not known.gone:
            try:
                member = await self.connector.member(known.address, known.conversation, user_id)
                return profile_of(member, self.book.tenant)
            except TargetGone:
                pass
        found = await self.rosters.by_account(user_id)
        if found is not None:
            return profile_of(found[0], self.book.tenant)
        return await self._directory(self.graph.profile(user_id)) if self.graph else None

    async def lookup(self, email: str) -> Profile | None:
        """Somebody by mail address or sign-in name: in the directory where we may read it, else in the rosters.

        Raises:
            DeliveryError: from Teams.
        """
        found = await self._directory(self.graph.lookup(email)) if self.graph else None
        if found is not None:
            return found
        member = await self.rosters.by_mail(email)
        return profile_of(member[0], self.book.tenant) if member else None

    async def _directory(self, question: Awaitable[Profile | None]) -> Profile | None:
        """What Graph says of somebody; nothing where it refuses: rosters must do, and the operator is told once."""
        try:
            found = await question
        except AppFault as refusal:
            if not self._refused:
                log.warning(
                    "Graph tells us nothing about people (%s): the application permission %s is missing, or an "
                    "administrator has not consented to it. The rosters of teams are read instead.",
                    refusal.code,
                    PEOPLE,
                )
            self._refused = True
            return None
        self._refused = False
        return found
