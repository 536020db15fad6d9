"""The audit trail: append-only and hash-chained, so that a changed, missing or inserted event shows.

The hash of an event is SHA-256 over the JSON array `[previous hash, seq, at, actor, action, subject, before, after]`
(compact, ASCII), where `at` is `2026-11-22T07:36:12.000000Z` and `before` and `after` are null or the stored text:
canonical JSON (compact, sorted keys). The first event follows 64 zeros. Anybody can check it with a few lines.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from reporting.ledger import AuditEvent
from reporting.ports import AuditEntry
from storage.sql import Repository
from storage.tables import audit_events, audit_head
from storage.types import utc_text

GENESIS = "0" * 64
_AT_A_TIME = 1_000

_e = audit_events.c
_SELECT = select(audit_events)
_NEWEST = _SELECT.order_by(_e.seq.desc()).limit(bindparam("most"))
_IN_ORDER = _SELECT.where(_e.seq > bindparam("after_seq")).order_by(_e.seq).limit(_AT_A_TIME)
_of_subject = _e.subject == bindparam("subject")
_since = _e.at >= bindparam("since")
_did = _e.action == bindparam("action")
_INSERT = insert(audit_events)
# On PostgreSQL the lock on this row makes writers follow each other; SQLite has one writer and ignores it.
_HEAD = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
_READ_HEAD = select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1)
_MOVE_HEAD = update(audit_head).where(audit_head.c.id == 1)


class AuditHeadMissing(Exception):
    """The row that holds the end of the chain is gone: the database was not made by our migrations or was changed."""


class SqlAudit(Repository):
    """See `reporting.ports.Audit`."""

    def append(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> AuditEvent:
        """Append one event behind the last.

        Args:
            at: when it happened, aware.
            actor: `person:7`, `system` or `import:FILE`.
            action: `report.recorded`, `project.changed`, ...
            subject: `project:ATLAS`, `request:12`, ...
            before: JSON values (dates and instants are written as ISO text), or None.
            after: likewise.

        Raises:
            AuditHeadMissing: the end of the chain is gone.
        """
        return self.append_many([(at, actor, action, subject, before, after)])[0]

    def append_many(self, entries: Sequence[AuditEntry]) -> list[AuditEvent]:
        """Append events one behind the other, with as few statements as for one.

        Raises:
            AuditHeadMissing: the end of the chain is gone.
        """
        head = self._db.execute(_HEAD).first()
        if head is None:
            raise AuditHeadMissing("the table audit_head has no row")
        seq, previous = head
        rows = []
        for at, actor, action, subject, before, after in entries:
            seq += 1
            texts = _canonical(before), _canonical(after)
            digest = event_hash(previous, seq, at, actor, action, subject, *texts)
            rows.append((seq, at, actor, action, subject, *texts, previous, digest))
            previous = digest
        if rows:
            names = audit_events.c.keys()
            self._db.execute(_INSERT, [dict(zip(names, row, strict=True)) for row in rows])
            self._db.execute(_MOVE_HEAD, {"seq": seq, "hash": previous})
        return [_event(*row) for row in rows]

    def events(
        self, subject: str | None = None, since: datetime | None = None, limit: int = 1000, action: str | None = None
    ) -> list[AuditEvent]:
        """The newest `limit` events that fit, oldest first."""
        statement, values = _NEWEST, {"most": limit}
        if subject is not None:
            statement = statement.where(_of_subject)
            values["subject"] = subject  # type: ignore[assignment]
        if since is not None:
            statement = statement.where(_since)
            values["since"] = since  # type: ignore[assignment]
        if action is not None:
            statement = statement.where(_did)
            values["action"] = action  # type: ignore[assignment]
        return self._list(statement, _event, **values)[::-1]

    def verify(self) -> list[str]:
        """Faults of the chain in words, in order; empty when it is whole."""
        faults: list[str] = []
        last_seq, last_hash = 0, GENESIS
        for seq, *fields, previous, digest in self._stream():
            faults += _faults_between(last_seq, last_hash, seq, previous)
            if event_hash(previous, seq, *fields) != digest:
                faults.append(f"event {seq} was changed: its content does not fit its hash")
            last_seq, last_hash = seq, digest
        return faults + self._faults_at_end(last_seq, last_hash)

    def _stream(self) -> Iterator[Any]:
        last = -(2**31)
        while rows := self._db.execute(_IN_ORDER, {"after_seq": last}).all():
            yield from rows
            last = rows[-1][0]

    def _faults_at_end(self, last_seq: int, last_hash: str) -> list[str]:
        head = self._db.execute(_READ_HEAD).first()
        if head is None:
            return ["the record of the last event is missing"]
        if head[0] > last_seq:
            return [f"{_events(last_seq + 1, head[0])} missing at the end"]
        if head[0] < last_seq:
            return [f"{_events(head[0] + 1, last_seq)} inserted at the end"]
        if head[1] != last_hash:
            return [f"event {last_seq} is not the one that was written last"]
        return []


def event_hash(
    previous: str,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    before: str | None,
    after: str | None,
) -> str:
    """The hash that event `seq` must have."""
    covered = json.dumps([previous, seq, utc_text(at), actor, action, subject, before, after], separators=(",", ":"))
    return sha256(covered.encode("ascii")).hexdigest()


def _faults_between(last_seq: int, last_hash: str, seq: int, previous: str) -> list[str]:
    if seq < 1:
        return [f"event {seq} was inserted before the first"]
    if seq > last_seq + 1:
        return [f"{_events(last_seq + 1, seq - 1)} missing"]
    if previous != last_hash:
        return [f"event {seq} does not follow event {seq - 1}: one of the two was replaced, changed or inserted"]
    return []


def _events(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _canonical(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(dict(values), sort_keys=True, separators=(",", ":"), allow_nan=False, default=_iso)


def _iso(value: Any) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(f"{value!r} cannot stand in an audit event")


def _event(*row: Any) -> AuditEvent:
    seq, at, actor, action, subject, before, after, previous, digest = row
    return AuditEvent(seq, at, actor, action, subject, _loaded(before), _loaded(after), previous, digest)


def _loaded(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
