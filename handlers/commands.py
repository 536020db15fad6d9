"""Lines typed after the slash command or to the bot, and the buttons of the answers to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from handlers import export_files, pmo_forms
from handlers.handler import ActionHandler, FormHandler, numbers, say
from reporting.grammar import format_query, parse
from reporting.interactions import Click, Command, Reply, Say, SendFile
from reporting.messages import Actions, Block, Button, Channel, Message, Note, Paragraph, Plain, Spans
from reporting.policy import DigestPolicy
from reporting.query import Fault, Query, Verb, nearest
from reporting.services import answers, digests, export, planning, requests
from reporting.services.access import NotAllowed, Reader, actor_of, require_pmo
from reporting.services.answers_scope import Unanswered, find_project, people, run, said, scope
from reporting.services.context import Services
from reporting.services.wording import woven
from reporting.texts import Texts

GREETINGS = frozenset({"hi", "hello", "hey", "hallo", "thanks", "thank you", "good morning", "good afternoon"})
_NAMES_SHOWN = 20
# Whoever writes to the bot alone may still call it, as in a channel.
_CALLED = re.compile(r"/?rag(?=\s|$)\s*|/(?!\s)|@rollcall(?=\s|$)\s*", re.IGNORECASE)


def answer_command(services: Services, reader: Reader, command: Command) -> Reply:
    """Answer a line; every answer is for the person alone."""
    text = command.text.strip()
    if command.direct:
        called = _CALLED.match(text)
        text = text[called.end() :] if called else text
        if text.casefold().strip(" .!,") in GREETINGS:
            with services.store.read() as uow:
                return (Say(answers.greeting(services, uow, reader)),)
    return run_text(services, reader, text, chatting=command.direct)


def run_text(services: Services, reader: Reader, text: str, *, in_place: bool = False, chatting: bool = False) -> Reply:
    """Answer a question or do what it says."""
    query = parse(text)
    if isinstance(query, Fault):
        return (Say(answers.fault_answer(reader, text, query)),)
    if query.verb in _DOING:
        try:
            return _DOING[query.verb](services, reader, query)
        except Unanswered as other:
            return (Say(other.message),)
    with services.store.read() as uow:
        return (Say(answers.answer(services, uow, reader, query, chatting), in_place),)


# ---------------------------------------------------------------- commands that do something


def _remind(services: Services, reader: Reader, query: Query) -> Reply:
    now = services.clock.now()
    with services.store.begin() as uow:
        require_pmo(uow, services.policy, reader)
        where = scope(answers.ask_of(services, uow, reader, query, now))
        reminded, nobody = requests.remind_now(services, uow, reader, where, now)
    t = reader.texts
    names = ", ".join(person.name for person in reminded[:_NAMES_SHOWN])
    left = len(reminded) - _NAMES_SHOWN
    names = t.n("{names} and one more", "{names} and {n} more", left, names=names) if left > 0 else names
    lines = [t.n("One person is reminded: {names}.", "{n} people are reminded: {names}.", len(reminded), names=names)]
    if not reminded:
        lines = [t("Nobody is reminded: nothing is owed here.")] if not nobody else []
    if nobody:
        lines.append(t("Nobody can be asked for {keys}: choose a lead.", keys=", ".join(nobody[:_NAMES_SHOWN])))
    return say(" ".join(lines))


def _preview(services: Services, reader: Reader, query: Query) -> Reply:
    with services.store.read() as uow:
        require_pmo(uow, services.policy, reader)
        digest = _one_digest(services, reader, query)
        now = services.clock.now()
        composed = digests.preview(services, uow, digest, now)
        period = uow.periods.latest(planning.digest_calendar(services, digest).name)
        posted = period is not None and uow.deliveries.by_key(digests.base_key(digest.name, period.day)) is not None
    t = reader.texts
    channel: Spans = (Channel(digest.channel),)
    note = woven(t("Preview of {name} for {channel}; nothing was sent."), name=(Plain(digest.name),), channel=channel)
    tail: list[Block] = []
    if posted:
        tail.append(Note((Plain(t("It is posted already; a late or corrected report edits it in place.")),)))
    elif period is not None and now < (at := planning.told_at(services, digest, period.day)):
        tail.append(Note((Plain(t("It is posted by itself {moment}.", moment=t.moment(at))),)))
    elif period is not None:
        tail.append(Actions((_send_button(t, digest),)))
    shown = Message(composed.message.summary, (Paragraph(note), *composed.message.blocks, *tail))
    return (Say(shown), *(Say(detail) for detail in composed.details))


def _send_button(t: Texts, digest: DigestPolicy) -> Button:
    return Button(
        "query.run",
        t("Send now"),
        format_query(Query(Verb.DIGEST_SEND, digest.name)),
        confirm=t("Post this digest to its channel now? It is the digest of this period; later reports edit it."),
    )


def _send(services: Services, reader: Reader, query: Query) -> Reply:
    now, t = services.clock.now(), reader.texts
    with services.store.read() as uow:
        require_pmo(uow, services.policy, reader)
        digest = _one_digest(services, reader, query)
        period = uow.periods.latest(planning.digest_calendar(services, digest).name)
        if period is None:
            return say(t("No period has been opened yet, so there is nothing to tell."))
        at = planning.told_at(services, digest, period.day)
        if now < at:
            # Posted now it would be the period's only digest: at its own time nobody would be told anything new.
            line = t("Nothing was sent: {name} is due {moment} and is posted then by itself.", name=digest.name,
                     moment=t.moment(at))  # fmt: skip
            preview = Query(Verb.DIGEST_PREVIEW, digest.name)
            return (Say(said(line, Actions((run(t("Preview"), preview),)))),)
        drawn = digests.draw(services, uow, digest, period.day, now)
    with services.store.begin() as uow:
        posted = digests.post(services, uow, drawn, period.day, now) if drawn is not None else None
        if posted is not None:
            after = {"name": digest.name, "day": period.day.isoformat()}
            uow.audit.append(now, actor_of(reader), "digest.sent_by_hand", f"digest:{posted.id}", None, after)
    if posted is None:
        return say(t("{name} was posted for this period already. A correction edits it in place.", name=digest.name))
    summary = t("{name} is on its way.", name=digest.name)
    where: Spans = (Channel(digest.channel),)
    spans = woven(t("{name} is on its way to {channel}."), name=(Plain(digest.name),), channel=where)
    return (Say(Message(summary, (Paragraph(spans),))),)


def _one_digest(services: Services, reader: Reader, query: Query) -> DigestPolicy:
    t, known = reader.texts, services.policy.digests
    named = [d for d in known if not query.subject or d.name.casefold() == query.subject.casefold()]
    if len(named) == 1:
        return named[0]
    right = nearest(query.subject, [d.name for d in known]) if query.subject else ""
    buttons = tuple(
        Button("query.run", d.name, format_query(Query(query.verb, d.name))) for d in known if right in ("", d.name)
    )
    if not known:
        line = t("No digest is configured.")
    elif right:
        line = t("No digest {name}. Did you mean {right}?", name=query.subject, right=right)
    else:
        line = t("Which digest?")
    raise Unanswered(said(line, *([Actions(buttons)] if buttons else [])))


def _add(services: Services, reader: Reader, query: Query) -> Reply:
    return pmo_forms.new_project(services, reader, query.subject)


def _edit(services: Services, reader: Reader, query: Query) -> Reply:
    with services.store.read() as uow:
        require_pmo(uow, services.policy, reader)
        if not query.subject:
            return say(reader.texts("Which project? /rag project edit KEY"))
        project = find_project(answers.ask_of(services, uow, reader, query), query.subject)
    return pmo_forms.edit_project(services, reader, project.id)


def _absence(services: Services, reader: Reader, query: Query) -> Reply:
    if not query.subject and query.leads:
        query = replace(query, subject=query.leads[0], leads=())
    if not query.subject or query.subject.casefold() == "me":
        return pmo_forms.absence(services, reader, None if reader.is_pmo and not query.subject else reader.person.id)
    with services.store.read() as uow:
        found = people(answers.ask_of(services, uow, reader, query), query.subject)
        if [person.id for person in found] != [reader.person.id]:
            require_pmo(uow, services.policy, reader)
    # Several people of that name: the form's person field settles whom is meant.
    return pmo_forms.absence(services, reader, found[0].id if len(found) == 1 else None)


def _export(services: Services, reader: Reader, query: Query) -> Reply:
    now, t = services.clock.now(), reader.texts
    with services.store.read() as uow:
        done = export.export(answers.ask_of(services, uow, reader, query, now))
    about = {"query": format_query(query), "projects": done.projects, "reports": done.reports}
    comment = t.n("One project", "{n} projects", done.projects)
    if query.history:
        comment += t.n(", one report", ", {n} reports", done.reports)
    if done.cut:
        comment += t(". Later projects' reports are left out: narrow it with portfolio: or since:")
    stamp = services.today(now).isoformat()
    if query.file == "csv":
        return tuple(
            SendFile(f"{sheet.name}-{stamp}.csv", export_files.csv_bytes(sheet), comment + ".", about)
            for sheet in done.sheets
        )
    long = export_files.too_long(done.sheets)
    if long:
        comment += t.n(
            ". One text is longer than a cell holds and is cut; csv has it whole",
            ". {n} texts are longer than a cell holds and are cut; csv has them whole",
            long,
        )
    return (SendFile(f"register-{stamp}.xlsx", export_files.xlsx_bytes(done.sheets), comment + ".", about),)


_DOING: Mapping[Verb, Callable[[Services, Reader, Query], Reply]] = MappingProxyType(
    {
        Verb.REMIND: _remind,
        Verb.DIGEST_PREVIEW: _preview,
        Verb.DIGEST_SEND: _send,
        Verb.PROJECT_ADD: _add,
        Verb.PROJECT_EDIT: _edit,
        Verb.ABSENCE: _absence,
        Verb.EXPORT: _export,
    }
)


# ---------------------------------------------------------------- buttons


def run_query(services: Services, reader: Reader, click: Click) -> Reply:
    """A button that asks a question or gives a command."""
    return run_text(services, reader, click.value)


def turn_page(services: Services, reader: Reader, click: Click) -> Reply:
    """Another page of a private answer, in its place."""
    return run_text(services, reader, click.value, in_place=click.place == "message")


def open_project(services: Services, reader: Reader, click: Click) -> Reply:
    """One project, shown privately."""
    return _project(services, reader, click, history=False)


def open_history(services: Services, reader: Reader, click: Click) -> Reply:
    """The history of one project, shown privately."""
    return _project(services, reader, click, history=True)


def _project(services: Services, reader: Reader, click: Click, history: bool) -> Reply:
    ids = numbers(click.value, 1)
    with services.store.read() as uow:
        project = uow.projects.get(ids[0]) if ids else None
        if project is None or not reader.may_see(project):
            raise NotAllowed(reader.texts("There is no such project."))
        return (Say(answers.answer_project(services, uow, reader, project, history)),)


def run_export(services: Services, reader: Reader, click: Click) -> Reply:
    """The register as a file."""
    query = parse(click.value or "export")
    if isinstance(query, Fault) or query.verb is not Verb.EXPORT:
        query = Query(Verb.EXPORT)
    try:
        return _export(services, reader, query)
    except Unanswered as other:
        return (Say(other.message),)


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType(
    {
        "query.run": run_query,
        "page.next": turn_page,
        "project.open": open_project,
        "project.history": open_history,
        "export.run": run_export,
    }
)
FORMS: Mapping[str, FormHandler] = MappingProxyType({})
OPENS: frozenset[str] = frozenset()
