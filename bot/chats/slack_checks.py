"""What is looked at in Slack before the bot begins, and what the doctor asks there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from datetime import datetime, timedelta

from bot.chats.base import Finding, Named
from bot.chats.clocks import apart
from bot.chats.longest import longest_forms, texts_of
from bot.config import Ending, Fault, SlackSettings
from bot.rooms import log_texts
from handlers.slack.api import Api
from handlers.slack.channels import Channels
from handlers.slack.forms import FormTooLarge, draw_form
from handlers.slack.people import PLATFORM
from handlers.slack.remedies import when_ended
from handlers.slack.sender import SlackMessenger
from handlers.slack.surface import OPTIONAL_SCOPES, Surface
from handlers.slack.words import Words
from reporting.policy import Policy
from reporting.ports import DeliveryError, InstallationStopped, RetryLater

# Slack docs: a request older than five minutes is refused; half of it is time to act.
_SKEW = timedelta(seconds=150)


class SlackChecks:
    """See `bot.chats.base.Checks`.

    Args:
        broken: variables that have a fault already: nothing is asked with them.
        messenger: whose connections are used; without one, own ones are opened when they are needed.
    """

    platform = PLATFORM

    def __init__(
        self, settings: SlackSettings, broken: Collection[str] = (), messenger: SlackMessenger | None = None
    ) -> None:
        self._settings = settings
        self._broken = broken
        self._given = messenger
        self._own: SlackMessenger | None = None

    def form_faults(self, policy: Policy) -> Iterator[Fault]:
        """Report forms that do not fit into a modal even at their longest."""
        words = Words(texts_of(policy))
        for name, form in longest_forms(policy):
            try:
                draw_form(form, {}, words, new_blocks=False)
            except FormTooLarge as error:
                yield Fault(
                    f"form {name}",
                    f"is too long for one form; shorten its custom fields, dimensions or sections ({error})",
                )

    async def faults(self, channels: Named) -> list[Fault]:
        """Whether the tokens are good, and every channel there, open, and one that the bot is a member of."""
        if "SLACK_API_URL" in self._broken:
            return []
        found = [] if "SLACK_APP_TOKEN" in self._broken else await self._app_token_faults()
        if "SLACK_BOT_TOKEN" in self._broken:
            return found
        try:
            await self._messenger.start()
        except DeliveryError as error:
            return [*found, Fault("SLACK_BOT_TOKEN", f"Slack cannot be used with it: {error}", _ending(error))]
        wrong = {name: words async for name, words in self._channels(channels) if words}
        return [*found, *(Fault(place, f'channel "{name}" {wrong[name]}') for name, place in channels if name in wrong)]

    async def findings(self, channels: Named, now: datetime) -> AsyncIterator[Finding]:
        """Tokens, scopes, the clock and channels."""
        try:
            me = await self._messenger.start()
            _, headers = await self._messenger.api.call_with_headers("auth.test")
        except DeliveryError as error:
            what = f". {when_ended(log_texts(), error.code)}" if isinstance(error, InstallationStopped) else ""
            yield Finding(False, "bot token", f"Slack refuses it: {error}{what}")
            return
        yield Finding(True, "bot token", f"workspace {me.workspace_name or me.workspace}, user {me.user_id}")
        yield scopes(headers.get("x-oauth-scopes", ""))
        yield _skew(headers.get("Date", ""), now)
        if self._settings.mode == "socket":
            error_or_none = await self._socket_error()
            wrong = f"no socket can be opened with it: {error_or_none}" if error_or_none else ""
            yield Finding(not wrong, "app token", wrong or "a socket can be opened")
        places = dict(channels)
        async for name, fault in self._channels(channels):
            text = f"{fault} ({places[name]})" if fault else "the bot is a member"
            yield Finding(not fault, f"channel {name}", text)

    async def close(self) -> None:
        """Close the connections that were opened here."""
        if self._own is not None:
            await self._own.close()

    @property
    def _messenger(self) -> SlackMessenger:
        if self._given is not None:
            return self._given
        if self._own is None:
            self._own = SlackMessenger(
                self._settings.bot_token.reveal(), base_url=self._settings.api_url, proxies=self._settings.proxies
            )
        return self._own

    async def _channels(self, channels: Named) -> AsyncIterator[tuple[str, str]]:
        api = self._messenger.api
        known = Channels(api, archived=True)
        for name in dict(channels):
            yield name, await _channel_fault(known, api, name)

    async def _app_token_faults(self) -> list[Fault]:
        error = await self._socket_error()
        # Whether Slack is there at all is told with the bot token; a wait says nothing about the token.
        if error is None or isinstance(error, RetryLater):
            return []
        return [Fault("SLACK_APP_TOKEN", f"no socket can be opened with it: {error}", _ending(error))]

    async def _socket_error(self) -> DeliveryError | None:
        """What Slack answers to the app token in mode `socket`; None when it is well, or not needed."""
        token = self._settings.app_token
        if self._settings.mode != "socket" or token is None:
            return None
        api = Api(token.reveal(), self._settings.api_url, self._settings.proxies)
        try:
            await api.call("apps.connections.open")
        except DeliveryError as error:
            return error
        finally:
            await api.close()
        return None


def _ending(error: DeliveryError) -> Ending | None:
    """That Slack has ended the installation, by the class of its answer; a token of the wrong kind is our mistake."""
    return Ending(PLATFORM, error.code) if isinstance(error, InstallationStopped) else None


async def _channel_fault(channels: Channels, api: Api, name: str) -> str:
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


def scopes(header: str) -> Finding:
    """Whether the app has every scope it needs.

    Args:
        header: the scopes, with commas between, as Slack tells them with each answer.
    """
    if not header.strip():
        return Finding(True, "scopes", "the server did not tell which the app has")
    given = {scope.strip() for scope in header.split(",") if scope.strip()}
    missing = [scope for scope in Surface().scopes() if scope not in given]
    if missing:
        return Finding(False, "scopes", f"missing: {', '.join(missing)}; install the app again with the manifest")
    optional = [f"{scope} ({why})" for scope, why in OPTIONAL_SCOPES.items() if scope not in given]
    return Finding(True, "scopes", f"all there; without: {', '.join(optional)}" if optional else "all there")


def _skew(header: str, now: datetime) -> Finding:
    skew = apart(header, now)
    if skew is None:
        return Finding(True, "clock", "the server did not tell its time")
    return Finding(skew < _SKEW, "clock", f"{skew.total_seconds():.0f} s apart from the server's")
