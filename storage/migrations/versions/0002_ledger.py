"""Alerts, messages, digests, the audit trail, schedules and jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "audit_events",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_index("ix_audit_events_subject", "audit_events", ["subject", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("updates", KEY, nullable=True),
        sa.Column("thread_of", KEY, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("parts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("stuck", sa.Boolean(), nullable=False),
        sa.Column("preset", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
    )
    op.create_index("ix_deliveries_failed", "deliveries", ["failed_at"], unique=False, **_where("state = 'failed'"))
    op.create_index("ix_deliveries_skipped", "deliveries", ["failed_at"], unique=False, **_where("state = 'skipped'"))
    op.create_index("ix_deliveries_updates", "deliveries", ["updates"], unique=False, **_where("updates IS NOT NULL"))
    op.create_index(
        "ix_deliveries_thread_of", "deliveries", ["thread_of"], unique=False, **_where("thread_of IS NOT NULL")
    )
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["target", "due_at", "id"],
        unique=False,
        **_where("state IN ('planned', 'sending', 'uncertain')"),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
    )
    op.create_index("ix_digests_channel", "digests", ["channel", "day"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("key", KEY, nullable=True),
        sa.Column("patient", sa.Boolean(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due", "jobs", ["running", "patient", "run_at", "id"], unique=False)
    op.create_index("ix_jobs_next", "jobs", ["running", "run_at"], unique=False)
    op.create_index("uq_jobs_key", "jobs", ["key"], unique=True, **_where("running = 0"))
    op.create_table(
        "rate_slots",
        sa.Column("name", KEY, nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rate_slots"),
    )
    op.create_table(
        "notes",
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_notes"),
    )
    op.create_table(
        "schedules",
        sa.Column("key", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_schedules"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_schedules_at", "schedules", ["at"], unique=False)
    op.create_table(
        "digest_periods",
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name="fk_digest_periods_digest_id"),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_digest_periods_period_id"),
        sa.PrimaryKeyConstraint("period_id", "digest_id", name="pk_digest_periods"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "digest_revisions",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("period_ids", sa.JSON(), nullable=False),
        sa.Column("composed_at", INSTANT, nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name="fk_digest_revisions_digest_id"),
        sa.PrimaryKeyConstraint("digest_id", "revision", name="pk_digest_revisions"),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", KEY, nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["people.id"], name="fk_escalations_acknowledged_by"),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_escalations_period_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_escalations_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
    )
    op.create_index(
        "uq_escalations_open",
        "escalations",
        ["project_id", "rule", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def downgrade() -> None:
    """Back."""
    op.drop_table("escalations")
    op.drop_table("digest_revisions")
    op.drop_table("digest_periods")
    op.drop_table("schedules")
    op.drop_table("notes")
    op.drop_table("rate_slots")
    op.drop_table("jobs")
    op.drop_table("digests")
    op.drop_table("deliveries")
    op.drop_table("audit_head")
    op.drop_table("audit_events")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
