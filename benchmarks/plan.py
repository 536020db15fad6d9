"""What a look at the clock costs when nothing is due: python -m benchmarks.plan [--quick].

Two registers, one a hundred times as large as the other, each with its period open, every lead asked and waiting for an
answer. Nothing is due in either, so a look must cost the same.
"""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks.measure import CACHE, PAIR_COLUMNS, by_turns, conditions, row, table, tables_version
from benchmarks.world import FrozenClock, add_projects, policy, services_over
from reporting.services import planning
from storage import migrate
from storage.store import SqlStore

AIM = "1.0"
OPENING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUIET = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
"""The night after: everybody has been asked, no reminder has come."""


def waiting(projects: int, leads: int = 0) -> Path:
    """A register whose period is open; made when it is not there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    leads = leads or max(projects // 10, 1)
    path = CACHE / f"waiting-{projects}-{leads}-{tables_version()}.db"
    if path.exists():
        return path
    began = time.perf_counter()
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    migrate.upgrade(f"sqlite:///{making}")
    store = SqlStore(f"sqlite:///{making}", write_wait=60)
    open_period(store, projects, leads, OPENING, QUIET)
    store.dispose()
    making.rename(path)
    print(f"made {path.name} in {time.perf_counter() - began:.0f} s")
    return path


def open_period(store: SqlStore, projects: int, leads: int, *looks: datetime) -> None:
    """A register of so many projects, and what the product plans for it at these instants."""
    services = services_over(store, FrozenClock(OPENING), policy())
    add_projects(store, projects, leads=leads)
    planning.reconcile(services, OPENING.replace(hour=1))
    for now in looks:
        planned = planning.plan_due(replace(services, clock=FrozenClock(now)), now)
        print(f"{projects} projects at {now:%a %H:%M}: {planned.opened} opened, {planned.requests} steps")


@click.command()
@click.option("--large", default=10_000, show_default=True)
@click.option("--small", default=100, show_default=True)
@click.option("--rounds", default=300, show_default=True)
@click.option("--quick", is_flag=True, help="1,000 projects against 10, 100 rounds.")
def main(large: int, small: int, rounds: int, quick: bool) -> None:
    """plan_due in a large register against a small one, nothing due in either."""
    if quick:
        large, small, rounds = 1_000, 10, 100
    looks = []
    for projects in (large, small):
        store = SqlStore(f"sqlite:///{waiting(projects)}")
        services = services_over(store, FrozenClock(QUIET), policy())
        assert not planning.plan_due(services, QUIET).any, "something is due"
        looks.append(lambda services=services: planning.plan_due(services, QUIET))
    pair = by_turns(looks[0], looks[1], rounds)
    name = f"plan_due, {large:,} projects against {small:,}"
    table(f"Nothing due, medians of {rounds} by turns ({conditions()})", PAIR_COLUMNS, [row(name, pair, AIM)])


if __name__ == "__main__":
    main()
