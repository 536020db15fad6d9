"""Open forms: what is typed is kept, what is sent is committed before it is acknowledged, and nothing is lost."""

import asyncio
import threading
from typing import Any

import pytest

from reporting import interactions as i
from reporting import messages as m
from reporting.ports import StoreBusy
from tests.handlers.slack.conftest import Bench, bench
from tests.handlers.slack.test_app import FORM, say, shown, view_text


async def opened(running: Bench, form: i.Form = FORM) -> str:
    """The form open at Ana's, through the shortcut; returns the view's id."""
    running.desk.replies["report.open"] = (i.OpenForm(form),)
    await running.pg.person("U1").shortcut("report")
    await running.settled()
    running.desk.heard.clear()
    return str(running.pg.person("U1").modal()["id"])


FILLED = {"rag": "g", "Headline": "All <!channel> fine"}


async def test_a_submission_arrives_whole_and_closes_the_form(both: Bench) -> None:
    both.desk.replies["submit"] = (i.CloseForm(), *say("Thank you."))
    view = await opened(both)
    ana = both.pg.person("U1")
    outcome = await ana.submit(view, FILLED)
    assert outcome.ok
    assert ana.modals() == []
    await both.settled()
    (sent,) = both.desk.heard
    assert sent.values == {
        "rag": "g", "summary": "All <!channel> fine",
        "of": i.UserRef(sent.actor.__class__("slack", "T0PLAY", "U2")),
    }  # fmt: skip
    assert (sent.form_id, sent.context, sent.view) == ("report", {"p": 7}, view)
    assert sent.interaction.startswith(f"{view}:")
    assert "Thank you." in shown(ana.messages()[-1])


async def test_errors_stand_at_their_fields_and_the_form_stays(both: Bench) -> None:
    both.desk.replies["submit"] = (i.FieldErrors({"summary": "One sentence, please.", "unknown": "Also this."}),)
    view = await opened(both)
    outcome = await both.pg.person("U1").submit(view, FILLED)
    assert outcome.ack == {
        "response_action": "errors", "errors": {"summary": "One sentence, please.", "rag": "Also this."}
    }  # fmt: skip
    assert both.pg.person("U1").modal()["id"] == view


async def test_a_form_can_be_replaced_pushed_and_cleared(wired: Bench) -> None:
    view = await opened(wired)
    ana = wired.pg.person("U1")
    other = i.Form("risk", "Add a risk", (i.TextField("title", "Title"),), submit="Save")
    wired.desk.replies["submit"] = (i.OpenForm(other),)
    await ana.submit(view, FILLED)
    assert [v["callback_id"] for v in ana.modals()] == ["report", "risk"]
    wired.desk.replies["submit"] = (i.UpdateForm(FORM, parent=True), i.CloseForm())
    await ana.submit(None, {"Title": "Supplier late"})
    await wired.settled()
    assert [v["callback_id"] for v in ana.modals()] == ["report"]
    assert wired.pg.log.calls("views.update")[-1].args["view_id"] == view
    wired.desk.replies["submit"] = (i.UpdateForm(other),)
    await ana.submit(view, FILLED)
    assert [v["callback_id"] for v in ana.modals()] == ["risk"]
    wired.desk.replies["submit"] = (i.CloseForm(all=True),)
    assert (await ana.submit(None, {"Title": "x"})).ack == {"response_action": "clear"}


@pytest.mark.parametrize(
    ("failure", "words"), [(StoreBusy(), "did not answer in time"), (RuntimeError("x"), "operator")]
)
async def test_a_failure_keeps_the_form_open_with_the_text(both: Bench, failure: Exception, words: str) -> None:
    both.desk.replies["submit"] = failure
    view = await opened(both)
    outcome = await both.pg.person("U1").submit(view, FILLED)
    assert set(outcome.ack["errors"]) == {"rag"}
    assert words in outcome.ack["errors"]["rag"]
    assert "What you typed is still here" in outcome.ack["errors"]["rag"]
    assert both.pg.person("U1").modal()["id"] == view


async def test_a_failure_of_a_form_without_inputs_is_shown_on_top(wired: Bench) -> None:
    view = await opened(wired, i.Form("confirm", "Sure", (m.Note((m.Plain("Nothing changed?"),)),), submit="Yes"))
    wired.desk.replies["submit"] = StoreBusy()
    await wired.pg.person("U1").submit(view)
    assert "did not answer in time" in view_text(wired.pg.person("U1").modal())


async def test_a_slow_store_is_acknowledged_within_the_budget_and_told_when_it_is_done_after_all() -> None:
    async with bench("socket", adapter={"submit_budget": 0.2}) as running:
        view = await opened(running)
        gate = threading.Event()

        def slow(_: i.Submission) -> i.Reply:
            gate.wait(5)
            return (i.CloseForm(), *say("Thank you."))

        running.desk.replies["submit"] = slow
        ana = running.pg.person("U1")
        outcome = await ana.submit(view, FILLED)
        assert "did not answer in time" in outcome.ack["errors"]["rag"]
        assert outcome.took_ms < 1_500
        gate.set()
        await running.settled()
        assert "sent after all" in view_text(ana.modal())
        assert "Thank you." in shown(ana.messages()[-1])


async def test_the_same_sending_twice_has_the_same_interaction(wired: Bench) -> None:
    view = await opened(wired)
    wired.desk.replies["submit"] = StoreBusy()
    for _ in range(2):
        await wired.pg.person("U1").submit(view, FILLED)
    first, second = wired.desk.heard
    assert first.interaction == second.interaction


async def test_closing_asks_nobody_since_the_draft_is_kept(both: Bench) -> None:
    view = await opened(both)
    both.desk.heard.clear()
    assert (await both.pg.person("U1").close(view)).ok
    await both.settled()
    assert both.desk.heard == []


# ---------------------------------------------------------------- typing and buttons inside


async def test_typing_is_heard_and_the_form_redrawn_around_it(both: Bench) -> None:
    view = await opened(both)
    more = i.Form("report", "ATLAS", (*FORM.items, i.TextField("reason", "Why")), submit="Send", context={"p": 7})
    both.desk.replies["typing"] = (i.UpdateForm(more),)
    ana = both.pg.person("U1")
    await ana.type(view, "Headline", "half a sen")
    await both.settled()
    await ana.type(view, "rag", "r")
    await both.settled()
    assert [s.values["summary"] for s in both.desk.heard] == ["half a sen"] * 2
    assert both.desk.heard[1].values["rag"] == "r"
    assert "Why" in view_text(ana.modal())
    assert ana.values(view)["summary"]["summary"]["value"] == "half a sen"


async def test_typing_in_a_form_on_top_can_redraw_the_one_beneath(both: Bench) -> None:
    view = await opened(both)
    risk = i.Form("risk", "Risk", (i.TextField("title", "Title", live=True),), submit="Keep risk")
    both.desk.replies["risk.add"] = (i.OpenForm(risk),)
    ana = both.pg.person("U1")
    await ana.click_in(view, "Add a risk")
    await both.settled()
    begun = (*FORM.items, m.Note((m.Plain("A risk is begun."),)))
    both.desk.replies["typing"] = (i.UpdateForm(i.Form("report", "ATLAS", begun, submit="Send"), parent=True),)
    await ana.type(str(ana.modal()["id"]), "Title", "Supplier sl")
    await both.settled()
    assert both.desk.heard[-1].values == {"title": "Supplier sl"}
    beneath, top = ana.modals()
    assert (beneath["id"], top["callback_id"]) == (view, "risk")
    assert "A risk is begun." in view_text(beneath)


async def test_a_redraw_that_comes_too_late_is_dropped(wired: Bench) -> None:
    view = await opened(wired)
    wired.pg.faults.add("views.update", "error", code="hash_conflict")
    wired.desk.replies["typing"] = (i.UpdateForm(FORM),)
    await wired.pg.person("U1").type(view, "Headline", "x")
    await wired.settled()
    assert wired.pg.person("U1").messages() == []
    assert wired.pg.log.calls("views.update")[-1].args["hash"]


async def test_of_many_keys_only_the_newest_waits(wired: Bench) -> None:
    view = await opened(wired)
    gate = threading.Event()

    def slow(_: i.Submission) -> i.Reply:
        gate.wait(5)
        return ()

    wired.desk.replies["typing"] = slow
    ana = wired.pg.person("U1")
    for length in range(1, 21):
        await ana.type(view, "Headline", "x" * length)
    gate.set()
    await wired.settled()
    typed = [s.values["summary"] for s in wired.desk.heard]
    assert len(typed) <= 3
    assert typed[-1] == "x" * 20


async def test_a_key_that_waits_is_not_saved_after_the_form_was_sent(wired: Bench) -> None:
    view = await opened(wired)
    gate = threading.Event()
    order: list[str] = []

    def slow(_: i.Submission) -> i.Reply:
        gate.wait(5)
        order.append("typing")
        return ()

    def sent(_: i.Submission) -> i.Reply:
        order.append("submit")
        return (i.CloseForm(),)

    wired.desk.replies |= {"typing": slow, "submit": sent}
    ana = wired.pg.person("U1")
    await ana.type(view, "Headline", "a")
    await ana.type(view, "Headline", "ab")
    asyncio.get_running_loop().call_later(0.05, gate.set)
    await ana.submit(view, FILLED)
    await wired.settled()
    assert order == ["typing", "submit"]


class Tape:
    """Stands before the courier and keeps what it carried, to bring it once more."""

    def __init__(self, running: Bench) -> None:
        self._courier = running.pg.world.courier
        self._carried: list[tuple[Any, ...]] = []
        running.pg.world.courier = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._courier, name)

    async def deliver(self, *what: Any) -> Any:
        self._carried.append(what)
        return await self._courier.deliver(*what)

    async def last_key_again(self) -> None:
        """The last key pressed arrives, with a later stamp than all before."""
        *how, body = next(what for what in reversed(self._carried) if what[1] == "block_actions")
        later = [action | {"action_ts": str(float(action["action_ts"]) + 1)} for action in body["actions"]]
        await self._courier.deliver(*how, body | {"actions": later})


async def test_a_key_that_arrives_after_its_form_was_sent_is_dropped(both: Bench) -> None:
    view = await opened(both)
    both.desk.replies["submit"] = (i.CloseForm(),)
    tape, ana = Tape(both), both.pg.person("U1")
    await ana.type(view, "Headline", "All fin")
    await both.settled()
    await ana.submit(view, FILLED)
    heard = len(both.desk.heard)
    await tape.last_key_again()
    await both.settled()
    assert len(both.desk.heard) == heard


async def test_a_key_after_a_form_was_refused_is_kept(wired: Bench) -> None:
    view = await opened(wired)
    wired.desk.replies["submit"] = (i.FieldErrors({"summary": "One sentence, please."}),)
    tape, ana = Tape(wired), wired.pg.person("U1")
    await ana.type(view, "Headline", "All fin")
    await wired.settled()
    await ana.submit(view, FILLED)
    heard = len(wired.desk.heard)
    await tape.last_key_again()
    await wired.settled()
    assert len(wired.desk.heard) == heard + 1


async def test_a_key_that_waits_is_not_saved_after_a_click_in_the_form(wired: Bench) -> None:
    view = await opened(wired)
    gate = threading.Event()
    order: list[str] = []

    def slow(typed: i.Submission) -> i.Reply:
        gate.wait(5)
        order.append(str(typed.values["summary"]))
        return ()

    def clicked(click: i.Click) -> i.Reply:
        order.append(f"click {click.form.values['summary']}" if click.form else "")
        return ()

    wired.desk.replies |= {"typing": slow, "risk.show": clicked}
    ana = wired.pg.person("U1")
    for text in ("a", "ab", "abc"):
        await ana.type(view, "Headline", text)
    asyncio.get_running_loop().call_later(0.05, gate.set)
    await ana.click_in(view, "Show risks")
    await wired.settled()
    assert order == ["a", "click abc"]


async def test_a_busy_store_while_typing_disturbs_nobody(wired: Bench) -> None:
    view = await opened(wired)
    wired.desk.replies["typing"] = StoreBusy()
    await wired.pg.person("U1").type(view, "Headline", "x")
    await wired.settled()
    assert wired.pg.person("U1").messages() == []


async def test_a_button_inside_a_form_brings_its_state_and_stacks_a_form(both: Bench) -> None:
    view = await opened(both)
    risk = i.Form("risk", "Add a risk", (i.TextField("title", "Title"),), submit="Save")
    both.desk.replies["risk.add"] = (i.OpenForm(risk),)
    ana = both.pg.person("U1")
    both.desk.replies["typing"] = ()
    await ana.type(view, "Headline", "so far")
    await ana.click_in(view, "Add a risk")
    await both.settled()
    click = both.desk.heard[-1]
    assert (click.action, click.value, click.place) == ("risk.add", "7", "form")
    assert click.form.values["summary"] == "so far"
    assert [v["callback_id"] for v in ana.modals()] == ["report", "risk"]
    assert ana.modal()["previous_view_id"] == view


async def test_a_button_inside_a_form_redraws_it_or_answers_on_top(wired: Bench) -> None:
    view = await opened(wired)
    ana = wired.pg.person("U1")
    wired.desk.replies["risk.show"] = (i.UpdateForm(i.Form("report", "Redrawn", FORM.items, submit="Send")),)
    await ana.click_in(view, "Show risks")
    await wired.settled()
    assert ana.modal()["title"]["text"] == "Redrawn"
    wired.desk.replies["risk.show"] = say("Not allowed.")
    await ana.click_in(view, "Show risks")
    await wired.settled()
    assert [v["callback_id"] for v in ana.modals()] == ["report", "message"]


async def test_a_form_on_top_of_three_is_said_in_the_direct_conversation(wired: Bench) -> None:
    view = await opened(wired)
    ana = wired.pg.person("U1")
    for _ in range(2):
        wired.desk.replies["risk.add"] = (i.OpenForm(FORM),)
        await ana.click_in(str(ana.modal()["id"]), "Add a risk")
        await wired.settled()
    assert len(ana.modals()) == 3
    wired.desk.replies["risk.show"] = say("Too deep.")
    await ana.click_in(str(ana.modal()["id"]), "Show risks")
    await wired.settled()
    assert view == ana.modals()[0]["id"]
    assert "Too deep." in shown(ana.messages()[-1])


async def test_a_form_that_is_too_large_says_so(wired: Bench) -> None:
    huge = i.Form("f", "T", tuple(i.DateField(f"d{n}", "D") for n in range(120)))
    await opened(wired, huge)
    assert "too large" in view_text(wired.pg.person("U1").modal())


async def test_work_under_way_is_finished_when_the_adapter_closes() -> None:
    async with bench("socket") as running:
        gate = threading.Event()

        def slow(_: Any) -> i.Reply:
            gate.wait(5)
            return say("Late but there")

        running.desk.replies["command"] = slow
        ana = running.pg.person("U1")
        await ana.command("/rag", "C1")
        assert running.link is not None
        await running.link.close()
        asyncio.get_running_loop().call_later(0.05, gate.set)
        await running.adapter.close()
        assert "Late but there" in shown(ana.ephemerals("C1")[0])
