"""Where messages to people and channels go, and what is known of people, against a stand-in as strict as Teams."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reporting import messages as m
from reporting.ledger import MessageRef
from reporting.ports import AppFault, Messenger, TargetGone
from tests.support.teams.wired import NOW, Wired, wired

HELLO = m.Message("Hello", (m.Paragraph((m.Plain("Good morning"),)),))


def part(messenger: Messenger) -> dict[str, Any]:
    (only,) = messenger.render(HELLO, {})
    return only


@pytest.fixture
async def sending(tmp_path: Path) -> AsyncIterator[Wired]:
    async with wired(tmp_path) as teams:
        yield teams


# ---------------------------------------------------------------- where it goes


async def test_a_post_to_somebody_the_book_knows_is_one_call(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "prompt:1#0")
    (posted,) = ana.messages()
    assert ana.chat is not None
    assert ref == MessageRef(ana.chat.id, posted.id)
    assert posted.summary == "Hello"
    assert [call.method for call in sending.fake.calls if call.method != "token"] == ["send"]
    assert sending.fake.refusals == []


async def test_somebody_new_gets_a_chat_which_the_book_keeps(sending: Wired) -> None:
    ana = sending.fake.world.person("Ana Ruiz")
    for key in ("a", "b"):
        await sending.messenger.post(ana.aad, part(sending.messenger), key)
    assert len(ana.messages()) == 2
    assert len(sending.fake.of("create")) == 1
    known = sending.book.find(ana.aad)
    assert known is not None
    assert ana.chat is not None
    assert (known.conversation, known.address) == (ana.chat.id, sending.fake.service_url)


async def test_somebody_without_the_app_is_reached_through_a_team(sending: Wired) -> None:
    bo = sending.fake.world.person("Bo Li", installed=False)
    sending.met_team(sending.fake.world.team("Research", [bo]))
    await sending.messenger.post(bo.aad, part(sending.messenger), "k")
    assert len(bo.messages()) == 1


async def test_nobody_can_be_reached_without_the_app(sending: Wired) -> None:
    bo = sending.fake.world.person("Bo Li", installed=False)
    for target in (bo.aad, "no-such-person"):
        with pytest.raises(TargetGone) as caught:
            await sending.messenger.post(target, part(sending.messenger), "k")
        assert caught.value.code == "not_installed"


async def test_the_app_is_installed_where_that_is_allowed(tmp_path: Path) -> None:
    async with wired(tmp_path, installs=True) as teams:
        bo = teams.fake.world.person("Bo Li", installed=False)
        await teams.messenger.post(bo.aad, part(teams.messenger), "k")
        assert len(bo.messages()) == 1
        await teams.messenger.post(bo.aad, part(teams.messenger), "k2")
        assert len([call for call in teams.fake.of("graph") if call.body]) == 1


async def test_an_app_that_is_not_in_the_catalog_is_our_fault(tmp_path: Path) -> None:
    async with wired(tmp_path, installs=True) as teams:
        teams.fake.graph.published = False
        bo = teams.fake.world.person("Bo Li", installed=False)
        with pytest.raises(AppFault, match="app_not_in_catalog"):
            await teams.messenger.post(bo.aad, part(teams.messenger), "k")


async def test_who_removed_the_app_is_not_called(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.book.gone(ana.aad, "removed")
    with pytest.raises(TargetGone, match="removed"):
        await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    assert sending.fake.calls == []


async def test_a_channel_and_its_threads(sending: Wired) -> None:
    team = sending.met_team(sending.fake.world.team("Research"))
    leads = team.channel("Leads")
    for place in (team.general, leads):
        first = await sending.messenger.post(place.id, part(sending.messenger), "d#0")
        assert first == MessageRef(place.id, place.messages()[0].id)
        reply = await sending.messenger.post(place.id, part(sending.messenger), "d#1", first)
        assert reply.channel == f"{place.id};messageid={first.message_id}"
        again = await sending.messenger.post(place.id, part(sending.messenger), "d#2", reply)
        assert [one.id for one in place.messages(first.message_id)] == [reply.message_id, again.message_id]
        await sending.messenger.update(reply, part(sending.messenger), "d#1")
        await sending.messenger.delete(again)
        assert [one.edits for one in place.messages()] == [0, 1]


async def test_a_thread_in_a_chat_is_the_chat(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    first = await sending.messenger.post(ana.aad, part(sending.messenger), "a")
    second = await sending.messenger.post(ana.aad, part(sending.messenger), "b", first)
    assert second.channel == first.channel


async def test_a_channel_without_the_app_is_gone(sending: Wired) -> None:
    team = sending.met_team(sending.fake.world.team("Research"))
    sending.fake.world.remove_team(team)
    with pytest.raises(TargetGone, match="ConversationNotFound"):
        await sending.messenger.post(team.id, part(sending.messenger), "k")
    sending.book.gone(team.id, "removed")
    with pytest.raises(TargetGone, match="removed"):
        await sending.messenger.post(team.id, part(sending.messenger), "k")


async def test_a_chat_with_a_new_id_is_found_again(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    renewed = sending.fake.world.renew_chat(ana)
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    known = sending.book.find(ana.aad)
    assert known is not None
    assert known.conversation == renewed.id == ref.channel
    assert len(ana.messages()) == 1


async def test_the_newest_address_is_taken_when_teams_has_moved(sending: Wired) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    team = sending.met_team(sending.fake.world.team("Research"))
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    sending.fake.move("amer")
    bo = sending.fake.world.person("Bo Li")
    sending.clock.set(NOW.replace(hour=17))
    sending.met(bo)
    for target in (ana.aad, team.id):
        await sending.messenger.post(target, part(sending.messenger), "k2")
    await sending.messenger.update(ref, part(sending.messenger), "k")
    known = sending.book.find(ana.aad)
    assert known is not None
    assert known.address == sending.fake.service_url
    assert [one.edits for one in ana.messages()] == [1, 0]


async def test_a_token_is_sent_to_teams_only(sending: Wired) -> None:
    sending.book.met("19:x@thread.tacv2", "channel", "19:x@thread.tacv2", "https://evil.example/emea/")
    with pytest.raises(AppFault, match="service_url_not_allowed"):
        await sending.messenger.post("19:x@thread.tacv2", part(sending.messenger), "k")
    with pytest.raises(AppFault, match="service_url_not_allowed"):
        await sending.messenger.say("a:1", "http://10.0.0.1/", part(sending.messenger))


async def test_a_channel_is_checked_without_a_post(tmp_path: Path) -> None:
    now = [0.0]
    async with wired(tmp_path, monotonic=lambda: now[0]) as teams:
        team = teams.met_team(teams.fake.world.team("Research"))
        await teams.messenger.check(team.id)
        teams.fake.move("amer")
        with pytest.raises(TargetGone, match="ConversationNotFound"):
            await teams.messenger.check(team.id)
        teams.clock.set(NOW.replace(hour=17))
        teams.met(teams.fake.world.person("Bo Li"))
        now[0] = 2.0
        await teams.messenger.check(team.id)
        teams.book.gone(team.id, "the app was removed")
        with pytest.raises(TargetGone, match="the app was removed"):
            await teams.messenger.check(team.id)
        assert team.general.messages() == []


async def test_a_chat_is_known_by_the_book_whatever_its_id_looks_like(sending: Wired) -> None:
    ana = sending.fake.world.person("Ana Ruiz")
    chat = sending.fake.world.chat(ana)
    del sending.fake.world.chats[chat.id]
    chat.id = "personal-chat-1"
    sending.fake.world.chats[chat.id] = chat
    sending.met(ana)
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    await sending.messenger.update(ref, part(sending.messenger), "k")
    await sending.messenger.delete(ref)
    assert sending.fake.of("create") == []


@pytest.mark.parametrize("moved", [False, True])
async def test_a_chat_is_made_anew_wherever_teams_is(sending: Wired, moved: bool) -> None:
    ana = sending.met(sending.fake.world.person("Ana Ruiz"))
    sending.clock.set(NOW.replace(hour=17))
    if moved:
        sending.fake.move("amer")
        sending.met(sending.fake.world.person("Bo Li"))
    else:
        # Somebody of another region was heard last.
        sending.book.met("somebody-else", "personal", "a:9", f"{sending.fake.url}/apac/")
    renewed = sending.fake.world.renew_chat(ana)
    ref = await sending.messenger.post(ana.aad, part(sending.messenger), "k")
    known = sending.book.find(ana.aad)
    assert known is not None
    assert known.conversation == ref.channel == renewed.id
    assert known.address == sending.fake.service_url


# ---------------------------------------------------------------- people


async def test_profiles_come_from_chats_teams_and_the_directory(tmp_path: Path) -> None:
    async with wired(tmp_path, graph=True) as teams:
        world = teams.fake.world
        ana, bo, cy = (
            world.person("Ana Ruiz"),
            world.person("Bo Li", installed=False, guest=True),
            world.person("Cy Old"),
        )
        teams.met(ana)
        teams.met_team(world.team("Research", [bo]))
        cy.active = False
        found = [await teams.messenger.profile(one.aad) for one in (ana, bo, cy)]
        assert [(p.name, p.email, p.guest, p.active) for p in found if p] == [
            ("Ana Ruiz", "ana.ruiz@labs.example", False, True),
            ("Bo Li", "bo.li@labs.example", True, True),
            ("Cy Old", "cy.old@labs.example", False, False),
        ]
        assert found[0] is not None
        assert (found[0].identity.platform, found[0].identity.workspace) == ("teams", world.tenant)
        assert await teams.messenger.profile("nobody") is None


async def test_somebody_of_another_organisation_is_no_human_of_ours(sending: Wired) -> None:
    eve = sending.fake.world.person("Eve Else")
    eve.tenant = "another-tenant"
    sending.met(eve)
    profile = await sending.messenger.profile(eve.aad)
    assert profile is not None
    assert not profile.human


@pytest.mark.parametrize("permitted", [True, False])
async def test_lookup_by_mail_in_the_directory_or_else_in_rosters(tmp_path: Path, permitted: bool) -> None:
    async with wired(tmp_path, graph=True) as teams:
        bo = teams.fake.world.person("Bo O'Li", "bo.o'li@labs.example")
        teams.met_team(teams.fake.world.team("Research", [bo]))
        if not permitted:
            teams.fake.graph.permitted.clear()
        found = await teams.messenger.lookup("Bo.O'Li@labs.example")
        assert found is not None
        assert found.identity.user_id == bo.aad
        assert bool(teams.fake.of("members")) is not permitted
        assert await teams.messenger.lookup("nobody@labs.example") is None
