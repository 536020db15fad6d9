"""Templates of one's own: a fault in them shows at start, and never costs leadership its digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from digests import samples
from digests.checking import check
from digests.composer import Composer
from digests.faults import TemplateFault
from reporting.texts import Catalogues
from tests.digests.kit import lines
from tests.support.policy import make_policy

VIEW = samples.digests()["week"]


def own(folder: Path, **templates: str) -> Composer:
    for name, source in templates.items():
        (folder / f"{name}.md.j2").write_text(source, encoding="utf-8")
    return Composer(Catalogues(), make_policy(templates=str(folder)))


def test_wording_and_order_are_changed_without_python(tmp_path: Path) -> None:
    composer = own(tmp_path, weekly="# {{ title }}\n{{ takeaway }}\n\n[[thread]]\nmore")
    composed = composer.digest("weekly.md.j2", VIEW, "en-GB")
    assert lines(composed.message) == ["# Imaging portfolio", "5 of 7 reported."]
    assert [lines(detail) for detail in composed.details] == [["more"]]


def test_a_template_with_its_own_name(tmp_path: Path) -> None:
    composer = own(tmp_path, board="{{ organisation }}")
    assert lines(composer.digest("board.md.j2", VIEW, "en-GB").message) == ["Example Research"]


def test_a_faulty_digest_goes_out_in_the_shipped_words_and_says_so(tmp_path: Path) -> None:
    composer = own(tmp_path, weekly="# x\n{{ nowhere }}", board="{{ nowhere }}")
    for name in ("weekly", "board"):
        message = composer.digest(f"{name}.md.j2", VIEW, "en-GB").message
        assert lines(message)[0].startswith("# Imaging portfolio, week 48")
        assert lines(message)[-1].startswith(f"Shown with the shipped template. {name}.md.j2, line ")


def test_a_faulty_alert_goes_out_too(tmp_path: Path) -> None:
    message = own(tmp_path, alert="[[pill:blue]]").alert(samples.alerts()["turned_red_open"], "en-GB")
    assert lines(message)[0].startswith("R BEAM turned red")
    assert "alert.md.j2, line 1: a pill is red, amber, green or none" in lines(message)[-1]


def test_without_a_folder_a_fault_is_a_fault() -> None:
    composer = Composer(Catalogues(), make_policy())
    with pytest.raises(TemplateFault, match="there is no template board"):
        composer.digest("board.md.j2", VIEW, "en-GB")
    with pytest.raises(TemplateFault, match="'kind' is undefined"):
        composer.alert({}, "en-GB")


def test_all_faults_are_found_at_once(tmp_path: Path) -> None:
    own(
        tmp_path, weekly="a\n{{ nowhere }}", board="{% for %}", odd="{{ decisions[0].question }}", _part="{{ nothing }}"
    )
    faults = check(tmp_path, Catalogues(), wanted=("gone.md.j2",))
    assert [(fault.template, fault.line) for fault in faults] == [
        ("weekly.md.j2", 2),
        ("gone.md.j2", None),
        ("board.md.j2", 1),
        ("odd.md.j2", 1),
    ]
    assert "line 2: 'nowhere' is undefined" in str(faults[0])


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    [fault] = check(tmp_path / "gone", Catalogues())
    assert "does not exist" in str(fault)


@pytest.mark.parametrize(
    ("source", "summary"),
    [("{{ none }}", "–"), ("---\n\n> q", "–"), ("[[note]] small", "small"), ("```table\ncaption: C\n| a |\n```", "C")],
)
def test_a_message_without_a_takeaway_has_its_first_words_as_summary(tmp_path: Path, source: str, summary: str) -> None:
    assert own(tmp_path, alert=source).alert({}, "en-GB").summary == summary
