"""Cells to values, kind by kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.imports.fields import BadCell, fields_of
from bot.imports.reading import Cell
from reporting.model import Method, ProjectState, Rag
from tests.imports.company import CUSTOM
from tests.support.policy import FORM, make_policy

POLICY = make_policy(forms=(replace(FORM, custom=CUSTOM),))
FIELDS = fields_of("register", POLICY) | fields_of("reports", POLICY)
FORMATS = ["iso", "%d/%m/%Y"]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("key", " atlas ", "ATLAS"),
        ("key", 7.0, "7"),
        ("name", "Beam\nline ", "Beam line"),
        ("description", "  as it is\u00a0\n", "  as it is\u00a0\n"),
        ("description", 2.5, "2.5"),
        ("description", True, "yes"),
        ("description", date(2026, 11, 27), "2026-11-27"),
        ("lead_email", "Ana@Labs.Example ", "ana@labs.example"),
        ("lead_email", "", ""),
        ("lead_tz", "Asia/Tokyo", "Asia/Tokyo"),
        ("lead_locale", "pt-BR", "pt-BR"),
        ("lead_teams", "0A1B2C3D-1111-2222-3333-444455556666", "0a1b2c3d-1111-2222-3333-444455556666"),
        ("sponsor_teams", "", ""),
        ("deputy_prefers", "Teams", "teams"),
        ("method", "Agile", Method.AGILE),
        ("state", "", None),
        ("state", "CLOSED", ProjectState.CLOSED),
        ("confidential", True, True),
        ("confidential", "X", True),
        ("confidential", "", False),
        ("start", date(2026, 11, 27), date(2026, 11, 27)),
        ("start", "27/11/2026", date(2026, 11, 27)),
        ("start", "", None),
        ("rag", "RED", Rag.RED),
        ("percent", 61.0, 61),
        ("percent", "61 %", 61),
        ("percent", "", None),
        ("dimensions.cost", "amber", Rag.AMBER),
        ("custom.fy_variance_pct", "-22.7", -22.7),
        ("custom.fy_variance_pct", "+3", 3),
        ("custom.reviewed_on", "27/11/2026", "2026-11-27"),
        ("custom.reviewed_on", "", None),
        ("custom.rated_by", "", None),
        ("custom.owner", " Ben Ito", "Ben Ito"),
        ("custom.fy_variance_pct", "1e-07", 1e-07),
        ("promise_kept", "kept", "kept"),
        ("late", "yes", True),
        ("late", "", None),
        ("at", "2026-11-27T15:05:00+01:00", datetime(2026, 11, 27, 14, 5, tzinfo=UTC)),
        ("at", "2026-11-27 15:05", datetime(2026, 11, 27, 14, 5, tzinfo=UTC)),
        ("at", date(2026, 11, 27), datetime(2026, 11, 26, 23, tzinfo=UTC)),
        ("at", "", None),
    ],
)
def test_a_cell_becomes_a_value(field: str, cell: Cell, value: Any) -> None:
    found = FIELDS[field].parse(cell, FORMATS)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        ("key", "a b", "not a project key: 'A B'"),
        ("key", "x" * 41, "at most 40"),
        ("lead_email", "ana at labs", "not a mail address"),
        ("lead_tz", "Mars/Base", "not a time zone: 'Mars/Base'"),
        ("lead_locale", "english please", "not a locale"),
        ("lead_teams", "ana@labs.example", "not an Entra object id: 'ana@labs.example'"),
        ("lead_prefers", "pigeon", "not a chat system: 'pigeon' (slack or teams)"),
        ("method", "scrum", "'scrum' is none of agile, waterfall, hybrid"),
        ("confidential", "perhaps", "neither yes nor no"),
        ("start", "31/02/2026", "not a date: '31/02/2026' (expected 2026-11-27 or 27/11/2026)"),
        ("percent", "61.5", "not a whole number from 0 to 100"),
        ("percent", "-1", "not a whole number from 0 to 100"),
        ("percent", "half", "not a number"),
        ("custom.fy_variance_pct", "1,5", "not a number: '1,5'"),
        ("promise_kept", "perhaps", "'perhaps' is none of kept, missed, moved"),
        ("at", "noon", "not a time: 'noon' (expected 2026-11-27 or 27/11/2026)"),
        ("custom.rated_by", "Me", "'Me' is none of Independent assessor, Senior responsible owner"),
    ],
)
def test_a_cell_that_says_nothing_of_its_kind_is_refused(field: str, cell: Cell, reason: str) -> None:
    with pytest.raises(BadCell) as caught:
        FIELDS[field].parse(cell, FORMATS)
    assert reason in str(caught.value)
