"""Imports a history of reports.

Which period a row belongs to: when the portfolio's calendar has an occurrence on the row's day, that one (it is
created when it lies in the past and was never opened). Any other day gets a period of its own in the calendar
`import`, closed from the start, so that a history kept to other days never disturbs the live calendar.

A report for a period that is open now, and for which the project was asked, is taken as if it had been typed: it
answers the request, raises and resolves alerts, and brings digests that are out up to date. History tells nobody
anything.

A return without a rating keeps why, word for word, and is "not reported". What is in the store already and equal is
left alone; what differs becomes a new revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

from reporting import calendar
from reporting.keys import project_key
from reporting.model import (
    IMPORTED,
    IMPORTED_WITH_TIME,
    DecisionAsk,
    PathToGreen,
    Project,
    ReportingPeriod,
    Standing,
    StatusReport,
    StatusRequest,
)
from reporting.policy import FieldKind, FormPolicy
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.importing import Fault, ImportReport, Progress, Row, Tally, one_line_end, repeated, run
from reporting.services.importing_people import Directory
from reporting.services.reports import answer, summary_of, tell
from reporting.services.standings import standing_of

CALENDAR = "import"
"""The calendar of imported periods whose day is in no calendar of the policy. The policy may not use this name."""

DIMENSION = "dimensions."
CUSTOM = "custom."
_TEXTS = ("summary", "reason", "done", "next", "missed", "override", "not_reported", "promise_kept")
_VALUES = ("forecast_end", "percent")
_PATH = ("path_action", "path_owner", "path_due")
_DECISION = ("decision", "decision_of_email", "decision_by")


def import_reports(
    services: Services,
    rows: Sequence[Row],
    *,
    source: str,
    dry_run: bool = False,
    faults: Iterable[Fault] = (),
    progress: Progress | None = None,
) -> ImportReport:
    """Add reports, and revisions of those that differ, as the rows say.

    Args:
        source: the file's name, for the audit trail.
        faults: found while reading the file; with any, nothing is stored.
    """

    names: dict[tuple[str, date], str] = {}

    def work(uow: UnitOfWork, tally: Tally) -> None:
        _Import(services, uow, tally, Directory(uow, tally, ""), names).take(rows)

    return run(services, source, dry_run, faults, work, progress)


_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a row says of a project in a period."""

    row: Row
    project: Project
    period: ReportingPeriod
    report: StatusReport

    @property
    def place(self) -> _Place:
        """(project, period)."""
        return self.project.id, self.period.id


@dataclass(frozen=True, slots=True)
class _Live:
    """A report for an open period, of which others are yet to hear."""

    project: Project
    period: ReportingPeriod
    current: StatusReport | None
    report: StatusReport


@dataclass(slots=True)
class _Import:
    services: Services
    uow: UnitOfWork
    tally: Tally
    people: Directory
    names: dict[tuple[str, date], str]
    """The calendar that has a portfolio's day, found out once: that asks the calendar's rule."""
    touched: set[int] = field(default_factory=set)
    live: list[_Live] = field(default_factory=list)
    periods: dict[tuple[str, date], ReportingPeriod | None] = field(default_factory=dict)

    def take(self, rows: Sequence[Row]) -> None:
        projects = {project_key(project.key): project for project in self.uow.projects.all()}
        portfolios = {portfolio.id: portfolio.key for portfolio in self.uow.projects.portfolios()}
        rows = repeated(
            rows,
            lambda row: (project_key(row.text("project")), row.values["period"]),
            self.tally,
            "period",
            "this report",
        )
        wanted: list[_Wanted] = []
        # Oldest first, so that ids follow time whatever the order of the file.
        for done, row in enumerate(sorted(rows, key=lambda row: row.values["period"]), start=1):
            project = projects.get(project_key(row.text("project")))
            if project is None:
                self.tally.fault(row, "project", f"no project has the key {row.text('project')}")
            else:
                wanted += self._wanted(row, project, portfolios[project.portfolio_id])
            if self.tally.progress is not None:
                self.tally.progress(done, len(rows))
        self._take(wanted)
        if not self.tally.faults and not self.tally.trial:
            self._stand()
            self._tell_others()

    def _wanted(self, row: Row, project: Project, portfolio: str) -> Iterator[_Wanted]:
        """What a row says, unless it is faulty."""
        period = self._period(row, portfolio)
        report = self._report(row, project, self.services.policy.form_for(portfolio, project.method))
        if period is not None and report is not None:
            yield _Wanted(row, project, period, report)

    def _take(self, wanted: Sequence[_Wanted]) -> None:
        """Store what is new, with few statements however many there are: others wait for each."""
        before = self._before(wanted)
        new = [(each, made) for each in wanted if (made := self._revision(each, *before[each.place])) is not None]
        self.tally.unchanged += len(wanted) - len(new)
        stored = self.uow.reports.add_many([report for _, report in new])
        for (each, _), report in zip(new, stored, strict=True):
            current, request = before[each.place]
            self.touched.add(each.project.id)
            if not self.tally.trial:
                answer(self.uow, each.period, request, report, self.tally.now)
            if self._is_live(each.period, request):
                self.live.append(_Live(each.project, each.period, current, report))
            self._note(each.project, each.period, current, report)

    def _before(self, wanted: Sequence[_Wanted]) -> dict[_Place, tuple[StatusReport | None, StatusRequest | None]]:
        """The report and the request that are there already, by project and period."""
        project_ids, period_ids = ({each.place[at] for each in wanted} for at in (0, 1))
        reports = {
            (each.project_id, each.period_id): each for each in self.uow.reports.current_of(project_ids, period_ids)
        }
        requests = {
            (each.project_id, each.period_id): each
            for period_id in sorted(period_ids)
            for each in self.uow.requests.in_period(period_id)
        }
        return {each.place: (reports.get(each.place), requests.get(each.place)) for each in wanted}

    def _revision(
        self, each: _Wanted, current: StatusReport | None, request: StatusRequest | None
    ) -> StatusReport | None:
        """What is to be stored; None when the same is stored already."""
        if current is None:
            return self._dated(each.row, each.report, each.period, request)
        over = self._over(current, each.report, each.row)
        return None if over == current else over

    def _is_live(self, period: ReportingPeriod, request: StatusRequest | None) -> bool:
        return request is not None and self.tally.now < period.closes_at

    def _dated(
        self, row: Row, report: StatusReport, period: ReportingPeriod, request: StatusRequest | None
    ) -> StatusReport:
        """A first report with its time: of an open period that of the import, which is when it reached us."""
        at = None if self._is_live(period, request) else row.values.get("at")
        late = request is not None and (at or self.tally.now) > request.due_at
        if not self._is_live(period, request) and row.values.get("late") is not None:
            late = row.values["late"]
        source = IMPORTED if at is None else IMPORTED_WITH_TIME
        return replace(report, period_id=period.id, at=at or self.tally.now, late=late, source=source)

    # ------------------------------------------------------------ the period

    def _period(self, row: Row, portfolio: str) -> ReportingPeriod | None:
        day: date = row.values["period"]
        if day > self.services.today(self.tally.now):
            self.tally.fault(row, "period", f"{day} is in the future")
            return None
        name = self.names.get((portfolio, day)) or self._calendar(portfolio, day)
        if (name, day) not in self.periods:
            self.periods[name, day] = self.uow.periods.on(name, day) or self._new_period(name, day)
        period = self.periods[name, day]
        if period is None:
            self.tally.fault(row, "period", f"the period of {day} is yet to be opened; import it after that")
        return period

    def _calendar(self, portfolio: str, day: date) -> str:
        policy = self.services.policy.calendar_for(portfolio)
        name = policy.name if calendar.latest_day(policy, day) == day else CALENDAR
        self.names[portfolio, day] = name
        return name

    def _new_period(self, name: str, day: date) -> ReportingPeriod | None:
        if name == CALENDAR:
            closes = calendar.instant(day + timedelta(days=1), time(0), self.services.policy.zone)
            opens = calendar.instant(day, time(0), self.services.policy.zone)
            return self.uow.periods.add(ReportingPeriod(0, name, day, opens, closes, closes, closes))
        policy = self.services.policy.calendars[name]
        times = calendar.period_times(policy, day, self.services.days_off)
        following = calendar.period_times(policy, calendar.next_day(policy, day), self.services.days_off)
        if following.opens_at > self.tally.now:
            return None  # Opening it is the clock's work, with requests for everybody.
        return self.uow.periods.add(
            ReportingPeriod(0, name, day, times.opens_at, times.due_at, times.digest_at, times.closes_at)
        )

    # ------------------------------------------------------------ the report

    def _report(self, row: Row, project: Project, form: FormPolicy) -> StatusReport | None:
        before = len(self.tally.faults)
        values: dict[str, Any] = {name: row.text(name) for name in _TEXTS}
        if row.values.get("rag") is None and not values["not_reported"]:
            self.tally.fault(row, "rag", "there is neither a rating nor a reason why there is none (not_reported)")
        if row.values.get("rag") is not None and values["not_reported"]:
            self.tally.fault(row, "not_reported", "is given although there is a rating")
        if row.values.get("at") is not None and row.values["at"] > self.tally.now:
            self.tally.fault(row, "at", "is in the future")
        report = StatusReport(
            id=0,
            project_id=project.id,
            period_id=0,
            revision=1,
            author_id=self._person(row, "author_email"),
            at=self.tally.now,
            rag=row.values.get("rag"),
            dimensions=_group(row, DIMENSION),
            custom=self._custom(row, form),
            forecast_end=row.values.get("forecast_end"),
            percent=row.values.get("percent"),
            path=self._path(row),
            decision=self._decision(row),
            source=IMPORTED,
            **values,
        )
        return report if len(self.tally.faults) == before else None

    def _custom(self, row: Row, form: FormPolicy) -> dict[str, Any]:
        values = _group(row, CUSTOM)
        for own in form.custom:
            if own.kind is FieldKind.PERSON and isinstance(values.get(own.key), str):
                values[own.key] = self.people.named(row, CUSTOM + own.key)
        return values

    def _person(self, row: Row, column: str) -> int | None:
        email = row.text(column)
        person = self.people.by_email(email) if email else None
        if email and person is None:
            self.tally.fault(row, column, f"nobody has the address {email}; import the register first")
        return person

    def _decision(self, row: Row) -> DecisionAsk | None:
        question, of_id = row.text("decision"), self._person(row, "decision_of_email")
        return DecisionAsk(question, of_id, row.values.get("decision_by")) if question else None

    def _path(self, row: Row) -> PathToGreen | None:
        action, owner, due = row.text("path_action"), row.text("path_owner"), row.values.get("path_due")
        if not (action or owner or due):
            return None
        if action and due:
            return PathToGreen(action, owner, due)
        missing = "path_due" if action else "path_action"
        self.tally.fault(row, missing, "is missing; a path to green needs an action and a date")
        return None

    # ------------------------------------------------------------ what follows

    def _over(self, current: StatusReport, report: StatusReport, row: Row) -> StatusReport:
        """The stored report with what the row speaks of in place; equal to it when nothing differs."""
        spoken = {name: getattr(report, name) for name in (*_TEXTS, *_VALUES) if name in row.values}
        # Every row says one of the two, and each takes the place of the other.
        spoken |= {"rag": report.rag, "not_reported": report.not_reported}
        if any(name in row.values for name in _PATH):
            spoken["path"] = report.path
        if any(name in row.values for name in _DECISION):
            spoken["decision"] = self._decision_over(current.decision, report.decision)
        for name, prefix in (("dimensions", DIMENSION), ("custom", CUSTOM)):
            mentioned = {key.removeprefix(prefix) for key in row.values if key.startswith(prefix)}
            kept = {key: value for key, value in getattr(current, name).items() if key not in mentioned}
            spoken[name] = kept | getattr(report, name)
        over = replace(current, **spoken)
        if _same(over, current):
            return current
        author = report.author_id or current.author_id
        return replace(
            over, id=0, revision=current.revision + 1, author_id=author, at=report.at, source=IMPORTED, edit_reason=""
        )

    def _decision_over(self, before: DecisionAsk | None, after: DecisionAsk | None) -> DecisionAsk | None:
        """A decision's addressee without a mail address cannot be named in a file, and is kept with the question."""
        if before is None or after is None or after.of_id is not None or before.question != after.question:
            return after
        return after if self.people.has_address(before.of_id) else replace(after, of_id=before.of_id)

    def _stand(self) -> None:
        today = self.services.today(self.tally.now)
        folded = (standing_of(self.uow, project_id) for project_id in sorted(self.touched))
        before = {project_id: self.uow.board.get(project_id) for project_id in self.touched}
        live = {each.project.id for each in self.live}
        self.uow.board.put(
            standing if standing.project_id in live else _quiet(standing, before[standing.project_id], today)
            for standing in folded
            if standing is not None
        )

    def _tell_others(self) -> None:
        for each in self.live:
            standing = self.uow.board.get(each.project.id)
            assert standing is not None, "a project with a report has a standing"
            tell(
                self.services, self.uow, each.project, each.period, standing, each.current, each.report, self.tally.now
            )

    def _note(
        self, project: Project, period: ReportingPeriod, current: StatusReport | None, stored: StatusReport
    ) -> None:
        colour = stored.rag.value if stored.rag else "not reported"
        before, after = _kept(current) if current else None, _kept(stored)
        if current is None:
            self.tally.created += 1
            self.tally.changes.append(f"report {project.key} {period.day} added: {colour}")
        else:
            self.tally.changed += 1
            names = ", ".join(
                name for name in after if after[name] != _kept(current)[name] and name not in ("revision", "source")
            )
            self.tally.changes.append(
                f"report {project.key} {period.day}, revision {stored.revision}: {colour}; changed: {names}"
            )
        self.uow.audit.append(
            self.tally.now, self.tally.actor, "report.recorded", f"project:{project.key}", before, after
        )


def _group(row: Row, prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in row.values.items()
        if name.startswith(prefix) and value is not None and value != ""
    }


def _same(one: StatusReport, other: StatusReport) -> bool:
    """Whether two reports say the same."""
    return bool(_level(_kept(one)) == _level(_kept(other)))


def _level(value: Any) -> Any:
    """Without what is empty, and line ends of one kind, since a workbook keeps no other."""
    if isinstance(value, dict):
        return {key: _level(item) for key, item in value.items() if item not in (None, "")}
    return one_line_end(value) if isinstance(value, str) else value


def _quiet(standing: Standing, before: Standing | None, today: date) -> Standing:
    """Without a date of a path to green that passed before the history was known here: nobody is called about it."""
    passed = standing.path_due is not None and standing.path_due < today
    known = before is not None and before.path_due == standing.path_due
    return replace(standing, path_due=None) if passed and not known else standing


def _kept(report: StatusReport) -> dict[str, Any]:
    return {**summary_of(report), "not_reported": report.not_reported}
