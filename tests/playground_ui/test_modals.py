"""Modals: state.values as Slack sends them, errors, updates that keep typed text, the stack, the keyboard."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.playground_ui import forms
from tests.playground_ui.people import Json, mrkdwn
from tests.playground_ui.stub import Stub
from tests.playground_ui.test_actions import wait_for


@pytest.fixture
def dialog(page: Page, stub: Stub) -> Locator:
    """The report form, open."""
    stub.show(forms.report_view())
    opened = page.get_by_role("dialog", name="ATLAS, week 48")
    opened.wait_for()
    return opened


def send(dialog: Locator) -> None:
    """Press the submit button."""
    dialog.get_by_role("button", name="Send report").click()


def fill_required(dialog: Locator) -> None:
    """Answer the two required questions that have no initial value."""
    dialog.get_by_label("Amber").check()
    dialog.get_by_label("Headline").fill("Supplier is late")


def values(page: Page, stub: Stub) -> Json:
    """The values of the only submission."""
    [act] = wait_for(page, stub, "submit")
    assert act["view_id"] == "V1"
    flat: Json = {block: next(iter(fields.values())) for block, fields in act["state"]["values"].items()}
    return flat


EMPTY = {
    "area": {"type": "static_select", "selected_option": None},
    "tags": {"type": "multi_static_select", "selected_options": []},
    "checks": {"type": "checkboxes", "selected_options": []},
    "hour": {"type": "timepicker", "selected_time": None},
    "cost": {"type": "number_input", "value": None},
    "owner": {"type": "users_select", "selected_user": None},
    "room": {"type": "conversations_select", "selected_conversation": None},
    "risk": {"type": "external_select", "selected_option": None},
    "mail": {"type": "email_text_input", "value": None},
    "page": {"type": "url_text_input", "value": None},
    "search": {"type": "plain_text_input", "value": None},
}
INITIAL = {
    "overall": {"type": "radio_buttons", "selected_option": forms.COLOURS[1]},
    "headline": {"type": "plain_text_input", "value": "Supplier is late"},
    "done": {"type": "plain_text_input", "value": "Optics installed"},
    "scope": {"type": "static_select", "selected_option": forms.COLOURS[0]},
    "when": {"type": "datepicker", "selected_date": "2026-12-05"},
    "moment": {"type": "datetimepicker", "selected_date_time": 1795791600},
    "watchers": {"type": "multi_users_select", "selected_users": ["U2"]},
}


def test_untouched_inputs_send_initial_values_null_or_an_empty_list(page: Page, stub: Stub, dialog: Locator) -> None:
    fill_required(dialog)
    send(dialog)
    assert values(page, stub) == EMPTY | INITIAL


def choose(page: Page, dialog: Locator, label: str, option: str) -> None:
    """Pick one option of a select."""
    dialog.get_by_label(label, exact=True).click()
    dialog.get_by_role("option", name=option).click()


def test_every_input_reports_what_was_entered(page: Page, stub: Stub, dialog: Locator) -> None:
    fill_required(dialog)
    choose(page, dialog, "Scope", "Red")
    choose(page, dialog, "Area", "Control")
    choose(page, dialog, "Tags", "Red")
    page.get_by_role("option", name="Green").click()
    page.keyboard.press("Escape")
    dialog.get_by_label("Audit closed").check()
    dialog.get_by_label("Supplier signed").check()
    dialog.get_by_label("Next date").fill("2026-12-11")
    dialog.get_by_label("At", exact=True).fill("14:30")
    dialog.get_by_label("Exact moment").fill("2026-11-28T09:00")
    dialog.get_by_label("Cost").fill("40")
    choose(page, dialog, "Owner", "Dora Dummy")
    dialog.get_by_role("button", name="Remove Carl Sample").click()
    choose(page, dialog, "Watchers", "Petra Placeholder")
    page.keyboard.press("Escape")
    choose(page, dialog, "Channel", "#general")
    dialog.get_by_label("Mail").fill("ana@example.org")
    send(dialog)
    sent = values(page, stub)
    assert sent["scope"]["selected_option"] == forms.COLOURS[2]
    assert sent["area"]["selected_option"]["value"] == "c"
    assert [one["value"] for one in sent["tags"]["selected_options"]] == ["r", "g"]
    assert [one["value"] for one in sent["checks"]["selected_options"]] == ["s", "u"]
    assert sent["when"]["selected_date"] == "2026-12-11"
    assert sent["hour"]["selected_time"] == "14:30"
    assert sent["moment"]["selected_date_time"] == 1795852800
    assert sent["cost"]["value"] == "40"
    assert sent["owner"]["selected_user"] == "U4"
    assert sent["watchers"]["selected_users"] == ["U3"]
    assert sent["room"]["selected_conversation"] == "C2"
    assert sent["mail"]["value"] == "ana@example.org"


def test_the_client_refuses_what_slack_refuses(page: Page, stub: Stub, dialog: Locator) -> None:
    dialog.get_by_label("Cost").fill("4.5")
    dialog.get_by_label("Mail").fill("nobody")
    dialog.get_by_label("Headline").fill("x" * 130)
    send(dialog)
    expect(dialog.get_by_role("alert")).to_have_text(
        [
            "Please complete this required field.",
            "Please use at most 120 characters. This has 130.",
            "Please enter a whole number.",
            "Please enter a valid email address.",
        ]
    )
    assert stub.sent("submit") == []
    dialog.get_by_label("Green", exact=True).check()
    expect(dialog.get_by_text("Please complete this required field.")).to_have_count(0)


def test_errors_of_the_app_stand_at_their_block(page: Page, stub: Stub, dialog: Locator) -> None:
    stub.answer = lambda act: {
        "ack": {"response_action": "errors", "errors": {"when": "A date after today, or clear it."}}
    }
    fill_required(dialog)
    send(dialog)
    expect(dialog.get_by_label("Next date")).to_have_accessible_description("A date after today, or clear it.")
    expect(dialog.get_by_label("Next date")).to_be_focused()
    expect(dialog.get_by_label("Headline")).to_have_value("Supplier is late")


def test_a_submission_without_answer_keeps_everything_and_says_so(page: Page, stub: Stub, dialog: Locator) -> None:
    stub.gate.clear()
    stub.answer = lambda act: {"ok": False, "error": "We had some trouble connecting. Try again?"}
    fill_required(dialog)
    send(dialog)
    expect(dialog.get_by_role("button", name="Send report")).to_be_disabled()
    stub.gate.set()
    expect(dialog.get_by_role("alert")).to_have_text("We had some trouble connecting. Try again?")
    expect(dialog.get_by_label("Headline")).to_have_value("Supplier is late")
    expect(dialog.get_by_role("button", name="Send report")).to_be_enabled()


def test_an_update_keeps_typed_text_under_the_same_ids_and_resets_other_ids(
    page: Page, stub: Stub, dialog: Locator
) -> None:
    fill_required(dialog)
    dialog.get_by_label("Done").fill("All of it")
    dialog.get_by_label("Headline").focus()
    view = forms.report_view()
    extra = {"type": "section", "block_id": "why", "text": mrkdwn("Say why")}
    done = view["blocks"][4] | {"block_id": "done_2"}
    headline = view["blocks"][3] | {"hint": {"type": "plain_text", "text": "Changed hint"}}
    view["blocks"] = [extra, *view["blocks"][:3], headline, done, *view["blocks"][5:]]
    stub.show(view)
    expect(dialog.get_by_text("Changed hint")).to_be_visible()
    expect(dialog.get_by_label("Headline")).to_have_value("Supplier is late")
    expect(dialog.get_by_label("Headline")).to_be_focused()
    expect(dialog.get_by_label("Amber")).to_be_checked()
    expect(dialog.get_by_label("Done")).to_have_value("Optics installed")


def test_inputs_that_dispatch_tell_the_app(page: Page, stub: Stub, dialog: Locator) -> None:
    dialog.get_by_label("Search").press_sequentially("abc")
    [act] = wait_for(page, stub, "action")
    assert act["element"] == {"type": "plain_text_input", "block_id": "search", "action_id": "a", "value": "abc"}
    assert act["container"] == {"type": "view", "view_id": "V1"}
    dialog.get_by_role("button", name="Add a risk").click()
    act = wait_for(page, stub, "action", 2)[-1]
    assert act["state"]["values"]["search"]["a"]["value"] == "abc"


def test_suggestions_come_from_the_app(page: Page, stub: Stub, dialog: Locator) -> None:
    stub.answer = lambda act: {
        "ack": {"options": [{"text": {"type": "plain_text", "text": f"Risk {act.get('value')}"}, "value": "7"}]}
    }
    dialog.get_by_label("Risk", exact=True).click()
    expect(page.get_by_text("Type 2 or more characters to search.")).to_be_visible()
    page.keyboard.type("su")
    page.get_by_role("option", name="Risk su").click()
    expect(dialog.get_by_label("Risk", exact=True)).to_have_value("Risk su")
    assert stub.sent("options")[-1]["value"] == "su"


def test_the_stack_shows_its_top_and_comes_back(page: Page, stub: Stub, dialog: Locator) -> None:
    fill_required(dialog)
    pushed = forms.view("V2", "Add a risk", [forms.field("title", "Title", {"type": "plain_text_input"})], close=None)
    stub.show(forms.report_view(), pushed)
    top = page.get_by_role("dialog", name="Add a risk")
    top.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_label("Headline")).to_have_value("Supplier is late")
    [act] = wait_for(page, stub, "close")
    assert (act["view_id"], act["clear"]) == ("V2", False)


def test_escape_closes_the_list_first_then_the_view(page: Page, stub: Stub, dialog: Locator) -> None:
    dialog.get_by_label("Scope").click()
    page.get_by_role("option", name="Amber").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option", name="Amber")).to_have_count(0)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    [act] = wait_for(page, stub, "close")
    assert act["clear"] is False


def test_the_cross_clears_the_stack(page: Page, stub: Stub, dialog: Locator) -> None:
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    [act] = wait_for(page, stub, "close")
    assert act["clear"] is True


def test_tab_stays_inside_the_dialog(page: Page, dialog: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        assert inside
