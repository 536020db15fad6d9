"""Whatever an app sends, the validator answers with faults and never breaks."""

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from playground.blocks import Context, check_blocks, check_view, counted_chars
from tests.playground.kit import (
    Json,
    actions,
    bars,
    button,
    card,
    container,
    data_table,
    field,
    image,
    modal,
    option,
    options,
    pie,
    raw,
    rich,
    section,
    select,
    table,
    typed,
)

SEEDS: list[Json] = [
    section(accessory=button()),
    actions(select(initial_option=option()), {"type": "overflow", "options": options(2)}),
    typed(min_length=1),
    field({"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "initial_value": "2"}),
    image(),
    rich({"type": "tag", "text": "x", "color": "red"}),
    table(2, 2, column_settings=[None]),
    data_table() | {"rows": [[raw("h")], [{"type": "action_cell", "element": button(), "fallback": raw("x")}]]},
    pie(2),
    bars(2, 2),
    card(actions=[button()]),
    {"type": "carousel", "elements": [card()]},
    container(section(), actions(button())),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("text"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "x"]), inner),
    max_leaves=5,
)
DICE = st.randoms(use_true_random=False)


def broken(value: Any, junk: Any, dice: random.Random) -> Any:
    """The value with one place in it replaced, removed or added to."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        name = dice.choice(sorted(value))
        if dice.random() < 0.15:
            return {key: entry for key, entry in value.items() if key != name}
        return value | {name: broken(value[name], junk, dice)}
    if isinstance(value, list) and value and dice.random() < 0.85:
        place = dice.randrange(len(value))
        return [*value[:place], broken(value[place], junk, dice), *value[place + 1 :]]
    return junk


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), JSON, DICE, st.sampled_from(["message", "modal", "home"]))
def test_broken_blocks_are_refused_in_words(seed: Json, junk: Any, dice: random.Random, surface: Any) -> None:
    sent = broken(seed, junk, dice)
    before = copy.deepcopy(repr(sent))
    faults = check_blocks(Context(surface), [sent])
    assert all("[json-pointer:/blocks" in fault for fault in faults)
    assert repr(sent) == before
    if not faults:
        assert counted_chars([sent]) >= 0


@settings(max_examples=100, deadline=None)
@given(JSON, DICE)
def test_broken_views_are_refused_in_words(junk: Any, dice: random.Random) -> None:
    faults = check_view(Context("modal"), broken(modal(typed(), section()), junk, dice))
    assert all("[json-pointer:/view" in fault for fault in faults)
