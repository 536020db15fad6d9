"""Any form becomes a modal that Slack takes, and comes back as it went out."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handlers.slack.forms import FormTooLarge, draw_form, first_input, parse
from handlers.slack.forms.context import Carried, dump, load
from handlers.slack.words import Words
from handlers.text import clean
from playground.blocks import Context, check_view, view_bytes
from playground.people.state import complaints, initial, stateful
from reporting import interactions as i
from reporting import messages as m
from reporting.model import Identity
from tests.handlers.slack.strategies import PEOPLE, forms, long_texts, texts

WORDS = Words()
ANA = Identity("slack", "T1", "U111")
# Shrinking a thousand rows would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck), phases=PHASES)


def wire(view: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it back when nobody touched anything."""
    view = json.loads(json.dumps(view))
    for at, block in enumerate(view["blocks"]):
        block.setdefault("block_id", f"random{at}")
    values: dict[str, Any] = {}
    for block, element in stateful(view["blocks"]):
        values.setdefault(block["block_id"], {})[element["action_id"]] = initial(element)
    return {**view, "id": "V1", "hash": "h1", "state": {"values": values}}


@slow
@given(forms(), st.booleans())
def test_any_form_is_taken_and_comes_back_as_it_went_out(form: i.Form, new: bool) -> None:
    view = draw_form(form, {1: "U111"}, WORDS, new)
    assert check_view(Context("modal", new_blocks=new), json.loads(json.dumps(view))) == []
    assert view_bytes(view) <= 250 * 1024
    back = parse(wire(view), ANA)
    assert back.form_id == form.id
    assert back.context == form.context
    assert (back.interaction, back.view) == ("V1:h1", "V1")
    fields = [item for item in form.items if not isinstance(item, m.Block)]
    assert back.values == {f.id: expected(f) for f in fields if drawn(f)}


def drawn(field: i.Field) -> bool:
    return bool(field.options) if isinstance(field, i.ChoiceField | i.ChecksField) else True


def expected(field: i.Field) -> i.Value:
    match field:
        case i.TextField():
            return clean(field.value) or None
        case i.ChoiceField():
            return field.value if field.value in {o.value for o in field.options} else None
        case i.ChecksField():
            # Two options of the same value are both ticked when one is.
            return tuple(o.value for o in field.options if o.value in field.value)
        case i.NumberField():
            return field.value if allowed(field) else None
        case i.DateField():
            return "2026-11-27" if field.value == "2026-11-27" else None
        case i.PersonField():
            return i.UserRef(Identity("slack", "T1", "U111")) if field.value == 1 else None


def allowed(field: i.NumberField) -> bool:
    numeric = {"1": 1.0, "-3": -3.0, "100": 100.0} | ({"12.5": 12.5} if field.decimal else {})
    if field.value not in numeric:
        return False
    low, high = numeric.get(field.minimum, -9e9), numeric.get(field.maximum, 9e9)
    # Limits that contradict each other are no limits.
    return low > high or low <= numeric[field.value] <= high


@slow
@given(long_texts, st.integers(1, 12_000))
def test_a_long_text_is_several_inputs_and_one_value(text: str, most: int) -> None:
    form = i.Form("f", "Title", (i.TextField("body", "Text", text, max_length=most),))
    view = wire(draw_form(form, {}, WORDS, True))
    inputs = [b for b in view["blocks"] if b["type"] == "input"]
    assert [b["block_id"] for b in inputs] == ["body", *(f"body~{n}" for n in range(2, len(inputs) + 1))]
    assert len(inputs) >= -(-most // 3000)
    if len(inputs) > 1:
        assert inputs[1]["label"]["text"] == f"Text (2 of {len(inputs)})"
        assert inputs[1]["optional"]
    assert parse(view, ANA).values == {"body": clean(text) or None}


def typed(form: i.Form, entered: dict[str, Any]) -> i.Submission:
    view = wire(draw_form(form, PEOPLE, WORDS, True))
    for block_id, entry in entered.items():
        (action_id,) = view["state"]["values"][block_id]
        view["state"]["values"][block_id][action_id] |= entry
    return parse(view, ANA)


def test_separate_thoughts_in_two_inputs_are_two_lines() -> None:
    form = i.Form("f", "T", (i.TextField("body", "Text", max_length=6000),))
    back = typed(form, {"body": {"value": "first"}, "body~2": {"value": "second"}})
    assert back.values == {"body": "first\nsecond"}


def test_what_is_typed_comes_back_by_field() -> None:
    yes, no = i.Option("y", "Yes"), i.Option("n", "No")
    form = i.Form("f", "T", (
        i.TextField("text", "Text"), i.ChoiceField("pick", "Pick", (yes, no), style="radio"),
        i.ChecksField("ticks", "Ticks", (yes, no)), i.NumberField("number", "Number"), i.DateField("day", "Day"),
        i.PersonField("who", "Who"), m.Row((m.Plain("R1"),), m.Menu("risk.choose", "Keep", (yes, no))),
    ), context={"p": 7})  # fmt: skip
    back = typed(form, {
        "text": {"value": " as typed "}, "pick": {"selected_option": {"value": "n"}},
        "ticks": {"selected_options": [{"value": "y"}, {"value": "n"}]}, "number": {"value": "42"},
        "day": {"selected_date": "2026-11-27"}, "who": {"selected_user": "U2"},
    })  # fmt: skip
    assert back.values == {
        "text": " as typed ", "pick": "n", "ticks": ("y", "n"), "number": "42", "day": "2026-11-27",
        "who": i.UserRef(Identity("slack", "T1", "U2")),
    }  # fmt: skip
    assert back.context == {"p": 7}


def test_an_empty_form_gives_nones() -> None:
    ticks = i.ChecksField("c", "C", (i.Option("y", "Y"),))
    form = i.Form("f", "T", (i.TextField("a", "A"), i.NumberField("b", "B"), ticks))
    assert typed(form, {}).values == {"a": None, "b": None, "c": ()}


def test_ids_stay_when_fields_are_added_so_that_typed_text_is_kept() -> None:
    text = i.TextField("why", "Why", live=True)
    menu = m.Row((m.Plain("R1"),), m.Menu("risk", "Keep", (i.Option("y", "Yes"),)))
    before = draw_form(i.Form("f", "T", (text, menu)), {}, WORDS, True)
    after = draw_form(i.Form("f", "T", (m.Note((m.Plain("new"),)), i.DateField("d", "D"), text, menu)), {}, WORDS, True)
    ids = [[b.get("block_id") for b in view["blocks"] if b["type"] in {"input", "section"}] for view in (before, after)]
    assert ids[1] == ["d", *ids[0]]
    assert ids[0][0] == "why"
    assert before["blocks"][0]["dispatch_action"] is True
    assert before["blocks"][0]["element"]["dispatch_action_config"] == {"trigger_actions_on": ["on_character_entered"]}


def test_definitions_too_long_for_an_option_stand_in_full_in_the_hint() -> None:
    long = "On time, within budget, and every milestone of the last three months was met as agreed. " * 2
    form = i.Form("f", "T", (i.ChoiceField("rag", "Overall", (i.Option("green", "Green", long),), style="radio"),))
    (block,) = draw_form(form, {}, WORDS, True)["blocks"]
    assert block["hint"]["text"] == f"Green: {long.strip()}"
    assert block["element"]["options"][0]["description"]["text"].endswith("…")


def test_a_number_that_slack_would_refuse_is_shown_beside() -> None:
    form = i.Form("f", "T", (i.NumberField("n", "N", "12,5", decimal=True),))
    (block,) = draw_form(form, {}, WORDS, True)["blocks"]
    assert "initial_value" not in block["element"]
    assert block["hint"]["text"] == "Before: 12,5"


def test_a_long_title_stands_in_full_above() -> None:
    view = draw_form(i.Form("f", "The weekly report of ATLAS and BEAM", (m.Divider(),)), {}, WORDS, True)
    assert view["title"]["text"] == "The weekly report of AT…"
    assert view["blocks"][0]["text"]["text"] == "The weekly report of ATLAS and BEAM"
    assert "submit" not in view


def test_a_form_that_only_shows_a_long_text_is_cut_with_a_note_and_keeps_its_buttons() -> None:
    lines = tuple(m.Note((m.Plain(f"line {n}"),)) for n in range(150))
    view = draw_form(i.Form("f", "T", (m.Actions((m.Button("a", "A"),)), *lines)), {}, WORDS, True)
    assert len(view["blocks"]) == 100
    assert view["blocks"][0]["type"] == "actions"
    assert "More than fits" in json.dumps(view["blocks"][-1])


def test_many_paragraphs_are_put_together_before_anything_is_cut() -> None:
    form = i.Form("f", "T", tuple(m.Paragraph((m.Plain(f"line {n}."),)) for n in range(150)))
    view = draw_form(form, {}, WORDS, True)
    assert all(f"line {n}." in json.dumps(view) for n in range(150))


def test_too_many_inputs_are_an_error_for_the_programmer() -> None:
    form = i.Form("f", "T", tuple(i.DateField(f"d{n}", "D") for n in range(101)))
    with pytest.raises(FormTooLarge):
        draw_form(form, {}, WORDS, True)


def test_a_context_too_large_is_an_error_for_the_programmer() -> None:
    import random

    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))
    with pytest.raises(FormTooLarge):
        draw_form(i.Form("f", "T", (m.Divider(),), context={"x": noise}), {}, WORDS, True)


json_values = st.recursive(
    st.one_of(st.none(), st.integers(), texts, st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(texts, json_values, max_size=5), st.dictionaries(texts, st.lists(texts), max_size=3))
def test_a_context_comes_back(context: dict[str, Any], options: dict[str, list[str]]) -> None:
    text = dump(Carried(context, options))
    assert len(text) <= 3000
    assert load(text) == Carried(context, options)


def test_a_long_context_is_packed() -> None:
    context = {"ids": list(range(900))}
    assert len(dump(Carried(context))) <= 3000
    assert load(dump(Carried(context))).context == context


@pytest.mark.parametrize("text", ["", "{}", "nonsense", "~broken", "[]", "7"])
def test_metadata_that_is_not_ours_is_no_context(text: str) -> None:
    assert load(text).context == {}


def test_the_first_input_is_where_general_errors_go() -> None:
    view = draw_form(i.Form("f", "T", (m.Divider(), i.DateField("d", "D"))), {}, WORDS, True)
    assert first_input(view) == "d"
    assert first_input(draw_form(i.Form("f", "T", (m.Divider(),)), {}, WORDS, True)) is None


def test_the_client_takes_what_the_form_holds_from_before() -> None:
    form = i.Form("f", "T", (i.TextField("a", "A", "x" * 200, max_length=140),))
    view = wire(draw_form(form, {}, WORDS, True))
    assert complaints(view["blocks"], view["state"]["values"]) == {}
