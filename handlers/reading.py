"""Everything one report says, and the revisions before it, in a form that only shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.handler import numbers, say, show
from reporting.interactions import Click, Form, FormItem, Reply
from reporting.messages import Button, Divider, Heading, Note, Paragraph, Pill, Plain, Row, Span, Spans, Strong
from reporting.model import IMPORTED, Person, Project, StatusReport
from reporting.policy import FormPolicy
from reporting.services import own_fields
from reporting.services.access import NotAllowed, Reader
from reporting.services.context import Services
from reporting.services.wording import period_label, rag_word
from reporting.texts import Texts

REVISIONS_SHOWN = 20
"""A form holds some hundred blocks; whoever corrects a report more often finds the rest in the export."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A report with what is needed to show it.

    Attributes:
        revisions: all of the period, oldest first.
    """

    report: StatusReport
    revisions: list[StatusReport]
    period: str
    form: FormPolicy
    people: Mapping[int, Person]


def whole_text(services: Services, reader: Reader, click: Click) -> Reply:
    """Everything one report says; of the one that counts, also the way to those it has replaced."""
    ids = numbers(click.value, 1)
    if ids is None:
        return say(reader.texts("This button is out of date. /rag shows how things stand now."))
    project, read = _read(services, reader, ids[0])
    t, said = reader.texts, _texts(reader.texts, read.report)
    said += _facts(t, read) + _own(t, read)
    if not said:
        said = [Note((Plain(t("This report has no text.")),))]
    return show(Form("text", project.key, (*_head(t, read), *said, *_earlier(t, read))))


def _read(services: Services, reader: Reader, report_id: int) -> tuple[Project, _Read]:
    with services.store.read() as uow:
        report = uow.reports.get(report_id)
        project = uow.projects.get(report.project_id) if report else None
        if report is None or project is None or not reader.may_see(project):
            raise NotAllowed(reader.texts("There is no such report."))
        portfolio = uow.projects.portfolio(project.portfolio_id)
        key = portfolio.key if portfolio else ""
        form = services.policy.form_for(key, project.method)
        period = uow.periods.get(report.period_id)
        assert period is not None, "a report belongs to a period"
        label = period_label(reader.texts, services.policy.calendar_for(key), period.day)
        revisions = uow.reports.revisions(project.id, report.period_id)
        wanted = own_fields.people_in(form, report) | {each.author_id for each in revisions}
        wanted |= {report.decision.of_id} if report.decision else set()
        people = uow.people.many({i for i in wanted if i is not None})
    return project, _Read(report, revisions, label, form, people)


# ---------------------------------------------------------------- which report this is


def _head(t: Texts, read: _Read) -> list[FormItem]:
    report, number = read.report, len(read.revisions)
    which = t("{period}, revision {n} of {number}", period=read.period, n=report.revision, number=number)
    spans: Spans = (Pill(report.rag), Plain(f"  {which if number > 1 else read.period}. {_signed(t, read, report)}"))
    items: list[FormItem] = [Paragraph(spans)]
    if report.edit_reason:
        items.append(_line(t("Why it was corrected: "), report.edit_reason))
    return [*items, Divider()]


def _signed(t: Texts, read: _Read, report: StatusReport) -> str:
    author = read.people.get(report.author_id or 0)
    moment = t.moment(report.at)
    if report.source == IMPORTED:
        # Its source did not say when it was reported.
        said = t("Imported {moment}", moment=moment)
        said = t("{said}, written by {name}", said=said, name=author.name) if author else said
    elif author:
        said = t("{name}, {moment}", name=author.name, moment=moment)
    else:
        said = moment
    return t("{said}, late.", said=said) if report.late else f"{said}."


def _earlier(t: Texts, read: _Read) -> list[FormItem]:
    """The revisions that this one has replaced, newest first; none beside one that is itself replaced."""
    *earlier, newest = read.revisions
    if not earlier or read.report.revision != newest.revision:
        return []
    rows: list[FormItem] = [Divider(), Heading(t("Earlier revisions"), 3)]
    for report in reversed(earlier[-REVISIONS_SHOWN:]):
        line = t("Revision {n}: {colour}. {signed}", n=report.revision, colour=rag_word(t, report.rag),
                 signed=_signed(t, read, report))  # fmt: skip
        reason = " " + t("Corrected because: {reason}", reason=report.edit_reason) if report.edit_reason else ""
        rows.append(Row((Plain(line + reason),), Button("text.more", t("Read"), str(report.id))))
    left = len(earlier) - REVISIONS_SHOWN
    if left > 0:
        more = t.n("{n} older one is in the export.", "{n} older ones are in the export.", left)
        rows.append(Note((Plain(more),)))
    return rows


# ---------------------------------------------------------------- what it says


def _texts(t: Texts, report: StatusReport) -> list[FormItem]:
    parts = (
        (t("Summary"), report.summary),
        (t("Reason"), report.reason),
        (t("Done"), report.done),
        (t("Next"), report.next),
        (t("Planned but missed"), report.missed),
        (t("Why the overall status is right"), report.override),
        (t("Not reported"), report.not_reported),
    )
    items: list[FormItem] = []
    for label, text in parts:
        if text:
            items += [Heading(label, 3), Paragraph((Plain(text),))]
    return items


def _line(label: str, text: str) -> Paragraph:
    return Paragraph((Strong(label), Plain(text)))


def _facts(t: Texts, read: _Read) -> list[FormItem]:
    report = read.report
    items: list[FormItem] = []
    if report.path is not None:
        path = t("{action}, {owner}, by {day}", action=report.path.action, owner=report.path.owner or "–",
                 day=t.short_day(report.path.due))  # fmt: skip
        items.append(_line(t("Path to green: "), path))
    promise = {"kept": t("kept"), "missed": t("missed"), "moved": t("moved")}.get(report.promise_kept)
    if promise:
        items.append(_line(t("Last promise: "), promise))
    items += _dimensions(t, read)
    if report.decision is not None:
        items.append(_decision(t, read))
    if report.forecast_end is not None:
        items.append(_line(t("Forecast end: "), t.short_day(report.forecast_end)))
    if report.percent is not None:
        items.append(_line(t("Complete: "), t("{percent} %", percent=report.percent)))
    return items


def _dimensions(t: Texts, read: _Read) -> Sequence[FormItem]:
    if not read.report.dimensions:
        return ()
    labels = {dimension.key: dimension.label for dimension in read.form.dimensions}
    spans: list[Span] = [Strong(t("By dimension: "))]
    for key, rag in read.report.dimensions.items():
        spans += [Pill(rag), Plain(f" {labels.get(key, key)}    ")]
    return (Paragraph(tuple(spans)),)


def _decision(t: Texts, read: _Read) -> Paragraph:
    decision = read.report.decision
    assert decision is not None
    whom = read.people.get(decision.of_id or 0)
    text = decision.question
    text += t(" Of {name}", name=whom.name) if whom else ""
    text += t(", by {day}", day=t.short_day(decision.by)) if decision.by else ""
    return _line(t("Decision asked for: "), text)


def _own(t: Texts, read: _Read) -> list[FormItem]:
    items: list[FormItem] = []
    for field, value in own_fields.filled(read.form, read.report):
        items += [Heading(field.label, 3), Paragraph((own_fields.span(t, field, value, read.people),))]
    known = {field.key for field in read.form.custom}
    for key, value in read.report.custom.items():
        # The form has changed since: what was written stays readable.
        if key not in known and value not in (None, ""):
            items += [Heading(key, 3), Paragraph((Plain(str(value)),))]
    return items
