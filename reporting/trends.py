"""Where a project stands and how it got there: colour, streak, periods without a report.

A standing is folded one event at a time, so that it costs the same after ten periods or after a thousand:
`opened` when a period begins, then `reported` (as often as the report is revised) or `missed`.

A period without a colour is a gap. A gap neither counts in a streak nor breaks it (red, nothing, red is "red for two
periods"), and it is never drawn as the last colour. A gap for which nobody was at fault (excused, or returned without
a rating) does not count as missed, and does not break a run of missed ones either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from reporting.model import Rag, Standing


def opened(standing: Standing | None, project_id: int, period_id: int) -> Standing:
    """A new period begins: nothing is reported in it yet.

    `path_due` stays, because a promise holds until a new report replaces it.
    """
    if standing is None:
        return Standing(project_id, period_id, None)
    if standing.rag is None:
        return replace(standing, period_id=period_id, previous=None, report_id=None)
    return Standing(
        project_id=project_id,
        period_id=period_id,
        rag=None,
        previous=standing.rag,
        last_rag=standing.rag,
        last_period_id=standing.period_id,
        last_streak=standing.streak,
        path_due=standing.path_due,
    )


def reported(standing: Standing, rag: Rag | None, report_id: int | None, path_due: date | None) -> Standing:
    """A report, or a newer revision of it, came for the standing's period.

    Args:
        rag: None for a return without a rating: it stays "not reported", and is not counted as missed.
        path_due: when the report's path to green falls due.
    """
    if rag is None:
        return replace(standing, rag=None, report_id=report_id, streak=0, path_due=path_due)
    streak = standing.last_streak + 1 if rag is standing.last_rag else 1
    return replace(standing, rag=rag, report_id=report_id, streak=streak, missed=0, path_due=path_due)


def missed(standing: Standing) -> Standing:
    """The period fell due without a report. To be called once for a period; a reported one stays as it is."""
    return standing if standing.rag is not None else replace(standing, missed=standing.missed + 1)


def fold(
    project_id: int,
    history: Iterable[tuple[int, Rag | None]],
    excused: Collection[int] = (),
    report_id: int | None = None,
    path_due: date | None = None,
) -> Standing:
    """The standing after a whole history of (period id, colour), oldest first.

    Args:
        excused: periods whose gap does not count as missed: excused, returned without a rating, or still pending.
        report_id, path_due: of the newest period's report.

    Raises:
        ValueError: there is no period at all.
    """
    standing: Standing | None = None
    for period_id, rag in history:
        standing = opened(standing, project_id, period_id)
        if rag is not None:
            standing = reported(standing, rag, None, None)
        elif period_id not in excused:
            standing = missed(standing)
    if standing is None:
        raise ValueError("a standing needs at least one period")
    return replace(standing, report_id=report_id, path_due=path_due)
