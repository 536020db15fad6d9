"""Buttons of posted cards, and all that arrives at the path beside people's doings."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from handlers.teams.render.refresh import REFRESH
from reporting import interactions as i
from reporting import messages as m
from reporting.model import Identity
from reporting.ports import StoreBusy
from tests.handlers.teams.inbound.bench import Bench, bench, button, opening, say
from tests.handlers.teams.kit import buttons, seen
from tests.support.teams import TENANT

MESSAGE = "application/vnd.microsoft.activity.message"
CARD = "application/vnd.microsoft.card.adaptive"
LONG = m.Message("ATLAS is red.", (m.Heading("ATLAS"), m.Paragraph((m.Plain("SECRET"),))))


def line(answer: Any) -> str:
    """What the client shows to the presser."""
    assert (answer["statusCode"], answer["type"]) == (200, MESSAGE)
    return str(answer["value"])


async def test_a_button_is_a_click(inbound: Bench) -> None:
    answer = await inbound.presses("alert.ack", "7", place=inbound.team.general, thread="17", replyToId="17")
    assert line(answer) == "Done."
    where = f"{inbound.team.id}"
    assert inbound.heard == i.Click(
        "alert.ack", "7", Identity("teams", TENANT, inbound.ana.aad), "message", where, "17"
    )


async def test_a_short_answer_is_shown_to_the_presser_alone(inbound: Bench) -> None:
    inbound.desk.replies["alert.ack"] = say("Carl has this since Thu 14:02.")
    answer = await inbound.presses("alert.ack", "7", place=inbound.team.general)
    assert line(answer) == "Carl has this since Thu 14:02."
    await inbound.adapter.settled()
    assert inbound.team.general.messages() == inbound.ana.messages() == []


async def test_a_long_answer_goes_to_the_own_chat(inbound: Bench) -> None:
    inbound.teams.met(inbound.ana)
    inbound.desk.replies["project.open"] = (i.Say(LONG),)
    assert "own chat" in line(await inbound.presses("project.open", "7", place=inbound.team.general))
    await inbound.adapter.settled()
    assert inbound.team.general.messages() == []
    assert "SECRET" in seen(inbound.ana.messages()[0].card)


async def test_in_the_own_chat_answers_are_messages(inbound: Bench) -> None:
    inbound.desk.replies["request.snooze"] = say("I will ask again on Monday.")
    assert line(await inbound.presses("request.snooze", "7:4")) == "The answer is below."
    await inbound.adapter.settled()
    assert [posted.summary for posted in inbound.ana.messages()] == ["I will ask again on Monday."]


async def test_another_page_takes_the_place_of_the_first(inbound: Bench) -> None:
    inbound.desk.replies["command"] = (i.Say(LONG),)
    await inbound.types("atlas")
    (posted,) = inbound.ana.messages()
    inbound.desk.replies["page.next"] = say("Page two.", replace=True)
    answer = await inbound.presses("page.next", "2", replyToId=posted.id)
    assert answer["type"] == CARD
    assert "Pagetwo." in seen(answer["value"])
    await inbound.adapter.settled()
    assert (posted.edits, seen(posted.card)) == (1, "Pagetwo.")
    assert len(inbound.ana.messages()) == 1


async def test_a_form_behind_such_a_button_waits_behind_another(inbound: Bench) -> None:
    inbound.desk.replies["project.edit"] = (i.OpenForm(i.Form("p", "Edit ATLAS", (), submit="Save")),)
    await inbound.presses("project.edit", "7")
    await inbound.adapter.settled()
    (opens,) = buttons(inbound.ana.messages()[0].card)
    assert opens["data"] == opening("project.edit", "7")


async def test_failures_are_told(inbound: Bench) -> None:
    for failure, words in ((RuntimeError(), "Something failed on our side"), (StoreBusy(), "Nothing was done")):
        inbound.desk.replies["alert.ack"] = failure
        assert words in line(await inbound.presses("alert.ack", "7"))


async def test_strangers_and_strange_buttons(inbound: Bench) -> None:
    strange = {"action": {"type": "Action.Execute", "verb": "x", "data": {"other": 1}}, "trigger": "manual"}
    assert "out of date" in line(await inbound.invokes("adaptiveCard/action", strange))
    other = {"channelData": {"tenant": {"id": "another"}}}
    assert "another organisation" in line(await inbound.presses("alert.ack", "7", **other))
    inbound.ana.guest = True
    assert "guests" in line(await inbound.presses("alert.ack", "7", locale="fr-FR"))
    assert inbound.desk.heard == []


async def test_what_takes_long_is_answered_afterwards(tmp_path: Path) -> None:
    async with bench(tmp_path, budget=0.3) as running:
        gate = threading.Event()

        def slow(_click: i.Click) -> i.Reply:
            gate.wait(5)
            return (i.Say(LONG),)

        running.desk.replies["project.open"] = slow
        assert "takes a moment" in line(await running.presses("project.open", "7"))
        gate.set()
        await running.adapter.settled()
        assert len(running.ana.messages()) == 1


async def test_a_press_is_done_although_the_time_went_by_before_the_desk_heard_of_it(tmp_path: Path) -> None:
    async with bench(tmp_path, budget=0.3) as running:
        gate = threading.Event()
        running.desk.knows = lambda _who: gate.wait(5)  # type: ignore[method-assign, assignment]
        running.desk.replies["alert.ack"] = say("This is yours now.")
        assert "answer follows" in line(await running.presses("alert.ack", "7"))
        gate.set()
        await running.adapter.settled()
        assert running.heard.action == "alert.ack"
        assert [posted.summary for posted in running.ana.messages()] == ["This is yours now."]


async def test_an_answer_is_given_once_although_the_time_went_by_after_the_desk_gave_it(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(_who: Identity) -> None:
        gate.wait(5)

    async with bench(tmp_path, budget=0.3, locales=slow) as running:
        running.teams.met(running.ana)
        running.desk.replies["project.open"] = (i.Say(LONG),)
        assert "answer follows" in line(await running.presses("project.open", "7", place=running.team.general))
        gate.set()
        await running.adapter.settled()
        assert [posted.summary for posted in running.ana.messages()] == ["ATLAS is red."]


@pytest.mark.parametrize(
    ("failure", "words"), [(RuntimeError(), "Something failed"), (StoreBusy(), "Nothing was done")]
)
async def test_a_late_failure_is_told_too(tmp_path: Path, failure: Exception, words: str) -> None:
    async with bench(tmp_path, budget=0.3) as running:
        gate = threading.Event()

        def slow(_click: i.Click) -> i.Reply:
            gate.wait(5)
            raise failure

        running.desk.replies["alert.ack"] = slow
        assert "answer follows" in line(await running.presses("alert.ack", "7"))
        gate.set()
        await running.adapter.settled()
        (posted,) = running.ana.messages()
        assert posted.summary.startswith(words)


async def test_an_answer_that_names_a_channel_is_a_message(inbound: Bench) -> None:
    """Beside a card there is no place to look its name up."""
    inbound.teams.met(inbound.ana)
    spans = (m.Plain("It is in "), m.Channel(inbound.team.id))
    inbound.desk.replies["digest.send"] = (i.Say(m.Message("Sent.", (m.Paragraph(spans),))),)
    assert "19:" not in line(await inbound.presses("digest.send", "7", place=inbound.team.general))
    await inbound.adapter.settled()
    assert len(inbound.ana.messages()) == 1


async def test_a_press_that_comes_as_a_message(inbound: Bench) -> None:
    """From a client that knows no dialogs, or an `Action.Submit` of long ago."""
    inbound.desk.replies["report.open"] = (i.OpenForm(i.Form("r", "ATLAS", (), submit="Send")),)
    await inbound.post(inbound.teams.fake.activity(inbound.ana, value=opening("report.open", "7:1"), replyToId="5"))
    await inbound.adapter.settled()
    assert (inbound.heard.action, inbound.heard.message_id) == ("report.open", "5")
    assert buttons(inbound.ana.messages()[0].card)[0]["data"] == opening("report.open", "7:1")


# ---------------------------------------------------------------- what the SDK refuses


async def test_a_card_is_renewed_for_whoever_opens_it(tmp_path: Path) -> None:
    asked: list[i.Click] = []

    def current(click: i.Click) -> m.Message | None:
        asked.append(click)
        return LONG if click.value == "7" else None

    async with bench(tmp_path, current=current) as running:
        here = {"place": running.team.general, "thread": "17", "replyToId": "17"}
        for trigger in ("automatic", "manual", None):
            value = {"action": {"type": "Action.Execute", "data": button(REFRESH, "7")}, "trigger": trigger}
            answer = await running.invokes("adaptiveCard/action", value, **here)
            assert answer["type"] == CARD
            assert "SECRET" in seen(answer["value"])
        assert [(click.channel, click.message_id) for click in asked] == [(running.team.id, "17")] * 3
        for strange in ({"channelData": {"tenant": {"id": "another"}}}, {}):
            number = "7" if strange else "8"
            value = {"action": {"type": "Action.Execute", "data": button(REFRESH, number)}, "trigger": "automatic"}
            assert line(await running.invokes("adaptiveCard/action", value, **here, **strange)) == ""
        await running.adapter.settled()
        assert (running.desk.heard, running.desk.met, running.team.general.messages()) == ([], [], [])


@pytest.mark.parametrize("failure", [RuntimeError("x"), StoreBusy()])
async def test_a_card_that_cannot_be_renewed_stays(tmp_path: Path, failure: Exception) -> None:
    def current(_click: i.Click) -> m.Message | None:
        raise failure

    async with bench(tmp_path, current=current) as running:
        value = {"action": {"type": "Action.Execute", "data": button(REFRESH, "7")}, "trigger": "automatic"}
        assert line(await running.invokes("adaptiveCard/action", value, place=running.team.general)) == ""


async def test_an_automatic_refresh_acts_on_nothing(inbound: Bench) -> None:
    value = {"action": {"type": "Action.Execute", "verb": "alert.ack", "data": button("alert.ack", "7")},
             "trigger": "automatic"}  # fmt: skip
    assert line(await inbound.invokes("adaptiveCard/action", value)) == ""
    assert inbound.desk.heard == []


@pytest.mark.parametrize("more", [{}, {"trigger": None}, {"trigger": "manual"}])
async def test_an_execute_without_data_is_out_of_date(inbound: Bench, more: dict[str, Any]) -> None:
    value = {"action": {"type": "Action.Execute", "verb": "x"}, **more}
    assert "out of date" in line(await inbound.invokes("adaptiveCard/action", value))


@pytest.mark.parametrize("change", [
    {"type": "somethingNew"}, {"type": "event", "name": "application/vnd.microsoft.meetingStart"},
    {"type": "invoke", "name": "somethingNew/fetch"}, {"type": "invoke"}, {"type": "invoke", "name": 5},
    {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]}, {"type": "typing"},
    {"type": "conversationUpdate", "channelData": {"eventType": "somethingNew"}},
    {"type": "installationUpdate", "action": "later"}, {"type": "message", "entities": [{"type": "new"}, 5]},
    {"type": "message", "id": None, "from": None, "recipient": [], "conversation": "x", "text": 5},
])  # fmt: skip
async def test_what_nobody_knows_is_taken(inbound: Bench, change: dict[str, Any], caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await inbound.post(inbound.teams.fake.activity(inbound.ana, text="SECRET line") | change)
    assert (answer.status_code, answer.content) == (200, b"")
    await inbound.adapter.settled()
    assert "SECRET" not in caplog.text
    assert "Traceback" not in caplog.text
    assert "failed" not in caplog.text


async def test_what_is_not_for_us_leaves_a_line(inbound: Bench, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    await inbound.post(
        inbound.teams.fake.activity(inbound.ana, type="invoke", name="new/\nfetch", value={"a": "SECRET"})
    )
    assert "an activity is not for us: invoke new/ fetch" in caplog.text
