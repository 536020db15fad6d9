"""An account with somebody's mail address is nobody's until they say yes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.ledger import ClaimState, DeliveryState
from reporting.model import Identity, Person, Role
from reporting.services import claims, linking, people
from reporting.services.access import Gone, NotAllowed
from reporting.services.compose import compose
from reporting.services.outbox import NO_ACCOUNT
from tests.reporting.accounts import (
    asked,
    audited,
    claim_of,
    do,
    meet,
    person,
    post,
    profile,
    read,
    shown,
    teams,
)
from tests.reporting.asking import buttons, text
from tests.support.policy import make_policy
from tests.support.world import World

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
