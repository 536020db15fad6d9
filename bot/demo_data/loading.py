"""Writes the made-up company into an empty store, so that its history ends just before the demo's week."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from bot.demo_data.company import WEEKS, DemoCompany, DemoProject, DemoRisk
from bot.demo_data.history import Scene, Week, weeks
from reporting import calendar, trends
from reporting.model import (
    Absence,
    Identity,
    Person,
    Project,
    ReportingPeriod,
    RequestState,
    Risk,
    Standing,
    StatusReport,
    StatusRequest,
)
from reporting.policy import CalendarPolicy
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.facts import project_facts
from reporting.services.reports import summary_of

ACTOR = "import:demo"


def demo_monday(services: Services, today: date) -> date:
    """The day of the period that the demo plays in: this week's, or the next one's once answers are due."""
    policy = services.policy.calendars[services.policy.default_calendar]
    day = calendar.latest_day(policy, today) or calendar.next_day(policy, today)
    due = calendar.period_days(policy, day, services.days_off).due
    return day if today <= due else calendar.next_day(policy, day)


@dataclass(slots=True)
class Loader:
    """One loading, in one transaction."""

    services: Services
    uow: UnitOfWork
    company: DemoCompany
    monday: date
    accounts: Mapping[str, Identity]
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    _periods: dict[tuple[str, date], ReportingPeriod] = field(default_factory=dict)

    def load(self) -> None:
        """Write everything."""
        self._people()
        for key, portfolio in self.company.portfolios.items():
            stored = self.uow.projects.add_portfolio(key, portfolio.name)
            sponsor = self.people[portfolio.sponsor].id
            for project_key, project in self.company.projects[key].items():
                self._project(project_key, project, key, stored.id, sponsor)

    def _people(self) -> None:
        for short, person in self.company.people.items():
            self.people[short] = self.uow.people.add(
                Person(0, person.name, person.email, person.tz, person.locale, identities=(self.accounts[short],))
            )
        for short, person in self.company.people.items():
            if person.deputy is not None:
                self.people[short] = replace(self.people[short], deputy_id=self.people[person.deputy].id)
                self.uow.people.save(self.people[short])
        for away in self.company.absences:
            deputy = self.people[away.deputy].id if away.deputy else None
            first, last = self._day(away.first), self._day(away.last)
            self.uow.people.add_absence(Absence(0, self.people[away.person].id, first, last, deputy))

    def _project(self, key: str, project: DemoProject, portfolio: str, portfolio_id: int, sponsor: int) -> None:
        stored = self.uow.projects.add(
            Project(
                id=0,
                key=key,
                name=project.name,
                portfolio_id=portfolio_id,
                lead_id=self.people[project.lead].id,
                deputy_id=self.people[project.deputy].id if project.deputy else None,
                sponsor_id=sponsor,
                method=project.method,
                confidential=project.confidential,
                start=self._day(project.start),
                end=self._day(project.end),
                description=project.description,
            )
        )
        self.uow.audit.append(self.now, ACTOR, "project.added", f"project:{key}", None, project_facts(stored))
        for risk in project.risks:
            opened = self._instant(7 * risk.since, time(11), self.people[project.lead])
            self.uow.risks.add(new_risk(risk, stored.id, self.monday, opened))
        self._history(stored, project, portfolio)

    # ------------------------------------------------------------ the weeks before

    def _history(self, stored: Project, project: DemoProject, portfolio: str) -> None:
        policy = self.services.policy.calendar_for(portfolio)
        form = self.services.policy.form_for(portfolio, project.method)
        scene = Scene(self.monday, form, {short: person.id for short, person in self.people.items()})
        told = {self._day(7 * week.week): week for week in weeks(project, scene)}
        standing: Standing | None = None
        for day in calendar.occurrences(policy, self._day(-7 * WEEKS) - timedelta(days=1), 7 * WEEKS):
            week = _week_of(told, day)
            if day >= self.monday or week is None:
                break
            standing = self._week(stored, policy, day, week, self.people[project.lead], standing)
        if standing is not None:
            self.uow.board.put([standing])

    def _week(
        self, stored: Project, policy: CalendarPolicy, day: date, week: Week, lead: Person, standing: Standing | None
    ) -> Standing:
        period = self._period(policy, day)
        prompt_at, due_at = calendar.request_times(policy, day, lead.tz, self.services.days_off)
        standing = trends.opened(standing, stored.id, period.id)
        report = self._report(stored, period, week, lead, (prompt_at, due_at)) if week.report else None
        self.uow.requests.add_many(
            [
                StatusRequest(
                    id=0,
                    period_id=period.id,
                    project_id=stored.id,
                    assignee_id=lead.id,
                    state=_state(week),
                    prompt_at=prompt_at,
                    due_at=due_at,
                    reason="away" if week.mark == "x" else "",
                    answered_at=report.at if report else None,
                    report_id=report.id if report else None,
                )
            ]
        )
        if report is not None:
            return trends.reported(standing, report.rag, report.id, report.path.due if report.path else None)
        return standing if week.mark == "x" else trends.missed(standing)

    def _report(
        self, stored: Project, period: ReportingPeriod, week: Week, lead: Person, times: tuple[datetime, datetime]
    ) -> StatusReport:
        assert week.report is not None, "only called with one"
        report = self.uow.reports.add(
            replace(
                week.report,
                project_id=stored.id,
                period_id=period.id,
                author_id=lead.id,
                at=_answered(stored.key, week, *times),
                late=week.late,
            )
        )
        self.uow.audit.append(
            report.at, f"person:{lead.id}", "report.recorded", f"project:{stored.key}", None, summary_of(report)
        )
        return report

    def _period(self, policy: CalendarPolicy, day: date) -> ReportingPeriod:
        key = (policy.name, day)
        if key not in self._periods:
            times = calendar.period_times(policy, day, self.services.days_off)
            self._periods[key] = self.uow.periods.add(
                ReportingPeriod(0, policy.name, day, times.opens_at, times.due_at, times.digest_at, times.closes_at)
            )
        return self._periods[key]

    def _day(self, offset: int) -> date:
        return self.monday + timedelta(days=offset)

    def _instant(self, offset: int, wall: time, person: Person) -> datetime:
        return calendar.instant(self._day(offset), wall, person.tz or "UTC")


def new_risk(risk: DemoRisk, project_id: int, monday: date, opened_at: datetime) -> Risk:
    """A risk as it is stored; its number is the store's."""
    due = monday + timedelta(days=risk.due)
    return Risk(0, project_id, 0, risk.title, risk.p, risk.i, risk.owner, due, mitigation=risk.do, opened_at=opened_at)


def _week_of(told: Mapping[date, Week], day: date) -> Week | None:
    """The week that a calendar's day falls into, whatever its weekday."""
    return next((week for monday, week in told.items() if 0 <= (day - monday).days < 7), None)


def _state(week: Week) -> RequestState:
    if week.report is not None:
        return RequestState.LATE if week.late else RequestState.SUBMITTED
    return RequestState.EXCUSED if week.mark == "x" else RequestState.MISSED


def _answered(key: str, week: Week, prompt_at: datetime, due_at: datetime) -> datetime:
    """When a report came: different for each project and week, the same in every demo, and in working hours."""
    dice = zlib.crc32(f"{key}{week.week}".encode())
    if week.late:
        return due_at + timedelta(hours=2, minutes=dice % 50)
    minutes = timedelta(days=dice % 4, hours=dice // 4 % 8, minutes=dice // 32 % 60)
    return min(prompt_at + minutes, due_at - timedelta(minutes=5))
