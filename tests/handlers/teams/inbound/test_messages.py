"""What people type: in their own chat, in channels, as strangers; each line once, and every answer where it belongs."""

from pathlib import Path
from typing import Any

import pytest

from reporting import interactions as i
from reporting import messages as m
from reporting.model import Identity
from reporting.ports import RetryLater, StoreBusy
from tests.handlers.teams.inbound.bench import Bench, bench, opening, say
from tests.handlers.teams.kit import buttons, seen
from tests.support.teams import TENANT, FakePerson

FORM = i.Form("project", "New project", (i.TextField("key", "Key"),), submit="Save")


def said(person: FakePerson) -> list[str]:
    return [seen(posted.card) for posted in person.messages()]


async def test_a_line_in_the_own_chat_is_answered_there(inbound: Bench) -> None:
    inbound.desk.replies["command"] = say("Nothing is red. <at>all</at>")
    await inbound.types("/rag red  now")
    command = inbound.heard
    assert command == i.Command(Identity("teams", TENANT, inbound.ana.aad), "red now", "", True)
    assert said(inbound.ana) == ["Nothingisred.<at>all</at>"]
    (profile,) = inbound.desk.met
    assert (profile.tz, profile.locale, profile.email) == ("Europe/Berlin", "en-GB", "ana.ruiz@labs.example")
    known = inbound.teams.book.find(inbound.ana.aad)
    assert known is not None
    assert (known.conversation, known.name) == (inbound.ana.chat.id, "Ana Ruiz")  # type: ignore[union-attr]


@pytest.mark.parametrize(("typed", "asked"), [
    ("/rag", ""), ("/rag red", "red"), ("Rag red", "red"), ("/RAG", ""), ("/red", "red"), ("rag", "rag"),
    ("ragout", "ragout"), ("/ragout", "ragout"), ("Red", "Red"),
    ("@Rollcall", ""), ("@rollcall red", "red"), ("Rollcall red", "red"), ("@Rollcall, red", "red"), ("Rollcall", ""),
    ("@Rollcall /rag red", "red"), ("@Rollcall overview", ""), ("@Rollcalls", "@Rollcalls"), ("rollcalls", "rollcalls"),
])  # fmt: skip
async def test_the_slash_command_of_elsewhere_is_understood(inbound: Bench, typed: str, asked: str) -> None:
    await inbound.types(typed)
    assert inbound.heard.text == asked


async def test_somebody_is_looked_up_once_and_again_when_they_travel(inbound: Bench) -> None:
    for zone in ("Europe/Berlin", "Europe/Berlin", "", "Asia/Tokyo", "Asia/Tokyo"):
        more = {"localTimezone": zone} if zone else {"localTimezone": None, "entities": None}
        await inbound.types("red", **more)
    assert [profile.tz for profile in inbound.desk.met] == ["Europe/Berlin", "Asia/Tokyo"]


async def test_the_same_message_twice_is_heard_once(inbound: Bench) -> None:
    activity = inbound.teams.fake.activity(inbound.ana, text="remind")
    for _ in range(2):
        assert (await inbound.post(activity)).status_code == 200
    await inbound.adapter.settled()
    assert len(inbound.desk.heard) == 1


async def test_an_entry_of_the_menu_asks_for_what_it_stands_for(inbound: Bench) -> None:
    await inbound.types("Overview")
    assert inbound.heard.text == ""


async def test_channels_are_called_by_their_names_at_home_and_in_dialogs(inbound: Bench) -> None:
    channel = inbound.team.channel("Steering")
    inbound.teams.book.met(channel.id, "channel", channel.id, inbound.teams.fake.service_url, "Steering")
    spans = (m.Plain("What to do is said in "), m.Channel(channel.id))
    inbound.desk.replies["home"] = (i.ShowHome(i.Home((m.Paragraph(spans),))),)
    await inbound.types("home")
    assert said(inbound.ana) == ["WhattodoissaidinSteering"]
    inbound.desk.replies["report.open"] = (i.Say(m.Message("There.", (m.Paragraph(spans),))),)
    dialog = await inbound.fetches(opening("report.open"))
    assert "saidinSteering" in seen(dialog["card"]["content"])


HOME = i.ShowHome(i.Home((m.Paragraph((m.Plain("You owe nothing."),)),)))


@pytest.mark.parametrize("typed", ["home", "Home", "@Rollcall home", "/rag home"])
async def test_home_is_a_card(inbound: Bench, typed: str) -> None:
    inbound.desk.replies["home"] = (HOME,)
    await inbound.types(typed)
    assert inbound.heard == Identity("teams", TENANT, inbound.ana.aad)
    assert said(inbound.ana) == ["Youowenothing."]


async def test_home_asked_in_a_channel_or_a_group_comes_in_the_own_chat(inbound: Bench) -> None:
    inbound.teams.met(inbound.ana)
    inbound.desk.replies["home"] = (HOME,)
    chat = inbound.teams.fake.world.group([inbound.ana, inbound.bo])
    for place in (inbound.team.general, chat):
        await inbound.types("home", place=place)
        (note,) = place.messages()
        assert "own chat" in note.summary
    assert inbound.desk.heard == [Identity("teams", TENANT, inbound.ana.aad)] * 2
    assert said(inbound.ana) == ["Youowenothing."] * 2


async def test_what_is_asked_in_a_channel_is_answered_in_the_own_chat(inbound: Bench) -> None:
    inbound.teams.met(inbound.ana)
    inbound.desk.replies["command"] = say("SECRET is red.")
    leads = inbound.team.channel("Leads")
    await inbound.types("red", place=leads, thread="1795")
    assert inbound.heard == i.Command(Identity("teams", TENANT, inbound.ana.aad), "red", leads.id, False)
    assert said(inbound.ana) == ["SECRETisred."]
    (note,) = leads.messages(root="1795")
    assert "SECRET" not in str(note.activity)
    assert "own chat" in note.summary
    known = inbound.teams.book.find(leads.id)
    assert known is not None
    assert (known.kind, known.team) == ("channel", inbound.team.id)


async def test_somebody_without_the_app_gets_a_chat_by_the_team(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        running.desk.replies["command"] = say("SECRET is red.")
        await running.types("red", running.bo, running.team.general)
        assert said(running.bo) == ["SECRETisred."]


async def test_where_there_is_no_chat_the_thread_says_how_to_get_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        running.desk.replies["command"] = say("SECRET is red.")
        running.desk.known.add(running.bo.aad)
        running.team.members.remove(running.bo)
        await running.types("red", running.bo, running.team.general)
        (note,) = running.team.general.messages()
        assert "SECRET" not in str(note.activity)
        assert "Add Rollcall to your apps" in note.summary


async def test_what_is_not_meant_for_us_is_not_heard(inbound: Bench) -> None:
    activity = inbound.teams.fake.activity(inbound.ana, inbound.team.general, text="red")
    activity["entities"] = []
    await inbound.post(activity)
    own = inbound.teams.fake.activity(inbound.ana, text="echo")
    own["from"] = own["recipient"]
    await inbound.post(own)
    await inbound.adapter.settled()
    assert inbound.desk.heard == []


async def test_mentions_of_others_are_their_names(inbound: Bench) -> None:
    activity = inbound.teams.fake.activity(inbound.ana, inbound.team.general, text="away <at>Bo Li</at> monday")
    await inbound.post(activity)
    await inbound.adapter.settled()
    assert inbound.heard.text == "away Bo Li monday"


async def test_guests_and_other_organisations_are_told_why(inbound: Bench) -> None:
    inbound.ana.guest = True
    await inbound.types("red")
    assert "guests who stand in the project register" in inbound.ana.messages()[-1].summary
    await inbound.types("red", channelData={"tenant": {"id": "another"}})
    assert "another organisation" in inbound.ana.messages()[-1].summary
    assert inbound.desk.heard == []
    inbound.ana.guest = False
    nobody = inbound.teams.fake.activity(inbound.ana, text="red")
    del nobody["from"]["aadObjectId"]
    await inbound.post(nobody)
    await inbound.adapter.settled()
    assert inbound.desk.heard == []


async def test_a_form_waits_behind_a_button(inbound: Bench) -> None:
    inbound.desk.replies["command"] = (i.OpenForm(FORM),)
    await inbound.types("project add X")
    (posted,) = inbound.ana.messages()
    (opens,) = buttons(posted.card)
    assert opens["data"] == opening("query.run", "project add X")
    inbound.desk.replies["query.run"] = (i.OpenForm(FORM),)
    assert (await inbound.fetches(opens["data"]))["title"] == "New project"


async def test_failures_are_told_with_a_number_for_the_operator(inbound: Bench, caplog: Any) -> None:
    inbound.desk.replies["command"] = RuntimeError("secret text")
    await inbound.types("a secret line")
    assert "Something failed on our side" in inbound.ana.messages()[-1].summary
    assert "secret" not in caplog.text
    inbound.desk.replies["command"] = StoreBusy()
    await inbound.types("red")
    assert len(inbound.ana.messages()) == 2


async def test_an_answer_waits_once_where_teams_asks_for_it(inbound: Bench) -> None:
    inbound.desk.replies["command"] = say("Nothing is red.")
    inbound.teams.fake.faults.add("send", "status", status=429, headers={"Retry-After": "1"})
    await inbound.types("red")
    assert said(inbound.ana) == ["Nothingisred."]
    assert isinstance(inbound.teams.told[0][1], RetryLater)


async def test_a_file_is_offered_and_put_where_teams_says(inbound: Bench) -> None:
    files = (i.SendFile("a.csv", b"a", "One project."), i.SendFile("b.csv", b"bb", "One project."))
    inbound.desk.replies |= {"command": files, "query.run": files}
    await inbound.types("export csv")
    offers = [posted.activity["attachments"][0] for posted in inbound.ana.messages()]
    assert [one["contentType"] for one in offers] == ["application/vnd.microsoft.teams.card.file.consent"] * 2
    assert (offers[1]["name"], offers[1]["content"]["sizeInBytes"]) == ("b.csv", 2)
    asked = inbound.ana.messages()[1]
    # An offer is nothing that left the house: it may be declined.
    assert inbound.desk.handed == []
    info = {"contentUrl": "https://x.example/b.csv", "name": "b.csv", "uploadUrl": inbound.teams.fake.upload_url,
            "uniqueId": "1", "fileType": "csv"}  # fmt: skip
    value = {"type": "fileUpload", "action": "accept", "context": offers[1]["content"]["acceptContext"],
             "uploadInfo": info}  # fmt: skip
    for _ in range(2):
        # Pressed twice, or told twice by Teams: it is handed over once.
        assert await inbound.invokes("fileConsent/invoke", value, replyToId=asked.id) is None
    await inbound.adapter.settled()
    assert inbound.teams.fake.uploads == {"one": b"bb"}
    assert inbound.desk.handed == [(inbound.ana.aad, "b.csv")]
    assert "b.csv is among your files." in asked.summary
    assert inbound.ana.messages()[-1].activity["attachments"][0]["contentUrl"] == "https://x.example/b.csv"


async def test_a_file_that_is_declined_or_goes_nowhere_safe(inbound: Bench) -> None:
    inbound.desk.replies |= {
        "command": (i.SendFile("a.csv", b"a", "."),),
        "query.run": (i.SendFile("a.csv", b"a", "."),),
    }
    await inbound.types("export csv")
    assert inbound.desk.handed == []
    (asked,) = inbound.ana.messages()
    context = asked.activity["attachments"][0]["content"]["declineContext"]
    for value in ({"action": "decline"}, {"action": "accept", "uploadInfo": {"uploadUrl": "http://evil.example/"}},
                  {"action": "accept", "uploadInfo": {"uploadUrl": inbound.teams.fake.upload_url}}):  # fmt: skip
        inbound.teams.fake.faults.add("upload", "status", status=500)
        await inbound.invokes("fileConsent/invoke", {**value, "context": context}, replyToId=asked.id)
        await inbound.adapter.settled()
    assert inbound.teams.fake.uploads == {}
    assert (asked.edits, asked.summary) == (3, "The file could not be put among your files. Please ask for it again.")
