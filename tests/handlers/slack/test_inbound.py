"""Slack's payloads as neutral values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.mentions import people_in
from handlers.slack.actions import decode, encode, is_link, number
from handlers.slack.escaping import escape, unescape
from handlers.slack.inbound import click_origin, from_action, from_chat, from_command, plain_line
from handlers.slack.limits import BUTTON_VALUE, ID_CHARS
from handlers.slack.people import profile_of
from handlers.text import ELLIPSIS, clean, pieces, shorten, size
from reporting import interactions as i
from reporting import messages as m
from tests.handlers.slack.strategies import long_texts, texts

ME = "U0BOT"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@U1|ana> is lead", "@U1 is lead"),
        ("<@U1>", "@U1"),
        ("in <#C1|general> and <#C2>", "in #general and #C2"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("<https://x.org|x.org> <https://y.org>", "x.org https://y.org"),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("  two\nlines ", "two lines"),
    ],
)
def test_a_line_reads_as_people_see_it(typed: str, read: str) -> None:
    assert plain_line(typed) == read


@given(texts)
def test_escaping_comes_back(text: str) -> None:
    assert unescape(escape(text)) == text


@given(long_texts, st.integers(30, 3_000))
def test_pieces_are_whole_and_small(text: str, limit: int) -> None:
    cut = list(pieces(clean(text), limit))
    assert "".join(cut) == clean(text)
    assert all(0 < size(piece) <= limit for piece in cut)


@given(long_texts, st.integers(24, 200))
def test_shortened_text_fits_and_says_that_it_was(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert size(short) <= limit
    assert short == text or short.endswith(ELLIPSIS)


def test_families_and_accents_are_not_cut_apart() -> None:
    family = "👩‍👩‍👧‍👦"
    assert all(piece.count("👦") == piece.count("👩") / 2 for piece in pieces(family * 40, 50))
    assert all(piece[0] == "e" for piece in pieces("e\u0301" * 50, 25))


values = st.one_of(texts, st.text(max_size=80), st.text(alphabet="xyz", min_size=1_990, max_size=2_600))
actions = st.one_of(texts, st.sampled_from(["a#2", "~packed", "y" * 300, "report.open"]))


@given(actions, values)
def test_names_and_values_of_buttons_come_back(action: str, value: str) -> None:
    sent = encode(action, value)
    if sent is None:
        assert size(action) + size(value) > 1_000
        return
    action_id, carried = sent
    assert 1 <= size(action_id) <= ID_CHARS
    assert size(carried) <= BUTTON_VALUE
    assert decode(action_id, carried) == (action, value)
    (_, second) = number([{"action_id": action_id}, {"action_id": action_id}])
    assert decode(second["action_id"], carried) == (action, value)


def test_links_are_known_by_their_id() -> None:
    assert is_link("link")
    assert is_link("link#3")
    assert not is_link("report.open")


def message(**more: Any) -> dict[str, Any]:
    return {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "hi", "ts": "1.1", **more}


@pytest.mark.parametrize(
    "event",
    [message(subtype="message_changed"), message(subtype="message_deleted"), message(subtype="bot_message"),
     message(bot_id="B1"), message(user=ME), message(channel_type="channel"), message(user=None), message(hidden=True)],
)  # fmt: skip
def test_what_nobody_said_to_us_is_not_heard(event: dict[str, Any]) -> None:
    assert from_chat(event, "T1", ME) is None


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast"])
def test_a_persons_own_words_are_heard(subtype: str | None) -> None:
    heard = from_chat(message(subtype=subtype, thread_ts="1.0"), "T1", ME)
    assert heard is not None
    command, origin = heard
    assert (command.text, command.direct, origin.thread_ts) == ("hi", True, "1.0")


def test_a_mention_loses_our_name() -> None:
    event = message(type="app_mention", channel="C1", text=f"<@{ME}|rollcall> red please <@U2>")
    heard = from_chat(event, "T1", ME)
    assert heard is not None
    assert heard[0].text == "red please @U2"


def test_a_command_says_who_and_where() -> None:
    body = {"user_id": "U1", "channel_id": "D9", "text": None, "response_url": "u", "trigger_id": "t", "team_id": "TX"}
    command, origin = from_command(body, "T1")
    assert (command.text, command.channel, command.direct) == ("", "D9", True)
    assert (origin.actor.workspace, origin.response_url, origin.direct) == ("T1", "u", False)


def test_a_menu_with_nothing_chosen_is_no_click() -> None:
    origin = click_origin({"user": {"id": "U1"}, "team": None, "channel": {"id": "C1"}}, "T1")
    assert from_action({"type": "static_select", "action_id": "a", "selected_option": None}, origin) is None


def test_people_named_anywhere_are_found() -> None:
    table = m.Table("t", ("a",), (((m.Mention(3, "C"),),), (m.NumberCell(1, "1"),)))
    text = m.Paragraph((m.Mention(1, "A"),))
    form = i.Form("f", "T", (text, i.PersonField("p", "P", 2), table, i.PersonField("q", "Q")))
    assert people_in(form) == {1, 2, 3}


def test_strangers_and_robots_are_not_ours() -> None:
    for flag in ("is_bot", "is_stranger", "is_workflow_bot"):
        assert not profile_of({"id": "U1", "name": "x", flag: True}, "T1").human
    assert not profile_of({"id": "USLACKBOT", "name": "slackbot", "is_bot": False}, "T1").human
    bare = profile_of({"id": "U1"}, "T1")
    assert (bare.name, bare.tz, bare.locale, bare.email, bare.human) == ("U1", None, None, None, True)
