"""Who is let in: members; guests of the register; nobody of another organisation, by whichever way they come."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from handlers.slack.people import profile_of
from playground import User, Workspace
from reporting import interactions as i
from reporting import messages as m
from tests.handlers.slack.conftest import Bench, bench, workspace

SORRY = "only members of this workspace"
FORM = i.Form("report", "ATLAS", (i.TextField("summary", "Headline", live=True),), submit="Send")
HELLO = (i.Say(m.Message("Nothing is red.", (m.Paragraph((m.Plain("Nothing is red."),)),))),)


def shared() -> tuple[Workspace, AbstractAsyncContextManager[Bench]]:
    """A workspace with a channel that another organisation shares, and a guest."""
    space = workspace()
    for user in (User("U7", "zed", "Zed Far", home_team="T0FAR"), User("U8", "gil", "Gil Guest", is_restricted=True)):
        space.users[user.id] = user
        space.channels["C1"].members.append(user.id)
    return space, bench("socket", space=space)


def told(running: Bench, user_id: str) -> str:
    person = running.pg.person(user_id)
    messages = [*person.ephemerals("C1"), *person.messages()]
    return repr([(message.text, message.blocks) for message in messages])


@pytest.mark.parametrize("user_id", ["U7", "U8"])
@pytest.mark.parametrize("way", ["command", "mention", "direct", "home", "click", "shortcut"])
async def test_strangers_and_unknown_guests_are_refused_in_private(user_id: str, way: str) -> None:
    _, opened = shared()
    async with opened as running:
        running.desk.replies |= {"command": HELLO, "report.open": (i.OpenForm(FORM),)}
        person = running.pg.person(user_id)
        if way == "command":
            await person.command("/rag red", "C1")
        elif way == "mention":
            await person.say("@rollcall red", "C1")
        elif way == "direct":
            await person.say("red")
        elif way == "home":
            await person.open_home()
        elif way == "shortcut":
            await person.shortcut("report")
        else:
            block = m.Actions((m.Button("report.open", "Report", "1:2"),))
            part = running.messenger.render(m.Message("s", (block,)), {})[0]
            ref = await running.messenger.post("C1", part, "prompt:1#0")
            await person.click("C1", ref.message_id, "report.open")
        await running.settled()
        assert running.desk.heard == []
        seen = told(running, user_id) + repr(person.modals()) + repr(person.home())
        assert SORRY in seen
        assert SORRY not in told(running, "U2")


async def test_a_form_that_a_stranger_has_open_is_not_taken() -> None:
    space, opened = shared()
    async with opened as running:
        running.desk.replies |= {"command": (i.OpenForm(FORM),)}
        running.desk.known.add("U8")
        running.desk.meet = lambda profile: True  # type: ignore[method-assign]
        person = running.pg.person("U8")
        await person.command("/rag", "C1")
        await running.settled()
        space.users["U8"].home_team = "T0FAR"
        running.desk.heard.clear()
        view_id = person.modal()["id"]
        await person.type(view_id, "Headline", "Fine")
        outcome = await person.submit(view_id)
        await running.settled()
        assert running.desk.heard == []
        assert SORRY in repr(outcome)


async def test_a_guest_of_the_register_is_let_in() -> None:
    _, opened = shared()
    async with opened as running:
        running.desk.replies["command"] = HELLO
        running.desk.meet = lambda profile: True  # type: ignore[method-assign]
        await running.pg.person("U8").command("/rag", "C1")
        await running.settled()
        assert len(running.desk.heard) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_when_slack_cannot_be_asked_only_the_known_are_let_in(known: bool) -> None:
    _, opened = shared()
    async with opened as running:
        running.desk.replies["command"] = HELLO
        running.desk.known |= {"U1"} if known else set()
        running.pg.faults.add("users.info", "http500", times=9)
        await running.pg.person("U1").command("/rag", "C1")
        await running.settled()
        assert bool(running.desk.heard) is known
        assert ("Something failed" in told(running, "U1")) is not known


@pytest.mark.parametrize(
    ("user", "enterprise", "human"),
    [
        ({}, None, True),
        ({"team_id": "T1"}, None, True),
        ({"team_id": "T2"}, None, False),
        ({"team_id": "T2"}, "E1", False),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, "E1", True),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, "E1", False),
        ({"team_id": "E1"}, "E1", True),
        ({"team_id": "T1", "is_stranger": True}, None, False),
    ],
)
def test_the_other_workspaces_of_our_organisation_are_ours(
    user: dict[str, Any], enterprise: str | None, human: bool
) -> None:
    assert profile_of({"id": "U1", "name": "x", **user}, "T1", enterprise).human is human
