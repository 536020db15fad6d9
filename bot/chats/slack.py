"""Slack as the composition root sees it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from bot.chats.base import House
from bot.chats.slack_checks import SlackChecks
from bot.config import SlackSettings
from bot.memory import BlockMemory
from handlers.desk import OPENS
from handlers.slack.app import SlackAdapter
from handlers.slack.errors import BLOCK_FAULTS
from handlers.slack.http import slack_route
from handlers.slack.limits import CHANNEL_SPACING, WORKSPACE_SPACING
from handlers.slack.people import PLATFORM
from handlers.slack.remedies import remedy, when_ended
from handlers.slack.sender import SlackMessenger, refuses_new_blocks
from handlers.slack.socket import SocketLink
from handlers.slack.words import Words
from reporting.ports import AppFault
from reporting.texts import Texts


class SlackChat:
    """One workspace. See `bot.chats.base.Chat`."""

    platform = PLATFORM
    title = "Slack"
    gone: tuple[str, ...] = ("channel_not_found", "not_in_channel", "is_archived")

    def __init__(self, settings: SlackSettings, house: House) -> None:
        """Made of settings and the rooms behind; nothing is connected yet.

        Raises:
            StoreBusy: what is remembered of the workspace cannot be read.
        """
        self.mode: str = settings.mode
        self._settings = settings
        self._house = house
        self._memory = BlockMemory(house.services.store, house.services.clock)
        self.slots = house.slots(PLATFORM, *house.engine.spacing(CHANNEL_SPACING, WORKSPACE_SPACING))
        self.messenger = SlackMessenger(
            settings.bot_token.reveal(),
            base_url=settings.api_url,
            proxies=settings.proxies,
            wording=self._wording,
            new_blocks=self._memory.new_blocks(),
            on_new_blocks=self._memory.note,
            refused=house.metrics.refused,
            saying=self.slots.used,
        )
        self.checks = SlackChecks(settings, messenger=self.messenger)
        self.adapter = self._adapter()
        self._link = self._socket()

    def _adapter(self) -> SlackAdapter:
        secret, house = self._settings.signing_secret, self._house
        return SlackAdapter(
            self.messenger,
            house.desk,
            house.accounts_on(PLATFORM),
            signing_secret=secret.reveal() if secret else "",
            opens=OPENS,
            locales=house.locale_of,
            stopped=lambda code: house.stopped(PLATFORM, code),
            channel_news=house.channel_news,
            acknowledged=house.metrics.acknowledged,
            around=house.around,
        )

    def _socket(self) -> SocketLink | None:
        token = self._settings.app_token
        if self.mode != "socket" or token is None or not self._house.listens:
            return None
        return SocketLink(self.adapter, token.reveal())

    def routes(self) -> Sequence[BaseRoute]:
        """Where Slack calls us in mode `http`."""
        secret = self._settings.signing_secret
        if self.mode != "http" or secret is None or not self._house.listens:
            return []
        return [slack_route(self.adapter, secret.reveal())]

    def about_blocks(self, fault: AppFault) -> bool:
        """Whether a refusal of a message is about its blocks."""
        return fault.code in BLOCK_FAULTS or refuses_new_blocks(fault)

    def remedy(self, t: Texts, error: str) -> str:
        """What the PMO can do about a failed delivery's `error`."""
        return remedy(t, error)

    def when_ended(self, t: Texts, code: str) -> str:
        """What to do when the installation has ended with this code."""
        return when_ended(t, code)

    # ------------------------------------------------------------ life

    async def target(self, name: str) -> str:
        """The id of a channel by its name or id."""
        return await self.messenger.channels.target(name)

    async def listen(self) -> None:
        """Learn who we are, and connect in mode `socket`."""
        await self.adapter.start()
        if self._link is not None:
            await self._link.start()

    async def not_ready(self) -> list[str]:
        """Whether the connection stands."""
        if self._link is None or await self._link.connected():
            return []
        return ["there is no connection to Slack"]

    async def settled(self) -> None:
        """Return when nothing that people did is under way."""
        await self.adapter.settled()

    async def deafen(self) -> None:
        """Disconnect."""
        if self._link is not None:
            await self._link.close()

    async def finish(self, seconds: float) -> None:
        """Let what is under way end."""
        await self.adapter.close(seconds)

    async def close(self) -> None:
        """Write down which blocks the workspace takes, and close the connections."""
        try:
            await self._memory.settled()
        finally:
            await self.messenger.close()

    # ------------------------------------------------------------ what it asks of the house

    def _wording(self, locale: str | None) -> Words:
        return Words(self._house.services.texts_for_channel(locale))
