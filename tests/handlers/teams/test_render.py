"""Any message becomes cards that Teams takes, with every typed character in them and nobody called by accident."""

import html
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from handlers.teams.limits import ACTIVITY_UTF16_BYTES, CARD_BYTES
from handlers.teams.render import render, render_home
from handlers.teams.render.look import as_json, utf16_bytes
from handlers.teams.render.text import quiet
from handlers.text import clean, one_line
from reporting import messages as m
from reporting.interactions import Home
from reporting.model import Rag
from tests.handlers.slack.strategies import homes, long_texts, many_blocks, messages, texts
from tests.handlers.teams.kit import ACCOUNTS, OPENS, WORDS, Json, buttons, cards, elements, faults, same, seen

# Shrinking a thousand rows would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck), phases=PHASES)


def drawn(*blocks: m.Block, summary: str = "s", **more: Any) -> list[Json]:
    return render(m.Message(summary, blocks), ACCOUNTS, WORDS, OPENS, **more)


def one(*blocks: m.Block, **more: Any) -> Json:
    (card,) = cards(drawn(*blocks, **more))
    return card


def check(activities: list[Json]) -> None:
    assert activities
    for activity in activities:
        (card,) = cards([activity])
        assert faults(card) == []
        assert len(as_json(card).encode()) <= CARD_BYTES
        assert utf16_bytes(activity) <= ACTIVITY_UTF16_BYTES
        assert activity["summary"]
        assert card["fallbackText"] == activity["summary"]
        assert card["version"] == "1.5"
        check_calls_nobody(card)
        for item in elements(card):
            assert len(item.get("actions", ())) <= 6
            assert "fallback" in item or not (item["type"] == "Table" or item["type"].startswith("Chart."))


def check_calls_nobody(card: Json) -> None:
    """Mentions are ours alone; text blocks, the only Markdown, say the same as they would without it."""
    entities = {e["text"]: e["mentioned"]["id"] for e in card.get("msteams", {}).get("entities", ())}
    assert set(entities.values()) <= {ACCOUNTS[1].id, ACCOUNTS[2].id}
    for item in elements(card):
        if item["type"] != "TextBlock":
            assert "<at>" not in re.sub(r"\u2060", "", item.get("text", "")) or "\u2060" in item["text"]
            continue
        text = item["text"]
        for tag in set(re.findall(r"<at>.*?</at>", text)):
            assert tag in entities
            text = text.replace(tag, "Somebody")
        assert plainly(text) == text.replace("**", "")


def plainly(markdown: str) -> str:
    """What is left of Markdown when bold is all there may be in it."""
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown).strip()
    assert re.fullmatch(r"<p>.*</p>", made, re.DOTALL), (markdown, made)
    assert not re.findall(r"<(?!/?p>|/?strong>)[^>]*>", made), (markdown, made)
    return html.unescape(re.sub(r"</?(?:p|strong)>", "", made))


def typed(block: m.Block) -> list[str]:
    match block:
        case m.Paragraph(spans) | m.Quote(spans) | m.Note(spans) | m.Row(spans):
            return words(spans)
        case m.Bullets(items):
            return [text for spans in items for text in words(spans)]
        case m.Heading(text):
            return [clean(text)]
        case m.Table(rows=rows):
            # As lines, cells that say nothing are left out.
            return [
                t for row in rows for cell in row if isinstance(cell, tuple) for t in words(cell) if t.strip() != "–"
            ]
        case m.Chart(title=title):
            return [clean(title)]
        case _:
            return []


def words(spans: m.Spans) -> list[str]:
    return [clean(s.text) for s in spans if isinstance(s, m.Plain | m.Strong | m.Emphasis | m.Code)]


def check_whole(message: m.Message) -> None:
    activities = render(message, ACCOUNTS, WORDS, OPENS)
    check(activities)
    for fallback in (False, True):
        # A mention that could not stay in its line stands below it.
        shown = re.sub(r"<at>(?:AnaExample|BenExample|\w*)</at>", "", seen(cards(activities), fallback))
        for text in {same(text) for block in message.blocks for text in typed(block)}:
            assert text in shown, text


@slow
@given(messages)
def test_any_message_is_taken_complete_and_calls_nobody(message: m.Message) -> None:
    check_whole(message)


@settings(slow, max_examples=10)
@given(many_blocks, st.booleans())
def test_a_long_message_becomes_several_cards(message: m.Message, threaded: bool) -> None:
    check(render(message, ACCOUNTS, WORDS, OPENS, threaded=threaded))


@settings(slow, max_examples=10)
@given(homes)
def test_any_home_is_taken(home: Home) -> None:
    activities = render_home(home, ACCOUNTS, WORDS, OPENS)
    check(activities)
    for button in buttons({"type": "x", "items": cards(activities)}):
        assert button["data"]["rollcall"]["at"] == "home"


@settings(slow, max_examples=400)
@given(st.one_of(texts, long_texts, st.text("*_[]()<>&#~|!@`\\-+.: ab1\u00a0", max_size=12)))
def test_a_quiet_line_is_the_same_as_markdown(text: str) -> None:
    line = clean(text)
    if line and quiet(line):
        assert plainly(line) == line


LINES = st.lists(
    st.one_of(
        st.builds(m.Plain, texts), st.builds(m.Strong, texts), st.builds(m.Emphasis, texts),
        st.builds(m.Pill, st.sampled_from([None, *Rag])), st.builds(m.Plain, st.from_regex(r"[a-z,. ]{1,8}")),
        st.builds(m.Strong, st.from_regex(r"[a-z]{1,8}", fullmatch=True)),
    ),
    max_size=4,
)  # fmt: skip


@settings(slow, max_examples=300)
@given(LINES, LINES)
def test_what_stands_beside_a_mention_stays_what_it_is(before: list[m.Span], after: list[m.Span]) -> None:
    message = m.Message("s", (m.Paragraph((*before, m.Mention(1, "Ana Example"), *after)),))
    check_whole(message)
    (card,) = cards(render(message, ACCOUNTS, WORDS, OPENS))
    assert card["msteams"]["entities"] == [
        {"type": "mention", "text": "<at>Ana Example</at>", "mentioned": {"id": ACCOUNTS[1].id, "name": "Ana Example"}}
    ]


def test_a_mention_stands_in_its_line_when_nothing_there_could_be_markup() -> None:
    card = one(m.Paragraph((m.Plain("Lead "), m.Mention(1, "Ana Example"), m.Plain(", by Fri 5 Dec."))))
    assert card["body"] == [{"type": "TextBlock", "text": "Lead <at>Ana Example</at>, by Fri 5 Dec.", "wrap": True}]


def test_a_mention_beside_loud_words_stands_below_them() -> None:
    card = one(m.Paragraph((m.Plain("*now* "), m.Mention(1, "Ana Example"))))
    above, below = card["body"]
    assert above["inlines"] == ["*now* ", {"type": "TextRun", "text": "Ana Example", "weight": "bolder"}]
    assert below["text"] == "<at>Ana Example</at>"


def test_a_mention_in_a_line_with_a_number_stays_in_it() -> None:
    (line,) = one(m.Paragraph((m.Plain("1. "), m.Strong("ATLAS"), m.Plain(" of "), m.Mention(1, "Ana Example"))))[
        "body"
    ]
    assert line["text"] == "\u20601. **ATLAS** of <at>Ana Example</at>"


def test_two_people_of_one_name_are_two_mentions() -> None:
    card = one(m.Paragraph((m.Mention(1, "Kim Example"), m.Plain(" and "), m.Mention(2, "Kim Example"))))
    entities = card["msteams"]["entities"]
    assert [e["mentioned"]["id"] for e in entities] == [ACCOUNTS[1].id, ACCOUNTS[2].id]
    assert len({e["text"] for e in entities}) == 2


@pytest.mark.parametrize("person", [3, 4, 9])
def test_somebody_without_a_usable_account_is_a_name(person: int) -> None:
    card = one(m.Paragraph((m.Mention(person, "Kim Example"),)))
    assert card["body"] == [{"type": "RichTextBlock", "inlines": ["Kim Example"]}]
    assert "msteams" not in card


def test_a_typed_mention_date_function_and_link_stay_words() -> None:
    text = "<at>Ana Example</at> < /AT> {{DATE(2026-11-27T00:00:00Z)}} [x](https://evil.example) <b>b</b>"
    card = one(m.Paragraph((m.Plain(text), m.Mention(1, "Ana Example"))))
    (run, _name) = card["body"][0]["inlines"]
    assert "<at" not in run
    assert "{{" not in run
    assert same(run) == same(text)


def test_lines_stay_lines_and_several_spaces_stay() -> None:
    card = one(m.Paragraph((m.Plain("one\ntwo  wide\n\nthree"),)))
    assert [(b["inlines"], b.get("spacing")) for b in card["body"]] == [
        (["one"], None), (["two\u00a0 wide"], "none"), (["three"], "medium"),
    ]  # fmt: skip


@pytest.mark.parametrize(("rag", "text", "colour"), [
    (Rag.GREEN, "🟢\u00a0G", "good"), (Rag.AMBER, "🟡\u00a0A", "warning"), (Rag.RED, "🔴\u00a0R", "attention"),
    (None, "⚪\u00a0–", "default"),
])  # fmt: skip
def test_a_pill_has_a_shape_a_letter_and_a_colour(rag: Rag | None, text: str, colour: str) -> None:
    card = one(m.Paragraph((m.Pill(rag), m.Pill(rag, "words"))))
    first, second = card["body"][0]["inlines"]
    assert first == {"type": "TextRun", "text": text, "weight": "bolder", "color": colour}
    assert second["text"] == f"{text[0]}\u00a0words"


def test_a_heading_is_one_for_screen_readers_unless_it_could_be_markup() -> None:
    calm, loud = one(m.Heading("Week 48 (23 to 29 November 2026)"), m.Heading("*Week*"))["body"]
    assert calm | {"text": ""} == {
        "type": "TextBlock", "text": "", "wrap": True, "size": "large", "weight": "bolder", "style": "heading",
    }  # fmt: skip
    assert loud["inlines"] == [{"type": "TextRun", "text": "*Week*", "size": "large", "weight": "bolder"}]


def test_links_open_addresses_and_nothing_else() -> None:
    good, bad = one(
        m.Paragraph((m.Link("https://example.com/a?b=1&c", "the plan"),)),
        m.Paragraph((m.Link("javascript:alert(1)", "x"),)),
    )["body"]
    assert good["inlines"][0]["selectAction"] == {"type": "Action.OpenUrl", "url": "https://example.com/a?b=1&c"}
    assert bad["inlines"] == ["x (javascript:alert(1))"]


def test_a_channel_is_named_where_its_name_is_known() -> None:
    note = m.Paragraph((m.Channel("19:abc@thread.tacv2"), m.Plain(" "), m.Channel("#other")))
    card = one(note, channels={"19:abc@thread.tacv2": "Imaging"})
    assert card["body"][0]["inlines"] == ["Imaging", " ", "#other"]


# ---------------------------------------------------------------- tables and charts


def test_a_thousand_rows_are_all_there_and_their_header_too() -> None:
    rows = tuple(((m.Strong(f"P{n:04}"),), (m.Pill(Rag.RED),), m.NumberCell(n, str(n)), (m.Mention(1, "Ana Example"),))
                 for n in range(1_000))  # fmt: skip
    activities = drawn(m.Table("Projects", ("Key", "RAG", "Weeks", "Lead"), rows))
    check(activities)
    tables = [e for card in cards(activities) for e in elements(card) if e["type"] == "Table"]
    assert sum(len(table["rows"]) - 1 for table in tables) == 1_000
    assert seen(tables[0]["rows"][0]) == "KeyRAGWeeksLead"
    assert all(f"P{n:04}" in seen(cards(activities), fallback=True) for n in range(1_000))
    assert all(len(entity) == 1 for entity in (card["msteams"]["entities"] for card in cards(activities)))


def test_a_table_for_phones_is_a_line_for_each_row() -> None:
    rows = (((m.Plain("ATLAS"),), (m.Pill(None),), m.ButtonCell(m.Button("a", "Open"), "open it")),)
    card = one(m.Table("All", ("Key", "RAG", ""), rows))
    assert seen(card) == "AllKeyRAG–ATLAS⚪–Open"
    assert seen(card, fallback=True) == "AllATLAS·RAG:⚪–Open"
    assert card["msteams"]["width"] == "Full"


def test_a_table_too_wide_for_a_phone_is_lines_there() -> None:
    names = ("Project", "Status", "Trend", "Weeks", "Lead", "Next date", "Reported")
    rows = tuple(tuple((m.Plain(f"{name}{n}"),) for name in names) for n in range(40))
    activities = drawn(m.Heading("Board"), m.Table("All", names, rows))
    check(activities)
    for card in cards(activities):
        body = card["body"]
        tables = [at for at, one in enumerate(body) if one["type"] == "Table"]
        assert tables
        for at in tables:
            assert (body[at]["targetWidth"], body[at]["fallback"]) == ("atLeast:standard", "drop")
            assert body[at + 1]["targetWidth"] == "atMost:narrow"
            (first, *_), lines = body[at]["rows"][1]["cells"], seen(body[at + 1])
            assert lines.startswith(seen(first))
            assert len(body[at + 1]["items"]) == len(body[at]["rows"]) - 1
            assert "targetWidth" not in body[at - 1]
    small = one(m.Table("All", names[:3], (rows[0][:3],)))["body"]
    assert [("targetWidth" in e, e["type"]) for e in small] == [(False, "RichTextBlock"), (False, "Table")]


def test_a_column_of_buttons_is_wide_enough_for_them() -> None:
    cells = (m.ButtonCell(m.Button("a", "Read"), "read"),)
    table = one(m.Table("All", ("", "Text"), ((*cells, (m.Plain("word"),)),)))["body"][1]
    first, second = (column["width"] for column in table["columns"])
    assert first >= second + 8


@pytest.mark.parametrize("table", [
    m.Table("Wide", tuple("abcdefghi"), (tuple((m.Plain(c),) for c in "abcdefghi"),)),
    m.Table("Long", ("a",), (((m.Plain("w " * 900),),),)),
])  # fmt: skip
def test_what_no_table_can_hold_is_lines(table: m.Table) -> None:
    card = one(table)
    assert "Table" not in {e["type"] for e in elements(card)}


def test_a_chart_has_its_title_and_its_words() -> None:
    chart = m.Chart("bar", "By week", ("W47", "W48"), (m.Series("red", (1, 2)),), (m.Plain("two red"),), y_label="n")
    title, drawing = one(chart)["body"]
    assert seen(title) == "Byweek"
    assert drawing["type"] == "Chart.VerticalBar.Grouped"
    assert drawing["data"] == [{"legend": "red", "values": [{"x": "W47", "y": 1}, {"x": "W48", "y": 2}]}]
    assert seen(drawing, fallback=True) == "twored"
    odd = m.Chart("line", "t", ("a",), (m.Series("s", (float("nan"),)),), (m.Plain("words"),))
    assert seen(one(odd)) == "twords"


# ---------------------------------------------------------------- buttons


def test_a_button_answers_in_place_opens_a_dialog_or_an_address() -> None:
    row = m.Actions((
        m.Button("alert.ack", "I have this", "7", "primary"), m.Button("report.open", "Report", "1:2"),
        m.Button("x", "Plan", url="https://example.com/plan"),
    ))  # fmt: skip
    (bar,) = one(row)["body"]
    assert bar["actions"] == [
        {"type": "Action.Execute", "title": "I have this", "verb": "alert.ack", "style": "positive",
         "data": {"action": "click", "rollcall": {"do": "alert.ack", "with": "7", "at": "message"}}},
        {"type": "Action.Submit", "title": "Report",
         "data": {"dialog_id": "open", "msteams": {"type": "task/fetch"},
                  "rollcall": {"do": "report.open", "with": "1:2", "at": "message"}}},
        {"type": "Action.OpenUrl", "title": "Plan", "url": "https://example.com/plan"},
    ]  # fmt: skip


def test_the_seventh_button_stands_in_a_set_of_its_own() -> None:
    sets = one(m.Actions(tuple(m.Button("a", str(n)) for n in range(13))))["body"]
    assert [len(s["actions"]) for s in sets] == [6, 6, 1]
    wide = one(m.Actions(tuple(m.Button("a", "Nothing changed ...") for _ in range(3))))["body"]
    assert [len(s["actions"]) for s in wide] == [1, 1, 1]


def test_a_menu_unfolds_and_what_must_be_confirmed_asks_first() -> None:
    menu = m.Menu("request.snooze", "Remind me later", (m.Option("1:1", "in one hour"), m.Option("1:3", "in 3 hours")))
    (bar,) = one(m.Actions((menu, m.Button("p.drop", "Delete", "9", "danger", confirm="Delete *it*?"))))["body"]
    later, delete = bar["actions"]
    assert (later["type"], later["title"]) == ("Action.ShowCard", "Remind me later")
    assert [b["data"]["rollcall"]["with"] for b in buttons(later)] == ["1:1", "1:3"]
    assert seen(delete["card"]) == "Delete*it*?Delete"
    assert [b["style"] for b in buttons(delete)] == ["destructive"]


def test_a_row_has_its_button_beside_it_and_a_short_menu_below() -> None:
    keep = m.Menu("risk.choose", "Keep", (m.Option("keep:1", "Keep"), m.Option("close:1", "Close")))
    first, text, bar = one(m.Row((m.Plain("A"),), m.Button("a", "Go")), m.Row((m.Plain("B"),), keep))["body"]
    assert [column["width"] for column in first["columns"]] == ["stretch", "auto"]
    assert text["inlines"] == ["B"]
    assert [b["title"] for b in bar["actions"]] == ["Keep", "Close"]


# ---------------------------------------------------------------- several cards


def _digest(rows: int) -> tuple[m.Block, ...]:
    lines = tuple(((m.Plain(f"P{n}"),), (m.Plain("w" * 80),)) for n in range(rows))
    risks = m.Bullets(tuple((m.Plain("r" * 200),) for _ in range(5)))
    head = (m.Heading("Week 48"), m.Paragraph((m.Plain("Takeaway."),)))
    return (*head, m.Divider(), m.Heading("Red and amber", 2), m.Table("Red", ("Key", "Why"), lines),
            m.Heading("Risks", 2), risks)  # fmt: skip


@pytest.mark.parametrize("rows", [60, 75, 90, 120, 180])
def test_a_heading_goes_with_what_it_heads_and_the_first_card_says_what_is_in_the_thread(rows: int) -> None:
    first, *others = drawn(*_digest(rows), threaded=True)
    check([first, *others])
    assert others
    assert "Inthethread:" in seen(cards([first])[0]["body"][-1])
    assert others[0]["summary"] == f"s (2 of {len(others) + 1})"
    for card in cards([first, *others]):
        assert seen(card["body"][-1]) not in {"Redandamber", "Red", "Risks"}
    assert "thread" not in seen(cards(drawn(*_digest(rows))))


@pytest.mark.parametrize("filling", range(15, 25))
def test_a_heading_stays_with_what_it_heads(filling: int) -> None:
    filler = m.Paragraph((m.Plain("x" * 950),))
    after = m.Paragraph((m.Plain("y" * 999),))
    for card in cards(drawn(*(filler for _ in range(filling)), m.Heading("Next"), after, after)):
        assert seen(card["body"][-1]) != "Next"


def test_a_message_without_blocks_shows_its_summary_and_a_divider_is_a_line_above() -> None:
    assert seen(cards(drawn(summary="*hello* <at>x</at>"))) == "*hello*<at>x</at>"
    first, second = one(m.Paragraph((m.Plain("a"),)), m.Divider(), m.Paragraph((m.Plain("b"),)), m.Divider())["body"]
    assert "separator" not in first
    assert second["separator"] is True


def test_the_summary_is_one_short_line() -> None:
    (activity,) = drawn(m.Divider(), summary="a\nb " * 300)
    assert one_line(activity["summary"]) == activity["summary"]
    assert len(activity["summary"]) <= 250
    assert json.dumps(activity)
