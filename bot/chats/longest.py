"""The report form at its longest, to find out before the start whether it can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from handlers.report_form import ReportForm
from reporting.interactions import Form
from reporting.model import PathToGreen, Project, Rag, ReportingPeriod, StatusReport
from reporting.policy import FormPolicy, Policy
from reporting.services.entering import Sheet
from reporting.texts import Catalogues, Texts

_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def texts_of(policy: Policy) -> Texts:
    """The texts of the installation's own language."""
    return Catalogues(policy.locale, Path(policy.locales) if policy.locales else None).texts(policy.locale)


def longest_forms(policy: Policy) -> Iterator[tuple[str, Form]]:
    """Each form's name, and the form with everything asked: red, a promise due, and a correction."""
    texts = texts_of(policy)
    for form in policy.forms:
        yield form.name, ReportForm(_sheet(form), {"rag": "red"}, texts, _AT.date()).draw()


def _sheet(form: FormPolicy) -> Sheet:
    project = Project(1, "ATLAS", "Atlas", 1)
    period = ReportingPeriod(1, "", _AT.date(), _AT, _AT, _AT, _AT)
    path = PathToGreen("", "", date(2025, 12, 31))
    report = StatusReport(1, 1, 1, 1, None, _AT, Rag.RED, path=path)
    return Sheet(project, period, None, None, form, report, report, (), (), None)
