"""Activities as neutral values, whatever shape they have."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.teams import inbound
from tests.support.teams import TENANT

WORDS = st.sampled_from([
    "type", "message", "invoke", "name", "value", "data", "from", "id", "aadObjectId", "recipient", "conversation",
    "text", "entities", "mention", "mentioned", "channelData", "tenant", "team", "<at>Bot</at>", "19:x;messageid=1",
    "conversationType", "personal", "clientInfo", "timezone", "rollcall", "do", "with", "at", "textFormat", "xml",
])  # fmt: skip
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(WORDS, JSON, max_size=10))
def test_no_shape_is_too_strange(activity: dict[str, Any]) -> None:
    inbound.kind_of(activity)
    inbound.mentions_us(activity)
    origin = inbound.origin_of(activity, TENANT)
    command = inbound.command_of(activity, origin)
    assert "\n" not in command.text
    inbound.click_of(activity.get("value"), origin)
    json.dumps([origin.conversation, origin.name, origin.tz, origin.locale])


@pytest.mark.parametrize(("text", "more", "line"), [
    ("<at>Bot</at> red\n", {}, "red"),
    ("<at>Bot</at>&nbsp;search R&amp;D", {}, "search R&D"),
    ("away <at>Ana Ruiz</at> monday", {}, "away Ana Ruiz monday"),
    ("<div><at id=\"0\">Bot</at> <b>red</b></div>", {"textFormat": "xml"}, "red"),
    ("a < b and <c>", {}, "a < b and <c>"),
])  # fmt: skip
def test_lines(text: str, more: dict[str, Any], line: str) -> None:
    bot = {"id": "28:bot"}
    entities = [{"type": "mention", "mentioned": bot, "text": "<at>Bot</at>"},
                {"type": "mention", "mentioned": bot, "text": "<at id=\"0\">Bot</at>"}]  # fmt: skip
    activity = {"text": text, "recipient": bot, "entities": entities, **more}
    assert inbound.command_of(activity, inbound.origin_of(activity, TENANT)).text == line


@pytest.mark.parametrize(("conversation", "scope"), [
    ({"id": "a:1", "conversationType": "personal"}, "personal"), ({"id": "a:1"}, "personal"),
    ({"id": "19:x@thread.tacv2", "conversationType": "channel"}, "channel"),
    ({"id": "19:x@thread.v2", "conversationType": "groupChat"}, "group"), ({}, "group"),
])  # fmt: skip
def test_where_it_was_done(conversation: dict[str, str], scope: str) -> None:
    assert inbound.origin_of({"conversation": conversation}, TENANT).scope == scope
