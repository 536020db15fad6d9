"""What is looked at before the bot begins, so that a fault shows at start and not on a Friday at four.

Nothing here stops at the first fault: whatever can still be looked at is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.config import Fault, Settings, SlackSettings
from bot.config.environment import Environment
from bot.config.load import ReadFile, read_file
from bot.config.sketch import Sketch, of_file, of_policy
from digests.checking import check as check_templates
from handlers.report_form import ReportForm
from handlers.slack.api import Api
from handlers.slack.channels import Channels
from handlers.slack.forms import FormTooLarge, draw_form
from handlers.slack.sender import SlackMessenger
from handlers.slack.words import Words
from reporting.model import PathToGreen, Project, Rag, ReportingPeriod, StatusReport
from reporting.policy import FormPolicy, Policy
from reporting.ports import DeliveryError, RetryLater, Store
from reporting.services.entering import Sheet
from reporting.texts import Catalogues
from reporting.texts_checks import faults_in
from storage import migrate
from storage.engines import BadDatabaseUrl
from storage.migrate import DatabaseFault
from storage.store import SqlStore

_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


async def preflight(settings: Settings, store: Store, messenger: SlackMessenger) -> list[Fault]:
    """Every fault of templates, forms, portfolios, tokens and channels."""
    found = await asyncio.to_thread(offline_faults, settings.policy, settings.config_path, store)
    return [*found, *await app_token_faults(settings.slack), *await slack_faults(of_policy(settings.policy), messenger)]


def offline_faults(policy: Policy, config_path: Path | None, store: Store | None) -> list[Fault]:
    """Faults that need no chat system: templates, translations, forms, portfolios that the register does not have."""
    portfolios = portfolio_faults(config_path, store) if config_path and store else []
    return [*sketch_faults(of_policy(policy)), *portfolios]


# ---------------------------------------------------------------- when the configuration itself has faults


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found from the environment alone."""

    sketch: Sketch
    slack: SlackSettings
    faults: list[Fault]


def look(variables: Mapping[str, str]) -> Looked:
    """Every fault of file, environment, templates, translations, forms and database. Asks no chat system."""
    environment = Environment(variables)
    path = environment.config_path()
    slack, _, url = environment.slack(), environment.port(), environment.database_url().reveal()
    read = read_file(path)
    sketch = of_file(read, path.parent)
    faults = [*read.faults, *environment.faults, *sketch_faults(sketch)]
    if not any(fault.place.startswith("ROLLCALL_DATABASE_URL") for fault in faults):
        faults += _database_faults(url, read)
    return Looked(sketch, slack, faults)


async def look_everywhere(variables: Mapping[str, str]) -> list[Fault]:
    """The same, and the faults of tokens and channels."""
    looked = await asyncio.to_thread(look, variables)
    broken = {fault.place.removesuffix("_FILE") for fault in looked.faults}
    faults, token = looked.faults, looked.slack.bot_token.reveal()
    if "SLACK_API_URL" in broken:
        return faults
    if "SLACK_APP_TOKEN" not in broken:
        faults = [*faults, *await app_token_faults(looked.slack)]
    if not token or "SLACK_BOT_TOKEN" in broken:
        return faults
    messenger = SlackMessenger(token, base_url=looked.slack.api_url)
    try:
        return [*faults, *await slack_faults(looked.sketch, messenger)]
    finally:
        await messenger.close()


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


def sketch_faults(sketch: Sketch) -> Iterator[Fault]:
    """Faults of templates, translations and forms, as far as the policy is known."""
    yield from _template_faults(sketch)
    yield from text_faults(sketch)
    if sketch.policy is not None:
        yield from form_faults(sketch.policy)


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


def form_faults(policy: Policy) -> Iterator[Fault]:
    """Report forms that do not fit into a modal even at their longest: red, a promise due, and a correction."""
    texts = Catalogues(policy.locale, Path(policy.locales) if policy.locales else None).texts(policy.locale)
    for form in policy.forms:
        sheet = _longest(form)
        try:
            drawn = ReportForm(sheet, {"rag": "red"}, texts, _AT.date()).draw()
            draw_form(drawn, {}, Words(texts), new_blocks=False)
        except FormTooLarge as error:
            words = "is too long for one form; shorten its custom fields, dimensions or sections"
            yield Fault(f"form {form.name}", f"{words} ({error})")


def _longest(form: FormPolicy) -> Sheet:
    project = Project(1, "ATLAS", "Atlas", 1)
    period = ReportingPeriod(1, "", _AT.date(), _AT, _AT, _AT, _AT)
    path = PathToGreen("", "", date(2025, 12, 31))
    report = StatusReport(1, 1, 1, 1, None, _AT, Rag.RED, path=path)
    return Sheet(project, period, None, None, form, report, report, (), (), None)


def portfolio_faults(config_path: Path, store: Store) -> list[Fault]:
    """Portfolios named in the policy and unknown to the register; an empty register knows none and says nothing."""
    return _unknown_portfolios(read_file(config_path), store)


def _unknown_portfolios(read: ReadFile, store: Store) -> list[Fault]:
    with store.read() as uow:
        known = [portfolio.key for portfolio in uow.projects.portfolios()]
    return read.faults_against(known) if known else []


# ---------------------------------------------------------------- in the chat


async def slack_faults(sketch: Sketch, messenger: SlackMessenger) -> list[Fault]:
    """Whether the token is good, and every channel there, open, and one that the bot is a member of."""
    try:
        await messenger.start()
    except DeliveryError as error:
        return [Fault("SLACK_BOT_TOKEN", f"Slack cannot be used with it: {error}")]
    wrong: dict[str, str] = {}
    channels = Channels(messenger.api, archived=True)
    for name in dict(sketch.channels):
        words = await channel_fault(channels, messenger.api, name)
        if words:
            wrong[name] = words
    return [Fault(place, f'channel "{name}" {wrong[name]}') for name, place in sketch.channels if name in wrong]


async def app_token_faults(slack: SlackSettings) -> list[Fault]:
    """Whether a socket can be opened with the app token, where one is to be."""
    error = await socket_error(slack)
    # Whether Slack is there at all is told with the bot token; a wait says nothing about the token.
    if error is None or isinstance(error, RetryLater):
        return []
    return [Fault("SLACK_APP_TOKEN", f"no socket can be opened with it: {error}")]


async def socket_error(slack: SlackSettings) -> DeliveryError | None:
    """What Slack answers to the app token in mode `socket`; None when it is well, or not needed."""
    if slack.mode != "socket" or slack.app_token is None:
        return None
    api = Api(slack.app_token.reveal(), slack.api_url)
    try:
        await api.call("apps.connections.open")
    except DeliveryError as error:
        return error
    finally:
        await api.close()
    return None


async def channel_fault(channels: Channels, api: Api, name: str) -> str:
    """What keeps the bot from posting to a channel, in words, and what to do; empty when nothing does."""
    try:
        channel_id = await channels.target(name)
        if channel_id.startswith("#"):
            return ""  # without the scope for lists a name cannot be looked up; Slack takes it when posting
        answer = await api.call("conversations.info", channel=channel_id)
    except DeliveryError as error:
        if error.code == "missing_scope":
            return ""
        return f"cannot be used ({error}); create it, or invite the bot"
    channel = answer["channel"]
    if channel.get("is_archived"):
        return "is archived; restore it, or name another one"
    return "" if channel.get("is_member") else "does not have the bot as a member; type /invite @rollcall there"
