"""A small world on a real SQLite file: people, projects, a clock that is moved by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from digests.composer import Composer
from handlers.desk import Desk
from reporting.interactions import (
    Click,
    Command,
    FieldErrors,
    Form,
    OpenForm,
    PersonField,
    Reply,
    Say,
    Submission,
    UpdateForm,
    UserRef,
)
from reporting.ledger import Delivery, DeliveryState
from reporting.messages import Message
from reporting.model import Identity, Person, Project
from reporting.policy import Policy
from reporting.services import compose, digests, planning
from reporting.services.context import Services
from reporting.texts import Catalogues
from storage.jobs import SqlJobTable
from storage.migrate import upgrade
from storage.store import SqlStore
from tests.support.policy import make_policy

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""A Monday, 07:00 in Berlin: the week before a prompt at 09:00."""


@cache
def migrated() -> bytes:
    """An empty database at the newest migration; migrating once for each process keeps the suite quick."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        upgrade(f"sqlite:///{path}")
        store = SqlStore(f"sqlite:///{path}")
        with store.begin():
            pass
        store.dispose()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)


class World:
    """The whole product below the chat adapter, with doors for tests."""

    def __init__(
        self, folder: Path, policy: Policy | None = None, now: datetime = MONDAY, store: SqlStore | None = None
    ) -> None:
        if store is None:
            (folder / "rollcall.db").write_bytes(migrated())
        self.store = store or SqlStore(f"sqlite:///{folder / 'rollcall.db'}")
        self.clock = HandClock(now)
        policy = policy or make_policy()
        self.services = Services(self.store, self.clock, policy, Catalogues(), Composer(Catalogues(), policy))
        self.desk = Desk(self.services)
        self.people: dict[str, Person] = {}
        self.projects: dict[str, Project] = {}

    # ------------------------------------------------------------ making

    def person(self, name: str, tz: str | None = "Europe/Berlin", **more: Any) -> Person:
        """Add a person; their chat user id is `U_NAME`, their mail address `name@labs.example`."""
        identity = Identity("slack", "T1", f"U_{name.upper()}")
        person = Person(0, name.capitalize(), f"{name}@labs.example", tz, identities=(identity,), **more)
        with self.store.begin() as uow:
            self.people[name] = uow.people.add(person)
        return self.people[name]

    def project(self, key: str, lead: str | None = "ana", portfolio: str = "imaging", **more: Any) -> Project:
        """Add a project and its portfolio."""
        with self.store.begin() as uow:
            found = uow.projects.portfolio_by_key(portfolio) or uow.projects.add_portfolio(
                portfolio, portfolio.capitalize()
            )
            ids = {f"{role}_id": self.people[more.pop(role)].id for role in ("deputy", "sponsor") if role in more}
            lead_id = self.people[lead].id if lead else None
            project = Project(0, key, f"{key.capitalize()} project", found.id, lead_id=lead_id, **ids, **more)
            self.projects[key] = uow.projects.add(project)
        return self.projects[key]

    def start(self) -> None:
        """What happens when the bot starts."""
        planning.reconcile(self.services, self.clock.now())

    # ------------------------------------------------------------ time

    def at(self, day: str, wall: str, zone: str = "Europe/Berlin") -> datetime:
        """The instant of a local day and wall time."""
        return datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def go(self, day: str, wall: str, step: timedelta = timedelta(minutes=30)) -> None:
        """Let time pass, looking at what is due on the way."""
        target = self.at(day, wall)
        while self.clock.now() < target:
            self.clock.set(min(self.clock.now() + step, target))
            self.tick()

    def tick(self) -> planning.Planned:
        """Look at what is due now, and over the digests posted by it."""
        planned = planning.plan_due(self.services, self.clock.now())
        if planned.digests:
            self.refresh_digests()
        return planned

    def refresh_digests(self) -> None:
        """Do the jobs that bring digests up to date, as the engine does; messages stay planned."""
        jobs = SqlJobTable(self.store)
        tasks = {
            digests.REFRESH: lambda **args: digests.refresh(self.services, now=self.clock.now(), **args),
            digests.RECHECK: lambda **args: digests.recheck(self.services, **args),
        }
        others = []
        while claimed := jobs.claim(self.clock.now(), 1000):
            for job in claimed:
                if job.task in tasks:
                    tasks[job.task](**job.args)
                    jobs.finish(job.id)
                else:
                    others.append(job)
        for job in others:
            jobs.again(job.id, self.clock.now())

    def arrive(self, prefix: str = "digest:") -> None:
        """What is planned under a prefix reaches the chat, as when the engine had sent it."""
        with self.store.begin() as uow:
            for delivery in uow.deliveries.with_prefix(prefix):
                if delivery.state is DeliveryState.PLANNED:
                    sent = replace(delivery, state=DeliveryState.SENT, sent_at=self.clock.now())
                    assert uow.deliveries.save(sent, delivery.attempt)

    # ------------------------------------------------------------ what people do

    def identity(self, name: str) -> Identity:
        """The chat account of a person."""
        return self.people[name].identities[0]

    def click(self, name: str, action: str, value: str = "", form: Submission | None = None) -> Reply:
        """Press a button."""
        place = "form" if form else "message"
        return self.desk.click(Click(action, value, self.identity(name), place, form=form))

    def open_report(self, name: str, key: str) -> Form:
        """Open the report form of the newest period."""
        return form_of(self.click(name, "report.open", f"{self.period_id(key)}:{self.projects[key].id}"))

    def submit(self, name: str, form: Form, **values: Any) -> Reply:
        """Send a form with some of its fields filled in, the others as drawn; what follows from it is done."""
        reply = self.desk.submit(self.submission(name, form, **values))
        self.refresh_digests()
        return reply

    def submission(self, name: str, form: Form, **values: Any) -> Submission:
        """A form's state."""
        drawn: dict[str, Any] = {item.id: item.value or None for item in form.items if hasattr(item, "id")}
        for item in form.items:
            if isinstance(item, PersonField) and item.value:
                # A chosen person comes back as the account that the chat shows.
                drawn[item.id] = UserRef(next(p for p in self.people.values() if p.id == item.value).identities[0])
        unknown = values.keys() - drawn.keys()
        assert not unknown, f"not on the form: {unknown}"
        return Submission(form.id, self.identity(name), drawn | values, form.context, "view:1")

    def report(self, name: str, key: str, rag: str = "green", summary: str = "All is well.", **more: Any) -> Reply:
        """Answer as a lead does: open, choose, complete, send."""
        form = self.open_report(name, key)
        typed = self.desk.typing(self.submission(name, form, rag=rag))
        form = next((e.form for e in typed if isinstance(e, UpdateForm)), form)
        values = {"rag": rag, "summary": summary} | more
        if rag != "green":
            path = {"reason": "The supplier is late.", "path_action": "Second supplier signed",
                    "path_owner": "Ana", "path_due": "2027-01-29"}  # fmt: skip
            values = path | values
        if any(getattr(item, "id", "") == "edit_reason" for item in form.items):
            values = {"edit_reason": "A typing error."} | values
        return self.submit(name, form, **values)

    def command(self, name: str, text: str) -> Reply:
        """Type after the slash command."""
        return self.desk.command(Command(self.identity(name), text, "C_LEAD"))

    # ------------------------------------------------------------ looking

    def period_id(self, key: str) -> int:
        """The newest period of a project."""
        with self.store.read() as uow:
            standing = uow.board.get(self.projects[key].id)
            assert standing is not None
            return standing.period_id

    def deliveries(self, prefix: str) -> list[Delivery]:
        """What is planned or sent under a prefix of keys."""
        with self.store.read() as uow:
            return uow.deliveries.with_prefix(prefix)

    def due(self, prefix: str) -> list[Delivery]:
        """What is planned and due under a prefix."""
        now = self.clock.now()
        return [d for d in self.deliveries(prefix) if d.due_at <= now and d.state is DeliveryState.PLANNED]

    def message(self, key: str) -> Message | None:
        """A delivery's message as it would be sent now."""
        with self.store.read() as uow:
            delivery = uow.deliveries.by_key(key)
        assert delivery is not None, f"no delivery {key}"
        return compose.compose(self.services, delivery)


def form_of(reply: Reply) -> Form:
    """The form that a reply opens or redraws."""
    for effect in reply:
        if isinstance(effect, (OpenForm, UpdateForm)):
            return effect.form
    raise AssertionError(f"no form in {reply}")


def errors_of(reply: Reply) -> dict[str, str]:
    """The field errors of a reply, empty when it was taken."""
    return next((effect.errors for effect in reply if isinstance(effect, FieldErrors)), {})


def text_of(message: Message | Reply | None) -> str:
    """All text of a message or a private answer, for looking for words."""
    if isinstance(message, tuple):
        message = next((effect.message for effect in message if isinstance(effect, Say)), None)
    return repr(message)
