"""The first line of a digest: one honest sentence."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.services.digest_takeaway import takeaway, word
from reporting.texts import Catalogues

T = Catalogues().texts("en-GB")


def view(
    red: int = 0,
    amber: int = 0,
    green: int = 0,
    missing: int = 0,
    worse: str = "",
    better: str = "",
    uneven: int = 0,
    first: bool = False,
) -> dict[str, Any]:
    """A view by its counts; `worse` and `better` hold a letter for each project that moved, its colour now.

    `uneven` greens have a worse dimension; in the `first` digest nothing has a colour of before.
    """
    project = {"last_rag": None if first else "green"}
    names = {"R": "red", "A": "amber", "G": "green"}
    return {
        "total": red + amber + green + missing,
        "reported": red + amber + green,
        "counts": {"red": {"now": red}, "amber": {"now": amber}, "green": {"now": green}, "missing": {"now": missing}},
        "attention": [project] * (red + amber),
        "greens": [project] * green,
        "uneven": [project] * uneven,
        "worse": [{"rag": names[letter]} for letter in worse],
        "better": [{"rag": names[letter]} for letter in better],
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (view(), "No project was asked for a report."),
        (view(missing=1), "The one project has not reported."),
        (view(missing=24), "None of the 24 projects has reported."),
        (view(red=2, green=4, missing=18), "Only 6 of 24 reported: two are red."),
        (view(red=1, amber=1, missing=18, worse="RA"), "Only 2 of 20 reported: one is red and one is amber."),
        (view(green=6, missing=18), "Only 6 of 24 reported; all are green."),
        (view(green=1, missing=2), "Only 1 of 3 reported; it is green."),
        (view(green=24), "All 24 projects are green."),
        (view(green=1), "The one project is green."),
        (view(green=24, better="G"), "All 24 projects are green; one project recovered."),
        (view(green=19, missing=5), "All 19 that reported are green; 5 of 24 have not reported."),
        (view(green=1, missing=1), "The one that reported is green; 1 of 2 has not reported."),
        (
            view(red=3, amber=6, green=10, missing=5, worse="RR", better="G"),
            "Two projects turned red and one recovered; 19 of 24 reported.",
        ),
        (
            view(red=1, amber=3, green=8, worse="RA", better="GGA"),
            "One project turned red, one turned amber, two recovered and one eased to amber; all 12 reported.",
        ),
        (view(amber=10, green=1, worse="A" * 10), "10 projects turned amber; all 11 reported."),
        (view(amber=1, green=1, better="A"), "One project eased to amber; both reported."),
        (view(amber=1, green=2, missing=1, better="G"), "One project recovered; 3 of 4 reported."),
        (view(red=2, amber=6, green=4), "No colour changed, two are red and six are amber; all 12 reported."),
        (view(red=2, amber=1, green=4, first=True), "Two are red and one is amber; all 7 reported."),
        (view(green=24, uneven=1), "All 24 projects are green, but one of them not in every dimension."),
        (
            view(green=24, uneven=2, better="G"),
            "All 24 projects are green, but two of them not in every dimension; one project recovered.",
        ),
        (view(green=1, uneven=1), "The one project is green, but not in every dimension."),
        (
            view(green=3, uneven=1, missing=1),
            "All 3 that reported are green, but one of them not in every dimension; 1 of 4 has not reported.",
        ),
        (view(red=1), "No colour changed, one is red; the one project reported."),
    ],
)
def test_one_honest_sentence(given: dict[str, Any], sentence: str) -> None:
    assert takeaway(given, T) == sentence


def test_numbers_below_ten_are_words() -> None:
    assert [word(number, T) for number in (0, 1, 9, 10, 1200)] == ["no", "one", "nine", "10", "1,200"]
