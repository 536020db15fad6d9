"""The grammar of `/rag`: words in, a query out; and what a list may be filtered by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reporting.model import ProjectState, Rag


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which projects a list shows. Everything given must hold; an empty tuple or None means "any".

    Attributes:
        colours: colours in the newest period; None inside means not reported.
        portfolio_ids, lead_ids, project_ids: any of these.
        states: project states, active ones by default.
        moved: `worse` or `better` against the last colour reported before.
        min_streak: at least so many periods in the present colour (or without a report, for not reported).
        risk_op, risk_score: bound on the score of the worst open risk, such as `>=` 12; in lists of risks, on each.
        reported_since: last period reported on or after this day.
        confidential: False hides confidential projects, except those in `own_ids`.
        own_ids: projects that the reader leads, deputises or sponsors.
    """

    colours: tuple[Rag | None, ...] = ()
    portfolio_ids: tuple[int, ...] | None = None
    lead_ids: tuple[int, ...] | None = None
    project_ids: tuple[int, ...] | None = None
    states: tuple[ProjectState, ...] = (ProjectState.ACTIVE,)
    moved: str = ""
    min_streak: int = 0
    risk_op: str = ""
    risk_score: int = 0
    reported_since: date | None = None
    confidential: bool = False
    own_ids: tuple[int, ...] = ()
