"""Finds the chat accounts of the people in the register, and keeps names, zones and languages up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from reporting.model import Person, ProjectState
from reporting.ports import AppFault, Messenger, Profile, RetryLater, TargetGone, UnitOfWork
from reporting.services import people
from reporting.services.context import Services

TASK = "accounts"
_EVERY = timedelta(days=1)
_TRIES = 5


class Accounts:
    """Asks the chat system for people, one after another, at a speed that it allows.

    Args:
        pause: real seconds between two questions. Slack docs: users.lookupByEmail may be asked 50 times a minute.
    """

    def __init__(
        self,
        services: Services,
        messenger: Messenger,
        pause: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._services = services
        self._messenger = messenger
        self._pause = pause
        self._sleep = sleep
        self._log = structlog.get_logger("accounts")

    def plan(self, uow: UnitOfWork, at: datetime | None = None) -> None:
        """Have a look at everybody, now or at an instant; a look that waits already is enough."""
        uow.jobs.enqueue(TASK, {}, at=at, key=f"{TASK}:{'now' if at is None else 'next'}")

    async def sync(self) -> None:
        """The handler of the task: one look at everybody who matters, and the next one planned for tomorrow.

        Raises:
            DeliveryError: the chat system does not answer; the engine tries again.
        """
        wanted = await asyncio.to_thread(self._wanted)
        found = 0
        for person in wanted:
            found += await self._look(person)
            await self._sleep(self._pause)
        await asyncio.to_thread(self._plan_next)
        self._log.info("accounts_looked_up", asked=len(wanted), found=found)

    async def find(self, person_id: int) -> bool:
        """Look for the account of one person who has none yet; whether there is one now.

        Raises:
            DeliveryError: the chat system does not answer now, or not at all any more.
        """
        with_store = await asyncio.to_thread(self._person, person_id)
        return with_store is not None and await self._look(with_store)

    async def _look(self, person: Person) -> bool:
        profile = await self._profile(person)
        if profile is None:
            return False
        await asyncio.to_thread(self._meet, profile, person)
        return True

    async def _profile(self, person: Person) -> Profile | None:
        user_id = next((i.user_id for i in person.identities if i.platform == self._messenger.platform), None)
        for left in reversed(range(_TRIES)):
            try:
                if user_id is not None:
                    return await self._messenger.profile(user_id)
                found = await self._messenger.lookup(person.email) if person.email else None
                if found is None:
                    return None
                # A look-up by address does not tell the language; the account itself does.
                user_id = found.identity.user_id
            except RetryLater as wait:
                if left == 0:
                    raise
                await self._sleep(wait.seconds)
            except TargetGone:
                return None
            except AppFault as error:
                # Such as a missing scope: the person stays as the register says.
                self._log.warning("account_unknown", person=person.id, code=error.code)
                return None
        return None

    def _meet(self, profile: Profile, person: Person) -> None:
        # Found by the register's address: the account may show another one, or none.
        known = replace(profile, email=profile.email or person.email)
        with self._services.store.begin() as uow:
            people.meet(uow, self._services, known, self._services.clock.now())

    def _person(self, person_id: int) -> Person | None:
        with self._services.store.read() as uow:
            return uow.people.get(person_id)

    def _wanted(self) -> list[Person]:
        """Leads, deputies and sponsors of projects that are not closed, and the people of the roles."""
        with self._services.store.read() as uow:
            ids = {
                person_id
                for project in uow.projects.all()
                if project.state is not ProjectState.CLOSED
                for person_id in (project.lead_id, project.deputy_id, project.sponsor_id)
                if person_id is not None
            }
            known = uow.people.many(ids)
            return [*known.values(), *self._members(uow, known)]

    def _members(self, uow: UnitOfWork, known: dict[int, Person]) -> Iterator[Person]:
        for name in sorted({name for names in self._services.policy.roles.values() for name in names}):
            person = uow.people.by_email(name) if "@" in name else None
            if "@" in name and (person is None or person.id not in known):
                yield person or Person(0, name, name)

    def _plan_next(self) -> None:
        with self._services.store.begin() as uow:
            self.plan(uow, self._services.clock.now() + _EVERY)
