"""Reports, the roll (one line per project and period), risks, standings and drafts."""

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, SmallInteger, Table, Text, UniqueConstraint, text

from reporting.model import ProjectState, Rag, RiskResponse, RiskState
from storage.tables.base import KeyText, link, metadata, row_id
from storage.types import UtcDateTime, Word

# Append-only: a trigger refuses to change or delete a row.
reports = Table(
    "reports",
    metadata,
    row_id(),
    link("project_id", "projects"),
    link("period_id", "periods"),
    Column("revision", Integer, nullable=False),
    link("author_id", "people", optional=True),
    Column("at", UtcDateTime, nullable=False),
    Column("rag", Word(Rag)),
    Column("summary", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("dimensions", JSON, nullable=False),
    Column("done", Text, nullable=False),
    Column("next", Text, nullable=False),
    Column("missed", Text, nullable=False),
    Column("forecast_end", Date),
    Column("percent", Integer),
    Column("path_action", Text),
    Column("path_owner", Text),
    Column("path_due", Date),
    Column("decision_question", Text),
    link("decision_of_id", "people", optional=True),
    Column("decision_by", Date),
    Column("override", Text, nullable=False),
    Column("custom", JSON, nullable=False),
    Column("promise_kept", Text, nullable=False),
    Column("not_reported", Text, nullable=False),
    Column("edit_reason", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    UniqueConstraint("project_id", "period_id", "revision"),
)

# One narrow line for each project and period with a request or a report: which report counts, and its colour.
# History, trends and counts read this; it is clustered so that a project's periods lie together in order.
roll = Table(
    "roll",
    metadata,
    link("project_id", "projects", key=True),
    Column("day", Date, primary_key=True),
    link("period_id", "periods", key=True),
    link("report_id", "reports", optional=True),
    Column("revision", Integer, nullable=False),
    Column("rag", Word(Rag)),
    Index("ix_roll_day", "day", "rag", "project_id"),
    sqlite_with_rowid=False,
)

risks = Table(
    "risks",
    metadata,
    row_id(),
    link("project_id", "projects"),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("probability", SmallInteger, nullable=False),
    Column("impact", SmallInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("due", Date),
    Column("response", Word(RiskResponse), nullable=False),
    Column("mitigation", Text, nullable=False),
    Column("state", Word(RiskState), nullable=False),
    Column("opened_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("score", SmallInteger, nullable=False),
    UniqueConstraint("project_id", "number"),
    Index(
        "ix_risks_open",
        "score",
        "project_id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "ix_risks_open_project",
        "project_id",
        "score",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

# One row for each project from its first day, so that lists need no outer join. The second half is derived: what lists
# are filtered and ordered by, copied here so that one index finds a page.
standings = Table(
    "standings",
    metadata,
    link("project_id", "projects", key=True),
    link("period_id", "periods", optional=True),
    Column("rag", Word(Rag)),
    link("report_id", "reports", optional=True),
    Column("previous", Word(Rag)),
    Column("last_rag", Word(Rag)),
    link("last_period_id", "periods", optional=True),
    Column("streak", Integer, nullable=False),
    Column("last_streak", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("path_due", Date),
    # From the standing: place in "worst first, then longest" (see `repositories.ranking`), length of the present
    # state, 1 worse / -1 better than the last colour, day of the last period reported, worst open risk.
    Column("place", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("moved", SmallInteger, nullable=False),
    Column("last_day", Date),
    Column("top_score", SmallInteger, nullable=False),
    # From the project.
    Column("state", Word(ProjectState), nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("portfolio_id", Integer, nullable=False),
    Column("lead_id", Integer),
    Column("key_fold", KeyText, nullable=False),
    Index("ix_standings_worst", "state", "place", "key_fold", "rag", "previous"),
    Index("ix_standings_counts", "state", "confidential", "rag", "previous", "portfolio_id", "lead_id"),
    Index(
        "ix_standings_path",
        "path_due",
        sqlite_where=text("path_due IS NOT NULL"),
        postgresql_where=text("path_due IS NOT NULL"),
    ),
)

drafts = Table(
    "drafts",
    metadata,
    link("project_id", "projects", key=True),
    link("period_id", "periods", key=True),
    link("person_id", "people", key=True),
    Column("values", JSON, nullable=False),
    Column("base_revision", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
