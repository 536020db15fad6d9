"""Microsoft Teams as the composition root sees it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from starlette.routing import BaseRoute

from bot.chats.base import House
from bot.chats.teams_checks import TeamsChecks
from bot.chats.teams_line import make_messenger
from bot.config import TeamsSettings
from handlers.desk import OPENS
from handlers.teams.addresses import Addresses
from handlers.teams.app import TeamsAdapter
from handlers.teams.book import PLATFORM, Book
from handlers.teams.errors import refuses_card
from handlers.teams.gate import TeamsDoor
from handlers.teams.limits import CONVERSATION_SPACING, TENANT_SPACING
from handlers.teams.places import base
from handlers.teams.remedies import CHANNEL_GONE, remedy, when_ended
from handlers.teams.words import Words
from reporting.interactions import Click
from reporting.ledger import MessageRef
from reporting.messages import Message
from reporting.ports import AppFault, Store
from reporting.services.compose import compose
from reporting.texts import Texts

_SEAL = "teams:seal"
_SEAL_BYTES = 32


class TeamsChat:
    """One tenant. See `bot.chats.base.Chat`."""

    platform = PLATFORM
    title = "Microsoft Teams"
    mode = "http"
    gone: tuple[str, ...] = CHANNEL_GONE

    def __init__(self, settings: TeamsSettings, house: House) -> None:
        """Made of settings and the rooms behind; nothing is connected yet.

        Raises:
            StoreBusy: the secret that seals open forms cannot be read or made.
        """
        self._settings = settings
        self._house = house
        store, engine = house.services.store, house.engine
        self._book = Book(store, house.services.clock, settings.tenant_id)
        self.slots = house.slots(PLATFORM, *engine.spacing(CONVERSATION_SPACING, TENANT_SPACING))
        self.messenger = make_messenger(
            settings, self._book, self._wording, OPENS, house.metrics.refused, self.slots.used
        )  # fmt: skip
        self.checks = TeamsChecks(settings, messenger=self.messenger)
        self.adapter = self._adapter(_seal_key(store))

    def _adapter(self, key: bytes) -> TeamsAdapter:
        given, house = self._settings, self._house
        door = TeamsDoor(
            given.client_id, given.tenant_id, given.openid_url, Addresses(given.service_hosts), given.unverified,
            given.proxies,
        )  # fmt: skip
        return TeamsAdapter(
            door,
            house.desk,
            self.messenger,
            self._book,
            house.accounts_on(PLATFORM),
            key=key,
            current=self._current,
            names=self._names,
            opens=OPENS,
            locales=house.locale_of,
            channel_news=house.channel_news,
            acknowledged=house.metrics.acknowledged,
            around=house.around,
        )

    def routes(self) -> Sequence[BaseRoute]:
        """Where Teams posts activities."""
        return self.adapter.routes() if self._house.listens else []

    def about_blocks(self, fault: AppFault) -> bool:
        """Whether a refusal of a message is about its card."""
        return refuses_card(fault)

    def remedy(self, t: Texts, error: str) -> str:
        """What the PMO can do about a failed delivery's `error`."""
        return remedy(t, error)

    def when_ended(self, t: Texts, code: str) -> str:
        """What to do when the installation has ended with this code."""
        return when_ended(t, code)

    # ------------------------------------------------------------ life

    async def target(self, name: str) -> str:
        """A channel is named by its id."""
        return name

    async def listen(self) -> None:
        """Take activities, and make sure that the login lets us in."""
        # In this order: what people do in dialogs is kept also while the login refuses us.
        await self.adapter.start()
        await self.messenger.start()

    async def not_ready(self) -> list[str]:
        """Teams calls us; there is no connection that could be gone."""
        return []

    async def settled(self) -> None:
        """Return when nothing that people did is under way."""
        await self.adapter.settled()

    async def deafen(self) -> None:
        """Nothing: the web server stops by itself."""

    async def finish(self, seconds: float) -> None:
        """Let what is under way end."""
        await self.adapter.close(seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self.messenger.close()

    # ------------------------------------------------------------ what it asks of the house

    def _wording(self, locale: str | None) -> Words:
        return Words(self._house.services.texts_for_channel(locale))

    def _current(self, click: Click) -> Message | None:
        """An alert as it should read now, where it was posted."""
        with self._house.services.store.read() as uow:
            posted = uow.deliveries.by_key(f"alert:{click.value}")
        here = MessageRef(click.channel, click.message_id)
        if posted is None or here not in {replace(ref, channel=base(ref.channel)) for ref in posted.refs}:
            return None
        return compose(self._house.services, replace(posted, content=None))

    def _names(self, person_ids: Collection[int]) -> Mapping[int, str]:
        with self._house.services.store.read() as uow:
            return {person.id: person.name for person in uow.people.many(person_ids).values()}


def _seal_key(store: Store) -> bytes:
    """The secret that seals open forms: made once, then the same in every process on this database.

    Raises:
        StoreBusy: it cannot be read or written now.
    """
    with store.read() as uow:
        known = uow.notes.get(_SEAL)
    if known is None:
        with store.begin() as uow:
            # Of several processes that start at once, one has made it by now.
            known = uow.notes.get(_SEAL)
            if known is None:
                known = base64.b64encode(secrets.token_bytes(_SEAL_BYTES)).decode()
                uow.notes.put(_SEAL, known)
    return base64.b64decode(known)
