"""The board as it stood at the end of periods gone by, for a digest that is out and has to be drawn anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from reporting import trends
from reporting.model import ProjectState, Rag, ReportingPeriod, RequestState
from reporting.ports import BoardRow, RollLine, UnitOfWork


@dataclass(frozen=True, slots=True)
class Past:
    """Projects as they stood.

    Attributes:
        rows: those that had to report, each in its own of the periods.
        trends: (day, colour) of each of them up to that period, oldest first.
    """

    rows: list[BoardRow]
    trends: dict[int, list[tuple[date, Rag | None]]]

    def counts_by_period(self, limit: int) -> list[tuple[date, int, int, int, int]]:
        """(day, red, amber, green, not reported) of the last periods, oldest first."""
        found: dict[date, Counter[Rag | None]] = {}
        for trend in self.trends.values():
            for day, rag in trend:
                found.setdefault(day, Counter())[rag] += 1
        days = sorted(found.items())[-limit:]
        return [(day, of[Rag.RED], of[Rag.AMBER], of[Rag.GREEN], of[None]) for day, of in days]


def as_of(uow: UnitOfWork, rows: Sequence[BoardRow], periods: Mapping[int, ReportingPeriod]) -> Past:
    """The rows of a list as they stood at the end of these periods, with what was reported for them up to now.

    Who is no longer active counts only where there is a report.
    """
    until = max(period.day for period in periods.values())
    lines = uow.board.roll([row.project.id for row in rows], until)
    own = {
        project_id: found
        for project_id, of_project in groupby(lines, key=lambda line: line.project_id)
        if (found := _up_to(list(of_project), periods))
    }
    shown = [row for row in rows if row.project.id in own and _counts(row, own[row.project.id][-1])]
    colours = {row.project.id: [(line.day, line.rag) for line in own[row.project.id]] for row in shown}
    promised = _promised(uow, [own[row.project.id] for row in shown])
    return Past([_stood(row, own[row.project.id], promised) for row in shown], colours)


def _up_to(lines: list[RollLine], periods: Mapping[int, ReportingPeriod]) -> list[RollLine]:
    """The lines up to the last one in one of the periods."""
    ends = [place for place, line in enumerate(lines, 1) if line.period_id in periods]
    return lines[: ends[-1]] if ends else []


def _counts(row: BoardRow, line: RollLine) -> bool:
    return row.project.state is ProjectState.ACTIVE or line.report_id is not None


def _promised(uow: UnitOfWork, histories: Sequence[list[RollLine]]) -> dict[int, date]:
    """When the path to green of each project's last report falls due."""
    last = (next((line.report_id for line in reversed(lines) if line.report_id), None) for lines in histories)
    reports = uow.reports.many([report_id for report_id in last if report_id is not None])
    return {report.project_id: report.path.due for report in reports.values() if report.path is not None}


def _stood(row: BoardRow, lines: list[RollLine], promised: Mapping[int, date]) -> BoardRow:
    standing = trends.fold(
        row.project.id,
        [(line.period_id, line.rag) for line in lines],
        {line.period_id for line in lines if line.request_state is not RequestState.MISSED},
        report_id=lines[-1].report_id,
        path_due=promised.get(row.project.id),
    )
    last_day = next((line.day for line in reversed(lines) if line.rag is not None), None)
    return replace(row, standing=standing, request_state=lines[-1].request_state, last_day=last_day)


# ---------------------------------------------------------------- what reports do not keep

# Of a project as a digest shows it, what is the register's and not the report's.
_OF_THE_REGISTER = ("name", "portfolio", "lead", "deputy", "away_until")
_GROUPS = ("attention", "missing", "excused", "greens")


def unmoved(view: dict[str, Any], shown: Mapping[str, Any], most_risks: int) -> None:
    """Put names, leads, absences and risks of who has not reported anew back to what the digest has shown.

    The register says how they are now only; a late report of one project must not rewrite the others.

    Args:
        view: the digest drawn anew; is changed.
        shown: its data as it is out.
    """
    before = _projects(shown)
    after = _projects(view)
    same = {key for key, project in after.items() if key in before and _said(project) == _said(before[key])}
    for key in same:
        after[key].update({name: before[key][name] for name in _OF_THE_REGISTER})
    risks = [risk for risk in shown["risks"] if risk["key"] in same]
    risks += [risk for risk in view["risks"] if risk["key"] not in same]
    view["risks"] = sorted(risks, key=lambda risk: -risk["score"])[:most_risks]


def _projects(view: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {project["key"]: project for group in _GROUPS for project in view[group]}


def _said(project: Mapping[str, Any]) -> tuple[Any, Any]:
    return project["report_id"], project["revision"]
