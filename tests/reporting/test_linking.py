"""One person, two chat systems: an account with somebody's mail address is nobody's until they say yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reporting.ledger import Claim, ClaimState, Delivery, DeliveryState
from reporting.messages import Message
from reporting.model import Identity, Person, RequestState, Role
from reporting.ports import Profile
from reporting.services import claims, linking, people
from reporting.services.access import Gone, NotAllowed, Reader
from reporting.services.compose import compose
from reporting.services.outbox import NO_ACCOUNT
from tests.reporting.asking import buttons, text
from tests.support.policy import make_policy
from tests.support.world import World


def teams(name: str) -> Identity:
    return Identity("teams", "tenant", f"entra-{name}")


def profile(name: str, /, **more: object) -> Profile:
    fields: dict[str, object] = {
        "identity": teams(name), "name": f"{name.capitalize()} (Teams)", "email": f"{name}@labs.example", "tz": None,
        "locale": "de-DE", "active": True,
    }  # fmt: skip
    return Profile(**(fields | more))  # type: ignore[arg-type]


def meet(world: World, found: Profile) -> Person | None:
    with world.store.begin() as uow:
        return people.meet(uow, world.services, found, world.clock.now())


def read(world: World, account: Identity) -> Reader:
    with world.store.read() as uow:
        return people.reader(uow, world.services, account)


def person(world: World, name: str) -> Person:
    with world.store.read() as uow:
        found = uow.people.get(world.people[name].id)
    assert found is not None
    return found


def claim_of(world: World, account: Identity) -> Claim:
    with world.store.read() as uow:
        (found,) = uow.claims.of_account(account)
    return found


def asked(world: World, name: str) -> Claim:
    assert meet(world, profile(name)) is None
    return claim_of(world, teams(name))


def linked(world: World, name: str) -> Person:
    claim = asked(world, name)
    do(world, name, linking.confirm, claim.id)
    return person(world, name)


def do(world: World, name: str, what: Callable[..., object], value: Any, account: Identity | None = None) -> object:
    reader = read(world, account or world.identity(name))
    with world.store.begin() as uow:
        now = world.clock.now()
        if what in (linking.refuse, linking.remove):
            return what(uow, reader, value, now)
        return what(world.services, uow, reader, value, now)


def audited(world: World, name: str) -> list[str]:
    with world.store.read() as uow:
        return [event.action for event in uow.audit.events(f"person:{world.people[name].id}")]


def shown(world: World, delivery: Delivery) -> Message:
    message = compose(world.services, delivery)
    assert message is not None
    return message


def post(world: World, prefix: str, platform: str = "slack") -> None:
    """What is planned under a prefix is drawn for a chat system and sent."""
    with world.store.begin() as uow:
        for delivery in uow.deliveries.with_prefix(prefix):
            if delivery.state is DeliveryState.PLANNED:
                sent = replace(delivery, state=DeliveryState.SENT, platform=platform, sent_at=world.clock.now())
                assert uow.deliveries.save(sent, delivery.attempt)


# ---------------------------------------------------------------- asking


def test_an_account_with_a_known_address_has_no_rights_of_its_person(world: World) -> None:
    assert meet(world, profile("anna")) is None
    reader = read(world, teams("anna"))
    assert reader.roles == {Role.VIEWER}
    assert reader.person.id == people.STRANGER
    assert reader.own_ids == ()
    assert reader.claim == claim_of(world, teams("anna"))
    assert person(world, "anna").identities == (world.identity("anna"),)
    assert audited(world, "anna") == ["account.asked"]
    with world.store.read() as uow:
        assert uow.people.by_identity(teams("anna")) is None


def test_the_person_is_asked_once_where_they_are_known(world: World) -> None:
    for _ in range(3):
        assert meet(world, profile("ana")) is None
    (question,) = world.deliveries("account:")
    assert question.target == f"person:{world.people['ana'].id}"
    message = shown(world, question)
    assert message.summary == (
        "Somebody wrote to me in Microsoft Teams from the account Ana (Teams), which shows your mail address. "
        "Is that you?"
    )
    claim = claim_of(world, teams("ana"))
    assert [(b.action, b.value) for b in buttons(message)] == [
        ("account.confirm", str(claim.id)),
        ("account.refuse", str(claim.id)),
    ]


def test_a_look_at_all_accounts_links_none_by_address(world: World) -> None:
    with world.store.begin() as uow:
        done = people.sync(uow, world.services, [profile("ana"), profile("zoe")], world.clock.now())
    assert [one.name for one in done.added] == ["Zoe (Teams)"]
    assert person(world, "ana").identities == (world.identity("ana"),)


def test_who_is_in_the_register_without_an_account_is_linked_at_once(world: World) -> None:
    with world.store.begin() as uow:
        known = uow.people.add(Person(0, "Zoe", "zoe@labs.example"))
    met = meet(world, profile("zoe"))
    assert met is not None
    assert met.id == known.id
    assert met.identities == (teams("zoe"),)
    assert world.deliveries("account:") == []


def test_a_second_account_in_the_same_system_is_asked_about_too(world: World) -> None:
    other = Identity("slack", "T1", "U_OTHER")
    assert meet(world, profile("ana", identity=other)) is None
    claim = claim_of(world, other)
    assert claim.person_id == world.people["ana"].id
    do(world, "ana", linking.confirm, claim.id)
    # There is no choice of a chat system to offer.
    assert buttons(shown(world, world.deliveries("account:")[-1])) == []


def test_an_account_takes_the_place_of_one_that_was_deactivated(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ana"], active=False))
    other = Identity("slack", "T1", "U_OTHER")
    met = meet(world, profile("ana", identity=other))
    assert met is not None
    assert met.identities == (other,)
    assert met.active


@pytest.mark.parametrize("same_system", [True, False])
def test_nothing_else_takes_the_place_of_one_that_was_deactivated(world: World, same_system: bool) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ana"], active=False))
    found = profile("ana", identity=Identity("slack", "T1", "U_2"), guest=True) if same_system else profile("ana")
    assert meet(world, found) is None
    assert person(world, "ana").identities == (world.identity("ana"),)


def test_a_guest_with_a_known_address_is_asked_about_and_not_let_in(world: World) -> None:
    assert world.desk.meet(profile("ana", guest=True)) is False
    assert len(world.deliveries("account:")) == 1
    assert world.desk.meet(profile("ana")) is True
    assert world.desk.meet(profile("ana", human=False)) is False


def test_roles_by_mail_address_are_not_given_to_who_shows_it(tmp_path: Path) -> None:
    world = World(tmp_path, make_policy(roles={Role.PMO: ("ana@labs.example",)}))
    world.person("ana")
    meet(world, profile("ana"))
    assert not read(world, teams("ana")).is_pmo
    do(world, "ana", linking.confirm, claim_of(world, teams("ana")).id)
    assert read(world, teams("ana")).is_pmo


# ---------------------------------------------------------------- answering


def test_after_a_yes_both_accounts_are_the_persons(world: World) -> None:
    claim = asked(world, "ana")
    post(world, "account:")
    do(world, "ana", linking.confirm, claim.id)
    reader = read(world, teams("ana"))
    assert reader.person.id == world.people["ana"].id
    assert Role.LEAD in reader.roles
    assert reader.claim is None
    assert person(world, "ana").identities == (world.identity("ana"), teams("ana"))
    assert audited(world, "ana") == ["account.asked", "account.linked"]
    _question, redrawn = world.deliveries("account:")
    message = shown(world, redrawn)
    assert message.summary.startswith("The account Ana (Teams) in Microsoft Teams is linked with yours")
    assert "Where shall I write to you? Now it is Slack." in text(message)
    assert [(b.label, b.value) for b in buttons(message)] == [("In Slack", "slack"), ("In Microsoft Teams", "teams")]
    do(world, "ana", linking.confirm, claim.id)
    assert audited(world, "ana") == ["account.asked", "account.linked"]


def test_only_the_person_asked_may_answer(world: World) -> None:
    claim = asked(world, "ana")
    for what in (linking.confirm, linking.refuse):
        for who in (world.identity("ben"), world.identity("anna"), teams("ana"), teams("nobody")):
            with pytest.raises(NotAllowed, match="Only the person who was asked"):
                do(world, "ana", what, claim.id, who)
    assert claim_of(world, teams("ana")).state is ClaimState.ASKED
    assert person(world, "ana").identities == (world.identity("ana"),)


def test_a_question_that_was_never_put(world: World) -> None:
    for what in (linking.confirm, linking.refuse, linking.vouch):
        with pytest.raises(Gone):
            do(world, "anna", what, 999)


def test_after_a_no_the_account_stays_a_strangers(world: World) -> None:
    claim = asked(world, "ana")
    do(world, "ana", linking.refuse, claim.id)
    assert meet(world, profile("ana")) is None
    assert person(world, "ana").identities == (world.identity("ana"),)
    assert audited(world, "ana") == ["account.asked", "account.refused"]
    question, redrawn = world.deliveries("account:")
    assert question.kind == redrawn.kind == claims.KIND
    message = shown(world, redrawn)
    assert "is not linked with yours" in message.summary
    (again,) = buttons(message)
    assert again.action == "account.confirm"
    do(world, "ana", linking.confirm, claim.id)
    assert read(world, teams("ana")).person.id == world.people["ana"].id
    do(world, "ana", linking.refuse, claim.id)
    assert claim_of(world, teams("ana")).state is ClaimState.CONFIRMED


def test_an_account_that_became_somebody_elses_is_not_taken_from_them(world: World) -> None:
    claim = asked(world, "ana")
    with world.store.begin() as uow:
        uow.people.add(Person(0, "Zoe", identities=(teams("ana"),)))
    with pytest.raises(Gone):
        do(world, "ana", linking.confirm, claim.id)


def test_the_pmo_may_vouch_for_an_account(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.save(replace(world.people["ben"], active=False))
    claim = asked(world, "ben")
    with pytest.raises(NotAllowed, match="Only the PMO"):
        do(world, "ana", linking.vouch, claim.id)
    do(world, "anna", linking.vouch, claim.id)
    ben = person(world, "ben")
    assert ben.identities == (world.identity("ben"), teams("ben"))
    assert ben.active
    with world.store.read() as uow:
        (event,) = [e for e in uow.audit.events(f"person:{ben.id}") if e.action == "account.linked"]
    assert event.actor == f"person:{world.people['anna'].id}"


def test_what_failed_without_an_account_is_sent_after_the_link(open_week: World) -> None:
    world = open_week
    claim = asked(world, "ana")
    with world.store.begin() as uow:
        (prompt,) = uow.deliveries.with_prefix(f"prompt:{world.period_id('ATLAS')}:{world.people['ana'].id}")
        failed = replace(prompt, state=DeliveryState.FAILED, error=NO_ACCOUNT, failed_at=world.clock.now())
        assert uow.deliveries.save(failed, prompt.attempt)
    do(world, "ana", linking.confirm, claim.id)
    (prompt,) = world.deliveries("prompt:" + prompt.key.removeprefix("prompt:"))
    assert prompt.state is DeliveryState.PLANNED


def test_a_question_about_somebody_who_is_gone_is_not_sent(world: World) -> None:
    asked(world, "ana")
    (question,) = world.deliveries("account:")
    assert compose(world.services, replace(question, subject={"claim": 999})) is None


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
