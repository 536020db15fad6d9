"""Made-up values for the storage tests."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reporting.ledger import Delivery, DeliveryState, Digest, Escalation
from reporting.model import (
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
from reporting.ports import Store, UnitOfWork

NOW = datetime(2026, 11, 20, 15, 30, 0, 123456, tzinfo=UTC)
DAY = date(2026, 10, 30)
HOUR = timedelta(hours=1)


def person(name: str = "Ana Müller", **values: Any) -> Person:
    return Person(0, name, **values)


def period(day: date = DAY, calendar: str = "weekly") -> ReportingPeriod:
    opens = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    return ReportingPeriod(0, calendar, day, opens, opens + 8 * HOUR, opens + 9 * HOUR, opens + timedelta(days=7))


def request(period_id: int, project_id: int, assignee_id: int | None, **values: Any) -> StatusRequest:
    made = StatusRequest(0, period_id, project_id, assignee_id, RequestState.PENDING, NOW, NOW + 8 * HOUR, NOW)
    return replace(made, **values)


def report(project_id: int, period_id: int, rag: Rag | None = Rag.GREEN, **values: Any) -> StatusReport:
    made = StatusReport(0, project_id, period_id, 1, None, NOW, rag, "As planned")
    return replace(made, **values)


def risk(project_id: int, probability: int = 3, impact: int = 4, **values: Any) -> Risk:
    return replace(Risk(0, project_id, 0, "The supplier may be late", probability, impact), **values)


def standing(project_id: int, period_id: int, rag: Rag | None, **values: Any) -> Standing:
    return replace(Standing(project_id, period_id, rag), **values)


def delivery(key: str = "prompt:1", **values: Any) -> Delivery:
    made = Delivery(0, key, "prompt", "person:1", {"period_id": 1}, NOW, DeliveryState.PLANNED, NOW)
    return replace(made, **values)


def escalation(project_id: int, period_id: int, **values: Any) -> Escalation:
    return replace(Escalation(0, "turned_red", project_id, "rag", period_id, "C01", NOW, {"from": "green"}), **values)


def digest(**values: Any) -> Digest:
    return replace(Digest(0, "C01", DAY, (1, 2), NOW, "weekly.md.j2", "# Week 44", {"takeaway": "Two red"}), **values)


class Undone(Exception):
    """What goes wrong in a transaction."""


def fail_after(store: Store, work: Callable[[UnitOfWork], object]) -> None:
    """A transaction that works and then raises `Undone`."""
    with store.begin() as uow:
        work(uow)
        raise Undone


@dataclass(frozen=True)
class World:
    """Two people, a portfolio, three projects and four weekly periods."""

    ana: Person
    ben: Person
    imaging: Portfolio
    projects: list[Project]
    periods: list[ReportingPeriod]

    @classmethod
    def build(cls, uow: UnitOfWork) -> "World":
        account = Identity("slack", "T1", "U1")
        ana = uow.people.add(person("Ana Müller", email="ana@example.org", identities=(account,)))
        ben = uow.people.add(person("Ben Okafor", email="ben@example.org"))
        imaging = uow.projects.add_portfolio("imaging", "Imaging")
        projects = [
            uow.projects.add(Project(0, key, name, imaging.id, lead_id=ana.id, deputy_id=ben.id))
            for key, name in (("ATLAS", "Atlas scanner"), ("BOREAS", "Boreas cooling"), ("CIRRUS", "Cirrus cloud"))
        ]
        periods = [uow.periods.add(period(DAY + timedelta(weeks=n))) for n in range(4)]
        return cls(ana, ben, imaging, projects, periods)
