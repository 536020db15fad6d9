"""The report form from opening to sending: prefilled, kept while typed, checked, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from handlers import risk_form
from handlers.handler import ActionHandler, FormHandler, numbers, resolved, say, show
from handlers.report_form import NARRATIVES, ReportForm
from reporting.interactions import Click, CloseForm, FieldErrors, Form, Reply, Say, Submission, UpdateForm, rooms
from reporting.messages import Button, Message, Plain, Row, Strong
from reporting.model import Person, StatusReport, StatusRequest
from reporting.ports import UnitOfWork
from reporting.services import entering, entry, reports
from reporting.services.access import NotAllowed, Reader, claim_words
from reporting.services.context import Services
from reporting.services.entering import BEGUN, RISKS, Sheet
from reporting.services.entry import EntryCheck, Wanted
from reporting.services.wording import rag_word


def open_report(services: Services, reader: Reader, click: Click) -> Reply:
    """Open the form of one project and period; from a shortcut, of the one that is owed, or offer a choice."""
    if not click.value:
        return _open_owed(services, reader, click)
    ids = numbers(click.value, 2)
    if ids is None:
        return say(reader.texts("This button is out of date. /rag mine shows what you can report on."))
    period_id, project_id = ids
    now = services.clock.now()
    with services.store.read() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        author = uow.people.get(sheet.current.author_id or 0) if sheet.current and sheet.overtaken else None
    if now >= sheet.period.closes_at:
        return say(_closed(reader, sheet))
    notes = (_theirs(reader, sheet, sheet.current, author),) if sheet.current and sheet.overtaken else ()
    return show(_draw(services, reader, sheet, sheet.start(services.today(now, reader.person)), now, notes))


def _open_owed(services: Services, reader: Reader, click: Click) -> Reply:
    t = reader.texts
    if reader.claim is not None:
        # "Nothing is owed" would be wrong of somebody whose account is only not linked yet.
        raise NotAllowed(claim_words(t, reader.claim))
    with services.store.read() as uow:
        owed = uow.requests.owed_by(reader.person.id)
        projects = uow.projects.many([request.project_id for request in owed])
    if not owed:
        return say(t("You owe no report at present. /rag mine shows your projects."))
    if len(owed) == 1:
        return open_report(services, reader, replace(click, value=_button_value(owed[0])))
    rows = [
        Row(
            (Strong(projects[request.project_id].key), Plain(f"  {projects[request.project_id].name}")),
            Button("report.open", t("Report"), _button_value(request)),
        )
        for request in sorted(owed, key=lambda request: projects[request.project_id].key)
    ]
    return (Say(Message(t.n("One report is open.", "{n} reports are open.", len(rows)), tuple(rows))),)


def _button_value(request: StatusRequest) -> str:
    return f"{request.period_id}:{request.project_id}"


def typing(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Keep what is typed; redraw only when a field must come or go."""
    project_id, period_id, base = _context(submission)
    now = services.clock.now()
    with services.store.begin() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        if sheet.sent_by(reader.person, base):
            return ()
        values = _merged(services, reader, uow, sheet, submission, now)
        entering.save_draft(uow, reader.person, project_id, period_id, base, values, now)
    if _rooms(values) != _rooms(sheet.draft.values if sheet.draft else sheet.start(services.today(now, reader.person))):
        # A long text is about to fill its input: draw the next one.
        return (UpdateForm(_keep_base(_draw(services, reader, sheet, values, now), base)),)
    wanted = Wanted.by(values, sheet.form)
    drawn = Wanted(path="path_action" in submission.values, override=entry.OVERRIDE in submission.values)
    if wanted == drawn:
        return ()
    return (UpdateForm(_keep_base(_draw(services, reader, sheet, values, now), base)),)


def _rooms(values: Mapping[str, Any]) -> dict[str, int]:
    """How many inputs the long texts need."""
    return {name: rooms(str(values.get(name, ""))) for name in NARRATIVES}


def send(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Check and record. What was acknowledged is stored; what was not can be sent again."""
    project_id, period_id, base = _context(submission)
    now = services.clock.now()
    with services.store.begin() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        values = _merged(services, reader, uow, sheet, submission, now)
        check = EntryCheck(sheet.form, reader.texts, services.today(now, reader.person), editing=base > 0)
        report = check.report(values, project_id, period_id)
        if check.errors:
            entering.save_draft(uow, reader.person, project_id, period_id, base, values, now)
            return _refused(services, reader, sheet, values, check.errors, submission, now)
        sent = reports.Entry(report, base, entering.risk_changes(values, sheet.risks))
        outcome = reports.record_in(services, uow, reader.person, sent, now)
        if not isinstance(outcome, reports.Recorded):
            # Nothing was stored but the words: they are not lost, whatever the person does next.
            fresh = base if isinstance(outcome, reports.Closed) else outcome.theirs.revision
            entering.save_draft(uow, reader.person, project_id, period_id, fresh, values, now)
    match outcome:
        case reports.Recorded():
            return (CloseForm(all=True),)
        case reports.Closed():
            return (FieldErrors({entry.RAG: _closed(reader, sheet)}),)
        case reports.Conflict(theirs=theirs, author=author):
            return _conflict(services, reader, sheet, values, theirs, author, now)


def _context(submission: Submission) -> tuple[int, int, int]:
    context = submission.context
    return int(context["p"]), int(context["q"]), int(context["b"])


def _merged(
    services: Services, reader: Reader, uow: UnitOfWork, sheet: Sheet, submission: Submission, now: datetime
) -> dict[str, Any]:
    """What the form holds, over what a field that is not drawn at present began with, with the kept risk changes."""
    before = sheet.start(services.today(now, reader.person))
    hidden = {name: before[name] for name in (*entry.PATH_FIELDS, entry.OVERRIDE) if name in before}
    kept = {name: sheet.draft.values.get(name) for name in entering.KEPT} if sheet.draft else {}
    drawn = dict.fromkeys(submission.values, "")
    values = hidden | drawn | resolved(uow, submission.values) | kept
    return {name: value for name, value in values.items() if value}


def _draw(services: Services, reader: Reader, sheet: Sheet, values: Mapping[str, Any], now: datetime,
          notes: tuple[str, ...] = ()) -> Form:  # fmt: skip
    return ReportForm(sheet, values, reader.texts, services.today(now, reader.person)).draw(notes)


def _keep_base(form: Form, base: int) -> Form:
    # The revision that the person saw when they opened the form, not one that came in meanwhile.
    return replace(form, context=form.context | {"b": base})


def _refused(
    services: Services,
    reader: Reader,
    sheet: Sheet,
    values: dict[str, Any],
    errors: dict[str, str],
    submission: Submission,
    now: datetime,
) -> Reply:
    drawn = {name: text for name, text in errors.items() if name in submission.values}
    if len(drawn) == len(errors):
        return (FieldErrors(errors),)
    # A field that is wanted is not on the form yet: draw it, and say on top what is missing.
    t, missing = reader.texts, " ".join(errors.values())
    note = t("Not sent yet; everything you typed is here. Please complete: {errors}", errors=missing)
    if not drawn:
        # Nobody did anything wrong: where questions do not appear by themselves, sending is the way to see them.
        note = t("One more step: {questions} Please answer below, then send again. Nothing is sent yet; everything you "
                 "typed is here.", questions=missing)  # fmt: skip
    form = _draw(services, reader, sheet, values, now, (note,))
    return (UpdateForm(_keep_base(form, _context(submission)[2])),)


def _closed(reader: Reader, sheet: Sheet) -> str:
    t = reader.texts
    return t(
        "This period closed on {moment}; its digest stays as it was. Report in the present period: /rag {key}.",
        moment=t.moment(sheet.period.closes_at),
        key=sheet.project.key,
    )


def _conflict(
    services: Services,
    reader: Reader,
    sheet: Sheet,
    values: dict[str, Any],
    theirs: StatusReport,
    author: Person | None,
    now: datetime,
) -> Reply:
    note = _theirs(reader, sheet, theirs, author)
    fresh = replace(sheet, current=theirs, draft=None)
    return (UpdateForm(_draw(services, reader, fresh, values, now, (note,))),)


def _theirs(reader: Reader, sheet: Sheet, theirs: StatusReport, author: Person | None) -> str:
    """What somebody else sent while this person was typing."""
    t = reader.texts
    name = author.name if author else t("Somebody")
    return t(
        "{name} sent a report for {key} at {time}: {colour}. “{summary}” "
        "Nothing of yours is lost: it is below, not sent. "
        "Send it to replace theirs as a new revision, or close the form to leave theirs.",
        name=name,
        key=sheet.project.key,
        time=t.time(theirs.at),
        colour=rag_word(t, theirs.rag),
        summary=theirs.summary,
    )


# ---------------------------------------------------------------- risks inside the form


def add_risk(services: Services, reader: Reader, click: Click) -> Reply:
    """Open an empty risk on top of the report, or the one that was begun and not finished."""
    if click.form is None:
        return ()
    _, values = _keep(services, reader, click.form)
    name, fields = entering.begun(values) or (f"new{uuid4().hex[:8]}", {})
    return show(risk_form.draw(reader.texts, fields, click.form.context, name, again=bool(fields)))


def choose_risk(services: Services, reader: Reader, click: Click) -> Reply:
    """Keep, change or close one of the open risks."""
    what, _, risk_id = click.value.partition(":")
    if click.form is None:
        return ()
    sheet, values = _keep(services, reader, click.form)
    risk = next((r for r in sheet.risks if str(r.id) == risk_id), None)
    if risk is None:
        return ()
    if what == "change":
        typed = values.get(BEGUN, {}).get(risk_id)
        fields = typed or values.get(RISKS, {}).get(risk_id) or risk_form.values_of(risk)
        return show(risk_form.draw(reader.texts, fields, click.form.context, risk_id, again=bool(typed)))
    return _change_risk(services, reader, click.form, risk_id, {"close": True} if what == "close" else None)


def drop_risk(services: Services, reader: Reader, click: Click) -> Reply:
    """Take back a risk that was only just added."""
    return _change_risk(services, reader, click.form, click.value, None) if click.form else ()


def typing_risk(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Keep a risk that is being typed, apart from those that are finished: it is not sent with the report."""
    project_id, period_id, base = _context(submission)
    name, now = str(submission.context["r"]), services.clock.now()
    with services.store.begin() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        before = sheet.start(services.today(now, reader.person))
        # A key may be heard after the risk, or its whole report, was sent.
        finished = name.startswith("new") and name in before.get(RISKS, {})
        if finished or sheet.sent_by(reader.person, base):
            return ()
        typed = resolved(uow, submission.values)
        others = {other: fields for other, fields in before.get(BEGUN, {}).items() if other != name}
        # The response is chosen from the start; it alone is nothing typed.
        values = before | {BEGUN: others | ({name: typed} if typed.keys() - {"response"} else {})}
        entering.save_draft(uow, reader.person, project_id, period_id, base, values, now)
    if (entering.begun(before) is None) == (entering.begun(values) is None):
        return ()
    # The report beneath says whether a risk is begun, for when this form is closed.
    return (UpdateForm(_keep_base(_draw(services, reader, sheet, values, now), base), parent=True),)


def send_risk(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Keep a risk with the draft of its report; it is stored with the report."""
    with services.store.read() as uow:
        values = resolved(uow, submission.values)
    errors = risk_form.check(reader.texts, values)
    if errors:
        return (FieldErrors(errors),)
    name = str(submission.context["r"])
    report = replace(submission, form_id="report", values={})
    redraw = _change_risk(services, reader, report, name, values)
    return (*(replace(e, parent=True) for e in redraw if isinstance(e, UpdateForm)), CloseForm())


def _keep(services: Services, reader: Reader, form: Submission) -> tuple[Sheet, dict[str, Any]]:
    project_id, period_id, base = _context(form)
    now = services.clock.now()
    with services.store.begin() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        values = _merged(services, reader, uow, sheet, form, now)
        entering.save_draft(uow, reader.person, project_id, period_id, base, values, now)
    return sheet, values


def _change_risk(services: Services, reader: Reader, form: Submission, name: str, what: dict[str, Any] | None) -> Reply:
    project_id, period_id, base = _context(form)
    now = services.clock.now()
    with services.store.begin() as uow:
        sheet = entering.sheet(services, uow, reader, project_id, period_id)
        start = sheet.start(services.today(now, reader.person))
        typed = _merged(services, reader, uow, sheet, form, now) if form.values else start
        changes, begun = ({k: v for k, v in typed.get(kind, {}).items() if k != name} for kind in (RISKS, BEGUN))
        values = typed | {RISKS: changes | ({name: what} if what is not None else {}), BEGUN: begun}
        entering.save_draft(uow, reader.person, project_id, period_id, base, values, now)
    return (UpdateForm(_keep_base(_draw(services, reader, sheet, values, now), base)),)


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType(
    {
        "report.open": open_report,
        "risk.add": add_risk,
        "risk.choose": choose_risk,
        "risk.drop": drop_risk,
    }
)
FORMS: Mapping[str, FormHandler] = MappingProxyType({"report": send, "risk": send_risk})
TYPING: Mapping[str, FormHandler] = MappingProxyType({"report": typing, "risk": typing_risk})
OPENS = frozenset({"report.open", "risk.add"})
