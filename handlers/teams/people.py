"""What Teams knows of people: the rosters of the teams and chats that the bot is in."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.teams.book import PLATFORM, Book, Kind
from handlers.teams.connector import Connector
from reporting.model import Identity
from reporting.ports import AppFault, Profile, TargetGone

__all__ = ["PLATFORM", "Rosters", "account_of", "profile_of"]

Json = dict[str, Any]
_PAGES: Final = 200
# Of a member; see `account_of` and `profile_of`.
_KEPT: Final = ("id", "aadObjectId", "objectId", "name", "email", "userPrincipalName", "userRole", "tenantId")
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
    login = member.get("userPrincipalName")
    email = member.get("email") or login
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
        login=str(login).lower() if login else None,
    )


class _Roster:
    """What was read of one team so far.

    Attributes:
        since: when reading began.
        known: members by account, mail address and sign-in name; of each only what is asked for.
        people: how many they are.
        after: what to ask the next page with; None when there is none.
    """

    def __init__(self, since: float) -> None:
        self.since = since
        self.clear("")

    def clear(self, after: str | None) -> None:
        self.known: dict[str, Json] = {}
        self.people = 0
        self.after = after

    def keep(self, page: list[Json], after: str | None) -> None:
        for member in page:
            few = {key: member[key] for key in _KEPT if member.get(key)}
            # What one signs in with may be another one's mail address, which counts more.
            names = {name for name in _names(few) if name not in self.known or not _signs_in(few, name)}
            self.known |= dict.fromkeys(names, few)
        self.people += len(page)
        self.after = after


class Rosters:
    """Who is in the teams of the address book. Read page by page, no further than to whom is sought.

    Args:
        keep: seconds for which what was read is taken for true.
        most: so many people of one team are remembered; of a larger one the rest is read each time.
    """

    def __init__(
        self,
        connector: Connector,
        book: Book,
        keep: float = 600.0,
        most: int = 10_000,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connector = connector
        self._book = book
        self._keep = keep
        self._most = most
        self._monotonic = monotonic
        self._read: dict[str, _Roster] = {}
        self._turn = asyncio.Lock()

    async def by_account(self, account: str) -> tuple[Json, str] | None:
        """Somebody by Entra object id, and the address at which their team is.

        Raises:
            DeliveryError: from Teams.
        """
        return await self._find(account)

    async def by_mail(self, email: str) -> tuple[Json, str] | None:
        """Somebody by mail address or sign-in name.

        Raises:
            DeliveryError: from Teams.
        """
        return await self._find(email.lower())

    async def _find(self, name: str) -> tuple[Json, str] | None:
        teams = await asyncio.to_thread(self._teams)
        async with self._turn:
            self._forget(teams)
            for team, address in teams.items():
                known = self._read[team].known.get(name)
                if known is not None:
                    return known, address
        for team, address in teams.items():
            # Others may have their turn in between: a large roster takes long.
            async with self._turn:
                found = await self._read_on(address, team, name)
            if found is not None:
                return found, address
        return None

    def _forget(self, teams: Mapping[str, str]) -> None:
        """Begin anew with teams of which too long ago was read, and drop those that are not there any more."""
        now = self._monotonic()
        fresh = {team: one for team, one in self._read.items() if team in teams and now - one.since <= self._keep}
        self._read = {team: fresh.get(team) or _Roster(now) for team in teams}

    def _teams(self) -> dict[str, str]:
        """Addresses by team. A team has the id of its General channel, so the book may hold either."""
        known = [one for kind in _TEAMS for one in self._book.all(kind) if not one.gone]
        return {one.team or one.owner: one.address for one in sorted(known, key=lambda one: one.seen_at)}

    async def _read_on(self, address: str, team: str, name: str) -> Json | None:
        roster = self._read.setdefault(team, _Roster(self._monotonic()))
        if name in roster.known:
            # Somebody else has read on meanwhile.
            return roster.known[name]
        after = roster.after
        for _ in range(_PAGES):
            if after is None:
                break
            page, after = await self._page(address, team, roster, after)
            if roster.people < self._most:
                roster.keep(page, after)
            named = [member for member in page if name in _names(member)]
            found = min(named, key=lambda member: _signs_in(member, name), default=None)
            if found is not None:
                return found
        return None

    async def _page(self, address: str, team: str, roster: _Roster, after: str) -> tuple[list[Json], str | None]:
        try:
            page, following = await self._connector.members(address, team, after)
        except TargetGone:
            # The bot is not in this team any more, and nobody has told us.
            roster.clear(None)
            return [], None
        except AppFault:
            if not after:
                raise
            # Teams does not say for how long it takes a token; from the start, then.
            roster.clear("")
            page, following = await self._connector.members(address, team)
        return page, following or None


def _signs_in(member: Mapping[str, Any], name: str) -> bool:
    """Whether a name of somebody's is no more than what they sign in with."""
    return name not in (account_of(member), str(member.get("email") or "").lower())


def _names(member: Mapping[str, Any]) -> set[str]:
    """By what somebody in a roster is found."""
    mails = {str(member.get(name) or "").lower() for name in ("email", "userPrincipalName")}
    return ({account_of(member)} | mails) - {""}
