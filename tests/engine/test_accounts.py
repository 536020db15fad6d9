"""Looking for people's accounts: everybody once a day, a few at a time, and nobody twice because of a refusal."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable
from dataclasses import replace
from itertools import pairwise

from bot.accounts import TASK, Accounts
from reporting.model import Identity, Person, Project
from reporting.ports import DeliveryError, InstallationPaused, JobEngine, Profile, RetryLater
from tests.engine.bench import Bench
from tests.engine.messenger import FakeMessenger


class Directory(FakeMessenger):
    """Knows everybody, and counts who was asked for."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.chat)
        self.asked: list[str] = []
        self.refusals: dict[str, DeliveryError] = {}

    async def lookup(self, email: str) -> Profile | None:
        if email in self.refusals:
            self.asked.append(email)
            raise self.refusals.pop(email)
        return _profile(email)

    async def profile(self, user_id: str) -> Profile | None:
        email = f"{user_id[1:].lower()}@example.org"
        self.asked.append(email)
        return _profile(email)


def _profile(email: str) -> Profile:
    user_id = "U" + email.removesuffix("@example.org").upper()
    return Profile(Identity("slack", "T1", user_id), user_id, email, "Europe/Madrid", "en-GB", True)


class Office:
    """Leads of projects, and what asks for them."""

    def __init__(self, bench: Bench, leads: int) -> None:
        self.bench = bench
        self.directory = Directory(bench)
        with bench.store.begin() as uow:
            portfolio = uow.projects.add_portfolio("imaging", "Imaging")
            for number in range(leads):
                lead = uow.people.add(Person(0, f"Lead {number}", f"p{number}@example.org"))
                uow.projects.add(Project(0, f"P{number}", f"Project {number}", portfolio.id, lead_id=lead.id))
        self.accounts, self.engine = self.process()

    def process(self) -> tuple[Accounts, JobEngine]:
        accounts = Accounts(self.bench.services, self.directory, pause=0.0, sleep=_no_sleep)
        engine = self.bench.engine()
        engine.handle(TASK, accounts.sync)
        return accounts, engine

    async def start(self) -> None:
        self.accounts, self.engine = self.process()
        with self.bench.store.begin() as uow:
            self.accounts.plan(uow)
        await self.engine.drain()

    def asked(self) -> list[int]:
        # Two people of the policy's roles are asked for too.
        leads = [email.removesuffix("@example.org")[1:] for email in self.directory.asked]
        found = [int(lead) for lead in leads if lead.isdigit()]
        self.directory.asked.clear()
        return found


def _no_sleep(_seconds: float) -> Awaitable[None]:
    return _nothing()


async def _nothing() -> None:
    return None


async def test_everybody_is_looked_at_once_a_day_however_often_it_starts(bench: Bench) -> None:
    office = Office(bench, 3)
    await office.start()
    assert office.asked() == [0, 1, 2]
    with bench.store.read() as uow:
        known = uow.people.by_email("p1@example.org")
    assert known is not None
    assert known.tz == "Europe/Madrid"
    for _ in range(3):
        await office.start()
    assert office.asked() == []
    for _ in range(3):
        bench.clock.forward(days=1, minutes=1)
        await office.engine.drain()
        assert office.asked() == [0, 1, 2]


async def test_an_address_that_changes_while_it_is_looked_for_makes_nobody_new(bench: Bench) -> None:
    office = Office(bench, 1)
    with bench.store.read() as uow:
        lead = uow.people.by_email("p0@example.org")
    assert lead is not None
    look = office.directory.lookup

    async def lookup(email: str) -> Profile | None:
        with bench.store.begin() as uow:
            uow.people.save(replace(lead, email="p7@example.org"))
        return await look(email)

    office.directory.lookup = lookup  # type: ignore[method-assign]
    assert not await office.accounts.find(lead.id)
    office.directory.lookup = look  # type: ignore[method-assign]
    assert await office.accounts.find(lead.id)
    with bench.store.read() as uow:
        (only,) = uow.people.all()
    assert (only.id, [one.user_id for one in only.identities]) == (lead.id, ["UP7"])


async def test_many_people_are_looked_at_a_few_at_a_time(bench: Bench) -> None:
    office = Office(bench, 60)
    await office.start()
    assert office.asked() == list(range(25))
    # A start in between, or a `rollcall tick`, begins nothing anew and waits for nothing.
    await office.start()
    assert office.asked() == []
    for _ in range(2):
        bench.clock.forward(minutes=2)
        await office.engine.drain()
    assert office.asked() == list(range(25, 60))


async def test_after_a_refusal_it_goes_on_where_it_was(bench: Bench) -> None:
    office = Office(bench, 6)
    office.directory.refusals = {
        "p2@example.org": RetryLater("ratelimited", 30),
        "p4@example.org": InstallationPaused("org_login_required"),
    }
    await office.start()
    assert office.asked() == [0, 1, 2]
    await office.start()
    assert office.asked() == []
    bench.clock.forward(seconds=31)
    await office.engine.drain()
    assert office.asked() == [2, 3, 4]
    bench.clock.forward(hours=1, minutes=1)
    await office.start()
    assert office.asked() == [4, 5]


async def test_processes_that_start_at_once_look_once(bench: Bench) -> None:
    office = Office(bench, 3)
    crews = [office.process() for _ in range(4)]

    def begin(accounts: Accounts) -> None:
        with bench.store.begin() as uow:
            accounts.plan(uow)

    await asyncio.gather(*(asyncio.to_thread(begin, accounts) for accounts, _ in crews))
    for _, engine in crews:
        await engine.drain()
    assert office.asked() == [0, 1, 2]


async def test_a_look_that_is_run_again_is_followed_by_one_a_day_later(bench: Bench) -> None:
    """As when a process that was frozen thaws and ends what another one has taken over."""
    office = Office(bench, 3)
    await office.start()
    await asyncio.gather(office.accounts.sync(), office.accounts.sync())
    office.asked()
    for _ in range(2):
        await office.start()
        assert office.asked() == []
        bench.clock.forward(days=1, minutes=1)
        await office.engine.drain()
        assert office.asked() == [0, 1, 2]


class Wall:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


async def found_at(bench: Bench, refusals: dict[int, DeliveryError]) -> tuple[list[float], list[float]]:
    """When thirty strangers are looked up, all wanted at once: (every question, those that found somebody)."""
    office, wall = Office(bench, 30), Wall()
    accounts = Accounts(bench.services, office.directory, 1.2, wall.sleep, wall.now)
    with bench.store.read() as uow:
        waiting = [(wall.at, person.id) for person in uow.people.all()]
    asked: list[float] = []
    found: list[float] = []
    tries = 0
    real = office.directory.lookup

    async def lookup(email: str) -> Profile | None:
        asked.append(wall.at)
        if len(asked) in refusals:
            raise refusals[len(asked)]
        return await real(email)

    office.directory.lookup = lookup  # type: ignore[method-assign]
    heapq.heapify(waiting)
    while waiting:
        wall.at, person_id = heapq.heappop(waiting)
        tries += 1
        try:
            await accounts.find(person_id)
            found.append(wall.at)
        except RetryLater as wait:
            heapq.heappush(waiting, (wall.at + wait.seconds, person_id))
    # Each comes back for their turn, and once more after a refusal; nobody keeps coming back in vain.
    assert tries <= 95
    return asked, found


async def test_strangers_are_looked_up_one_after_another(bench: Bench) -> None:
    asked, found = await found_at(bench, {})
    assert len(found) == 30
    assert all(after - before >= 1.199 for before, after in pairwise(asked))
    assert asked[-1] - asked[0] <= 30 * 1.2 * 1.1


async def test_after_a_refusal_no_stranger_is_looked_up_for_as_long_as_it_says(bench: Bench) -> None:
    asked, found = await found_at(bench, {4: RetryLater("ratelimited", 30)})
    assert len(found) == 30
    assert all(after - before >= 1.199 for before, after in pairwise(asked))
    assert asked[4] - asked[3] >= 30
