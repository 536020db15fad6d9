"""Accounts that show a known person's mail address."""

from typing import Any

from sqlalchemy import bindparam, select, update

from reporting.ledger import Claim, ClaimState
from reporting.model import Identity
from storage.sql import Fields, Portable, Repository
from storage.tables import claims

_FIELDS = Fields(Claim, claims)
_SELECT = select(*_FIELDS.columns)
_NEWEST = (claims.c.asked_at.desc(), claims.c.id.desc())
_GET = _SELECT.where(claims.c.id == bindparam("id"))
_OF_ACCOUNT = _SELECT.where(
    claims.c.platform == bindparam("platform"),
    claims.c.workspace == bindparam("workspace"),
    claims.c.user_id == bindparam("user_id"),
).order_by(*_NEWEST)
_OF_PERSON = _SELECT.where(claims.c.person_id == bindparam("person_id")).order_by(*_NEWEST)
_UNCONFIRMED = _SELECT.where(claims.c.state != ClaimState.CONFIRMED).order_by(*_NEWEST).limit(bindparam("limit"))
_UPDATE = update(claims).where(claims.c.id == bindparam("row_id"))


def _insert(insert: Any) -> Any:
    one_each = [claims.c.platform, claims.c.workspace, claims.c.user_id, claims.c.person_id]
    return insert(claims).on_conflict_do_nothing(index_elements=one_each).returning(claims.c.id)


_INSERT = Portable(_insert)


class SqlClaims(Repository):
    """See `reporting.ports.Claims`."""

    def get(self, claim_id: int) -> Claim | None:
        """One claim."""
        return self._one(_GET, Claim, id=claim_id)

    def of_account(self, identity: Identity) -> list[Claim]:
        """Those of an account, the newest first."""
        where = {"platform": identity.platform, "workspace": identity.workspace, "user_id": identity.user_id}
        return self._list(_OF_ACCOUNT, Claim, **where)

    def of_person(self, person_id: int) -> list[Claim]:
        """Those that a person is asked about, the newest first."""
        return self._list(_OF_PERSON, Claim, person_id=person_id)

    def unconfirmed(self, limit: int) -> list[Claim]:
        """The newest that nobody has said yes to, the newest first."""
        return self._list(_UNCONFIRMED, Claim, limit=limit)

    def add(self, claim: Claim) -> Claim | None:
        """Insert (id ignored); None when the account claims this person already."""
        values = _FIELDS.values(claim)
        del values["id"]
        new_id = self._insert_or_pass(_INSERT, values)
        return None if new_id is None else self.get(new_id)

    def save(self, claim: Claim) -> None:
        """Update."""
        values = _FIELDS.values(claim)
        self._db.execute(_UPDATE, {**values, "row_id": values.pop("id")})
