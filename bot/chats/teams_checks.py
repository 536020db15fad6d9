"""What is looked at in Teams before the bot begins, and what the doctor asks there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from datetime import datetime

from bot.chats.base import Finding, Named
from bot.chats.longest import longest_forms, texts_of
from bot.chats.teams_line import make_connector
from bot.config import Fault, TeamsSettings
from handlers.teams.book import PLATFORM
from handlers.teams.connector import Connector
from handlers.teams.forms import FormTooLarge, Recipient, draw_form
from handlers.teams.sender import TeamsMessenger
from handlers.teams.words import Words
from reporting.model import Identity
from reporting.policy import Policy
from reporting.ports import DeliveryError, InstallationStopped

_NOBODY = Identity(PLATFORM, "", "")
_CREDENTIALS = ("TEAMS_CLIENT_SECRET", "TEAMS_CERTIFICATE", "TEAMS_CLIENT_ID", "TEAMS_TENANT_ID", "TEAMS_LOGIN_URL")


class TeamsChecks:
    """See `bot.chats.base.Checks`.

    Args:
        messenger: whose connections and address book are used; without one there is no book to look into.
        broken: variables that have a fault already: nothing is asked with them.
    """

    platform = PLATFORM

    def __init__(
        self, settings: TeamsSettings, messenger: TeamsMessenger | None = None, broken: Collection[str] = ()
    ) -> None:
        self._settings = settings
        self._messenger = messenger
        self._broken = broken
        self._own: Connector | None = None

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
        """Whether the login lets us in; that a channel is not known yet is none, for the app may come there later."""
        error = await self._login_error()
        # A login that does not answer now says nothing about the credentials.
        if isinstance(error, InstallationStopped):
            return [Fault(self._credential, f"Microsoft's login refuses it: {error}")]
        return []

    async def findings(self, channels: Named, _now: datetime) -> AsyncIterator[Finding]:
        """The login, and where each channel stands."""
        error = await self._login_error()
        yield Finding(error is None, "login", f"Microsoft refuses it: {error}" if error else "a token was given")
        if self._messenger is None:
            return
        for name, place in dict(channels).items():
            known = await asyncio.to_thread(self._messenger.book.find, name)
            wrong = "" if known else "is not known yet: add the app to its team"
            wrong = known.gone if known and known.gone else wrong
            good = f"{known.name or 'General'}" if known else ""
            yield Finding(not wrong, f"channel {name}", f"{wrong} ({place})" if wrong else good)

    async def close(self) -> None:
        """Close the connections that were opened here."""
        if self._own is not None:
            await self._own.https.close()

    @property
    def _credential(self) -> str:
        given = self._settings
        return "TEAMS_CERTIFICATE" if given.certificate else "TEAMS_CLIENT_SECRET" if given.secret else _CREDENTIALS[2]

    async def _login_error(self) -> DeliveryError | None:
        if self._settings.unverified or any(name in self._broken for name in _CREDENTIALS):
            return None
        try:
            await self._connector.https.authorized()
        except DeliveryError as error:
            return error
        return None

    @property
    def _connector(self) -> Connector:
        if self._messenger is not None:
            return self._messenger.connector
        if self._own is None:
            self._own = make_connector(self._settings)
        return self._own
