"""Buttons of prompts, alerts and digests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from handlers import reading
from handlers.handler import ActionHandler, FormHandler, numbers, say, show
from reporting.interactions import (
    ChoiceField,
    Click,
    CloseForm,
    FieldErrors,
    Form,
    FormItem,
    Reply,
    Submission,
    TextField,
)
from reporting.ledger import DeliveryState
from reporting.messages import Note, Option, Paragraph, Plain
from reporting.model import Rag
from reporting.services import alerts, decisions, mending, outbox, questions, requests, unchanged
from reporting.services.access import Reader, actor_of, require_pmo
from reporting.services.context import Services
from reporting.services.unchanged import Candidate
from reporting.services.wording import rag_word
from reporting.texts import Texts


def _stale(reader: Reader) -> Reply:
    return say(reader.texts("This button is out of date. /rag shows how things stand now."))


# ---------------------------------------------------------------- prompts


def snooze(services: Services, reader: Reader, click: Click) -> Reply:
    """No reminder for some hours."""
    ids = numbers(click.value, 2)
    if ids is None or not 1 <= ids[1] <= 72:
        return _stale(reader)
    with services.store.begin() as uow:
        until = requests.snooze(services, uow, reader.person, ids[0], ids[1], services.clock.now())
    if until is None:
        return say(reader.texts("You owe no report here any more."))
    return say(reader.texts("I will ask again {moment}.", moment=reader.texts.moment(until)))


def open_unchanged(services: Services, reader: Reader, click: Click) -> Reply:
    """Show every colour that would be sent again, to be confirmed one by one."""
    ids = numbers(click.value, 1)
    if ids is None:
        return _stale(reader)
    now = services.clock.now()
    with services.store.read() as uow:
        period = uow.periods.get(ids[0])
        found = unchanged.candidates(uow, reader.person, ids[0], services.today(now, reader.person))
    if period is None or now >= period.closes_at or not found:
        return say(reader.texts("Nothing is open here any more."))
    t = reader.texts
    intro = t("Nothing is sent that you do not confirm here.")
    items: list[FormItem] = [Paragraph((Plain(intro),))]
    items += [_confirm_item(t, candidate) for candidate in found]
    sendable = any(not candidate.obstacle for candidate in found)
    return show(
        Form(
            "unchanged",
            t("Nothing changed"),
            tuple(items),
            submit=t("Send confirmed") if sendable else "",
            context={"q": ids[0]},
        )
    )


def _confirm_item(t: Texts, candidate: Candidate) -> FormItem:
    key, last = candidate.project.key, candidate.last
    if candidate.obstacle or last is None or last.rag is None:
        why = {
            "draft": t("your draft waits in it"),
            "none": t("there is no earlier report to repeat"),
            "path": t("the promised date has come, please say whether it was kept"),
            "end": t("the forecast end has passed"),
        }[candidate.obstacle or "none"]
        return Note((Plain(t("{key} needs the form: {why}.", key=key, why=why)),))
    colour = rag_word(t, last.rag)
    options = (
        Option(last.rag.value, t("Still {colour}, as last time", colour=colour)),
        Option("skip", t("Not now")),
    )
    return ChoiceField(
        f"p_{candidate.project.id}", t("{key}: {summary}", key=key, summary=last.summary or candidate.project.name),
        options, style="radio",
    )  # fmt: skip


def send_unchanged(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Record what was confirmed."""
    chosen = {
        int(name.removeprefix("p_")): Rag(value)
        for name, value in submission.values.items()
        if name.startswith("p_") and isinstance(value, str) and value in set(Rag)
    }
    if not chosen:
        first = next(iter(submission.values), "")
        return (FieldErrors({first: reader.texts("Confirm at least one, or close this form.")}),)
    with services.store.begin() as uow:
        sent = unchanged.confirm(
            services, uow, reader.person, int(submission.context["q"]), chosen, services.clock.now()
        )
        left = uow.projects.many(chosen.keys() - {report.project_id for report in sent})
    if not left:
        return (CloseForm(all=True),)
    # What was confirmed is not what would be sent now: a draft, a correction or the end of the period came between.
    keys = ", ".join(sorted(project.key for project in left.values()))
    line = reader.texts(
        "Not sent: {keys}. Something changed since you were asked; what you typed is kept. "
        "/rag mine shows what is open.",
        keys=keys,
    )
    return (CloseForm(all=True), *say(line))


# ---------------------------------------------------------------- alerts and decisions


def acknowledge(services: Services, reader: Reader, click: Click) -> Reply:
    """“I have this”: the alert shows who and when; a later press is told who was first."""
    ids = numbers(click.value, 1)
    if ids is None:
        return _stale(reader)
    with services.store.begin() as uow:
        alert = alerts.acknowledge(services, uow, reader, ids[0], services.clock.now())
        owner = uow.people.get(alert.acknowledged_by) if alert.acknowledged_by is not None else None
    t = reader.texts
    if owner is None:
        return say(t("This alert is closed already; there is nothing to do."))
    if owner.id == reader.person.id:
        return ()
    assert alert.acknowledged_at is not None
    return say(t("{name} has this since {moment}.", name=owner.name, moment=t.moment(alert.acknowledged_at)))


def open_decision(services: Services, reader: Reader, click: Click) -> Reply:
    """Open the form in which an executive decides."""
    ids = numbers(click.value, 1)
    if ids is None:
        return _stale(reader)
    with services.store.read() as uow:
        report, project = decisions.asked(uow, reader, ids[0])
    t = reader.texts
    options = (
        Option("decided", t("Decided")),
        Option("delegated", t("Delegated")),
        Option("deferred", t("Deferred")),
    )
    question = report.decision.question if report.decision else ""
    return show(
        Form(
            "decision",
            t("Decision for {key}", key=project.key),
            (
                Paragraph((Plain(question),)),
                ChoiceField("outcome", t("Outcome"), options, style="radio"),
                TextField("words", t("In your words"), multiline=True, hint=t("Goes to the lead and into the record.")),
            ),
            submit=t("Record"),
            context={"r": ids[0]},
        )
    )


def send_decision(services: Services, reader: Reader, submission: Submission) -> Reply:
    """Record a decision."""
    outcome, words = submission.values.get("outcome"), submission.values.get("words")
    if outcome not in questions.OUTCOMES or not isinstance(words, str) or not words.strip():
        wrong = {"words": reader.texts("What did you decide?")} if outcome in questions.OUTCOMES else {
            "outcome": reader.texts("Choose one.")
        }  # fmt: skip
        return (FieldErrors(wrong),)
    with services.store.begin() as uow:
        already = decisions.record(
            services, uow, reader, int(submission.context["r"]), str(outcome), words.strip(), services.clock.now()
        )
    if already:
        return (FieldErrors({"words": already}),)
    return (CloseForm(all=True),)


# ---------------------------------------------------------------- what may not have arrived


def resend(services: Services, reader: Reader, click: Click) -> Reply:
    """The PMO has looked: a message that may have arrived is missing, and is sent again."""
    ids = numbers(click.value, 1)
    t = reader.texts
    with services.store.begin() as uow:
        require_pmo(uow, services.policy, reader)
        found = uow.deliveries.get(ids[0]) if ids is not None else None
        if found is None:
            return _stale(reader)
        if found.state is not DeliveryState.FAILED:
            return say(t("Somebody had it sent again already, or it was called off. Nothing was changed."))
        mending.resend(uow, found.key, reader.person.name, services.clock.now(), actor=actor_of(reader))
    return say(t("It is sent again now."))


def arrived(services: Services, reader: Reader, click: Click) -> Reply:
    """The PMO has looked: a message that may have arrived is there."""
    ids = numbers(click.value, 1)
    t = reader.texts
    with services.store.begin() as uow:
        require_pmo(uow, services.policy, reader)
        found = uow.deliveries.get(ids[0]) if ids is not None else None
        if found is None:
            return _stale(reader)
        if not outbox.unsure(found):
            return say(t("Somebody has said so already, or had it sent again. Nothing was changed."))
        mending.arrived(uow, found.key, reader.person.name, services.clock.now(), actor=actor_of(reader))
    return say(t("Noted: it has arrived."))


ACTIONS: Mapping[str, ActionHandler] = MappingProxyType(
    {
        "request.snooze": snooze,
        "report.unchanged": open_unchanged,
        "alert.ack": acknowledge,
        "decision.open": open_decision,
        "text.more": reading.whole_text,
        "delivery.resend": resend,
        "delivery.arrived": arrived,
    }
)
FORMS: Mapping[str, FormHandler] = MappingProxyType({"unchanged": send_unchanged, "decision": send_decision})
OPENS = frozenset({"report.unchanged", "decision.open", "text.more"})
