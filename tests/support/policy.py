"""A policy for tests: one portfolio reports weekly, every rule is on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reporting.model import Method, Rag, Role
from reporting.policy import (
    AlertKind,
    AlertRule,
    CalendarPolicy,
    CustomField,
    DigestPolicy,
    Dimension,
    FieldKind,
    FormPolicy,
    Policy,
    Reminder,
)

REMINDERS = (
    Reminder("day_before", before=timedelta(hours=24)),
    Reminder("due", working_days_after=0),
    Reminder("one_day", working_days_after=1),
    Reminder("two_days", working_days_after=2),
)

WEEKLY = CalendarPolicy(
    name="weekly",
    rrule="FREQ=WEEKLY;BYDAY=MO",
    starts="2026-01-05",
    zone="Europe/Berlin",
    holidays="DE-BE",
    reminders=REMINDERS,
)
FORTNIGHTLY = CalendarPolicy(
    name="fortnightly",
    rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    starts="2026-01-05",
    zone="Europe/Berlin",
    zone_of_lead=False,
    reminders=REMINDERS[:2],
)
MONTHLY = CalendarPolicy(
    name="monthly", rrule="FREQ=MONTHLY;BYDAY=-1MO", starts="2026-01-05", zone="Europe/Berlin", reminders=REMINDERS
)

DIMENSIONS = tuple(
    Dimension(key, key.capitalize(), f"How {key} stands.")
    for key in ("schedule", "cost", "scope", "resources", "risk", "benefits")
)

DEFINITIONS = {
    Rag.GREEN: "Delivery is highly likely; nothing major threatens it.",
    Rag.AMBER: "Feasible; significant issues that appear resolvable.",
    Rag.RED: "Appears unachievable as planned.",
}

FORM = FormPolicy("default", DEFINITIONS, DIMENSIONS)
AGILE = FormPolicy(
    "agile",
    DEFINITIONS,
    DIMENSIONS[:2],
    custom=(
        CustomField("velocity", "Velocity", FieldKind.NUMBER),
        CustomField("phase", "Phase", FieldKind.CHOICE, required=True, choices=("Alpha", "Beta")),
        CustomField("demo_on", "Demo on", FieldKind.DATE),
        CustomField("owner", "Product owner", FieldKind.PERSON),
        CustomField("remark", "Remark", FieldKind.TEXT, hint="Anything.", digest=False),
    ),
    sections=("done", "dimensions", "risks"),
    methods=(Method.AGILE,),
)

ALERTS = (
    AlertRule("turned_red", AlertKind.TURNED_RED, "C_ALERTS"),
    AlertRule("amber_long", AlertKind.AMBER_PERIODS, "C_ALERTS", threshold=3),
    AlertRule("high_risk", AlertKind.RISK_SCORE, "C_ALERTS", threshold=15),
    AlertRule("silent", AlertKind.MISSED_REPORTS, "C_ALERTS", threshold=2),
    AlertRule("path", AlertKind.PATH_PASSED, "C_ALERTS"),
)


def make_policy(**changes: Any) -> Policy:
    """The policy, with some of its fields changed."""
    fields: dict[str, Any] = {
        "organisation": "Example Labs",
        "calendars": {c.name: c for c in (WEEKLY, FORTNIGHTLY, MONTHLY)},
        "default_calendar": "weekly",
        "calendar_of": {"facilities": "monthly"},
        "forms": (AGILE, FORM),
        "digests": (DigestPolicy("leadership", "C_LEAD", portfolios=("imaging",)),),
        "alerts": ALERTS,
        "roles": {Role.PMO: ("anna@labs.example",), Role.EXECUTIVE: ("carl@labs.example",)},
        "zone": "Europe/Berlin",
    }
    return Policy(**(fields | changes))
