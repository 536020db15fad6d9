"""What a digest shows, as plain JSON values: read in a few statements, however many projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reporting.ledger import Digest
from reporting.model import (
    Portfolio,
    ProjectState,
    Rag,
    ReportingPeriod,
    RequestState,
    StatusReport,
)
from reporting.policy import CalendarPolicy, DigestPolicy, Policy
from reporting.ports import BoardRow, UnitOfWork
from reporting.query import BoardFilter
from reporting.routing import platform_of_channel
from reporting.services.context import Services
from reporting.services.digest_past import Past, as_of, unmoved
from reporting.services.digest_project import Sources, View, person_view, project_view, sources
from reporting.services.digest_takeaway import takeaway
from reporting.services.questions import Answer, answers_to
from reporting.services.wording import called, unit
from reporting.texts import Texts

EVERY = 100_000
"""More projects than a register holds: a digest counts all of them."""
TOP_RISKS = 5
RISK_FLOOR = 12
"""From this score on a risk belongs into a digest."""
_COLOURS = ("red", "amber", "green", "missing")
_RESTING = ("not_asked", "paused", "closed")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which projects and periods a digest is about."""

    policy: Policy
    digest: DigestPolicy
    portfolios: list[Portfolio]
    where: BoardFilter
    rows: list[BoardRow]
    periods: dict[int, ReportingPeriod]
    main: ReportingPeriod | None
    resting: View
    past: Past | None = None

    @property
    def calendar(self) -> CalendarPolicy | None:
        return self.policy.calendars.get(self.main.calendar) if self.main else None


def digest_view(
    services: Services,
    uow: UnitOfWork,
    digest: DigestPolicy,
    now: datetime,
    since: datetime | None = None,
    revises: Digest | None = None,
) -> tuple[View, tuple[int, ...]]:
    """The data of a digest as things stand now, and the periods it is about.

    Args:
        since: reports corrected after this instant are counted; default: since the channel's last digest.
        revises: the digest that is out. When newer periods have begun since, the data is as of its own ones, with
            what has been reported for them up to now.
    """
    t = services.texts_for_channel(digest.locale, digest.channel)
    scope = _scope(services.policy, uow, digest, now, revises)
    known = sources(uow, services.policy, scope.rows, services.today(now))
    known = replace(known, trends=_last(scope)) if scope.past else known
    since = since or _since(uow, digest, scope.main)
    view = _head(services, scope, now, since, t) | _body(uow, scope, known, since)
    if scope.past is not None and revises is not None:
        unmoved(view, revises.view, TOP_RISKS)
    view["takeaway"] = takeaway(view, t)
    return view, tuple(sorted(scope.periods))


def _head(services: Services, scope: _Scope, now: datetime, since: datetime | None, t: Texts) -> View:
    """What the digest is: its name, its period, its time."""
    return {
        "name": scope.digest.name,
        "title": scope.digest.title or _title(services.policy, scope.portfolios, t),
        "organisation": services.policy.organisation,
        "period": period_view(scope.main, scope.calendar, services.today(now), t),
        "unit": unit(scope.calendar),
        "as_of": now.isoformat(),
        "since": since.isoformat() if since else None,
        "zone": services.policy.zone,
        "platform": platform_of_channel(scope.digest.channel),
    }


def _body(uow: UnitOfWork, scope: _Scope, known: Sources, since: datetime | None) -> View:
    """What the digest tells: figures, projects by group, decisions, risks."""
    asked = [row for row in scope.rows if not _excused(row)]
    trend = _trend(uow, scope)
    days = [date.fromisoformat(line["day"]) for line in trend]
    projects = {row.project.id: {**project_view(row, known), "cells": _cells(row, known, days)} for row in scope.rows}
    return {
        "total": len(asked),
        "reported": sum(_rag(row) is not None for row in asked),
        "corrections": _corrections(known.reports.values(), since),
        "promises": _promises(asked, known, scope.periods),
        "trend": {"days": [line["day"] for line in trend], "rows": trend},
        "counts": _counts(trend, scope, asked),
        **_groups(asked, projects),
        "excused": [projects[row.project.id] for row in scope.rows if _excused(row)],
        "decisions": _decisions(uow, asked, known),
        "risks": _risks(uow, scope),
        **scope.resting,
    }


# ---------------------------------------------------------------- which projects, which periods


def _scope(
    policy: Policy, uow: UnitOfWork, digest: DigestPolicy, now: datetime, revises: Digest | None = None
) -> _Scope:
    portfolios = [p for p in uow.projects.portfolios() if not digest.portfolios or p.key in digest.portfolios]
    where = BoardFilter(portfolio_ids=tuple(p.id for p in portfolios), confidential=digest.confidential)
    rows = uow.board.rows(where, EVERY) if portfolios else []
    periods = _periods(policy, uow, rows, portfolios, now)
    if revises is not None and revises.period_ids and set(periods) != set(revises.period_ids):
        return _gone_by(policy, uow, digest, portfolios, where, revises)
    asked = [row for row in rows if row.standing and row.standing.period_id in periods]
    main = _main(policy, digest, periods)
    resting = {"not_asked": len(rows) - len(asked), **_resting(uow, where)}
    return _Scope(policy, digest, portfolios, where, asked, periods, main, resting)


def _gone_by(
    policy: Policy,
    uow: UnitOfWork,
    digest: DigestPolicy,
    portfolios: list[Portfolio],
    where: BoardFilter,
    revises: Digest,
) -> _Scope:
    """The projects and periods of a digest that is out, when newer periods have begun since."""
    periods = uow.periods.many(revises.period_ids)
    past = as_of(uow, uow.board.rows(replace(where, states=tuple(ProjectState)), EVERY), periods)
    resting = {name: revises.view.get(name, 0) for name in _RESTING}
    main = _main(policy, digest, periods)
    return _Scope(policy, digest, portfolios, where, past.rows, periods, main, resting, past)


def _periods(
    policy: Policy, uow: UnitOfWork, rows: Sequence[BoardRow], portfolios: Iterable[Portfolio], now: datetime
) -> dict[int, ReportingPeriod]:
    """The newest period of each calendar by which these projects report.

    Imported history has calendars of its own; they count only while no calendar of the policy has begun.
    """
    every = uow.periods.many({row.standing.period_id for row in rows if row.standing})
    begun = [period for period in every.values() if period.opens_at <= now]
    own = {policy.calendar_for(portfolio.key).name for portfolio in portfolios}
    counting = [period for period in begun if period.calendar in own] or begun
    newest = {period.calendar: period for period in sorted(counting, key=lambda period: period.day)}
    return {period.id: period for period in newest.values()}


def _main(policy: Policy, digest: DigestPolicy, periods: dict[int, ReportingPeriod]) -> ReportingPeriod | None:
    """The period that names the digest: of its own calendar, else the newest."""
    calendar = digest.calendar or policy.calendar_for(digest.portfolios[0] if digest.portfolios else "").name
    newest = sorted(periods.values(), key=lambda period: (period.calendar == calendar, period.day))
    return newest[-1] if newest else None


def _since(uow: UnitOfWork, digest: DigestPolicy, main: ReportingPeriod | None) -> datetime | None:
    latest = uow.digests.latest(digest.channel)
    if latest is None or (main is not None and latest.day >= main.day):
        return None
    return latest.composed_at


def _title(policy: Policy, portfolios: Sequence[Portfolio], t: Texts) -> str:
    if len(portfolios) == 1:
        return t("{name} portfolio", name=portfolios[0].name)
    return policy.organisation


# ---------------------------------------------------------------- the period in words


def period_view(main: ReportingPeriod | None, calendar: CalendarPolicy | None, today: date, t: Texts) -> View:
    """The period's day, its label and the days it covers."""
    day = main.day if main else today
    first, last = day, day
    match unit(calendar):
        case "week":
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=6)
        case "month":
            first = day.replace(day=1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        case _:
            pass  # a period of its own stands for its day
    label = called(t, unit(calendar), day)
    return {"day": day.isoformat(), "label": label, "first": first.isoformat(), "last": last.isoformat()}


# ---------------------------------------------------------------- counts and groups


def _excused(row: BoardRow) -> bool:
    return row.request_state is RequestState.EXCUSED and _rag(row) is None


def _rag(row: BoardRow) -> Rag | None:
    return row.standing.rag if row.standing else None


def _trend(uow: UnitOfWork, scope: _Scope) -> list[View]:
    most = scope.policy.trend_periods
    if scope.past is not None:
        history = scope.past.counts_by_period(most)
    else:
        history = uow.board.counts_by_period(scope.where, most) if scope.rows else []
    return [
        {"day": day.isoformat(), "red": red, "amber": amber, "green": green, "missing": missing}
        for day, red, amber, green, missing in history
    ]


def _last(scope: _Scope) -> dict[int, list[tuple[date, Rag | None]]]:
    """The last periods of each project, of a digest of periods gone by."""
    trends = scope.past.trends if scope.past else {}
    return {project_id: trend[-scope.policy.trend_periods :] for project_id, trend in trends.items()}


def _cells(row: BoardRow, known: Sources, days: Sequence[date]) -> list[str | None]:
    """A project's colours on the days of the trend: None is not reported, an empty text not asked."""
    on = dict(known.trends.get(row.project.id, []))
    return [(rag.value if (rag := on[day]) else None) if day in on else "" for day in days]


def _counts(trend: Sequence[View], scope: _Scope, asked: Sequence[BoardRow]) -> View:
    before = _before(trend, scope, asked)
    now = [sum(_rag(row) == rag for row in asked) for rag in (Rag.RED, Rag.AMBER, Rag.GREEN, None)]
    return {
        name: {"now": count, "change": None if before is None else count - before[index]}
        for index, (name, count) in enumerate(zip(_COLOURS, now, strict=True))
    }


def _before(trend: Sequence[View], scope: _Scope, asked: Sequence[BoardRow]) -> tuple[int, ...] | None:
    """Red, amber, green and not reported in the period before; None when there was none."""
    if len(scope.periods) == 1 and scope.main is not None:
        earlier = [line for line in trend if line["day"] < scope.main.day.isoformat()]
        return tuple(earlier[-1][name] for name in _COLOURS) if earlier else None
    # Calendars of different lengths: each project against its own last period.
    previous = [row.standing.previous for row in asked if row.standing and row.last_day is not None]
    if not any(previous):
        return None
    return tuple(sum(rag == wanted for rag in previous) for wanted in (Rag.RED, Rag.AMBER, Rag.GREEN, None))


def _groups(asked: Sequence[BoardRow], projects: dict[int, View]) -> View:
    """The projects by what is to be said of them, each worst first, then longest."""
    groups: dict[str, list[View]] = {
        name: [] for name in ("attention", "worse", "better", "standing", "missing", "greens", "uneven")
    }
    for row in sorted(asked, key=_worst_first):
        project = projects[row.project.id]
        rag, last = _rag(row), row.standing.last_rag if row.standing else None
        if rag is None:
            groups["missing"].append(project)
            continue
        groups["greens" if rag is Rag.GREEN else "attention"].append(project)
        if rag is Rag.GREEN and any(of["rag"] != Rag.GREEN for of in project["dimensions"].values()):
            groups["uneven"].append(project)
        if last is not None and rag is not last:
            groups["worse" if rag.severity > last.severity else "better"].append(project)
        elif rag is not Rag.GREEN:
            groups["standing"].append(project)
    return dict(groups)


def _worst_first(row: BoardRow) -> tuple[int, int, str]:
    rag = _rag(row)
    length = (row.standing.streak if rag else row.standing.missed) if row.standing else 0
    return (-rag.severity if rag else -3, -length, row.project.key)


def _corrections(reports: Iterable[StatusReport], since: datetime | None) -> int:
    return sum(report.revision > 1 and (since is None or report.at > since) for report in reports)


def _promises(asked: Sequence[BoardRow], known: Sources, periods: Mapping[int, ReportingPeriod]) -> View:
    """How many promised dates had come, how many promises were kept, and of how many nothing was said."""
    said = kept = unsaid = 0
    for row in asked:
        standing = row.standing
        report = known.reports.get(standing.report_id or 0) if standing else None
        if report is not None:
            said += bool(report.promise_kept)
            kept += report.promise_kept == "kept"
            unsaid += row.project.id in known.unsaid
        elif standing is not None and standing.path_due is not None:
            unsaid += standing.path_due <= periods[standing.period_id].due_at.date()
    return {"due": said + unsaid, "kept": kept, "unsaid": unsaid}


# ---------------------------------------------------------------- decisions, risks, the rest


def _decisions(uow: UnitOfWork, asked: Sequence[BoardRow], known: Sources) -> list[View]:
    """What leadership is asked for, soonest first."""
    found: list[View] = []
    answers = answers_to(uow, known.reports.values())
    for row in asked:
        report = known.reports.get(row.standing.report_id or 0) if row.standing else None
        if report is None or report.decision is None:
            continue
        decision = report.decision
        found.append(
            {
                "project": row.project.name,
                "key": row.project.key,
                "question": decision.question,
                "of": person_view(known.people.get(decision.of_id or 0)),
                "by": decision.by.isoformat() if decision.by else None,
                "report_id": report.id,
                "taken": _taken(answers.get(report.id)),
            }
        )
    return sorted(found, key=lambda decision: (decision["by"] is None, decision["by"] or "", decision["key"]))


def _taken(answer: Answer | None) -> View | None:
    """What became of a question: the outcome and the words, or None while it is open."""
    return {"outcome": answer.outcome, "words": answer.words} if answer is not None else None


def _risks(uow: UnitOfWork, scope: _Scope) -> list[View]:
    if not scope.rows:
        return []
    where = BoardFilter(
        portfolio_ids=scope.where.portfolio_ids,
        confidential=scope.where.confidential,
        risk_op=">=",
        risk_score=RISK_FLOOR,
    )
    return [
        {
            "project": name,
            "key": key,
            "number": risk.number,
            "title": risk.title,
            "score": risk.score,
            "probability": risk.probability,
            "impact": risk.impact,
            "owner": risk.owner,
            "due": risk.due.isoformat() if risk.due else None,
            "mitigation": risk.mitigation,
        }
        for risk, key, name in uow.board.risks(where, TOP_RISKS)
    ]


def _resting(uow: UnitOfWork, where: BoardFilter) -> View:
    """How many projects are not asked at all."""
    totals = {
        state.value: uow.board.totals(replace(where, states=(state,))).total if where.portfolio_ids else 0
        for state in (ProjectState.PAUSED, ProjectState.CLOSED)
    }
    return dict(totals)
