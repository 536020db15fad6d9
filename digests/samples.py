"""Made-up portfolios to try templates on before anybody's digest depends on them."""

from collections.abc import Sequence
from typing import Any

View = dict[str, Any]
_DAYS = ("2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23")
_AWKWARD = (
    "**Late** <!channel> [[pill:red]] | `x` & <b>\n# second line, \u201ccurly\u201d "
    "\ue000 \u202e {{ 7 * 7 }} @here *_~\\"
)
_TAKEN = {
    0: {"outcome": "decided", "words": _AWKWARD},
    1: {"outcome": "delegated", "words": "Carl decides."},
    3: {"outcome": "deferred", "words": "After the audit."},
}
_UNEVEN = {
    "dimensions": {"schedule": {"label": "Schedule", "rag": "red"}, "cost": {"label": "Cost", "rag": "green"}},
    "override": "The slip is inside the buffer",
    "done": "Every one of the fourteen detector modules was delivered, mounted, cabled and tested twice. " * 2,
    "missed_plan": "The dry run",
    "forecast_end": "2027-05-31",
    "forecast_was": "2027-03-31",
    "late": True,
}
_PEOPLE = ({"id": 1, "name": "Ana Alba"}, {"id": 2, "name": "Ben Bird"}, {"id": 3, "name": "Dora Dune"})


def digests() -> dict[str, View]:
    """Views by name: what a digest may meet, from nothing to too much."""
    week = [
        {**_project(1, "ATLAS", "green", last="green", streak=4), **_UNEVEN},
        _project(2, "BEAM", "red", last="amber", last_streak=2, path=True, decision=True),
        _project(3, "DELTA", "green", last="amber", last_streak=6),
        _project(4, "ECHO", "amber", last="amber", streak=3, path=True),
        _project(5, "FERN", "amber", last="red", last_streak=2, path=True),
        _project(6, "CORE", None, last="green", missed=2, away=True),
        _project(7, "GROVE", None, last=None),
    ]
    return {
        "week": digest(week, risks=2, corrections=1),
        "all_green": digest([_project(n, f"G{n:02}", "green", last="green", streak=n) for n in range(1, 25)]),
        "empty": digest([]),
        "one": digest([_project(1, "ATLAS", "amber", path=True)], days=1),
        "silent": digest([_project(n, f"S{n:02}", "red" if n == 1 else None, missed=n) for n in range(1, 25)]),
        "hundred": digest([_mixed(n) for n in range(100)], risks=5),
        "worst": digest([_worst(n) for n in range(40)], risks=5, corrections=3, title=_AWKWARD),
    }


def alerts() -> dict[str, View]:
    """Views of alerts: every kind in every state."""
    risk = {"number": 3, "title": _AWKWARD, "score": 20, "probability": 4, "impact": 5, "owner": "Ana"}
    facts: dict[str, View] = {
        "turned_red": {"was": "amber"},
        "amber_periods": {"periods": 3, "threshold": 3},
        "risk_score": {**risk, "due": None, "mitigation": _AWKWARD, "threshold": 15},
        "missed_reports": {"missed": 2, "threshold": 2, "last": "green"},
        "path_passed": {"due": "2026-11-20", "rag": "red"},
    }
    return {
        f"{kind}_{state}": alert(kind, state, known)
        for kind, known in facts.items()
        for state in ("open", "acknowledged", "resolved")
    }


def digest(
    projects: Sequence[View], risks: int = 0, corrections: int = 0, title: str = "Imaging portfolio", days: int = 6
) -> View:
    """The view of a digest with these projects, worst first."""
    by_rag = {rag: [p for p in projects if p["rag"] == rag] for rag in ("red", "amber", "green", None)}
    moved = [p for p in projects if p["rag"] and p["last_rag"] and p["rag"] != p["last_rag"]]
    order = ("green", "amber", "red")
    worse = [p for p in moved if order.index(p["rag"]) > order.index(p["last_rag"])]
    better = [p for p in moved if order.index(p["rag"]) < order.index(p["last_rag"])]
    attention = by_rag["red"] + by_rag["amber"]
    figures = {"red": by_rag["red"], "amber": by_rag["amber"], "green": by_rag["green"], "missing": by_rag[None]}
    trend = [{"day": day, **{name: len(group) for name, group in figures.items()}} for day in _DAYS[-days:]]
    return {
        "name": "imaging",
        "title": title,
        "organisation": "Example Research",
        "period": {"day": _DAYS[-1], "label": "week 48", "first": "2026-11-23", "last": "2026-11-29"},
        "unit": "week",
        "as_of": "2026-11-27T16:00:00+00:00",
        "since": "2026-11-20T16:00:00+00:00",
        "zone": "Europe/Berlin",
        "platform": "slack",
        "takeaway": f"{len(projects) - len(by_rag[None])} of {len(projects)} reported.",
        "total": len(projects),
        "reported": len(projects) - len(by_rag[None]),
        "not_asked": 1 if risks else 0,
        "corrections": corrections,
        "promises": {"due": 3, "kept": 1, "unsaid": 1} if risks else {"due": 0, "kept": 0, "unsaid": 0},
        "trend": {"days": [line["day"] for line in trend], "rows": trend},
        "counts": {name: {"now": len(group), "change": len(group) - 2} for name, group in figures.items()},
        "attention": attention,
        "worse": worse,
        "better": better,
        "standing": [p for p in attention if p not in moved],
        "missing": by_rag[None],
        "greens": by_rag["green"],
        "uneven": [p for p in by_rag["green"] if any(d["rag"] != "green" for d in p["dimensions"].values())],
        "excused": [_project(99, "REST", None, away=True)] if risks else [],
        "decisions": [_decision(p) for p in projects if p["asks"]],
        "risks": [_risk(n) for n in range(1, risks + 1)],
        "paused": 1 if risks else 0,
        "closed": 0,
    }


def alert(kind: str, state: str, facts: View) -> View:
    """The view of an alert."""
    taken = {"by": _PEOPLE[2], "at": "2026-11-26T13:02:00+00:00"}
    resolved = {"at": "2026-12-11T09:00:00+00:00", "resolution": "amber", "days": 15}
    return {
        "escalation_id": 5,
        "rule": kind,
        "kind": kind,
        "state": state,
        "project": _project(2, "BEAM", "red", last="amber", last_streak=2, path=True),
        "facts": facts,
        "lead": _PEOPLE[0],
        "sponsor": _PEOPLE[2],
        "as_of": "2026-11-27T16:00:00+00:00",
        "opened_at": "2026-11-26T12:40:00+00:00",
        "acknowledged": taken if state != "open" else None,
        "resolved": resolved if state == "resolved" else None,
        "unit": "week",
        "zone": "Europe/Berlin",
        "platform": "slack",
    }


def _project(
    number: int,
    key: str,
    rag: str | None,
    *,
    last: str | None = None,
    streak: int = 1,
    last_streak: int = 1,
    missed: int = 0,
    path: bool = False,
    away: bool = False,
    decision: bool = False,
    text: str = "",
) -> View:
    colours = [last] * 5 + [rag]
    return {
        "id": number,
        "key": key,
        "name": f"{key.title()} project",
        "portfolio": "Imaging",
        "rag": rag,
        "previous": last,
        "last_rag": last,
        "last_day": _DAYS[2] if last and rag is None else None,
        "streak": streak if rag else 0,
        "last_streak": last_streak,
        "missed": missed,
        "unit": "week",
        "pending": rag is None and not missed,
        "trend": colours,
        "cells": colours,
        "lead": _PEOPLE[number % 3] if number % 5 else None,
        "deputy": _PEOPLE[(number + 1) % 3] if away and number % 2 == 0 else None,
        "away_until": "2026-11-30" if away else None,
        "report_id": number if rag else None,
        "revision": 1 if rag else 0,
        "reported_at": "2026-11-27T09:00:00+00:00" if rag else None,
        "summary": text or ("On plan." if rag else ""),
        "reason": (text or "Supplier missed the third date") if rag in ("red", "amber") else "",
        "done": text or "First module delivered.",
        "next": text or "Second module.",
        "missed_plan": text,
        "path": {"action": text or "Second supplier signed", "owner": "Ana", "due": "2026-12-05"} if path else None,
        "percent": 40 if rag else None,
        "forecast_end": "2027-03-31" if path else None,
        "forecast_was": None,
        "dimensions": {"cost": {"label": "Cost", "rag": "red"}} if path else {},
        "override": text,
        "custom": _own(number, path, text),
        "late": path,
        "not_reported": text if rag is None else "",
        "promise_kept": "missed" if path else "",
        "promise_unsaid": False,
        "asks": decision,
    }


def _own(number: int, path: bool, text: str) -> list[View]:
    goal = {"label": "Goal", "value": text or "met", "kind": "choice"}
    demo = {"label": "Demo", "value": "2026-12-01", "kind": "date"}
    person = _PEOPLE[number % 3]
    owner = {"label": "Owner", "value": person["name"], "kind": "person", "person": person}
    return [{"label": "Budget", "value": 12.5, "kind": "number"}, owner] if path else [goal, demo]


def _mixed(number: int) -> View:
    rag = ("red", "amber", "green", "amber", None, "green")[number % 6]
    last = ("amber", "amber", "green", "green", "red", "amber")[number % 6]
    return _project(number + 1, f"P{number:03}", rag, last=last, path=rag in ("red", "amber"), missed=number % 4)


def _worst(number: int) -> View:
    rag = ("red", "amber", None)[number % 3]
    text = _AWKWARD * 100
    return _project(
        number + 1, f"W{number:02}", rag, last="amber", path=True, away=True, missed=9, decision=True, text=text
    )


def _decision(project: View) -> View:
    return {
        "project": project["name"],
        "key": project["key"],
        "question": "Take the second supplier at +40 k?",
        "of": _PEOPLE[2] if project["id"] % 2 == 0 else None,
        "by": "2026-12-02" if project["id"] % 3 else None,
        "report_id": project["report_id"] or 0,
        "taken": _TAKEN.get(project["id"] % 4),
    }


def _risk(number: int) -> View:
    return {
        "project": "Beam project",
        "key": "BEAM",
        "number": number,
        "title": _AWKWARD if number > 2 else "Supplier insolvent",
        "score": 26 - number,
        "probability": 5,
        "impact": 5,
        "owner": "Ana" if number % 2 else "",
        "due": "2026-12-18" if number % 2 else None,
        "mitigation": "Second source",
    }
