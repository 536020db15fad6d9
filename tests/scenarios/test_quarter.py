"""A whole quarter, 13 weeks: clocks go back, a holiday, an absence, a new lead, late answers, restarts.

Played in each chat system; at the end the books are checked: every message once, nothing refused, the chain whole.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from reporting.ledger import DeliveryState
from reporting.model import RequestState
from tests.scenarios.stage import Stage

MONDAYS = [date(2026, 9, 28) + timedelta(weeks=n) for n in range(13)]


def lead_of(key: str, week: int) -> str:
    """Who answers: Emil stands in for Ana in week 6 and takes over CORE in week 8."""
    if key in ("ATLAS", "BEAM"):
        return "emil" if week == 6 else "ana"
    if key == "CORE":
        return "emil" if week >= 8 else "ben"
    return "dora"


async def test_a_quarter(stage: Stage) -> None:
    for week, monday in enumerate(MONDAYS):
        await _week(stage, week, monday)
    _books(stage)


async def _week(stage: Stage, week: int, monday: date) -> None:
    friday = monday + timedelta(days=3 if monday == date(2026, 12, 21) else 4)  # 25 December is a holiday
    await _before(stage, week, monday)
    await stage.go(monday.isoformat(), "09:00")
    assert _prompted_at(stage, week, monday) == f"{monday.isoformat()} 09:00"
    await stage.go(monday.isoformat(), "16:00")
    await _answers(stage, week)
    await stage.go((friday - timedelta(days=1)).isoformat(), "12:00")
    await stage.go(friday.isoformat(), "12:00")
    await stage.go(friday.isoformat(), "16:00")
    assert len(stage.posted("LEAD")) == week + 1
    await _after(stage, week)
    await stage.go(friday.isoformat(), "18:00")


async def _before(stage: Stage, week: int, monday: date) -> None:
    if week == 2:
        await stage.restart()
    if week == 5:
        # Down from Friday evening over the week's prompt time: caught up once at the start.
        await stage.restart((monday.isoformat(), "08:59"))
    if week == 6:
        sunday = monday + timedelta(days=6)
        await stage.form("ana", "absence", First_day_away=monday.isoformat(), Last_day_away=sunday.isoformat())
    if week == 8:
        await stage.form("anna", "project edit CORE", Lead=stage.client("emil").id)


async def _answers(stage: Stage, week: int) -> None:
    for key in ("ATLAS", "BEAM", "CORE", "DELTA"):
        if week == 4 and key == "CORE":
            continue  # late this week
        if week in (9, 10) and key == "DELTA":
            continue  # silent for two weeks
        rag = "Red" if key == "BEAM" and week in (3, 4) else "Green"
        await stage.report(lead_of(key, week), key, rag, f"Week {week} of {key}.")


async def _after(stage: Stage, week: int) -> None:
    [*_, digest] = stage.posted("LEAD")
    if week == 3:
        assert "BEAM" in digest.text
        [alert] = [m for m in stage.posted("ALERTS") if "BEAM" in m.text]
        await stage.client("carl").press(alert, "I have this")
        await stage.settle()
        assert " has this since Fri 23 Oct 16:00" in stage.posted("ALERTS")[0].text
    if week == 4:
        assert "3 of 4 reported" in digest.text
        await stage.report("ben", "CORE", "Green", "Late, sorry.")
        [*_, digest] = stage.posted("LEAD")
        assert "all 4 reported" in digest.text
        assert any("CORE reported late: green" in reply.text for reply in stage.replies(digest))
    if week == 5:
        assert len([m for m in stage.posted("ALERTS") if "BEAM" in m.text]) == 1
        assert "Closed" in stage.posted("ALERTS")[0].text
    if week == 11:
        assert "DELTA" in stage.posted("ALERTS")[-1].text


def _prompted_at(stage: Stage, week: int, monday: date) -> str:
    """When Ben or whoever leads CORE now was asked, on his own wall."""
    with stage.bot.store.read() as uow:
        period = uow.periods.on("weekly", monday)
        assert period is not None
        lead = uow.people.find(lead_of("CORE", week))[0]
        prompt = uow.deliveries.by_key(f"prompt:{period.id}:{lead.id}")
    assert prompt is not None
    assert prompt.sent_at is not None
    return prompt.sent_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M")


def _books(stage: Stage) -> None:
    with stage.bot.store.read() as uow:
        deliveries = uow.deliveries.with_prefix("")
        states = Counter(d.state for d in deliveries)
        requests = [r for m in MONDAYS for r in uow.requests.in_period(uow.periods.on("weekly", m).id)]  # type: ignore[union-attr]
        assert uow.audit.verify() == []
        trend = uow.reports.trends([stage.project("BEAM").id], 13)
    assert set(states) <= {DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.SKIPPED}
    assert not stage.refusals
    assert Counter(r.state for r in requests) == {
        RequestState.SUBMITTED: 13 * 4 - 3,
        RequestState.LATE: 1,
        RequestState.MISSED: 2,
    }
    [colours] = trend.values()
    assert "".join(rag.letter if rag else "-" for _, rag in colours) == "GGGRRGGGGGGGG"
    # One prompt a week for each lead, in the chat itself and not only in the books.
    for name, weeks in (("ana", 12), ("dora", 13), ("ben", 8), ("emil", 6)):
        prompts = [d for d in deliveries if d.kind == "prompt" and not d.updates and d.target == _target(stage, name)]
        assert len(prompts) == weeks
        there = {seen.id for seen in stage.inbox(name)}
        assert {ref.message_id for d in prompts for ref in d.refs} <= there
        reminders = [d for d in deliveries if d.kind == "reminder" and d.target == _target(stage, name)]
        sent = [d for d in reminders if d.state is DeliveryState.SENT and not d.updates]
        # And the receipt of Ana's absence.
        assert len(there) == weeks + len(sent) + (name == "ana")


def _target(stage: Stage, name: str) -> str:
    with stage.bot.store.read() as uow:
        return f"person:{uow.people.find(name)[0].id}"
