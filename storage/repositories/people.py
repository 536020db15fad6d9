"""People, their chat accounts and their absences."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, insert, or_, select, update

from reporting.model import Absence, Identity, Person
from storage.folding import fold
from storage.sql import Fields, Repository, like
from storage.tables import absences, identities, people

_PERSON = Fields(Person, people)
_ABSENCE = Fields(Absence, absences)
_FOUND_AT_MOST = 20

_SELECT = select(*_PERSON.columns)
_BY_IDS = _SELECT.where(people.c.id.in_(bindparam("ids", expanding=True)))
_BY_ID = _SELECT.where(people.c.id == bindparam("id"))
_BY_EMAIL = _SELECT.where(people.c.email == bindparam("email")).order_by(people.c.id).limit(1)
_ACCOUNT = (
    (identities.c.platform == bindparam("platform"))
    & (identities.c.workspace == bindparam("workspace"))
    & (identities.c.user_id == bindparam("user_id"))
)
_BY_IDENTITY = _SELECT.join(identities, identities.c.person_id == people.c.id).where(_ACCOUNT)
_ALL = _SELECT.order_by(people.c.search, people.c.id)
_INSERT = insert(people)
_UPDATE = update(people).where(people.c.id == bindparam("row_id"))

_IDENTITIES_OF = (
    select(identities.c.person_id, identities.c.platform, identities.c.workspace, identities.c.user_id)
    .where(identities.c.person_id.in_(bindparam("ids", expanding=True)))
    .order_by(identities.c.person_id, identities.c.position)
)
_IDENTITIES_ALL = select(
    identities.c.person_id, identities.c.platform, identities.c.workspace, identities.c.user_id
).order_by(identities.c.person_id, identities.c.position)
_USER_IDS = (
    select(identities.c.person_id, identities.c.user_id)
    .where(identities.c.person_id.in_(bindparam("ids", expanding=True)))
    .where(identities.c.platform == bindparam("platform"))
    .order_by(identities.c.person_id, identities.c.position)
)
_FORGET_IDENTITIES = delete(identities).where(identities.c.person_id == bindparam("row_id"))
_INSERT_IDENTITY = insert(identities)

_has_account = people.c.id.in_(select(identities.c.person_id).where(identities.c.user_id == bindparam("exact")))
_local_part = people.c.email.like(bindparam("local"), escape="/")
_FIND = (
    _SELECT.where(
        or_(
            _has_account,
            people.c.email == bindparam("email"),
            _local_part,
            people.c.search.like(bindparam("part"), escape="/"),
        )
    )
    .order_by(
        case(
            (_has_account, 0),
            (people.c.email == bindparam("email"), 1),
            (_local_part, 2),
            (people.c.search == bindparam("name"), 3),
            (people.c.search.like(bindparam("start"), escape="/"), 4),
            (people.c.search.like(bindparam("word"), escape="/"), 5),
            else_=6,
        ),
        people.c.active.desc(),
        people.c.search,
        people.c.id,
    )
    .limit(_FOUND_AT_MOST)
)

_ABSENCES = (
    select(*_ABSENCE.columns)
    .where(absences.c.person_id.in_(bindparam("ids", expanding=True)))
    .where(absences.c.last >= bindparam("from_day"), absences.c.first <= bindparam("to_day"))
    .order_by(absences.c.first, absences.c.id)
)
_INSERT_ABSENCE = insert(absences)
_DELETE_ABSENCE = delete(absences).where(absences.c.id == bindparam("row_id"))


class SqlPeople(Repository):
    """See `reporting.ports.People`."""

    def get(self, person_id: int) -> Person | None:
        """One person."""
        return self._with_identities(self._db.execute(_BY_ID, {"id": person_id}).first())

    def many(self, person_ids: Collection[int]) -> dict[int, Person]:
        """Those of the ids that exist."""
        people_found = self._of_ids(_BY_IDS, Person, person_ids)
        return {person.id: person for person in self._all_with_identities(people_found)}

    def by_identity(self, identity: Identity) -> Person | None:
        """The owner of a chat account."""
        account = {"platform": identity.platform, "workspace": identity.workspace, "user_id": identity.user_id}
        return self._with_identities(self._db.execute(_BY_IDENTITY, account).first())

    def by_email(self, email: str) -> Person | None:
        """By mail address, without regard to case."""
        return self._with_identities(self._db.execute(_BY_EMAIL, {"email": email.lower()}).first())

    def find(self, text: str) -> list[Person]:
        """By chat user id, mail address or its local part, or a part of the name; at most 20, best first."""
        word = text.strip().removeprefix("@")
        name = fold(word)
        if not name:
            return []
        email = word.lower()
        values = {
            "exact": word,
            "email": email,
            "local": like(email, before="", after="@%"),
            "name": name,
            "part": like(name),
            "start": like(name, before=""),
            "word": like(name, before="% "),
        }
        return self._all_with_identities(self._list(_FIND, Person, **values))

    def all(self) -> list[Person]:
        """Everybody, by name."""
        accounts = _grouped(self._db.execute(_IDENTITIES_ALL).all())
        return [_person(row, accounts) for row in self._db.execute(_ALL)]

    def add(self, person: Person) -> Person:
        """Insert (the id given is ignored, identities are stored) and return with its id."""
        values = self._values(person)
        del values["id"]
        person_id = self._insert(_INSERT, values)
        self._put_identities(person_id, person.identities)
        return replace(person, id=person_id, email=values["email"])

    def save(self, person: Person) -> None:
        """Update all columns and identities."""
        self._db.execute(_UPDATE, {**self._values(person), "row_id": person.id})
        if self._identities([person.id]).get(person.id, ()) != person.identities:
            self._db.execute(_FORGET_IDENTITIES, {"row_id": person.id})
            self._put_identities(person.id, person.identities)

    def absences(self, person_ids: Collection[int], first: date, last: date) -> list[Absence]:
        """Absences that overlap the days first..last."""
        return self._of_ids(_ABSENCES, Absence, person_ids, from_day=first, to_day=last)

    def add_absence(self, absence: Absence) -> Absence:
        """Insert (the id given is ignored) and return with its id."""
        values = _ABSENCE.values(absence)
        del values["id"]
        return replace(absence, id=self._insert(_INSERT_ABSENCE, values))

    def remove_absence(self, absence_id: int) -> None:
        """Forget an absence."""
        self._db.execute(_DELETE_ABSENCE, {"row_id": absence_id})

    def user_ids(self, person_ids: Collection[int], platform: str) -> dict[int, str]:
        """Chat user id by person id, for those who have an account there; the first one when there are several."""
        found: dict[int, str] = {}
        for person_id, user_id in self._of_ids(_USER_IDS, lambda *row: row, person_ids, platform=platform):
            found.setdefault(person_id, user_id)
        return found

    def _values(self, person: Person) -> dict[str, Any]:
        values = _PERSON.values(person)
        values["email"] = person.email.lower() if person.email else None
        values["search"] = fold(person.name)
        return values

    def _put_identities(self, person_id: int, accounts: Sequence[Identity]) -> None:
        rows = [
            {
                "platform": account.platform,
                "workspace": account.workspace,
                "user_id": account.user_id,
                "person_id": person_id,
                "position": position,
            }
            for position, account in enumerate(accounts)
        ]
        if rows:
            self._db.execute(_INSERT_IDENTITY, rows)

    def _identities(self, person_ids: Collection[int]) -> dict[int, tuple[Identity, ...]]:
        return _grouped(self._of_ids(_IDENTITIES_OF, lambda *row: row, person_ids))

    def _with_identities(self, row: Row[Any] | None) -> Person | None:
        return None if row is None else _person(row, self._identities([row[0]]))

    def _all_with_identities(self, found: Sequence[Person]) -> list[Person]:
        accounts = self._identities([person.id for person in found])
        return [replace(person, identities=accounts.get(person.id, ())) for person in found]


def _person(row: Row[Any], accounts: dict[int, tuple[Identity, ...]]) -> Person:
    values: tuple[Any, ...] = (*row, accounts.get(row[0], ()))
    return Person(*values)


def _grouped(rows: Sequence[Sequence[Any]]) -> dict[int, tuple[Identity, ...]]:
    grouped: dict[int, tuple[Identity, ...]] = {}
    for person_id, platform, workspace, user_id in rows:
        grouped[person_id] = (*grouped.get(person_id, ()), Identity(platform, workspace, user_id))
    return grouped
