"""What the demo's workspace holds: people, channels and the app. This is the made-up company; `own` has one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.config import EngineSettings
from bot.demo_data import DemoCompany
from handlers.slack.surface import Surface
from playground import App, Channel, Command, SimClock, User, Workspace

TEAM = "T0DEMO"
# Nothing here needs to be spared, and nobody wants to wait.
AT_ONCE = EngineSettings(channel_spacing=0.0, workspace_spacing=0.0, lookup_spacing=0.0, stop_within=2.0)


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
