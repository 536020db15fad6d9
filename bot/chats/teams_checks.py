"""What is looked at in Teams before the bot begins, and what the doctor asks there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import datetime

from bot.chats.base import Finding, Named
from bot.chats.longest import longest_forms, texts_of
from bot.chats.teams_findings import of_book, of_calls, of_channels, of_directory
from bot.chats.teams_line import credential_of, make_messenger
from bot.config import Ending, Fault, TeamsSettings
from bot.engine.clock import SystemClock
from bot.rooms import log_texts
from handlers.teams.book import PLATFORM, Book
from handlers.teams.connect import bot_scope
from handlers.teams.forms import FormTooLarge, Recipient, draw_form
from handlers.teams.remedies import when_ended
from handlers.teams.sender import TeamsMessenger
from handlers.teams.tokens import ENDED, MsalTokens
from handlers.teams.words import Words
from reporting.model import Identity
from reporting.policy import Policy
from reporting.ports import DeliveryError, InstallationStopped, Store

_NOBODY = Identity(PLATFORM, "", "")


class TeamsChecks:
    """See `bot.chats.base.Checks`.

    Args:
        broken: variables that have a fault already: nothing is asked with them.
        messenger: whose connections and address book are used.
        store: has the address book where no messenger is given; without either channels are not looked at.
    """

    platform = PLATFORM

    def __init__(
        self,
        settings: TeamsSettings,
        broken: Collection[str] = (),
        messenger: TeamsMessenger | None = None,
        store: Store | None = None,
    ) -> None:
        self._settings = settings
        self._broken = [name for name in broken if name.startswith("TEAMS_")]
        self._given = messenger
        self._own: TeamsMessenger | None = None
        if messenger is None and store is not None and not self._broken:
            self._own = make_messenger(settings, Book(store, SystemClock(), settings.tenant_id))

    def form_faults(self, policy: Policy) -> Iterator[Fault]:
        """Report forms that do not fit into a dialog even at their longest."""
        recipient = Recipient(_NOBODY, b"", words=Words(texts_of(policy)))
        for name, form in longest_forms(policy):
            try:
                draw_form(form, recipient, "")
            except FormTooLarge as error:
                yield Fault(
                    f"form {name}",
                    f"is too long for a dialog; shorten its custom fields, dimensions or sections ({error})",
                )

    async def faults(self, _channels: Named) -> list[Fault]:
        """Whether the login lets us in. A channel that is not known yet is no fault: the app may come there later."""
        error = await self._login_error()
        # A login that does not answer now says nothing about the credentials.
        if isinstance(error, InstallationStopped):
            ending = Ending(PLATFORM, error.code) if error.code in ENDED else None
            return [Fault(self._credential, f"Microsoft's login refuses it: {error}", ending)]
        return []

    async def findings(self, channels: Named, now: datetime) -> AsyncIterator[Finding]:
        """The keys, the clock, the login, the directory where it is used, and each channel."""
        if not self._settings.unverified and not self._broken:
            async for finding in of_calls(self._settings, now):
                yield finding
        error = await self._login_error()
        what = f". {when_ended(log_texts(), error.code)}" if error is not None and error.code in ENDED else ""
        text = f"Microsoft refuses it: {error}{what}" if error else "Microsoft lets us in"
        yield Finding(error is None, "login", text)
        messenger = self._given or self._own
        if messenger is None or error is not None:
            return
        if messenger.graph is not None and not self._settings.unverified:
            async for finding in of_directory(messenger.graph):
                yield finding
        async for finding in of_channels(messenger, channels):
            yield finding
        silent = await asyncio.to_thread(of_book, messenger.book)
        if silent is not None:
            yield silent

    async def close(self) -> None:
        """Close the connections that were opened here."""
        if self._own is not None:
            await self._own.close()

    @property
    def _credential(self) -> str:
        given = self._settings
        if given.certificate is not None:
            return "TEAMS_CERTIFICATE"
        return "TEAMS_CLIENT_SECRET" if given.secret is not None else "TEAMS_MANAGED_IDENTITY"

    async def _login_error(self) -> DeliveryError | None:
        if self._settings.unverified or self._broken:
            return None
        messenger = self._given or self._own
        try:
            await (messenger.start() if messenger else self._token())
        except DeliveryError as error:
            return error
        return None

    async def _token(self) -> None:
        given, credential = self._settings, credential_of(self._settings)
        if credential is None:
            return
        tokens = MsalTokens(
            given.client_id, given.tenant_id, credential, login_url=given.login_url, proxies=given.proxies
        )
        try:
            await tokens.bearer(bot_scope(given.login_url))
        finally:
            await tokens.close()
