"""Status reports, append-only, and the roll of which report counts."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy import insert as insert_into

from reporting.model import DecisionAsk, PathToGreen, Rag, ReportingPeriod, StatusReport
from reporting.ports import RevisionTaken
from storage.repositories.periods import PERIOD
from storage.sql import Fields, Portable, Repository, pieces
from storage.tables import periods, projects, reports, roll

_PATH = ("path_action", "path_owner", "path_due")
_DECISION = ("decision_question", "decision_of_id", "decision_by")
_NAMES = [f.name for f in fields(StatusReport)]
_PATH_AT = _NAMES.index("path")
_DIMENSIONS_AT = _NAMES.index("dimensions")
_RAGS = {rag.value: rag for rag in Rag}
_SIMPLE = Fields(StatusReport, reports)


def _columns() -> tuple[Any, ...]:
    names = [*_NAMES[:_PATH_AT], *_PATH, *_DECISION, *_NAMES[_PATH_AT + 2 :]]
    return tuple(reports.c[name] for name in names)


_COLUMNS = _columns()
_SELECT = select(*_COLUMNS)
_BY_ID = _SELECT.where(reports.c.id == bindparam("id"))
_BY_IDS = _SELECT.where(reports.c.id.in_(bindparam("ids", expanding=True)))
_IN_PERIODS = _SELECT.where(
    reports.c.project_id.in_(bindparam("ids", expanding=True)),
    reports.c.period_id.in_(bindparam("periods", expanding=True)),
)
_REVISIONS = _SELECT.where(
    reports.c.project_id == bindparam("project"), reports.c.period_id == bindparam("period")
).order_by(reports.c.revision)
_CURRENT = _REVISIONS.order_by(None).order_by(reports.c.revision.desc()).limit(1)

_HISTORY = (
    select(*PERIOD.columns, *_COLUMNS)
    .select_from(
        roll.outerjoin(periods, periods.c.id == roll.c.period_id).outerjoin(reports, reports.c.id == roll.c.report_id)
    )
    .where(roll.c.project_id == bindparam("project"))
    .order_by(roll.c.day.desc(), roll.c.period_id.desc())
    .limit(bindparam("most"))
)
_HISTORY_SINCE = _HISTORY.where(roll.c.day >= bindparam("since"))
_COLOURS = (
    select(roll.c.period_id, roll.c.rag)
    .where(roll.c.project_id == bindparam("project"))
    .order_by(roll.c.day, roll.c.period_id)
)
# For each project the day its last periods begin on, then the lines from there: two short walks along one index.
_older = roll.alias("older")
_first_day = (
    select(_older.c.day)
    .where(_older.c.project_id == projects.c.id)
    .order_by(_older.c.day.desc())
    .limit(1)
    .offset(bindparam("back"))
    .correlate(projects)
    .scalar_subquery()
)
# The outer join keeps the projects outermost; a project without any line brings one without a day.
_since_then = roll.c.day >= func.coalesce(_first_day, bindparam("beginning", date.min, roll.c.day.type))
_TRENDS = (
    select(projects.c.id, roll.c.day, roll.c.rag)
    .select_from(projects.outerjoin(roll, (roll.c.project_id == projects.c.id) & _since_then))
    .where(projects.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(projects.c.id, roll.c.day, roll.c.period_id)
)

_INSERT = Portable(
    lambda insert: (
        insert(reports)
        .on_conflict_do_nothing(index_elements=[reports.c.project_id, reports.c.period_id, reports.c.revision])
        .returning(reports.c.id)
    )
)
_INSERT_MANY = insert_into(reports)
_IDS = select(reports.c.id, reports.c.project_id, reports.c.period_id, reports.c.revision).where(
    reports.c.project_id.in_(bindparam("ids", expanding=True)),
    reports.c.period_id.in_(bindparam("periods", expanding=True)),
)


def _enter(insert: Any) -> Any:
    statement = insert(roll).values(
        day=select(periods.c.day).where(periods.c.id == bindparam("in_period")).scalar_subquery()
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[roll.c.project_id, roll.c.day, roll.c.period_id],
        set_={"report_id": new.report_id, "revision": new.revision, "rag": new.rag},
        where=roll.c.revision < new.revision,
    )


_ENTER = Portable(_enter)


class SqlReports(Repository):
    """See `reporting.ports.Reports`."""

    def get(self, report_id: int) -> StatusReport | None:
        """One revision."""
        return self._one(_BY_ID, _report, id=report_id)

    def many(self, report_ids: Collection[int]) -> dict[int, StatusReport]:
        """Those of the ids that exist."""
        return {report.id: report for report in self._of_ids(_BY_IDS, _report, report_ids)}

    def current(self, project_id: int, period_id: int) -> StatusReport | None:
        """The highest revision."""
        return self._one(_CURRENT, _report, project=project_id, period=period_id)

    def current_of(self, project_ids: Collection[int], period_ids: Collection[int]) -> list[StatusReport]:
        """The highest revisions of these projects in these periods."""
        newest: dict[tuple[int, int], StatusReport] = {}
        for report in self._of_ids(_IN_PERIODS, _report, project_ids, periods=list(period_ids)):
            known = newest.get((report.project_id, report.period_id))
            if known is None or known.revision < report.revision:
                newest[report.project_id, report.period_id] = report
        return list(newest.values())

    def revisions(self, project_id: int, period_id: int) -> list[StatusReport]:
        """Oldest first."""
        return self._list(_REVISIONS, _report, project=project_id, period=period_id)

    def history(
        self, project_id: int, limit: int, since: date | None = None
    ) -> list[tuple[ReportingPeriod, StatusReport | None]]:
        """Periods in which the project owed or gave a report, newest first, with the current revision or None."""
        if since is None:
            return self._list(_HISTORY, _entry, project=project_id, most=limit)
        return self._list(_HISTORY_SINCE, _entry, project=project_id, most=limit, since=since)

    def colours(self, project_id: int) -> list[tuple[int, Rag | None]]:
        """(period id, colour) of all periods of the project, oldest first."""
        return self._list(_COLOURS, lambda *row: row, project=project_id)

    def trends(self, project_ids: Collection[int], limit: int) -> dict[int, list[tuple[date, Rag | None]]]:
        """The last periods of each project, oldest first; an empty list for a project without any."""
        found: dict[int, list[tuple[date, Rag | None]]] = {project_id: [] for project_id in project_ids}
        if limit < 1:
            return found
        for piece in pieces(project_ids):
            for project_id, day, rag in self._db.execute(_TRENDS, {"ids": piece, "back": limit - 1}):
                if day is not None:
                    found[project_id].append((day, rag))
        # Two calendars with a period on the same day may bring one too many.
        return {project_id: days[-limit:] for project_id, days in found.items()}

    def add(self, report: StatusReport) -> StatusReport:
        """Append (id ignored) and make it the one that counts.

        Raises:
            RevisionTaken: somebody else has written this revision.
        """
        report_id = self._insert_or_pass(_INSERT, _values(report))
        if report_id is None:
            raise RevisionTaken(
                f"revision {report.revision} of project {report.project_id} in period {report.period_id}"
            )
        stored = replace(report, id=report_id)
        self._db.execute(_ENTER.on(self._db), _line(stored))
        return stored

    def add_many(self, reports: Sequence[StatusReport]) -> list[StatusReport]:
        """Append reports that nobody can have written (in a transaction that has looked), in this order."""
        if len(reports) < 2:
            return [self.add(report) for report in reports]
        # Without asking for the ids the driver sends all rows in one go; asking afterwards is one question.
        self._db.execute(_INSERT_MANY, [_values(report) for report in reports])
        ids = self._ids({report.project_id for report in reports}, {report.period_id for report in reports})
        stored = [replace(one, id=ids[one.project_id, one.period_id, one.revision]) for one in reports]
        self._db.execute(_ENTER.on(self._db), [_line(report) for report in stored])
        return stored

    def _ids(self, project_ids: Collection[int], period_ids: Collection[int]) -> dict[tuple[int, int, int], int]:
        rows = self._of_ids(_IDS, lambda *row: row, project_ids, periods=list(period_ids))
        return {(project_id, period_id, revision): at for at, project_id, period_id, revision in rows}


def _line(report: StatusReport) -> dict[str, Any]:
    return {
        "project_id": report.project_id,
        "period_id": report.period_id,
        "in_period": report.period_id,
        "report_id": report.id,
        "revision": report.revision,
        "rag": report.rag,
    }


def _values(report: StatusReport) -> dict[str, Any]:
    values = _SIMPLE.values(report)
    del values["id"]
    path, decision = report.path, report.decision
    values |= dict(zip(_PATH, (path.action, path.owner, path.due) if path else (None, None, None), strict=True))
    asked = (decision.question, decision.of_id, decision.by) if decision else (None, None, None)
    return values | dict(zip(_DECISION, asked, strict=True))


def _report(*row: Any) -> StatusReport:
    at = _PATH_AT
    path = None if row[at] is None else PathToGreen(row[at], row[at + 1], row[at + 2])
    decision = None if row[at + 3] is None else DecisionAsk(row[at + 3], row[at + 4], row[at + 5])
    dimensions = {key: _RAGS[value] for key, value in row[_DIMENSIONS_AT].items()}
    values: tuple[Any, ...] = (
        *row[:_DIMENSIONS_AT],
        dimensions,
        *row[_DIMENSIONS_AT + 1 : at],
        path,
        decision,
        *row[at + 6 :],
    )
    return StatusReport(*values)


_WIDTH = len(PERIOD.columns)


def _entry(*row: Any) -> tuple[ReportingPeriod, StatusReport | None]:
    rest = row[_WIDTH:]
    return ReportingPeriod(*row[:_WIDTH]), None if rest[0] is None else _report(*rest)
