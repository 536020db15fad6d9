"""Where to write: the conversation and address of a person or channel, found out or made when the book has none."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from handlers.teams.book import Book, Kind
from handlers.teams.connector import Connector
from handlers.teams.graph import Graph
from handlers.teams.people import Rosters
from reporting.ledger import MessageRef
from reporting.ports import Conversation, RetryLater, TargetGone

# Connector docs: what to ask while nothing better is known.
SERVICE_URL: Final = "https://smba.trafficmanager.net/teams/"
BLOCKED: Final = "blocked"
_BLOCKED: Final = frozenset({"MessageWritesBlocked", "ConversationBlockedByUser"})
# Not known here: perhaps at another address, or the conversation is another one by now.
_LOST: Final = frozenset({"ConversationNotFound", "BotNotInConversationRoster", "http_404"})
# Only channels have threads; chats of several people have ids of other kinds.
_THREADED: Final = ("@thread.tacv2", "@thread.skype")
# Seconds for making a conversation, with all questions, and for which the newest address is remembered.
_MAKING: Final = 10.0
_REMEMBERED: Final = 60.0
_FRESH: Final = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write to somebody or something.

    Attributes:
        owner: Entra object id of a person, id of a channel; empty for a conversation that the book does not know.
        known: whether the book had it, so that it may be out of date.
        back: whether the book has it otherwise: as not to be reached, or at another address.
        moved: whether another address was taken for it than the book's.
    """

    kind: Literal["personal", "channel"]
    owner: str
    conversation: str
    address: str
    known: bool = True
    back: bool = False
    moved: bool = False


def base(conversation: str) -> str:
    """A thread's channel; any other conversation as it is."""
    return conversation.partition(";")[0]


def threaded(conversation: str, thread: MessageRef | None) -> str:
    """The conversation of the thread under a message; in chats without threads the chat itself."""
    if thread is None or not base(conversation).endswith(_THREADED):
        return conversation
    if ";" in thread.channel:
        return thread.channel
    return f"{base(conversation)};messageid={thread.message_id}"


class Places:
    """Over the address book, which may be behind: whoever learns something new here writes it there."""

    def __init__(
        self,
        connector: Connector,
        book: Book,
        rosters: Rosters,
        graph: Graph | None = None,
        service_url: str = SERVICE_URL,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connector = connector
        self._book = book
        self._rosters = rosters
        self._graph = graph
        self._service_url = service_url
        self._monotonic = monotonic
        self._newest = ("", 0.0)

    async def find(self, target: str) -> Place:
        """The place of a channel (`19:…`), or of a person (Entra object id), whose chat is made when there is none.

        Raises:
            TargetGone: the app was removed there, or never was there and cannot be put there.
        """
        if target.startswith("19:"):
            return await self.of(target)
        person = await asyncio.to_thread(self._book.find, target)
        if person is None:
            return await self._made(target)
        if person.gone and person.gone != BLOCKED:
            raise TargetGone(person.gone, "the app is not in this chat any more")
        # Teams tells nobody when a block ends, so a blocked one is tried each time.
        return Place("personal", target, person.conversation, person.address, back=bool(person.gone))

    async def of(self, conversation: str) -> Place:
        """The place of a conversation, or thread of one, that was posted to before.

        Raises:
            TargetGone: the app was removed there.
        """
        conversation = base(conversation)
        known = await asyncio.to_thread(self._at, conversation)
        if known is None:
            address = await self._address()
            if conversation.endswith(_THREADED):
                return Place("channel", conversation, conversation, address, known=False)
            return Place("personal", "", conversation, address, known=False)
        if known.kind == "personal":
            return Place("personal", known.owner, conversation, known.address)
        if known.gone:
            raise TargetGone(known.gone, "the app is not in this channel any more")
        return Place("channel", known.owner, conversation, known.address)

    async def instead(self, place: Place, error: TargetGone) -> Place:
        """Another place for a message that was certainly not taken at this one.

        Raises:
            TargetGone: `error`, when there is none.
        """
        if error.code in _BLOCKED and place.owner and place.kind == "personal":
            await asyncio.to_thread(self._book.gone, place.owner, BLOCKED)
        if error.code not in _LOST:
            raise error
        address = place.address if place.moved else await self._address(fresh=True)
        if address != place.address:
            return replace(place, address=address, back=True, moved=True)
        if place.kind == "channel" or not place.owner or not place.known:
            raise error
        made = await self._made(place.owner)
        if made.conversation == place.conversation:
            raise error
        return made

    async def elsewhere(self, place: Place, error: TargetGone) -> str:
        """The address at which a message of this place may be by now.

        Raises:
            TargetGone: `error`, when there is no other.
        """
        address = await self._address(fresh=True) if error.code in _LOST else place.address
        if address == place.address:
            raise error
        return address

    async def reached(self, place: Place) -> None:
        """Something arrived there: the book is told when it thought otherwise."""
        if place.back and place.owner:
            kind: Kind = "personal" if place.kind == "personal" else "channel"
            await asyncio.to_thread(self._book.met, place.owner, kind, place.conversation, place.address)

    async def _made(self, user_id: str) -> Place:
        try:
            async with asyncio.timeout(_MAKING):
                return await self._make(user_id)
        except TimeoutError:
            raise RetryLater("conversation_not_made", 5.0, "TimeoutError", all_wait=False) from None

    async def _make(self, user_id: str) -> Place:
        before = await asyncio.to_thread(self._book.find, user_id)
        address = before.address if before else await self._address()
        chat = await self._created(address, user_id)
        if not chat and before is not None:
            address = await self._address()
            chat = await self._created(address, user_id) if address != before.address else ""
        if not chat:
            found = await self._rosters.by_account(user_id)
            if found is not None:
                address = found[1]
                chat = await self._created(address, str(found[0].get("id") or user_id))
        if not chat and self._graph is not None and self._graph.installs:
            # Noted before: Teams may tell of it before it answers, and to any process.
            await asyncio.to_thread(self._book.installing, user_id)
            chat = await self._graph.install(user_id)
        if not chat:
            raise TargetGone("not_installed", "the app is neither in their chats nor in a team of theirs")
        await asyncio.to_thread(self._book.met, user_id, "personal", chat, address)
        return Place("personal", user_id, chat, address, known=False)

    async def _created(self, address: str, user_id: str) -> str:
        try:
            return await self._connector.create(address, user_id)
        except TargetGone:
            return ""

    async def _address(self, fresh: bool = False) -> str:
        address, since = self._newest
        if not address or self._monotonic() - since > (_FRESH if fresh else _REMEMBERED):
            address = await asyncio.to_thread(self._newest_address)
            self._newest = (address, self._monotonic())
        return address

    def _newest_address(self) -> str:
        kinds: tuple[Kind, ...] = ("team", "channel", "personal")
        known = [one for kind in kinds for one in self._book.all(kind)]
        return max(known, key=lambda one: one.seen_at).address if known else self._service_url

    def _at(self, conversation: str) -> Conversation | None:
        return self._book.at(conversation) or self._book.find(conversation)
