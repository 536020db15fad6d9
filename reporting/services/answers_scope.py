"""What a question is about: its filters as ids, the project it names; and what to say when there is no such thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reporting.calendar import occurrences
from reporting.grammar import format_query, parse
from reporting.messages import Actions, Block, Button, Message, Paragraph, Plain, Row, Strong
from reporting.model import Person, Portfolio, Project, ProjectState
from reporting.policy import CalendarPolicy
from reporting.ports import UnitOfWork
from reporting.query import COMMANDS, BoardFilter, Fault, Query, Verb, nearest, since_day
from reporting.services.access import Reader
from reporting.services.context import Services
from reporting.texts import Texts

_HEADS = ("remind", "export", "history", "risks", "trend", "digest", "help", "absence", "person")
"""Commands that stand before their words."""

_MOST_PERIODS = 1000
_LONG_AGO = timedelta(weeks=_MOST_PERIODS)

CHOICES = 10
"""Projects offered when a name fits several."""


class Unanswered(Exception):
    """A question that cannot be answered as asked; carries what to say instead.

    Attributes:
        lost: nothing here resembles what was asked for.
    """

    def __init__(self, message: Message, lost: bool = False) -> None:
        super().__init__(message.summary)
        self.message = message
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Ask:
    """One question by one person, in one transaction."""

    services: Services
    uow: UnitOfWork
    reader: Reader
    query: Query
    now: datetime

    @property
    def t(self) -> Texts:
        """The reader's language."""
        return self.reader.texts

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.now.astimezone(self.t.zone).date()

    @property
    def since(self) -> date | None:
        """The day the question reaches back to."""
        return since_day(self.query.since, self.today)


def scope(ask: Ask, states: tuple[ProjectState, ...] = (ProjectState.ACTIVE,)) -> BoardFilter:
    """The question's filters, as the board takes them; only what the reader may see.

    Args:
        states: counted when the question names none.

    Raises:
        Unanswered: a portfolio or person is not known, or the reader has no projects of their own.
    """
    query = ask.query
    return BoardFilter(
        colours=query.colours,
        portfolio_ids=_portfolios(ask),
        lead_ids=_leads(ask),
        project_ids=_own(ask) if query.mine else None,
        states=query.states or states,
        moved=query.moved,
        risk_op=query.risk_op,
        risk_score=query.risk_score,
        confidential=ask.reader.sees_confidential,
        own_ids=ask.reader.own_ids,
    )


def in_colour_since(ask: Ask, where: BoardFilter) -> BoardFilter:
    """Of a list of colours, only what has been so since the day asked for, counted in periods of the calendar.

    What is worse or better is so against that day. With several portfolios in question, the calendar of the first
    counts (of none, the default one).
    """
    since = ask.since
    if since is None:
        return where
    if where.moved:
        return replace(where, moved_since=since)
    policy = ask.services.policy
    key = ""
    if where.portfolio_ids:
        portfolio = ask.uow.projects.portfolio(where.portfolio_ids[0])
        key = portfolio.key if portfolio else ""
    # One look at about twenty years of weeks is cheaper than asking for one period after another.
    days = [period.day for period in ask.uow.periods.recent(policy.calendar_for(key).name, _MOST_PERIODS)]
    calendar = policy.calendar_for(key)
    periods = sum(day >= since for day in days) if days and min(days) <= since else _since_by_rule(ask, calendar, since)
    return replace(where, min_streak=max(periods, 1))


def _since_by_rule(ask: Ask, calendar: CalendarPolicy, since: date) -> int:
    """How many periods a calendar has from a day on: of a young register fewer are known, and no colour is older."""
    after = max(since, ask.today - _LONG_AGO) - timedelta(days=1)
    return sum(day <= ask.today for day in occurrences(calendar, after, _MOST_PERIODS))


def find_project(ask: Ask, text: str) -> Project:
    """The project with this key, this name, or alone in having this in its key or name.

    A project that the reader may not see is answered as if there were none.

    Raises:
        Unanswered: there is none, or a choice of several.
    """
    exact = ask.uow.projects.by_key(text)
    if exact is not None and ask.reader.may_see(exact):
        return exact
    found = [p for p in ask.uow.projects.find(text, 200) if ask.reader.may_see(p)]
    named = [p for p in found if p.name.casefold() == text.casefold()] or found
    if len(named) == 1:
        return named[0]
    raise Unanswered(_choice(ask, text, named)) if named else _none(ask, text)


def said(text: str, *blocks: Block) -> Message:
    """A short answer, its first line also the summary."""
    return Message(text, (Paragraph((Plain(text),)), *blocks))


def run(label: str, query: Query) -> Button:
    """A button that asks another question."""
    return Button("query.run", label, format_query(query))


def turn(label: str, query: Query) -> Button:
    """A button to another page, which takes the place of this one."""
    return Button("page.next", label, format_query(query))


def fault_answer(reader: Reader, text: str, fault: Fault) -> Message:
    """What to say to a question that was not understood."""
    t = reader.texts
    if fault.code == "conflict":
        return said(
            t("{words} cannot both be meant. Ask for one of them.", words=fault.word), *_corrected(t, text, "", "")
        )
    if fault.code == "filter":
        line = t("There is no filter “{word}:”. A name with a colon goes in quotes.", word=fault.word)
        return said(line, *_corrected(t, text, fault.word + ":", fault.suggestion and fault.suggestion + ":"))
    if fault.code == "word":
        return said(
            t("“{word}” has no place here.", word=fault.word), *_corrected(t, text, fault.word, fault.suggestion)
        )
    line = t("{filter}:{value} is not understood. {expected}", filter=fault.word, value=fault.value,
             expected=_expected(t, fault.word))  # fmt: skip
    return said(line, *_corrected(t, text, fault.value, fault.suggestion))


def _corrected(t: Texts, text: str, wrong: str, right: str) -> tuple[Block, ...]:
    better = text.replace(wrong, right, 1) if right else text
    if better == text or isinstance(parse(better), Fault):
        return (Actions((run(t("Help"), Query(Verb.HELP)),)),)
    return (Actions((Button("query.run", t("Did you mean: {text}", text=better), better),)),)


def _expected(t: Texts, name: str) -> str:
    return {
        "portfolio": t("Write the portfolio's name: portfolio:imaging"),
        "lead": t("Write a person: lead:@ana"),
        "since": t("Write a length of time or a day: since:4w, since:3m or since:2026-10-01"),
        "risk": t("Write a score from 1 to 25: risk:>=12"),
        "state": t("Write active, paused, closed or all."),
        "page": t("Write a number from 1."),
    }[name]


# ---------------------------------------------------------------- ids


def _portfolios(ask: Ask) -> tuple[int, ...] | None:
    if not ask.query.portfolios:
        return None
    known = ask.uow.projects.portfolios()
    found: list[int] = []
    for text in ask.query.portfolios:
        folded = text.casefold()
        fitting = [p for p in known if folded in (p.key.casefold(), p.name.casefold())]
        fitting = fitting or [p for p in known if folded in f"{p.key} {p.name}".casefold()]
        fitting = [p for p in fitting if _visible(ask, p)]
        if not fitting:
            raise Unanswered(_no_portfolio(ask, text, [p.key for p in known if _visible(ask, p)]))
        found += [p.id for p in fitting]
    return tuple(dict.fromkeys(found))


def _visible(ask: Ask, portfolio: Portfolio) -> bool:
    """Whether the reader may know of a portfolio: not when all of its projects are hidden from them."""
    if ask.reader.sees_confidential:
        return True
    where = BoardFilter(portfolio_ids=(portfolio.id,), states=tuple(ProjectState), own_ids=ask.reader.own_ids)
    return bool(ask.uow.board.rows(where, 1))


def _no_portfolio(ask: Ask, text: str, keys: list[str]) -> Message:
    t = ask.t
    right = nearest(text, keys)
    if not right:
        return said(t("No portfolio {name}. There are: {keys}.", name=text, keys=", ".join(sorted(keys)) or "–"))
    better = replace(ask.query, portfolios=tuple(right if p == text else p for p in ask.query.portfolios))
    return said(
        t("No portfolio {name}. Did you mean {key}?", name=text, key=right), Actions((run(right, better),))
    )  # fmt: skip


def _leads(ask: Ask) -> tuple[int, ...] | None:
    if not ask.query.leads:
        return None
    found: list[int] = []
    for text in ask.query.leads:
        found += [person.id for person in people(ask, text)]
    return tuple(dict.fromkeys(found))


def people(ask: Ask, text: str) -> list[Person]:
    """The people a word may mean; `me` is the reader.

    Raises:
        Unanswered: nobody is called so.
    """
    if text.casefold() == "me":
        return [ask.reader.person]
    found = ask.uow.people.find(text)
    if not found:
        raise Unanswered(_nobody(ask, text))
    return found


def _nobody(ask: Ask, text: str) -> Message:
    t = ask.t
    names: dict[str, str] = {}
    for person in ask.uow.people.all():
        # A part of a name may have been mistyped as well as the whole.
        for part in (person.name, *person.name.split()):
            names.setdefault(part, person.name)
    right = nearest(text, tuple(names), 0.7)
    if not right:
        return said(t("Nobody here is called {name}.", name=text))
    query, meant = ask.query, names[right]
    leads = tuple(sorted({meant if name == text else name for name in query.leads}))
    subject = meant if query.verb in (Verb.ABSENCE, Verb.PERSON) and query.subject == text else query.subject
    line = t("Nobody here is called {name}. Did you mean {right}?", name=text, right=meant)
    return said(line, Actions((run(meant, replace(query, leads=leads, subject=subject)),)))


def _own(ask: Ask) -> tuple[int, ...]:
    # An empty tuple would mean "any project" to the board.
    if not ask.reader.own_ids:
        raise Unanswered(said(ask.t("No project is yours: you are lead, deputy or sponsor of none.")))
    return ask.reader.own_ids


# ---------------------------------------------------------------- several or none


def _choice(ask: Ask, text: str, found: list[Project]) -> Message:
    t = ask.t
    line = t.n("One project fits “{text}”.", "{n} projects fit “{text}”.", len(found), text=text)
    rows = [
        Row((Strong(p.key), Plain(f"  {p.name}")), run(t("Choose"), replace(ask.query, subject=p.key)))
        for p in found[:CHOICES]
    ]
    left = len(found) - CHOICES
    more = [Paragraph((Plain(t.n("One more; write more of the name.", "{n} more; write more of the name.", left)),))]
    return said(line, *rows, *(more if left > 0 else []))


def _none(ask: Ask, text: str) -> Unanswered:
    t = ask.t
    right, command = _nearest_project(ask, text), _nearest_command(ask, text)
    buttons = [run(right, replace(ask.query, subject=right))] if right else []
    buttons += [run(format_query(command), command)] if command is not None else []
    if not buttons:
        return Unanswered(said(t("No project {name}.", name=text), Actions((run(t("Help"), Query(Verb.HELP)),))), True)
    meant = right or format_query(command or ask.query)
    line = t("No project {name}. Did you mean {meant}?", name=text, meant=meant)
    return Unanswered(said(line, Actions(tuple(buttons))))


def _nearest_project(ask: Ask, text: str) -> str:
    own = set(ask.reader.own_ids)
    open_to = ask.reader.sees_confidential
    keys: dict[str, str] = {}
    for project_id, key, name, confidential in ask.uow.projects.names():
        if open_to or not confidential or project_id in own:
            keys[key] = keys[name] = key
    # Only names of about this length can be meant; that keeps ten thousand projects quick.
    options = [name for name in keys if abs(len(name) - len(text)) <= 3]
    right = nearest(text, options, 0.66)
    return keys[right] if right else ""


def _nearest_command(ask: Ask, text: str) -> Query | None:
    if ask.query.verb is not Verb.PROJECT:
        return None
    readings = (parse(words) for words in _other_words(text))
    meant = next((q for q in readings if isinstance(q, Query) and q.verb is not Verb.PROJECT), None)
    if meant is None:
        return None
    kept = ask.query
    if meant.verb in (Verb.ABSENCE, Verb.PERSON):
        # Whom it is about is its subject, not a filter.
        return replace(meant, subject=meant.subject or next(iter(kept.leads), ""))
    return replace(
        meant, portfolios=kept.portfolios, leads=kept.leads, since=kept.since, risk_op=kept.risk_op,
        risk_score=kept.risk_score, states=kept.states,
    )  # fmt: skip


def _other_words(text: str) -> Iterator[str]:
    """What may have been meant: a command that stands behind its words, or one with a typing error."""
    first, *rest = text.split()
    for place, word in enumerate(rest, 1):
        if word.casefold() in _HEADS:
            yield " ".join([word, first, *rest[: place - 1], *rest[place:]])
    whole = nearest(text, COMMANDS, 0.7)
    right = whole or nearest(first, [c for c in COMMANDS if " " not in c], 0.7)
    if right:
        yield " ".join([right, *([] if whole else rest)])
