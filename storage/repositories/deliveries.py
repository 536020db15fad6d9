"""Messages to be sent and sent."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, null, select, text, tuple_, update

from reporting.ledger import Delivery, MessageRef
from storage.sql import Fields, Portable, Repository, epoch
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
_EDITED_AFTER = (
    select(deliveries.c.id)
    .where(deliveries.c.updates == bindparam("key"), deliveries.c.id > bindparam("id"))
    .where(text("deliveries.state = 'sent'"))
    .limit(1)
)
_NEWEST = (
    _LIGHT.where(deliveries.c.key >= bindparam("low"), deliveries.c.key < bindparam("high"))
    .order_by(deliveries.c.id.desc())
    .limit(bindparam("most"))
)
_SEARCH = _LIGHT.order_by(deliveries.c.id.desc()).limit(bindparam("most"))
_FITS = {
    "state": deliveries.c.state == bindparam("state"),
    "kind": deliveries.c.kind == bindparam("kind"),
    "target": deliveries.c.target == bindparam("target"),
    "since": deliveries.c.due_at >= bindparam("since"),
}
_NEWEST_FAILED = _NEWEST.where(text("deliveries.state = 'failed'"))
# Written out, so that the planner sees that the partial indexes serve.
_is_unfinished = text("deliveries.state IN ('planned', 'sending', 'uncertain')")
_EDITS_WAITING = _EDITS.where(_is_unfinished)
_UNFINISHED = _SELECT.where(_is_unfinished).order_by(deliveries.c.due_at, deliveries.c.id)
# An answer is in line behind its message, also where it was due before that.
_message = deliveries.alias("message")
_goes_ahead = exists().where(
    _message.c.key == deliveries.c.thread_of,
    text("message.state IN ('planned', 'sending', 'uncertain')"),
    tuple_(_message.c.due_at, _message.c.id) > tuple_(deliveries.c.due_at, deliveries.c.id),
)
_FIRST = (
    select(deliveries.c.id)
    .where(_is_unfinished, deliveries.c.target == bindparam("target"), deliveries.c.due_at <= bindparam("now"))
    .where(deliveries.c.updates.is_(None), ~deliveries.c.stuck, ~_goes_ahead)
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(1)
)
_FOLLOWERS = [
    select(deliveries.c.id)
    .where(_is_unfinished, link == bindparam("key"), deliveries.c.due_at <= bindparam("now"))
    .order_by(deliveries.c.id)
    for link in (deliveries.c.updates, deliveries.c.thread_of)
]
_OVERDUE = _LIGHT.where(_is_unfinished, deliveries.c.due_at < bindparam("before")).order_by(
    deliveries.c.due_at, deliveries.c.id
)
_BACKLOG = select(func.count(), func.min(deliveries.c.due_at)).where(
    _is_unfinished, deliveries.c.due_at <= bindparam("now")
)
_HELD = select(deliveries.c.held_until - epoch()).where(deliveries.c.id == bindparam("id"))
_FAILURES = _SELECT.where(text("deliveries.state = 'failed'"), deliveries.c.failed_at >= bindparam("since")).order_by(
    deliveries.c.failed_at, deliveries.c.id
)
_SKIPPED = _LIGHT.where(text("deliveries.state = 'skipped'"), deliveries.c.failed_at >= bindparam("since")).order_by(
    deliveries.c.failed_at, deliveries.c.id
)
# A sender's time is never longer: what seems to be held for more was written before the clock was set.
_LONGEST_HOLD = 300.0
_UPDATE = update(deliveries).where(deliveries.c.id == bindparam("row_id"), deliveries.c.attempt == bindparam("fence"))
_HOLD = update(deliveries).where(deliveries.c.id == bindparam("row_id")).values(held_until=epoch() + bindparam("hold"))
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

    def edits_waiting(self, key: str) -> list[Delivery]:
        """Of those only the unfinished ones, however many there were."""
        return self._list(_EDITS_WAITING, _delivery, key=key)

    def edited_after(self, key: str, delivery_id: int) -> bool:
        """Whether an edit planned later than this one has been sent."""
        return self._one(_EDITED_AFTER, _itself, key=key, id=delivery_id) is not None

    def newest(self, prefix: str, limit: int, failed: bool = False) -> list[Delivery]:
        """The newest whose key begins with the prefix, oldest of them first; without content and parts."""
        statement = _NEWEST_FAILED if failed else _NEWEST
        return self._list(statement, _delivery, low=prefix, high=prefix + _HIGHEST, most=limit)[::-1]

    def search(self, limit: int, **where: Any) -> list[Delivery]:
        """The newest that fit, oldest of them first; without content and parts.

        Args:
            where: any of `state`, `kind`, `target` (exactly so) and `since` (due at or after).
        """
        wanted = {name: value for name, value in where.items() if value is not None}
        statement = _SEARCH
        for name in wanted:
            statement = statement.where(_FITS[name])
        return self._list(statement, _delivery, most=limit, **wanted)[::-1]

    def add(self, delivery: Delivery) -> Delivery | None:
        """Insert (id ignored); None when the key exists: the same cause never makes two."""
        new_id = self._insert_or_pass(_INSERT, _values(delivery))
        return None if new_id is None else replace(delivery, id=new_id)

    def save(self, delivery: Delivery, fence: int, hold: float = 0.0) -> bool:
        """Update where `attempt` still equals `fence`; False when another attempt has taken over.

        Args:
            hold: for so many seconds nobody else may take it, on the database's clock; 0 lets it go.
        """
        values = {**_values(delivery), "held_until": None, "row_id": delivery.id, "fence": fence}
        saved: int = self._db.execute(_UPDATE, values).rowcount
        if saved == 1 and hold > 0:
            self._db.execute(_HOLD, {"row_id": delivery.id, "hold": hold})
        return saved == 1

    def held(self, delivery_id: int) -> float:
        """For how many seconds its sender still has it to itself; 0 for none."""
        left = self._one(_HELD, _itself, id=delivery_id)
        return left if left is not None and 0 < left < _LONGEST_HOLD else 0.0

    def first_in_line(self, target: str, now: datetime) -> int | None:
        """Of the unfinished posts to a target that are due and not stuck, the one due first. Edits are in no line."""
        return self._one(_FIRST, _itself, target=target, now=now)

    def waiting_for(self, key: str, now: datetime) -> list[int]:
        """The unfinished ones that edit or answer this delivery and are due, oldest first."""
        return sorted(i for followers in _FOLLOWERS for i in self._list(followers, _itself, key=key, now=now))

    def overdue(self, before: datetime) -> list[Delivery]:
        """The unfinished ones due before an instant, the first due first; without content and parts."""
        return self._list(_OVERDUE, _delivery, before=before)

    def backlog(self, now: datetime) -> tuple[int, datetime | None]:
        """How many unfinished ones are due, and when the first of them was."""
        found: tuple[int, datetime | None] = self._list(_BACKLOG, _row, now=now)[0]
        return found

    def unfinished(self) -> list[Delivery]:
        """Planned, being sent or uncertain; the first due first."""
        return self._list(_UNFINISHED, _delivery)

    def failures_since(self, since: datetime) -> list[Delivery]:
        """Those given up at or after the instant, the first given up first."""
        return self._list(_FAILURES, _delivery, since=since)

    def skipped_since(self, since: datetime) -> list[Delivery]:
        """Those skipped at or after the instant, the first skipped first; without content and parts."""
        return self._list(_SKIPPED, _delivery, since=since)


def _itself(value: Any) -> Any:
    return value


def _row(*row: Any) -> Any:
    return row


def _values(delivery: Delivery) -> dict[str, Any]:
    values = _DELIVERY.values(delivery)
    del values["id"]
    values["refs"] = [[ref.channel, ref.message_id] for ref in delivery.refs]
    return values


def _delivery(*row: Any) -> Delivery:
    refs = tuple(MessageRef(*ref) for ref in row[_REFS_AT])
    values: tuple[Any, ...] = (*row[:_REFS_AT], refs, *row[_REFS_AT + 1 :])
    return Delivery(*values)
