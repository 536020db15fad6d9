"""What a conversation shows: every block, escaping, threads, files, live changes."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.playground_ui.people import APP, NOW_TS, message, mrkdwn
from tests.playground_ui.stub import Stub


def block(page: Page, block_id: str) -> Locator:
    """One drawn block in the conversation."""
    return page.get_by_label("Messages", exact=True).locator(f"[data-block='{block_id}']")


def test_mrkdwn_is_drawn_and_its_escapes_are_undone(page: Page) -> None:
    text = block(page, "text")
    expect(text.locator("strong").first).to_have_text("bold")
    expect(text.locator("em")).to_have_text("italic")
    expect(text.locator("s")).to_have_text("gone")
    expect(text.locator("code")).to_have_text("a < b")
    expect(text).to_contain_text("@Carl Sample #general @here a link 5 < 6 & 7")
    expect(text.locator("blockquote")).to_have_text("quoted words")
    expect(text).to_contain_text("snake_case_name and 2*3*4 stay.")
    expect(text).to_contain_text(":no_such_emoji:")
    expect(text.locator("time")).to_have_text("Friday, 27 November 2026 at 16:00")
    expect(text.locator("pre")).to_have_text("pre *not bold*")
    expect(text.locator(".broadcast")).to_have_text("@here")
    expect(text.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.org/x?a=1&b=2")


def test_typed_markup_stays_text(page: Page, stub: Stub) -> None:
    evil = "&lt;!here&gt; &lt;b&gt;x&lt;/b&gt; <javascript:alert(1)|click> &amp;lt;"
    stub.post("C1", message(NOW_TS - 10, [{"type": "section", "block_id": "evil", "text": mrkdwn(evil)}]))
    drawn = block(page, "evil")
    expect(drawn).to_contain_text("<!here> <b>x</b>")
    expect(drawn).to_contain_text("&lt;")
    expect(drawn.locator(".broadcast, b, a")).to_have_count(0)


def test_plain_text_is_literal_and_headers_are_headings(page: Page) -> None:
    expect(block(page, "head").get_by_role("heading")).to_have_text("Imaging *portfolio*, week 48")
    expect(block(page, "fields")).to_contain_text("*literal*")


def test_rich_text_marks_lists_and_tags(page: Page) -> None:
    rich = block(page, "rich")
    expect(rich.locator("strong")).to_have_text("Bold")
    expect(rich).to_contain_text("@Ana Example in #imaging-leadership")
    expect(rich.locator(".tag")).to_have_count(9)
    expect(rich.locator("ul li")).to_have_text(["first", "inside"])
    expect(rich.locator("ol li")).to_have_text(["one", "two"])
    expect(rich.locator("blockquote")).to_have_text("Quoted as said")
    expect(rich.locator("pre")).to_have_text("x = 1\ny = 2")


def test_markdown_block_with_table_and_tasks(page: Page) -> None:
    drawn = block(page, "md")
    expect(drawn.get_by_role("heading")).to_have_text("Risks this week")
    expect(drawn.locator("strong")).to_have_text("Two")
    expect(drawn.get_by_role("img", name="done")).to_be_visible()
    expect(drawn.get_by_role("columnheader")).to_have_text(["Project", "Weeks"])
    expect(drawn.get_by_role("cell")).to_have_text(["BEAM", "2", "CORE", "11"])
    expect(drawn.locator("ul ul li")).to_have_text("nested")


def first_column(table: Locator) -> list[str]:
    """Row headers from top to bottom."""
    return table.get_by_role("rowheader").all_inner_texts()


def test_data_table_pages_sorts_and_filters(page: Page) -> None:
    drawn = block(page, "dt")
    table = drawn.get_by_role("table", name="Projects, worst first")
    assert first_column(table) == ["ATLAS", "BEAM", "CORE", "DELTA", "ECHO"]
    drawn.get_by_role("button", name="Next page").click()
    assert first_column(table) == ["FOX", "GAMMA"]
    weeks = table.get_by_role("columnheader", name="Weeks")
    weeks.get_by_role("button").click()
    expect(weeks).to_have_attribute("aria-sort", "ascending")
    weeks.get_by_role("button").click()
    expect(weeks).to_have_attribute("aria-sort", "descending")
    assert first_column(table)[:3] == ["FOX", "DELTA", "BEAM"]
    drawn.get_by_label("Filter Projects").fill("core")
    assert first_column(table) == ["CORE"]
    expect(table.get_by_role("cell", name="2", exact=True)).to_have_class(re.compile("align-right"))


def test_a_button_in_a_table_row_is_sent(page: Page, stub: Stub) -> None:
    block(page, "dt").get_by_role("button", name="Open BEAM").click()
    expect(page.locator(".btn.busy")).to_have_count(0)
    [act] = stub.sent("action")
    assert (act["block_id"], act["action_id"], act["element"]["value"]) == ("dt", "open_BEAM", "v-open_BEAM")


def test_charts_have_words_and_numbers(page: Page) -> None:
    bars = block(page, "chart_bar")
    expect(bars.get_by_role("img", name=re.compile("Projects as bar.*W47, Red 3, Amber 6"))).to_be_visible()
    expect(bars.locator("svg rect")).to_have_count(8)
    bars.get_by_text("Show the numbers").click()
    expect(bars.get_by_role("rowheader")).to_have_text(["W45", "W46", "W47", "W48"])
    expect(block(page, "chart_pie").get_by_role("listitem")).to_have_text(
        ["Green: 10 (53 %)", "Amber: 6 (32 %)", "Red: 3 (16 %)"]
    )
    expect(block(page, "chart_line").locator("svg circle")).to_have_count(4)
    expect(block(page, "chart_area").locator("svg polygon")).to_have_count(2)


def test_container_folds_and_cards_are_drawn(page: Page) -> None:
    fold = block(page, "box").get_by_role("button", name="Decisions asked for")
    expect(block(page, "in_box")).to_be_visible()
    fold.click()
    expect(block(page, "in_box")).to_be_hidden()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(block(page, "cards").get_by_role("article")).to_have_count(3)


def test_unknown_blocks_are_named_and_pictures_elsewhere_are_not_fetched(page: Page) -> None:
    expect(page.get_by_text("Unknown block: hologram")).to_be_visible()
    expect(block(page, "far").get_by_role("img", name="A picture elsewhere")).to_be_visible()
    expect(block(page, "far").locator("img")).to_have_count(0)


def test_marks_files_and_ephemeral(page: Page) -> None:
    expect(page.get_by_text("(edited)")).to_be_visible()
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    expect(page.get_by_role("link", name="Download portfolio week 48.xlsx")).to_have_attribute(
        "href", "/files/F1/portfolio.xlsx"
    )
    expect(page.get_by_role("img", name="chart.png")).to_be_attached()
    expect(page.get_by_label("Messages", exact=True).locator(".day")).to_have_text(["Yesterday", "Today"])


def test_a_thread_opens_and_takes_replies(page: Page, stub: Stub) -> None:
    page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_role("article")).to_have_count(3)
    thread.get_by_label("Reply", exact=True).fill("done @carl <now>")
    thread.get_by_label("Reply", exact=True).press("Enter")
    expect(thread.get_by_label("Reply", exact=True)).to_have_value("")
    [sent] = stub.sent("message")
    assert sent["text"] == "done @carl <now>"
    assert sent["thread_ts"] == f"{NOW_TS - 3600:.6f}"
    thread.get_by_role("button", name="Close thread").click()
    expect(thread).to_be_hidden()


def test_a_new_message_arrives_by_itself_and_the_list_follows(page: Page, stub: Stub) -> None:
    stub.post("C1", message(NOW_TS - 5, [], "BEAM turned red", APP))
    expect(page.get_by_text("BEAM turned red")).to_be_in_viewport()


def test_somebody_who_scrolled_up_is_left_there(page: Page, stub: Stub) -> None:
    messages = page.get_by_label("Messages", exact=True)
    messages.evaluate("node => { node.scrollTop = 0; }")
    page.wait_for_timeout(100)
    stub.post("C1", message(NOW_TS - 5, [], "BEAM turned red", APP))
    page.get_by_text("BEAM turned red").wait_for(state="attached")
    assert messages.evaluate("node => node.scrollTop") == 0


def test_an_update_keeps_what_did_not_change(page: Page, stub: Stub) -> None:
    block(page, "dt").get_by_role("button", name="Next page").click()
    stub.messages["C1"][4]["blocks"].append({"type": "section", "block_id": "new", "text": mrkdwn("One more")})
    stub.hint(type="message", channel="C1")
    expect(block(page, "new")).to_have_text("One more")
    assert first_column(block(page, "dt").get_by_role("table")) == ["FOX", "GAMMA"]
