"""Repositories of what status reporting is about: people, projects, periods, requests, reports, risks, standings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from reporting.model import (
    Absence,
    Identity,
    Person,
    Portfolio,
    Project,
    Rag,
    ReportingPeriod,
    RequestState,
    Risk,
    Standing,
    StatusReport,
    StatusRequest,
)
from reporting.query import BoardFilter


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One project as lists show it."""

    project: Project
    portfolio_key: str
    portfolio_name: str
    lead_name: str | None
    standing: Standing | None
    request_state: RequestState | None
    summary: str
    reason: str
    top_score: int
    last_day: date | None


@dataclass(frozen=True, slots=True)
class RollLine:
    """One project in one of its periods.

    Attributes:
        rag: what was reported; None when nothing was, or nothing with a colour.
        report_id: the revision that counts.
        request_state: None when the project was not asked, such as in imported history.
    """

    project_id: int
    period_id: int
    day: date
    rag: Rag | None
    report_id: int | None
    request_state: RequestState | None


@dataclass(frozen=True, slots=True)
class BoardTotals:
    """Counts over a filter: colours now, and in the period before."""

    total: int
    red: int
    amber: int
    green: int
    missing: int
    previous_red: int
    previous_amber: int
    previous_green: int
    previous_missing: int
    reported: int


class People(Protocol):
    """Persons, identities, absences."""

    def get(self, person_id: int) -> Person | None: ...
    def many(self, person_ids: Collection[int]) -> dict[int, Person]: ...
    def by_identity(self, identity: Identity) -> Person | None: ...
    def by_email(self, email: str) -> Person | None: ...
    def find(self, text: str) -> list[Person]:
        """By chat user id, mail address or its local part, or a part of the name; at most 20, best first."""
        ...

    def all(self) -> list[Person]: ...
    def add(self, person: Person) -> Person:
        """Insert (the id given is ignored, identities are stored) and return with its id."""
        ...

    def save(self, person: Person) -> None:
        """Update all columns and identities."""
        ...

    def absences(self, person_ids: Collection[int], first: date, last: date) -> list[Absence]:
        """Absences that overlap the days first..last."""
        ...

    def add_absence(self, absence: Absence) -> Absence: ...
    def remove_absence(self, absence_id: int) -> None: ...
    def user_ids(self, person_ids: Collection[int], platform: str) -> dict[int, str]:
        """Chat user id by person id, for those who have an account there."""
        ...


class Projects(Protocol):
    """Portfolios and projects. Keys compare without regard to case."""

    def get(self, project_id: int) -> Project | None: ...
    def many(self, project_ids: Collection[int]) -> dict[int, Project]: ...
    def by_key(self, key: str) -> Project | None: ...
    def names(self) -> list[tuple[int, str, str, bool]]:
        """(id, key, name, confidential) of all projects, for look-up by part of a name and for typos."""
        ...

    def find(self, text: str, limit: int = 20) -> list[Project]:
        """Projects whose key or name contains the text, without regard to case."""
        ...

    def all(self) -> list[Project]: ...
    def active_in(self, portfolio_ids: Collection[int]) -> list[Project]: ...
    def of_person(self, person_id: int) -> list[Project]:
        """Projects that the person leads, deputises or sponsors."""
        ...

    def add(self, project: Project) -> Project: ...
    def save(self, project: Project) -> None: ...
    def portfolios(self) -> list[Portfolio]: ...
    def portfolio(self, portfolio_id: int) -> Portfolio | None: ...
    def portfolio_by_key(self, key: str) -> Portfolio | None: ...
    def add_portfolio(self, key: str, name: str) -> Portfolio: ...


class Periods(Protocol):
    """Reporting periods."""

    def get(self, period_id: int) -> ReportingPeriod | None: ...
    def many(self, period_ids: Collection[int]) -> dict[int, ReportingPeriod]: ...
    def on(self, calendar: str, day: date) -> ReportingPeriod | None: ...
    def latest(self, calendar: str) -> ReportingPeriod | None: ...
    def recent(self, calendar: str, limit: int) -> list[ReportingPeriod]:
        """Newest first."""
        ...

    def add(self, period: ReportingPeriod) -> ReportingPeriod: ...


class Requests(Protocol):
    """Status requests."""

    def of(self, period_id: int, project_id: int) -> StatusRequest | None: ...
    def in_period(self, period_id: int) -> list[StatusRequest]: ...
    def of_person(self, period_id: int, person_id: int) -> list[StatusRequest]: ...
    def owed_by(self, person_id: int) -> list[StatusRequest]:
        """Pending and missed requests of periods not closed, assigned to the person."""
        ...

    def open_of_project(self, project_id: int) -> list[StatusRequest]:
        """Requests still pending, newest period first."""
        ...

    def due(self, now: datetime, limit: int = 500) -> list[StatusRequest]:
        """Requests whose `next_at` has come, oldest first."""
        ...

    def add_many(self, requests: Iterable[StatusRequest]) -> int:
        """Insert those whose (period, project) is not there yet; returns how many."""
        ...

    def save(self, request: StatusRequest) -> None: ...


class Reports(Protocol):
    """Status reports, append-only."""

    def get(self, report_id: int) -> StatusReport | None: ...
    def many(self, report_ids: Collection[int]) -> dict[int, StatusReport]: ...
    def current(self, project_id: int, period_id: int) -> StatusReport | None: ...
    def current_of(self, project_ids: Collection[int], period_ids: Collection[int]) -> list[StatusReport]:
        """The current reports of these projects in these periods."""
        ...

    def revisions(self, project_id: int, period_id: int) -> list[StatusReport]:
        """Oldest first."""
        ...

    def history(
        self, project_id: int, limit: int, since: date | None = None
    ) -> list[tuple[ReportingPeriod, StatusReport | None]]:
        """Periods in which the project owed or gave a report, newest first, with the current revision or None."""
        ...

    def colours(self, project_id: int) -> list[tuple[int, Rag | None]]:
        """(period id, colour) of all periods of the project, oldest first: what standings are folded from."""
        ...

    def trends(self, project_ids: Collection[int], limit: int) -> dict[int, list[tuple[date, Rag | None]]]:
        """The last periods of each project, oldest first."""
        ...

    def add(self, report: StatusReport) -> StatusReport:
        """Append (id ignored).

        Raises:
            RevisionTaken: somebody else has written this revision.
        """
        ...

    def add_many(self, reports: Sequence[StatusReport]) -> list[StatusReport]:
        """Append reports that nobody can have written (in a transaction that has looked), in this order."""
        ...


class RevisionTaken(Exception):
    """Two people wrote the same revision at once; the later one must look first."""


class Risks(Protocol):
    """Risk items."""

    def get(self, risk_id: int) -> Risk | None: ...
    def open_of(self, project_ids: Collection[int]) -> list[Risk]:
        """Open risks, highest score first."""
        ...

    def add(self, risk: Risk) -> Risk:
        """Insert with the project's next number (id and number given are ignored)."""
        ...

    def save(self, risk: Risk) -> None: ...


class Board(Protocol):
    """Standings and the lists made from them, in as few statements as hand-written SQL would need."""

    def get(self, project_id: int) -> Standing | None: ...
    def put(self, standings: Iterable[Standing]) -> None:
        """Insert or replace."""
        ...

    def rows(self, where: BoardFilter, limit: int, offset: int = 0) -> list[BoardRow]:
        """Worst first (red, amber, not reported, green), then longest in that state, then key."""
        ...

    def totals(self, where: BoardFilter) -> BoardTotals: ...
    def risks(self, where: BoardFilter, limit: int, offset: int = 0) -> list[tuple[Risk, str, str]]:
        """Open risks of the projects in the filter with project key and name, highest score first."""
        ...

    def risk_count(self, where: BoardFilter) -> int: ...
    def counts_by_period(self, where: BoardFilter, limit: int) -> list[tuple[date, int, int, int, int]]:
        """(day, red, amber, green, not reported) of the last periods, oldest first."""
        ...

    def roll(self, project_ids: Collection[int], until: date) -> list[RollLine]:
        """All periods of these projects up to a day, by project, then oldest first."""
        ...

    def paths_due(self, today: date) -> list[Standing]:
        """Standings whose path to green fell due before today and has not been looked at (see `path_due`)."""
        ...
