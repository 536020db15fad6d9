"""Standings, and the lists made from them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reporting.model import Project, ProjectState, Rag, RequestState, RiskState
from reporting.ports import Store, UnitOfWork
from reporting.query import BoardFilter
from tests.storage.made import DAY, World, report, request, risk, standing

R, A, G = Rag.RED, Rag.AMBER, Rag.GREEN


@pytest.fixture
def board(store: Store, world: World) -> World:
    """Seven projects in the newest period, one of them confidential, one paused, one never asked."""
    with store.begin() as uow:
        more = [
            uow.projects.add(Project(0, key, key.title(), world.imaging.id, world.ben.id, **values))
            for key, values in (
                ("DELTA", {"confidential": True}),
                ("ECHO", {"state": ProjectState.PAUSED}),
                ("FOXTROT", {}),
                ("GOLF", {}),
            )
        ]
        built = replace(world, projects=[*world.projects, *more])
        newest, before = world.periods[-1].id, world.periods[-2].id
        atlas, boreas, cirrus, delta, echo, foxtrot, _ = (project.id for project in built.projects)
        red = uow.reports.add(report(boreas, newest, R, summary="Late", reason="Supplier"))
        uow.requests.add_many([request(newest, boreas, None, state=RequestState.SUBMITTED)])
        uow.board.put(
            [
                standing(atlas, newest, G, streak=9, previous=A, last_rag=A, last_period_id=before),
                standing(boreas, newest, R, streak=1, report_id=red.id, previous=A, last_rag=A, last_period_id=before),
                standing(cirrus, newest, None, missed=3, previous=R, last_rag=R, last_period_id=before, last_streak=2),
                standing(delta, newest, R, streak=4, previous=R, last_rag=R, last_period_id=before),
                standing(echo, newest, A, streak=2, previous=A, last_rag=A),
                standing(foxtrot, newest, A, streak=2, previous=A, last_rag=A, path_due=DAY),
            ]
        )
        uow.risks.add(risk(atlas, 5, 5))
        uow.risks.add(risk(boreas, 3, 4))
        uow.risks.add(risk(boreas, 1, 1))
        uow.risks.add(risk(delta, 4, 4))
    return built


def keys(uow: UnitOfWork, limit: int = 20, offset: int = 0, **where: Any) -> list[str]:
    rows = uow.board.rows(BoardFilter(**where), limit, offset)
    return [row.project.key for row in rows]


def test_worst_first_then_longest_then_key(store: Store, board: World) -> None:
    every = tuple(ProjectState)
    with store.read() as uow:
        ordered = ["DELTA", "BOREAS", "ECHO", "FOXTROT", "CIRRUS", "GOLF", "ATLAS"]
        assert keys(uow, states=every, confidential=True) == ordered
        assert keys(uow, 2, 3, states=every, confidential=True) == ordered[3:5]
        assert keys(uow) == ["BOREAS", "FOXTROT", "CIRRUS", "GOLF", "ATLAS"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"colours": (R,)}, ["BOREAS"]),
        ({"colours": (None,)}, ["CIRRUS", "GOLF"]),
        ({"colours": (G, None)}, ["CIRRUS", "GOLF", "ATLAS"]),
        ({"colours": (G, R)}, ["BOREAS", "ATLAS"]),
        ({"colours": (R, A, G)}, ["BOREAS", "FOXTROT", "ATLAS"]),
        ({"moved": "worse"}, ["BOREAS"]),
        ({"moved": "better"}, ["ATLAS"]),
        ({"min_streak": 3}, ["CIRRUS", "ATLAS"]),
        ({"risk_op": ">=", "risk_score": 12}, ["BOREAS", "ATLAS"]),
        ({"risk_op": ">", "risk_score": 12}, ["ATLAS"]),
        ({"risk_op": "=", "risk_score": 0}, ["FOXTROT", "CIRRUS", "GOLF"]),
        ({"risk_op": "<", "risk_score": 13, "colours": (R,)}, ["BOREAS"]),
        ({"states": (ProjectState.PAUSED,)}, ["ECHO"]),
        ({"confidential": True, "colours": (R,)}, ["DELTA", "BOREAS"]),
        ({"lead_ids": ()}, []),
        ({"portfolio_ids": (99,)}, []),
        ({"colours": (R,), "moved": "better"}, []),
    ],
)
def test_filters_combine(store: Store, board: World, where: dict[str, Any], expected: list[str]) -> None:
    with store.read() as uow:
        assert keys(uow, **where) == expected
        totals = uow.board.totals(BoardFilter(**where))
        assert totals.total == len(expected)
        assert totals.red + totals.amber + totals.green + totals.missing == totals.total


@pytest.mark.parametrize(
    ("moved", "back", "expected"),
    [("worse", 2, ["BOREAS"]), ("worse", 3, []), ("better", 2, []), ("better", 3, ["ATLAS"]), ("worse", 9, [])],
)
def test_moved_since_a_day(store: Store, board: World, moved: str, back: int, expected: list[str]) -> None:
    atlas, boreas, *_ = (project.id for project in board.projects)
    with store.begin() as uow:
        history(uow, board, atlas, (R, G, None, G))
        # The report of the newest period is there; only those before it are new.
        for weekly, rag in zip(board.periods[:-1], (R, A, None), strict=True):
            uow.reports.add(report(boreas, weekly.id, rag))
        day = board.periods[-1].day - timedelta(weeks=back)
        where = BoardFilter(moved=moved, moved_since=day)
        assert [row.project.key for row in uow.board.rows(where, 20)] == expected
        assert uow.board.totals(where).total == len(expected)
        assert uow.board.counts_by_period(where, 1) == ([] if not expected else uow.board.counts_by_period(where, 1))
        with pytest.raises(ValueError, match="unknown word"):
            keys(uow, moved="sideways", moved_since=day)


def test_filters_by_people_and_ids(store: Store, board: World) -> None:
    atlas, boreas, _, delta, *_ = (project.id for project in board.projects)
    with store.read() as uow:
        assert keys(uow, lead_ids=(board.ben.id,)) == ["FOXTROT", "GOLF"]
        assert keys(uow, lead_ids=(board.ben.id,), own_ids=(delta,)) == ["DELTA", "FOXTROT", "GOLF"]
        assert keys(uow, project_ids=(atlas, boreas)) == ["BOREAS", "ATLAS"]
        many = tuple(range(1, 40_000))
        assert keys(uow, project_ids=many, portfolio_ids=(board.imaging.id, 99)) == keys(uow)
        assert keys(uow, reported_since=board.periods[-1].day) == ["BOREAS", "FOXTROT", "ATLAS"]
        assert keys(uow, reported_since=board.periods[-2].day) == ["BOREAS", "FOXTROT", "CIRRUS", "ATLAS"]
        with pytest.raises(ValueError, match="unknown word"):
            keys(uow, moved="sideways")
        with pytest.raises(ValueError, match="unknown word"):
            keys(uow, risk_op="!=")


def test_a_row_has_what_lists_show(store: Store, board: World) -> None:
    with store.read() as uow:
        red, *_, missing, never, _ = uow.board.rows(BoardFilter(), 20)
        assert red.project == board.projects[1]
        assert (red.portfolio_key, red.portfolio_name, red.lead_name) == ("imaging", "Imaging", "Ana Müller")
        assert (red.summary, red.reason, red.top_score) == ("Late", "Supplier", 12)
        assert (red.request_state, red.last_day) == (RequestState.SUBMITTED, board.periods[-1].day)
        assert red.standing == uow.board.get(red.project.id)
        assert (missing.summary, missing.request_state, missing.last_day) == ("", None, board.periods[-2].day)
        assert (never.standing, never.last_day, never.top_score) == (None, None, 0)
        assert uow.board.get(never.project.id) is None


def test_totals_now_and_before(store: Store, board: World) -> None:
    with store.read() as uow:
        totals = uow.board.totals(BoardFilter())
    now = (totals.total, totals.red, totals.amber, totals.green, totals.missing, totals.reported)
    before = (totals.previous_red, totals.previous_amber, totals.previous_green, totals.previous_missing)
    assert now == (5, 1, 1, 1, 2, 3)
    assert before == (1, 3, 0, 1)


def test_risks_highest_first_and_bounded_one_by_one(store: Store, board: World) -> None:
    def scores(uow: UnitOfWork, **where: Any) -> list[tuple[str, int]]:
        wanted = BoardFilter(**where)
        found = uow.board.risks(wanted, 20)
        assert uow.board.risk_count(wanted) == len(found)
        assert uow.board.risks(wanted, 1, 1) == found[1:2]
        return [(key, item.score) for item, key, _ in found]

    with store.read() as uow:
        assert scores(uow) == [("ATLAS", 25), ("BOREAS", 12), ("BOREAS", 1)]
        assert scores(uow, confidential=True) == [("ATLAS", 25), ("DELTA", 16), ("BOREAS", 12), ("BOREAS", 1)]
        assert scores(uow, risk_op=">=", risk_score=12) == [("ATLAS", 25), ("BOREAS", 12)]
        assert scores(uow, risk_op="<=", risk_score=12, colours=(R,)) == [("BOREAS", 12), ("BOREAS", 1)]


def test_the_worst_open_risk_follows_every_change(store: Store, board: World) -> None:
    boreas = board.projects[1].id
    only = BoardFilter(project_ids=(boreas,))
    with store.begin() as uow:
        worst, least = uow.risks.open_of([boreas])
        uow.risks.save(replace(worst, state=RiskState.CLOSED))
        assert uow.board.rows(only, 1)[0].top_score == 1
        uow.risks.save(replace(least, probability=2, impact=5))
        assert uow.board.rows(only, 1)[0].top_score == 10
        uow.risks.save(replace(least, state=RiskState.CLOSED))
        assert uow.board.rows(only, 1)[0].top_score == 0


def test_lists_follow_a_changed_project(store: Store, board: World) -> None:
    boreas = board.projects[1]
    changed = replace(boreas, key="ZEBRA", lead_id=board.ben.id, confidential=True)
    with store.begin() as uow:
        uow.projects.save(changed)
        assert keys(uow, colours=(R,)) == []
        assert keys(uow, colours=(R,), own_ids=(boreas.id, 1)) == ["ZEBRA"]
        assert uow.board.rows(BoardFilter(project_ids=(boreas.id,), confidential=True), 1)[0].lead_name == "Ben Okafor"


def history(uow: UnitOfWork, world: World, project: int, colours: Sequence[Rag | None]) -> None:
    for weekly, rag in zip(world.periods, colours, strict=True):
        uow.reports.add(report(project, weekly.id, rag))


def test_counts_by_period(store: Store, world: World) -> None:
    one, two, three = (project.id for project in world.projects)
    days = [weekly.day for weekly in world.periods]
    with store.begin() as uow:
        history(uow, world, one, (R, R, A, G))
        history(uow, world, two, (None, G, G, G))
        uow.requests.add_many([request(world.periods[-1].id, three, None)])
        uow.projects.save(replace(world.projects[1], confidential=True))
    with store.read() as uow:
        every = BoardFilter(confidential=True)
        last = [(days[2], 0, 1, 1, 0), (days[3], 0, 0, 2, 1)]
        assert uow.board.counts_by_period(every, 2) == last
        assert uow.board.counts_by_period(every, 99) == [(days[0], 1, 0, 0, 1), (days[1], 1, 0, 1, 0), *last]
        assert uow.board.counts_by_period(BoardFilter(), 1) == [(days[3], 0, 0, 1, 1)]
        assert uow.board.counts_by_period(BoardFilter(project_ids=(three,)), 2) == [(days[3], 0, 0, 0, 1)]
        assert uow.board.counts_by_period(BoardFilter(min_streak=1), 2) == []
        assert uow.board.counts_by_period(BoardFilter(colours=(None,), confidential=True), 2) == last


def test_paths_due_are_those_before_today(store: Store, board: World) -> None:
    foxtrot = board.projects[5].id
    with store.begin() as uow:
        assert uow.board.paths_due(DAY) == []
        due = uow.board.paths_due(DAY + timedelta(days=1))
        assert due == [uow.board.get(foxtrot)]
        uow.board.put([replace(due[0], path_due=None)])
        assert uow.board.paths_due(date(2099, 1, 1)) == []
