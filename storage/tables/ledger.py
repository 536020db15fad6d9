"""Escalations, deliveries, digests, the audit trail, schedules and jobs."""

from sqlalchemy import JSON, Boolean, Column, Date, Double, Index, Integer, Table, Text, false, text

from reporting.ledger import DeliveryState
from storage.tables.base import KeyText, link, metadata, row_id
from storage.types import UtcDateTime, Word

escalations = Table(
    "escalations",
    metadata,
    row_id(),
    Column("rule", KeyText, nullable=False),
    link("project_id", "projects"),
    Column("subject", KeyText, nullable=False),
    link("period_id", "periods"),
    Column("channel", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("facts", JSON, nullable=False),
    link("acknowledged_by", "people", optional=True),
    Column("acknowledged_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("resolution", Text, nullable=False),
    # At most one open alert for a cause.
    Index(
        "uq_escalations_open",
        "project_id",
        "rule",
        "subject",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    row_id(),
    Column("key", KeyText, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("subject", JSON, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", Word(DeliveryState), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("updates", KeyText),
    Column("thread_of", KeyText),
    Column("attempt", Integer, nullable=False),
    Column("content", JSON(none_as_null=True)),
    Column("parts", JSON(none_as_null=True)),
    Column("refs", JSON, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", Text, nullable=False),
    Column("failed_at", UtcDateTime),
    Column("stuck", Boolean, nullable=False),
    Column("preset", Boolean, nullable=False, server_default=false()),
    Column("platform", Text, nullable=False, server_default=""),
    # Seconds since 1970 on the database's clock: until then its sender has it to itself.
    Column("held_until", Double),
    Index(
        "ix_deliveries_unfinished",
        "target",
        "due_at",
        "id",
        sqlite_where=text("state IN ('planned', 'sending', 'uncertain')"),
        postgresql_where=text("state IN ('planned', 'sending', 'uncertain')"),
    ),
    Index(
        "ix_deliveries_failed",
        "failed_at",
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
    Index(
        "ix_deliveries_skipped",
        "failed_at",
        sqlite_where=text("state = 'skipped'"),
        postgresql_where=text("state = 'skipped'"),
    ),
    Index(
        "ix_deliveries_updates",
        "updates",
        "id",
        sqlite_where=text("updates IS NOT NULL"),
        postgresql_where=text("updates IS NOT NULL"),
    ),
    # Of a message that is changed for weeks only a few edits are unfinished.
    Index(
        "ix_deliveries_edits_waiting",
        "updates",
        sqlite_where=text("updates IS NOT NULL AND state IN ('planned', 'sending', 'uncertain')"),
        postgresql_where=text("updates IS NOT NULL AND state IN ('planned', 'sending', 'uncertain')"),
    ),
    Index(
        "ix_deliveries_thread_of",
        "thread_of",
        sqlite_where=text("thread_of IS NOT NULL"),
        postgresql_where=text("thread_of IS NOT NULL"),
    ),
)

digests = Table(
    "digests",
    metadata,
    row_id(),
    Column("channel", KeyText, nullable=False),
    Column("day", Date, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("ix_digests_channel", "channel", "day"),
)

# Append-only: a trigger refuses to change or delete a row.
digest_revisions = Table(
    "digest_revisions",
    metadata,
    link("digest_id", "digests", key=True),
    Column("revision", Integer, primary_key=True),
    Column("period_ids", JSON, nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
    Column("template", Text, nullable=False),
    Column("markdown", Text, nullable=False),
    Column("view", JSON, nullable=False),
)

digest_periods = Table(
    "digest_periods",
    metadata,
    link("period_id", "periods", key=True),
    link("digest_id", "digests", key=True),
    sqlite_with_rowid=False,
)

# Append-only: a trigger refuses to change or delete a row. Before and after are kept as the exact text that was hashed.
audit_events = Table(
    "audit_events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", KeyText, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_audit_events_subject", "subject", "seq"),
    Index("ix_audit_events_at", "at"),
)

# One row: the last event written. Shows a trail whose end was cut off; on PostgreSQL also the lock of the chain.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("key", KeyText, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_schedules_at", "at"),
    sqlite_with_rowid=False,
)

notes = Table(
    "notes",
    metadata,
    Column("key", KeyText, primary_key=True),
    Column("value", JSON, nullable=False),
)

# Where people and channels are reached, for chat systems that tell it only once.
conversations = Table(
    "conversations",
    metadata,
    Column("platform", KeyText, primary_key=True),
    Column("workspace", KeyText, primary_key=True),
    Column("owner", KeyText, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("gone", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("ix_conversations_kind", "platform", "workspace", "kind", "name"),
    Index("ix_conversations_conversation", "platform", "workspace", "conversation"),
    sqlite_with_rowid=False,
)

# Unfinished jobs only; under the distributed engine only those for later. Ids are never used again, so that a late
# "finish" cannot hit another job.
jobs = Table(
    "jobs",
    metadata,
    row_id(),
    Column("task", Text, nullable=False),
    Column("args", JSON, nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
    Column("key", KeyText),
    Column("patient", Boolean, nullable=False),
    Column("running", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("error", Text, nullable=False),
    # One of a key may wait while another one runs.
    Index("uq_jobs_key", "key", unique=True, sqlite_where=text("running = 0"), postgresql_where=text("running = 0")),
    Index("ix_jobs_due", "running", "patient", "run_at", "id"),
    Index("ix_jobs_next", "running", "run_at"),
    sqlite_autoincrement=True,
)

# When the next message may go out, on the database's clock: for the whole workspace, and for each channel.
rate_slots = Table(
    "rate_slots",
    metadata,
    Column("name", KeyText, primary_key=True),
    Column("free_at", Double, nullable=False),
)
