"""What was raised, sent, shown and done: escalations, deliveries, digests, audit events, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from reporting.model import Identity


class DeliveryState(StrEnum):
    """The life of one message to one target."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Escalation:
    """An alert raised by a rule. At most one is open per (rule, project, subject)."""

    id: int
    rule: str
    project_id: int
    subject: str
    period_id: int
    channel: str
    opened_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str = ""


class ClaimState(StrEnum):
    """What a person has said of an account that shows their mail address."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Claim:
    """A second chat account with a known person's mail address. It is nobody's until the person says that it is theirs.

    Attributes:
        person_id: whose mail address it shows, and who is asked.
        name: what the account calls itself.
        answered_at: when the person, or the PMO for them, said yes or no.
    """

    id: int
    person_id: int
    platform: str
    workspace: str
    user_id: str
    name: str
    state: ClaimState
    asked_at: datetime
    answered_at: datetime | None = None

    @property
    def identity(self) -> Identity:
        """The account."""
        return Identity(self.platform, self.workspace, self.user_id)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a sent message is: channel (or DM) id and message id (`ts`)."""

    channel: str
    message_id: str


NOWHERE = MessageRef("", "")
"""Of a part that has arrived, as people say, and nobody knows where: it cannot be changed, nor answered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one target that must arrive once.

    Attributes:
        key: unique; says what it is (`prompt:12:7`). The same cause never makes two.
        kind: which composer writes it: prompt, reminder, digest, digest_detail, alert, receipt, notice, ...
        target: a person (`person:7`) or a channel as named in the policy (`channel:C0123`).
        subject: ids the composer needs, JSON.
        due_at: not before this instant.
        expires_at: after this it is of no use and is recorded as skipped.
        updates: key of the delivery whose message this one edits, or None for a new message.
        thread_of: key of the delivery in whose thread it is posted, or None.
        attempt: fence; raised by every attempt.
        content: the neutral message as sent, JSON (exactly reproducible), or None before.
        parts: what the platform was given, one JSON object for each message, or None before.
        refs: where the parts are.
        failed_at: when it was given up or skipped, or None.
        error: last error in words.
        stuck: whether the last try ended with a fault of ours: then it holds up nothing behind it. Also of a message
            that was planned to stand in no line.
        preset: whether its content was written when it was planned, and is not composed anew at sending.
        platform: the chat system that it was drawn for and is sent to; empty before it is.
    """

    id: int
    key: str
    kind: str
    target: str
    subject: dict[str, Any]
    due_at: datetime
    state: DeliveryState
    created_at: datetime
    expires_at: datetime | None = None
    updates: str | None = None
    thread_of: str | None = None
    attempt: int = 0
    content: dict[str, Any] | None = None
    parts: list[dict[str, Any]] | None = None
    refs: tuple[MessageRef, ...] = ()
    sent_at: datetime | None = None
    error: str = ""
    failed_at: datetime | None = None
    stuck: bool = False
    preset: bool = False
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a channel was shown for a period: the data, the Markdown and the deliveries that carried it."""

    id: int
    channel: str
    day: date
    period_ids: tuple[int, ...]
    composed_at: datetime
    template: str
    markdown: str
    view: dict[str, Any]
    revision: int = 1


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what when. `hash` covers all fields and the hash before it.

    Attributes:
        actor: `person:7`, `system`, `import:FILE`, or `operator:NAME` for what was done at the command line.
        action: `report.recorded`, `project.changed`, ...
        subject: `project:ATLAS`, `request:12`, ...
        before, after: what changed, JSON; None where there is none.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    previous_hash: str
    hash: str
