"""The one direct message per lead and period: what is asked, what was answered, what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from reporting.messages import (
    Actions,
    Block,
    Bullets,
    Button,
    Menu,
    Message,
    Note,
    Option,
    Paragraph,
    Pill,
    Plain,
    Row,
    Spans,
    Strong,
)
from reporting.model import (
    Person,
    Project,
    ReportingPeriod,
    RequestState,
    Risk,
    Standing,
    StatusReport,
    StatusRequest,
    account_of,
)
from reporting.ports import UnitOfWork
from reporting.services.context import Services
from reporting.services.wording import lasting, listed, rag_word, system_name, unit, unit_of, woven
from reporting.texts import Texts

SNOOZES = (2, 4, 24)
MOST_ROWS = 40
"""Lines with a button of their own in one message (Slack docs: 50 blocks in a message)."""
BUTTONS = 25
"""Buttons side by side (Slack docs: actions block)."""


class PromptData:
    """What a prompt shows, read with a few queries."""

    def __init__(
        self,
        services: Services,
        uow: UnitOfWork,
        period: ReportingPeriod,
        person: Person,
        now: datetime,
        shown: str = "",
    ) -> None:
        """Read everything of one person and period; `shown` is the chat system where the message stands already."""
        self.services = services
        self.shown = shown
        self.closed = now >= period.closes_at
        self.period = period
        self.person = person
        self.texts = services.texts_for(person, shown)
        self.requests = uow.requests.of_person(period.id, person.id)
        self.projects = uow.projects.many([r.project_id for r in self.requests])
        self.standings = {r.project_id: uow.board.get(r.project_id) for r in self.requests}
        last = [s.last_period_id for s in self.standings.values() if s and s.last_period_id]
        self.periods = uow.periods.many(last)
        self.reports = uow.reports.many([r.report_id for r in self.requests if r.report_id])
        self.previous = {
            r.project_id: uow.reports.current(r.project_id, standing.last_period_id)
            for r in self.requests
            if (standing := self.standings[r.project_id]) and standing.last_period_id
        }
        self.portfolios = {p.id: p.key for p in uow.projects.portfolios()}
        self.trends = uow.reports.trends(list(self.projects), services.policy.trend_periods)
        self.calendar = services.policy.calendars.get(period.calendar)
        self.unit = unit(services.policy.calendars.get(period.calendar))

    def ordered(self) -> list[StatusRequest]:
        """Requests by project key."""
        return sorted(self.requests, key=lambda r: self.projects[r.project_id].key)

    @property
    def answered(self) -> bool:
        """Whether anything has been answered."""
        return any(request.state.answered for request in self.requests)

    @property
    def owed(self) -> list[StatusRequest]:
        """Requests without an answer."""
        return [r for r in self.ordered() if r.state.owes]


def compose(
    services: Services,
    uow: UnitOfWork,
    period_id: int,
    person_id: int,
    now: datetime,
    sent: bool = False,
    shown: str = "",
) -> Message | None:
    """The prompt as it stands now.

    Args:
        sent: a prompt is out already and is redrawn: then it says so when nothing is asked of the person any more.
        shown: the chat system where it is.

    Returns:
        None when there is nothing to ask.
    """
    data = _read(services, uow, period_id, person_id, now, shown)
    if data is None:
        return None
    t = data.texts
    if not data.requests:
        gone = t("Nothing is asked of you for this period any more; somebody else answers.")
        return Message(gone, (Paragraph((Plain(gone),)),)) if sent else None
    blocks: list[Block] = [Paragraph((Plain(_greeting(data, now)),))]
    blocks += _rows(data, data.ordered())
    blocks += [*_footer(data), *_elsewhere(data)]
    return Message(_summary(data, t), tuple(blocks))


def compose_reminder(
    services: Services,
    uow: UnitOfWork,
    period_id: int,
    person_id: int,
    now: datetime,
    sent: bool = False,
    shown: str = "",
) -> Message | None:
    """A reminder of what is still owed.

    Args:
        sent: it is out already and is redrawn: then it says so when nothing is owed any more, and asks for nothing.
        shown: the chat system where it is.

    Returns:
        None when nothing is owed, or while all of it is snoozed.
    """
    data = _read(services, uow, period_id, person_id, now, shown)
    if data is None:
        return None
    owed = [r for r in data.owed if sent or not (r.snoozed_until and r.snoozed_until > now)]
    if not owed or data.closed:
        return _spent(data) if sent else None
    t = data.texts
    due = min(r.due_at for r in owed)
    keys = ", ".join(data.projects[r.project_id].key for r in owed)
    if now < due:
        text = t("Still open: {keys}. Due {moment} (your time).", keys=keys, moment=t.moment(due))
    else:
        text = t.n(
            "{keys} was due {moment}. A late report still counts and reaches the digest.",
            "{keys} were due {moment}. Late reports still count and reach the digest.",
            len(owed),
            keys=keys,
            moment=t.moment(due),
        )
    buttons = Actions((_snooze(data),))
    return Message(text, (Paragraph((Plain(text),)), *_rows(data, owed), buttons, *_elsewhere(data)))


def _elsewhere(data: PromptData) -> list[Block]:
    """In a message that stands where the person is not written to any more: that it works all the same."""
    account = account_of(data.person, data.services.platforms)
    if not data.shown or data.closed or not data.owed or account is None or account.platform == data.shown:
        return []
    line = data.texts(
        "From now on I write to you in {system}. What is asked here you can answer here, or there with: {command}",
        system=system_name(account.platform),
        command=f"{data.texts.on(account.platform).command} mine",
    )
    return [Note((Plain(line),))]


def _spent(data: PromptData) -> Message:
    """What is left of a reminder that asks for nothing any more."""
    t = data.texts
    if data.owed:
        text = t("This period is closed.")
    elif data.answered:
        text = t("Answered. Thank you.")
    else:
        text = t("Nothing is owed any more.")
    return Message(text, (Paragraph((Plain(text),)),))


def _read(
    services: Services, uow: UnitOfWork, period_id: int, person_id: int, now: datetime, shown: str
) -> PromptData | None:
    period, person = uow.periods.get(period_id), uow.people.get(person_id)
    return PromptData(services, uow, period, person, now, shown) if period and person else None


def _greeting(data: PromptData, now: datetime) -> str:
    t, owed = data.texts, data.owed
    if not owed:
        return t("Thank you, that is all.") if data.answered else t("Nothing is owed this time.")
    total = len(data.requests)
    if data.closed:
        return t("This period is closed; {done} of {total} answered.", done=total - len(owed), total=total)
    due = min(r.due_at for r in owed)
    ask = t.n("One project reports", "{n} projects report", total)
    when = {"week": t("this week"), "month": t("this month"), "period": t("this time")}[data.unit]
    rest = t("{ask} {when}, due {moment} (your time).", ask=ask, when=when, moment=t.moment(due))
    if len(owed) < total:
        rest = t("{done} of {total} answered. Due {moment} (your time).", done=total - len(owed), total=total,
                 moment=t.moment(due))  # fmt: skip
    return t("{hello} {first_name}. {rest}", hello=_hello(data, now), first_name=data.person.name.split()[0], rest=rest)


def _hello(data: PromptData, now: datetime) -> str:
    hour = now.astimezone(ZoneInfo(data.person.tz or data.services.policy.zone)).hour
    t = data.texts
    if hour < 12:
        return t("Good morning")
    return t("Good afternoon") if hour < 18 else t("Good evening")


def _summary(data: PromptData, t: Texts) -> str:
    owed = data.owed
    if not owed and not data.answered:
        return t("No status report is owed this time.")
    if not owed:
        return t("Status reports received. Thank you, that is all.")
    if data.closed:
        return t("This period is closed.")
    keys = ", ".join(data.projects[r.project_id].key for r in owed)
    return t("Status report wanted: {keys}, due {moment}.", keys=keys, moment=t.moment(min(r.due_at for r in owed)))


def _rows(data: PromptData, requests: list[StatusRequest]) -> list[Block]:
    """One line for each project; so many that they fill a message stand closer, their buttons below."""
    rows = [_row(data, request) for request in requests]
    if len(rows) <= MOST_ROWS:
        return list(rows)
    buttons = [
        replace(row.element, label=data.projects[request.project_id].key)
        for row, request in zip(rows, requests, strict=True)
        if isinstance(row.element, Button) and request.state.owes
    ]
    groups = [tuple(buttons[n : n + BUTTONS]) for n in range(0, len(buttons), BUTTONS)]
    return [Bullets(tuple(row.spans for row in rows)), *(Actions(group) for group in groups)]


def _row(data: PromptData, request: StatusRequest) -> Row:
    project = data.projects[request.project_id]
    standing = data.standings[request.project_id]
    if request.state.answered:
        return _receipt(data, request, project)
    if request.state is RequestState.EXCUSED:
        why = excuse_words(data.texts, request, own=project.lead_id == data.person.id)
        return Row((Plain("–  "), Strong(project.key), Plain(f"  {project.name}: {why}")))
    rag = standing.last_rag if standing and standing.previous is not None else None
    facts = _last_weeks(data, standing)
    spans = (Pill(rag), Plain("  "), Strong(project.key), Plain(f"  {project.name}: {facts}"))
    return Row(spans, None if data.closed else _button(request, data.texts("Report"), primary=True))


def _receipt(data: PromptData, request: StatusRequest, project: Project) -> Row:
    t = data.texts
    report = data.reports[request.report_id or 0]
    standing = data.standings[project.id]
    last = standing.last_rag if standing else None
    was = t(" (was {colour})", colour=rag_word(t, last)) if last is not None and last is not report.rag else ""
    sent = t("late, sent {moment}") if request.state is RequestState.LATE else t("sent {moment}")
    text = f"  {rag_word(t, report.rag)}{was}, {sent.format(moment=t.moment(report.at))}"
    edited = t(", revision {n}", n=report.revision) if report.revision > 1 else ""
    button = None if data.closed else _button(request, t("Edit"))
    return Row((Pill(report.rag), Plain("  "), Strong(project.key), Plain(text + edited)), button)


def _button(request: StatusRequest, label: str, primary: bool = False) -> Button:
    value = f"{request.period_id}:{request.project_id}"
    return Button("report.open", label, value, style="primary" if primary else "")


def _last_weeks(data: PromptData, standing: Standing | None) -> str:
    t = data.texts
    if standing is None or standing.last_rag is None:
        return t("first report")
    if standing.previous is None and standing.last_period_id in data.periods:
        day = t.short_day(data.periods[standing.last_period_id].day)
        return t("not reported last time (last: {colour}, {day})", colour=rag_word(t, standing.last_rag), day=day)
    before = [day for day, _ in data.trends[standing.project_id] if day < data.period.day]
    length = lasting(t, unit_of(data.calendar, before[-standing.last_streak :]), standing.last_streak)
    words = t("{colour} for {length}", colour=rag_word(t, standing.last_rag), length=length)
    promise = promise_of(data.previous.get(standing.project_id))
    if promise is None:
        return words
    return t("{words}. You promised: {action}, {day}", words=words, action=promise[0], day=t.short_day(promise[1]))


def promise_of(report: StatusReport | None) -> tuple[str, date] | None:
    """What a report promised and for when, if it did."""
    if report is None or report.path is None:
        return None
    return report.path.action, report.path.due


def _footer(data: PromptData) -> list[Block]:
    t = data.texts
    blocks: list[Block] = []
    if data.owed and not data.closed:
        unchanged = Button("report.unchanged", t("Nothing changed ..."), str(data.period.id))
        away = Button("absence.open", t("I am away ..."), str(data.person.id))
        blocks.append(Actions((unchanged, away, _snooze(data))))
    where = _audience(data) if data.owed or data.answered else ()
    return [*blocks, Note(where)] if where else blocks


def _snooze(data: PromptData) -> Menu:
    t = data.texts
    options = tuple(Option(f"{data.period.id}:{hours}", t.n("in one hour", "in {n} hours", hours)) for hours in SNOOZES)
    return Menu("request.snooze", t("Remind me later"), options)


def _audience(data: PromptData) -> Spans:
    """Where the answers go: only digests that really show one of the person's projects."""
    t = data.texts
    channels = [
        digest.channel
        for digest in data.services.policy.digests
        if any(
            (not digest.portfolios or data.portfolios.get(project.portfolio_id, "") in digest.portfolios)
            and (digest.confidential or not project.confidential)
            for project in data.projects.values()
        )
    ]
    if not channels:
        return ()
    moment = Plain(t.moment(data.period.digest_at))
    return woven(t("They go to {channels} on {moment}."), channels=listed(channels), moment=(moment,))


def excuse_words(t: Texts, request: StatusRequest, own: bool = False) -> str:
    """Why nothing is owed, in words.

    Args:
        own: they are read by the lead.
    """
    reasons = {
        "away": t("excused, you are away") if own else t("excused, the lead is away"),
        "paused": t("nothing to report, the project is paused"),
        "closed": t("nothing to report, the project is closed"),
        "moved": t("reports with another portfolio now"),
    }
    return reasons.get(request.reason, t("excused"))


def risk_line(t: Texts, risk: Risk) -> str:
    """A risk on one line: number, score, title, owner, date."""
    line = t("R{number}, score {score}: {title}", number=risk.number, score=risk.score, title=risk.title)
    if risk.owner:
        line = t("{line}, {owner}", line=line, owner=risk.owner)
    return t("{line}, due {day}", line=line, day=t.short_day(risk.due)) if risk.due else line
