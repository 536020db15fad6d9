"""The made-up company that the demo shows: register, ten weeks of history, and what other leads answer meanwhile.

The visitor plays Ana (a lead of three projects), Carl (an executive) or Anna (the PMO). Everybody else follows a
script, so that the digest on Friday is full: 19 of 24 projects report without the visitor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.demo_data.company import DemoCompany, DemoPerson, read_company
from bot.demo_data.history import COLOURS, Scene, next_report, weeks
from bot.demo_data.loading import Loader, demo_monday, new_risk
from reporting import calendar
from reporting.model import Identity, Risk
from reporting.services import reports
from reporting.services.context import Services
from reporting.services.reports import Entry, Recorded, RiskChange

__all__ = ["Answer", "Demo", "DemoCompany", "DemoPerson", "load", "play", "read_company"]

_BEFORE_DUE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer: when it comes (UTC), who gives it, and for which project (key)."""

    at: datetime
    author: Identity
    project: str


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is ready to run.

    Attributes:
        monday: the day of the period that the demo plays in.
        opens_at: when that period opens, UTC; the history ends before.
        prompted_at: when the featured lead gets her prompt, UTC: a good moment to begin.
        digest_at: when leadership is told, UTC.
        answers: in the order of time.
    """

    company: DemoCompany
    workspace: str
    monday: date
    opens_at: datetime
    prompted_at: datetime
    digest_at: datetime
    answers: tuple[Answer, ...]


def load(
    services: Services, today: date, workspace: str | None = None, account: Callable[[str], Identity] | None = None
) -> Demo:
    """Write the company and its history into an empty store, for a demo in the reporting week around `today`.

    Args:
        workspace: the Slack workspace id of the people's accounts; the company's own when None.
        account: a person's account by their key in the company; one in that workspace when None.
    """
    company = read_company()
    monday = demo_monday(services, today)
    policy = services.policy.calendars[services.policy.default_calendar]
    times = calendar.period_times(policy, monday, services.days_off)
    named = workspace or company.workspace
    accounts = {key: _account(key, person, named, account) for key, person in company.people.items()}
    with services.store.begin() as uow:
        Loader(services, uow, company, monday, accounts, now=times.opens_at - timedelta(hours=1)).load()
    lead = next(person for person in company.people.values() if person.featured == "lead")
    prompted_at, _ = calendar.request_times(policy, monday, lead.tz, services.days_off)
    answers = tuple(
        sorted(_answers(services, company, monday, accounts), key=lambda answer: (answer.at, answer.project))
    )
    return Demo(company, named, monday, times.opens_at, prompted_at, times.digest_at, answers)


def _account(key: str, person: DemoPerson, workspace: str, account: Callable[[str], Identity] | None) -> Identity:
    return Identity("slack", workspace, person.id) if account is None else account(key)


def _answers(services: Services, company: DemoCompany, monday: date, accounts: Mapping[str, Identity]) -> list[Answer]:
    found = []
    for portfolio, projects in company.projects.items():
        policy = services.policy.calendar_for(portfolio)
        for key, project in projects.items():
            if project.answer is None:
                continue
            answerer = _answerer(company, project.lead)
            person = company.people[answerer]
            weekday, wall = project.answer.when
            at = calendar.instant(monday + timedelta(days=weekday), time.fromisoformat(wall), person.tz)
            _, due_at = calendar.request_times(policy, monday, person.tz, services.days_off)
            found.append(Answer(min(at, due_at - _BEFORE_DUE), accounts[answerer], key))
    return found


def _answerer(company: DemoCompany, lead: str) -> str:
    """Who answers in the demo's week: the lead, or their deputy while they are away."""
    for away in company.absences:
        if away.person == lead and away.deputy and away.first <= 0 <= away.last:
            return away.deputy
    return lead


def play(services: Services, demo: Demo, answer: Answer) -> bool:
    """Record a scripted answer at the clock's time, as if its author had sent the form.

    Returns:
        False when there is nothing to do: the visitor has answered for that project, or its period is not open.
    """
    with services.store.read() as uow:
        project = uow.projects.by_key(answer.project)
        author = uow.people.by_identity(answer.author)
        portfolio = uow.projects.portfolio(project.portfolio_id) if project else None
        if project is None or author is None or portfolio is None:
            return False
        period = uow.periods.on(services.policy.calendar_for(portfolio.key).name, demo.monday)
        if period is None or uow.reports.current(project.id, period.id) is not None:
            return False
        risks = tuple(uow.risks.open_of([project.id]))
        people = {short: uow.people.by_email(person.email) for short, person in demo.company.people.items()}
    told = demo.company.projects[portfolio.key][project.key]
    if told.answer is None:
        return False
    ids = {short: person.id for short, person in people.items() if person is not None}
    scene = Scene(demo.monday, services.policy.form_for(portfolio.key, project.method), ids)
    last = [week.report for week in weeks(told, scene) if week.report is not None][-1]
    report = next_report(told, scene, 0, COLOURS[told.answer.rag], told.answer, last)
    now = services.clock.now()
    changes = [RiskChange(risk, close=True) for risk in risks if risk.title in told.answer.close]
    if told.answer.risk is not None:
        changes.append(RiskChange(_fresh(new_risk(told.answer.risk, project.id, demo.monday, now))))
    entry = Entry(replace(report, project_id=project.id, period_id=period.id), 0, tuple(changes))
    return isinstance(reports.record(services, author, entry, now), Recorded)


def _fresh(risk: Risk) -> Risk:
    """Without an opening time: recording the report sets it."""
    return replace(risk, opened_at=None)
