"""The address book: where people, channels and teams are reached. Teams tells it with every activity, and only then."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from reporting.ports import Clock, Conversation, Store

PLATFORM: Final = "teams"
Kind = Literal["personal", "channel", "team"]
# A team is its own first channel.
_CHANNELS: Final[tuple[Kind, ...]] = ("team", "channel")
# A visit that brings nothing new is not worth a write each time.
_FRESH: Final = timedelta(days=1)
_INSTALLED: Final = "teams:installed:"
# Teams tells of an installation within seconds.
_MOMENT: Final = timedelta(minutes=10)


class Book:
    """The address book of one tenant. Every method is a short transaction: call them in a worker thread."""

    def __init__(self, store: Store, clock: Clock, tenant: str) -> None:
        """Over a store; `tenant` is the Entra tenant id."""
        self._store = store
        self._clock = clock
        self.tenant = tenant

    def met(
        self, owner: str, kind: Kind, conversation: str, address: str, name: str = "", team: str = ""
    ) -> Conversation | None:
        """Somebody or something turned up: its newest conversation and service address count, and it is back.

        Args:
            owner: Entra object id of a person, or the id of a channel or team.
            name, team: kept as they were when empty.

        Returns:
            What was known before; None when it is new.
        """
        now = self._clock.now()
        before = self.find(owner)
        new = Conversation(PLATFORM, self.tenant, owner, kind, conversation, address, name, team, "", now)
        if before is not None and before.kind == "team":
            # A team has the id of its first channel.
            new = replace(new, kind="team")
        if before is not None:
            new = replace(new, name=name or before.name, team=team or before.team)
            if replace(new, seen_at=before.seen_at) == before and now - before.seen_at < _FRESH:
                return before
        with self._store.begin() as uow:
            uow.conversations.put(new)
        return before

    def installing(self, owner: str) -> None:
        """We are about to put the app into somebody's chat ourselves."""
        with self._store.begin() as uow:
            uow.notes.put(f"{_INSTALLED}{owner}", self._clock.now().isoformat())

    def installed_by_us(self, owner: str) -> bool:
        """Whether it was us, a moment ago, who put the app into somebody's chat."""
        with self._store.read() as uow:
            noted = uow.notes.get(f"{_INSTALLED}{owner}")
        return noted is not None and self._clock.now() - datetime.fromisoformat(noted) < _MOMENT

    def gone(self, owner: str, why: str) -> bool:
        """It cannot be reached any more; False when it was not known, or known to be gone."""
        with self._store.begin() as uow:
            known = uow.conversations.get(PLATFORM, self.tenant, owner)
            if known is None or known.gone:
                return False
            uow.conversations.put(replace(known, gone=why))
            return True

    def find(self, owner: str) -> Conversation | None:
        """Where somebody or something is reached; those that are gone too."""
        with self._store.read() as uow:
            return uow.conversations.get(PLATFORM, self.tenant, owner)

    def at(self, conversation: str) -> Conversation | None:
        """Who is reached in a conversation; a thread of a channel is looked up as its channel."""
        with self._store.read() as uow:
            base = conversation.partition(";")[0]
            return uow.conversations.by_conversation(PLATFORM, self.tenant, base)

    def all(self, kind: Kind) -> list[Conversation]:
        """All of a kind, by name; those that are gone too."""
        with self._store.read() as uow:
            return uow.conversations.of_kind(PLATFORM, self.tenant, kind)


class ChannelNames(Mapping[str, str]):
    """Names by channel id, looked up one by one: for use in a worker thread."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __getitem__(self, channel: str) -> str:
        known = self._book.find(channel)
        if known is None or not known.name:
            raise KeyError(channel)
        return known.name

    def __iter__(self) -> Iterator[str]:
        return (known.owner for kind in _CHANNELS for known in self._book.all(kind) if known.name)

    def __len__(self) -> int:
        return sum(1 for _ in self)
