"""Messages to be sent and sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update

from reporting.ledger import Delivery, MessageRef
from storage.sql import Fields, Portable, Repository
from storage.tables import deliveries, delivery_messages

_DELIVERY = Fields(Delivery, deliveries)
_REFS_AT = _DELIVERY.names.index("refs")
_HIGHEST = "\U0010ffff"

_SELECT = select(*_DELIVERY.columns)
_BY_ID = _SELECT.where(deliveries.c.id == bindparam("id"))
_BY_KEY = _SELECT.where(deliveries.c.key == bindparam("key"))
_WITH_PREFIX = _SELECT.where(deliveries.c.key >= bindparam("low"), deliveries.c.key < bindparam("high")).order_by(
    deliveries.c.id
)
# An edit has the references of the message it edits: the first delivery is where the message came from.
_OF_MESSAGE = (
    _SELECT.join(delivery_messages, delivery_messages.c.delivery_id == deliveries.c.id)
    .where(delivery_messages.c.channel == bindparam("channel"), delivery_messages.c.message_id == bindparam("message"))
    .order_by(delivery_messages.c.delivery_id)
    .limit(1)
)
# Written out, so that the planner sees that the partial indexes serve.
_UNFINISHED = _SELECT.where(text("deliveries.state IN ('planned', 'sending', 'uncertain')")).order_by(
    deliveries.c.due_at, deliveries.c.id
)
_FAILURES = _SELECT.where(text("deliveries.state = 'failed'"), deliveries.c.due_at >= bindparam("since")).order_by(
    deliveries.c.due_at, deliveries.c.id
)
_UPDATE = update(deliveries).where(deliveries.c.id == bindparam("row_id"), deliveries.c.attempt == bindparam("fence"))
_INSERT = Portable(
    lambda insert: (
        insert(deliveries).on_conflict_do_nothing(index_elements=[deliveries.c.key]).returning(deliveries.c.id)
    )
)
_NOTE_MESSAGE = Portable(lambda insert: insert(delivery_messages).on_conflict_do_nothing())


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

    def of_message(self, channel: str, message_id: str) -> Delivery | None:
        """The delivery that a sent message came from."""
        return self._one(_OF_MESSAGE, _delivery, channel=channel, message=message_id)

    def add(self, delivery: Delivery) -> Delivery | None:
        """Insert (id ignored); None when the key exists: the same cause never makes two."""
        new_id = self._insert_or_pass(_INSERT, _values(delivery))
        if new_id is None:
            return None
        self._note_messages(new_id, delivery.refs)
        return replace(delivery, id=new_id)

    def save(self, delivery: Delivery, fence: int) -> bool:
        """Update where `attempt` still equals `fence`; False when another attempt has taken over."""
        values = {**_values(delivery), "row_id": delivery.id, "fence": fence}
        if self._db.execute(_UPDATE, values).rowcount == 0:
            return False
        self._note_messages(delivery.id, delivery.refs)
        return True

    def unfinished(self) -> list[Delivery]:
        """Planned, being sent or uncertain; the first due first."""
        return self._list(_UNFINISHED, _delivery)

    def failures_since(self, since: datetime) -> list[Delivery]:
        """Those that failed for good and were due at or after the instant; the first due first."""
        return self._list(_FAILURES, _delivery, since=since)

    def _note_messages(self, delivery_id: int, refs: Sequence[MessageRef]) -> None:
        rows = [{"channel": ref.channel, "message_id": ref.message_id, "delivery_id": delivery_id} for ref in set(refs)]
        if rows:
            self._db.execute(_NOTE_MESSAGE.on(self._db), rows)


def _values(delivery: Delivery) -> dict[str, Any]:
    values = _DELIVERY.values(delivery)
    del values["id"]
    values["refs"] = [[ref.channel, ref.message_id] for ref in delivery.refs]
    return values


def _delivery(*row: Any) -> Delivery:
    refs = tuple(MessageRef(*ref) for ref in row[_REFS_AT])
    values: tuple[Any, ...] = (*row[:_REFS_AT], refs, *row[_REFS_AT + 1 :])
    return Delivery(*values)
