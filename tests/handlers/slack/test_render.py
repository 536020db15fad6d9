"""Any message becomes posts that Slack takes, with every typed character in them and nobody called by accident."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from handlers.slack.render import render, render_home
from handlers.slack.render.look import weight
from handlers.slack.words import Words
from handlers.text import clean
from playground.blocks import Context, check_blocks, check_view, counted_chars, view_bytes
from reporting import messages as m
from reporting.interactions import Home
from reporting.model import Rag
from tests.handlers.slack.strategies import PEOPLE, homes, many_blocks, messages

WORDS = Words()
# Shrinking a thousand rows would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck), phases=PHASES)


def faults(payload: dict[str, Any], new: bool = True) -> list[str]:
    context = Context("message", new_blocks=new)
    return check_blocks(context, json.loads(json.dumps(payload["blocks"])))


def strings(value: Any, key: str = "") -> list[str]:
    """Every text that a reader sees, in order."""
    if isinstance(value, dict):
        return [s for k, v in value.items() for s in strings(v, k)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v, key)]
    return [value] if isinstance(value, str) and key in {"text", "caption", "title"} else []


def seen(payloads: list[dict[str, Any]]) -> str:
    return "".join("".join(strings(p["blocks"])) for p in payloads)


def check(payloads: list[dict[str, Any]], new: bool) -> None:
    assert payloads
    for payload in payloads:
        assert set(payload) == {"text", "blocks"}
        assert faults(payload, new) == []
        assert 1 <= len(payload["blocks"]) <= 50
        assert weight(payload["blocks"]) <= 10_000
        assert counted_chars(payload["blocks"]) <= 10_000
        assert 1 <= len(payload["text"]) <= 4_000
        assert "<" not in payload["text"]


def kinds(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["type"]} if isinstance(value.get("type"), str) else set()
        return own.union(*map(kinds, value.values()))
    return set().union(*map(kinds, value)) if isinstance(value, list) else set()


def users(value: Any, kind: str = "user") -> set[str]:
    if isinstance(value, dict):
        own = {value[f"{kind}_id"]} if value.get("type") == kind else set()
        return own.union(*(users(v, kind) for v in value.values()))
    return set().union(*(users(v, kind) for v in value)) if isinstance(value, list) else set()


def test_a_channel_is_a_link_by_its_id_and_a_text_by_its_name() -> None:
    note = m.Note((m.Plain("To "), m.Channel("C0123ABC"), m.Plain(" and "), m.Channel("#beam-leads")))
    (payload,) = render(m.Message("s", (note,)), PEOPLE, WORDS, True)
    (block,) = payload["blocks"]
    assert [part.get("channel_id") or part["text"] for part in block["elements"][0]["elements"]] == [
        "To ", "C0123ABC", " and ", "#beam-leads",
    ]  # fmt: skip
    (small,) = render(m.Message("s", (m.Note((m.Channel("#beam-leads"),)),)), PEOPLE, WORDS, True)[0]["blocks"]
    assert small["elements"][0]["text"] == "#beam-leads"


def check_whole(message: m.Message, new: bool) -> None:
    payloads = render(message, PEOPLE, WORDS, new)
    check(payloads, new)
    found = kinds(payloads)
    assert not found & {"mrkdwn", "broadcast", "emoji", "usergroup", "markdown"}
    assert users(payloads) <= {"U111", "W222"}
    assert users(payloads, "channel") <= {"C0123ABC"}
    assert new or not found & {"data_table", "data_visualization", "tag", "table"}
    shown = seen(payloads)
    for text in {text for block in message.blocks for text in _texts_of(block)}:
        assert text in shown, text


@slow
@given(messages)
def test_any_message_is_taken_complete_and_calls_nobody(message: m.Message) -> None:
    check_whole(message, new=True)


@slow
@given(messages)
def test_the_same_where_only_old_blocks_are_known(message: m.Message) -> None:
    check_whole(message, new=False)


@settings(slow, max_examples=10)
@given(many_blocks)
def test_a_long_message_becomes_several_posts(message: m.Message) -> None:
    check(render(message, PEOPLE, WORDS, True), new=True)


def _texts_of(block: m.Block) -> list[str]:
    match block:
        case m.Paragraph(spans) | m.Quote(spans) | m.Note(spans) | m.Row(spans):
            return _typed(spans)
        case m.Bullets(items):
            return [text for spans in items for text in _typed(spans)]
        case m.Heading(text):
            return [clean(text)] if text.strip() else []
        case m.Table(rows=rows):
            return [t for row in rows for cell in row if isinstance(cell, tuple) for t in _typed(cell)]
        case _:
            return []


def _typed(spans: m.Spans) -> list[str]:
    found = [s.text for s in spans if isinstance(s, m.Plain | m.Strong | m.Emphasis | m.Code)]
    # Blank texts next to an element that cannot be blank may be replaced by a dash.
    return [clean(text) for text in found if text.strip()]


@settings(slow, max_examples=10)
@given(homes)
def test_any_home_is_taken(home: Home) -> None:
    for new in (True, False):
        view = render_home(home, PEOPLE, WORDS, new)
        context = Context("home", new_blocks=new)
        assert check_view(context, json.loads(json.dumps(view))) == []
        assert view_bytes(view) <= 250 * 1024


def test_a_home_that_is_too_long_ends_with_a_button_for_the_rest() -> None:
    home = Home(tuple(m.Heading(f"Project {n}") for n in range(150)))
    view = render_home(home, {}, WORDS, True, m.Button("query.run", "", "mine"))
    assert len(view["blocks"]) == 100
    assert view["blocks"][-1]["elements"][0] == {
        "type": "button", "action_id": "query.run", "value": "mine",
        "text": {"type": "plain_text", "text": "Show all", "emoji": False},
    }  # fmt: skip


def test_a_hundred_projects_are_one_sortable_table_in_as_few_posts_as_fit() -> None:
    red, ana = (m.Pill(Rag.RED),), (m.Mention(1, "Ana"),)
    rows = tuple(((m.Strong(f"P{n:03}"),), red, m.NumberCell(n, str(n)), ana) for n in range(100))
    table = m.Table("Projects", ("Key", "RAG", "Weeks", "Lead"), rows)
    payloads = render(m.Message("s", (table,)), PEOPLE, WORDS, True)
    assert len(payloads) == 1
    (drawn,) = payloads[0]["blocks"]
    assert drawn["rows"][1][1]["elements"][0]["elements"] == [{"type": "tag", "text": "R", "color": "red"}]
    assert drawn["rows"][3][2] == {"type": "raw_number", "value": 2, "text": "2"}
    assert len(drawn["rows"]) == 101


def test_a_thousand_short_rows_are_five_tables_and_all_there() -> None:
    rows = tuple(((m.Plain(str(n)),),) for n in range(1_000))
    payloads = render(m.Message("s", (m.Table("All", ("No",), rows),)), {}, WORDS, True)
    tables = [block for payload in payloads for block in payload["blocks"]]
    assert [len(t["rows"]) for t in tables] == [201] * 5
    assert [t["caption"] for t in tables] == [f"All ({n} of 5)" for n in range(1, 6)]
    assert [r[0]["text"] for t in tables for r in t["rows"][1:]] == [str(n) for n in range(1_000)]
    check(payloads, new=True)


def test_old_blocks_say_a_table_in_lines() -> None:
    rows = (((m.Plain("ATLAS"),), (m.Pill(None),), m.ButtonCell(m.Button("a", "Open"), "open it")),)
    payload = render(m.Message("s", (m.Table("All", ("Key", "RAG", ""), rows),)), {}, WORDS, False)[0]
    assert seen([payload]) == "AllATLAS · RAG: ⚪ – · : open it"


@pytest.mark.parametrize(("rag", "colour", "letter"), [(Rag.GREEN, "green", "G"), (Rag.AMBER, "yellow", "A"),
                                                       (Rag.RED, "red", "R"), (None, "gray", "–")])  # fmt: skip
def test_a_pill_has_colour_and_letter(rag: Rag | None, colour: str, letter: str) -> None:
    message = m.Message("s", (m.Paragraph((m.Pill(rag), m.Pill(rag, "words"))),))
    (first, second) = render(message, {}, WORDS, True)[0]["blocks"][0]["elements"][0]["elements"]
    assert first == {"type": "tag", "text": letter, "color": colour}
    assert second == {"type": "tag", "text": "words", "color": colour}
    plain = seen(render(message, {}, WORDS, False))
    assert letter in plain
    assert "words" in plain


def test_three_charts_take_two_posts() -> None:
    chart = m.Chart("bar", "Weeks", ("W1", "W2"), (m.Series("red", (1, 2)),), (m.Plain("words"),))
    payloads = render(m.Message("s", (chart, chart, chart)), {}, WORDS, True)
    assert [len(p["blocks"]) for p in payloads] == [2, 1]
    assert payloads[1]["text"] == "s (2 of 2)"
    assert seen(render(m.Message("s", (chart,)), {}, WORDS, False)) == "Weeks\nwords"


def test_a_heading_stays_with_what_it_heads() -> None:
    filler = m.Paragraph((m.Plain("x" * 2_700),))
    message = m.Message("s", (filler, filler, filler, m.Heading("Next"), filler))
    payloads = render(message, {}, WORDS, True)
    assert [[b["type"] for b in p["blocks"]] for p in payloads] == [["rich_text"] * 3, ["header", "rich_text"]]


def test_long_text_is_cut_after_a_sentence() -> None:
    text = "One sentence here. " * 400
    payloads = render(m.Message("s", (m.Paragraph((m.Plain(text),)),)), {}, WORDS, True)
    parts = strings([p["blocks"] for p in payloads])
    assert "".join(parts) == text
    assert all(part.endswith(". ") for part in parts)


def test_a_long_summary_is_shortened_in_the_notification_only() -> None:
    summary = "<!channel> & " * 900
    (payload, *_) = render(m.Message(summary, (m.Divider(),)), {}, WORDS, True)
    assert payload["text"].startswith("&lt;!channel&gt; &amp; ")
    assert payload["text"].endswith("…")
    assert len(payload["text"]) <= 4_000


def test_a_message_without_blocks_shows_its_summary() -> None:
    assert seen(render(m.Message("*hello* <!here>", ()), {}, WORDS, True)) == "*hello* <!here>"


def _digest(rows: int) -> m.Message:
    lines = tuple(((m.Plain(f"P{n}"),), (m.Plain("w" * 80),)) for n in range(rows))
    table = m.Table("Red", ("Key", "Why"), lines)
    risks = m.Bullets(tuple((m.Plain("r" * 200),) for _ in range(5)))
    head = (m.Heading("Week 48"), m.Paragraph((m.Plain("Takeaway."),)), m.Paragraph((m.Plain("x" * 2000),)))
    tail = (m.Divider(), m.Heading("Red and amber", 2), table, m.Heading("Risks", 2), risks)
    return m.Message("s", (*head, *tail))


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("rows", [95, 100, 105, 120, 180])
def test_a_heading_goes_with_what_it_heads_and_the_channel_says_what_is_in_the_thread(rows: int, new: bool) -> None:
    first, *others = render(_digest(rows), PEOPLE, WORDS, new, threaded=True)
    check([first, *others], new)
    assert others
    assert "In the thread: " in strings(first["blocks"])[-1]
    assert "Risks" in strings(first["blocks"])[-1]
    for blocks in (first["blocks"][:-1], *(payload["blocks"] for payload in others)):
        assert strings(blocks[-1])[-1] not in {"Red and amber", "Red", "Risks"}
    found = [s for p in (first, *others) for s in strings(p["blocks"])]
    assert found.index("Red and amber") < found.index("P0")


def test_a_message_of_one_post_or_to_a_person_speaks_of_no_thread() -> None:
    assert "thread" not in seen(render(_digest(3), PEOPLE, WORDS, True, threaded=True))
    assert "thread" not in seen(render(_digest(100), PEOPLE, WORDS, True))
    (only, rest) = render(m.Message("s", (m.Paragraph((m.Plain("x " * 6000),)),)), PEOPLE, WORDS, True, threaded=True)
    assert strings(only["blocks"])[-1] == "The rest is in the thread."
    assert "thread" not in seen([rest])


@settings(slow, max_examples=10)
@given(many_blocks)
def test_a_long_message_with_a_thread_keeps_every_limit(message: m.Message) -> None:
    check(render(message, PEOPLE, WORDS, True, threaded=True), new=True)


def test_many_sections_of_a_thread_are_named_in_short() -> None:
    blocks = tuple(b for n in range(9) for b in (m.Heading(f"S{n}", 2), m.Paragraph((m.Plain("y" * 2700),))))
    first, *_ = render(m.Message("s", blocks), PEOPLE, WORDS, True, threaded=True)
    assert strings(first["blocks"])[-1] == "In the thread: S3, S4, S5, S6, S7 and more."
