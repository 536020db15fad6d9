"""People come, go and are away; projects start, pause and change hands in the middle of a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from reporting.model import Absence, Project, ProjectState, RequestState, StatusRequest
from reporting.services import periods
from tests.support.world import World, text_of


def request(world: World, key: str) -> StatusRequest:
    with world.store.read() as uow:
        found = uow.requests.of(world.period_id(key), world.projects[key].id)
    assert found is not None
    return found


def away(world: World, name: str, first: str, last: str, deputy: str | None = None) -> Absence:
    with world.store.begin() as uow:
        absence = uow.people.add_absence(
            Absence(
                0,
                world.people[name].id,
                date.fromisoformat(first),
                date.fromisoformat(last),
                world.people[deputy].id if deputy else None,
            )
        )
        periods.people_changed(world.services, uow, [world.people[name].id], world.clock.now())
    return absence


def change(world: World, key: str, **changes: Any) -> Project:
    before = world.projects[key]
    after = replace(before, **changes)
    with world.store.begin() as uow:
        uow.projects.save(after)
        periods.project_changed(world.services, uow, before, after, world.clock.now())
    world.projects[key] = after
    return after


def test_away_all_week_the_projects_deputy_is_asked(world: World) -> None:
    away(world, "ana", "2026-11-20", "2026-11-30")
    world.go("2026-11-23", "09:00")
    assert request(world, "ATLAS").assignee_id == world.people["emil"].id


def test_the_deputy_named_with_the_absence_comes_first(world: World) -> None:
    away(world, "ana", "2026-11-20", "2026-11-30", "dora")
    world.go("2026-11-23", "09:00")
    assert request(world, "ATLAS").assignee_id == world.people["dora"].id
    assert request(world, "BEAM").assignee_id == world.people["dora"].id
    assert world.report("dora", "BEAM")


def test_away_with_nobody_to_stand_in_is_excused_and_not_missed(world: World) -> None:
    away(world, "ben", "2026-11-20", "2026-11-30")
    world.go("2026-11-27", "12:30")
    found = request(world, "CORE")
    assert (found.state, found.reason, found.next_at) == (RequestState.EXCUSED, "away", None)
    with world.store.read() as uow:
        standing = uow.board.get(world.projects["CORE"].id)
    assert standing is not None
    assert standing.missed == 0


def test_a_deputy_who_is_away_as_well_is_not_asked(world: World) -> None:
    away(world, "emil", "2026-11-20", "2026-11-30")
    away(world, "ana", "2026-11-20", "2026-11-30")
    world.go("2026-11-23", "09:00")
    assert request(world, "ATLAS").state is RequestState.EXCUSED


def test_back_before_the_due_day_the_lead_is_asked_on_the_first_day_back(world: World) -> None:
    away(world, "ben", "2026-11-20", "2026-11-23")
    away(world, "ben", "2026-11-24", "2026-11-24")
    world.go("2026-11-24", "09:30")
    assert not [d for d in world.due("prompt:") if d.target.endswith(str(world.people["ben"].id))]
    world.go("2026-11-25", "09:00")
    assert [d for d in world.due("prompt:") if d.target == f"person:{world.people['ben'].id}"]


def test_going_away_in_midweek_hands_over_and_coming_back_takes_it_back(world: World) -> None:
    world.go("2026-11-24", "10:00")
    absence = away(world, "ana", "2026-11-25", "2026-11-30", "dora")
    assert request(world, "ATLAS").assignee_id == world.people["dora"].id
    world.go("2026-11-24", "10:30")
    assert [d for d in world.due("prompt:") if d.target == f"person:{world.people['dora'].id}"]
    period, ana = world.period_id("ATLAS"), world.people["ana"].id
    assert [d for d in world.deliveries(f"prompt:{period}:{ana}:") if d.updates]
    left = [d for d in world.deliveries(f"prompt:{period}:{ana}:") if d.updates]
    assert "somebody else answers" in text_of(world.message(left[-1].key))
    with world.store.begin() as uow:
        uow.people.remove_absence(absence.id)
        periods.people_changed(world.services, uow, [ana], world.clock.now())
    assert request(world, "ATLAS").assignee_id == ana


def test_excused_in_midweek_the_message_says_why(world: World) -> None:
    world.go("2026-11-24", "10:00")
    away(world, "ben", "2026-11-25", "2026-11-30")
    message = world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}")
    assert "excused, you are away" in text_of(message)
    assert "Nothing is owed this time." in text_of(message)
    assert "They go to" not in text_of(message)


def test_an_answer_given_is_never_reassigned(world: World) -> None:
    world.go("2026-11-24", "10:00")
    world.report("ana", "ATLAS")
    away(world, "ana", "2026-11-25", "2026-11-30", "dora")
    assert request(world, "ATLAS").assignee_id == world.people["ana"].id


def test_a_new_lead_in_midweek_is_asked_and_the_old_one_is_let_go(world: World) -> None:
    world.go("2026-11-24", "10:00")
    change(world, "CORE", lead_id=world.people["dora"].id)
    world.go("2026-11-24", "10:30")
    assert [d for d in world.due("prompt:") if d.target == f"person:{world.people['dora'].id}"]
    assert request(world, "CORE").assignee_id == world.people["dora"].id


def test_one_project_more_redraws_the_message_that_is_there(world: World) -> None:
    world.go("2026-11-24", "10:00")
    change(world, "CORE", lead_id=world.people["ana"].id)
    world.go("2026-11-24", "10:30")
    period, ana = world.period_id("ATLAS"), world.people["ana"].id
    assert len([d for d in world.deliveries(f"prompt:{period}:{ana}") if not d.updates]) == 1
    assert "CORE" in text_of(world.message(f"prompt:{period}:{ana}"))


def test_a_change_that_is_no_duty_touches_nothing(world: World) -> None:
    world.go("2026-11-24", "10:00")
    before = len(world.deliveries(""))
    change(world, "CORE", name="Core platform two")
    assert len(world.deliveries("")) == before


def test_pausing_excuses_and_resuming_before_the_due_time_asks_again(world: World) -> None:
    world.go("2026-11-24", "10:00")
    change(world, "CORE", state=ProjectState.PAUSED)
    assert (request(world, "CORE").state, request(world, "CORE").reason) == (RequestState.EXCUSED, "paused")
    message = text_of(world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}"))
    assert "the project is paused" in message
    change(world, "CORE", state=ProjectState.ACTIVE)
    assert request(world, "CORE").state is RequestState.PENDING


def test_a_closed_project_is_not_asked_again(world: World) -> None:
    world.go("2026-11-24", "10:00")
    change(world, "CORE", state=ProjectState.CLOSED)
    assert request(world, "CORE").reason == "closed"
    world.go("2026-11-30", "09:00")
    with world.store.read() as uow:
        assert uow.requests.open_of_project(world.projects["CORE"].id) == []


def test_a_project_that_joins_before_the_due_time_reports_this_week(world: World) -> None:
    world.go("2026-11-25", "10:00")
    project = world.project("NEWT", "ben")
    with world.store.begin() as uow:
        periods.project_changed(world.services, uow, None, project, world.clock.now())
    world.go("2026-11-25", "10:30")
    assert request(world, "NEWT").state is RequestState.PENDING
    assert "NEWT" in text_of(world.message(f"prompt:{world.period_id('NEWT')}:{world.people['ben'].id}"))


def test_a_project_that_joins_after_the_due_time_starts_next_week(world: World) -> None:
    world.go("2026-11-27", "13:00")
    project = world.project("NEWT", "ben")
    with world.store.begin() as uow:
        periods.project_changed(world.services, uow, None, project, world.clock.now())
        assert uow.board.get(project.id) is None
    world.go("2026-11-30", "09:00")
    assert request(world, "NEWT").state is RequestState.PENDING


def test_a_project_that_joins_before_its_calendar_ever_opened_waits(world: World) -> None:
    world.go("2026-11-23", "09:00")
    project = world.project("HALL", "ben", portfolio="facilities")
    with world.store.begin() as uow:
        periods.project_changed(world.services, uow, None, project, world.clock.now())
        assert uow.board.get(project.id) is None


def test_moving_to_a_portfolio_with_another_calendar_ends_this_weeks_duty(world: World) -> None:
    world.project("HALL", "ben", portfolio="facilities")
    world.go("2026-11-24", "10:00")
    weekly = world.period_id("CORE")
    with world.store.read() as uow:
        facilities = uow.projects.portfolio_by_key("facilities")
    assert facilities is not None
    change(world, "CORE", portfolio_id=facilities.id)
    with world.store.read() as uow:
        old = uow.requests.of(weekly, world.projects["CORE"].id)
    assert old is not None
    assert (old.state, old.reason) == (RequestState.EXCUSED, "moved")
    assert "another portfolio" in text_of(world.message(f"prompt:{weekly}:{world.people['ben'].id}"))


def test_a_lead_who_left_hands_over_to_deputy_or_sponsor(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ana"], active=False))
    world.go("2026-11-23", "09:00")
    assert request(world, "ATLAS").assignee_id == world.people["emil"].id
    assert request(world, "BEAM").assignee_id is None


def test_the_deputy_of_the_person_stands_in_when_nobody_else_is_named(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ben"], deputy_id=world.people["dora"].id))
    away(world, "ben", "2026-11-20", "2026-11-30")
    world.go("2026-11-23", "09:00")
    assert request(world, "CORE").assignee_id == world.people["dora"].id


def test_a_change_long_after_a_period_closed_leaves_it_alone(world: World) -> None:
    world.go("2026-11-23", "09:00")
    closed = world.period_id("CORE")
    world.clock.set(world.at("2026-12-04", "13:00"))
    change(world, "CORE", state=ProjectState.PAUSED)
    with world.store.read() as uow:
        old = uow.requests.of(closed, world.projects["CORE"].id)
    assert old is not None
    assert old.state is RequestState.PENDING
