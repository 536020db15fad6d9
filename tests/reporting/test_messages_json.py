"""What was shown is kept exactly: every neutral message survives JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting import messages as m
from reporting.messages_json import from_json, to_json
from reporting.model import Rag

TEXT = st.text(max_size=40)
RAGS = st.sampled_from([None, *Rag])
SPANS = st.lists(
    st.one_of(
        st.builds(m.Plain, TEXT),
        st.builds(m.Strong, TEXT),
        st.builds(m.Emphasis, TEXT),
        st.builds(m.Code, TEXT),
        st.builds(m.Link, TEXT, TEXT),
        st.builds(m.Mention, st.integers(1, 99), TEXT),
        st.builds(m.Pill, RAGS, TEXT),
    ),
    max_size=4,
).map(tuple)
BUTTONS = st.builds(m.Button, TEXT, TEXT, TEXT)
MENUS = st.builds(m.Menu, TEXT, TEXT, st.lists(st.builds(m.Option, TEXT, TEXT, TEXT), max_size=3).map(tuple))
CELLS = st.one_of(SPANS, st.builds(m.NumberCell, st.integers(), TEXT), st.builds(m.ButtonCell, BUTTONS, TEXT))
TABLES = st.lists(st.tuples(CELLS, CELLS), max_size=3).map(lambda rows: m.Table("caption", ("a", "b"), tuple(rows)))
CHARTS = st.builds(
    lambda text, spans: m.Chart("bar", text, ("a", "b"), (m.Series(text, (1.0, 2.5)),), spans), TEXT, SPANS
)
BLOCKS = st.one_of(
    st.builds(m.Heading, TEXT, st.integers(1, 4)),
    st.builds(m.Paragraph, SPANS),
    st.builds(m.Bullets, st.lists(SPANS, max_size=3).map(tuple), st.booleans()),
    st.builds(m.Quote, SPANS),
    st.builds(m.Note, SPANS),
    st.just(m.Divider()),
    st.builds(m.Row, SPANS, st.one_of(st.none(), BUTTONS, MENUS)),
    st.builds(m.Actions, st.lists(st.one_of(BUTTONS, MENUS), max_size=3).map(tuple)),
    TABLES,
    CHARTS,
)
MESSAGES = st.builds(m.Message, TEXT, st.lists(BLOCKS, max_size=5).map(tuple))


@given(MESSAGES)
def test_there_and_back(message: m.Message) -> None:
    assert from_json(json.loads(json.dumps(to_json(message)))) == message


@pytest.mark.parametrize("data", [{}, {"kind": "Nonsense"}, {"kind": "Divider"}])
def test_what_is_no_message_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown part|not a message"):
        from_json(data)
