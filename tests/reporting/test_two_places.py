"""A person with accounts in two chat systems is written to in one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporting.ledger import ClaimState, DeliveryState
from reporting.model import Identity, RequestState, Role
from reporting.services import linking
from reporting.services.access import Gone
from tests.reporting.accounts import (
    audited,
    claim_of,
    do,
    linked,
    meet,
    person,
    post,
    profile,
    read,
    shown,
    teams,
)
from tests.reporting.asking import buttons, text
from tests.support.world import World

# ---------------------------------------------------------------- where to write


def test_what_is_open_stays_where_it_is_and_says_so(open_week: World) -> None:
    world = open_week
    linked(world, "ana")
    post(world, "prompt:")
    do(world, "ana", linking.prefer, "teams")
    assert person(world, "ana").prefers == "teams"
    assert audited(world, "ana")[-1] == "person.preferred"
    key = f"prompt:{world.period_id('ATLAS')}:{world.people['ana'].id}"
    prompt, redrawn = world.deliveries(key)
    assert prompt.updates is None
    assert redrawn.updates == key
    note = "From now on I write to you in Microsoft Teams. What is asked here you can answer here"
    assert note in text(shown(world, redrawn))
    assert "@Rollcall mine" in text(shown(world, redrawn))
    assert "Report" in [b.label for b in buttons(shown(world, redrawn))]
    # Nothing is said by a prompt that is yet to come, nor by one that asks for nothing any more.
    assert note not in text(shown(world, replace(prompt, platform="")))
    world.report("ana", "ATLAS")
    world.report("ana", "BEAM")
    assert note not in text(shown(world, world.deliveries(key)[-1]))


def test_a_reminder_that_is_out_says_it_too(open_week: World) -> None:
    world = open_week
    linked(world, "ana")
    post(world, "prompt:")
    world.go("2026-11-27", "09:30")
    post(world, "reminder:")
    do(world, "ana", linking.prefer, "teams")
    redrawn = [d for d in world.deliveries("reminder:") if d.updates and "placed:" in d.key]
    assert redrawn
    assert all("From now on I write to you in Microsoft Teams" in text(shown(world, d)) for d in redrawn)


def test_the_same_wish_again_changes_nothing(open_week: World) -> None:
    world = open_week
    linked(world, "ana")
    meet(world, profile("ana", identity=teams("third")))
    post(world, "prompt:")
    post(world, "account:")
    do(world, "ana", linking.prefer, "slack")
    # They are written to in Slack as before: no prompt has anything new to say, but the question has.
    assert not [d for d in world.deliveries("prompt:") if d.state is DeliveryState.PLANNED]
    assert len([d for d in world.deliveries("account:") if d.state is DeliveryState.PLANNED]) == 1
    (redrawn,) = [d for d in world.deliveries("account:") if d.state is DeliveryState.PLANNED]
    assert "I write to you in Slack. You can change it" in text(shown(world, redrawn))
    do(world, "ana", linking.prefer, "slack")
    assert len([d for d in world.deliveries("account:") if d.state is DeliveryState.PLANNED]) == 1
    assert audited(world, "ana").count("person.preferred") == 1


def test_nobody_is_written_to_where_they_have_no_account(world: World) -> None:
    with pytest.raises(Gone):
        do(world, "ana", linking.prefer, "teams")
    with pytest.raises(Gone):
        do(world, "ana", linking.prefer, "teams", teams("nobody"))


def test_zone_and_language_are_those_of_where_the_person_is_written_to(world: World) -> None:
    linked(world, "ana")
    meet(world, profile("ana", tz="Asia/Tokyo"))
    assert (person(world, "ana").tz, person(world, "ana").locale) == ("Europe/Berlin", "de-DE")
    do(world, "ana", linking.prefer, "teams")
    meet(world, profile("ana", tz="Asia/Tokyo", locale="fr-FR"))
    assert (person(world, "ana").tz, person(world, "ana").locale) == ("Asia/Tokyo", "fr-FR")
    slack = profile("ana", identity=world.identity("ana"), tz="Europe/Berlin", locale="en-GB")
    meet(world, slack)
    assert (person(world, "ana").tz, person(world, "ana").locale) == ("Asia/Tokyo", "fr-FR")


def test_a_person_with_two_accounts_is_prompted_once_in_each_period(world: World) -> None:
    linked(world, "ana")
    do(world, "ana", linking.prefer, "teams")
    world.go("2026-11-23", "09:30")
    post(world, "prompt:", "teams")
    do(world, "ana", linking.prefer, "slack")
    world.go("2026-11-24", "09:00")
    do(world, "ana", linking.prefer, "teams")
    world.go("2026-11-30", "09:30")
    mine = [d for d in world.deliveries("prompt:") if d.target == f"person:{world.people['ana'].id}"]
    assert len([d for d in mine if d.updates is None]) == 2
    assert len({d.subject["period"] for d in mine}) == 2


# ---------------------------------------------------------------- giving an account up


def test_who_leaves_one_system_has_not_left(open_week: World) -> None:
    world = open_week
    linked(world, "ana")
    do(world, "ana", linking.prefer, "slack")
    post(world, "prompt:")
    left = meet(world, profile("ana", identity=world.identity("ana"), active=False))
    assert left is not None
    assert left.active
    assert left.identities == (teams("ana"),)
    assert left.prefers is None
    with world.store.read() as uow:
        request = uow.requests.of(world.period_id("ATLAS"), world.projects["ATLAS"].id)
    assert request is not None
    assert request.state is RequestState.PENDING
    assert request.assignee_id == left.id
    key = f"prompt:{world.period_id('ATLAS')}:{left.id}"
    prompt, moved = world.deliveries(key)
    assert (moved.key, moved.updates, moved.kind) == (f"{key}:moved:1", None, "prompt")
    post(world, moved.key, "teams")
    assert "Report" in [b.label for b in buttons(shown(world, moved))]
    world.people["ana"] = left
    world.report("ana", "ATLAS")
    updated = {d.updates for d in world.deliveries(key) if d.updates}
    assert updated == {prompt.key, moved.key}
    # Back again, the old account is asked about where the person is known now.
    assert meet(world, profile("ana", identity=Identity("slack", "T1", "U_ANA"))) is None
    meet(world, profile("ana", active=False))
    assert not person(world, "ana").active


def test_an_account_that_was_confirmed_once_is_asked_about_anew(world: World) -> None:
    linked(world, "ana")
    meet(world, profile("ana", active=False))
    assert person(world, "ana").identities == (world.identity("ana"),)
    world.go("2026-11-23", "08:30")
    assert meet(world, profile("ana")) is None
    assert claim_of(world, teams("ana")).state is ClaimState.ASKED
    assert len([d for d in world.deliveries("account:") if d.updates is None]) == 2


def test_a_prompt_elsewhere_is_not_posted_again(open_week: World) -> None:
    world = open_week
    linked(world, "ana")
    post(world, "prompt:", "slack")
    do(world, "ana", linking.remove, teams("ana"))
    assert len(world.deliveries("prompt:")) == len([d for d in world.deliveries("prompt:") if not d.updates])
    assert not [d for d in world.deliveries("prompt:") if "moved" in d.key]


def test_a_person_may_give_an_account_up(world: World) -> None:
    linked(world, "ana")
    do(world, "ana", linking.prefer, "teams")
    do(world, "ana", linking.remove, teams("ana"))
    ana = person(world, "ana")
    assert ana.identities == (world.identity("ana"),)
    assert ana.prefers is None
    assert audited(world, "ana")[-1] == "account.removed"
    assert claim_of(world, teams("ana")).state is ClaimState.REFUSED
    assert meet(world, profile("ana")) is None
    assert read(world, teams("ana")).roles == {Role.VIEWER}


def test_an_account_that_the_import_named_may_be_given_up_too(world: World) -> None:
    second = Identity("slack", "T1", "U_ANA2")
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ana"], identities=(world.identity("ana"), second)))
    do(world, "ana", linking.remove, second)
    assert claim_of(world, second).state is ClaimState.REFUSED


def test_the_newer_account_cannot_shut_the_older_one_out(world: World) -> None:
    linked(world, "ana")
    for who, account in (
        (teams("ana"), world.identity("ana")),
        (teams("ana"), teams("ana")),
        (world.identity("ana"), world.identity("ana")),
        (world.identity("ana"), teams("ben")),
        (teams("nobody"), teams("ana")),
    ):
        with pytest.raises(Gone):
            do(world, "ana", linking.remove, account, who)
    assert linking.removable(person(world, "ana"), teams("ben")) == ()
    assert len(person(world, "ana").identities) == 2
