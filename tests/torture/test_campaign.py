"""A short campaign on each engine with every time limit shortened, and the proof that it sees what goes wrong."""

from __future__ import annotations

import pytest

from benchmarks.torture.campaign import Plan, Report, torture
from benchmarks.torture.chaos import EVENTS
from benchmarks.torture.cluster import NoServer, programs

# Nothing is found again within a minute, and nothing is to be waited for here.
_EVENTS = {name: share for name, share in EVENTS.items() if name != "lose"}


async def campaign(engine: str, kills: int, deliveries: int, *without: str) -> Report:
    said: list[str] = []
    plan = Plan(
        engine, kills, deliveries, seed=5, gap=0.35, patience=60, tempo=0.15, without=without, events=_EVENTS,
        channels=60, people=200,
    )  # fmt: skip
    report = await torture(plan, said.append)
    assert said, "a campaign says how far it is"
    return report


async def test_nothing_is_lost_and_nothing_comes_twice_on_sqlite() -> None:
    report = await campaign("embedded", 12, 90)
    assert report.verdict.good, report.verdict
    assert report.events["kill"] + report.events.get("strike", 0) == 12


async def test_nothing_is_lost_and_nothing_comes_twice_on_postgres() -> None:
    try:
        programs()
    except NoServer as error:
        pytest.skip(f"PostgreSQL is not tortured: {error}")
    report = await campaign("procrastinate", 12, 90)
    assert report.verdict.good, report.verdict
    assert report.events["kill"] + report.events.get("strike", 0) == 12


async def test_without_looking_before_sending_again_there_are_doubles() -> None:
    report = await campaign("embedded", 2, 90, "lookup")
    assert report.verdict.twice
    assert not report.verdict.good
