"""`rollcall doctor`: asks everything the bot depends on, and says what is well and what is not."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from textwrap import shorten

from bot.chats import Checks, Finding
from bot.config import Settings
from bot.config.sketch import channels_of, of_policy
from bot.engine.choice import heard_of
from bot.engine.endings import end_of, waiting_for
from bot.engine.running import STALLED
from bot.logs import redact
from bot.preflight import offline_faults
from reporting.ledger import Delivery
from reporting.model import ProjectState
from reporting.ports import UnitOfWork
from storage import migrate
from storage.jobs import FailingJob, SqlJobTable, unfinished_jobs
from storage.store import SqlStore

_LATELY = timedelta(days=7)
_OVERDUE = timedelta(minutes=10)
_NAMED = 10
# Letters of an error; the log has all of it.
_LONGEST = 160


async def examine(
    settings: Settings, store: SqlStore | None, checks: Collection[Checks], now: datetime
) -> list[Finding]:
    """Look at everything; a fault in one place keeps nothing else from being looked at.

    Args:
        store: None when there is no database yet; none is made.
    """
    found = await asyncio.to_thread(lambda: list(_at_home(settings, store, checks, now)))
    sketch = of_policy(settings.policy)
    for each in checks:
        found += [finding async for finding in each.findings(channels_of(sketch, each.platform), now)]
    return found


def _at_home(
    settings: Settings, store: SqlStore | None, checks: Collection[Checks], now: datetime
) -> Iterator[Finding]:
    faults = offline_faults(settings.policy, settings.config_path, store, checks)
    yield from (Finding(False, fault.place, fault.message) for fault in faults)
    if not faults:
        yield Finding(True, "policy", "the policy and its templates have no faults")
    if store is not None:
        yield from _in_store(store, settings.platforms, now)


def _in_store(store: SqlStore, platforms: Collection[str], now: datetime) -> Iterator[Finding]:
    jobs = SqlJobTable(store)
    heard = heard_of(store)
    with store.read() as uow:
        overdue = [key for key, at in uow.schedules.due(now - _OVERDUE)]
        begun = bool(uow.schedules.keys())
        unfinished = uow.deliveries.unfinished()
        failed = uow.deliveries.failures_since(now - _LATELY)
        out_of_reach = list(_out_of_reach(uow))
        audit = uow.audit.verify()
        ends = list(_ends(uow, platforms, now))
    depth = f"{unfinished_jobs(store)} jobs and {len(unfinished)} messages are waiting"
    yield from ends
    yield Finding(True, "database", f"at {migrate.newest()}; {depth}")
    yield _engine(heard, overdue, begun)
    yield _chain(audit)
    yield _jobs(jobs.failing())
    yield _failed(failed)
    yield _held_up(unfinished, now)
    text = _named(out_of_reach) if out_of_reach else "everybody who leads a project can be reached"
    yield Finding(not out_of_reach, "people", text)


def _ends(uow: UnitOfWork, platforms: Collection[str], now: datetime) -> Iterator[Finding]:
    """What the bot has noted of ends; whether they are over by now is found out by asking the chat system."""
    for platform in sorted(platforms):
        end = end_of(uow, platform)
        if end is not None:
            since = end.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            held = waiting_for(uow, platform, platforms, now)
            kept = "1 message is due there and kept" if held == 1 else f"{held} messages are due there and kept"
            text = f"ended since {since} ({end.code}), as far as the bot knows; {kept}"
            yield Finding(False, f"installation in {platform}", f"{text}. When it is mended, start Rollcall again")


def _engine(heard: int | None, overdue: Sequence[str], begun: bool) -> Finding:
    """Which engine it is, and whether anybody keeps the time.

    Args:
        heard: how many processes have been heard of; None where there is no more than one.
        overdue: schedules that should have been looked at long ago.
        begun: whether the bot was ever started on this database.
    """
    if heard is None:
        engine = "embedded, for one process"
    else:
        words = "1 process has" if heard == 1 else f"{heard or 'no'} processes have"
        engine = f"procrastinate, for any number of processes; {words} been heard of in the last {STALLED:.0f} s"
    if overdue:
        return Finding(False, "engine", f"{engine}; nobody keeps the time: {_named(overdue)} was due and not looked at")
    if heard == 0 and begun:
        return Finding(False, "engine", f"{engine}; nobody keeps the time: start `rollcall run`")
    return Finding(True, "engine", engine)


def _chain(faults: Sequence[str]) -> Finding:
    if not faults:
        return Finding(True, "audit trail", "whole")
    return Finding(False, "audit trail", f"{_named(faults)}; `rollcall check --audit` names every fault")


def _jobs(failing: Sequence[FailingJob]) -> Finding:
    """A message that fails is a job that fails as well; what it is about tells more, so it is told with the others."""
    if not failing:
        return Finding(True, "jobs", "none has failed")
    words = _by_kind((job.task, f"{_line(job.error)}, tries: {job.attempts}") for job in failing)
    return Finding(False, "jobs", f"{len(failing)} failed and will be tried again: {words}; the log has more")


def _failed(failed: Sequence[Delivery]) -> Finding:
    text = f"{len(failed)} could not be delivered in the last 7 days"
    if not failed:
        return Finding(True, "messages", text)
    words = _by_kind((delivery.kind, _line(delivery.error)) for delivery in failed)
    return Finding(False, "messages", f"{text}: {words}; `rollcall shown --failed` lists them")


def _held_up(unfinished: Sequence[Delivery], now: datetime) -> Finding:
    """What should be out for a while and is not. A process that is not running holds up everything."""
    late = [delivery for delivery in unfinished if now - delivery.due_at > _OVERDUE]
    if not late:
        return Finding(True, "messages held up", "none")
    words = _by_kind((delivery.kind, _line(delivery.error) or "not tried yet") for delivery in late)
    return Finding(False, "messages held up", f"{len(late)} for more than 10 minutes: {words}")


def _by_kind(rows: Iterable[tuple[str, str]]) -> str:
    """How many of each kind, and the last one's error: `prompt 2 (last: user_disabled), alert 1 (last: ...)`."""
    count: Counter[str] = Counter()
    last: dict[str, str] = {}
    for kind, error in rows:
        count[kind] += 1
        last[kind] = error
    return ", ".join(f"{kind} {number} (last: {last[kind]})" for kind, number in count.most_common())


def _line(error: str) -> str:
    """The first line of an error, without what looks like a credential."""
    return shorten(str(redact(error.partition("\n")[0])), _LONGEST, placeholder=" ...")


def _named(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"{', '.join(texts[:_NAMED])}{more}"


def _out_of_reach(uow: UnitOfWork) -> Iterator[str]:
    """Leads who cannot be asked, and deputies and sponsors to whom nothing was delivered, each with the reason."""
    projects = [project for project in uow.projects.all() if project.state is ProjectState.ACTIVE]
    leads = {project.lead_id for project in projects if project.lead_id is not None}
    others = {id_ for project in projects for id_ in (project.deputy_id, project.sponsor_id) if id_ is not None}
    for person in uow.people.many(leads | others).values():
        reason = person.unreachable
        if person.id in leads and not person.active:
            reason = "no longer active"
        elif person.id in leads and not person.identities:
            reason = "no chat account is known"
        if reason:
            yield f"{person.name} cannot be reached ({_line(reason)})"
