"""Digests as shown, every revision of them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from reporting.ledger import Digest
from storage.sql import Portable, Repository
from storage.tables import digest_periods, digest_revisions, digests

_shown = digest_revisions
_COLUMNS = (
    digests.c.id,
    digests.c.channel,
    digests.c.day,
    _shown.c.period_ids,
    _shown.c.composed_at,
    _shown.c.template,
    _shown.c.markdown,
    _shown.c.view,
    _shown.c.revision,
)
_ALL = select(*_COLUMNS).join(_shown, _shown.c.digest_id == digests.c.id)
_SELECT = _ALL.where(_shown.c.revision == digests.c.revision)
_BY_ID = _SELECT.where(digests.c.id == bindparam("id"))
_NEWEST = _SELECT.where(digests.c.channel == bindparam("channel")).order_by(digests.c.day.desc(), digests.c.id.desc())
_LATEST = _NEWEST.limit(1)
_ON = _NEWEST.where(digests.c.day == bindparam("day")).limit(1)
_WITH_PERIOD = (
    _SELECT.join(digest_periods, digest_periods.c.digest_id == digests.c.id)
    .where(digest_periods.c.period_id == bindparam("period"))
    .order_by(digests.c.id)
)
_SHOWN = (
    select(digest_periods.c.period_id)
    .distinct()
    .where(digest_periods.c.period_id.in_(bindparam("ids", expanding=True)))
)
_REVISIONS = _ALL.where(digests.c.id == bindparam("id")).order_by(_shown.c.revision)
_INSERT = insert(digests)
_INSERT_REVISION = insert(digest_revisions)
_INSERT_PERIOD = Portable(lambda insert: insert(digest_periods).on_conflict_do_nothing())
_REVISION = select(digests.c.revision).where(digests.c.id == bindparam("id")).with_for_update()
_UPDATE = update(digests).where(digests.c.id == bindparam("row_id"))


class SqlDigests(Repository):
    """See `reporting.ports.Digests`."""

    def get(self, digest_id: int) -> Digest | None:
        """One digest, its newest revision."""
        return self._one(_BY_ID, _digest, id=digest_id)

    def on(self, channel: str, day: date) -> Digest | None:
        """What a channel was shown for a day."""
        return self._one(_ON, _digest, channel=channel, day=day)

    def latest(self, channel: str) -> Digest | None:
        """What a channel was shown last."""
        return self._one(_LATEST, _digest, channel=channel)

    def with_period(self, period_id: int) -> list[Digest]:
        """All digests that showed a period."""
        return self._list(_WITH_PERIOD, _digest, period=period_id)

    def shown(self, period_ids: Collection[int]) -> set[int]:
        """Those of the periods that a digest has shown."""
        return set(self._of_ids(_SHOWN, int, period_ids))

    def add(self, digest: Digest) -> Digest:
        """Insert (id and revision given are ignored) and return with its id, as revision 1."""
        row = {"channel": digest.channel, "day": digest.day, "revision": 1}
        added = replace(digest, id=self._insert(_INSERT, row), revision=1)
        self._append(added)
        return added

    def save(self, digest: Digest) -> None:
        """Append the next revision of what is shown, whatever number is given; the older ones stay readable.

        Raises:
            LookupError: there is no such digest.
        """
        revision = self._db.execute(_REVISION, {"id": digest.id}).scalar()
        if revision is None:
            raise LookupError(f"no digest {digest.id}")
        self._append(replace(digest, revision=revision + 1))
        self._db.execute(_UPDATE, {"row_id": digest.id, "revision": revision + 1})

    def revisions(self, digest_id: int) -> list[Digest]:
        """Every revision, oldest first."""
        return self._list(_REVISIONS, _digest, id=digest_id)

    def _append(self, digest: Digest) -> None:
        row = {
            "digest_id": digest.id,
            "revision": digest.revision,
            "period_ids": list(digest.period_ids),
            "composed_at": digest.composed_at,
            "template": digest.template,
            "markdown": digest.markdown,
            "view": digest.view,
        }
        self._db.execute(_INSERT_REVISION, row)
        periods = [{"digest_id": digest.id, "period_id": period_id} for period_id in digest.period_ids]
        if periods:
            self._db.execute(_INSERT_PERIOD.on(self._db), periods)


def _digest(*row: Any) -> Digest:
    values: tuple[Any, ...] = (*row[:3], tuple(row[3]), *row[4:])
    return Digest(*values)
