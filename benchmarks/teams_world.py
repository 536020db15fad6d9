"""A register of people in Microsoft Teams, and the settings of a bot that works with the local stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.plan import OPENING
from benchmarks.world import FrozenClock, add_projects, policy, services_over, shipped_with
from reporting.model import Identity
from reporting.ports import Conversation
from reporting.services import planning
from storage.store import SqlStore
from tests.support.teams import APP_ID, SECRET, TENANT

CHANNELS = ("leadership", "alerts", "pmo")
"""Those of the shipped policy."""


@dataclass(frozen=True, slots=True)
class Where:
    """How the stand-in is reached: addresses, a token of an hour with which it calls bots, channels by name."""

    login_url: str
    openid_url: str
    graph_url: str
    service_url: str
    token: str
    channels: dict[str, str] = field(default_factory=dict)


def account(n: int) -> Identity:
    """The account of the lead with this number, as the stand-in numbers people."""
    return Identity("teams", TENANT, f"{n + 1:08x}-0000-4000-8000-{n + 1:012x}")


def chat_of(n: int) -> str:
    """The lead's personal chat."""
    return f"a:1chat{n:04}"


def open_period(store: SqlStore, projects: int, leads: int, where: Where, *looks: datetime) -> None:
    """A register of so many projects, whose leads all have the app, and what the product plans at these instants."""
    services = services_over(store, FrozenClock(OPENING), policy())
    add_projects(store, projects, leads=leads, account=account)
    introduce(store, leads, where)
    planning.reconcile(services, OPENING.replace(hour=1))
    for now in looks:
        planned = planning.plan_due(replace(services, clock=FrozenClock(now)), now)
        print(f"{projects} projects at {now:%a %H:%M}: {planned.opened} opened, {planned.requests} steps", flush=True)


def introduce(store: SqlStore, leads: int, where: Where) -> None:
    """The address book knows them all, and the channels."""
    now, service = datetime.now(UTC), where.service_url
    with store.begin() as uow:
        for n in range(leads):
            who = account(n).user_id
            known = Conversation("teams", TENANT, who, "personal", chat_of(n), service, "", "", "", now)
            uow.conversations.put(known)
        for name, channel in where.channels.items():
            known = Conversation("teams", TENANT, channel, "channel", channel, service, name, "", "", now)
            uow.conversations.put(known)


def config(folder: Path, where: Where, spacing: float | None = None) -> Path:
    """The shipped policy with its channels in Teams.

    Args:
        spacing: seconds between two posts, in place of what Teams allows.
    """
    text = shipped_with() if spacing is None else shipped_with(workspace_spacing=f"{spacing * 1000:g}ms")
    for name, channel in where.channels.items():
        text = text.replace(f'"#{name}"', f'"{channel}"')
    path = folder / "app.yaml"
    path.write_text(text, "utf-8")
    return path


def environment(folder: Path, where: Where, config: Path) -> Mapping[str, str]:
    """The settings of a bot that works with the local stand-in, in Teams only."""
    return {
        "TEAMS_CLIENT_ID": APP_ID,
        "TEAMS_CLIENT_SECRET": SECRET,
        "TEAMS_TENANT_ID": TENANT,
        "TEAMS_LOGIN_URL": where.login_url,
        "TEAMS_OPENID_URL": where.openid_url,
        "TEAMS_GRAPH_URL": where.graph_url,
        "TEAMS_SERVICE_URLS": urlsplit(where.service_url).netloc,
        "SLACK_SIGNING_SECRET": "",
        "ROLLCALL_CONFIG": str(config),
        "ROLLCALL_DATA": str(folder),
    }
