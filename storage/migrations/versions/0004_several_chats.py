"""Several chat systems: where a message went, where a person prefers to be written to, conversations, claims."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")

_EDITS = (
    ("ix_deliveries_updates", ["updates", "id"], "updates IS NOT NULL"),
    (
        "ix_deliveries_edits_waiting",
        ["updates"],
        "updates IS NOT NULL AND state IN ('planned', 'sending', 'uncertain')",
    ),
)


def upgrade() -> None:
    """Forward."""
    op.add_column("people", sa.Column("prefers", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("platform", sa.Text(), nullable=False, server_default=""))
    # Until now there was one chat system only.
    op.execute("UPDATE deliveries SET platform = 'slack' WHERE parts IS NOT NULL")
    op.drop_index("ix_deliveries_updates", "deliveries")
    for name, columns, of_them in _EDITS:
        where = sa.text(of_them)
        op.create_index(name, "deliveries", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "conversations",
        sa.Column("platform", KEY, nullable=False),
        sa.Column("workspace", KEY, nullable=False),
        sa.Column("owner", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("gone", sa.Text(), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "owner", name="pk_conversations"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_conversations_kind", "conversations", ["platform", "workspace", "kind", "name"], unique=False)
    op.create_index(
        "ix_conversations_conversation", "conversations", ["platform", "workspace", "conversation"], unique=False
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("platform", KEY, nullable=False),
        sa.Column("workspace", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_claims_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_claims"),
        sa.UniqueConstraint(
            "platform", "workspace", "user_id", "person_id", name="uq_claims_platform_workspace_user_id_person_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_claims_person", "claims", ["person_id"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_table("claims")
    op.drop_table("conversations")
    for name, _, _ in _EDITS:
        op.drop_index(name, "deliveries")
    where = sa.text("updates IS NOT NULL")
    op.create_index("ix_deliveries_updates", "deliveries", ["updates"], sqlite_where=where, postgresql_where=where)
    op.drop_column("deliveries", "platform")
    op.drop_column("people", "prefers")
