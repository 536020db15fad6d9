"""The words of status reporting as frozen values.

Everything that is an instant is an aware UTC `datetime`; everything that is a calendar day is a `date`.
Ids are database ids; a person types keys (`ATLAS`), never ids.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Rag(StrEnum):
    """A project's colour. "Not reported" is no colour: it is `None` wherever a `Rag | None` stands."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def letter(self) -> str:
        """`G`, `A` or `R`: colour never stands alone."""
        return self.value[0].upper()

    @property
    def severity(self) -> int:
        """0 for green, 1 for amber, 2 for red; the larger the worse."""
        return ("green", "amber", "red").index(self.value)


class Method(StrEnum):
    """How a project is run; the form may differ by it."""

    AGILE = "agile"
    WATERFALL = "waterfall"
    HYBRID = "hybrid"


class ProjectState(StrEnum):
    """Only an active project is asked for reports."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


class Role(StrEnum):
    """What a person may do. PMO may everything; a viewer may ask questions about open projects."""

    PMO = "pmo"
    EXECUTIVE = "executive"
    LEAD = "lead"
    VIEWER = "viewer"


class RequestState(StrEnum):
    """The life of a status request: pending -> submitted | late | missed | excused; missed -> late."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"

    @property
    def owes(self) -> bool:
        """Whether an answer is still wanted (a missed one may still be answered late)."""
        return self in (RequestState.PENDING, RequestState.MISSED)

    @property
    def answered(self) -> bool:
        """Whether a report stands behind it."""
        return self in (RequestState.SUBMITTED, RequestState.LATE)


class RiskState(StrEnum):
    """A risk lives across periods until it is closed."""

    OPEN = "open"
    CLOSED = "closed"


class RiskResponse(StrEnum):
    """The four classic responses to a threat."""

    AVOID = "avoid"
    REDUCE = "reduce"
    TRANSFER = "transfer"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Identity:
    """One chat account: platform (`slack`), workspace or tenant id, user id."""

    platform: str
    workspace: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """One human.

    Attributes:
        email: lower case, or None.
        tz: IANA zone, or None when unknown (then the calendar's zone counts).
        locale: BCP 47 tag such as `en-GB`, or None.
        deputy_id: who stands in while away, unless an absence names somebody else.
        active: False once the chat account is deactivated.
        unreachable: why the last message could not be delivered, or None.
        prefers: the chat system (`slack`, `teams`) to be written to, for whom has accounts in several; None: the first.
    """

    id: int
    name: str
    email: str | None = None
    tz: str | None = None
    locale: str | None = None
    deputy_id: int | None = None
    active: bool = True
    unreachable: str | None = None
    prefers: str | None = None
    identities: tuple[Identity, ...] = ()


def account_of(person: Person, platforms: Collection[str]) -> Identity | None:
    """The account that a person is written to: one of the chat system they prefer, else their first.

    Args:
        platforms: the chat systems at hand; an account anywhere else counts as none.
    """
    usable = [account for account in person.identities if account.platform in platforms]
    return next((account for account in usable if account.platform == person.prefers), next(iter(usable), None))


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both ends included. Without a deputy the person's requests are excused."""

    id: int
    person_id: int
    first: date
    last: date
    deputy_id: int | None = None
    set_by: int | None = None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A named group of projects; `key` is lower case (`imaging`), the policy is found by it."""

    id: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """A thing that is reported on. `key` is short and upper case, unique without regard to case."""

    id: int
    key: str
    name: str
    portfolio_id: int
    lead_id: int | None = None
    deputy_id: int | None = None
    sponsor_id: int | None = None
    method: Method = Method.HYBRID
    state: ProjectState = ProjectState.ACTIVE
    confidential: bool = False
    start: date | None = None
    end: date | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReportingPeriod:
    """One occurrence of a calendar, unique per (calendar, day).

    Attributes:
        calendar: the calendar's name in the policy; imported history uses `import`'s own.
        day: the nominal local day of the occurrence (its identity and its label).
        opens_at: when the first request may be prompted, UTC.
        due_at: when answers are due in the calendar's own zone, UTC; a request has its own in the lead's zone.
        digest_at: when leadership is told, UTC.
        closes_at: when the next period is due and late answers end, UTC.
    """

    id: int
    calendar: str
    day: date
    opens_at: datetime
    due_at: datetime
    digest_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """The obligation of one project in one period, unique per (period, project).

    Attributes:
        assignee_id: who is asked (lead, or deputy while the lead is away); None when nobody can be.
        next_at: the next instant at which something is due on it (prompt, reminder, miss), or None.
        step: how many of the calendar's steps (prompt, reminders, miss) are done.
        snoozed_until: no reminder before this instant.
        reason: why it is excused.
    """

    id: int
    period_id: int
    project_id: int
    assignee_id: int | None
    state: RequestState
    prompt_at: datetime
    due_at: datetime
    next_at: datetime | None = None
    step: int = 0
    snoozed_until: datetime | None = None
    reason: str = ""
    answered_at: datetime | None = None
    report_id: int | None = None


@dataclass(frozen=True, slots=True)
class PathToGreen:
    """What brings an amber or red project back: action, owner (as typed or a person's name), date."""

    action: str
    owner: str
    due: date


@dataclass(frozen=True, slots=True)
class DecisionAsk:
    """A decision leadership is asked for."""

    question: str
    of_id: int | None
    by: date | None


IMPORTED = "import"
IMPORTED_WITH_TIME = "import_with_time"


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a lead answered: one revision. Never changed; an edit is a new revision.

    Attributes:
        revision: 1, 2, ... per (project, period); the highest counts.
        rag: None only for imported returns without a rating, then `not_reported` says why.
        dimensions: RAG by dimension key (`schedule`, `cost`, ...).
        reason: one sentence why it is amber or red.
        override: why a dimension is worse than the overall RAG (the watermelon check), or empty.
        custom: values of the custom fields by key: str, int, float, ISO date text or None.
        promise_kept: the answer to last period's path to green when it was due: kept, missed, moved, or empty.
        edit_reason: why a later revision was made.
        source: `form`, `unchanged`, `import` (then `at` is when it was imported) or `import_with_time` (`at` is when it
            was reported).
    """

    id: int
    project_id: int
    period_id: int
    revision: int
    author_id: int | None
    at: datetime
    rag: Rag | None
    summary: str = ""
    reason: str = ""
    dimensions: dict[str, Rag] = field(default_factory=dict)
    done: str = ""
    next: str = ""
    missed: str = ""
    forecast_end: date | None = None
    percent: int | None = None
    path: PathToGreen | None = None
    decision: DecisionAsk | None = None
    override: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    promise_kept: str = ""
    not_reported: str = ""
    edit_reason: str = ""
    late: bool = False
    source: str = "form"


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk item. `number` counts per project (R1, R2, ...)."""

    id: int
    project_id: int
    number: int
    title: str
    probability: int
    impact: int
    owner: str = ""
    due: date | None = None
    response: RiskResponse = RiskResponse.REDUCE
    mitigation: str = ""
    state: RiskState = RiskState.OPEN
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def score(self) -> int:
        """Probability times impact, 1 to 25."""
        return self.probability * self.impact


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project stands in its newest opened period; kept beside the reports so that queries are quick.

    Attributes:
        period_id: the newest period opened for the project.
        rag: its colour in that period; None means not reported (yet).
        report_id: the current revision behind `rag`.
        previous: the colour in the period before (None: not reported then).
        last_rag: the last colour ever reported before `period_id`.
        last_at_period: the period of `last_rag`.
        streak: consecutive reported periods in the present colour, the newest included; 0 while not reported.
        last_streak: the same for `last_rag`, before `period_id`.
        missed: consecutive periods without a report, the newest included once it is reported or missed.
        path_due: when the current path to green falls due, or None.
    """

    project_id: int
    period_id: int
    rag: Rag | None
    report_id: int | None = None
    previous: Rag | None = None
    last_rag: Rag | None = None
    last_period_id: int | None = None
    streak: int = 0
    last_streak: int = 0
    missed: int = 0
    path_due: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has typed but not sent: form values by field id."""

    project_id: int
    period_id: int
    person_id: int
    values: dict[str, Any]
    base_revision: int
    updated_at: datetime
