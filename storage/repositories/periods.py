"""Reporting periods."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from sqlalchemy import bindparam, insert, select

from reporting.model import ReportingPeriod
from storage.sql import Fields, Repository
from storage.tables import periods

PERIOD = Fields(ReportingPeriod, periods)

_SELECT = select(*PERIOD.columns)
_BY_ID = _SELECT.where(periods.c.id == bindparam("id"))
_BY_IDS = _SELECT.where(periods.c.id.in_(bindparam("ids", expanding=True)))
_OF_CALENDAR = _SELECT.where(periods.c.calendar == bindparam("calendar"))
_ON = _OF_CALENDAR.where(periods.c.day == bindparam("day"))
_RECENT = _OF_CALENDAR.order_by(periods.c.day.desc()).limit(bindparam("most"))
_INSERT = insert(periods)


class SqlPeriods(Repository):
    """See `reporting.ports.Periods`."""

    def get(self, period_id: int) -> ReportingPeriod | None:
        """One period."""
        return self._one(_BY_ID, ReportingPeriod, id=period_id)

    def many(self, period_ids: Collection[int]) -> dict[int, ReportingPeriod]:
        """Those of the ids that exist."""
        return {period.id: period for period in self._of_ids(_BY_IDS, ReportingPeriod, period_ids)}

    def on(self, calendar: str, day: date) -> ReportingPeriod | None:
        """The period of a calendar with this nominal day."""
        return self._one(_ON, ReportingPeriod, calendar=calendar, day=day)

    def latest(self, calendar: str) -> ReportingPeriod | None:
        """The newest period of a calendar."""
        return self._one(_RECENT, ReportingPeriod, calendar=calendar, most=1)

    def recent(self, calendar: str, limit: int) -> list[ReportingPeriod]:
        """Newest first."""
        return self._list(_RECENT, ReportingPeriod, calendar=calendar, most=limit)

    def add(self, period: ReportingPeriod) -> ReportingPeriod:
        """Insert (the id given is ignored) and return with its id."""
        values = PERIOD.values(period)
        del values["id"]
        return replace(period, id=self._insert(_INSERT, values))
