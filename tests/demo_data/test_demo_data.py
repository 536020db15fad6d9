"""The made-up company: whole, believable, the same every time, and a full digest on Friday without the visitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest

from bot import demo_data
from bot.config import load_policy
from bot.demo_data.company import DemoProject
from bot.demo_data.history import COLOURS, Scene, next_report, weeks
from reporting.messages import Message
from reporting.model import Rag, RequestState, Role
from reporting.policy import Policy
from reporting.ports import Composed
from reporting.query import BoardFilter
from reporting.services import planning
from reporting.services.context import Services
from reporting.texts import Catalogues
from storage.migrate import upgrade
from storage.store import SqlStore

TODAY = date(2026, 11, 23)
COMPANY = demo_data.read_company()
PROJECTS = {key: project for projects in COMPANY.projects.values() for key, project in projects.items()}


class HandClock:
    """Time that is moved by hand."""

    at = datetime(2026, 11, 22, 18, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class PlainWords:
    """Templates of as few words as can be; what digests look like is tested elsewhere."""

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        return Composed(Message("digest", ()), (), "digest")

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        return Message("alert", ())


def demo_policy() -> Policy:
    with as_file(files("bot.demo_data").joinpath("app.yaml")) as path:
        return load_policy(path)


def start(folder: Path, today: date = TODAY) -> tuple[Services, demo_data.Demo]:
    upgrade(f"sqlite:///{folder / 'demo.db'}")
    services = Services(
        SqlStore(f"sqlite:///{folder / 'demo.db'}"), HandClock(), demo_policy(), Catalogues(), PlainWords()
    )
    return services, demo_data.load(services, today)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Services, demo_data.Demo]:
    """The demo's week, played until after the digest without the visitor doing anything."""
    services, demo = start(tmp_path_factory.mktemp("demo"))
    clock = services.clock
    assert isinstance(clock, HandClock)
    clock.at = demo.opens_at - timedelta(minutes=30)
    planning.reconcile(services, clock.at)
    for answer in demo.answers:
        while clock.at < answer.at:
            clock.at = min(clock.at + timedelta(hours=2), answer.at)
            planning.plan_due(services, clock.at)
        assert demo_data.play(services, demo, answer)
        assert not demo_data.play(services, demo, answer)
    clock.at = demo.digest_at + timedelta(minutes=1)
    planning.plan_due(services, clock.at)
    return services, demo


def test_the_company_has_24_projects_in_4_portfolios_and_everybody_exists() -> None:
    assert len(COMPANY.portfolios) == 4
    assert len(PROJECTS) == 24
    assert {p.lead for p in PROJECTS.values()} <= COMPANY.people.keys()
    assert sum(project.lead == "ana" for project in PROJECTS.values()) == 3
    assert {p.featured for p in COMPANY.people.values() if p.featured} == {"lead", "executive", "pmo"}
    assert all(person.email.endswith(".example") for person in COMPANY.people.values())
    assert len({person.id for person in COMPANY.people.values()}) == len(COMPANY.people)
    assert len({person.tz for person in COMPANY.people.values()}) >= 10
    for channel in COMPANY.channels.values():
        assert set(channel.members) <= COMPANY.people.keys()


def test_the_policy_names_people_and_channels_that_exist() -> None:
    policy = demo_policy()
    emails = {person.email for person in COMPANY.people.values()}
    assert {email for role in (Role.PMO, Role.EXECUTIVE) for email in policy.roles[role]} <= emails
    channels = {*(d.channel for d in policy.digests), *(a.channel for a in policy.alerts), policy.pmo_channel}
    assert channels == {f"#{name}" for name in COMPANY.channels}
    assert {key for digest in policy.digests for key in digest.portfolios} <= COMPANY.portfolios.keys()


@pytest.mark.parametrize("key", PROJECTS)
def test_every_history_is_one_that_the_form_would_have_taken(key: str) -> None:
    project = PROJECTS[key]
    form = demo_policy().form_for("imaging", project.method)
    scene = Scene(TODAY, form, dict.fromkeys(COMPANY.people, 1))
    found = [week for week in weeks(project, scene) if week.report is not None]
    reports = [(7 * week.week, week.report) for week in found if week.report is not None]
    if project.answer is not None:
        last = reports[-1][1]
        reports.append((0, next_report(project, scene, 0, COLOURS[project.answer.rag], project.answer, last)))
    for offset, report in reports:
        monday = TODAY + timedelta(days=offset)
        assert report.rag is not None
        assert 10 < len(report.summary) <= form.summary_max
        assert (report.rag is Rag.GREEN) == (report.path is None) == (report.reason == "")
        assert report.path is None or report.source == "unchanged" or report.path.due >= monday, (offset, report.path)
        worse = any(rag.severity > report.rag.severity for rag in report.dimensions.values())
        assert worse == bool(report.override), (offset, report.dimensions)
        assert "!" not in report.summary + report.reason + report.next
    news = {week for week in project.news if project.history[week + 10] not in "-x"}
    assert news == project.news.keys()


def test_a_colour_that_changes_without_news_is_refused() -> None:
    spoilt = PROJECTS["ATLAS"].model_copy(update={"history": "AAGGAARRRR"})
    scene = Scene(TODAY, demo_policy().forms[-1], {"carl": 1})
    assert isinstance(spoilt, DemoProject)
    with pytest.raises(ValueError, match="needs news"):
        list(weeks(spoilt.model_copy(update={"news": {-10: spoilt.news[-10], -8: spoilt.news[-8]}}), scene))


def test_the_history_ends_just_before_the_demo(tmp_path: Path) -> None:
    services, demo = start(tmp_path)
    assert (demo.monday, demo.opens_at) == (TODAY, datetime(2026, 11, 22, 19, tzinfo=UTC))
    assert demo.prompted_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert demo.digest_at == datetime(2026, 11, 27, 16, tzinfo=UTC)
    with services.store.read() as uow:
        periods = uow.periods.recent("weekly", 20)
        assert [p.day for p in periods] == [TODAY - timedelta(days=7 * n) for n in range(1, 11)]
        states = Counter(r.state for p in periods for r in uow.requests.in_period(p.id))
        ids = {p.key: p.id for p in uow.projects.all()}
        atlas, core, raven, dock = (uow.board.get(ids[key]) for key in ("ATLAS", "CORE", "RAVEN", "DOCK"))
        assert uow.audit.verify() == []
        assert uow.deliveries.unfinished() == []
    assert atlas is not None
    assert core is not None
    assert raven is not None
    assert dock is not None
    assert states.total() == 240
    assert (states[RequestState.MISSED], states[RequestState.EXCUSED], states[RequestState.LATE]) == (5, 4, 1)
    assert (atlas.rag, atlas.streak) == (Rag.GREEN, 4)
    assert (core.rag, core.last_rag, core.missed) == (None, Rag.GREEN, 1)
    assert (raven.missed, dock.streak) == (2, 8)


def test_19_of_24_report_without_the_visitor(week: tuple[Services, demo_data.Demo]) -> None:
    services, demo = week
    assert len(demo.answers) == 19
    assert all(demo.opens_at < answer.at < demo.digest_at for answer in demo.answers)
    with services.store.read() as uow:
        totals = uow.board.totals(BoardFilter(confidential=True))
        period = uow.periods.on("weekly", TODAY)
        assert period is not None
        digests = uow.digests.with_period(period.id)
        states = Counter(request.state for request in uow.requests.in_period(period.id))
    assert (totals.total, totals.red, totals.amber, totals.green, totals.missing) == (24, 4, 4, 11, 5)
    assert (totals.previous_red, totals.previous_missing) == (2, 2)
    assert states[RequestState.SUBMITTED] == 19
    assert {digest.channel for digest in digests} == {"#leadership", "#imaging-leadership"}


def test_the_week_has_its_alerts(week: tuple[Services, demo_data.Demo]) -> None:
    services, _ = week
    with services.store.read() as uow:
        keys = {p.id: p.key for p in uow.projects.all()}
        alerts = {(alert.rule, keys[alert.project_id]) for alert in uow.escalations.all_open()}
        found = [risk.title for risk, key, _ in uow.board.risks(BoardFilter(), 50) if key == "NOVA"]
        closed = [risk.title for risk, key, _ in uow.board.risks(BoardFilter(), 50) if key == "DELTA"]
    assert {
        ("turned-red", "QUILL"),
        ("turned-red", "NOVA"),
        ("high-risk", "NOVA"),
        ("amber-for-long", "FLUX"),
    } <= alerts
    assert {("silent", "RAVEN"), ("silent", "CORE"), ("path-passed", "BEAM")} <= alerts
    assert len(alerts) == 7
    assert found[0] == "Wrong counts were published by a beta user"
    assert closed == []


def test_two_demos_are_the_same_and_follow_the_week_they_are_shown_in(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, demo = start(tmp_path / "a")
    other, again = start(tmp_path / "b")
    assert demo == again
    with one.store.read() as first, other.store.read() as second:
        # The hash of the newest event covers all before it.
        assert first.audit.events()[0].hash == second.audit.events()[0].hash
        assert first.audit.events()[-1].hash == second.audit.events()[-1].hash


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-27", "2026-11-23"),
        ("2026-11-28", "2026-11-30"),
        ("2026-04-02", "2026-03-30"),  # the week before Easter: due on Thursday
        ("2026-04-06", "2026-04-06"),  # Easter Monday: asked on Tuesday
        ("2026-12-26", "2026-12-28"),
    ],
)
def test_the_demo_plays_in_the_week_around_today(tmp_path: Path, today: str, monday: str) -> None:
    _, demo = start(tmp_path, date.fromisoformat(today))
    assert demo.monday == date.fromisoformat(monday)
    assert demo.opens_at < demo.prompted_at < demo.digest_at
    assert all(demo.opens_at < answer.at < demo.digest_at for answer in demo.answers)


def test_an_answer_for_a_period_that_is_not_open_changes_nothing(tmp_path: Path) -> None:
    services, demo = start(tmp_path)
    assert not demo_data.play(services, demo, demo.answers[0])
