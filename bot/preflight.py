"""What is looked at before the bot begins, so that a fault shows at start and not on a Friday at four.

Nothing here stops at the first fault: whatever can still be looked at is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.chats import Checks, make_checks
from bot.config import ConfigFaults, Ending, Fault, Settings
from bot.config.environment import Environment
from bot.config.load import ReadFile, read_file, set_up
from bot.config.sketch import Sketch, channels_of, of_file, of_policy
from bot.config.teams import teams as read_teams
from digests.checking import check as check_templates
from reporting.policy import Policy
from reporting.ports import Store
from reporting.texts import Catalogues
from reporting.texts_checks import faults_in
from storage import migrate
from storage.engines import BadDatabaseUrl
from storage.migrate import DatabaseFault
from storage.store import SqlStore


async def preflight(settings: Settings, store: Store, checks: Collection[Checks]) -> list[Fault]:
    """Every fault of templates, forms, portfolios, credentials and channels."""
    found = await asyncio.to_thread(offline_faults, settings.policy, settings.config_path, store, checks)
    return [*found, *await chat_faults(of_policy(settings.policy), checks)]


def endings_in(faults: Collection[Fault], platforms: Collection[str]) -> list[Ending]:
    """The chat systems that have ended the installation, one ending for each, where at least one other can go on.

    Raises:
        ConfigFaults: something else is wrong, or none would be left.
    """
    endings = {fault.ending.platform: fault.ending for fault in reversed([*faults]) if fault.ending is not None}
    if any(fault.ending is None for fault in faults) or (faults and not set(platforms) - endings.keys()):
        raise ConfigFaults([*faults])
    return list(endings.values())


def offline_faults(
    policy: Policy, config_path: Path | None, store: Store | None, checks: Collection[Checks]
) -> list[Fault]:
    """Faults that need no chat system: templates, translations, forms, portfolios that the register does not have."""
    portfolios = portfolio_faults(config_path, store) if config_path and store else []
    return [*sketch_faults(of_policy(policy), checks), *portfolios]


async def chat_faults(sketch: Sketch, checks: Collection[Checks]) -> list[Fault]:
    """Faults that only the chat systems can tell."""
    found: list[Fault] = []
    for each in checks:
        found += await each.faults(channels_of(sketch, each.platform))
    return found


# ---------------------------------------------------------------- when the configuration itself has faults


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found from the environment alone.

    Attributes:
        checks: of the chat systems that are wanted; to be closed.
    """

    sketch: Sketch
    faults: list[Fault]
    checks: Collection[Checks]


def look(variables: Mapping[str, str]) -> Looked:
    """Every fault of file, environment, templates, translations, forms and database. Asks no chat system."""
    environment = Environment(variables)
    path = environment.config_path()
    slack, teams = environment.slack(), read_teams(environment)
    _, url = environment.port(), environment.database_url().reveal()
    broken = {fault.place.removesuffix("_FILE") for fault in environment.faults}
    checks = make_checks(slack, teams, broken).values()
    read = read_file(path)
    sketch = of_file(read, path.parent)
    faults = [*read.faults, *read.faults_elsewhere(set_up(slack, teams)), *environment.faults]
    faults += sketch_faults(sketch, checks)
    if "ROLLCALL_DATABASE_URL" not in broken:
        faults += _database_faults(url, read)
    return Looked(sketch, faults, checks)


async def look_everywhere(variables: Mapping[str, str]) -> list[Fault]:
    """The same, and the faults of credentials and channels."""
    looked = await asyncio.to_thread(look, variables)
    try:
        return [*looked.faults, *await chat_faults(looked.sketch, looked.checks)]
    finally:
        for each in looked.checks:
            await each.close()


def _database_faults(url: str, read: ReadFile) -> list[Fault]:
    """What is wrong with a database that is there already; one that is not is made at the first start."""
    try:
        if migrate.current(url) is None:
            return []
        migrate.require_current(url)
    except (DatabaseFault, BadDatabaseUrl) as error:
        return [Fault("database", str(error))]
    store = SqlStore(url)
    try:
        return _unknown_portfolios(read, store)
    finally:
        store.dispose()


# ---------------------------------------------------------------- at home


def sketch_faults(sketch: Sketch, checks: Collection[Checks]) -> Iterator[Fault]:
    """Faults of templates, translations and forms, as far as the policy is known."""
    yield from _template_faults(sketch)
    yield from text_faults(sketch)
    if sketch.policy is not None:
        for each in checks:
            yield from each.form_faults(sketch.policy)


def _template_faults(sketch: Sketch) -> Iterator[Fault]:
    """Every template is tried on made-up data, where there are any but the shipped ones, which our tests try."""
    if sketch.templates is None:
        return
    catalogues = Catalogues(sketch.locale, sketch.locales)
    for fault in check_templates(sketch.templates, catalogues, sketch.locale, sketch.wanted):
        place = f"{fault.template}:{fault.line}" if fault.line else fault.template
        yield Fault(place, fault.problem)


def text_faults(sketch: Sketch) -> Iterator[Fault]:
    """Faults of translations, where there are any but the shipped ones, which our tests try."""
    for fault in faults_in(sketch.locales) if sketch.locales else ():
        yield Fault(f"{fault.path}:{fault.line}" if fault.line else str(fault.path), fault.problem)


def portfolio_faults(config_path: Path, store: Store) -> list[Fault]:
    """Portfolios named in the policy and unknown to the register; an empty register knows none and says nothing."""
    return _unknown_portfolios(read_file(config_path), store)


def _unknown_portfolios(read: ReadFile, store: Store) -> list[Fault]:
    with store.read() as uow:
        known = [portfolio.key for portfolio in uow.projects.portfolios()]
    return read.faults_against(known) if known else []
