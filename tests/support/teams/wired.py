"""The sending side of Teams on a stand-in, with an address book in a real file.

async with wired(tmp_path) as teams:
    await teams.messenger.post(teams.fake.world.person("Ana Ruiz").aad, part, "key")
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from handlers.teams.book import Book
from handlers.teams.connect import App, connect
from handlers.teams.http import Timeouts
from handlers.teams.sender import TeamsMessenger
from handlers.teams.tokens import Secret
from reporting.ports import DeliveryError
from storage.store import SqlStore
from tests.support.teams.login import APP_ID, SECRET, TENANT
from tests.support.teams.server import FakeTeams
from tests.support.teams.world import FakePerson, FakeTeam
from tests.support.world import HandClock, migrated

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)


@dataclass
class Wired:
    """All of it.

    Attributes:
        told: the calls that were not taken, as the messenger was told of them.
    """

    fake: FakeTeams
    store: SqlStore
    book: Book
    messenger: TeamsMessenger
    clock: HandClock
    told: list[tuple[str, DeliveryError]] = field(default_factory=list)

    def met(self, person: FakePerson) -> FakePerson:
        """The book knows somebody, as after they installed the app."""
        chat = self.fake.world.chat(person)
        self.book.met(person.aad, "personal", chat.id, self.fake.service_url)
        return person

    def met_team(self, team: FakeTeam) -> FakeTeam:
        """The book knows a team and its channels."""
        self.book.met(team.id, "team", team.id, self.fake.service_url, team.name)
        for place in team.channels.values():
            self.book.met(place.id, "channel", place.id, self.fake.service_url, place.name or "General", team.id)
        return team


@asynccontextmanager
async def wired(
    folder: Path,
    *,
    rates: bool = False,
    graph: bool = False,
    installs: bool = False,
    timeouts: Timeouts | None = None,
    **options: Any,
) -> AsyncIterator[Wired]:
    """A stand-in with a messenger on it; `graph` lets it read people, `installs` also install the app."""
    (folder / "teams.db").write_bytes(migrated())
    store = SqlStore(f"sqlite:///{folder / 'teams.db'}")
    clock = HandClock(NOW)
    told: list[tuple[str, DeliveryError]] = []
    async with AsyncExitStack() as stack:
        stack.callback(store.dispose)
        fake = await stack.enter_async_context(FakeTeams(rates=rates))
        book = Book(store, clock, TENANT)
        options.setdefault("service_url", fake.service_url)
        messenger = connect(
            App(APP_ID, TENANT, Secret(SECRET)), book, login_url=fake.login_url, graph_url=fake.graph_url,
            services=["127.0.0.1"], uploads=["127.0.0.1"], directory=graph or installs, installs=installs,
            timeouts=timeouts, refused=lambda *what: told.append(what), dice=lambda: 0.5, **options,
        )  # fmt: skip
        stack.push_async_callback(messenger.close)
        yield Wired(fake, store, book, messenger, clock, told)
