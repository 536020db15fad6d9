"""People, projects, periods, requests, reports, risks and where projects stand."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", KEY, nullable=True),
        sa.Column("tz", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("unreachable", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_people_deputy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_email", "people", ["email"], unique=False)
    op.create_table(
        "periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("calendar", KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("digest_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_periods"),
        sa.UniqueConstraint("calendar", "day", name="uq_periods_calendar_day"),
    )
    op.create_index("ix_periods_day", "periods", ["day"], unique=False)
    op.create_table(
        "portfolios",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_portfolios"),
        sa.UniqueConstraint("key", name="uq_portfolios_key"),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_absences_deputy_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_absences_person_id"),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name="fk_absences_set_by"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "last"], unique=False)
    op.create_table(
        "identities",
        sa.Column("platform", KEY, nullable=False),
        sa.Column("workspace", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
        sa.PrimaryKeyConstraint("platform", "workspace", "user_id", name="pk_identities"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_person", "identities", ["person_id", "position"], unique=False)
    op.create_index("ix_identities_user", "identities", ["user_id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("sponsor_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("key_fold", KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name="fk_projects_deputy_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["people.id"], name="fk_projects_lead_id"),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolios.id"], name="fk_projects_portfolio_id"),
        sa.ForeignKeyConstraint(["sponsor_id"], ["people.id"], name="fk_projects_sponsor_id"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("key_fold", name="uq_projects_key_fold"),
    )
    op.create_index("ix_projects_deputy", "projects", ["deputy_id"], unique=False)
    op.create_index("ix_projects_lead", "projects", ["lead_id"], unique=False)
    op.create_index("ix_projects_portfolio", "projects", ["portfolio_id", "state"], unique=False)
    op.create_index("ix_projects_sponsor", "projects", ["sponsor_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_drafts_period_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_drafts_person_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_drafts_project_id"),
        sa.PrimaryKeyConstraint("project_id", "period_id", "person_id", name="pk_drafts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("rag", sa.String(16), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.JSON(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("missed", sa.Text(), nullable=False),
        sa.Column("forecast_end", sa.Date(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("path_action", sa.Text(), nullable=True),
        sa.Column("path_owner", sa.Text(), nullable=True),
        sa.Column("path_due", sa.Date(), nullable=True),
        sa.Column("decision_question", sa.Text(), nullable=True),
        sa.Column("decision_of_id", sa.Integer(), nullable=True),
        sa.Column("decision_by", sa.Date(), nullable=True),
        sa.Column("override", sa.Text(), nullable=False),
        sa.Column("custom", sa.JSON(), nullable=False),
        sa.Column("promise_kept", sa.Text(), nullable=False),
        sa.Column("not_reported", sa.Text(), nullable=False),
        sa.Column("edit_reason", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name="fk_reports_author_id"),
        sa.ForeignKeyConstraint(["decision_of_id"], ["people.id"], name="fk_reports_decision_of_id"),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_reports_period_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_reports_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("project_id", "period_id", "revision", name="uq_reports_project_id_period_id_revision"),
    )
    op.create_table(
        "risks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("probability", sa.SmallInteger(), nullable=False),
        sa.Column("impact", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("response", sa.String(16), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_risks_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_risks"),
        sa.UniqueConstraint("project_id", "number", name="uq_risks_project_id_number"),
    )
    op.create_index("ix_risks_open", "risks", ["score", "project_id"], unique=False, **_where("state = 'open'"))
    op.create_index("ix_risks_open_project", "risks", ["project_id", "score"], unique=False, **_where("state = 'open'"))
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("prompt_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["assignee_id"], ["people.id"], name="fk_requests_assignee_id"),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_requests_period_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_requests_project_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_requests_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("period_id", "project_id", name="uq_requests_period_id_project_id"),
    )
    op.create_index(
        "ix_requests_next",
        "requests",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "ix_requests_owed",
        "requests",
        ["assignee_id", "period_id"],
        unique=False,
        **_where("state IN ('pending', 'missed')"),
    )
    op.create_index(
        "ix_requests_pending", "requests", ["project_id", "period_id"], unique=False, **_where("state = 'pending'")
    )
    op.create_table(
        "roll",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rag", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_roll_period_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_roll_project_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_roll_report_id"),
        sa.PrimaryKeyConstraint("project_id", "day", "period_id", name="pk_roll"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_roll_day", "roll", ["day", "rag", "project_id"], unique=False)
    op.create_table(
        "standings",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=True),
        sa.Column("rag", sa.String(16), nullable=True),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(16), nullable=True),
        sa.Column("last_rag", sa.String(16), nullable=True),
        sa.Column("last_period_id", sa.Integer(), nullable=True),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("last_streak", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("path_due", sa.Date(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("moved", sa.SmallInteger(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("top_score", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("portfolio_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("key_fold", KEY, nullable=False),
        sa.ForeignKeyConstraint(["last_period_id"], ["periods.id"], name="fk_standings_last_period_id"),
        sa.ForeignKeyConstraint(["period_id"], ["periods.id"], name="fk_standings_period_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_standings_project_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_standings_report_id"),
        sa.PrimaryKeyConstraint("project_id", name="pk_standings"),
    )
    op.create_index(
        "ix_standings_counts",
        "standings",
        ["state", "confidential", "rag", "previous", "portfolio_id", "lead_id"],
        unique=False,
    )
    op.create_index(
        "ix_standings_path",
        "standings",
        ["path_due"],
        unique=False,
        sqlite_where=sa.text("path_due IS NOT NULL"),
        postgresql_where=sa.text("path_due IS NOT NULL"),
    )
    op.create_index("ix_standings_worst", "standings", ["state", "place", "key_fold", "rag", "previous"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_table("standings")
    op.drop_table("roll")
    op.drop_table("requests")
    op.drop_table("risks")
    op.drop_table("reports")
    op.drop_table("drafts")
    op.drop_table("projects")
    op.drop_table("identities")
    op.drop_table("absences")
    op.drop_table("portfolios")
    op.drop_table("periods")
    op.drop_table("people")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
