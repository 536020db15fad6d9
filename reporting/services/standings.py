"""Where a project stands, folded anew from everything stored: for imports and for corrections of older periods."""

from __future__ import annotations

from collections.abc import Sequence

from reporting import trends
from reporting.model import Rag, RequestState, Standing, StatusReport
from reporting.ports import UnitOfWork


def standing_of(uow: UnitOfWork, project_id: int, until: int | None = None) -> Standing | None:
    """A project's standing folded from everything stored; None without any period.

    Args:
        until: as it was at the end of this period.
    """
    history = uow.reports.colours(project_id)
    if until is not None:
        history = history[: [period_id for period_id, _ in history].index(until) + 1]
    if not history:
        return None
    returned = [uow.reports.current(project_id, period_id) for period_id, _ in history[-1:]]
    newest = returned[0] or _newest(uow, project_id, history)
    return trends.fold(
        project_id,
        history,
        {period_id for period_id, rag in history if rag is None and not _is_missed(uow, project_id, period_id)},
        report_id=returned[0].id if returned[0] else None,
        path_due=newest.path.due if newest and newest.path else None,
    )


def _newest(uow: UnitOfWork, project_id: int, history: Sequence[tuple[int, Rag | None]]) -> StatusReport | None:
    found = (uow.reports.current(project_id, period_id) for period_id, _ in reversed(history))
    return next((report for report in found if report is not None), None)


def _is_missed(uow: UnitOfWork, project_id: int, period_id: int) -> bool:
    request = uow.requests.of(period_id, project_id)
    return request is not None and request.state is RequestState.MISSED
