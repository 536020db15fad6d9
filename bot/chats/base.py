"""What the composition root sees of one chat system. It loops over as many as are set up and knows none by name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from starlette.routing import BaseRoute

from bot.config import EngineSettings, Fault
from bot.engine.slots import Slots
from bot.metrics import Metrics
from handlers.desk import Desk
from handlers.ports import Accounts, ChannelNews
from handlers.telling import Around
from reporting.model import Identity
from reporting.policy import Policy
from reporting.ports import AppFault, DeliveryError, Messenger
from reporting.services.context import Services
from reporting.texts import Texts

# The channels that the policy names, each with the place where it does.
Named = Sequence[tuple[str, str]]


class NotReached(Exception):
    """A chat system cannot be listened to; the text says which one, and why."""

    def __init__(self, title: str, error: DeliveryError) -> None:
        super().__init__(f"{title}: {error}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor has looked at."""

    good: bool
    about: str
    text: str


class Checks(Protocol):
    """What can be found out about a chat system from its settings alone, without the bot."""

    platform: str

    def form_faults(self, policy: Policy) -> Iterator[Fault]:
        """Report forms that cannot be shown there."""
        ...

    async def faults(self, channels: Named) -> list[Fault]:
        """What of credentials and channels cannot be used; faults that were told before are not told again."""
        ...

    def findings(self, channels: Named, now: datetime) -> AsyncIterator[Finding]:
        """The same for the doctor, and what is well."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class Chat(Protocol):
    """One chat system at work. Its life: `checks`, `listen`, `deafen`, `finish`, `close`.

    Attributes:
        platform: as in identities and deliveries.
        title: its name for people.
        mode: how it is listened to, for the log and the metrics.
        gone: codes of refusals, as the error of a failed delivery begins, that say that a channel cannot be posted to.
    """

    platform: str
    title: str
    mode: str
    gone: tuple[str, ...]

    @property
    def messenger(self) -> Messenger:
        """Its sending side."""
        ...

    @property
    def slots(self) -> Slots:
        """When the next message may go out."""
        ...

    @property
    def checks(self) -> Checks:
        """What is looked at before the start, over the connections of this chat."""
        ...

    def about_blocks(self, fault: AppFault) -> bool:
        """Whether a refusal of a message is about its blocks, so that plainer ones may be taken."""
        ...

    def remedy(self, t: Texts, error: str) -> str:
        """What the PMO can do about a failed delivery's `error`."""
        ...

    def when_ended(self, t: Texts, code: str) -> str:
        """What to do when it has ended the installation with this code."""
        ...

    def routes(self) -> Sequence[BaseRoute]:
        """Where it calls us; none when it does not, or when nobody is listened to."""
        ...

    async def target(self, name: str) -> str:
        """The id of a channel by its name or id.

        Raises:
            DeliveryError: it cannot be told.
        """
        ...

    async def listen(self) -> None:
        """Begin to hear what people do; `routes` are called from then on.

        Raises:
            DeliveryError: the chat system refuses. With another one at work the bot goes on all the same.
        """
        ...

    async def not_ready(self) -> list[str]:
        """Why people cannot be heard just now, in words; empty when they can."""
        ...

    async def settled(self) -> None:
        """Return when nothing that people did is under way."""
        ...

    async def deafen(self) -> None:
        """Hear nothing more over connections of our own."""
        ...

    async def finish(self, seconds: float) -> None:
        """Let what is under way end; give up waiting after some seconds."""
        ...

    async def close(self) -> None:
        """Write down what is to be remembered, and close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What a chat is given of the rooms behind it.

    Attributes:
        slots: makes rate slots of a platform: its name, seconds between posts to one channel, and between any two.
        stopped: told which platform has ended the installation, and with which code.
        listens: whether people are listened to; a worker only sends.
    """

    services: Services
    desk: Desk
    engine: EngineSettings
    metrics: Metrics
    slots: Callable[[str, float, float], Slots]
    stopped: Callable[[str, str], None]
    channel_news: ChannelNews
    around: Around
    listens: bool = True

    def locale_of(self, identity: Identity) -> str | None:
        """In which language the owner of an account is spoken to; None when it is not known. Blocks."""
        with self.services.store.read() as uow:
            person = uow.people.by_identity(identity)
        return person.locale if person else None

    def accounts_on(self, platform: str) -> Accounts:
        """Finds the accounts of people on a platform; what it gives blocks."""

        def found(person_ids: Collection[int]) -> Mapping[int, str]:
            with self.services.store.read() as uow:
                return uow.people.user_ids(person_ids, platform)

        return found
