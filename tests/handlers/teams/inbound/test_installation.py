"""Where the app is added, moved and taken away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reporting import interactions as i
from tests.handlers.teams.inbound.bench import Bench, bench, say
from tests.support.teams import TENANT, Place
from tests.support.teams.wired import NOW


async def happens(inbound: Bench, place: Place | None = None, **more: Any) -> None:
    """An event; those of installations name no zone."""
    activity = inbound.teams.fake.activity(more.pop("who", inbound.ana), place, **more)
    for name in ("localTimezone", "entities", "locale"):
        activity.pop(name, None)
    answer = await inbound.post(activity)
    assert answer.status_code == 200
    await inbound.adapter.settled()


async def of_team(inbound: Bench, event: str, place: Place | None = None, **channel: Any) -> None:
    """Something about a team or one of its channels."""
    data: dict[str, Any] = {
        "eventType": event, "tenant": {"id": TENANT}, "team": {"id": inbound.team.id, "name": "Research two"},
    }  # fmt: skip
    data |= {"channel": channel} if channel else {}
    where = place or inbound.team.general
    await happens(inbound, where, type="conversationUpdate", channelData=data, text=None)


def gone(inbound: Bench, owner: str) -> str | None:
    known = inbound.teams.book.find(owner)
    return None if known is None else known.gone


@pytest.mark.parametrize("action", ["add", "add-upgrade"])
async def test_somebody_who_adds_the_app_is_greeted_once(inbound: Bench, action: str) -> None:
    inbound.desk.replies["command"] = say("Hello Ana.")
    for _ in range(2):
        await happens(inbound, type="installationUpdate", action=action)
        bot = inbound.teams.fake.activity(inbound.ana)["recipient"]
        await happens(inbound, type="conversationUpdate", membersAdded=[bot])
    assert [posted.summary for posted in inbound.ana.messages()] == ["Hello Ana."]
    assert inbound.heard.direct
    assert gone(inbound, inbound.ana.aad) == ""


@pytest.mark.parametrize("early", [True, False], ids=["before the message", "after it"])
async def test_for_whom_we_install_it_the_message_is_the_greeting(tmp_path: Path, early: bool) -> None:
    """The app is put there only when there is something to say, and that follows at once."""
    async with bench(tmp_path, teams={"installs": True}) as running:
        cy = running.teams.fake.world.person("Cy Dee", installed=False)
        running.desk.replies["command"] = say("Hello Cy.")

        async def event(action: str = "add") -> None:
            await happens(running, type="installationUpdate", action=action, who=cy)

        if early:
            running.teams.fake.graph.when_installed = event
        await running.teams.messenger.post(cy.aad, {"type": "message", "text": "A report is due."}, "k")
        if not early:
            await event()
        assert [posted.activity["text"] for posted in cy.messages()] == ["A report is due."]
        # What they missed before is sent all the same.
        assert [who for who, _ in running.desk.reachable] == [cy.aad]
        await event("remove")
        running.teams.clock.set(NOW + timedelta(minutes=11))
        await event()
        assert [posted.summary for posted in cy.messages()] == ["", "Hello Cy."]


@pytest.mark.parametrize("action", ["remove", "remove-upgrade"])
async def test_somebody_who_removes_it_is_not_written_to(inbound: Bench, action: str) -> None:
    inbound.desk.replies["command"] = say("Hello Ana.")
    await happens(inbound, type="installationUpdate", action="add")
    await happens(inbound, type="installationUpdate", action=action)
    assert gone(inbound, inbound.ana.aad) == "the app was removed"
    await happens(inbound, type="installationUpdate", action="add")
    assert gone(inbound, inbound.ana.aad) == ""
    assert len(inbound.ana.messages()) == 2


async def test_the_newest_service_counts(inbound: Bench) -> None:
    await inbound.types("red")
    inbound.teams.fake.move("amer")
    await inbound.types("red")
    known = inbound.teams.book.find(inbound.ana.aad)
    assert known is not None
    assert known.address == inbound.teams.fake.service_url


async def test_a_team_with_its_channel(inbound: Bench) -> None:
    new = inbound.teams.fake.world.team("New", [inbound.ana])
    leads = new.channel("Leads")
    data = {"tenant": {"id": TENANT}, "team": {"id": new.id, "name": "New"},
            "settings": {"selectedChannel": {"id": leads.id, "name": "Leads"}}}  # fmt: skip
    await happens(inbound, new.general, type="installationUpdate", action="add", channelData=data)
    kinds = {owner: inbound.teams.book.find(owner) for owner in (new.id, leads.id)}
    assert [(one.kind, one.name) for one in kinds.values() if one] == [("team", "New"), ("channel", "Leads")]
    assert inbound.desk.heard == []


async def test_the_names_of_a_team_s_channels_are_asked_for(inbound: Bench) -> None:
    new = inbound.teams.fake.world.team("New", [inbound.ana])
    leads = new.channel("Leads")
    data = {"tenant": {"id": TENANT}, "team": {"id": new.id, "name": "New"}}
    await happens(inbound, new.general, type="installationUpdate", action="add", channelData=data)
    known = {owner: inbound.teams.book.find(owner) for owner in (new.id, leads.id)}
    assert [(one.kind, one.name, one.team) for one in known.values() if one] == [
        ("team", "New", ""), ("channel", "Leads", new.id),
    ]  # fmt: skip
    assert inbound.news == []


async def test_channels_come_go_and_are_renamed(inbound: Bench) -> None:
    leads = inbound.team.channel("Leads")
    await of_team(inbound, "channelCreated", id=leads.id, name="Leads")
    await of_team(inbound, "channelRenamed", id=leads.id, name="Leaders")
    await of_team(inbound, "channelDeleted", id=leads.id, name="Leaders")
    assert gone(inbound, leads.id) == "the channel was deleted"
    await of_team(inbound, "channelRestored", id=leads.id, name="Leaders")
    known = inbound.teams.book.find(leads.id)
    assert known is not None
    assert (known.name, known.team, known.gone) == ("Leaders", inbound.team.id, "")
    assert inbound.news == [
        ("renamed", leads.id, "Leaders"), ("lost", leads.id, "deleted"), ("back", leads.id, "restored"),
    ]  # fmt: skip


@pytest.mark.parametrize(("lost", "how", "back"), [
    ("teamArchived", "archived", "teamUnarchived"), ("teamDeleted", "deleted", "teamRestored"),
])  # fmt: skip
async def test_a_team_that_is_lost_takes_its_channels_with_it(inbound: Bench, lost: str, how: str, back: str) -> None:
    leads = inbound.team.channel("Leads")
    await of_team(inbound, "channelCreated", id=leads.id, name="Leads")
    await of_team(inbound, lost)
    assert gone(inbound, leads.id)
    assert gone(inbound, inbound.team.id)
    await of_team(inbound, back)
    assert (gone(inbound, leads.id), gone(inbound, inbound.team.id)) == ("", "")
    places = (inbound.team.id, leads.id)
    assert inbound.news == [*(("lost", p, how) for p in places), *(("back", p, "restored") for p in places)]


async def test_the_app_taken_out_of_a_team_and_put_back(inbound: Bench) -> None:
    bot = inbound.teams.fake.activity(inbound.ana)["recipient"]
    data = {"eventType": "teamMemberRemoved", "tenant": {"id": TENANT}, "team": {"id": inbound.team.id}}
    general = inbound.team.general
    await happens(inbound, general, type="conversationUpdate", membersRemoved=[{"id": "29:x"}], channelData=data)
    assert gone(inbound, inbound.team.id) == ""
    await happens(inbound, general, type="conversationUpdate", membersRemoved=[bot], channelData=data)
    assert gone(inbound, inbound.team.id) == "the app was removed"
    await happens(inbound, general, type="installationUpdate", action="remove", channelData=data)
    back = data | {"eventType": "teamMemberAdded"}
    await happens(inbound, general, type="conversationUpdate", membersAdded=[bot], channelData=back)
    assert gone(inbound, inbound.team.id) == ""


async def test_a_team_that_gets_another_name(inbound: Bench) -> None:
    await of_team(inbound, "teamRenamed")
    known = inbound.teams.book.find(inbound.team.id)
    assert known is not None
    assert (known.name, known.kind) == ("Research two", "team")


async def test_events_of_another_tenant_change_nothing(inbound: Bench) -> None:
    other = {"tenant": {"id": "another"}}
    await happens(inbound, type="installationUpdate", action="add", channelData=other)
    assert inbound.teams.book.find(inbound.ana.aad) is None
    assert inbound.ana.messages() == []


async def test_a_guest_who_adds_the_app_is_told(inbound: Bench) -> None:
    inbound.ana.guest = True
    await happens(inbound, type="installationUpdate", action="add")
    assert "guests" in inbound.ana.messages()[0].summary
    assert not any(isinstance(heard, i.Command) for heard in inbound.desk.heard)
