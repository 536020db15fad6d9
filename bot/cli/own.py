"""A register of one's own in the demo: its people, its channels, and the moment at which it is shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cli.stage import TEAM, Stage
from bot.demo_data.loading import demo_monday
from playground import Channel, User
from reporting import calendar
from reporting.model import Identity, Person, Role
from reporting.policy import DigestPolicy, Policy
from reporting.query import BoardFilter
from reporting.services.context import Services

PMO, EXECUTIVE = User("U0PMO", "pat", "Pat", "PMO"), User("U0EXEC", "ed", "Ed", "Executive")
_FEATURED_LEADS = 2
_DIGESTS = 4
_BEFORE_DIGEST = timedelta(hours=1)


def own_policy(policy: Policy) -> Policy:
    """The policy for a register of one's own: without what names the made-up portfolios and people."""
    return replace(
        policy,
        organisation="Your organisation",
        digests=tuple(digest for digest in policy.digests if not digest.portfolios),
        alerts=tuple(replace(alert, portfolios=()) for alert in policy.alerts),
        forms=tuple(replace(form, portfolios=()) for form in policy.forms),
        calendar_of={},
        roles={Role.PMO: (PMO.id,), Role.EXECUTIVE: (EXECUTIVE.id,)},
    )


def with_own_digests(services: Services) -> Policy:
    """The policy with a digest and a channel for each of the largest portfolios, when there are several."""
    with services.store.read() as uow:
        portfolios = {portfolio.id: portfolio for portfolio in uow.projects.portfolios()}
        sizes = Counter(row.project.portfolio_id for row in uow.board.rows(BoardFilter(), 1_000_000))
    largest = [portfolios[number] for number, _ in sizes.most_common(_DIGESTS)]
    digests = [
        DigestPolicy(each.key, f"#{_channel_name(each.key)}", (each.key,), title=each.name)
        for each in (largest if len(portfolios) > 1 else [])
    ]
    return replace(services.policy, digests=(*services.policy.digests, *digests))


def own_start(services: Services) -> datetime:
    """When the demo begins, UTC: shortly before the first digest after the newest report, so that the digest shows it.

    Without reports: when a period opens and the leads are asked.
    """
    policy = services.policy.calendars[services.policy.default_calendar]
    with services.store.read() as uow:
        told = uow.board.counts_by_period(BoardFilter(), 1)
    if not told:
        monday = demo_monday(services, services.clock.now().date())
        return calendar.period_times(policy, monday, services.days_off).opens_at
    day = calendar.next_day(policy, told[-1][0])
    return calendar.period_times(policy, day, services.days_off).digest_at - _BEFORE_DIGEST


def own_stage(services: Services, team_id: str = TEAM) -> Stage:
    """Everybody in the register, an executive and a PMO. Gives the register's people their accounts."""
    policy = services.policy
    with services.store.begin() as uow:
        people = uow.people.all()
        busy = _busiest([project.lead_id for project in uow.projects.all()])
        users = []
        for person in people:
            user = _user(person, policy, person.id in busy)
            users.append(user)
            uow.people.save(replace(person, identities=(Identity("slack", team_id, user.id),)))
    return Stage("Your organisation", [*_hosts(policy), *users], _channels(policy))


def _channels(policy: Policy) -> list[Channel]:
    named = [digest.channel for digest in policy.digests] + [alert.channel for alert in policy.alerts]
    members = (EXECUTIVE.id, PMO.id)
    return [
        Channel(f"C{number:02d}", name.removeprefix("#"), members=[*members])
        for number, name in enumerate(dict.fromkeys([*named, policy.pmo_channel or "#pmo"]), 1)
    ]


def _channel_name(key: str) -> str:
    # Slack docs: names of channels are lower case, without spaces and dots, and have at most 80 characters.
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:60] + "-leadership"


def _hosts(policy: Policy) -> Iterable[User]:
    return [replace(host, featured=True, tz=policy.zone, locale=policy.locale) for host in (EXECUTIVE, PMO)]


def _busiest(leads: Iterable[int | None]) -> set[int]:
    """The leads of most projects: the page offers them first."""
    counts: dict[int, int] = {}
    for lead in leads:
        if lead is not None:
            counts[lead] = counts.get(lead, 0) + 1
    return set(sorted(counts, key=lambda lead: -counts[lead])[:_FEATURED_LEADS])


def _user(person: Person, policy: Policy, featured: bool) -> User:
    handle = (person.email or person.name).split("@")[0].lower().replace(" ", ".")
    return User(
        f"U{person.id:06d}",
        handle,
        person.name,
        tz=person.tz or policy.zone,
        locale=person.locale or policy.locale,
        email=person.email or "",
        featured=featured,
    )
