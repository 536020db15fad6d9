"""Messages to be sent and sent."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, null, select, text, update

from reporting.ledger import Delivery, MessageRef
from storage.sql import Fields, Portable, Repository
from storage.tables import deliveries

_DELIVERY = Fields(Delivery, deliveries)
_REFS_AT = _DELIVERY.names.index("refs")
_HIGHEST = "\U0010ffff"

_SELECT = select(*_DELIVERY.columns)
_BY_ID = _SELECT.where(deliveries.c.id == bindparam("id"))
_BY_KEY = _SELECT.where(deliveries.c.key == bindparam("key"))
_WITH_PREFIX = _SELECT.where(deliveries.c.key >= bindparam("low"), deliveries.c.key < bindparam("high")).order_by(
    deliveries.c.id
)
# Contents are large; lists do without them.
_LIGHT = select(*(null().label(c.name) if c.name in ("content", "parts") else c for c in _DELIVERY.columns))
_EDITS = _LIGHT.where(deliveries.c.updates == bindparam("key")).order_by(deliveries.c.id)
_NEWEST = (
    _LIGHT.where(deliveries.c.key >= bindparam("low"), deliveries.c.key < bindparam("high"))
    .order_by(deliveries.c.id.desc())
    .limit(bindparam("most"))
)
_NEWEST_FAILED = _NEWEST.where(text("deliveries.state = 'failed'"))
# Written out, so that the planner sees that the partial indexes serve.
_UNFINISHED = _SELECT.where(text("deliveries.state IN ('planned', 'sending', 'uncertain')")).order_by(
    deliveries.c.due_at, deliveries.c.id
)
_FAILURES = _SELECT.where(text("deliveries.state = 'failed'"), deliveries.c.failed_at >= bindparam("since")).order_by(
    deliveries.c.failed_at, deliveries.c.id
)
_UPDATE = update(deliveries).where(deliveries.c.id == bindparam("row_id"), deliveries.c.attempt == bindparam("fence"))
_INSERT = Portable(
    lambda insert: (
        insert(deliveries).on_conflict_do_nothing(index_elements=[deliveries.c.key]).returning(deliveries.c.id)
    )
)


class SqlDeliveries(Repository):
    """See `reporting.ports.Deliveries`."""

    def get(self, delivery_id: int) -> Delivery | None:
        """One delivery."""
        return self._one(_BY_ID, _delivery, id=delivery_id)

    def by_key(self, key: str) -> Delivery | None:
        """By its unique key."""
        return self._one(_BY_KEY, _delivery, key=key)

    def with_prefix(self, prefix: str) -> list[Delivery]:
        """Those whose key begins with the prefix, oldest first."""
        return self._list(_WITH_PREFIX, _delivery, low=prefix, high=prefix + _HIGHEST)

    def edits_of(self, key: str) -> list[Delivery]:
        """Those that edit the message of this delivery, oldest first; without their content and parts."""
        return self._list(_EDITS, _delivery, key=key)

    def newest(self, prefix: str, limit: int, failed: bool = False) -> list[Delivery]:
        """The newest whose key begins with the prefix, oldest of them first; without content and parts."""
        statement = _NEWEST_FAILED if failed else _NEWEST
        return self._list(statement, _delivery, low=prefix, high=prefix + _HIGHEST, most=limit)[::-1]

    def add(self, delivery: Delivery) -> Delivery | None:
        """Insert (id ignored); None when the key exists: the same cause never makes two."""
        new_id = self._insert_or_pass(_INSERT, _values(delivery))
        return None if new_id is None else replace(delivery, id=new_id)

    def save(self, delivery: Delivery, fence: int) -> bool:
        """Update where `attempt` still equals `fence`; False when another attempt has taken over."""
        values = {**_values(delivery), "row_id": delivery.id, "fence": fence}
        saved: int = self._db.execute(_UPDATE, values).rowcount
        return saved == 1

    def unfinished(self) -> list[Delivery]:
        """Planned, being sent or uncertain; the first due first."""
        return self._list(_UNFINISHED, _delivery)

    def failures_since(self, since: datetime) -> list[Delivery]:
        """Those given up at or after the instant, the first given up first."""
        return self._list(_FAILURES, _delivery, since=since)


def _values(delivery: Delivery) -> dict[str, Any]:
    values = _DELIVERY.values(delivery)
    del values["id"]
    values["refs"] = [[ref.channel, ref.message_id] for ref in delivery.refs]
    return values


def _delivery(*row: Any) -> Delivery:
    refs = tuple(MessageRef(*ref) for ref in row[_REFS_AT])
    values: tuple[Any, ...] = (*row[:_REFS_AT], refs, *row[_REFS_AT + 1 :])
    return Delivery(*values)
