"""A small company on a real SQLite file, to import into."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.imports import import_file
from reporting.messages import Message
from reporting.model import Project, StatusReport
from reporting.policy import CustomField, FieldKind, FormPolicy
from reporting.ports import Composed
from reporting.services.context import Services
from reporting.services.importing import ImportReport
from reporting.texts import Catalogues
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.support.policy import FORM, make_policy

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
"""A Wednesday."""

CUSTOM = (
    CustomField("rating_as_published", "Rating as published", FieldKind.TEXT),
    CustomField("rated_by", "Rated by", FieldKind.CHOICE, choices=("Independent assessor", "Senior responsible owner")),
    *(CustomField(key, key.capitalize(), FieldKind.TEXT) for key in ("schedule", "budget", "cost", "benefits")),
    *(
        CustomField(key, key, FieldKind.NUMBER)
        for key in ("fy_baseline_m", "fy_forecast_m", "fy_variance_pct", "whole_life_cost_m", "benefits_m")
    ),
    CustomField("reviewed_on", "Reviewed on", FieldKind.DATE),
    CustomField("owner", "Owner", FieldKind.PERSON),
)


class StillClock:
    """Time that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class NoTemplates:
    """Imports write no digests."""

    def digest(self, template: str, view: Mapping[str, Any], locale: str) -> Composed:
        raise AssertionError("an import composes nothing")

    def alert(self, view: Mapping[str, Any], locale: str) -> Message:
        raise AssertionError("an import composes nothing")


class Company:
    """Doors for tests."""

    def __init__(self, folder: Path, empty: Path | None = None, **policy: Any) -> None:
        url = f"sqlite:///{folder / 'rollcall.db'}"
        if empty is None:
            upgrade(url)
        else:
            shutil.copy(empty, folder / "rollcall.db")  # much quicker than migrating for every test
        self.folder = folder
        self.clock = StillClock()
        form = FormPolicy("default", FORM.definitions, FORM.dimensions, CUSTOM)
        fields = {"forms": (form,), "calendar_of": {}, "zone": "UTC", "digests": (), "alerts": ()} | policy
        self.services = Services(SqlStore(url), self.clock, make_policy(**fields), Catalogues(), NoTemplates())

    def write(self, name: str, *lines: str) -> Path:
        """A file of these lines."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def register(self, *lines: str, **options: Any) -> ImportReport:
        """Import a register of these lines."""
        return import_file(self.services, "register", self.write("register.csv", *lines), **options)

    def reports(self, *lines: str, **options: Any) -> ImportReport:
        """Import reports of these lines."""
        return import_file(self.services, "reports", self.write("reports.csv", *lines), **options)

    def project(self, key: str) -> Project:
        """A stored project."""
        with self.services.store.read() as uow:
            found = uow.projects.by_key(key)
        assert found is not None
        return found

    def current(self, key: str, calendar: str, day: str) -> StatusReport:
        """A project's report for a period."""
        with self.services.store.read() as uow:
            project, period = uow.projects.by_key(key), uow.periods.on(calendar, date.fromisoformat(day))
            assert project is not None
            assert period is not None
            report = uow.reports.current(project.id, period.id)
        assert report is not None
        return report
