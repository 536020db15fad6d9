"""One catalogue for everything people read; dates and numbers as the reader writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from reporting.texts import Catalogues

FRIDAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)

GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Still open: {keys}."
msgstr "Noch offen: {keys}."

msgid "One project"
msgid_plural "{n} projects"
msgstr[0] "Ein Projekt"
msgstr[1] "{n} Projekte"
"""


@pytest.fixture
def german(tmp_path: Path) -> Catalogues:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "rollcall.po").write_text(GERMAN, "utf-8")
    return Catalogues(folder=tmp_path)


def test_english_is_the_language_without_a_file() -> None:
    t = Catalogues().texts("en-GB", "Europe/Berlin").at(NOON)
    assert t("Still open: {keys}.", keys="ATLAS") == "Still open: ATLAS."
    assert t("A plain {brace}") == "A plain {brace}"
    assert [t.n("One project", "{n} projects", n) for n in (1, 2000)] == ["One project", "2,000 projects"]
    assert (t.day(FRIDAY), t.short_day(FRIDAY)) == ("Fri 27 Nov 2026", "Fri 27 Nov")
    assert t.full_day(FRIDAY) == "Friday 27 November"
    assert (t.time(NOON), t.moment(NOON)) == ("12:00", "Fri 27 Nov 12:00")


def test_a_date_of_another_year_is_written_with_its_year() -> None:
    t = Catalogues().texts("en-GB", "Europe/Berlin")
    later = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert t.at(NOON).short_day(date(2027, 1, 1)) == "Fri 1 Jan 2027"
    assert t.at(NOON).full_day(date(2025, 12, 31)) == "Wednesday 31 December 2025"
    assert t.at(NOON).moment(later) == "Fri 1 Jan 2027 00:30"
    # The year is the reader's: it is 2027 in Berlin by then.
    assert t.at(later).moment(later) == "Fri 1 Jan 00:30"
    assert t.at(later).short_day(FRIDAY) == "Fri 27 Nov 2026"
    assert Catalogues().texts("en-US").at(NOON).full_day(date(2027, 1, 1)) == "Friday, January 1, 2027"
    # Nobody has said what day it is.
    assert t.moment(NOON) == "Fri 27 Nov 2026 12:00"


def test_a_language_is_added_by_a_file(german: Catalogues) -> None:
    t = german.texts("de-DE", "Europe/Berlin").at(NOON)
    assert t("Still open: {keys}.", keys="ATLAS") == "Noch offen: ATLAS."
    assert [t.n("One project", "{n} projects", n) for n in (1, 2000)] == ["Ein Projekt", "2.000 Projekte"]
    assert t.short_day(FRIDAY) == "Fr., 27. Nov."
    assert t("Not translated yet.") == "Not translated yet."
    assert german.texts("de_AT")("Still open: {keys}.", keys="X") == "Noch offen: X."


def test_americans_write_dates_and_times_their_way() -> None:
    t = Catalogues().texts("en-US", "America/New_York").at(NOON)
    assert t.short_day(FRIDAY) == "Fri, Nov 27"
    assert "AM" in t.moment(NOON)


@pytest.mark.parametrize("tag", ["", None, "xx-YY", "not a tag", "-"])
def test_an_unknown_locale_falls_back(tag: str | None) -> None:
    assert Catalogues("en-GB").texts(tag).day(FRIDAY) == "Fri 27 Nov 2026"
    assert Catalogues("xx").texts(tag).day(FRIDAY) == "Fri 27 Nov 2026"


@pytest.mark.parametrize("zone", ["Mars/Base", "Europe", "../x", "\0", ""])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert Catalogues().texts("en-GB", zone).time(NOON) == "11:00"


def test_a_locale_without_the_pattern_still_shows_a_day() -> None:
    # Some locales lack a pattern for weekday, day and month; the plain order is better than nothing.
    from babel import localedata

    for tag in localedata.locale_identifiers():
        t = Catalogues().texts(tag.replace("_", "-"))
        assert t.short_day(FRIDAY)


GERMAN_COMMANDS = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Ask {name}: /rag mine"
msgstr "{name} fragen mit /rag mine"

msgid "{n} more: /rag missing"
msgid_plural "{n} more: /rag missing"
msgstr[0] "noch {n}: /rag missing"
msgstr[1] "weitere {n}: /rag missing"

msgid "Faulty /rag {name}"
msgstr "Falsch /rag {nobody}"
"""


@pytest.mark.parametrize(
    ("platform", "command"), [("slack", "/rag"), ("teams", "@Rollcall"), ("", "/rag"), ("other", "/rag")]
)
def test_a_sentence_names_the_command_of_the_readers_chat(tmp_path: Path, platform: str, command: str) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "rollcall.po").write_text(GERMAN_COMMANDS, "utf-8")
    for t in (Catalogues(folder=tmp_path).texts(tag).on(platform) for tag in ("de-DE", "en-GB")):
        assert t.command == command
        assert t("Faulty /rag {name}", name="/rag me") == f"Faulty {command} /rag me"
    german = Catalogues(folder=tmp_path).texts("de-DE").on(platform)
    assert german("Ask {name}: /rag mine", name="/rag") == f"/rag fragen mit {command} mine"  # typed by people
    assert german.n("{n} more: /rag missing", "{n} more: /rag missing", 2) == f"weitere 2: {command} missing"
    assert german("Ask {name}: /rag mine") == f"{{name}} fragen mit {command} mine"


def test_only_the_command_itself_is_a_command() -> None:
    t = Catalogues().texts("en-GB").on("teams")
    for sentence in ("/ragtime", "see https://a.example/rag", "a/rag", "x./rag"):
        assert t(sentence) == sentence
    assert t("(/rag) /rag, “/rag red”") == "(@Rollcall) @Rollcall, “@Rollcall red”"
