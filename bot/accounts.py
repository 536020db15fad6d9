"""Finds the chat accounts of the people in the register, and keeps names, zones and languages up to date."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from reporting.model import Person, ProjectState
from reporting.ports import (
    AppFault,
    DeliveryError,
    InstallationPaused,
    InstallationStopped,
    Messenger,
    Profile,
    RetryLater,
    TargetGone,
    UnitOfWork,
)
from reporting.routing import SLACK
from reporting.services import people
from reporting.services.context import Services

TASK = "accounts"
_EVERY = timedelta(days=1)
# So many in one go, then a rest: `rollcall tick` ends soon, and other work gets its turn.
_BATCH = 25
_REST = timedelta(minutes=1)
_PAUSE = timedelta(hours=1)
# Where those stand who are in no register, behind everybody who is.
_LAST = 10**12
# Who has not come back to take their turn by then will not come.
_FORGOTTEN = 60.0
# Nobody is sent away for less.
_AT_ONCE = 0.005
# Whose turn the daily look at everybody takes.
_ROUND = 0


class Questions:
    """When the next question may be asked: one in each pause, and none while the chat system wants silence.

    Whoever finds it is not their turn is told when to come back, each at a time of their own, and holds up nobody.

    Args:
        pause: real seconds between two questions.
    """

    def __init__(self, pause: float, monotonic: Callable[[], float]) -> None:
        self._pause = pause
        self._monotonic = monotonic
        self._free_at = 0.0
        self._promised: dict[int, float] = {}

    def wait(self, who: int) -> float:
        """Seconds until it is their turn; 0 when it is, and then it is taken."""
        now = self._monotonic()
        self._promised = {one: at for one, at in self._promised.items() if at > now - _FORGOTTEN}
        at = self._promised.pop(who, None)
        if at is None:
            at = max(now, self._free_at)
            self._free_at = at + self._pause
        if at > now + _AT_ONCE:
            self._promised[who] = at
            return at - now
        return 0.0

    def hold(self, seconds: float) -> None:
        """The chat system wants silence: every turn is so much later, in the same order."""
        until = self._monotonic() + seconds
        first = min(self._promised.values(), default=until)
        later = max(until - first, 0.0)
        self._promised = {one: at + later for one, at in self._promised.items()}
        self._free_at = max(until, *(at + self._pause for at in self._promised.values()), self._free_at + later)


class Accounts:
    """Asks one chat system for people, one after another, at a speed that it allows.

    Attributes:
        task: the engine's task that asks for everybody.

    Args:
        others: the other chat systems at work. Who has an account there and none here is not looked for: whether a
            second account is theirs is asked when it turns up.
        pause: real seconds between two questions. Slack docs: users.lookupByEmail may be asked 50 times a minute.
    """

    def __init__(
        self,
        services: Services,
        messenger: Messenger,
        pause: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        others: Collection[str] = (),
    ) -> None:
        self._services = services
        self._messenger = messenger
        self._others = frozenset(others)
        self.task = task_of(messenger.platform)
        self._questions = Questions(pause, monotonic)
        self._sleep = sleep
        self._log = structlog.get_logger("accounts")

    def plan(self, uow: UnitOfWork) -> None:
        """Have a look at everybody now, unless a look waits already: tomorrow's, or the rest of one begun."""
        if not uow.jobs.waits(self.task):
            uow.jobs.enqueue(self.task, {}, key=self.task)

    async def sync(self, after: Sequence[int | str] = ()) -> None:
        """The handler of the task: a look at some of those who matter, and the next one planned.

        Args:
            after: the place of the last one looked at; empty at the beginning of a round.
        """
        wanted = [person for person in await asyncio.to_thread(self._wanted) if _place(person) > list(after)]
        done, found = list(after), 0
        for person in wanted[:_BATCH]:
            try:
                while wait := self._questions.wait(_ROUND):
                    await self._sleep(wait)
                found += await self._look(person)
            except DeliveryError as error:
                # Those looked at are not asked for again.
                self._log.warning("accounts_interrupted", code=error.code, found=found)
                await asyncio.to_thread(self._plan_next, done, _wait(error))
                return
            done = _place(person)
        more = len(wanted) > _BATCH
        await asyncio.to_thread(self._plan_next, done if more else [], _REST if more else _EVERY)
        self._log.info("accounts_looked_up", asked=len(wanted[:_BATCH]), found=found, more=more)

    async def find(self, person_id: int) -> bool:
        """Look for the account of one person who has none yet; whether there is one now.

        Raises:
            RetryLater: it is not their turn.
            DeliveryError: the chat system does not answer now, or not at all any more.
        """
        person = await asyncio.to_thread(self._person, person_id)
        if person is None or not person.email:
            return False
        wait = self._questions.wait(person_id)
        if wait:
            raise RetryLater("one_after_another", wait)
        return await self._look(person)

    async def _look(self, person: Person) -> bool:
        try:
            profile = await self._profile(person)
        except RetryLater as refusal:
            self._questions.hold(refusal.seconds)
            raise
        if profile is None:
            return False
        return await asyncio.to_thread(self._meet, profile, person)

    async def _profile(self, person: Person) -> Profile | None:
        user_id = next((i.user_id for i in person.identities if i.platform == self._messenger.platform), None)
        try:
            if user_id is None:
                if self._elsewhere(person):
                    return None
                found = await self._messenger.lookup(person.email) if person.email else None
                if found is None:
                    return None
                # A look-up by address does not tell the language; the account itself does.
                user_id = found.identity.user_id
            return await self._messenger.profile(user_id)
        except TargetGone:
            return None
        except AppFault as error:
            # Such as a missing scope: the person stays as the register says.
            self._log.warning("account_unknown", person=person.id, code=error.code)
            return None

    def _meet(self, profile: Profile, person: Person) -> bool:
        """Whether the account is this person's now, or was."""
        # Found by the register's address: the account may show another one, or none.
        known = replace(profile, email=person.email or profile.email)
        with self._services.store.begin() as uow:
            now = uow.people.get(person.id) or (uow.people.by_email(person.email) if person.email else None)
            # Another chat system may have been quicker; or the register names another address by now.
            if now is not None and (self._elsewhere(now) or now.email != person.email):
                return False
            met = people.meet(uow, self._services, known, self._services.clock.now())
        # It may be somebody else's already, or nobody's until its person says yes.
        return met is not None and (now is None or met.id == now.id)

    def _elsewhere(self, person: Person) -> bool:
        """Whether they have an account in another chat system at work, and none here."""
        platforms = {identity.platform for identity in person.identities}
        return self._messenger.platform not in platforms and not platforms.isdisjoint(self._others)

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
            return sorted([*known.values(), *self._members(uow, known)], key=_place)

    def _members(self, uow: UnitOfWork, known: dict[int, Person]) -> Iterator[Person]:
        for name in sorted({name for names in self._services.policy.roles.values() for name in names}):
            person = uow.people.by_email(name) if "@" in name else None
            if "@" in name and (person is None or person.id not in known):
                yield person or Person(0, name, name)

    def _plan_next(self, after: Sequence[int | str], wait: timedelta) -> None:
        at = self._services.clock.now() + wait
        args = {"after": list(after)} if after else {}
        with self._services.store.begin() as uow:
            # One waits at most, however often the job in hand is run.
            uow.jobs.enqueue(self.task, args, at=at, key=self.task)


def task_of(platform: str) -> str:
    """The task's name; that of the first chat system there was has none in it."""
    return TASK if platform == SLACK else f"{TASK}.{platform}"


def _place(person: Person) -> list[int | str]:
    return [person.id or _LAST, person.name]


def _wait(error: DeliveryError) -> timedelta:
    match error:
        case RetryLater(seconds=seconds):
            return timedelta(seconds=seconds)
        case InstallationPaused() | InstallationStopped():
            return _PAUSE
        case _:
            return _REST
