"""Repositories of what was typed, raised, sent and done; the unit of work over all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from reporting.ledger import AuditEvent, Claim, Delivery, Digest, Escalation
from reporting.model import Draft, Identity
from reporting.ports.chat import Conversation
from reporting.ports.engine import JobQueue
from reporting.ports.register import Board, People, Periods, Projects, Reports, Requests, Risks


class Drafts(Protocol):
    """What is typed and not sent."""

    def get(self, project_id: int, period_id: int, person_id: int) -> Draft | None: ...
    def put(self, draft: Draft) -> None: ...
    def delete(self, project_id: int, period_id: int, person_id: int) -> None: ...


class Escalations(Protocol):
    """Alerts."""

    def get(self, escalation_id: int) -> Escalation | None: ...
    def open_of(self, project_id: int) -> list[Escalation]: ...
    def all_open(self) -> list[Escalation]: ...
    def add(self, escalation: Escalation) -> Escalation | None:
        """None when one is open already for (rule, project, subject)."""
        ...

    def save(self, escalation: Escalation) -> None: ...


class Deliveries(Protocol):
    """Messages to be sent and sent."""

    def get(self, delivery_id: int) -> Delivery | None: ...
    def by_key(self, key: str) -> Delivery | None: ...
    def with_prefix(self, prefix: str) -> list[Delivery]: ...
    def edits_of(self, key: str) -> list[Delivery]:
        """Those that edit the message of this delivery, oldest first; without their content and parts."""
        ...

    def edits_waiting(self, key: str) -> list[Delivery]:
        """Of those only the unfinished ones, however many there were."""
        ...

    def edited_after(self, key: str, delivery_id: int) -> bool:
        """Whether an edit planned later than this one has been sent."""
        ...

    def newest(self, prefix: str, limit: int, failed: bool = False) -> list[Delivery]:
        """The newest `limit` whose key begins with the prefix, oldest of them first; without content and parts.

        Args:
            failed: only those that failed.
        """
        ...

    def search(self, limit: int, **where: Any) -> list[Delivery]:
        """The newest that fit, oldest of them first; without content and parts.

        Args:
            where: any of `state`, `kind`, `target` (exactly so) and `since` (due at or after).
        """
        ...

    def add(self, delivery: Delivery) -> Delivery | None:
        """Insert (id ignored); None when the key exists: the same cause never makes two."""
        ...

    def save(self, delivery: Delivery, fence: int, hold: float = 0.0) -> bool:
        """Update where `attempt` still equals `fence`; False when another attempt has taken over.

        Args:
            hold: for so many seconds nobody else may take it, on the database's clock; 0 lets it go.
        """
        ...

    def held(self, delivery_id: int) -> float:
        """For how many seconds its sender still has it to itself; 0 for none."""
        ...

    def first_in_line(self, target: str, now: datetime) -> int | None:
        """Of the unfinished posts to a target that are due and not stuck, the one due first. Edits are in no line."""
        ...

    def waiting_for(self, key: str, now: datetime) -> list[int]:
        """The unfinished ones that edit or answer this delivery and are due, oldest first."""
        ...

    def overdue(self, before: datetime) -> list[Delivery]:
        """The unfinished ones due before an instant, the first due first; without content and parts."""
        ...

    def backlog(self, now: datetime) -> tuple[int, datetime | None]:
        """How many unfinished ones are due, and when the first of them was."""
        ...

    def unfinished(self) -> list[Delivery]: ...
    def failures_since(self, since: datetime) -> list[Delivery]:
        """Those given up at or after the instant, the first given up first."""
        ...

    def skipped_since(self, since: datetime) -> list[Delivery]:
        """Those skipped at or after the instant, the first skipped first; without content and parts."""
        ...


class Digests(Protocol):
    """Digests as shown."""

    def get(self, digest_id: int) -> Digest | None: ...
    def on(self, channel: str, day: date) -> Digest | None: ...
    def latest(self, channel: str) -> Digest | None: ...
    def with_period(self, period_id: int) -> list[Digest]: ...
    def shown(self, period_ids: Collection[int]) -> set[int]:
        """Those of the periods that a digest has shown."""
        ...

    def add(self, digest: Digest) -> Digest: ...
    def save(self, digest: Digest) -> None:
        """A newer revision of what is shown; the older ones stay readable through `revisions`."""
        ...

    def revisions(self, digest_id: int) -> list[Digest]: ...


AuditEntry = tuple[datetime, str, str, str, Mapping[str, Any] | None, Mapping[str, Any] | None]
"""When, who (`person:7`, `system`), did what (`report.recorded`), to what (`project:ATLAS`), before and after."""


class Audit(Protocol):
    """The audit trail."""

    def append(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> AuditEvent: ...
    def append_many(self, entries: Sequence[AuditEntry]) -> list[AuditEvent]:
        """Append events one behind the other."""
        ...

    def events(
        self, subject: str | None = None, since: datetime | None = None, limit: int = 1000, action: str | None = None
    ) -> list[AuditEvent]:
        """The newest `limit` events that fit, oldest first."""
        ...

    def verify(self) -> list[str]:
        """Faults of the chain in words; empty when it is whole."""
        ...


class Schedules(Protocol):
    """Due times of calendars and digests, kept so that a restart misses none and no two processes fire one twice."""

    def due(self, now: datetime) -> list[tuple[str, datetime]]: ...
    def get(self, key: str) -> datetime | None: ...
    def ensure(self, key: str, at: datetime) -> None:
        """Insert unless there."""
        ...

    def advance(self, key: str, old: datetime, new: datetime) -> bool:
        """Compare and swap; False when another process was first."""
        ...

    def remove(self, key: str) -> None: ...
    def keys(self) -> list[str]: ...


class Notes(Protocol):
    """What the program has found out about its surroundings and remembers from run to run."""

    def get(self, key: str) -> Any:
        """The JSON value noted, or None."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Note a JSON value; it replaces the one before."""
        ...


class Conversations(Protocol):
    """Where people, channels and teams are reached, for chat systems that tell it only once."""

    def get(self, platform: str, workspace: str, owner: str) -> Conversation | None:
        """Where somebody or something is reached; those that are gone too."""
        ...

    def by_conversation(self, platform: str, workspace: str, conversation: str) -> Conversation | None:
        """Who is reached in a conversation."""
        ...

    def of_kind(self, platform: str, workspace: str, kind: str) -> list[Conversation]:
        """All of a kind, by name; those that are gone too."""
        ...

    def put(self, conversation: Conversation) -> None:
        """Keep it, in place of what was known of its owner."""
        ...


class Claims(Protocol):
    """Accounts that show a known person's mail address; one claim for each account and person."""

    def get(self, claim_id: int) -> Claim | None: ...
    def of_account(self, identity: Identity) -> list[Claim]:
        """Those of an account, the newest first."""
        ...

    def of_person(self, person_id: int) -> list[Claim]:
        """Those that a person is asked about, the newest first."""
        ...

    def unconfirmed(self, limit: int) -> list[Claim]:
        """The newest that nobody has said yes to, the newest first."""
        ...

    def add(self, claim: Claim) -> Claim | None:
        """Insert (id ignored); None when the account claims this person already."""
        ...

    def save(self, claim: Claim) -> None: ...


class UnitOfWork(Protocol):
    """One transaction: all or nothing."""

    @property
    def people(self) -> People: ...
    @property
    def projects(self) -> Projects: ...
    @property
    def periods(self) -> Periods: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def risks(self) -> Risks: ...
    @property
    def board(self) -> Board: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def schedules(self) -> Schedules: ...
    @property
    def jobs(self) -> JobQueue: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def claims(self) -> Claims: ...


class Store(Protocol):
    """Opens transactions."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction: commits when the block ends well, rolls back when it raises.

        Raises:
            StoreBusy: the database could not be written within its time limit; nothing was changed.
        """
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A reading transaction: one consistent picture, never waits for a writer."""
        ...


class StoreBusy(Exception):
    """The database could not be written in time."""
