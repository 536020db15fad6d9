"""What the shipped templates say: the same views always give the same messages, kept as files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from digests import samples
from digests.checking import check
from digests.composer import Composer
from reporting.messages import Bullets, Button, ButtonCell, Chart, Message, Pill, Plain, Row, Table
from reporting.messages_json import from_json, to_json
from reporting.ports import Composed
from reporting.texts import Catalogues
from tests.digests.kit import lines
from tests.support.policy import make_policy

EXPECTED = Path(__file__).parent / "expected"
GOLDEN = ("week", "all_green", "empty", "one")


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(Catalogues(), make_policy())


def weekly(composer: Composer, name: str) -> Composed:
    return composer.digest("weekly.md.j2", samples.digests()[name], "en-GB")


def same_as_kept(name: str, shown: Any) -> None:
    """Compare with the file; REWRITE_EXPECTED=1 writes it anew, for a person to look at the difference."""
    file = EXPECTED / f"{name}.json"
    if os.environ.get("REWRITE_EXPECTED"):
        file.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert shown == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", GOLDEN)
def test_digests_as_kept(composer: Composer, name: str) -> None:
    composed = weekly(composer, name)
    same_as_kept(f"weekly_{name}", [to_json(message) for message in (composed.message, *composed.details)])


def test_alerts_as_kept(composer: Composer) -> None:
    shown = {name: to_json(composer.alert(view, "en-GB")) for name, view in samples.alerts().items()}
    same_as_kept("alerts", shown)


def test_every_sample_can_be_written() -> None:
    assert check(None, Catalogues()) == []


def test_the_takeaway_comes_first_and_is_the_summary(composer: Composer) -> None:
    for name, view in samples.digests().items():
        message = weekly(composer, name).message
        assert message.summary == view["takeaway"]
        assert lines(message)[1] == view["takeaway"]


def test_an_all_green_week_is_three_lines(composer: Composer) -> None:
    assert lines(weekly(composer, "all_green").message) == [
        "# Imaging portfolio, week 48 (23–29 Nov 2026)",
        "24 of 24 reported.",
        "As of Fri 27 Nov 17:00. Definitions: /rag help colours",
    ]


def test_a_week_says_everything_leadership_needs(composer: Composer) -> None:
    text = "\n".join(lines(weekly(composer, "week").message))
    for wanted in (
        "R 1 (−1)   A 2 (=)   G 2 (=)   – 2 (=) not reported",
        "1. BEAM: Take the second supplier at +40 k? Asked of @Dora Dune, by Wed 2 Dec [Decide]",
        "- R BEAM Beam project, was A for 2 weeks, @Dora Dune: Supplier missed the third date. "
        "Path: Second supplier signed, Ana, Sat 5 Dec.",
        "- G DELTA Delta project, was A for 6 weeks, @Ana Alba: On plan.",
        "- A ECHO Echo project, for 3 weeks",
        "- – CORE Core project, for 2 weeks (last: green, Mon 2 Nov), "
        "@Ana Alba (away until Mon 30 Nov, deputy @Ben Bird)",
        "- BEAM R1 Supplier insolvent, score 25 (5 × 5), Ana, due Fri 18 Dec",
        "Since the last digest: 1 report corrected.",
        "As of Fri 27 Nov 17:00. Definitions: /rag help colours",
    ):
        assert wanted in text


def test_the_picture_has_a_letter_in_every_cell_and_never_draws_the_last_colour(composer: Composer) -> None:
    [picture] = [b for b in weekly(composer, "week").message.blocks if isinstance(b, Table)]
    by_key = {row[0]: row[1:] for row in picture.rows}
    core = by_key[(Plain("CORE"),)]
    assert [cell[0].rag for cell in core if isinstance(cell, tuple) and isinstance(cell[0], Pill)] == ["green"] * 5 + [
        None
    ]


def test_details_stand_in_the_thread_in_full(composer: Composer) -> None:
    details, green = weekly(composer, "week").details
    text = "\n".join(lines(details))
    for wanted in ("### R BEAM Beam project", "Why: Supplier missed", "Done: First module", "Budget: 12.5", "40 %"):
        assert wanted in text
    assert lines(green)[2] == (
        "• G DELTA Delta project, was A for 6 weeks, @Ana Alba: On plan. Done: First module delivered. "
        "Next: Second module. 40 % complete. Goal: met. Demo: Tue 1 Dec 2026."
    )


def test_what_became_of_promises_is_told(composer: Composer) -> None:
    week = weekly(composer, "week")
    details = week.details[0]
    assert "1 of 3 promises kept, 1 not said." in lines(week.message)
    assert "Last promise: missed" in "\n".join(lines(details))
    assert not [line for line in lines(weekly(composer, "all_green").message) if "promise" in line]


def test_a_green_project_says_in_the_channel_which_dimension_is_not(composer: Composer) -> None:
    week = weekly(composer, "week")
    told = "Green, but Schedule is red: The slip is inside the buffer."
    assert [line for line in lines(week.message) if told in line and "ATLAS" in line]
    view = samples.digest([{**samples._project(n, f"G{n:02}", "green"), **samples._UNEVEN} for n in range(15)])
    many = composer.digest("weekly.md.j2", view, "en-GB")
    assert sum(told in line for line in lines(many.message)) == 12
    assert "3 more; all are in the thread." in "\n".join(lines(many.message))
    assert "\n".join(lines(many.details[0])).count(told) == 15


def test_nothing_of_a_green_project_is_left_out_without_a_way_to_it(composer: Composer) -> None:
    [_, green] = weekly(composer, "week").details
    [atlas] = [block for block in green.blocks if isinstance(block, Row) and isinstance(block.element, Button)]
    assert isinstance(atlas.element, Button)
    assert (atlas.element.action, atlas.element.value) == ("text.more", "1")
    [line] = [line for line in lines(green) if "ATLAS" in line]
    assert "Planned but missed: The dry run." in line
    assert "Forecast end: Mon 31 May 2027 (was Wed 31 Mar 2027). 40 % complete." in line
    assert "Reported late." in line
    view = samples.digest([{**samples._project(n, f"G{n:02}", "green"), **samples._UNEVEN} for n in range(15)])
    [table] = [b for b in composer.digest("weekly.md.j2", view, "en-GB").details[0].blocks if isinstance(b, Table)]
    assert all(isinstance(row[-1], ButtonCell) for row in table.rows)


def test_many_greens_have_their_own_fields_too(composer: Composer) -> None:
    [green] = weekly(composer, "all_green").details
    assert "Goal: met. Demo: Tue 1 Dec 2026." in lines(green)[-1]


def test_a_hundred_projects_fit(composer: Composer) -> None:
    composed = weekly(composer, "hundred")
    tables = [b for b in composed.message.blocks if isinstance(b, Table)]
    assert [b.title for b in composed.message.blocks if isinstance(b, Chart)] == ["Projects by colour"]
    assert [len(table.rows) for table in tables] == [51, 16]
    assert not [b for b in composed.message.blocks if isinstance(b, Bullets) and len(b.items) > 12]
    assert len(composed.message.blocks) < 30


def test_more_than_a_table_holds_is_told_and_stands_in_the_thread(composer: Composer) -> None:
    projects = [samples._mixed(number) for number in range(1000)]
    composed = composer.digest("weekly.md.j2", samples.digest(projects), "en-GB")
    text = "\n".join(lines(composed.message))
    assert "The 100 worst of 501; all are in the thread." in text
    assert "66 more: /rag missing" in text
    assert "and 294 more" in text
    everything = "\n".join(line for detail in composed.details for line in lines(detail))
    assert all(project["key"] in everything for project in projects if project["rag"])


def test_typed_text_stays_as_it_was_in_the_worst_case(composer: Composer) -> None:
    view = samples.digests()["worst"]
    composed = weekly(composer, "worst")
    written = view["attention"][0]["done"]
    assert any(f"Done: {written}" in line for line in lines(composed.details[0]))
    assert lines(composed.message)[0].startswith("# **Late** <!channel> [[pill:red]] | `x` & <b> # second")


def test_messages_survive_being_kept(composer: Composer) -> None:
    composed = weekly(composer, "worst")
    for message in (composed.message, *composed.details):
        assert from_json(json.loads(json.dumps(to_json(message)))) == message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("turned_red_open", "R BEAM turned red (was A for 2 weeks). Lead @Ana Alba, sponsor @Dora Dune"),
        ("amber_periods_open", "A BEAM has been amber for 3 weeks. Lead"),
        ("missed_reports_open", "– BEAM has not reported for 2 weeks (last: green). Lead"),
        ("path_passed_open", "R BEAM is still red, and its path to green was due Fri 20 Nov. Lead"),
        ("risk_score_open", "BEAM has a risk with score 20 (4 × 5): R3 **Late** <!channel>"),
    ],
)
def test_alerts_say_their_cause_first(composer: Composer, name: str, said: str) -> None:
    message = composer.alert(samples.alerts()[name], "en-GB")
    assert lines(message)[0].startswith(said)
    assert message.summary.startswith(said)
    assert lines(message)[-1] == "[I have this] [Open project]"


def test_an_alert_is_told_on_in_place(composer: Composer) -> None:
    taken = composer.alert(samples.alerts()["turned_red_acknowledged"], "en-GB")
    assert "@Dora Dune has this since Thu 26 Nov 14:02." in lines(taken)
    assert lines(taken)[-1] == "[Open project]"
    resolved = composer.alert(samples.alerts()["turned_red_resolved"], "en-GB")
    assert lines(resolved)[1:] == ["Back to amber on Fri 11 Dec 10:00. Closed. @Dora Dune had it."]


ENDS = ("green", "amber", "red", "reported", "risk_closed", "risk_lower", "path_new", "project", "rule", "unheard of")


@pytest.mark.parametrize("resolution", ENDS)
def test_every_ending_has_its_words(composer: Composer, resolution: str) -> None:
    view = samples.alert("amber_periods", "resolved", {"periods": 3})
    view = view | {"resolved": view["resolved"] | {"resolution": resolution}, "acknowledged": None, "lead": None}
    message = composer.alert(view, "en-GB")
    assert "No lead, sponsor @Dora Dune" in lines(message)[0]
    assert lines(message)[-1].endswith("Closed.")


def test_what_was_decided_is_told(composer: Composer) -> None:
    rows = [line for line in lines(weekly(composer, "worst").message) if "second supplier" in line]
    assert rows[0].endswith("Delegated: Carl decides. [Decide]")
    assert "Deferred: After the audit. [Decide]" in rows[2]
    assert "Decided: **Late** <!channel>" in rows[3]
    assert "[Decide]" not in rows[3]


def test_other_languages_write_their_own_dates(composer: Composer) -> None:
    message = composer.digest("weekly.md.j2", samples.digests()["week"], "de-DE").message
    assert "Sa., 5. Dez." in "\n".join(lines(message))


def test_the_markdown_is_kept_readable(composer: Composer) -> None:
    markdown = weekly(composer, "worst").markdown
    assert "\\*\\*Late\\*\\* \\<\\!channel\\>" in markdown
    assert "[[pill:red]]" in markdown
    assert "[[person:2|Ben Bird]]" in markdown
    assert "[[button:decision\\.open|Decide|" in markdown.replace("decision.open", "decision\\.open")
    assert "[[pill:none]]" in markdown


def rows_of(message: Message) -> list[Row]:
    return [block for block in message.blocks if isinstance(block, Row)]


def test_decisions_can_be_decided(composer: Composer) -> None:
    [row] = rows_of(weekly(composer, "week").message)
    assert (getattr(row.element, "action", ""), getattr(row.element, "value", "")) == ("decision.open", "2")
