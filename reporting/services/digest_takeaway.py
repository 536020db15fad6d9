"""The first line of a digest: one honest sentence. A reader who stops there is not misled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.lists import format_list

from reporting.texts import Texts


def takeaway(view: Mapping[str, Any], t: Texts) -> str:
    """What matters most: nothing reported, what turned, or that nothing did; then how complete it is."""
    total, reported = int(view["total"]), int(view["reported"])
    if total == 0:
        return t("No project was asked for a report.")
    if reported == 0:
        return t.n("The one project has not reported.", "None of the {n} projects has reported.", total)
    if reported * 2 < total:
        return _sentence(_mostly_silent(view, t, reported, total))
    complete = reported == total
    if int(view["counts"]["green"]["now"]) == reported:
        return _sentence(_all_green(view, t, total) if complete else _rest_green(view, t, reported, total))
    moved = _moved(view, t)
    news = format_list(moved, locale=t.locale) if moved else _unmoved(view, t)
    how_many = _all_of(t, total) if complete else _of(t, reported, total)
    return _sentence(t("{news}; {how_many}.", news=news, how_many=how_many))


def _mostly_silent(view: Mapping[str, Any], t: Texts, reported: int, total: int) -> str:
    told = _colours(view, t)
    if told:
        return t("Only {reported} of {total} reported: {colours}.", reported=t.number(reported),
                 total=t.number(total), colours=told)  # fmt: skip
    return t.n("Only {n} of {total} reported; it is green.", "Only {n} of {total} reported; all are green.",
               reported, total=t.number(total))  # fmt: skip


def _all_green(view: Mapping[str, Any], t: Texts, total: int) -> str:
    green = t.n("The one project is green", "All {n} projects are green", total)
    green += _but(view, t, total)
    moved = _moved(view, t)
    return t("{green}; {news}.", green=green, news=format_list(moved, locale=t.locale)) if moved else f"{green}."


def _rest_green(view: Mapping[str, Any], t: Texts, reported: int, total: int) -> str:
    green = t.n("The one that reported is green", "All {n} that reported are green", reported)
    green += _but(view, t, reported)
    silent = t.n("{n} of {total} has not reported", "{n} of {total} have not reported", total - reported,
                 total=t.number(total))  # fmt: skip
    return t("{green}; {silent}.", green=green, silent=silent)


def _but(view: Mapping[str, Any], t: Texts, reported: int) -> str:
    """That not every dimension of the greens is green."""
    uneven = len(view["uneven"])
    if not uneven:
        return ""
    if reported == 1:
        return t(", but not in every dimension")
    return t.n(", but one of them not in every dimension", ", but {count} of them not in every dimension", uneven,
               count=word(uneven, t))  # fmt: skip


def _moved(view: Mapping[str, Any], t: Texts) -> list[str]:
    """What turned worse, then what turned better, in words."""
    to_red = _count(view["worse"], "red")
    to_amber = _count(view["worse"], "amber")
    recovered = _count(view["better"], "green")
    eased = _count(view["better"], "amber")
    said = []
    if to_red:
        said.append(t.n("{count} project turned red", "{count} projects turned red", to_red, count=word(to_red, t)))
    if to_amber:
        # The noun is said once, by whichever clause comes first.
        said.append(
            t.n("{count} turned amber", "{count} turned amber", to_amber, count=word(to_amber, t)) if said
            else t.n("{count} project turned amber", "{count} projects turned amber", to_amber,
                     count=word(to_amber, t))
        )  # fmt: skip
    if recovered:
        said.append(
            t.n("{count} recovered", "{count} recovered", recovered, count=word(recovered, t)) if said
            else t.n("{count} project recovered", "{count} projects recovered", recovered, count=word(recovered, t))
        )  # fmt: skip
    if eased:
        said.append(
            t.n("{count} eased to amber", "{count} eased to amber", eased, count=word(eased, t)) if said
            else t.n("{count} project eased to amber", "{count} projects eased to amber", eased, count=word(eased, t))
        )  # fmt: skip
    return said


def _unmoved(view: Mapping[str, Any], t: Texts) -> str:
    compared = any(project["last_rag"] for project in view["attention"] + view["greens"])
    return t("no colour changed, {colours}", colours=_colours(view, t)) if compared else _colours(view, t)


def _colours(view: Mapping[str, Any], t: Texts) -> str:
    """The reds and ambers in words, empty when there are none."""
    red, amber = int(view["counts"]["red"]["now"]), int(view["counts"]["amber"]["now"])
    said = []
    if red:
        said.append(t.n("{count} is red", "{count} are red", red, count=word(red, t)))
    if amber:
        said.append(t.n("{count} is amber", "{count} are amber", amber, count=word(amber, t)))
    return format_list(said, locale=t.locale) if said else ""


def _all_of(t: Texts, total: int) -> str:
    return t("both reported") if total == 2 else t.n("the one project reported", "all {n} reported", total)


def _of(t: Texts, reported: int, total: int) -> str:
    return t("{reported} of {total} reported", reported=t.number(reported), total=t.number(total))


def _count(projects: list[dict[str, Any]], rag: str) -> int:
    return sum(project["rag"] == rag for project in projects)


def word(number: int, t: Texts) -> str:
    """A number below ten as a word, where the language has it in its catalogue; else in digits."""
    words = (t("no"), t("one"), t("two"), t("three"), t("four"), t("five"), t("six"), t("seven"), t("eight"), t("nine"))
    return words[number] if 0 <= number < len(words) else t.number(number)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
