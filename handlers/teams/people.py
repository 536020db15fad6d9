"""What Teams knows of people: the rosters of the teams and chats that the bot is in."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.teams.book import PLATFORM, Book, Kind
from handlers.teams.connector import Connector
from reporting.model import Identity
from reporting.ports import Profile, TargetGone

__all__ = ["PLATFORM", "Rosters", "account_of", "profile_of"]

Json = dict[str, Any]
_PAGES: Final = 200
_TEAMS: Final[tuple[Kind, ...]] = ("team", "channel")
_GUESTS: Final = frozenset({"guest", "anonymous"})


def account_of(member: Mapping[str, Any]) -> str:
    """The Entra object id of somebody in a roster; older answers name it otherwise."""
    return str(member.get("aadObjectId") or member.get("objectId") or "")


def profile_of(member: Mapping[str, Any], tenant: str) -> Profile | None:
    """Somebody in a roster; None for bots and others without an account. Rosters tell neither zone nor language."""
    account = account_of(member)
    if not account:
        return None
    email = member.get("email") or member.get("userPrincipalName")
    return Profile(
        identity=Identity(PLATFORM, tenant, account),
        name=str(member.get("name") or email or account),
        email=str(email).lower() if email else None,
        tz=None,
        locale=None,
        active=True,
        # Of another organisation, in a shared channel: nobody who may ask us anything.
        human=str(member.get("tenantId") or tenant) == tenant,
        guest=str(member.get("userRole") or "").lower() in _GUESTS,
    )


class Rosters:
    """Who is in the teams of the address book, read once and kept for a while.

    Args:
        keep: seconds.
    """

    def __init__(
        self, connector: Connector, book: Book, keep: float = 600.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._connector = connector
        self._book = book
        self._keep = keep
        self._monotonic = monotonic
        self._read: dict[str, tuple[float, list[Json]]] = {}
        self._turn = asyncio.Lock()

    async def by_account(self, account: str) -> tuple[Json, str] | None:
        """Somebody by Entra object id, and the address at which their team is.

        Raises:
            DeliveryError: from Teams.
        """
        return await self._first(lambda member: account_of(member) == account)

    async def by_mail(self, email: str) -> tuple[Json, str] | None:
        """Somebody by mail address or sign-in name.

        Raises:
            DeliveryError: from Teams.
        """
        wanted = email.lower()
        return await self._first(
            lambda member: wanted in {str(member.get(name) or "").lower() for name in ("email", "userPrincipalName")}
        )

    async def _first(self, fits: Callable[[Json], bool]) -> tuple[Json, str] | None:
        for team, address in (await asyncio.to_thread(self._teams)).items():
            async with self._turn:
                members = await self._members(address, team)
            found = next((member for member in members if fits(member)), None)
            if found is not None:
                return found, address
        return None

    def _teams(self) -> dict[str, str]:
        """Addresses by team. A team has the id of its General channel, so the book may hold either."""
        known = [one for kind in _TEAMS for one in self._book.all(kind) if not one.gone]
        return {one.team or one.owner: one.address for one in sorted(known, key=lambda one: one.seen_at)}

    async def _members(self, address: str, conversation: str) -> list[Json]:
        since, members = self._read.get(conversation, (0.0, []))
        if conversation not in self._read or self._monotonic() - since > self._keep:
            members = await self._all(address, conversation)
            self._read[conversation] = (self._monotonic(), members)
        return members

    async def _all(self, address: str, conversation: str) -> list[Json]:
        found: list[Json] = []
        after = ""
        for _ in range(_PAGES):
            try:
                page, after = await self._connector.members(address, conversation, after)
            except TargetGone:
                # The bot is not in this team any more, and nobody has told us.
                return []
            found += page
            if not after:
                break
        return found
