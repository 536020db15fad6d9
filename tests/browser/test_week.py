"""A whole week of the made-up company in a real browser: lead, executive and PMO. The tests follow one another."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.xdist_group("browser")


def test_the_lead_sees_her_prompt_at_once(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.locator(".who-name")).to_have_text("Ana Ferreira")
    first = page.locator(".who-select option").all_inner_texts()[:3]
    assert [name.split()[0] for name in first] == ["Ana", "Carl", "Anna"]
    expect(visitor.last).to_contain_text("Good morning Ana. 3 projects report this week")
    expect(visitor.last.get_by_role("button", name="Report")).to_have_count(3)
    expect(page.get_by_text("Begin as Ana, a project lead")).to_be_visible()
    visitor.shot("01-prompt")


def test_a_draft_is_kept(visitor: Visitor) -> None:
    page, form = visitor.page, visitor.form
    visitor.last.get_by_role("button", name="Report").first.click()
    expect(form.get_by_role("heading", name="ATLAS, week")).to_be_visible()
    visitor.form_shots("02-report")
    form.get_by_label("Headline").fill("The sensor supplier asks for two weeks more.")
    with page.expect_response(lambda response: response.url.endswith("/ui/act") and response.ok):
        form.get_by_label("Done").fill("Frame & stage of <unit 1> are mounted.")
    visitor.press("Keep draft")
    expect(form).to_be_hidden()
    visitor.last.get_by_role("button", name="Report").first.click()
    expect(form.get_by_label("Headline")).to_have_value("The sensor supplier asks for two weeks more.")
    expect(form.get_by_label("Done")).to_have_value("Frame & stage of <unit 1> are mounted.")
    expect(form.get_by_text("Your draft of")).to_be_visible()
    # A client that dies sends nothing; the draft was kept before.
    page.reload()
    expect(visitor.last).to_contain_text("Good morning Ana")
    expect(form).to_have_count(0)
    visitor.last.get_by_role("button", name="Report").first.click()
    expect(form.get_by_label("Done")).to_have_value("Frame & stage of <unit 1> are mounted.")


def test_amber_asks_for_a_path_to_green(visitor: Visitor) -> None:
    form = visitor.form
    expect(form.get_by_label("Path to green: what happens")).to_have_count(0)
    form.get_by_label("Amber").check()
    expect(form.get_by_label("Path to green: what happens")).to_be_visible()
    expect(form.get_by_label("Headline")).to_have_value("The sensor supplier asks for two weeks more.")
    visitor.shot("03-amber")
    visitor.press("Send report")
    expect(form.get_by_text("Please complete this required field.").first).to_be_visible()
    form.get_by_label("Why is it not green?").fill("The line sensor comes two weeks late.")
    form.get_by_label("Path to green: what happens").fill("Sensor in hand and tested")
    form.get_by_label("Path to green: who does it").fill("Ana Ferreira")
    form.get_by_label("Path to green: by when").fill(visitor.day(-30))
    visitor.press("Send report")
    wrong = form.get_by_role("alert").filter(has_text="date")
    expect(wrong).to_be_visible()
    visitor.shot("04-field-error")
    form.get_by_label("Path to green: by when").fill(visitor.day(18))


def test_the_receipt_stands_in_the_prompt(visitor: Visitor) -> None:
    visitor.press("Send report")
    expect(visitor.form).to_be_hidden()
    expect(visitor.last).to_contain_text(re.compile(r"ATLAS\s+amber \(was green\), sent"))
    expect(visitor.last).to_contain_text("1 of 3 answered")
    visitor.shot("05-receipt")


def test_a_correction_gives_its_reason(visitor: Visitor) -> None:
    form = visitor.form
    visitor.last.get_by_role("button", name="Edit").click()
    form.get_by_label("Headline").fill("The sensor supplier asks for one week more.")
    form.get_by_label("What do you correct?").fill("Two weeks was wrong; it is one.")
    visitor.form_shots("06-edit")
    visitor.press("Send report")
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text(re.compile(r"ATLAS.*revision 2"))


def test_nothing_changed_is_confirmed_for_each_project(visitor: Visitor) -> None:
    form = visitor.form
    visitor.last.get_by_role("button", name="Nothing changed ...").click()
    expect(form).to_contain_text("Nothing is sent that you do not confirm here.")
    visitor.shot("07-nothing-changed")
    visitor.press("Send confirmed")
    expect(form.get_by_role("alert").first).to_be_visible()
    core = form.get_by_role("radiogroup", name=re.compile("CORE"))
    core.get_by_label("Still green, as last time").check()
    form.get_by_role("radiogroup", name=re.compile("BEAM")).get_by_label("Not now").check()
    visitor.press("Send confirmed")
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text(re.compile(r"CORE\s+green, sent"))


def test_a_watermelon_is_asked_why(visitor: Visitor) -> None:
    form = visitor.form
    visitor.last.get_by_role("button", name="Edit").last.click()
    form.get_by_role("heading", name="CORE, week").wait_for()
    visitor.pick(form.get_by_label("Cost", exact=True), "Red")
    why = form.get_by_label("Why is the overall status right?")
    expect(why).to_be_visible()
    why.scroll_into_view_if_needed()
    visitor.shot("08-watermelon")
    why.fill("Finance booked two invoices twice; they are being corrected.")
    form.get_by_label("What do you correct?").fill("Cost was not looked at.")
    visitor.press("Send report")
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text(re.compile(r"CORE\s+green, sent .* revision 2"))


def test_later_and_away(visitor: Visitor) -> None:
    form = visitor.form
    visitor.pick(visitor.last.get_by_label("Remind me later"), "in 4 hours")
    expect(visitor.last).to_contain_text("I will ask again")
    visitor.shot("09-snoozed")
    visitor.page.get_by_role("button", name="I am away ...").click()
    form.get_by_label("First day away").fill(visitor.day(28))
    form.get_by_label("Last day away").fill(visitor.day(25))
    visitor.press("Save")
    expect(form.get_by_role("alert").first).to_be_visible()
    visitor.shot("10-away")
    form.get_by_label("Last day away").fill(visitor.day(38))
    visitor.press("Save")
    expect(form).to_be_hidden()
    visitor.shot("11-away-known")


def test_a_reminder_comes_only_for_what_is_owed(visitor: Visitor) -> None:
    visitor.clock("Thursday 12:00")
    expect(visitor.last).to_contain_text("Still open: BEAM.")
    visitor.shot("12-reminder")


def test_the_executive_reads_the_digest(visitor: Visitor) -> None:
    page = visitor.page
    visitor.clock("Friday 16:00")
    visitor.be("Carl")
    visitor.shot("13-carl")
    visitor.visit("leadership")
    digest = visitor.last
    expect(digest).to_contain_text("Portfolio status, week")
    expect(digest).to_contain_text("Two projects turned red, two turned amber and one recovered; 21 of 24 reported.")
    expect(digest).to_contain_text(re.compile(r"R\s*4 \(\+2\)\s*A\s*5 \(−1\)"))
    visitor.page_shots("14-digest", digest)
    expect(digest).to_contain_text("1–12 of 24")
    digest.get_by_role("button", name="Next page").click()
    expect(digest).to_contain_text("13–24 of 24")
    digest.get_by_role("button", name=re.compile("repl")).click()
    expect(page.locator("#thread")).to_contain_text("The sensor supplier asks for one week more.")
    visitor.shot("15-digest-thread", page.locator("#thread").get_by_role("article").nth(1))
    page.get_by_role("button", name="Close thread").click()


def test_the_executive_takes_an_alert(visitor: Visitor) -> None:
    visitor.visit("alerts")
    alert = visitor.page.get_by_role("article").filter(has_text="NOVA turned red")
    expect(alert).to_have_count(1)
    visitor.page_shots("16-alerts", visitor.page.get_by_role("article").first)
    alert.get_by_role("button", name="I have this").click()
    expect(alert).to_contain_text("Carl Weston has this since")
    visitor.shot("17-taken", alert)


def test_the_executive_decides(visitor: Visitor) -> None:
    visitor.visit("leadership")
    visitor.last.get_by_role("button", name="Decide").last.click()
    expect(visitor.form.get_by_role("heading", name="Decision for ECHO")).to_be_visible()
    visitor.form.get_by_label("Decided").check()
    visitor.form.get_by_label("In your words").fill("Yes, tell them March.")
    visitor.shot("18-decision")
    visitor.press("Record")
    expect(visitor.form).to_be_hidden()
    expect(visitor.last).to_contain_text("Decided: Yes, tell them March.")
    expect(visitor.last.get_by_role("button", name="Decide")).to_have_count(1)
    expect(visitor.last.get_by_role("button", name="3 replies")).to_be_visible()
    visitor.shot("19-decided", visitor.last)


def test_the_executive_asks(visitor: Visitor) -> None:
    visitor.visit("Rollcall")
    answer = visitor.ask("/rag")
    expect(answer).to_contain_text("4 projects are red, 2 more than last time; 21 of 24 reported.")
    expect(answer).to_contain_text("1 to 15 of 24.")
    visitor.shot("20-rag", answer)
    answer = visitor.ask("/rag red")
    expect(answer).to_contain_text("NOVA")
    visitor.shot("21-rag-red", answer)
    answer = visitor.ask("/rag baem")
    expect(answer).to_contain_text("No project baem. Did you mean BEAM?")
    visitor.shot("22-rag-typo", answer)
    answer.get_by_role("button", name="BEAM").click()
    expect(visitor.last).to_contain_text("Beamline upgrade")
    visitor.shot("23-rag-project", visitor.last)
    visitor.last.get_by_role("button", name=re.compile("[Hh]istory")).click()
    expect(visitor.last).to_contain_text("The mirror cracked in transport.")
    visitor.shot("24-rag-history", visitor.last)


def test_a_late_report_reaches_the_digest_that_is_out(visitor: Visitor) -> None:
    page, form = visitor.page, visitor.form
    visitor.be("Ana")
    visitor.last.get_by_role("button", name="Report").click()
    form.get_by_label(re.compile("Promised for")).wait_for()
    visitor.form_shots("30-late")
    form.get_by_label("Red").check()
    form.get_by_label("Why is it not green?").fill("The supplier missed the date again.")
    form.get_by_label("Path to green: what happens").fill("Second supplier signed")
    form.get_by_label("Path to green: who does it").fill("Ana Ferreira")
    form.get_by_label("Path to green: by when").fill(visitor.day(9))
    form.get_by_label("Headline").fill("The mirror is late; the second supplier can deliver in May.")
    form.get_by_label("Decision needed").fill("Take the second supplier at 40 k more?")
    visitor.pick(form.get_by_label("Asked of"), "Carl Weston")
    form.get_by_label("Needed by").fill(visitor.day(5))
    _risks(visitor)
    visitor.form_shots("32-late-filled")
    visitor.press("Send report")
    expect(form).to_be_hidden()
    prompt = page.get_by_role("article").filter(has_text="Thank you, that is all.")
    expect(prompt).to_contain_text(re.compile(r"BEAM\s+red \(was amber\), late, sent"))
    visitor.shot("33-all-answered", prompt)
    visitor.be("Carl")
    visitor.visit("leadership")
    digest = visitor.last
    expect(digest).to_contain_text("Three projects turned red")
    expect(digest).to_contain_text("Second supplier signed")
    digest.get_by_role("button", name="4 replies").click()
    expect(page.locator("#thread").get_by_role("article").last).to_contain_text(
        "BEAM reported late: red (was not reported)."
    )
    visitor.shot("34-late-in-thread", page.locator("#thread").get_by_role("article").last)
    page.get_by_role("button", name="Close thread").click()


def _risks(visitor: Visitor) -> None:
    """One risk is closed, one is new."""
    page, form = visitor.page, visitor.form
    form.get_by_label("Keep").first.click()
    page.get_by_role("option", name="Close").click()
    expect(form).to_contain_text("Will be closed:")
    visitor.press("Add a risk ...")
    form.get_by_role("heading", name="Risk", exact=True).wait_for()
    visitor.shot("31-risk")
    visitor.press("Keep risk")
    expect(form.get_by_role("alert").first).to_be_visible()
    form.get_by_label("What may happen").fill("The second supplier has never made such a mirror")
    for name, option in (("Probability", "4, likely"), ("Impact", "5, severe")):
        visitor.pick(form.get_by_label(name), option)
    form.get_by_label("Owner").fill("Ana Ferreira")
    visitor.press("Keep risk")
    expect(form).to_contain_text("New, score 20: The second supplier")
    expect(form.get_by_label("Headline")).to_have_value("The mirror is late; the second supplier can deliver in May.")


def test_the_pmo_asks_and_reminds(visitor: Visitor) -> None:
    visitor.be("Anna")
    visitor.visit("Rollcall")
    missing = visitor.ask("/rag missing")
    expect(missing).to_contain_text("2 projects have not reported.")
    visitor.shot("40-missing", missing)
    expect(visitor.ask("/rag remind")).to_contain_text("2 people are reminded: ")
    visitor.ask("/rag digest preview leadership")
    preview = visitor.page.get_by_role("article").filter(has_text="Preview of leadership")
    expect(preview).to_contain_text("nothing was sent.")
    visitor.page_shots("41-preview", preview)
    help_ = visitor.ask("/rag help")
    expect(help_).to_contain_text("digest preview")
    visitor.shot("42-help", help_)


def test_the_pmo_changes_a_lead(visitor: Visitor) -> None:
    form = visitor.form
    visitor.type("/rag project edit RAVEN")
    form.get_by_role("heading", name="Change RAVEN").wait_for()
    visitor.form_shots("43-project")
    visitor.pick(form.get_by_label("Lead", exact=True), "Emil Novak")
    visitor.press("Save")
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text("RAVEN is changed.")
    expect(visitor.ask("/rag RAVEN")).to_contain_text("@Emil Novak")


def test_the_pmo_sets_an_absence(visitor: Visitor) -> None:
    form = visitor.form
    visitor.type("/rag absence")
    visitor.pick(form.get_by_label("Who is away"), "Jun Park")
    form.get_by_label("First day away").fill(visitor.day(3))
    form.get_by_label("Last day away").fill(visitor.day(14))
    visitor.shot("45-absence")
    visitor.press("Save")
    expect(form).to_be_hidden()
    expect(visitor.last).to_contain_text("Jun Park is away")
    visitor.shot("46-absence-saved")


def test_the_pmo_exports(visitor: Visitor) -> None:
    expect(visitor.ask("/rag export")).to_contain_text("24 projects")
    visitor.shot("47-export")
    with visitor.page.expect_download() as download:
        visitor.last.get_by_role("link", name=re.compile("Download")).click()
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).worksheets[0]
    assert sheet.max_row == 25


def test_homes(visitor: Visitor) -> None:
    page = visitor.page
    for name, words in (("Anna", "22 of 24 reported"), ("Ana", "ATLAS"), ("Carl", "5 projects are red")):
        visitor.be(name)
        visitor.visit("App Home")
        expect(page.get_by_role("region", name="App Home")).to_contain_text(words)
        visitor.shot(f"50-home-{name.lower()}")


def test_a_lead_may_not_do_what_is_the_pmos(visitor: Visitor) -> None:
    visitor.be("Ana")
    visitor.visit("Rollcall")
    refused = visitor.ask("/rag remind")
    expect(refused).to_contain_text(re.compile("Only the PMO may do this: @?Anna Marsh"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mine", "3 projects are yours; nothing is owed."),
        ("risks", "risks are open, highest score first."),
        ("trend", "Projects by colour"),
        ("worse", "projects are worse than before."),
        ("portfolio:imaging lead:@chiara", "portfolio:imaging, lead:Chiara Rossi"),
        ("history ATLAS", "The sensor supplier asks for one week more."),
        ("help colours", "On track. Time, cost and scope are within tolerance; no help is needed."),
    ],
)
def test_every_question_has_its_answer(visitor: Visitor, line: str, words: str) -> None:
    answer = visitor.ask(f"/rag {line}")
    expect(answer).to_contain_text(words)
    visitor.shot(f"52-{line.split(maxsplit=1)[0].replace(':', '-')}", answer)


def test_the_next_week_begins(visitor: Visitor) -> None:
    visitor.clock("Next Monday 09:00")
    expect(visitor.last).to_contain_text("Good morning Ana.")
    visitor.shot("53-next-week", visitor.last)


def test_on_a_phone(phone: Visitor) -> None:
    page = phone.page
    expect(phone.last).to_contain_text("Good morning Ana.")
    phone.shot("01-prompt", phone.last)
    phone.last.get_by_role("button", name="Report").first.click()
    page.get_by_role("heading", name="ATLAS, week").wait_for()
    phone.form.get_by_label("Amber").check()
    phone.form.get_by_label("Path to green: what happens").wait_for()
    phone.form_shots("02-report")
    assert phone.too_wide() == []
    phone.press("Keep draft")
    phone.be("Carl")
    phone.visit("leadership")
    phone.page_shots("03-digest", phone.last)
    phone.visit("alerts")
    phone.shot("04-alerts", page.locator("#main").get_by_role("article").first)
    phone.visit("Rollcall")
    phone.shot("05-rag", phone.ask("/rag"))
    phone.shot("06-project", phone.ask("/rag ATLAS"))
