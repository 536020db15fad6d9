"""Dialogs: saved before they are answered, and whatever goes wrong, nothing typed is lost and nothing is done twice."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
import zlib
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from reporting import interactions as i
from reporting import messages as m
from reporting.model import Identity
from reporting.ports import StoreBusy
from tests.handlers.teams.inbound.bench import KEY, Bench, bench, opening, say, shown, told
from tests.handlers.teams.kit import buttons, inputs, press, seen
from tests.support.teams import TENANT

GREEN, RED = m.Option("g", "Green"), m.Option("r", "Red")
FORM = i.Form("report", "ATLAS, week 48", (
    i.ChoiceField("rag", "Overall", (GREEN, RED), style="radio", live=True),
    i.TextField("summary", "Headline", max_length=40),
    i.PersonField("of", "Asked of", optional=True),
    m.Actions((m.Button("risk.add", "Add a risk"),)),
), submit="Send report", close="Keep draft", context={"p": 7}, tell_close=True)  # fmt: skip
RISK = i.Form("risk", "Add a risk", (i.TextField("title", "Title"),), submit="Save", context={"r": 1})
FILLED = {"in:c:rag": "1", "in:t:summary": "Late again", "in:p:of": "0b0b-bo"}
VALUES = {"rag": "r", "summary": "Late again", "of": i.UserRef(Identity("teams", TENANT, "0b0b-bo"))}


def values(dialog: dict[str, Any]) -> dict[str, str]:
    """What stands in the fields of a dialog."""
    found = inputs(dialog["card"]["content"])
    return {name: one["value"] for name, one in found.items() if "value" in one and name != "in:state"}


def stale(answer: Any) -> bool:
    """Whether it is said that the form is out of date, and what was typed is given back."""
    card = shown(answer)["card"]["content"]
    return "outofdate" in seen(card) and "Lateagain" in seen(card) and not buttons(card)


# ---------------------------------------------------------------- opening


async def test_a_button_opens_the_form(inbound: Bench) -> None:
    inbound.desk.replies["report.open"] = (i.OpenForm(FORM),)
    dialog = await inbound.fetches(opening("report.open", "7:1"))
    assert dialog["title"] == "ATLAS, week 48"
    assert inbound.heard == i.Click(
        "report.open", "7:1", Identity("teams", TENANT, inbound.ana.aad), "message", inbound.ana.chat.id  # type: ignore[union-attr]
    )  # fmt: skip
    assert inbound.times[-1][0] == "dialog"


async def test_the_message_extension_opens_it_from_anywhere(inbound: Bench) -> None:
    inbound.desk.replies["report.open"] = (i.OpenForm(FORM),)
    asked = {"commandId": "report", "commandContext": "compose", "context": {"theme": "default"}}
    dialog = shown(await inbound.invokes("composeExtension/fetchTask", asked, place=inbound.team.general))
    assert inbound.heard.value == ""
    inbound.desk.replies["submit"] = (i.CloseForm(all=True),)
    data = press(dialog["card"]["content"], "Send report", FILLED)
    assert await inbound.invokes("composeExtension/submitAction", asked | {"data": data}) is None
    assert inbound.desk.heard[-1].values == VALUES
    assert "out of date" in told(await inbound.invokes("composeExtension/fetchTask", asked | {"commandId": "x"}))


async def test_answers_that_are_no_form_are_shown_in_the_dialog(inbound: Bench) -> None:
    inbound.desk.replies["report.open"] = say("You owe no report.")
    dialog = await inbound.fetches(opening("report.open"))
    assert "Youowenoreport." in seen(dialog["card"]["content"])
    inbound.desk.replies["report.open"] = ()
    assert told(await inbound.invokes("task/fetch", {"data": opening("report.open")})) == "Done."
    inbound.desk.replies["report.open"] = (i.FieldErrors({"x": "Too early."}),)
    assert "Tooearly." in seen((await inbound.fetches(opening("report.open")))["card"]["content"])


@pytest.mark.parametrize("data", [None, {}, [], "x", {"rollcall": {"do": 5}}, {"dialog_id": "open"}])
async def test_buttons_that_are_none_of_ours(inbound: Bench, data: Any) -> None:
    assert "out of date" in told(await inbound.invokes("task/fetch", {"data": data}))


async def test_strangers_are_told_so(inbound: Bench) -> None:
    inbound.ana.guest = True
    assert "guests who stand" in told(await inbound.invokes("task/fetch", {"data": opening("report.open")}))
    other = {"channelData": {"tenant": {"id": "another"}}}
    answer = await inbound.invokes("task/fetch", {"data": opening("report.open")}, **other)
    assert "another organisation" in told(answer)
    assert inbound.desk.heard == []


async def test_failures_while_opening(inbound: Bench) -> None:
    for failure, words in ((RuntimeError(), "Something failed on our side"), (StoreBusy(), "in time")):
        inbound.desk.replies["report.open"] = failure
        assert words in told(await inbound.invokes("task/fetch", {"data": opening("report.open")}))


# ---------------------------------------------------------------- sending


async def test_a_form_arrives_whole_and_closes(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = (i.CloseForm(all=True),)
    assert await inbound.sends(dialog, "Send report", FILLED) is None
    sent = inbound.heard
    assert (sent.form_id, sent.values, sent.context) == ("report", VALUES, {"p": 7})
    assert sent.interaction


async def test_the_same_sending_twice_is_done_once(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = (i.CloseForm(all=True), *say("Sent."))
    answers = [await inbound.sends(dialog, "Send report", FILLED) for _ in range(2)]
    assert ["Sent." in seen(shown(answer)["card"]["content"]) for answer in answers] == [True, True]
    assert len(inbound.desk.heard) == 1
    await inbound.sends(dialog, "Send report", FILLED | {"in:t:summary": "Other words"})
    assert len(inbound.desk.heard) == 2


async def test_errors_come_with_the_form_and_everything_typed(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = (i.FieldErrors({"summary": "One sentence, please."}),)
    again = shown(await inbound.sends(dialog, "Send report", FILLED))
    assert values(again) == FILLED
    assert seen(again["card"]["content"]).count("Onesentence,please.") == 2
    inbound.desk.replies["submit"] = (i.CloseForm(),)
    assert await inbound.sends(again, "Send report") is None
    assert inbound.desk.heard[0].interaction != inbound.desk.heard[-1].interaction


async def test_what_the_client_should_have_held_back_is_no_sending(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = RuntimeError("never asked")
    again = shown(await inbound.sends(dialog, "Send report", {"in:c:rag": "0", "in:t:summary": "x" * 41}))
    assert "41characters;atmost40fit." in seen(again["card"]["content"])
    assert values(again)["in:t:summary"] == "x" * 41
    assert inbound.heard.values["summary"] == "x" * 41


@pytest.mark.parametrize(("failure", "words"), [
    (StoreBusy(), "Notsentyet:thestoredidnotanswerintime."), (RuntimeError("x"), "Notsent:somethingfailedonourside."),
    (KeyError("report2"), "Notsent:somethingfailedonourside."),
])  # fmt: skip
async def test_when_saving_fails_the_form_stays_with_everything_typed(
    inbound: Bench, failure: Exception, words: str
) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = failure
    again = shown(await inbound.sends(dialog, "Send report", FILLED))
    assert words in seen(again["card"]["content"])
    assert values(again) == FILLED
    inbound.desk.replies["submit"] = (i.CloseForm(),)
    assert await inbound.sends(again, "Send report") is None
    assert [sent.values for sent in inbound.desk.heard] == [VALUES, VALUES]


async def test_a_form_that_nobody_takes(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = KeyError("report")
    assert stale(await inbound.sends(dialog, "Send report", FILLED))


async def test_what_was_changed_on_the_way_is_not_taken(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    data = press(dialog["card"]["content"], "Send report", FILLED)
    data["rollcall"]["state"] = data["rollcall"]["state"][:-4] + "AAAA"
    assert stale(await inbound.invokes("task/submit", {"data": data}))
    assert stale(await inbound.sends(dialog, "Send report", FILLED, who=inbound.bo))
    del data["in:t:summary"]
    assert "out of date" in told(await inbound.invokes("task/submit", {"data": data}))
    assert inbound.desk.heard == []


async def test_a_form_drawn_by_another_version_gives_back_what_was_typed(inbound: Bench) -> None:
    """The dialog was open while the bot was replaced by one whose fields have other properties."""
    dialog = await inbound.opens(FORM)
    data = press(dialog["card"]["content"], "Send report", FILLED)
    owner = Identity("teams", TENANT, inbound.ana.aad)
    content = json.loads(zlib.decompress(base64.urlsafe_b64decode(data["rollcall"]["state"])[16:]))
    content["items"][1][1]["of_old"] = 1
    packed = zlib.compress(json.dumps(content).encode())
    sealed = hmac.new(KEY, hashlib.sha256(json.dumps([*astuple(owner)]).encode()).digest() + packed, "sha256").digest()
    data["rollcall"]["state"] = base64.urlsafe_b64encode(sealed[:16] + packed).decode()
    assert stale(await inbound.invokes("task/submit", {"data": data}))
    assert inbound.desk.heard == []


async def test_a_failed_reply_does_not_undo_what_is_saved(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["submit"] = (i.CloseForm(all=True), *say("One."), *say("Two."))
    inbound.teams.fake.faults.add("send", "status", times=None, status=500)
    answer = await inbound.sends(dialog, "Send report", FILLED)
    assert "One." in seen(shown(answer)["card"]["content"])
    await inbound.adapter.settled()
    assert inbound.ana.messages() == []


# ---------------------------------------------------------------- in time


def slow(gate: threading.Event, reply: i.Reply) -> Callable[[Any], i.Reply]:
    def answer(_what: Any) -> i.Reply:
        gate.wait(5)
        return reply

    return answer


async def test_too_slow_a_save_leaves_the_form_open_and_is_told_when_done(tmp_path: Path) -> None:
    async with bench(tmp_path, budget=1.5) as running:
        dialog = await running.opens(FORM)
        gate = threading.Event()
        running.desk.replies["submit"] = slow(gate, (i.CloseForm(all=True), *say("Saved.")))
        again = shown(await running.sends(dialog, "Send report", FILLED))
        assert "Notsentyet" in seen(again["card"]["content"])
        assert values(again) == FILLED
        gate.set()
        await running.adapter.settled()
        assert [posted.summary for posted in running.ana.messages()] == [
            "This was sent after all, a little late. You can close it.", "Saved.",
        ]  # fmt: skip
        # Sent again from what stayed open, it is known to be the same.
        closed = await running.sends(again, "Send report")
        assert "Saved." in seen(shown(closed)["card"]["content"])
        assert len(running.desk.heard) == 1


async def test_an_impatient_repeat_joins_the_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as running:
        dialog = await running.opens(FORM)
        gate = threading.Event()
        running.desk.replies["submit"] = slow(gate, (i.CloseForm(all=True),))
        first = asyncio.ensure_future(running.sends(dialog, "Send report", FILLED))
        second = asyncio.ensure_future(running.sends(dialog, "Send report", FILLED))
        await asyncio.sleep(0.2)
        gate.set()
        assert await asyncio.gather(first, second) == [None, None]
        assert len(running.desk.heard) == 1


async def test_too_slow_an_opening_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, budget=0.3) as running:
        gate = threading.Event()
        running.desk.replies["report.open"] = slow(gate, (i.OpenForm(FORM), *say("Late.")))
        assert "in time" in told(await running.invokes("task/fetch", {"data": opening("report.open")}))
        gate.set()
        await running.adapter.settled()
        assert [posted.summary for posted in running.ana.messages()] == ["Late."]


# ---------------------------------------------------------------- buttons inside


async def test_asking_what_else_is_wanted_draws_it(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    more = i.Form(
        "report", "ATLAS, week 48", (*FORM.items[:2], i.TextField("path", "Path to green")), submit="Send report"
    )
    inbound.desk.replies["typing"] = (i.UpdateForm(more),)
    again = shown(await inbound.sends(dialog, "Show what else is asked", FILLED))
    assert "Pathtogreen" in seen(again["card"]["content"])
    assert values(again) == {"in:c:rag": "1", "in:t:summary": "Late again"}
    inbound.desk.replies["typing"] = ()
    same = shown(await inbound.sends(dialog, "Show what else is asked", FILLED))
    assert values(same) == FILLED


async def test_keeping_the_draft_closes(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    assert await inbound.sends(dialog, "Keep draft", FILLED) is None
    assert inbound.heard.values == VALUES


async def test_a_form_on_top_goes_back_to_the_one_beneath(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["risk.add"] = (i.OpenForm(RISK),)
    top = shown(await inbound.sends(dialog, "Add a risk", FILLED))
    assert top["title"] == "Add a risk"
    click = inbound.heard
    assert (click.action, click.place, click.form.values) == ("risk.add", "form", VALUES)

    inbound.desk.replies["submit"] = (i.FieldErrors({"title": "Shorter, please."}),)
    wrong = shown(await inbound.sends(top, "Save", {"in:t:title": "Supplier"}))
    assert values(wrong) == {"in:t:title": "Supplier"}

    changed = i.Form(
        "report", "ATLAS, week 48", (*FORM.items, m.Note((m.Plain("One risk added."),))), submit="Send report"
    )
    inbound.desk.replies["submit"] = (i.UpdateForm(changed, parent=True), i.CloseForm())
    below = shown(await inbound.sends(wrong, "Save"))
    assert "Oneriskadded." in seen(below["card"]["content"])
    assert values(below) == FILLED

    inbound.desk.replies["typing"] = (i.UpdateForm(changed, parent=True),)
    back = shown(await inbound.sends(top, "Close", {"in:t:title": "Begun"}))
    assert "Oneriskadded." in seen(back["card"]["content"])
    inbound.desk.replies["typing"] = ()
    plain = shown(await inbound.sends(top, "Close"))
    assert values(plain) == FILLED
    assert "Oneriskadded." not in seen(plain["card"]["content"])


async def test_an_answer_over_a_form_can_be_closed_again(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    rows = (m.Row((m.Plain("Another"),), m.Button("risk.add", "Add another")),)
    inbound.desk.replies["risk.add"] = (i.Say(m.Message("One open.", rows)),)
    top = shown(await inbound.sends(dialog, "Add a risk", FILLED))
    assert [b["title"] for b in buttons(top["card"]["content"])] == ["Add another", "Close"]
    assert values(shown(await inbound.sends(top, "Close"))) == FILLED
    inbound.desk.replies["risk.add"] = (i.OpenForm(RISK),)
    risk = shown(await inbound.sends(top, "Add another"))
    assert values(shown(await inbound.sends(risk, "Close"))) == FILLED


async def test_a_button_that_does_nothing_leaves_the_form(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    assert values(shown(await inbound.sends(dialog, "Add a risk", FILLED))) == FILLED


async def test_closing_everything_from_the_top(inbound: Bench) -> None:
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["risk.add"] = (i.OpenForm(RISK),)
    top = shown(await inbound.sends(dialog, "Add a risk", FILLED))
    inbound.desk.replies["submit"] = (i.CloseForm(all=True),)
    assert await inbound.sends(top, "Save", {"in:t:title": "x"}) is None


async def test_the_chat_in_which_an_extension_was_used_is_not_taken_for_ours(inbound: Bench) -> None:
    """It may be a chat with somebody else, which Teams calls personal too."""
    inbound.teams.met(inbound.ana)
    ours = inbound.teams.book.find(inbound.ana.aad)
    foreign = {"conversation": {"id": "19:a_b@unq.gbl.spaces", "conversationType": "personal", "tenantId": TENANT}}
    inbound.desk.replies["report.open"] = (i.OpenForm(FORM),)
    answer = await inbound.invokes("composeExtension/fetchTask", {"commandId": "report"}, **foreign)
    inbound.desk.replies["submit"] = (i.CloseForm(all=True), *say("One."), *say("Two."))
    data = press(shown(answer)["card"]["content"], "Send report", FILLED)
    await inbound.invokes("composeExtension/submitAction", {"commandId": "report", "data": data}, **foreign)
    await inbound.adapter.settled()
    assert inbound.teams.book.find(inbound.ana.aad) == ours
    assert [posted.summary for posted in inbound.ana.messages()] == ["Two."]


# ---------------------------------------------------------------- what the cross does not lose

LIVE = i.Form("risk", "A risk", (i.TextField("title", "Title", max_length=5, live=True),), submit="Keep", close="Back")


@pytest.mark.parametrize(("typed", "reply"), [("Supplier", ()), ("Late", (i.FieldErrors({"title": "Longer."}),))])
async def test_a_sending_that_is_refused_is_kept_as_a_draft(inbound: Bench, typed: str, reply: i.Reply) -> None:
    """The window says that it keeps what it held at the last button, and its cross tells nobody anything."""
    dialog = await inbound.opens(FORM)
    inbound.desk.replies["risk.add"] = (i.OpenForm(LIVE),)
    top = shown(await inbound.sends(dialog, "Add a risk", FILLED))
    begun = i.Form("report", "ATLAS, week 48", (*FORM.items, m.Note((m.Plain("Begun."),))), submit="Send report")
    kept = []

    def keep(what: i.Submission) -> i.Reply:
        kept.append(what.values)
        return (i.UpdateForm(begun, parent=True),)

    inbound.desk.replies |= {"submit": reply, "typing": keep}
    again = shown(await inbound.sends(top, "Keep", {"in:t:title": typed}))
    assert values(again) == {"in:t:title": typed}
    assert kept == [{"title": typed}]
    inbound.desk.replies["typing"] = ()
    assert "Begun." in seen(shown(await inbound.sends(again, "Back"))["card"]["content"])
