"""Lengths of time are called by the periods they are counted in, which may be others than the calendar's."""

from __future__ import annotations

from datetime import date

import pytest

from reporting.model import Rag
from reporting.services.importing import Row as ImportRow
from reporting.services.importing_reports import import_reports
from reporting.services.wording import unit_of
from reporting.texts import Catalogues
from tests.reporting.asking import ask, column, returns, text
from tests.support.policy import MONTHLY, WEEKLY
from tests.support.world import World, text_of

YEARS = (date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31))


def yearly(world: World, key: str, rag: Rag = Rag.AMBER) -> None:
    rows = [ImportRow(n, {"project": key, "period": day, "rag": rag, "summary": "So."}) for n, day in enumerate(YEARS)]
    assert not import_reports(world.services, rows, source="years.csv").faults


def test_years_are_not_called_weeks(world: World) -> None:
    yearly(world, "CORE")
    assert ask(world, "carl", "core").summary == "CORE: amber for 3 periods."
    assert "Sun 31 Dec 2023 to Wed 31 Dec 2025" in text(ask(world, "carl", "core"))
    assert column(ask(world, "carl", ""), "For")[0] == "3 periods"
    assert column(ask(world, "carl", ""), "Reported")[0] == "Wed 31 Dec 2025"
    assert column(ask(world, "carl", "history core"), "Period")[0] == "Wed 31 Dec 2025"
    assert "for 3 periods" in text(ask(world, "ben", "mine"))


def test_a_week_after_years_makes_periods_of_all_until_only_weeks_are_counted(world: World) -> None:
    yearly(world, "CORE")
    world.go("2026-11-23", "09:00")
    message = text_of(world.message(f"prompt:{world.period_id('CORE')}:{world.people['ben'].id}"))
    assert "amber for 3 periods" in message
    world.report("ben", "CORE", "amber")
    assert ask(world, "carl", "core").summary == "CORE: amber for 4 periods."
    world.report("ben", "CORE", "red")
    assert ask(world, "carl", "core").summary == "CORE: red for one week (was amber)."
    world.go("2026-11-27", "16:00")
    digest = text_of(world.message("digest:leadership:2026-11-23"))
    assert "for 3 periods" in digest
    assert "3 weeks" not in digest


def test_who_is_missing_is_so_for_weeks(world: World) -> None:
    returns(world, "CORE", "AA", newest=date(2026, 11, 16))
    world.go("2026-12-04", "13:00")
    assert column(ask(world, "carl", "missing"), "For")[-1] == "2 weeks"


@pytest.mark.parametrize(
    ("calendar", "days", "called"),
    [
        (WEEKLY, (date(2026, 11, 16), date(2026, 11, 23)), "week"),
        (WEEKLY, (date(2019, 11, 18),), "week"),  # before the calendar begins
        (WEEKLY, (date(2026, 11, 17),), "period"),
        (MONTHLY, (date(2026, 11, 30), date(2025, 11, 24)), "month"),
        (MONTHLY, (date(2025, 11, 25),), "period"),
        (None, (), "period"),
    ],
)
def test_a_period_is_called_by_its_own_day(calendar: object, days: tuple[date, ...], called: str) -> None:
    assert unit_of(calendar, days) == called  # type: ignore[arg-type]


def test_a_week_of_another_year_is_named_with_it(world: World) -> None:
    from reporting.services.wording import period_label

    t = Catalogues().texts("en-GB").at(world.clock.now())
    assert period_label(t, WEEKLY, date(2026, 11, 23)) == "week 48"
    assert period_label(t, WEEKLY, date(2025, 11, 24)) == "week 48, 2025"
