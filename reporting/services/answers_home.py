"""What a person finds at home: a lead what they owe, an executive what waits for them, the PMO what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from reporting.ledger import Delivery, Escalation
from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    Channel,
    Divider,
    Heading,
    Note,
    Paragraph,
    Plain,
    Row,
    Span,
    Strong,
)
from reporting.model import Person, ProjectState, Rag, StatusReport, StatusRequest
from reporting.policy import AlertKind
from reporting.query import BoardFilter, Query, Verb
from reporting.services import answers_parts as parts
from reporting.services.access import claim_words
from reporting.services.answers_lists import own_rows
from reporting.services.answers_person import claim_line, waiting_claims
from reporting.services.answers_scope import Ask, run
from reporting.services.questions import answers_to, subject_of
from reporting.services.register import absences_ahead
from reporting.services.wording import woven

OWN_SHOWN = 20
SHOWN = 5
FAILURES_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that somebody is asked for, by the newest report that asks."""

    key: str
    question: str
    report_id: int


def home_blocks(ask: Ask) -> tuple[Block, ...]:
    """Everything that concerns the reader, most pressing first."""
    blocks: list[Block] = []
    owed = {r.project_id: r for r in ask.uow.requests.owed_by(ask.reader.person.id)}
    if ask.reader.claim is not None:
        blocks.append(Paragraph((Plain(claim_words(ask.t, ask.reader.claim)),)))
    if ask.reader.sees_confidential:
        blocks += _decisions(ask) + _alerts(ask)
    if ask.reader.own_ids or owed:
        blocks += _own(ask, owed)
    blocks += _portfolio(ask)
    if ask.reader.is_pmo:
        blocks += _undelivered(ask) + _accounts(ask) + _pmo_buttons(ask)
    if ask.reader.own_ids:
        blocks += _absence(ask)
    own = (run(ask.t("Where I write to you"), Query(Verb.ME)),) if len(ask.reader.person.identities) > 1 else ()
    blocks.append(Actions((*own, run(ask.t("Help"), Query(Verb.HELP)))))
    return tuple(blocks)


# ---------------------------------------------------------------- a lead


def _own(ask: Ask, owed: dict[int, StatusRequest]) -> list[Block]:
    t = ask.t
    where = BoardFilter(
        project_ids=ask.reader.own_ids, states=(ProjectState.ACTIVE, ProjectState.PAUSED), own_ids=ask.reader.own_ids
    )
    # What is owed comes first, by when it is due: for others' projects too, while standing in for them.
    first = sorted(owed, key=lambda project_id: owed[project_id].due_at)[:OWN_SHOWN]
    due = BoardFilter(project_ids=tuple(first), own_ids=tuple(first))
    found = {row.project.id: row for row in ask.uow.board.rows(due, OWN_SHOWN)} if first else {}
    rows = [found[project_id] for project_id in first if project_id in found]
    rest = [row for row in ask.uow.board.rows(where, OWN_SHOWN + len(first)) if row.project.id not in owed]
    rows += rest[: OWN_SHOWN - len(rows)]
    line = t.n("One report is owed.", "{n} reports are owed.", len(owed)) if owed else t("Nothing is owed.")
    blocks: list[Block] = [Heading(t("Your projects")), Paragraph((Strong(line),)), *own_rows(ask, rows, owed)]
    if len({*ask.reader.own_ids, *owed}) > len(rows) == OWN_SHOWN:
        blocks.append(Actions((run(t("All of mine"), Query(Verb.MINE, mine=True)),)))
    return [*blocks, *_own_risks(ask, where), Divider()]


def _own_risks(ask: Ask, where: BoardFilter) -> list[Block]:
    t = ask.t
    found = ask.uow.board.risks(where, SHOWN + 1)
    if not found:
        return []
    lines = []
    for risk, key, _ in found[:SHOWN]:
        due = t(", due {day}", day=parts.day(ask, risk.due)) if risk.due else ""
        score = t("score {score}", score=risk.score)
        lines.append((Strong(key), Plain(f"  R{risk.number}, {score}: {risk.title}{due}")))
    blocks: list[Block] = [Paragraph((Strong(t("Your open risks")),)), Bullets(tuple(lines))]
    if len(found) > SHOWN:
        blocks.append(Actions((run(t("All your risks"), Query(Verb.RISKS, mine=True)),)))
    return blocks


def _absence(ask: Ask) -> list[Block]:
    t, person = ask.t, ask.reader.person
    ahead = absences_ahead(ask.uow, person.id, ask.today)
    names = ask.uow.people.many({a.deputy_id for a in ahead if a.deputy_id is not None})
    lines = []
    for absence in ahead[:SHOWN]:
        span = t("{first} to {last}", first=parts.day(ask, absence.first), last=parts.day(ask, absence.last))
        deputy = names.get(absence.deputy_id or 0)
        lines.append((Plain(t("{span}, deputy {name}", span=span, name=deputy.name) if deputy else span),))
    known: list[Block] = [Paragraph((Strong(t("You are away")),)), Bullets(tuple(lines))] if lines else []
    label = t("Change my absence") if lines else t("I am away")
    return [*known, Actions((Button("absence.open", label, str(person.id)),))]


# ---------------------------------------------------------------- leadership


def _portfolio(ask: Ask) -> list[Block]:
    t = ask.t
    where = BoardFilter(confidential=ask.reader.sees_confidential, own_ids=ask.reader.own_ids)
    totals = ask.uow.board.totals(where)
    line = parts.takeaway(ask, totals)
    blocks: list[Block] = [Heading(ask.services.policy.organisation), Paragraph((Strong(line),))]
    if totals.total:
        blocks.append(parts.counts(ask, totals))
    buttons = [run(t("Overview"), Query())]
    buttons += [run(t("Red"), Query(Verb.LIST, colours=(Rag.RED,)))] if totals.red else []
    buttons += [run(t("Missing"), Query(Verb.LIST, colours=(None,)))] if totals.missing else []
    buttons += [run(t("Trend"), Query(Verb.TREND)), run(t("Last digest"), Query(Verb.DIGEST))]
    return [*blocks, Actions(tuple(buttons))]


def _decisions(ask: Ask) -> list[Block]:
    t = ask.t
    asked = decisions_of(ask)
    if not asked:
        return []
    line = t.n("One decision is asked of you", "{n} decisions are asked of you", len(asked))
    rows = [
        Row((Strong(a.key), Plain(f"  {a.question}")), Button("decision.open", t("Decide"), str(a.report_id)))
        for a in asked[: 2 * SHOWN]
    ]
    return [Heading(line), *rows, Divider()]


def decisions_of(ask: Ask) -> list[Asked]:
    """Decisions asked of the reader and not recorded yet: in their own projects and in the newest digests."""
    found: dict[str, tuple[Asked, StatusReport]] = {}
    where = BoardFilter(project_ids=ask.reader.own_ids, own_ids=ask.reader.own_ids)
    rows = ask.uow.board.rows(where, 200) if ask.reader.own_ids else []
    reports = ask.uow.reports.many([r.standing.report_id for r in rows if r.standing and r.standing.report_id])
    keys = {row.project.id: row.project.key for row in rows}
    for report in reports.values():
        if report.decision is not None and report.decision.of_id == ask.reader.person.id:
            asked = Asked(keys[report.project_id], report.decision.question, report.id)
            found[subject_of(report)] = asked, report
    for asked, report in _in_digests(ask):
        found.setdefault(subject_of(report), (asked, report))
    answered = answers_to(ask.uow, [report for _, report in found.values()])
    return [asked for asked, report in found.values() if report.id not in answered]


def _in_digests(ask: Ask) -> list[tuple[Asked, StatusReport]]:
    """What the newest digests ask of the reader, with the reports that did."""
    found = []
    for channel in dict.fromkeys(digest.channel for digest in ask.services.policy.digests):
        newest = ask.uow.digests.latest(channel)
        for item in newest.view.get("decisions", ()) if newest else ():
            of = item.get("of") or {}
            if of.get("id") == ask.reader.person.id:
                found.append(Asked(str(item["key"]), str(item["question"]), int(item["report_id"])))
    reports = ask.uow.reports.many({asked.report_id for asked in found})
    return [(asked, reports[asked.report_id]) for asked in found]


def _alerts(ask: Ask) -> list[Block]:
    t = ask.t
    waiting = [alert for alert in ask.uow.escalations.all_open() if alert.acknowledged_at is None]
    if not waiting:
        return []
    waiting.sort(key=lambda alert: alert.opened_at, reverse=True)
    projects = ask.uow.projects.many({alert.project_id for alert in waiting[:SHOWN]})
    line = t.n("One alert nobody has taken", "{n} alerts nobody has taken", len(waiting))
    rows = [_alert_row(ask, alert, projects[alert.project_id].key) for alert in waiting[:SHOWN]]
    left = len(waiting) - SHOWN
    more = [Note((Plain(t.n("One more is in its channel.", "{n} more are in their channels.", left)),))]
    return [Heading(line), *rows, *(more if left > 0 else []), Divider()]


def _alert_row(ask: Ask, alert: Escalation, key: str) -> Row:
    t = ask.t
    text = t("{alert}, since {moment}", alert=_alert_words(ask, alert.rule), moment=t.moment(alert.opened_at))
    return Row((Strong(key), Plain(f"  {text}")), Button("alert.ack", t("I have this"), str(alert.id)))


def _alert_words(ask: Ask, name: str) -> str:
    t = ask.t
    words = {
        AlertKind.TURNED_RED: t("turned red"),
        AlertKind.AMBER_PERIODS: t("amber for long"),
        AlertKind.RISK_SCORE: t("a high risk"),
        AlertKind.MISSED_REPORTS: t("no reports"),
        AlertKind.PATH_PASSED: t("the date of its path to green passed"),
    }
    # A rule may have left the policy since; its name is all there is then.
    return next((words[rule.kind] for rule in ask.services.policy.alerts if rule.name == name), name)


# ---------------------------------------------------------------- the PMO


def _undelivered(ask: Ask) -> list[Block]:
    t = ask.t
    failed = ask.uow.deliveries.failures_since(ask.now - FAILURES_SINCE)
    if not failed:
        return []
    line = t.n("One message could not be delivered in the last 7 days",
               "{n} messages could not be delivered in the last 7 days", len(failed))  # fmt: skip
    newest = sorted(failed, key=lambda delivery: delivery.due_at, reverse=True)[: 2 * SHOWN]
    ids = {int(d.target.removeprefix("person:")) for d in newest if d.target.startswith("person:")}
    known = ask.uow.people.many(ids)
    lines = tuple((_target(delivery, known), Plain(f", {t.moment(delivery.due_at)}")) for delivery in newest)
    left = len(failed) - len(newest)
    more = [Note((Plain(t.n("One more is older.", "{n} more are older.", left)),))]
    blocks: list[Block] = [Paragraph((Strong(line),)), Bullets(lines), *(more if left > 0 else [])]
    if ask.services.policy.pmo_channel is None:
        return blocks
    cure = woven(t("What to do about each is said in {channel}."), channel=(Channel(ask.services.policy.pmo_channel),))
    return [*blocks, Note(cure)]


def _accounts(ask: Ask) -> list[Block]:
    """Accounts with a known person's mail address that are nobody's: the PMO knows who has moved, and who pretends."""
    found = waiting_claims(ask)
    rows = [
        Row(
            (Plain(claim_line(ask, claim, person)),),
            run(ask.t("Show"), Query(Verb.PERSON, person.email or person.name)),
        )
        for claim, person in found[:SHOWN]
    ]
    left = len(found) - SHOWN
    more = [Note((Plain(ask.t.n("One more is older.", "{n} more are older.", left)),))]
    return [*rows, *(more if left > 0 else [])]


def _target(delivery: Delivery, known: dict[int, Person]) -> Span:
    kind, _, name = delivery.target.partition(":")
    if kind != "person":
        return Channel(name)
    person = known.get(int(name))
    return Plain(person.name if person else "–")


def _pmo_buttons(ask: Ask) -> list[Block]:
    t = ask.t
    return [
        Actions(
            (
                run(t("Digest preview"), Query(Verb.DIGEST_PREVIEW)),
                Button("export.run", t("Export"), "export xlsx"),
                Button("project.add", t("Add project")),
                Button("absence.open", t("Somebody is away"), "anyone"),
            )
        )
    ]
