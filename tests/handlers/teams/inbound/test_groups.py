"""Chats of several people: asked as in a channel, answered in the own chat."""

from pathlib import Path

import pytest

from reporting import interactions as i
from reporting.model import Identity
from tests.handlers.teams.inbound.bench import Bench, bench, say
from tests.handlers.teams.inbound.test_installation import happens
from tests.support.teams import TENANT


async def test_what_is_asked_in_a_group_chat_is_answered_in_the_own_chat(inbound: Bench) -> None:
    inbound.teams.met(inbound.ana)
    inbound.desk.replies["command"] = say("SECRET is red.")
    chat = inbound.teams.fake.world.group([inbound.ana, inbound.bo])
    await inbound.types("red", place=chat)
    assert inbound.heard == i.Command(Identity("teams", TENANT, inbound.ana.aad), "red", chat.id, False)
    assert [posted.summary for posted in inbound.ana.messages()] == ["SECRET is red."]
    (note,) = chat.messages()
    assert "SECRET" not in str(note.activity)
    assert "own chat" in note.summary
    # It is no channel, and nobody's own chat either.
    assert inbound.teams.book.at(chat.id) is None
    known = inbound.teams.book.find(inbound.ana.aad)
    assert known is not None
    assert known.conversation != chat.id


async def test_lines_that_do_not_name_the_bot_are_not_for_it(inbound: Bench) -> None:
    chat = inbound.teams.fake.world.group([inbound.ana, inbound.bo])
    await inbound.types("red", place=chat, entities=[])
    assert inbound.desk.heard == []
    assert chat.messages() == []


async def test_where_there_is_no_own_chat_the_group_is_told_how_to_get_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        running.desk.replies["command"] = say("SECRET is red.")
        cy = running.teams.fake.world.person("Cy Dee", installed=False)
        chat = running.teams.fake.world.group([cy])
        await running.types("red", cy, chat)
        assert [posted.summary for posted in chat.messages()] == [
            "I can answer this only in your own chat with me. Add Rollcall to your apps, then ask again there or here."
        ]


async def test_guests_who_are_not_in_the_register_are_told_so(inbound: Bench) -> None:
    inbound.ana.guest = True
    chat = inbound.teams.fake.world.group([inbound.ana])
    await inbound.types("red", place=chat)
    assert ["guests who stand" in posted.summary for posted in chat.messages()] == [True]
    assert inbound.desk.heard == []


@pytest.mark.parametrize(("action", "told"), [("add", 1), ("add-upgrade", 0), ("remove", 0)])
async def test_a_group_that_gets_the_app_is_told_what_it_does_there(inbound: Bench, action: str, told: int) -> None:
    chat = inbound.teams.fake.world.group([inbound.ana, inbound.bo])
    await happens(inbound, chat, type="installationUpdate", action=action)
    bot = inbound.teams.fake.activity(inbound.ana)["recipient"]
    await happens(inbound, chat, type="conversationUpdate", membersAdded=[bot])
    assert [posted.summary for posted in chat.messages()] == told * [
        "To ask me something here, write @Rollcall before it: @Rollcall red. The answer comes in your own chat with "
        "me, since not everybody here may see everything. Digests and alerts go to channels of teams."
    ]
    assert inbound.desk.heard == []
    assert inbound.ana.messages() == []
