"""The register with its reports as tables, for the PMO. Columns are named as the import names its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from reporting.model import Person, Project, ProjectState, ReportingPeriod, StatusReport
from reporting.policy import FieldKind
from reporting.ports import BoardRow
from reporting.services.access import require_pmo
from reporting.services.answers_scope import Ask, in_colour_since, scope

MOST_PROJECTS = 100_000
MOST_REPORTS = 100_000
"""Rows of the history; a worksheet holds 1,048,576 and a chat is no place for larger files."""

Value = str | int | float | None

REGISTER = (
    "key", "name", "portfolio", "portfolio_name", "lead", "lead_email", "deputy", "deputy_email", "sponsor",
    "sponsor_email", "method", "state", "confidential", "start", "end", "description",
    *(f"{role}_{of}" for role in ("lead", "deputy", "sponsor") for of in ("slack", "teams", "prefers")),
)  # fmt: skip
STANDING = ("last_rag", "periods_in_state", "open_risk_score")
REPORT = (
    "period", "rag", "summary", "reason", "path_action", "path_owner", "path_due", "done", "next", "missed",
    "forecast_end", "percent", "decision", "decision_of_email", "decision_by", "promise_kept", "override",
    "not_reported", "late", "revision", "author_email", "at", "edit_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported. `reports` counts revisions; `cut` says that the history goes on beyond `MOST_REPORTS`."""

    sheets: tuple[Sheet, ...]
    projects: int
    reports: int
    cut: bool = False


def export(ask: Ask) -> Export:
    """The register with current reports, and all periods when the question says `history`.

    Raises:
        NotAllowed: the reader does not belong to the PMO.
        Unanswered: a filter names what is not there.
    """
    require_pmo(ask.uow, ask.services.policy, ask.reader)
    where = in_colour_since(ask, scope(ask, tuple(ProjectState)))
    rows = ask.uow.board.rows(where, MOST_PROJECTS)
    sheets = [_register(ask, rows)]
    if not ask.query.history:
        return Export(tuple(sheets), len(rows), 0)
    reports = _history(ask, rows)
    cut = len(reports.rows) > MOST_REPORTS
    if cut:
        reports = Sheet(reports.name, reports.columns, reports.rows[:MOST_REPORTS])
    return Export((*sheets, reports), len(rows), len(reports.rows), cut)


def _register(ask: Ask, rows: list[BoardRow]) -> Sheet:
    standings = {row.project.id: row.standing for row in rows}
    reports = ask.uow.reports.many({s.report_id for s in standings.values() if s and s.report_id is not None})
    periods = ask.uow.periods.many({s.period_id for s in standings.values() if s})
    people = _people(ask, rows, list(reports.values()))
    extra = _extra(ask)
    table = []
    for row in rows:
        standing = row.standing
        report = reports.get(standing.report_id) if standing and standing.report_id is not None else None
        period = periods.get(standing.period_id) if standing else None
        table.append(
            (
                *_project(row, people),
                standing.last_rag.value if standing and standing.last_rag else None,
                (standing.streak if standing.rag else standing.missed) if standing else None,
                row.top_score or None,
                *_report(period, report, people, extra),
            )
        )
    columns = (*REGISTER, *STANDING, *REPORT, *(name for name, _, _ in extra))
    return Sheet("register", columns, tuple(table))


def _people(ask: Ask, rows: list[BoardRow], reports: list[StatusReport]) -> dict[int, Person]:
    wanted: set[int | None] = set()
    for row in rows:
        wanted |= {row.project.lead_id, row.project.deputy_id, row.project.sponsor_id}
    own = [key for key, kind in _kinds(ask).items() if kind is FieldKind.PERSON]
    for report in reports:
        wanted |= {report.author_id, report.decision.of_id if report.decision else None}
        wanted |= {value for key in own if isinstance(value := report.custom.get(key), int)}
    return ask.uow.people.many({i for i in wanted if i is not None})


def _name(people: dict[int, Person], person_id: int | None) -> str | None:
    person = people.get(person_id) if person_id is not None else None
    return person.name if person else None


def _email(people: dict[int, Person], person_id: int | None) -> str | None:
    person = people.get(person_id) if person_id is not None else None
    return person.email if person else None


def _project(row: BoardRow, people: dict[int, Person]) -> tuple[Value, ...]:
    project = row.project
    return (
        project.key,
        project.name,
        row.portfolio_key,
        row.portfolio_name,
        *(
            value
            for person_id in (project.lead_id, project.deputy_id, project.sponsor_id)
            for value in (_name(people, person_id), _email(people, person_id))
        ),
        project.method.value,
        project.state.value,
        "yes" if project.confidential else "no",
        _iso(project.start),
        _iso(project.end),
        project.description or None,
        *(
            value
            for person_id in (project.lead_id, project.deputy_id, project.sponsor_id)
            for value in _chats(people.get(person_id or 0))
        ),
    )


def _chats(person: Person | None) -> tuple[Value, ...]:
    """A person's first account in each chat system, and where they wish to be written to."""
    accounts = {account.platform: account.user_id for account in reversed(person.identities)} if person else {}
    return accounts.get("slack"), accounts.get("teams"), person.prefers if person else None


_Extra = tuple[str, FieldKind | None, str]


def _extra(ask: Ask) -> list[_Extra]:
    """Columns of the policy: (column, a field's kind or None for a dimension, key), each once over all forms."""
    forms = ask.services.policy.forms
    dimensions = dict.fromkeys(d.key for form in forms for d in form.dimensions)
    found: list[_Extra] = [(f"dimensions.{key}", None, key) for key in dimensions]
    return found + [(f"custom.{key}", kind, key) for key, kind in _kinds(ask).items()]


def _kinds(ask: Ask) -> dict[str, FieldKind]:
    """Own fields of all forms. Two forms that give one key two kinds share a column of the first."""
    kinds: dict[str, FieldKind] = {}
    for form in ask.services.policy.forms:
        for field in form.custom:
            kinds.setdefault(field.key, field.kind)
    return kinds


def _report(
    period: ReportingPeriod | None, report: StatusReport | None, people: dict[int, Person], extra: list[_Extra]
) -> tuple[Value, ...]:
    day = _iso(period.day) if period else None
    if report is None:
        return (day, *(None for _ in REPORT[1:]), *(None for _ in extra))
    path, decision = report.path, report.decision
    return (
        day,
        report.rag.value if report.rag else None,
        report.summary or None,
        report.reason or None,
        path.action if path else None,
        path.owner if path else None,
        _iso(path.due) if path else None,
        report.done or None,
        report.next or None,
        report.missed or None,
        _iso(report.forecast_end),
        report.percent,
        decision.question if decision else None,
        _email(people, decision.of_id) if decision else None,
        _iso(decision.by) if decision else None,
        report.promise_kept or None,
        report.override or None,
        report.not_reported or None,
        "yes" if report.late else "no",
        report.revision,
        _email(people, report.author_id),
        _iso(report.at),
        report.edit_reason or None,
        *(_extra_value(report, kind, key, people) for _, kind, key in extra),
    )


def _extra_value(report: StatusReport, kind: FieldKind | None, key: str, people: dict[int, Person]) -> Value:
    if kind is None:
        rag = report.dimensions.get(key)
        return rag.value if rag else None
    value = report.custom.get(key)
    if kind is FieldKind.PERSON and isinstance(value, int):
        # With the address, since two people may have one name and the file may be imported again.
        person = people.get(value)
        return f"{person.name} <{person.email}>" if person and person.email else _name(people, value)
    return value if isinstance(value, int | float) or value is None else str(value)


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def _history(ask: Ask, rows: list[BoardRow]) -> Sheet:
    extra = _extra(ask)
    found = list(_reports(ask, [row.project for row in rows]))
    people = _people(ask, [], [report for _, _, report in found])
    table = tuple((project.key, *_report(period, report, people, extra)) for project, period, report in found)
    return Sheet("reports", ("project", *REPORT, *(name for name, _, _ in extra)), table)


def _reports(ask: Ask, projects: list[Project]) -> Iterator[tuple[Project, ReportingPeriod, StatusReport]]:
    # One more than is shown tells that there are more.
    left = MOST_REPORTS + 1
    for project in projects:
        if left <= 0:
            return
        for period, report in reversed(ask.uow.reports.history(project.id, left, None)):
            # Of a report that was corrected, every revision in its order: what was replaced stays readable.
            several = report is not None and report.revision > 1
            for each in ask.uow.reports.revisions(project.id, period.id) if several else [report]:
                if each is not None:
                    left -= 1
                    yield project, period, each
