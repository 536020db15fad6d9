"""The trend, digests as they were shown, help, and what is said to a question that is not understood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.ledger import Digest
from reporting.messages import Chart
from reporting.policy import DigestPolicy
from reporting.query import Query, Verb
from reporting.services import answers, people
from tests.reporting.asking import answer, ask, buttons, column, press, returns, text
from tests.support.policy import make_policy
from tests.support.world import World

DIGESTS = (
    DigestPolicy("leadership", "C_LEAD", portfolios=("imaging",)),
    DigestPolicy("board", "C_BOARD", confidential=True),
    DigestPolicy("weekly", "C_LEAD", portfolios=("imaging",)),
    DigestPolicy("never", "C_NEVER", portfolios=("facilities",)),
)


@pytest.fixture
def week(tmp_path: Path) -> World:
    world = World(tmp_path, make_policy(digests=DIGESTS))
    for name in ("ana", "ben", "dora", "carl", "anna"):
        world.person(name)
    world.project("BEAM", "ana")
    world.project("DELTA", "dora", confidential=True)
    world.start()
    world.go("2026-11-23", "09:00")
    returns(world, "BEAM", "GGAR")
    returns(world, "DELTA", "RRR")
    return world


# ---------------------------------------------------------------- trend


def test_the_trend_is_a_chart_with_the_same_in_words(week: World) -> None:
    message = ask(week, "ana", "trend")
    (chart,) = [block for block in message.blocks if isinstance(block, Chart)]
    assert chart.categories == ("Mon 2 Nov", "Mon 9 Nov", "Mon 16 Nov", "Mon 23 Nov")
    assert {s.name: s.values for s in chart.series} == {
        "Red": (0, 0, 0, 1), "Amber": (0, 0, 1, 0), "Green": (1, 1, 0, 0), "Not reported": (0, 0, 0, 0),
    }  # fmt: skip
    assert "Red: 0 0 0 1\nAmber: 0 0 1 0" in text(chart.fallback)
    assert column(message, "Red") == ["1", "0", "0", "0"]
    assert column(ask(week, "anna", "trend"), "Red") == ["2", "1", "1", "0"]


def test_the_trend_reaches_back_as_asked(week: World) -> None:
    assert len(column(ask(week, "ana", "trend since:2w"), "Period")) == 2
    returns(week, "BEAM", "G" * 20)
    message = ask(week, "ana", "trend")
    assert len(column(message, "Period")) == 12
    assert "since:52w goes further back" in text(message)
    assert len(column(ask(week, "ana", "trend since:52w"), "Period")) == 20
    assert ask(week, "ana", "trend since:2030-01-01").summary == "There is no period to show."


def test_the_trend_of_one_project_is_its_history(week: World) -> None:
    assert ask(week, "ana", "trend beam") == ask(week, "ana", "history beam")


# ---------------------------------------------------------------- digests


def test_a_digest_is_shown_as_it_was(week: World) -> None:
    assert ask(week, "ana", "digest").summary == "No digest has been posted yet."
    week.go("2026-11-27", "16:30")
    week.arrive()
    message = ask(week, "ana", "digest leadership")
    assert "As shown in C_LEAD, composed Fri 27 Nov 16:00." in text(message)
    assert "BEAM" in text(message)
    returns(week, "BEAM", "G", newest=week.clock.now().date().replace(day=23), summary="Later.")
    assert ask(week, "ana", "digest leadership") == message
    assert ask(week, "ana", "digest 2026-11-23 ").summary == message.summary
    for day in ("2026-11-27", "2026-11-25", "2026-11-29"):
        assert ask(week, "ana", f"digest {day}").summary == message.summary
    none = ask(week, "ana", "digest 2026-11-01")
    assert none.summary == "No digest of Sun 1 Nov. The nearest is that of week 48."
    assert answer(press(week, "ana", none, "week 48")).summary == message.summary
    assert ask(week, "ana", "digest 2026-12-01").summary.startswith("No digest of Tue 1 Dec. The nearest is")


def test_a_digest_is_found_by_the_day_it_was_posted_even_in_the_next_period(week: World) -> None:
    assert ask(week, "ana", "digest 2026-11-24").summary == "No digest of Tue 24 Nov."
    week.go("2026-11-27", "16:30")
    week.clock.set(week.at("2026-12-01", "10:00"))
    week.arrive()
    assert "As shown in C_LEAD" in text(ask(week, "ana", "digest 2026-12-01"))
    assert ask(week, "ana", "digest 2020-01-01").summary.startswith("No digest of Wed 1 Jan 2020. The nearest is")


def test_history_leads_to_the_digest_of_then(week: World) -> None:
    week.go("2026-11-27", "16:30")
    week.arrive()
    history = ask(week, "ana", "history BEAM")
    assert column(history, "Digest") == ["Show", "–", "–", "–"]
    assert "As shown in C_LEAD" in text(answer(press(week, "ana", history, "Show")))


def test_a_digest_of_a_cleared_channel_is_for_the_cleared(week: World) -> None:
    week.go("2026-11-27", "16:30")
    week.arrive()
    assert "DELTA" in text(ask(week, "carl", "digest board"))
    assert {b.label for b in buttons(ask(week, "carl", "digest"))} & {"leadership", "weekly"}
    assert ask(week, "ana", "digest board").summary == "No digest board. There are: leadership, weekly, never."
    assert "DELTA" not in text(ask(week, "ana", "digest"))


def test_a_digest_with_a_project_that_became_confidential_is_not_shown(week: World) -> None:
    week.go("2026-11-27", "16:30")
    week.arrive()
    with week.store.begin() as uow:
        uow.projects.save(replace(week.projects["BEAM"], confidential=True))
    assert ask(week, "ben", "digest").summary == "No digest has been posted yet."
    assert "BEAM" in text(ask(week, "ana", "digest"))


def test_a_digest_of_a_channel_counts_only_under_its_name(week: World) -> None:
    week.go("2026-11-27", "16:30")
    week.arrive()
    with week.store.begin() as uow:
        shown = uow.digests.latest("C_LEAD")
        assert shown is not None
        uow.digests.add(Digest(0, "C_NEVER", shown.day, (), shown.composed_at, "x", "", {"name": "other"}))
    assert ask(week, "ana", "digest never").summary == "No digest has been posted yet."


def test_a_mistyped_digest(week: World) -> None:
    message = ask(week, "ana", "digest leadrship")
    assert message.summary == "No digest leadrship. Did you mean leadership?"
    assert buttons(message)[0].value == "digest leadership"
    assert ask(week, "ana", "digest prevew").summary.startswith("No digest prevew. There are:")


# ---------------------------------------------------------------- help and faults


def test_help_has_the_pmo_commands_for_the_pmo_only(week: World) -> None:
    assert "/rag export xlsx" in text(ask(week, "anna", "help"))
    assert "/rag export" not in text(ask(week, "ana", "help"))
    assert "lead:@ana" in text(ask(week, "ana", "?"))
    colours = ask(week, "ana", "help colours")
    assert "Red: Appears unachievable as planned." in text(colours)
    assert "Form " not in text(colours)
    assert ask(week, "ana", "help definitions") == colours


def test_a_greeting_and_an_opened_project(week: World) -> None:
    with week.store.read() as uow:
        reader = people.reader(uow, week.services, week.identity("ana"))
        hello = answers.answer(week.services, uow, reader, Query(Verb.PROJECT, "how are you"), chatting=True)
        assert hello == answers.greeting(week.services, uow, reader)
        beam = week.projects["BEAM"]
        assert answers.answer_project(week.services, uow, reader, beam, False) == ask(week, "ana", "BEAM")
        assert answers.answer_project(week.services, uow, reader, beam, True) == ask(week, "ana", "history BEAM")


def test_every_form_with_its_own_definitions_is_explained(tmp_path: Path) -> None:
    policy = make_policy()
    own = replace(policy.forms[0], definitions={rag: f"Own {rag}." for rag in list(policy.forms[0].definitions)[:2]})
    world = World(tmp_path, make_policy(forms=(own, policy.forms[1])))
    world.person("ana")
    shown = text(ask(world, "ana", "help colours"))
    assert "Form agile:" in shown
    assert "Form default:" in shown
    assert "Green: Own green." in shown


@pytest.mark.parametrize(
    ("typed", "said", "button"),
    [
        ("red better worse", "better, worse cannot both be meant. Ask for one of them.", "help"),
        ("portfolo:imaging red",
         "There is no filter “portfolo:”. A name with a colon goes in quotes.", "portfolio:imaging red"),
        ("xyz:imaging", "There is no filter “xyz:”. A name with a colon goes in quotes.", "help"),
        ("remind ambr", "“ambr” has no place here.", "remind amber"),
        ("remind zzz", "“zzz” has no place here.", "help"),
        ("since:soon", "since:soon is not understood. Write a length of time or a day: since:4w, since:3m or "
         "since:2026-10-01", "help"),
        ("state:pausd", "state:pausd is not understood. Write active, paused, closed or all.", "state:paused"),
        ("risk:99", "risk:99 is not understood. Write a score from 1 to 25: risk:>=12", "help"),
        ("portfolio:", "portfolio: is not understood. Write the portfolio's name: portfolio:imaging", "help"),
    ],
)  # fmt: skip
def test_what_is_not_understood_says_what_would_be(week: World, typed: str, said: str, button: str) -> None:
    message = ask(week, "ana", typed)
    assert message.summary == said
    assert [b.value for b in buttons(message)] == [button]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("red remind", "remind red"),
        ("red missing remind portfolio:imaging", "remind red missing portfolio:imaging"),
        ("BEAM history", "history BEAM"),
        ("red export csv", "export csv red"),
    ],
)
def test_words_in_another_order_are_put_right(week: World, typed: str, meant: str) -> None:
    message = ask(week, "anna", typed)
    assert "Did you mean" in message.summary
    assert [b.value for b in buttons(message)] == [meant]


def test_unknown_portfolios_and_people(week: World) -> None:
    week.project("OPT", "ben", portfolio="optics")
    message = ask(week, "ana", "red portfolio:opticks")
    assert message.summary == "No portfolio opticks. Did you mean optics?"
    assert buttons(message)[0].value == "red portfolio:optics"
    assert ask(week, "ana", "portfolio:zzz").summary == "No portfolio zzz. There are: imaging, optics."
    assert ask(week, "ana", "lead:nobody").summary == "Nobody here is called nobody."
    assert ask(week, "ana", "portfolio:ima").summary.startswith("portfolio:ima: ")
    assert "lead:an: " in ask(week, "ben", "lead:an").summary
