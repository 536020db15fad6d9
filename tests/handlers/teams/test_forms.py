"""Any form becomes a dialog that Teams takes, and comes back as it went out."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handlers.teams.forms import FormTooLarge, Recipient, draw_form, message_form, seal_beneath
from handlers.teams.inputs import input_id, most
from handlers.teams.limits import ACTIVITY_UTF16_BYTES
from handlers.teams.render.look import utf16_bytes
from handlers.teams.state import Unreadable
from handlers.teams.submissions import Sent, read
from handlers.text import clean, size
from reporting import interactions as i
from reporting import messages as m
from reporting.model import Identity
from tests.handlers.slack.strategies import forms, texts
from tests.handlers.teams.kit import (
    ACCOUNTS,
    ANA,
    KEY,
    WORDS,
    Json,
    buttons,
    elements,
    faults,
    inputs,
    press,
    same,
    seen,
    untouched,
)

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), phases=PHASES)
TO_ANA = Recipient(ANA, KEY, ACCOUNTS, WORDS)
BEN = ACCOUNTS[2].id
YES, NO = i.Option("y", "Yes"), i.Option("n", "No, *not*")


def drawn(form: i.Form, **more: Any) -> Json:
    content: Json = json.loads(json.dumps(draw_form(form, TO_ANA, "once-1", **more)["card"]["content"]))
    return content


def sent(card: Json, title: str = "Send", typed: dict[str, str] | None = None) -> Sent:
    return read(press(card, title, typed), ANA, KEY, WORDS)


def fields_of(form: i.Form) -> list[i.Field]:
    fields = [item for item in form.items if not isinstance(item, m.Block)]
    return [f for f in fields if not isinstance(f, i.ChoiceField | i.ChecksField) or f.options]


def sending(card: Json) -> str | None:
    """The title of the sending button."""
    return next((b["title"] for b in card.get("actions", ()) if b["data"]["rollcall"]["kind"] == "send"), None)


@slow
@given(forms())
def test_any_form_is_taken_and_comes_back_as_it_went_out(form: i.Form) -> None:
    value = draw_form(form, TO_ANA, "once-1")
    card = json.loads(json.dumps(value["card"]["content"]))
    assert faults(card) == []
    # Only what somebody typed may be longer than a message.
    texts_only = not any(isinstance(item, m.Block) for item in form.items)
    assert utf16_bytes(value) <= ACTIVITY_UTF16_BYTES or texts_only or "More than fits here" in str(card)
    assert 1 <= len(value["title"]) <= 60
    names = inputs(card)
    assert all(name.startswith("in:") for name in names)
    assert not any(name.startswith("in:") for button in buttons(card) for name in button["data"])
    title = sending(card)
    assert (title is None) == (not fields_of(form) and not form.submit.strip() and not has_fields(form))
    if title is None:
        return
    (data,) = [b["data"] | untouched(card) for b in card["actions"] if b["data"]["rollcall"]["kind"] == "send"]
    back = read(data, ANA, KEY, WORDS)
    assert back.submission.form_id == form.id
    assert json.dumps(back.submission.context) == json.dumps(form.context)
    assert back.submission.interaction == "once-1"
    assert back.submission.values == {f.id: expected(f) for f in fields_of(form)}
    again = draw_form(back.form, TO_ANA, "once-2", typed=back.submission.values)["card"]["content"]
    assert untouched_fields(again) == untouched_fields(card)


def has_fields(form: i.Form) -> bool:
    return any(not isinstance(item, m.Block) for item in form.items)


def untouched_fields(card: Json) -> dict[str, str]:
    return {name: value for name, value in untouched(card).items() if name != "in:state"}


def expected(field: i.Field) -> i.Value:
    """The same as what Slack brings back."""
    match field:
        case i.TextField():
            return clean(field.value) or None
        case i.ChoiceField():
            return field.value if field.value in {o.value for o in field.options} else None
        case i.ChecksField():
            return tuple(o.value for o in field.options if o.value in field.value)
        case i.NumberField():
            usable = {"1", "-3", "100"} | ({"12.5"} if field.decimal else set())
            return field.value if field.value in usable else None
        case i.DateField():
            return "2026-11-27" if field.value == "2026-11-27" else None
        case i.PersonField():
            account = ACCOUNTS.get(field.value or 0)
            return i.UserRef(Identity("teams", "tenant-1", account.id)) if account and account.id else None


EVERY = i.Form("f", "T", (
    i.TextField("text", "Text"), i.ChoiceField("pick", "Pick", (YES, NO), style="radio"),
    i.ChecksField("ticks", "Ticks", (i.Option("a,b", "A"), i.Option("", "B"), i.Option("c", "C"))),
    i.NumberField("number", "Number"), i.DateField("day", "Day"), i.PersonField("who", "Who"),
), submit="Send", context={"p": 7})  # fmt: skip
ANSWERS = {"in:t:text": " as typed ", "in:c:pick": "1", "in:m:ticks": "0,1", "in:n:number": "42",
           "in:d:day": "2026-11-27", "in:p:who": BEN}  # fmt: skip


def test_what_is_typed_comes_back_by_field() -> None:
    back = sent(drawn(EVERY), typed=ANSWERS)
    assert back.submission.values == {
        "text": " as typed ", "pick": "n", "ticks": ("a,b", ""), "number": "42", "day": "2026-11-27",
        "who": i.UserRef(Identity("teams", "tenant-1", BEN)),
    }  # fmt: skip
    assert back.submission.context == {"p": 7}
    assert (back.kind, back.complaints) == ("send", {})


def test_untouched_inputs_are_missing_and_give_nones() -> None:
    back = sent(drawn(EVERY))
    assert back.submission.values == {"text": None, "pick": None, "ticks": (), "number": None, "day": None, "who": None}
    assert back.complaints == {
        "text": "Please fill this in.", "pick": "Please choose one.", "number": "Please fill this in.",
        "day": "Please fill this in.", "who": "Please choose one.",
    }  # fmt: skip


@pytest.mark.parametrize(("field", "typed", "complaint"), [
    (i.TextField("x", "X", max_length=3), "four", "4 characters; at most 3 fit. Please shorten it."),
    (i.NumberField("x", "X"), "1.5", "A whole number, or clear it."),
    (i.NumberField("x", "X", decimal=True), "1e5", "A number, or clear it."),
    (i.NumberField("x", "X", minimum="0", maximum="100"), "-1", "At least 0."),
    (i.NumberField("x", "X", minimum="0", maximum="100"), "101", "At most 100."),
    (i.DateField("x", "X"), "27/11/2026", "A date such as 2026-11-27, or clear it."),
])  # fmt: skip
def test_what_a_client_should_not_have_sent_is_complained_of_and_kept(
    field: i.Field, typed: str, complaint: str
) -> None:
    form = i.Form("f", "T", (field,), submit="Send")
    back = sent(drawn(form), typed={input_id(field): typed})
    assert back.complaints == {"x": complaint}
    again = drawn(back.form, typed=back.submission.values, errors=back.complaints)
    assert same(typed) in seen(again) + json.dumps(again)
    assert sent(drawn(form)).complaints == {"x": "Please fill this in."}


def test_what_was_longer_before_may_stay_as_long() -> None:
    form = i.Form("f", "T", (i.TextField("x", "X", "long text", max_length=3),), submit="Send")
    assert sent(drawn(form)).complaints == {}


def test_a_refused_form_says_why_on_top_and_at_the_field_and_keeps_everything_typed() -> None:
    back = sent(drawn(EVERY), typed=ANSWERS)
    card = drawn(back.form, typed=back.submission.values, errors={"day": "A date after today.", "gone": "Closed."})
    assert faults(card) == []
    top = card["body"][0]
    assert top["style"] == "attention"
    assert same("Not sent yet. Everything you typed is below.Day: A date after today.Closed.") == seen(top)
    at = [one.get("id") for one in card["body"]].index("in:d:day")
    assert seen(card["body"][at + 1]) == same("A date after today.")
    assert untouched_fields(card) == ANSWERS
    assert sent(card).submission.values == back.submission.values


@slow
@given(texts, st.sampled_from(["rollcall", "action", "dialog_id", "msteams", "state", "in:state", "kind"]))
def test_no_field_can_stand_over_what_the_button_carries(text: str, name: str) -> None:
    form = i.Form("f", "T", (i.TextField(name, "X", optional=True), i.DateField("action", "Y", optional=True)))
    back = sent(drawn(form), typed={f"in:t:{name}": text, "in:d:action": "2026-11-27"})
    assert back.submission.values == {name: clean(text) or None, "action": "2026-11-27"} or name == "action"
    assert back.form.id == "f"


# ---------------------------------------------------------------- the form that travels


@pytest.mark.parametrize("change", [
    lambda data: {**data, "rollcall": {**data["rollcall"], "state": "AAAA" + data["rollcall"]["state"][4:]}},
    lambda data: {**data, "rollcall": {**data["rollcall"], "state": "not base64 ✓"}},
    lambda data: {**data, "rollcall": {**data["rollcall"], "kind": "other"}},
    lambda data: {**data, "rollcall": {"kind": "send", "state": 5}},
    lambda data: {"in:t:text": "x"},
    lambda data: "text",
    lambda data: None,
])  # fmt: skip
def test_a_form_that_was_changed_on_the_way_is_not_read(change: Any) -> None:
    data = press(drawn(EVERY), "Send")
    with pytest.raises(Unreadable):
        read(change(data), ANA, KEY, WORDS)


def test_a_form_of_somebody_else_or_another_installation_is_not_read() -> None:
    data = press(drawn(EVERY), "Send")
    for who, key in ((Identity("teams", "tenant-1", BEN), KEY), (ANA, b"other" * 8)):
        with pytest.raises(Unreadable):
            read(data, who, key, WORDS)


def test_odd_kinds_of_values_are_no_fault() -> None:
    data = press(drawn(EVERY), "Send") | {"in:t:text": ["x"], "in:n:number": 3, "in:c:pick": "77", "in:m:ticks": True}
    values = read(data, ANA, KEY, WORDS).submission.values
    assert values["text"] is None
    assert values["number"] == "3"
    assert (values["pick"], values["ticks"]) == (None, ())


def test_a_button_inside_a_form_brings_what_was_typed() -> None:
    row = m.Row((m.Plain("R1"),), m.Menu("risk.choose", "Keep", (i.Option("keep:1", "Keep"), i.Option("c:1", "Close"))))
    form = i.Form("report", "T", (i.TextField("x", "X"), row), submit="Send", context={"p": 1})
    back = sent(drawn(form), "Close", {"in:t:x": "typed"})
    assert back.kind == "press"
    assert back.click is not None
    assert (back.click.action, back.click.value, back.click.place) == ("risk.choose", "c:1", "form")
    assert back.click.form == back.submission
    assert back.submission.values == {"x": "typed"}
    assert back.complaints == {}


def test_a_form_on_top_brings_the_one_beneath_with_what_was_typed() -> None:
    below = sent(drawn(EVERY), typed=ANSWERS)
    sealed = seal_beneath(below.form, TO_ANA, "below", below.submission.values)
    top = i.Form("risk", "Risk", (i.TextField("title", "Title"),), submit="Keep risk", close="Back")
    back = sent(drawn(top, beneath=sealed), "Back")
    assert back.kind == "back"
    assert back.beneath is not None
    assert back.beneath.form == below.form
    assert back.beneath.typed == below.submission.values


# ---------------------------------------------------------------- how it looks


def test_a_choice_that_may_ask_for_more_has_a_button_that_shows_it() -> None:
    rag = i.ChoiceField("rag", "Overall", (YES, NO), live=True, style="radio")
    form = i.Form("report", "T", (rag, i.TextField("x", "X")), submit="Send", close="Keep draft", tell_close=True)
    card = drawn(form)
    assert [b["title"] for b in buttons(card)] == ["Show what else is asked", "Send", "Keep draft"]
    assert same("Some answers ask for more. This button shows it now") in seen(card)
    exact = replace(rag, further="Red asks for a reason.")
    told = seen(drawn(replace(form, items=(exact, *form.items[1:]))))
    assert same("Red asks for a reason. This button shows it now; sending shows it too. What you typed stays.") in told
    assert "Someanswers" not in told
    # A required input that is still empty must not hold these buttons back.
    assert not any(one.get("isRequired") for one in inputs(card).values())
    look = sent(card, "Show what else is asked", {"in:c:rag": "1"})
    assert (look.kind, look.submission.values, look.complaints) == ("look", {"rag": "n", "x": None}, {})
    assert sent(card, "Keep draft").kind == "keep"


def test_a_plain_form_lets_the_client_say_what_is_missing() -> None:
    form = i.Form("f", "T", (i.TextField("x", "X"), i.TextField("y", "Y", optional=True)), submit="Send")
    card = drawn(form)
    first, second = (one for name, one in inputs(card).items() if name != "in:state")
    assert (first["isRequired"], first["errorMessage"], first["label"]) == (True, "Please fill this in.", "X")
    assert ("isRequired" in second, second["label"]) == (False, "Y (optional)")


def test_options_that_could_be_read_as_markdown_stand_beside_their_numbers() -> None:
    radio = i.ChoiceField("a", "A", (YES, NO), style="radio")
    closed = i.ChoiceField("b", "B", (YES, NO))
    card = drawn(i.Form("f", "T", (radio, closed)))
    assert [c["title"] for c in inputs(card)["in:c:a"]["choices"]] == ["1", "2"]
    assert [c["title"] for c in inputs(card)["in:c:b"]["choices"]] == ["Yes", "No, *not*"]
    assert same("2: No, *not*") in seen(card)


def test_a_person_is_picked_from_the_directory() -> None:
    card = drawn(i.Form("f", "T", (i.PersonField("who", "Who", 2),)))
    picker = inputs(card)["in:p:who"]
    assert picker["choices.data"] == {"type": "Data.Query", "dataset": "graph.microsoft.com/users"}
    assert (picker["value"], picker["choices"]) == (BEN, [{"title": "Ben Example", "value": BEN}])


def test_a_long_text_has_the_room_at_once() -> None:
    field = i.TextField("x", "X", multiline=True, max_length=3000)
    assert most(field) == inputs(drawn(i.Form("f", "T", (field,))))["in:t:x"]["maxLength"] == 12_000
    assert most(i.TextField("x", "X", max_length=140)) == 140


def test_texts_give_way_before_fields_and_too_many_fields_are_refused() -> None:
    long = "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(9_000))
    fields = tuple(i.TextField(f"x{n}", "X", long[:2500], max_length=3000) for n in range(8))
    form = i.Form("f", "T", (m.Paragraph((m.Plain(long),)), *fields, m.Paragraph((m.Plain(long),))))
    card = drawn(form)
    assert seen(card).endswith("SendMorethanfitshere") or "Morethanfitshere" in seen(card)
    assert len(inputs(card)) == 9
    assert size(json.dumps(card, ensure_ascii=False)) * 2 <= ACTIVITY_UTF16_BYTES
    with pytest.raises(FormTooLarge):
        drawn(i.Form("f", "T", tuple(i.TextField(f"x{n}", "X", long) for n in range(15))))
    typed = {f"x{n}": long for n in range(8)}
    again = drawn(i.Form("f", "T", tuple(i.TextField(f"x{n}", "X") for n in range(8))), typed=typed)
    assert [inputs(again)[f"in:t:x{n}"]["value"] for n in range(8)] == [long] * 8


def test_an_answer_can_stand_in_a_dialog() -> None:
    card = drawn(message_form(m.Message("Nothing is owed.", ()), WORDS))
    assert seen(card) == "Nothingisowed."
    assert "actions" not in card
    assert [e["type"] for e in elements(card)] == ["AdaptiveCard", "RichTextBlock"]


@pytest.mark.parametrize(("more", "beneath", "button"), [
    ({"close": "Keep draft", "tell_close": True}, "", "Keep draft"), ({"close": "Back"}, "beneath", "Back"),
    ({}, "beneath", "Close"),
])  # fmt: skip
def test_a_form_that_keeps_drafts_says_by_which_button(more: Json, beneath: str, button: str) -> None:
    form = i.Form("report", "T", (i.TextField("x", "X", live=True),), submit="Send", **more)
    card = drawn(form, beneath=beneath)
    assert faults(card) == []
    assert same(f"To go on later, press “{button}”. Closed by its cross, this window keeps only what it held") in seen(
        card
    )


@pytest.mark.parametrize(("live", "beneath"), [(True, ""), (False, "beneath")])
def test_a_form_that_keeps_nothing_promises_nothing(live: bool, beneath: str) -> None:
    form = i.Form("report", "T", (i.TextField("x", "X", live=live),), submit="Send")
    assert "cross" not in seen(drawn(form, beneath=beneath))
