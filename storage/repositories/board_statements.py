"""The statements behind lists, built once for each shape of filter."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select, text, true

from reporting.model import Standing
from storage.repositories.board_filter import Shape, clauses, clauses_of_project, clauses_of_risk, shows_few
from storage.repositories.projects import PROJECT
from storage.repositories.risks import RISK
from storage.sql import Fields
from storage.tables import people, periods, portfolios, projects, reports, requests, risks, roll, standings

STANDING = Fields(Standing, standings)

# Far more shapes than readers ask for; each costs a few kilobytes.
_SHAPES = 512

# Outer joins keep the page outermost in all statements here, whatever a planner believes of the sizes.
_of_standing = (requests.c.period_id == standings.c.period_id) & (requests.c.project_id == standings.c.project_id)
# Written out, so that the planner sees that the partial index serves.
_risk_is_open = text("risks.state = 'open'")


ROLL = (
    select(roll.c.project_id, roll.c.period_id, roll.c.day, roll.c.rag, roll.c.report_id, requests.c.state)
    .select_from(
        roll.outerjoin(
            requests, (requests.c.period_id == roll.c.period_id) & (requests.c.project_id == roll.c.project_id)
        )
    )
    .where(roll.c.project_id.in_(bindparam("ids", expanding=True)), roll.c.day <= bindparam("until"))
)


@lru_cache(_SHAPES)
def page_of_rows(shape: Shape) -> Select[Any]:
    """First the projects of the page, from an index alone; then whatever is shown of those few."""
    page = (
        select(standings.c.project_id)
        .where(*clauses(shape))
        .order_by(standings.c.place, standings.c.key_fold)
        .limit(bindparam("most"))
        .offset(bindparam("skip"))
        .subquery("page")
    )
    tables = (
        page.outerjoin(standings, standings.c.project_id == page.c.project_id)
        .outerjoin(projects, projects.c.id == page.c.project_id)
        .outerjoin(portfolios, portfolios.c.id == standings.c.portfolio_id)
        .outerjoin(people, people.c.id == standings.c.lead_id)
        .outerjoin(reports, reports.c.id == standings.c.report_id)
        .outerjoin(requests, _of_standing)
    )
    names = (portfolios.c.key, portfolios.c.name, people.c.name)
    rest = (requests.c.state, reports.c.summary, reports.c.reason, standings.c.top_score, standings.c.last_day)
    shown = select(*PROJECT.columns, *names, *STANDING.columns, *rest)
    return shown.select_from(tables).order_by(standings.c.place, standings.c.key_fold)


@lru_cache(_SHAPES)
def totals(shape: Shape) -> Select[Any]:
    """(colour, colour in the period before, how many)."""
    both = (standings.c.rag, standings.c.previous)
    return select(*both, func.count()).where(*clauses(shape)).group_by(*both)


@lru_cache(_SHAPES)
def page_of_risks(shape: Shape) -> Select[Any]:
    """First the risks of the page: walking down the index of scores, it stops after the last score it needs."""
    key = select(standings.c.key_fold).where(standings.c.project_id == risks.c.project_id).scalar_subquery()
    of_project = (standings.c.project_id == risks.c.project_id, *clauses_of_project(shape))
    page = (
        select(risks.c.id)
        .where(_risk_is_open, select(standings.c.project_id).where(*of_project).correlate(risks).exists())
        .where(*clauses_of_risk(shape))
        .order_by(risks.c.score.desc(), key, risks.c.number)
        .limit(bindparam("most"))
        .offset(bindparam("skip"))
        .subquery("page")
    )
    tables = page.outerjoin(risks, risks.c.id == page.c.id).outerjoin(projects, projects.c.id == risks.c.project_id)
    shown = select(*RISK.columns, projects.c.key, projects.c.name).select_from(tables)
    return shown.order_by(risks.c.score.desc(), projects.c.key_fold, risks.c.number)


@lru_cache(_SHAPES)
def count_of_risks(shape: Shape) -> Select[Any]:
    """How many risks all pages would have."""
    tables = risks.join(standings, standings.c.project_id == risks.c.project_id)
    counted = select(func.count()).select_from(tables).where(_risk_is_open)
    return counted.where(*clauses_of_project(shape), *clauses_of_risk(shape))


@lru_cache(_SHAPES)
def counts_by_period(shape: Shape) -> Select[Any]:
    """(day, colour, how many) of the last days."""
    in_filter = (standings.c.project_id == roll.c.project_id, *clauses(shape))
    # The days come from the few periods, so that no more of the roll is read than is shown.
    days = (
        select(periods.c.day)
        .distinct()
        .where(select(roll.c.project_id).where(roll.c.day == periods.c.day, *in_filter).correlate(periods).exists())
        .order_by(periods.c.day.desc())
        .limit(bindparam("most"))
    )
    counts = select(roll.c.day, roll.c.rag, func.count()).where(roll.c.day.in_(days)).group_by(roll.c.day, roll.c.rag)
    if shows_few(shape):
        return counts.where(*in_filter)
    # Most lines count: looking each up among the projects left out is cheaper than among those shown.
    left_out = select(standings.c.project_id).where(and_(true(), *clauses(shape)).is_not(true()))
    return counts.where(roll.c.project_id.not_in(left_out))
