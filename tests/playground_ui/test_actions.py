"""What people do in a conversation: buttons, menus, commands, the clock, switching persons."""

from playwright.sync_api import Page, Route, expect

from tests.playground_ui import forms
from tests.playground_ui.people import Json
from tests.playground_ui.stub import Stub


def wait_for(page: Page, stub: Stub, kind: str, count: int = 1) -> list[Json]:
    """What was sent of a kind, as soon as there are `count` of it."""
    for _ in range(500):
        if len(stub.sent(kind)) >= count:
            break
        page.wait_for_timeout(20)
    sent = stub.sent(kind)
    assert len(sent) == count, sent
    return sent


def test_a_button_sends_slacks_fields(page: Page, stub: Stub) -> None:
    page.get_by_role("button", name="Report", exact=True).click()
    [act] = wait_for(page, stub, "action")
    assert act["as"] == "U1"
    assert act["container"] == {"type": "message", "channel": "C1", "ts": stub.messages["C1"][8]["ts"]}
    assert act["element"] == {
        "type": "button",
        "block_id": "controls",
        "action_id": "report",
        "text": {"type": "plain_text", "text": "Report"},
        "value": "v-report",
        "style": "primary",
    }
    assert act["state"]["values"] == {
        "controls": {
            "later": {"type": "static_select", "selected_option": None},
            "until": {"type": "datepicker", "selected_date": None},
        }
    }


def test_a_confirmation_is_asked_first(page: Page, stub: Stub) -> None:
    page.get_by_role("button", name="Drop").click()
    dialog = page.get_by_role("alertdialog", name="Drop the project?")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Drop").click()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert stub.sent("action") == []
    page.get_by_role("button", name="Drop").click()
    dialog.get_by_role("button", name="Drop it").click()
    [act] = wait_for(page, stub, "action")
    assert act["action_id"] == "drop"


def test_select_date_and_overflow_send_what_was_chosen(page: Page, stub: Stub) -> None:
    page.get_by_label("Remind me later").click()
    page.get_by_role("option", name="Tomorrow").click()
    [chosen] = wait_for(page, stub, "action")
    assert chosen["element"]["selected_option"]["value"] == "1d"
    assert chosen["state"]["values"]["controls"]["later"]["selected_option"]["value"] == "1d"
    page.get_by_label("Away until").fill("2026-12-01")
    chosen = wait_for(page, stub, "action", 2)[-1]
    assert chosen["element"]["selected_date"] == "2026-12-01"
    page.get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Hand over").click()
    chosen = wait_for(page, stub, "action", 3)[-1]
    assert (chosen["element"]["type"], chosen["element"]["selected_option"]["value"]) == ("overflow", "hand")


def test_keys_work_a_select(page: Page, stub: Stub) -> None:
    page.get_by_label("Remind me later").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="In one hour").wait_for()
    page.keyboard.type("tom")
    expect(page.get_by_role("listbox", name="Choices").get_by_role("option")).to_have_text(
        ["TomorrowAt nine, your time"]
    )
    page.keyboard.press("Enter")
    [act] = wait_for(page, stub, "action")
    assert act["element"]["selected_option"]["value"] == "1d"


def test_a_link_button_opens_nothing_outside_but_is_sent(page: Page, stub: Stub) -> None:
    page.get_by_role("button", name="Wiki").click()
    [act] = wait_for(page, stub, "action")
    assert act["element"]["url"] == "https://example.org/wiki"
    expect(page.get_by_text("In Slack this opens https://example.org/wiki")).to_be_visible()
    assert len(page.context.pages) == 1


def test_feedback_and_carousel_buttons(page: Page, stub: Stub) -> None:
    page.get_by_role("button", name="Not useful").click()
    [act] = wait_for(page, stub, "action")
    assert (act["block_id"], act["element"]["value"]) == ("feedback", "down")
    page.get_by_role("button", name="Take CORE").click()
    assert wait_for(page, stub, "action", 2)[-1]["block_id"] == "card_CORE"


def test_no_answer_from_the_app_is_said_at_the_message(page: Page, stub: Stub) -> None:
    stub.answer = lambda act: {"ok": False, "error": "Rollcall did not answer."}
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Rollcall did not answer.")).to_be_visible()


def test_commands_are_suggested_and_sent(page: Page, stub: Stub) -> None:
    composer = page.get_by_label("Message", exact=True)
    composer.fill("/ra")
    expect(page.get_by_role("option", name="/rag")).to_contain_text("[red | amber | project KEY | help]")
    composer.press("Enter")
    expect(composer).to_have_value("/rag ")
    composer.press_sequentially("red & <b>")
    composer.press("Enter")
    [act] = wait_for(page, stub, "command")
    assert (act["channel"], act["text"]) == ("C1", "/rag red & <b>")
    expect(composer).to_have_value("")


def test_a_command_that_failed_keeps_its_text(page: Page, stub: Stub) -> None:
    stub.answer = lambda act: {"ok": False, "error": "/rag failed because the app did not respond"}
    composer = page.get_by_label("Message", exact=True)
    composer.fill("/rag red")
    composer.press("Enter")
    expect(page.get_by_text("/rag failed because the app did not respond")).to_be_visible()
    expect(composer).to_have_value("/rag red")


def test_an_unknown_command_is_not_sent(page: Page, stub: Stub) -> None:
    composer = page.get_by_label("Message", exact=True)
    composer.fill("/nonsense")
    composer.press("Enter")
    expect(page.get_by_text("/nonsense is not a command here. There is: /rag, /report")).to_be_visible()
    assert stub.sent("command") == []


def test_switching_persons_changes_zone_and_keeps_drafts(page: Page, stub: Stub) -> None:
    page.get_by_label("Message", exact=True).fill("half a thought")
    picker = page.get_by_label("Look through the eyes of")
    expect(picker.locator("option").first).to_have_text("Ana Example, Lead of ATLAS")
    expect(picker.locator("option", has_text="Ben")).to_have_count(0)
    picker.select_option("U3")
    expect(page.get_by_label("Simulated time")).to_contain_text("10:00")
    page.get_by_role("link", name="imaging-leadership").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    picker.select_option("U1")
    expect(page.get_by_label("Simulated time")).to_contain_text("Friday27 November 202616:00")
    expect(page.get_by_label("Message", exact=True)).to_have_value("half a thought")


def test_on_a_phone_a_late_answer_leaves_the_menu_open(page: Page) -> None:
    """Whoever opens the menu again while another person's view is under way loses neither the menu nor the next tap."""
    page.set_viewport_size({"width": 390, "height": 844})
    late: list[Route] = []

    def keep(route: Route) -> None:
        late.append(route)

    page.route("**/ui/state?as=U3", keep)
    opener = page.get_by_role("button", name="Open the menu")
    opener.click()
    page.get_by_label("Look through the eyes of").select_option("U3")
    place = page.get_by_role("link", name="imaging-leadership", exact=True)
    expect(place).to_be_hidden()
    opener.click()
    with page.expect_response("**/ui/state?as=U3"):
        late.pop(0).continue_()
    expect(page.get_by_label("Simulated time")).to_contain_text("10:00")
    expect(place).to_be_visible()
    place.click()
    expect(place).to_be_hidden()


def test_unread_badges_go_when_read(page: Page, stub: Stub) -> None:
    general = page.get_by_role("link", name="general", exact=True)
    expect(general).to_have_attribute("aria-description", "3 unread")
    general.click()
    expect(general).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="imaging-leadership").click()
    expect(general).not_to_have_attribute("aria-description", "3 unread")


def test_the_clock_moves_and_is_busy_meanwhile(page: Page, stub: Stub) -> None:
    stub.gate.clear()
    monday = page.get_by_role("button", name="Monday 09:00")
    monday.click()
    expect(page.get_by_text("The clock is moving")).to_be_visible()
    expect(page.get_by_role("button", name="Friday 16:00")).to_be_disabled()
    stub.gate.set()
    expect(page.get_by_label("Simulated time")).to_contain_text("Monday30 November 202609:00")
    expect(monday).to_be_enabled()
    assert wait_for(page, stub, "clock") == [{"kind": "clock", "control": "mon"}]


def test_home_opens_updates_and_dispatches(page: Page, stub: Stub) -> None:
    stub.homes["U1"] = forms.HOME
    page.get_by_role("link", name="App Home").click()
    expect(page.get_by_role("heading", name="Your projects")).to_be_visible()
    wait_for(page, stub, "opened_home")
    page.get_by_label("Your reminder time").fill("08:30")
    [act] = wait_for(page, stub, "action")
    assert act["container"] == {"type": "view", "view_id": "VH"}
    assert act["element"]["selected_time"] == "08:30"
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_label("Message", exact=True)).to_be_visible()


def test_the_page_catches_up_after_the_line_was_cut(page: Page, stub: Stub) -> None:
    stub.cut()
    stub.notice = "Week 49"
    expect(page.get_by_text("Week 49")).to_be_visible()
