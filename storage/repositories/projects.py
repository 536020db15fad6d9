"""Portfolios and projects."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, case, insert, or_, select, update

from reporting.model import Portfolio, Project, ProjectState
from storage.folding import fold, key_fold
from storage.repositories.ranking import UNRANKED
from storage.sql import Fields, Repository, like
from storage.tables import portfolios, projects, standings

PROJECT = Fields(Project, projects)

_SELECT = select(*PROJECT.columns)
_ALL = _SELECT.order_by(projects.c.key_fold)
_BY_ID = _SELECT.where(projects.c.id == bindparam("id"))
_BY_IDS = _SELECT.where(projects.c.id.in_(bindparam("ids", expanding=True)))
_BY_KEY = _SELECT.where(projects.c.key_fold == bindparam("key"))
_NAMES = select(projects.c.id, projects.c.key, projects.c.name, projects.c.confidential).order_by(projects.c.key_fold)
_FIND = (
    _SELECT.where(projects.c.search.like(bindparam("part"), escape="/"))
    .order_by(
        case(
            (projects.c.key_fold == bindparam("key"), 0),
            (projects.c.search.like(bindparam("start"), escape="/"), 1),
            (projects.c.search.like(bindparam("word"), escape="/"), 2),
            else_=3,
        ),
        projects.c.key_fold,
    )
    .limit(bindparam("most"))
)
_ACTIVE_IN = (
    _SELECT.where(projects.c.portfolio_id.in_(bindparam("ids", expanding=True)))
    .where(projects.c.state == ProjectState.ACTIVE)
    .order_by(projects.c.key_fold)
)
_OF_PERSON = _SELECT.where(
    or_(
        projects.c.lead_id == bindparam("person"),
        projects.c.deputy_id == bindparam("person"),
        projects.c.sponsor_id == bindparam("person"),
    )
).order_by(projects.c.key_fold)
_INSERT = insert(projects)
_UPDATE = update(projects).where(projects.c.id == bindparam("row_id"))

_COPIED = ("state", "confidential", "portfolio_id", "lead_id", "key_fold")
_INSERT_STANDING = insert(standings).values(
    streak=0, last_streak=0, missed=0, place=UNRANKED, held=0, moved=0, top_score=0
)
_UPDATE_STANDING = update(standings).where(standings.c.project_id == bindparam("row_id"))

_PORTFOLIO = select(portfolios.c.id, portfolios.c.key, portfolios.c.name)
_PORTFOLIOS = _PORTFOLIO.order_by(portfolios.c.key)
_PORTFOLIO_BY_ID = _PORTFOLIO.where(portfolios.c.id == bindparam("id"))
_PORTFOLIO_BY_KEY = _PORTFOLIO.where(portfolios.c.key == bindparam("key"))
_INSERT_PORTFOLIO = insert(portfolios)


class SqlProjects(Repository):
    """See `reporting.ports.Projects`."""

    def get(self, project_id: int) -> Project | None:
        """One project."""
        return self._one(_BY_ID, Project, id=project_id)

    def many(self, project_ids: Collection[int]) -> dict[int, Project]:
        """Those of the ids that exist."""
        return {project.id: project for project in self._of_ids(_BY_IDS, Project, project_ids)}

    def by_key(self, key: str) -> Project | None:
        """By key, without regard to case."""
        return self._one(_BY_KEY, Project, key=key_fold(key))

    def names(self) -> list[tuple[int, str, str, bool]]:
        """(id, key, name, confidential) of all projects, by key."""
        return self._list(_NAMES, lambda *row: row)

    def find(self, text: str, limit: int = 20) -> list[Project]:
        """Projects whose key or name contains the text, without regard to case and accents; best first."""
        part = fold(text)
        if not part:
            return []
        patterns = {"part": like(part), "start": like(part, before=""), "word": like(part, before="% ")}
        return self._list(_FIND, Project, key=key_fold(text), most=limit, **patterns)

    def all(self) -> list[Project]:
        """Every project, by key."""
        return self._list(_ALL, Project)

    def active_in(self, portfolio_ids: Collection[int]) -> list[Project]:
        """Active projects of the portfolios, by key."""
        return self._of_ids(_ACTIVE_IN, Project, portfolio_ids)

    def of_person(self, person_id: int) -> list[Project]:
        """Projects that the person leads, deputises or sponsors."""
        return self._list(_OF_PERSON, Project, person=person_id)

    def add(self, project: Project) -> Project:
        """Insert (the id given is ignored) with an empty standing, and return with its id."""
        values = _values(project)
        del values["id"]
        project_id = self._insert(_INSERT, values)
        self._db.execute(_INSERT_STANDING, {"project_id": project_id, **_copied(values)})
        return replace(project, id=project_id)

    def save(self, project: Project) -> None:
        """Update all columns, and what lists filter by."""
        values = _values(project)
        self._db.execute(_UPDATE, {**values, "row_id": project.id})
        self._db.execute(_UPDATE_STANDING, {**_copied(values), "row_id": project.id})

    def portfolios(self) -> list[Portfolio]:
        """All portfolios, by key."""
        return self._list(_PORTFOLIOS, Portfolio)

    def portfolio(self, portfolio_id: int) -> Portfolio | None:
        """One portfolio."""
        return self._one(_PORTFOLIO_BY_ID, Portfolio, id=portfolio_id)

    def portfolio_by_key(self, key: str) -> Portfolio | None:
        """By key, without regard to case."""
        return self._one(_PORTFOLIO_BY_KEY, Portfolio, key=key_fold(key))

    def add_portfolio(self, key: str, name: str) -> Portfolio:
        """A new portfolio; its key is kept in lower case."""
        lower = key_fold(key)
        return Portfolio(self._insert(_INSERT_PORTFOLIO, {"key": lower, "name": name}), lower, name)


def _values(project: Project) -> dict[str, Any]:
    values = PROJECT.values(project)
    values["key_fold"] = key_fold(project.key)
    # A blank before the name lets "the start of a word" find its first word too.
    values["search"] = f"{fold(project.key)} {fold(project.name)}"
    return values


def _copied(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _COPIED}
