"""One transaction with all repositories in it."""

from functools import cached_property

from sqlalchemy import Connection

from reporting.ports import DueJobs
from storage.audit import SqlAudit
from storage.jobs import SqlJobQueue
from storage.repositories.board import SqlBoard
from storage.repositories.claims import SqlClaims
from storage.repositories.conversations import SqlConversations
from storage.repositories.deliveries import SqlDeliveries
from storage.repositories.digests import SqlDigests
from storage.repositories.drafts import SqlDrafts
from storage.repositories.escalations import SqlEscalations
from storage.repositories.notes import SqlNotes
from storage.repositories.people import SqlPeople
from storage.repositories.periods import SqlPeriods
from storage.repositories.projects import SqlProjects
from storage.repositories.reports import SqlReports
from storage.repositories.requests import SqlRequests
from storage.repositories.risks import SqlRisks
from storage.repositories.schedules import SqlSchedules


class SqlUnitOfWork:
    """See `reporting.ports.UnitOfWork`. Made by `SqlStore`, which commits or rolls back."""

    def __init__(self, connection: Connection, due: DueJobs | None = None) -> None:
        """Over a connection that is in a transaction; `due` takes the jobs for now where it is not our own table."""
        self._connection = connection
        self._due = due

    @cached_property
    def people(self) -> SqlPeople:
        """Persons, identities, absences."""
        return SqlPeople(self._connection)

    @cached_property
    def projects(self) -> SqlProjects:
        """Portfolios and projects."""
        return SqlProjects(self._connection)

    @cached_property
    def periods(self) -> SqlPeriods:
        """Reporting periods."""
        return SqlPeriods(self._connection)

    @cached_property
    def requests(self) -> SqlRequests:
        """Status requests."""
        return SqlRequests(self._connection)

    @cached_property
    def reports(self) -> SqlReports:
        """Status reports, append-only."""
        return SqlReports(self._connection)

    @cached_property
    def risks(self) -> SqlRisks:
        """Risk items."""
        return SqlRisks(self._connection)

    @cached_property
    def board(self) -> SqlBoard:
        """Standings and the lists made from them."""
        return SqlBoard(self._connection)

    @cached_property
    def drafts(self) -> SqlDrafts:
        """What is typed and not sent."""
        return SqlDrafts(self._connection)

    @cached_property
    def escalations(self) -> SqlEscalations:
        """Alerts."""
        return SqlEscalations(self._connection)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        """Messages to be sent and sent."""
        return SqlDeliveries(self._connection)

    @cached_property
    def digests(self) -> SqlDigests:
        """Digests as shown."""
        return SqlDigests(self._connection)

    @cached_property
    def audit(self) -> SqlAudit:
        """The audit trail."""
        return SqlAudit(self._connection)

    @cached_property
    def schedules(self) -> SqlSchedules:
        """Due times of calendars and digests."""
        return SqlSchedules(self._connection)

    @cached_property
    def jobs(self) -> SqlJobQueue:
        """Work to be done after commit."""
        return SqlJobQueue(self._connection, self._due)

    @cached_property
    def notes(self) -> SqlNotes:
        """What is remembered about the surroundings."""
        return SqlNotes(self._connection)

    @cached_property
    def conversations(self) -> SqlConversations:
        """Where people and channels are reached."""
        return SqlConversations(self._connection)

    @cached_property
    def claims(self) -> SqlClaims:
        """Accounts that show a known person's mail address."""
        return SqlClaims(self._connection)
