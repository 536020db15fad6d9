"""A question to leadership stays until it is answered or taken back, and an answer stays with its question."""

from __future__ import annotations

from typing import Any

from reporting.interactions import CloseForm, UserRef
from reporting.messages import Button
from reporting.model import Person, StatusReport
from reporting.services.digest_data import digest_view
from tests.reporting.asking import ask, buttons, text
from tests.support.world import World, errors_of, form_of, text_of


def current(world: World, key: str = "ATLAS") -> StatusReport:
    with world.store.read() as uow:
        report = uow.reports.current(world.projects[key].id, world.period_id(key))
    assert report is not None
    return report


def asking(world: World, question: str = "Second shift?", who: str = "ana", key: str = "ATLAS") -> StatusReport:
    """A report with a question to Carl."""
    more: dict[str, Any] = {"decision_of": UserRef(world.identity("carl")), "decision_by": "2026-12-02"}
    form = world.open_report(who, key)
    if any(getattr(item, "id", "") == "edit_reason" for item in form.items):
        more["edit_reason"] = "Asked otherwise."
    sent = world.submit(who, form, rag="green", summary="Fine.", decision_question=question, **more)
    assert sent == (CloseForm(all=True),)
    return current(world, key)


def decide(world: World, report_id: int, outcome: str = "decided", words: str = "Yes.", who: str = "carl") -> Any:
    form = form_of(world.click(who, "decision.open", str(report_id)))
    return world.submit(who, form, outcome=outcome, words=words)


def digest(world: World) -> list[dict[str, Any]]:
    policy = world.services.policy.digests[0]
    with world.store.read() as uow:
        view, _ = digest_view(world.services, uow, policy, world.clock.now())
    return [item | {"report_id": 0} for item in view["decisions"]]


def home(world: World, who: str = "carl") -> str:
    [shown] = world.desk.home(world.identity(who))
    return "\n".join(text(block) for block in shown.home.blocks)  # type: ignore[union-attr]


def deciding(world: World, who: str, key: str = "atlas") -> list[Button]:
    return [button for button in buttons(ask(world, who, key)) if button.action == "decision.open"]


# ---------------------------------------------------------------- edits


def test_an_answer_survives_a_correction_of_something_else(open_week: World) -> None:
    asked = asking(open_week)
    decide(open_week, asked.id)
    open_week.report("ana", "ATLAS", "green", "A better headline.")
    corrected = current(open_week)
    assert (corrected.revision, corrected.decision) == (2, asked.decision)
    [item] = digest(open_week)
    assert item["taken"] == {"outcome": "decided", "words": "Yes."}
    assert "asked of you" not in home(open_week)
    again = errors_of(decide(open_week, corrected.id, "deferred", "No.", who="anna"))
    assert "Carl decided this on Mon 23 Nov 09:00: “Yes.”" in again["words"]


def test_blanks_and_capitals_make_no_other_question(open_week: World) -> None:
    decide(open_week, asking(open_week).id)
    asking(open_week, " second   SHIFT? ")
    assert digest(open_week)[0]["taken"] is not None


def test_another_question_is_open_again(open_week: World) -> None:
    decide(open_week, asking(open_week).id)
    asking(open_week, "Third shift?")
    [item] = digest(open_week)
    assert (item["question"], item["taken"]) == ("Third shift?", None)
    assert "ATLAS  Third shift?" in home(open_week)


def test_the_same_question_of_another_project_is_another_one(open_week: World) -> None:
    decide(open_week, asking(open_week).id)
    asking(open_week, key="BEAM")
    assert {item["key"]: item["taken"] is None for item in digest(open_week)} == {"ATLAS": False, "BEAM": True}


def test_a_question_in_the_digest_and_in_ones_own_project_is_listed_once(world: World) -> None:
    world.project("OWN", "carl")
    world.go("2026-11-23", "09:00")
    asking(world, who="carl", key="OWN")
    world.go("2026-11-27", "16:00")
    world.report("carl", "OWN", "green", "A better headline.")
    assert home(world).count("Second shift?") == 1


# ---------------------------------------------------------------- periods


def values(world: World, who: str = "ana", key: str = "ATLAS") -> dict[str, Any]:
    form = world.open_report(who, key)
    return {item.id: item.value for item in form.items if hasattr(item, "id") and item.id.startswith("decision_")}


NOTHING = {"decision_question": "", "decision_of": None, "decision_by": ""}


def carl(world: World) -> Person:
    return world.people["carl"]


def test_an_open_question_is_asked_again_until_it_is_taken_back(open_week: World) -> None:
    asked = asking(open_week)
    open_week.go("2026-11-30", "09:00")
    prefilled = {"decision_question": "Second shift?", "decision_of": carl(open_week).id, "decision_by": "2026-12-02"}
    assert values(open_week) == prefilled
    form = open_week.open_report("ana", "ATLAS")
    open_week.submit("ana", form, rag="green", summary="Fine.")
    assert current(open_week).decision == asked.decision
    open_week.go("2026-12-07", "09:00")
    form = open_week.open_report("ana", "ATLAS")
    none = dict.fromkeys(NOTHING)
    open_week.submit("ana", form, rag="green", summary="Fine.", **none)
    assert current(open_week).decision is None
    open_week.go("2026-12-14", "09:00")
    assert values(open_week) == NOTHING


def test_an_answered_question_is_not_asked_again(open_week: World) -> None:
    mondays = {"decided": "2026-11-30", "delegated": "2026-12-07", "deferred": "2026-12-14"}
    for outcome, monday in mondays.items():
        question = f"Shall it be {outcome}?"
        decide(open_week, asking(open_week, question, "ben", "CORE").id, outcome)
        open_week.go(monday, "09:00")
        kept = question if outcome == "deferred" else ""
        assert values(open_week, "ben", "CORE")["decision_question"] == kept


def test_nothing_changed_keeps_an_open_question_and_drops_an_answered_one(open_week: World) -> None:
    atlas, beam = asking(open_week), asking(open_week, "Third shift?", key="BEAM")
    decide(open_week, beam.id)
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.unchanged", str(open_week.period_id("ATLAS"))))
    open_week.submit("ana", form, **{f"p_{open_week.projects[key].id}": "green" for key in ("ATLAS", "BEAM")})
    assert current(open_week).decision == atlas.decision
    assert current(open_week, "BEAM").decision is None
    assert [(item["key"], item["taken"]) for item in digest(open_week)] == [("ATLAS", None)]


def test_an_answer_given_by_an_old_button_counts_for_the_question_as_it_is_asked_now(open_week: World) -> None:
    old = asking(open_week)
    open_week.go("2026-11-30", "09:00")
    form = form_of(open_week.click("ana", "report.unchanged", str(open_week.period_id("ATLAS"))))
    open_week.submit("ana", form, **{f"p_{open_week.projects['ATLAS'].id}": "green"})
    decide(open_week, old.id)
    assert digest(open_week)[0]["taken"] == {"outcome": "decided", "words": "Yes."}
    assert "“Yes.”" in errors_of(decide(open_week, current(open_week).id, who="anna"))["words"]


def test_a_question_asked_anew_in_a_later_period_is_open(open_week: World) -> None:
    decide(open_week, asking(open_week).id)
    open_week.go("2026-11-30", "09:00")
    asking(open_week)
    assert digest(open_week)[0]["taken"] is None
    assert decide(open_week, current(open_week).id, words="Yes, again.") == (CloseForm(all=True),)


def test_every_digest_that_asks_is_told_the_answer(open_week: World) -> None:
    old = asking(open_week)
    open_week.go("2026-11-30", "09:00")
    open_week.report("ana", "ATLAS")
    open_week.go("2026-12-04", "16:00")
    decide(open_week, old.id)
    for day in ("2026-11-23", "2026-11-30"):
        [told] = [d.key for d in open_week.deliveries(f"digest:leadership:{day}") if ":news:" in d.key]
        assert "Carl has decided for ATLAS. Yes." in text_of(open_week.message(told))


# ---------------------------------------------------------------- what a project shows


def test_an_open_question_can_be_decided_where_the_project_is_shown(open_week: World) -> None:
    asked = asking(open_week)
    shown = text(ask(open_week, "carl", "atlas"))
    assert "Decision asked for: Second shift? Of Carl, by Wed 2 Dec." in shown
    assert [button.value for button in deciding(open_week, "carl")] == [str(asked.id)]
    assert deciding(open_week, "anna")  # the PMO may
    assert not deciding(open_week, "dora")
    assert not deciding(open_week, "ana")


def test_an_answer_is_shown_with_who_gave_it_and_when(open_week: World) -> None:
    asked = asking(open_week)
    for outcome, words in (("delegated", "Delegated by Carl"), ("deferred", "Deferred by Carl"),
                           ("decided", "Decided by Carl")):  # fmt: skip
        decide(open_week, asked.id, outcome, "See me.")
        assert f"{words}, Mon 23 Nov 09:00: See me." in text(ask(open_week, "dora", "atlas"))
        # Only who deferred it may still decide it.
        assert bool(deciding(open_week, "carl")) is (outcome != "decided")
        assert not deciding(open_week, "anna")


def test_an_open_question_of_the_last_report_is_still_shown(open_week: World) -> None:
    asking(open_week)
    open_week.go("2026-11-30", "09:00")
    assert "Decision asked for: Second shift?" in text(ask(open_week, "carl", "atlas"))
    assert deciding(open_week, "carl")


def test_an_answer_by_somebody_without_a_row_is_shown(open_week: World) -> None:
    asked = asking(open_week)
    decide(open_week, asked.id)
    with open_week.store.begin() as uow:
        [subject] = {e.subject for e in uow.audit.events() if e.action == "decision.recorded"}
        after = {"outcome": "decided", "words": "Go."}
        uow.audit.append(open_week.clock.now(), "user:U_NEW", "decision.recorded", subject, None, after)
    assert "Decided by somebody, Mon 23 Nov 09:00: Go." in text(ask(open_week, "dora", "atlas"))
    assert "Somebody decided this" in errors_of(decide(open_week, asked.id, words="No."))["words"]
