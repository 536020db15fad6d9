"""Ends of installations, as several processes on one database find them out."""

from __future__ import annotations

import pytest

from bot.engine.endings import End, Endings, end_of
from reporting.model import Identity, Person
from tests.engine.bench import Bench

SLACK_ENDED = {"slack": "token_revoked"}
PLATFORMS = ("slack", "teams")


@pytest.fixture
def anna(bench: Bench) -> Person:
    """The PMO, in Teams."""
    with bench.store.begin() as uow:
        return uow.people.add(
            Person(0, "Anna", "anna@labs.example", identities=(Identity("teams", "home", "entra-anna"),))
        )


def process(bench: Bench) -> Endings:
    return Endings(bench.services, PLATFORMS)


def noted(bench: Bench) -> End | None:
    with bench.store.read() as uow:
        return end_of(uow, "slack")


def told(bench: Bench) -> list[str]:
    with bench.store.read() as uow:
        return [delivery.target for delivery in uow.deliveries.with_prefix("ended:slack:")]


def test_two_processes_tell_it_once(bench: Bench, anna: Person) -> None:
    one, other = process(bench), process(bench)
    for each in (one, other, one, other):
        each.note(SLACK_ENDED)
    assert told(bench) == [f"person:{anna.id}"]


def test_one_that_is_stopped_still_does_not_tell_it_anew_when_another_is_let_in_again(
    bench: Bench, anna: Person
) -> None:
    old = process(bench)
    old.note(SLACK_ENDED, asked=SLACK_ENDED)
    process(bench).begin({})
    assert noted(bench) is None
    bench.clock.forward(minutes=5)
    old.note(SLACK_ENDED)
    assert noted(bench) is None
    assert told(bench) == [f"person:{anna.id}"]


def test_what_was_under_way_when_it_ended_does_not_say_that_it_is_over(bench: Bench, anna: Person) -> None:
    process(bench).note(SLACK_ENDED)
    again = process(bench)
    again.begin({})
    again.note(SLACK_ENDED)
    again.took("slack", SLACK_ENDED)
    assert noted(bench) is not None
    assert told(bench) == [f"person:{anna.id}"]


def test_a_message_that_is_taken_ends_it(bench: Bench, anna: Person) -> None:
    process(bench).note(SLACK_ENDED)
    again = process(bench)
    again.begin({})
    assert noted(bench) is not None
    again.took("teams", {})
    assert noted(bench) is not None
    again.took("slack", {})
    assert noted(bench) is None
    bench.clock.forward(minutes=5)
    process(bench).note(SLACK_ENDED)
    assert told(bench) == [f"person:{anna.id}"] * 2


def test_a_start_that_is_refused_too_lets_the_next_answer_end_it(bench: Bench, anna: Person) -> None:
    process(bench).note(SLACK_ENDED)
    process(bench).begin(SLACK_ENDED)
    end = noted(bench)
    assert end is not None
    assert end.asked
    process(bench).begin({})
    assert noted(bench) is None
    assert told(bench) == [f"person:{anna.id}"]


def test_somebody_who_has_left_is_not_told(bench: Bench) -> None:
    with bench.store.begin() as uow:
        account = Identity("teams", "home", "entra-anna")
        uow.people.add(Person(0, "Anna", "anna@labs.example", active=False, identities=(account,)))
    endings = process(bench)
    endings.note(SLACK_ENDED)
    assert not told(bench)
    assert endings.untold == {"slack"}


def test_with_one_chat_system_there_is_nobody_to_tell_and_nothing_to_say_of_it(bench: Bench, anna: Person) -> None:
    endings = Endings(bench.services, ("slack",))
    endings.note(SLACK_ENDED)
    assert (told(bench), endings.untold, noted(bench) is not None) == ([], frozenset(), True)
