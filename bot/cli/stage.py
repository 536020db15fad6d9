"""What the demo's workspace holds: people, channels and the app; made up, or from a register of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.config import EngineSettings
from bot.demo_data import DemoCompany
from handlers.slack.surface import Surface
from playground import App, Channel, Command, SimClock, User, Workspace
from reporting.model import Identity, Person, Role
from reporting.policy import Policy
from reporting.services.context import Services

TEAM = "T0DEMO"
# Nothing here needs to be spared, and nobody wants to wait.
AT_ONCE = EngineSettings(channel_spacing=0.0, workspace_spacing=0.0, lookup_spacing=0.0, stop_within=2.0)
PMO, EXECUTIVE = User("U0PMO", "pmo", "Pat (PMO)", "PMO"), User("U0EXEC", "exec", "Ed (executive)", "Executive")
_FEATURED_LEADS = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """A workspace before it opens."""

    team: str
    users: list[User]
    channels: list[Channel]

    def workspace(self, start: datetime, team_id: str = TEAM) -> Workspace:
        """The workspace, with a clock that begins at `start`."""
        surface = Surface()
        command = Command(surface.command.name, surface.command.description, surface.command.hint)
        app = App(
            name=surface.name,
            scopes=(*surface.scopes(), "chat:write.public", "users:read.email"),
            events=tuple(event.name for event in surface.events),
            commands=(command,),
            shortcuts=tuple(shortcut.callback_id for shortcut in surface.shortcuts),
        )
        return Workspace.create(
            team=self.team,
            team_id=team_id,
            users=self.users,
            channels=self.channels,
            app=app,
            clock=SimClock(start),
        )


def company_stage(company: DemoCompany) -> Stage:
    """The made-up company."""
    users = [
        User(p.id, short, p.name, p.title, p.tz, p.locale, p.email, featured=bool(p.featured))
        for short, p in company.people.items()
    ]
    channels = [
        Channel(
            f"C{number:02d}{name.upper().replace('-', '')}",
            name,
            "private" if channel.private else "channel",
            [company.people[short].id for short in channel.members],
            topic=channel.topic,
        )
        for number, (name, channel) in enumerate(company.channels.items(), 1)
    ]
    return Stage(company.organisation, users, channels)


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


def own_stage(services: Services, team_id: str = TEAM) -> Stage:
    """Everybody in the register, a PMO and an executive. Gives the register's people their accounts."""
    with services.store.begin() as uow:
        people = uow.people.all()
        busy = _busiest([project.lead_id for project in uow.projects.all()])
        users = []
        for person in people:
            user = _user(person, services.policy, person.id in busy)
            users.append(user)
            uow.people.save(replace(person, identities=(Identity("slack", team_id, user.id),)))
    everybody = [PMO.id, EXECUTIVE.id]
    names = {digest.channel for digest in services.policy.digests} | {a.channel for a in services.policy.alerts}
    names |= {services.policy.pmo_channel or "#pmo"}
    channels = [
        Channel(f"C{number:02d}", name.removeprefix("#"), members=[*everybody])
        for number, name in enumerate(sorted(names), 1)
    ]
    return Stage("Your organisation", [*_hosts(), *users], channels)


def _hosts() -> Iterable[User]:
    return [replace(PMO, featured=True), replace(EXECUTIVE, featured=True)]


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
