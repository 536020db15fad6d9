"""Finds the people an import names, by mail address, chat account or exact name, and creates the new ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from reporting.calendar_checks import known_zone
from reporting.model import Identity, Person
from reporting.ports import UnitOfWork
from reporting.routing import PLATFORMS
from reporting.services import mending, people
from reporting.services.claims import written
from reporting.services.importing import Row, Tally

_ADDRESS = re.compile(r"<?([^@<>\s]+@[^@<>\s]+)>?$")

PERSON_FIELDS = ("", "_email", "_tz", "_locale", "_prefers", *(f"_{platform}" for platform in PLATFORMS))
"""What a row may say of a person in the role `lead`: lead, lead_email, lead_tz, lead_locale, lead_slack, ..."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a row names them.

    Attributes:
        accounts: chat system and user id.
    """

    name: str
    email: str | None
    tz: str | None
    locale: str | None
    prefers: str | None
    accounts: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, row: Row, role: str) -> Named:
        """Read the fields of a role."""
        name, email, tz, locale, prefers, *user_ids = (row.text(role + suffix) for suffix in PERSON_FIELDS)
        accounts = tuple((platform, user_id) for platform, user_id in zip(PLATFORMS, user_ids, strict=True) if user_id)
        return cls(name, email.lower() or None, tz or None, locale or None, prefers or None, accounts)

    @property
    def shown(self) -> str:
        """How a line of changes calls them."""
        return self.name or self.email or ""


def speaks_of(row: Row, role: str) -> bool:
    """Whether the row says anything of a role; if not, the role stays as it is."""
    return role in row.values or f"{role}_email" in row.values


class Directory:
    """All people, looked up in memory while an import runs."""

    def __init__(self, uow: UnitOfWork, tally: Tally, workspace: str) -> None:
        self._uow = uow
        self._tally = tally
        self._workspace = workspace
        self._people = {person.id: person for person in uow.people.all()}
        self._by_email = {person.email: person.id for person in self._people.values() if person.email}
        self._by_user = {(i.platform, i.user_id): p.id for p in self._people.values() for i in p.identities}
        self._by_name: dict[str, list[int]] = {}
        for person in self._people.values():
            self._by_name.setdefault(person.name, []).append(person.id)

    def name(self, person_id: int | None) -> str:
        """The name for a line of changes."""
        return self._people[person_id].name if person_id in self._people else "nobody"

    def has_address(self, person_id: int | None) -> bool:
        """Whether a file can name a person by mail address; True also for nobody."""
        return person_id not in self._people or self._people[person_id].email is not None

    def by_email(self, email: str) -> int | None:
        """The id of the person with a mail address."""
        return self._by_email.get(email.lower())

    def named(self, row: Row, column: str) -> int | None:
        """The id of somebody who must be known: `Ana Dias`, `ana@labs.example` or `Ana Dias <ana@labs.example>`."""
        text = row.text(column).strip()
        email = _ADDRESS.search(text)
        if email is not None:
            found = self.by_email(email[1])
            if found is None:
                self._tally.fault(row, column, f"nobody has the address {email[1]}; import the register first")
            return found
        same = self._by_name.get(text, [])
        if not same:
            self._tally.fault(row, column, f"nobody is called {text}; import the register first")
        elif len(same) > 1:
            self._tally.fault(row, column, f"{len(same)} people are called {text}; give the mail address")
        return same[0] if same else None

    def resolve(self, row: Row, role: str) -> int | None:
        """The id of the person in a role, created when new; None when the row names nobody."""
        named = Named.of(row, role)
        if not named.shown:
            return None
        if named.tz and not known_zone(named.tz):
            self._tally.fault(row, f"{role}_tz", f"not a time zone: {named.tz}")
        found = self._find(row, role, named)
        if found is None:
            return self._create(named)
        return self._complete(found, replace(named, accounts=self._free(row, role, named, found)))

    def _find(self, row: Row, role: str, named: Named) -> int | None:
        if named.email and named.email in self._by_email:
            return self._by_email[named.email]
        for account in named.accounts:
            if account in self._by_user:
                return self._by_user[account]
        same = self._by_name.get(named.name, [])
        if named.email:
            # Somebody of that name with another address is somebody else.
            same = [person_id for person_id in same if self._people[person_id].email is None]
        if len(same) > 1:
            self._tally.fault(row, role, f"{len(same)} people are called {named.name}; give the mail address")
        return same[0] if same else None

    def _free(self, row: Row, role: str, named: Named, person_id: int) -> tuple[tuple[str, str], ...]:
        """Those of the accounts named that are not somebody else's; who says so in a register is believed."""
        free = []
        for account in named.accounts:
            holder = self._by_user.get(account, person_id)
            if holder != person_id and self._matters(holder):
                known = self._people[holder].name
                self._tally.fault(row, f"{role}_{account[0]}", f"{account[1]} is the account of {known}")
            else:
                free.append(account)
        return tuple(free)

    def _matters(self, person_id: int) -> bool:
        """Whether somebody is more than an account that once wrote to the bot."""
        return self._people[person_id].email is not None or bool(self._uow.projects.of_person(person_id))

    def _complete(self, person_id: int, named: Named) -> int:
        """Fill in what was not known; what is known is not overwritten, for the chat system knows better."""
        person = self._people[person_id]
        known = {account.platform for account in person.identities}
        added = self._identities(tuple(account for account in named.accounts if account[0] not in known))
        fuller = replace(
            person,
            email=person.email or named.email,
            tz=person.tz or named.tz,
            locale=person.locale or named.locale,
            prefers=person.prefers or named.prefers,
            identities=(*person.identities, *added),
        )
        if fuller != person:
            self._uow.people.save(fuller)
            self._keep(fuller, "person.changed")
            self._tally.changes.append(f"person {fuller.name}: details filled in")
        if added:
            mending.account_found(self._uow, person_id, self._tally.now)
        return person_id

    def _create(self, named: Named) -> int:
        name = named.name or (named.email or "").partition("@")[0]
        person = self._uow.people.add(
            Person(
                0, name, named.email, named.tz, named.locale, prefers=named.prefers,
                identities=self._identities(named.accounts),
            )
        )  # fmt: skip
        self._by_name.setdefault(name, []).append(person.id)
        self._keep(person, "person.added")
        self._tally.changes.append(f"person {name} added" + (f" ({named.email})" if named.email else ""))
        return person.id

    def _keep(self, person: Person, action: str) -> None:
        self._people[person.id] = person
        self._by_user |= {(account.platform, account.user_id): person.id for account in person.identities}
        if person.email:
            self._by_email[person.email] = person.id
        after: dict[str, Any] = {"name": person.name, "email": person.email, "tz": person.tz, "locale": person.locale}
        after |= {"prefers": person.prefers, "identities": [written(account) for account in person.identities]}
        self._uow.audit.append(self._tally.now, self._tally.actor, action, f"person:{person.id}", None, after)

    def _identities(self, accounts: tuple[tuple[str, str], ...]) -> tuple[Identity, ...]:
        return tuple(self._taken(platform, user_id) for platform, user_id in accounts)

    def _taken(self, platform: str, user_id: str) -> Identity:
        """An account as it is known, taken from whoever has it; else without a workspace: see `people.owner`."""
        holder = self._people.get(self._by_user.get((platform, user_id), 0))
        if holder is None:
            return Identity(platform, self._workspace if platform == "slack" else "", user_id)
        account = next(i for i in holder.identities if (i.platform, i.user_id) == (platform, user_id))
        poorer = people.without(holder, account)
        self._uow.people.save(poorer)
        self._keep(poorer, "person.changed")
        return account
