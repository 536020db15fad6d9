"""The shipped policy over a store, for whoever asks here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.config import load_policy
from bot.rooms import make_services
from reporting.model import Identity, Person, Project, Role
from reporting.policy import Policy
from reporting.ports import Clock
from reporting.services.context import Services
from storage.store import SqlStore

SHIPPED = Path(__file__).parents[1] / "app.yaml"
TEAM = "T0PLAY"
PMO = Identity("slack", TEAM, "U0PMO")


class FrozenClock:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        """At this instant for ever."""
        self._at = at

    def now(self) -> datetime:
        """The instant."""
        return self._at


def policy(extra: Mapping[Role, tuple[str, ...]] | None = None) -> Policy:
    """The shipped policy, with somebody who asks on behalf of the PMO."""
    shipped = load_policy(SHIPPED)
    return replace(shipped, roles={**shipped.roles, Role.PMO: (PMO.user_id,), **(extra or {})})


def shipped_with(**engine: str) -> str:
    """The shipped policy's text with other settings for the engine, none of which it names."""
    text = SHIPPED.read_text("utf-8")
    assert "\nengine:\n" in text, "the shipped policy has settings for the engine"
    lines = "".join(f"  {name}: {value}\n" for name, value in engine.items())
    return text.replace("\nengine:\n", f"\nengine:\n{lines}", 1)


def services_over(store: SqlStore, clock: Clock, policy: Policy) -> Services:
    """The rules over a store in which the one who asks is known."""
    with store.begin() as uow:
        if uow.people.by_identity(PMO) is None:
            petra = Person(0, "Petra Moss", "petra.moss@example.org", "Europe/London", "en-GB", identities=(PMO,))
            uow.people.add(petra)
    return make_services(policy, store, clock)


def lead(n: int) -> Identity:
    """The account of the lead with this number."""
    return Identity("slack", TEAM, f"U1L{n:05}")


def add_projects(
    store: SqlStore, projects: int, leads: int, portfolios: int = 10, account: Callable[[int], Identity] = lead
) -> None:
    """A register of so many projects, led in turn by so many people, whose accounts these are."""
    with store.begin() as uow:
        people = [
            uow.people.add(
                Person(0, f"Lead Number{n}", f"lead{n}@example.org", "Europe/London", "en-GB", identities=(account(n),))
            ).id
            for n in range(leads)
        ]
        areas = [uow.projects.add_portfolio(f"area{n}", f"Area {n}").id for n in range(portfolios)]
        for n in range(projects):
            area = areas[n % portfolios]
            uow.projects.add(Project(0, f"P{n:05}", f"Project number {n}", area, people[n % leads]))
