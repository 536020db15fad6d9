"""Status requests."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, text, update
from sqlalchemy.sql.expression import literal_column

from reporting.model import StatusRequest
from storage.sql import Fields, Portable, Repository
from storage.tables import periods, requests, roll

_REQUEST = Fields(StatusRequest, requests)

_SELECT = select(*_REQUEST.columns)
_IN_PERIOD = _SELECT.where(requests.c.period_id == bindparam("period"))
_OF = _IN_PERIOD.where(requests.c.project_id == bindparam("project"))
_IN_PERIOD_ORDERED = _IN_PERIOD.order_by(requests.c.id)
_OF_PERSON = _IN_PERIOD.where(requests.c.assignee_id == bindparam("person")).order_by(requests.c.id)

# Written out, so that the planner sees that the partial indexes serve.
_owed = text("requests.state IN ('pending', 'missed')")
_pending = text("requests.state = 'pending'")
_later = periods.alias("later")
_OWED_BY = (
    _SELECT.join(periods, periods.c.id == requests.c.period_id)
    .where(requests.c.assignee_id == bindparam("person"), _owed)
    .where(~exists().where(_later.c.calendar == periods.c.calendar, _later.c.day > periods.c.day))
    .order_by(periods.c.day, requests.c.id)
)
_PENDING_OF_PROJECT = (
    _SELECT.join(periods, periods.c.id == requests.c.period_id)
    .where(requests.c.project_id == bindparam("project"), _pending)
    .order_by(periods.c.day.desc(), requests.c.period_id.desc())
)
_DUE = (
    _SELECT.where(requests.c.next_at <= bindparam("now"))
    .order_by(requests.c.next_at, requests.c.id)
    .limit(bindparam("most"))
)
_INSERT = Portable(
    lambda insert: (
        insert(requests)
        .on_conflict_do_nothing(index_elements=[requests.c.period_id, requests.c.project_id])
        .returning(requests.c.id)
    )
)
_ENROL = Portable(
    lambda insert: (
        insert(roll)
        .values(
            day=select(periods.c.day).where(periods.c.id == bindparam("in_period")).scalar_subquery(),
            revision=literal_column("0"),
        )
        .on_conflict_do_nothing(index_elements=[roll.c.project_id, roll.c.day, roll.c.period_id])
    )
)
_UPDATE = update(requests).where(requests.c.id == bindparam("row_id"))


class SqlRequests(Repository):
    """See `reporting.ports.Requests`."""

    def of(self, period_id: int, project_id: int) -> StatusRequest | None:
        """The request of a project in a period."""
        return self._one(_OF, StatusRequest, period=period_id, project=project_id)

    def in_period(self, period_id: int) -> list[StatusRequest]:
        """All requests of a period."""
        return self._list(_IN_PERIOD_ORDERED, StatusRequest, period=period_id)

    def of_person(self, period_id: int, person_id: int) -> list[StatusRequest]:
        """The requests of a period that the person is asked for."""
        return self._list(_OF_PERSON, StatusRequest, period=period_id, person=person_id)

    def owed_by(self, person_id: int) -> list[StatusRequest]:
        """Pending and missed requests of the person, each in the newest period of its calendar.

        A period closes when the next of its calendar opens, so no instant is needed to know which are closed.
        """
        return self._list(_OWED_BY, StatusRequest, person=person_id)

    def open_of_project(self, project_id: int) -> list[StatusRequest]:
        """Requests still pending, newest period first."""
        return self._list(_PENDING_OF_PROJECT, StatusRequest, project=project_id)

    def due(self, now: datetime, limit: int = 500) -> list[StatusRequest]:
        """Requests whose `next_at` has come, oldest first."""
        return self._list(_DUE, StatusRequest, now=now, most=limit)

    def add_many(self, requests: Iterable[StatusRequest]) -> int:
        """Insert those whose (period, project) is not there yet; returns how many."""
        rows = [_values(request) for request in requests]
        if not rows:
            return 0
        added = len(self._db.execute(_INSERT.on(self._db), rows).all())
        lines = [
            {"project_id": row["project_id"], "period_id": row["period_id"], "in_period": row["period_id"]}
            for row in rows
        ]
        self._db.execute(_ENROL.on(self._db), lines)
        return added

    def save(self, request: StatusRequest) -> None:
        """Update all columns."""
        self._db.execute(_UPDATE, {**_values(request), "row_id": request.id})


def _values(request: StatusRequest) -> dict[str, Any]:
    values = _REQUEST.values(request)
    del values["id"]
    return values
