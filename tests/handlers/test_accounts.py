"""Buttons and questions about chat accounts, through the desk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.interactions import Click, Command, Reply, Say, ShowHome
from reporting.ledger import ClaimState, DeliveryState
from reporting.messages import Message
from reporting.model import Identity, Person
from reporting.ports import Profile
from tests.handlers.scene import scene
from tests.reporting.asking import answer, ask, buttons, text
from tests.support.world import World

TEAMS = Identity("teams", "tenant", "entra-ana")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return scene(tmp_path)


def claim(world: World, name: str = "ana", account: Identity = TEAMS) -> int:
    """Somebody's address turns up on an account in Teams."""
    shown = Profile(account, f"{name.capitalize()} (Teams)", f"{name}@labs.example", None, None, active=True)
    assert world.desk.meet(shown)
    with world.store.read() as uow:
        (found,) = uow.claims.of_account(account)
    return found.id


def press(world: World, account: Identity, action: str, value: str) -> Reply:
    return world.desk.click(Click(action, value, account, "message"))


def type_in(world: World, account: Identity, line: str) -> Reply:
    return world.desk.command(Command(account, line, "a:1", direct=True))


def home(world: World, account: Identity) -> Message:
    (effect,) = world.desk.home(account)
    assert isinstance(effect, ShowHome)
    return Message("", effect.home.blocks)


def said(reply: Reply) -> list[str]:
    return [effect.message.summary for effect in reply if isinstance(effect, Say)]


WAITS = "I know your mail address from another chat system"


def test_until_a_yes_every_answer_says_why_it_is_a_strangers(world: World) -> None:
    number = claim(world)
    first, second = said(type_in(world, TEAMS, "red"))
    assert first.startswith(WAITS)
    assert second == "One project is red."
    (alone,) = said(type_in(world, TEAMS, "me"))
    assert alone.startswith(WAITS)
    assert WAITS in text(home(world, TEAMS))
    assert "Your projects" not in text(home(world, TEAMS))
    (refused,) = said(press(world, TEAMS, "account.confirm", str(number)))
    assert refused.startswith(WAITS)
    assert press(world, world.identity("ana"), "account.refuse", str(number)) == ()
    (stays,) = said(type_in(world, TEAMS, "me"))
    assert stays.startswith("The owner of your mail address said that this account is not theirs.")
    assert "but is not linked: refused or given up Mon 23 Nov 09:00." in text(ask(world, "anna", "person @U_ANA"))


def test_no_form_of_its_person_opens_for_it(world: World) -> None:
    claim(world)
    atlas = world.projects["ATLAS"].id
    for action, value in (
        ("report.open", f"{world.period_id('ATLAS')}:{atlas}"),
        ("report.unchanged", str(world.period_id("ATLAS"))),
        ("absence.open", str(world.people["ana"].id)),
        ("project.edit", str(atlas)),
    ):
        (effect,) = press(world, TEAMS, action, value)
        assert isinstance(effect, Say), action


def test_from_the_question_to_the_preference(world: World) -> None:
    number = claim(world)
    slack = world.identity("ana")
    assert press(world, slack, "account.confirm", str(number)) == ()
    assert said(type_in(world, TEAMS, "red"))[0] == "One project is red."
    assert "Your projects" in text(home(world, TEAMS))
    mine = answer(type_in(world, TEAMS, "me"))
    assert mine.summary == "I write to you in Slack."
    (here,) = [b for b in buttons(mine) if b.action == "account.prefer"]
    assert (here.label, here.value) == ("Write to me here", "me:teams")
    (shown,) = press(world, TEAMS, here.action, here.value)
    assert isinstance(shown, Say)
    assert shown.replace
    assert shown.message.summary == "I write to you in Microsoft Teams."
    assert [b.value for b in buttons(shown.message)] == ["me:slack"]
    assert "Where I write to you" in [b.label for b in buttons(home(world, slack))]
    (gone,) = [b for b in buttons(ask(world, "ana", "me")) if b.action == "account.remove"]
    (after,) = press(world, slack, gone.action, gone.value)
    assert isinstance(after, Say)
    assert "You said that the account Ana (Teams) in Microsoft Teams is not yours." in text(after.message)
    (again,) = buttons(after.message)
    assert again.value == f"me:{number}"
    press(world, slack, again.action, again.value)
    assert len(ask(world, "ana", "me").blocks) > len(after.message.blocks) - 1


def test_the_question_stands_in_ones_own_view_too(world: World) -> None:
    number = claim(world)
    mine = ask(world, "ana", "me")
    assert "The account Ana (Teams) in Microsoft Teams shows your mail address. Is that you?" in text(mine)
    assert [b.value for b in buttons(mine)] == [f"me:{number}", f"me:{number}"]
    (shown,) = press(world, world.identity("ana"), "account.refuse", f"me:{number}")
    assert isinstance(shown, Say)
    assert "is not yours" in text(shown.message)


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("account.confirm", ""),
        ("account.confirm", "x"),
        ("account.confirm", "999"),
        ("account.refuse", "-1"),
        ("account.prefer", "teams"),
        ("account.prefer", ""),
        ("account.remove", "slack:T1"),
        ("account.remove", "slack:T1:U_ANA"),
        ("account.remove", "teams:tenant:entra-ana"),
    ],
)
def test_a_button_that_fits_nothing_is_out_of_date(world: World, action: str, value: str) -> None:
    (line,) = said(press(world, world.identity("ana"), action, value))
    assert line.startswith("This is out of date")


def test_the_pmo_sees_where_somebody_is_reached(world: World) -> None:
    number = claim(world)
    found = ask(world, "anna", "person ana@labs.example")
    assert found.summary == "Ana is written to in Slack."
    assert "ana@labs.example. Time zone: Europe/Berlin. Language: –." in text(found)
    assert "Ana (Teams) in Microsoft Teams shows the mail address of Ana, who was asked" in text(found)
    assert "Last message: due" in text(found)
    (button,) = buttons(found)
    (shown,) = press(world, world.identity("anna"), button.action, button.value)
    assert isinstance(shown, Say)
    assert "Microsoft Teams  entra-ana" in text(shown.message)
    assert not buttons(shown.message)
    with world.store.read() as uow:
        vouched = uow.claims.get(number)
    assert vouched is not None
    assert vouched.state is ClaimState.CONFIRMED
    # An account that is deactivated is not one that was refused.
    gone = Profile(TEAMS, "Ana", None, None, None, active=False)
    world.desk.changed(gone)
    assert "(Teams)" not in text(ask(world, "anna", "person ana@labs.example"))
    assert "(Teams)" not in text(ask(world, "ana", "me"))
    assert said(type_in(world, TEAMS, "red")) == ["One project is red."]


def test_the_pmo_home_lists_accounts_that_are_nobodys(world: World) -> None:
    slack = world.identity("anna")
    before = text(home(world, slack))
    for n, name in enumerate(("ana", "ben", "dora", "emil", "carl", "anna")):
        claim(world, name, Identity("teams", "tenant", f"entra-{n}"))
    shown = home(world, slack)
    assert "Carl (Teams) in Microsoft Teams shows the mail address of Carl" in text(shown)
    assert "Ana (Teams)" not in text(shown)
    assert "One more is older." in text(shown)
    assert "(Teams)" not in before
    (show,) = [b for b in buttons(shown) if b.value == 'person "carl@labs.example"']
    assert ask(world, "anna", show.value).summary == "Carl is written to in Slack."
    assert "(Teams)" not in text(home(world, world.identity("ben")))


def test_what_the_pmo_reads_of_each_state(world: World) -> None:
    ana = world.people["ana"]

    def become(**values: object) -> str:
        with world.store.begin() as uow:
            uow.people.save(replace(ana, **values))  # type: ignore[arg-type]
        return ask(
            world, "anna", "person @U_ANA" if values.get("identities", True) else "person ana@labs.example"
        ).summary

    assert become(active=False) == "Ana has left: the account in Slack is deactivated."
    assert become(unreachable="blocked") == "Ana cannot be reached in Slack at present."
    assert become(prefers="slack") == "Ana is written to in Slack, as they wish."
    assert become(identities=()) == "Ana has no chat account here, so nothing can be asked of them."
    unplaced = (Identity("teams", "", "entra-9"), Identity("other", "", "x"))
    with world.store.begin() as uow:
        uow.people.save(replace(ana, identities=unplaced, email=None))
    found = ask(world, "anna", "person @entra-9")
    assert "Microsoft Teams  entra-9  named by the register, not seen yet" in text(found)
    assert "No mail address." in text(found)


def test_the_last_message(world: World) -> None:
    key = f"prompt:{world.period_id('ATLAS')}:{world.people['ana'].id}"

    def become(state: DeliveryState, **values: object) -> str:
        with world.store.begin() as uow:
            found = uow.deliveries.by_key(key)
            assert found is not None
            assert uow.deliveries.save(replace(found, state=state, **values), found.attempt)  # type: ignore[arg-type]
        return text(ask(world, "anna", "person ana@labs.example"))

    assert "Last message: due Mon 23 Nov 09:00, not sent yet." in become(DeliveryState.PLANNED)
    assert "not delivered" in become(DeliveryState.FAILED)
    assert "in Slack." in become(DeliveryState.SENT, sent_at=world.clock.now(), platform="slack")
    assert "in –." in become(DeliveryState.SENT, sent_at=world.clock.now(), platform="")
    assert "Last message" not in text(ask(world, "anna", "person emil@labs.example"))


def test_others_learn_nothing_of_each_other(world: World) -> None:
    assert ask(world, "ben", "person ana@labs.example").summary.startswith("Only the PMO may do this")
    assert ask(world, "ben", "person ben@labs.example").summary == "I write to you in Slack."
    assert ask(world, "ben", "person me").summary == "I write to you in Slack."
    assert ask(world, "ben", "person").summary == "Whom? /rag person NAME"
    claim(world)
    press(world, world.identity("ana"), "account.confirm", "1")
    assert answer(type_in(world, TEAMS, "person")).summary == "Whom? @Rollcall person NAME"
    stranger = Identity("teams", "tenant", "entra-zoe")
    assert answer(type_in(world, stranger, "person me")).summary.startswith("I do not know you yet.")
    (line,) = said(press(world, stranger, "account.prefer", "teams"))
    assert line.startswith("I do not know you yet.")


def test_several_of_a_name_are_a_choice(world: World) -> None:
    with world.store.begin() as uow:
        uow.people.add(Person(0, "Ana Two", "ana.two@labs.example"))
        uow.people.add(Person(0, "Ana Three"))
    found = ask(world, "anna", "person ana")
    assert found.summary.endswith("people fit “ana”.")
    assert 'person "ana.two@labs.example"' in [b.value for b in buttons(found)]
    assert ask(world, "anna", "person zzz").summary == "Nobody here is called zzz."
    assert "Did you mean Dora?" in ask(world, "anna", "person Dorra").summary
