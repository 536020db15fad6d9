"""What is looked at before the bot begins, so that a fault shows at start and not on a Friday at four."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bot.config import Fault, Settings
from bot.config.load import read_file
from digests.checking import check as check_templates
from handlers.slack.sender import SlackMessenger
from reporting.policy import Policy
from reporting.ports import DeliveryError, Store
from reporting.texts import Catalogues
from reporting.texts_checks import faults_in


async def preflight(settings: Settings, store: Store, messenger: SlackMessenger) -> list[Fault]:
    """Every fault of templates, portfolios, token and channels."""
    found = await asyncio.to_thread(offline_faults, settings.policy, settings.config_path, store)
    return [*found, *await slack_faults(settings.policy, messenger)]


def offline_faults(policy: Policy, config_path: Path | None, store: Store) -> list[Fault]:
    """Faults that need no chat system: templates, translations, portfolios that the register does not have."""
    portfolios = portfolio_faults(config_path, store) if config_path else []
    return [*template_faults(policy), *text_faults(policy), *portfolios]


def template_faults(policy: Policy) -> Iterator[Fault]:
    """Every template is tried on made-up data, where there are any but the shipped ones, which our tests try."""
    if policy.templates is None:
        return
    catalogues = Catalogues(policy.locale, Path(policy.locales) if policy.locales else None)
    wanted = tuple(digest.template for digest in policy.digests)
    for fault in check_templates(Path(policy.templates), catalogues, policy.locale, wanted):
        place = f"{fault.template}:{fault.line}" if fault.line else fault.template
        yield Fault(place, fault.problem)


def text_faults(policy: Policy) -> Iterator[Fault]:
    """Faults of translations, where there are any but the shipped ones, which our tests try."""
    for fault in faults_in(Path(policy.locales)) if policy.locales else ():
        yield Fault(f"{fault.path}:{fault.line}" if fault.line else str(fault.path), fault.problem)


def portfolio_faults(config_path: Path, store: Store) -> list[Fault]:
    """Portfolios named in the policy and unknown to the register; an empty register knows none and says nothing."""
    with store.read() as uow:
        known = [portfolio.key for portfolio in uow.projects.portfolios()]
    return read_file(config_path).faults_against(known) if known else []


async def slack_faults(policy: Policy, messenger: SlackMessenger) -> list[Fault]:
    """Whether the token is good and every channel of the policy is there."""
    try:
        await messenger.start()
    except DeliveryError as error:
        return [Fault("SLACK_BOT_TOKEN", f"Slack cannot be used with it: {error}")]
    found = []
    for name, place in channels_of(policy):
        try:
            await messenger.channels.target(name)
        except DeliveryError as error:
            found.append(Fault(place, f'channel "{name}": {error}; create it, or invite the bot'))
    return found


def channels_of(policy: Policy) -> Iterator[tuple[str, str]]:
    """Channels and where the policy names them."""
    if policy.pmo_channel:
        yield policy.pmo_channel, "pmo_channel"
    yield from ((digest.channel, f"digest {digest.name}") for digest in policy.digests)
    yield from ((alert.channel, f"alert {alert.name}") for alert in policy.alerts)
