"""The tables. One row here for each fact; what is derived says so."""

from storage.tables.base import metadata
from storage.tables.ledger import (
    audit_events,
    audit_head,
    conversations,
    deliveries,
    digest_periods,
    digest_revisions,
    digests,
    escalations,
    jobs,
    notes,
    rate_slots,
    schedules,
)
from storage.tables.register import absences, claims, identities, people, periods, portfolios, projects, requests
from storage.tables.reports import drafts, reports, risks, roll, standings

__all__ = [
    "absences",
    "audit_events",
    "audit_head",
    "claims",
    "conversations",
    "deliveries",
    "digest_periods",
    "digest_revisions",
    "digests",
    "drafts",
    "escalations",
    "identities",
    "jobs",
    "metadata",
    "notes",
    "people",
    "periods",
    "portfolios",
    "projects",
    "rate_slots",
    "reports",
    "requests",
    "risks",
    "roll",
    "schedules",
    "standings",
]
