"""The answer about one project: where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    Emphasis,
    Heading,
    Mention,
    Message,
    Note,
    Paragraph,
    Pill,
    Plain,
    Quote,
    Span,
    Strong,
)
from reporting.model import IMPORTED, Absence, Person, Project, ProjectState, ReportingPeriod, Standing, StatusReport
from reporting.policy import FormPolicy
from reporting.query import Query, Verb
from reporting.services import answers_parts as parts
from reporting.services.answers_decision import decision_blocks
from reporting.services.answers_lists import own_button_of, risk_spans
from reporting.services.answers_scope import Ask, find_project, run
from reporting.services.own_fields import filled, people_in, span
from reporting.services.wording import rag_word

RISKS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is known of one project."""

    project: Project
    portfolio_key: str
    portfolio_name: str
    standing: Standing | None
    report: StatusReport | None
    current: bool
    previous: StatusReport | None
    periods: dict[int, ReportingPeriod]
    people: dict[int, Person]
    absence: Absence | None
    trend: parts.Trend
    form: FormPolicy

    def person(self, person_id: int | None) -> Person | None:
        return self.people.get(person_id) if person_id is not None else None


def project(ask: Ask) -> Message:
    """One project, by key or part of its name."""
    return project_answer(ask, find_project(ask, ask.query.subject))


def project_answer(ask: Ask, asked: Project) -> Message:
    """Where a project stands: colour and reason, path, decision, trend, risks, and what can be done next."""
    sheet = _read(ask, asked)
    line = _line(ask, sheet)
    blocks: list[Block] = [Heading(f"{asked.key}  {asked.name}"), _now(ask, sheet), _who(ask, sheet)]
    if sheet.report is not None:
        blocks += _report(ask, sheet, sheet.report)
    blocks += _trend(ask, sheet)
    blocks += _risks(ask, sheet)
    return Message(f"{asked.key}: {line}", (*blocks, Actions(tuple(_buttons(ask, sheet)))))


def _read(ask: Ask, asked: Project) -> _Sheet:
    uow = ask.uow
    standing = uow.board.get(asked.id)
    report = uow.reports.get(standing.report_id) if standing and standing.report_id else None
    current = report is not None
    before = standing.last_period_id if standing is not None else None
    previous = uow.reports.current(asked.id, before) if before is not None else None
    wanted = {i for i in (asked.lead_id, asked.deputy_id, asked.sponsor_id) if i is not None}
    absences = uow.people.absences([asked.lead_id], ask.today, ask.today) if asked.lead_id is not None else []
    absence = absences[0] if absences else None
    further = {report.author_id if report else None, absence.deputy_id if absence else None}
    portfolio = uow.projects.portfolio(asked.portfolio_id)
    form = ask.services.policy.form_for(portfolio.key if portfolio else "", asked.method)
    further |= people_in(form, report) if report else set()
    periods = {standing.period_id, standing.last_period_id} - {None} if standing else set()
    return _Sheet(
        project=asked,
        portfolio_key=portfolio.key if portfolio else "",
        portfolio_name=portfolio.name if portfolio else "",
        standing=standing,
        report=report or previous,
        current=current,
        previous=previous if current else None,
        periods=uow.periods.many({i for i in periods if i is not None}),
        people=uow.people.many(wanted | {i for i in further if i is not None}),
        absence=absence,
        trend=uow.reports.trends([asked.id], ask.services.policy.trend_periods)[asked.id],
        form=form,
    )


def _label(ask: Ask, sheet: _Sheet, period_id: int | None) -> str:
    period = sheet.periods.get(period_id) if period_id is not None else None
    return parts.period_label(ask, period.day, sheet.portfolio_key) if period else "–"


def _line(ask: Ask, sheet: _Sheet) -> str:
    """The colour in words: `amber for 2 weeks (was green)`."""
    t, standing = ask.t, sheet.standing
    if standing is None:
        return t("no report yet.")
    if standing.rag is not None:
        time = parts.lasting(ask, standing.streak, sheet.portfolio_key, sheet.trend)
        was = standing.last_rag
        before = t(" (was {colour})", colour=rag_word(t, was)) if was not in (None, standing.rag) else ""
        return t("{colour} for {time}{before}.", colour=rag_word(t, standing.rag), time=time, before=before)
    line = t("not reported")
    if standing.missed:
        line = t("not reported for {time}", time=parts.lasting(ask, standing.missed, sheet.portfolio_key, sheet.trend))
    if standing.last_rag is None:
        return f"{line}."
    last = rag_word(t, standing.last_rag)
    return t("{line}. Last: {colour}, {period}.", line=line, colour=last,
             period=_label(ask, sheet, standing.last_period_id))  # fmt: skip


def _now(ask: Ask, sheet: _Sheet) -> Paragraph:
    states = {ProjectState.PAUSED: ask.t("Paused. "), ProjectState.CLOSED: ask.t("Closed. ")}
    spans: list[Span] = [Pill(sheet.standing.rag if sheet.standing else None), Plain("  ")]
    spans.append(Strong(states.get(sheet.project.state, "") + _line(ask, sheet)))
    if sheet.project.confidential:
        spans.append(Emphasis("  " + ask.t("Confidential.")))
    return Paragraph(tuple(spans))


def _who(ask: Ask, sheet: _Sheet) -> Paragraph:
    t = ask.t
    spans: list[Span] = [Plain(t("Lead ")), parts.person_span(sheet.person(sheet.project.lead_id))]
    if sheet.absence is not None:
        spans.append(Plain(t(" (away until {day})", day=parts.day(ask, sheet.absence.last))))
        deputy = sheet.person(sheet.absence.deputy_id or sheet.project.deputy_id)
    else:
        deputy = sheet.person(sheet.project.deputy_id)
    if deputy is not None:
        spans += [Plain(t(", deputy ")), Mention(deputy.id, deputy.name)]
    sponsor = sheet.person(sheet.project.sponsor_id)
    if sponsor is not None:
        spans += [Plain(t(", sponsor ")), Mention(sponsor.id, sponsor.name)]
    spans.append(Plain(t(", portfolio {name}", name=sheet.portfolio_name)))
    if sheet.project.end is not None:
        spans.append(Plain(t(", planned end {day}", day=parts.day(ask, sheet.project.end))))
    return Paragraph((*spans, Plain(".")))


# ---------------------------------------------------------------- the report


def _report(ask: Ask, sheet: _Sheet, report: StatusReport) -> list[Block]:
    t = ask.t
    blocks: list[Block] = []
    if not sheet.current:
        blocks.append(Note((Plain(t("The last report, {period}:", period=_label(ask, sheet, report.period_id))),)))
    if report.reason:
        blocks.append(Paragraph((Strong(t("Why: ")), Plain(parts.short(report.reason)[0]))))
    if report.summary:
        blocks.append(Quote((Plain(parts.short(report.summary)[0]),)))
    if report.not_reported:
        blocks.append(Paragraph((Plain(t("Not rated: {reason}", reason=parts.short(report.not_reported)[0])),)))
    blocks += _path(ask, report)
    promise = parts.promise_word(t, report, sheet.previous)
    if promise != "–":
        blocks.append(Paragraph((Strong(t("Last promise: ")), Plain(promise + "."))))
    blocks += _dimensions(ask, sheet, report)
    blocks += decision_blocks(ask, sheet.project, report)
    return [*blocks, *_facts(ask, sheet, report), _signed(ask, sheet, report)]


def _path(ask: Ask, report: StatusReport) -> list[Block]:
    path = report.path
    if path is None:
        return []
    text = ask.t("{action}, {owner}, by {day}", action=path.action, owner=path.owner, day=parts.day(ask, path.due))
    return [Paragraph((Strong(ask.t("Path to green: ")), Plain(text + ".")))]


def _dimensions(ask: Ask, sheet: _Sheet, report: StatusReport) -> list[Block]:
    if not report.dimensions:
        return []
    labels = {dimension.key: dimension.label for dimension in sheet.form.dimensions}
    spans: list[Span] = []
    for key, rag in report.dimensions.items():
        spans += [Pill(rag), Plain(f" {labels.get(key, key)}    ")]
    blocks: list[Block] = [Paragraph(tuple(spans))]
    if report.override:
        blocks.append(Paragraph((Strong(ask.t("Worse than overall because: ")), Plain(report.override))))
    return blocks


def _facts(ask: Ask, sheet: _Sheet, report: StatusReport) -> list[Block]:
    t = ask.t
    spans: list[Span] = []
    if report.forecast_end is not None:
        spans += [Plain(t("Forecast end {day}", day=parts.day(ask, report.forecast_end))), Plain(". ")]
    if report.percent is not None:
        spans += [Plain(t("{percent} % complete", percent=report.percent)), Plain(". ")]
    for item, value in filled(sheet.form, report):
        short = parts.short(value)[0] if isinstance(value, str) else value
        spans += [Plain(f"{item.label}: "), span(t, item, short, sheet.people), Plain(". ")]
    return [Paragraph((*spans[:-1], Plain(".")))] if spans else []


def _signed(ask: Ask, sheet: _Sheet, report: StatusReport) -> Note:
    t = ask.t
    author = sheet.person(report.author_id)
    when, by = t("Reported {moment}", moment=t.moment(report.at)), t(" by ")
    if report.source == IMPORTED:
        # Its source did not say when it was reported.
        when, by = t("Imported {day}", day=parts.day(ask, report.at.astimezone(t.zone).date())), t(", written by ")
    spans: list[Span] = [Plain(when)]
    spans += [Plain(by), Mention(author.id, author.name)] if author else []
    if report.revision > 1:
        spans.append(Plain(t(", revision {n}", n=report.revision)))
    return Note((*spans, Plain(t(", late.") if report.late else ".")))


def _long(form: FormPolicy, report: StatusReport) -> bool:
    """Whether something of a report is not shown beside the project."""
    own = dict(filled(form, report))
    known = {field.key for field in own}
    gone = any(value not in (None, "") and key not in known for key, value in report.custom.items())
    shown = (report.summary, report.reason, report.not_reported, *(v for v in own.values() if isinstance(v, str)))
    return bool(report.done or report.next or report.missed or gone) or any(parts.short(text)[1] for text in shown)


def _trend(ask: Ask, sheet: _Sheet) -> list[Block]:
    trend = sheet.trend
    if not trend:
        return []
    spans: list[Span] = [Strong(ask.t("Trend: "))]
    for _, rag in trend:
        spans += [Pill(rag), Plain(" ")]
    first, last = (parts.period_label(ask, day, sheet.portfolio_key) for day in (trend[0][0], trend[-1][0]))
    when = ask.t("{first} to {last}", first=first, last=last) if len(trend) > 1 else last
    return [Paragraph((*spans, Plain(f" {when}")))]


def _risks(ask: Ask, sheet: _Sheet) -> list[Block]:
    t = ask.t
    found = ask.uow.risks.open_of([sheet.project.id])
    if not found:
        return []
    title = Paragraph((Strong(t.n("One risk is open", "{n} risks are open", len(found))),))
    blocks: list[Block] = [title, Bullets(tuple(risk_spans(ask, risk) for risk in found[:RISKS_SHOWN]))]
    left = len(found) - RISKS_SHOWN
    if left > 0:
        more = run(t.n("One more risk", "{n} more risks", left), Query(Verb.RISKS, sheet.project.key))
        blocks.append(Actions((more,)))
    return blocks


def _buttons(ask: Ask, sheet: _Sheet) -> list[Button]:
    t, asked, standing = ask.t, sheet.project, sheet.standing
    buttons = []
    if standing is not None:
        request = ask.uow.requests.of(standing.period_id, asked.id)
        own = own_button_of(ask, asked, standing, request.state if request else None)
        buttons += [own] if own is not None else []
    buttons.append(Button("project.history", t("History"), str(asked.id)))
    if sheet.report is not None and _long(sheet.form, sheet.report):
        buttons.append(Button("text.more", t("More"), str(sheet.report.id)))
    elif sheet.report is not None and sheet.report.revision > 1:
        buttons.append(Button("text.more", t("Revisions"), str(sheet.report.id)))
    if ask.reader.is_pmo:
        buttons.append(Button("project.edit", t("Change project"), str(asked.id)))
    return buttons
