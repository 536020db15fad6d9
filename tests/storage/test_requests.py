"""Status requests."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from reporting.model import Rag, RequestState
from reporting.ports import Store
from tests.storage.made import DAY, HOUR, NOW, World, period, report, request


def test_a_project_is_asked_once_in_a_period(store: Store, world: World) -> None:
    first = world.periods[0].id
    wanted = [request(first, project.id, world.ana.id) for project in world.projects]
    with store.begin() as uow:
        assert uow.requests.add_many(wanted[:2]) == 2
        assert uow.requests.add_many(wanted) == 1
        assert uow.requests.add_many([]) == 0
        found = uow.requests.in_period(first)
        assert [replace(item, id=0) for item in found] == wanted
        assert uow.requests.of(first, world.projects[1].id) == found[1]
        assert uow.requests.of_person(first, world.ana.id) == found
        assert uow.requests.of_person(first, world.ben.id) == []


def test_a_request_keeps_every_change(store: Store, world: World) -> None:
    project, weekly = world.projects[0], world.periods[0]
    with store.begin() as uow:
        uow.requests.add_many([request(weekly.id, project.id, None)])
        kept = uow.requests.of(weekly.id, project.id)
        answer = uow.reports.add(report(project.id, weekly.id, Rag.RED))
        assert kept is not None
        changed = replace(
            kept,
            assignee_id=world.ben.id,
            state=RequestState.LATE,
            next_at=None,
            step=4,
            snoozed_until=NOW + HOUR,
            reason="away",
            answered_at=NOW,
            report_id=answer.id,
        )
        uow.requests.save(changed)
    with store.read() as uow:
        assert uow.requests.of(weekly.id, project.id) == changed


def test_due_are_those_whose_instant_has_come(store: Store, world: World) -> None:
    one, two, three = (project.id for project in world.projects)
    weekly = world.periods[0].id
    with store.begin() as uow:
        uow.requests.add_many(
            [
                request(weekly, one, None, next_at=NOW),
                request(weekly, two, None, next_at=NOW - HOUR),
                request(weekly, three, None, next_at=None),
            ]
        )
        assert [item.project_id for item in uow.requests.due(NOW)] == [two, one]
        assert [item.project_id for item in uow.requests.due(NOW, limit=1)] == [two]
        assert [item.project_id for item in uow.requests.due(NOW - timedelta(microseconds=1))] == [two]
        assert uow.requests.due(NOW - 2 * HOUR) == []


def test_owed_is_what_can_still_be_answered(store: Store, world: World) -> None:
    one, two, three = (project.id for project in world.projects)
    with store.begin() as uow:
        monthly = uow.periods.add(period(DAY - timedelta(days=20), "monthly")).id
        old, newest = world.periods[0].id, world.periods[-1].id
        uow.requests.add_many(
            [
                request(old, one, world.ana.id, state=RequestState.MISSED),
                request(newest, one, world.ana.id),
                request(newest, two, world.ana.id, state=RequestState.SUBMITTED),
                request(newest, three, world.ben.id),
                request(monthly, two, world.ana.id, state=RequestState.MISSED),
            ]
        )
        owed = uow.requests.owed_by(world.ana.id)
        assert [(item.period_id, item.project_id) for item in owed] == [(monthly, two), (newest, one)]


def test_open_of_a_project_are_the_pending_newest_first(store: Store, world: World) -> None:
    project = world.projects[0].id
    states = [RequestState.PENDING, RequestState.MISSED, RequestState.PENDING, RequestState.EXCUSED]
    with store.begin() as uow:
        uow.requests.add_many(
            [
                request(weekly.id, project, None, state=state)
                for weekly, state in zip(world.periods, states, strict=True)
            ]
        )
        found = uow.requests.open_of_project(project)
        assert [item.period_id for item in found] == [world.periods[2].id, world.periods[0].id]


def test_a_request_for_nothing_is_refused(store: Store, world: World) -> None:
    with pytest.raises(IntegrityError), store.begin() as uow:
        uow.requests.add_many([request(world.periods[0].id, 4711, None)])
