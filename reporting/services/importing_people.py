"""Finds the people an import names, by mail address, chat account or exact name, and creates the new ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reporting.calendar_checks import known_zone
from reporting.model import Identity, Person
from reporting.ports import UnitOfWork
from reporting.services.importing import Row, Tally

_ADDRESS = re.compile(r"<?([^@<>\s]+@[^@<>\s]+)>?$")

PERSON_FIELDS = ("", "_email", "_tz", "_locale", "_slack")
"""What a row may say of a person in the role `lead`: lead, lead_email, lead_tz, lead_locale, lead_slack."""


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a row names them."""

    name: str
    email: str | None
    tz: str | None
    locale: str | None
    user_id: str | None

    @classmethod
    def of(cls, row: Row, role: str) -> Named:
        """Read the fields of a role."""
        name, email, tz, locale, user_id = (row.text(role + suffix) for suffix in PERSON_FIELDS)
        return cls(name, email.lower() or None, tz or None, locale or None, user_id or None)

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
        self._by_user = {i.user_id: person.id for person in self._people.values() for i in person.identities}
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
        return self._complete(found, named) if found is not None else self._create(named)

    def _find(self, row: Row, role: str, named: Named) -> int | None:
        if named.email and named.email in self._by_email:
            return self._by_email[named.email]
        if named.user_id and named.user_id in self._by_user:
            return self._by_user[named.user_id]
        same = self._by_name.get(named.name, [])
        if named.email:
            # Somebody of that name with another address is somebody else.
            same = [person_id for person_id in same if self._people[person_id].email is None]
        if len(same) > 1:
            self._tally.fault(row, role, f"{len(same)} people are called {named.name}; give the mail address")
        return same[0] if same else None

    def _complete(self, person_id: int, named: Named) -> int:
        """Fill in what was not known; what is known is not overwritten, for the chat system knows better."""
        person = self._people[person_id]
        fuller = replace(
            person,
            email=person.email or named.email,
            tz=person.tz or named.tz,
            locale=person.locale or named.locale,
            identities=person.identities or self._identities(named),
        )
        if fuller != person:
            self._uow.people.save(fuller)
            self._keep(fuller, "person.changed")
            self._tally.changes.append(f"person {fuller.name}: details filled in")
        return person_id

    def _create(self, named: Named) -> int:
        name = named.name or (named.email or "").partition("@")[0]
        person = self._uow.people.add(
            Person(0, name, named.email, named.tz, named.locale, identities=self._identities(named))
        )
        self._by_name.setdefault(name, []).append(person.id)
        self._keep(person, "person.added")
        self._tally.changes.append(f"person {name} added" + (f" ({named.email})" if named.email else ""))
        return person.id

    def _keep(self, person: Person, action: str) -> None:
        self._people[person.id] = person
        self._by_user |= {identity.user_id: person.id for identity in person.identities}
        if person.email:
            self._by_email[person.email] = person.id
        after = {"name": person.name, "email": person.email, "tz": person.tz, "locale": person.locale}
        self._uow.audit.append(self._tally.now, self._tally.actor, action, f"person:{person.id}", None, after)

    def _identities(self, named: Named) -> tuple[Identity, ...]:
        # Without a workspace the account is adopted when its owner is met; see `people.owner`.
        return (Identity("slack", self._workspace, named.user_id),) if named.user_id else ()
