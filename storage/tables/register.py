"""People, portfolios, projects, periods and requests."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text

from reporting.ledger import ClaimState
from reporting.model import Method, ProjectState, RequestState
from storage.tables.base import KeyText, link, metadata, row_id
from storage.types import UtcDateTime, Word

people = Table(
    "people",
    metadata,
    row_id(),
    Column("name", Text, nullable=False),
    Column("email", KeyText),
    Column("tz", Text),
    Column("locale", Text),
    link("deputy_id", "people", optional=True),
    Column("active", Boolean, nullable=False),
    Column("unreachable", Text),
    Column("prefers", Text),
    # The name without case and accents.
    Column("search", Text, nullable=False),
    Index("ix_people_email", "email"),
)

identities = Table(
    "identities",
    metadata,
    Column("platform", KeyText, primary_key=True),
    Column("workspace", KeyText, primary_key=True),
    Column("user_id", KeyText, primary_key=True),
    link("person_id", "people"),
    Column("position", Integer, nullable=False),
    Index("ix_identities_person", "person_id", "position"),
    Index("ix_identities_user", "user_id"),
    sqlite_with_rowid=False,
)

# Accounts with a known person's mail address that are not theirs until they say so.
claims = Table(
    "claims",
    metadata,
    row_id(),
    link("person_id", "people"),
    Column("platform", KeyText, nullable=False),
    Column("workspace", KeyText, nullable=False),
    Column("user_id", KeyText, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Word(ClaimState), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    UniqueConstraint("platform", "workspace", "user_id", "person_id"),
    Index("ix_claims_person", "person_id"),
    sqlite_autoincrement=True,
)

absences = Table(
    "absences",
    metadata,
    row_id(),
    link("person_id", "people"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    link("deputy_id", "people", optional=True),
    link("set_by", "people", optional=True),
    Index("ix_absences_person", "person_id", "last"),
    sqlite_autoincrement=True,
)

portfolios = Table(
    "portfolios",
    metadata,
    row_id(),
    Column("key", KeyText, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    row_id(),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    link("portfolio_id", "portfolios"),
    link("lead_id", "people", optional=True),
    link("deputy_id", "people", optional=True),
    link("sponsor_id", "people", optional=True),
    Column("method", Word(Method), nullable=False),
    Column("state", Word(ProjectState), nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("start", Date),
    Column("end", Date),
    Column("description", Text, nullable=False),
    # The key without case: what makes a key unique and finds it. And key and name without case and accents.
    Column("key_fold", KeyText, nullable=False, unique=True),
    Column("search", Text, nullable=False),
    Index("ix_projects_portfolio", "portfolio_id", "state"),
    Index("ix_projects_lead", "lead_id"),
    Index("ix_projects_deputy", "deputy_id"),
    Index("ix_projects_sponsor", "sponsor_id"),
)

periods = Table(
    "periods",
    metadata,
    row_id(),
    Column("calendar", KeyText, nullable=False),
    Column("day", Date, nullable=False),
    Column("opens_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("digest_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    UniqueConstraint("calendar", "day"),
    Index("ix_periods_day", "day"),
)

requests = Table(
    "requests",
    metadata,
    row_id(),
    link("period_id", "periods"),
    link("project_id", "projects"),
    link("assignee_id", "people", optional=True),
    Column("state", Word(RequestState), nullable=False),
    Column("prompt_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("step", Integer, nullable=False),
    Column("snoozed_until", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("answered_at", UtcDateTime),
    link("report_id", "reports", optional=True),
    UniqueConstraint("period_id", "project_id"),
    # Only what is due costs anything to look for, whatever has been answered over the years.
    Index(
        "ix_requests_next",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
    Index(
        "ix_requests_owed",
        "assignee_id",
        "period_id",
        sqlite_where=text("state IN ('pending', 'missed')"),
        postgresql_where=text("state IN ('pending', 'missed')"),
    ),
    Index(
        "ix_requests_pending",
        "project_id",
        "period_id",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
)
