"""Everything that people do in Slack, as Bolt hears it.

Rules of this module: acknowledge first (a submission: commit, then acknowledge), never raise after that, and keep own
track of what is under way, since Bolt keeps none.
"""

import logging
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from handlers.introductions import Introductions
from handlers.ports import Accounts, Acknowledged, ChannelNews, Desk, Stopped
from handlers.slack import inbound
from handlers.slack.api import quiet_logger
from handlers.slack.border import Border
from handlers.slack.door import Door
from handlers.slack.events import Events
from handlers.slack.forms import parse
from handlers.slack.inbound import Origin
from handlers.slack.replies import Loading, Replies, sentence
from handlers.slack.sender import Self, SlackMessenger
from handlers.slack.submissions import Submissions
from handlers.slack.surface import Surface
from handlers.telling import Around, heard, nothing_around, report_failure
from handlers.voices import Locales, Voices
from handlers.work import Latest, Seen, Work
from reporting.interactions import Click, FieldErrors, Reply, UpdateForm
from reporting.ports import AppFault, StoreBusy

Json = Mapping[str, Any]
Ack = Callable[..., Awaitable[Any]]
ANY: Final = re.compile(r".*", re.DOTALL)
# Slack waits three seconds for an acknowledgement (Slack docs: handling user interaction).
SUBMIT_BUDGET: Final = 2.5


class SlackAdapter:
    """One workspace's inbound side. Give `bolt` to a transport after `start`.

    Args:
        desk: the rules; called in worker threads.
        accounts: chat user ids by person id; called in a worker thread.
        signing_secret: needed for HTTP, not for sockets.
        locales: in which language to speak to somebody; without it in the installation's.
        opens: actions that open a form, for which "one moment" is shown at once.
        stopped: told when the app was removed.
        channel_news: told when a channel was lost, renamed or is back.
        acknowledged: told how long each acknowledgement took.
        around: what else is to be done around everything that people do, such as a span of a trace.
        submit_budget: seconds that a submission may take before the form stays open.
        threads: how many rules may run at once.
        monotonic: seconds, by which it is known how long ago somebody was looked at.
    """

    def __init__(
        self,
        messenger: SlackMessenger,
        desk: Desk,
        accounts: Accounts,
        *,
        signing_secret: str = "",
        opens: Collection[str] = frozenset(),
        surface: Surface | None = None,
        locales: Locales | None = None,
        stopped: Stopped | None = None,
        channel_news: ChannelNews | None = None,
        acknowledged: Acknowledged | None = None,
        around: Around = nothing_around,
        submit_budget: float = SUBMIT_BUDGET,
        threads: int = 8,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.messenger = messenger
        self.surface = surface or Surface()
        self.work = Work(threads)
        self._desk = desk
        self._opens = frozenset(opens)
        self._voices = Voices(self.work, messenger.wording, locales)
        self._door = Door(desk, messenger, self.work, self._voices, monotonic)
        self._typing = Latest(self.work)
        self._newest = Seen()
        self._around = around
        self.replies = Replies(
            messenger, self.work, accounts, self._voices, desk.handed_over, self.surface.command.name
        )
        self._introductions = Introductions(desk, self.work, messenger.profile, submit_budget / 3)
        self._submissions = Submissions(
            desk, messenger, self.replies, self.work, self._typing, self._voices, self._door, submit_budget,
            self._introductions, around,
        )  # fmt: skip
        self._events = Events(
            messenger, desk, self.replies, self.work, self, stopped, self._voices, self._door, channel_news
        )
        self.bolt = _bolt(messenger, signing_secret, Border(messenger, self.work), acknowledged)
        self._register()

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> Self:
        """Open the connections and learn who we are; needed before the first request.

        Raises:
            DeliveryError: from Slack.
        """
        return await self.messenger.start()

    async def settled(self) -> None:
        """Return when nothing is under way."""
        await self.work.settled()

    async def close(self, seconds: float = 10.0) -> None:
        """Let what is under way end. Close the transport first and the messenger after."""
        await self.work.close(seconds)

    # -- registration -------------------------------------------------------------------------------------------

    def _register(self) -> None:
        bolt = self.bolt
        bolt.command(ANY)(self._on_command)
        bolt.action(ANY)(self._on_action)
        bolt.view_submission(ANY)(self._submissions.on_submission)
        bolt.view_closed(ANY)(self._on_closed)
        bolt.shortcut(ANY)(self._on_shortcut)
        bolt.options(ANY)(_on_options)
        bolt.event(ANY)(self._on_event)
        bolt.error(_on_error)

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        self._start("command", body, str(body.get("command") or ""), self._command(body))

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        self._start("click", body, inbound.pressed(body), self._actions(body))

    async def _on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        self._start("shortcut", body, str(body.get("callback_id") or ""), self._shortcut(body))

    async def _on_closed(self, ack: Ack, body: dict[str, Any]) -> None:
        await ack()
        self._start("close", body, str(body["view"].get("callback_id") or ""), self._closed(body))

    async def _on_event(self, body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        self._start("event", event, str(event.get("type") or ""), self._events.on_event(body))

    def _start(self, kind: str, body: Json, what: str, work: Awaitable[None]) -> None:
        # Nothing may be raised in a listener after ack(): Bolt would then lose the acknowledgement.
        # A line in the log for each key that is pressed would hide all others.
        level = logging.INFO if what or kind != "click" else logging.DEBUG
        self.work.spawn(heard(kind, inbound.user_id(body), what, work, level, self._around))

    # -- what is done -------------------------------------------------------------------------------------------

    async def _command(self, body: Json) -> None:
        command, origin = inbound.from_command(body, await self._workspace())
        await self.told(origin, "command", self.answer(origin, lambda: self._desk.command(command)))

    async def _actions(self, body: Json) -> None:
        origin = inbound.click_origin(body, await self._workspace())
        for action in body.get("actions") or ():
            if inbound.is_typing(action, origin):
                self._typed(origin, action)
                continue
            click = inbound.from_action(action, origin)
            if click is not None:
                await self.told(origin, f"click {click.action}", self._clicked(origin, click, self._opens))

    async def _shortcut(self, body: Json) -> None:
        action = self.surface.action_of(str(body.get("callback_id", "")))
        if action:
            who = inbound.actor(body, await self._workspace())
            origin = Origin("shortcut", who, trigger_id=str(body.get("trigger_id") or ""), team=inbound.team_of(body))
            click = Click(action, "", who, "home")
            await self.told(origin, f"shortcut {action}", self._clicked(origin, click, {action}))

    async def _closed(self, body: Json) -> None:
        # The draft is kept already; only what still waits to be kept is of no use any more.
        await self._typing.stop(str(body["view"]["id"]))

    async def told(self, origin: Origin, doing: str, work: Awaitable[None]) -> None:
        """Do something; whatever it raises is logged and told to the person."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the outermost boundary: nothing above would hear of it
            await self._failed(origin, doing, error)

    async def answer(self, origin: Origin, ask: Callable[[], Reply], loading: Loading | None = None) -> None:
        """Ask the desk something and carry out what it answers; strangers are told that they are."""
        if not await self._door.admits(origin):
            words = await self._voices.of(origin.actor)
            await self.replies.tell(_without_trigger(origin), sentence(words.members_only), loading)
            return
        await self.replies.perform(origin, await self.work.call(ask), loading)

    async def _clicked(self, origin: Origin, click: Click, opens: Collection[str]) -> None:
        loading = Loading()
        if click.action in opens and origin.trigger_id:
            try:
                loading = await self.replies.open_loading(origin)
            except AppFault:
                words = await self._voices.of(origin.actor)
                await self.replies.tell(_without_trigger(origin), sentence(words.too_late))
                return
        if click.form is not None:
            # The click knows everything typed so far; an older keystroke must not be kept after what it does.
            await self._typing.stop(origin.view_id)
        try:
            if click.form is not None:
                await self._introductions.of(click.form)
            await self.answer(origin, lambda: self._desk.click(click), loading)
        except Exception as error:  # noqa: BLE001 - the open "one moment" must be told too, whatever failed
            await self._failed(origin, f"click {click.action}", error, loading)

    def _typed(self, origin: Origin, action: Json) -> None:
        """Keystrokes: one at a time for each form, and of those that wait only the newest."""
        assert origin.view is not None
        stamp = float(action.get("action_ts") or 0)
        newest = self._newest.get(origin.view_id, 0.0)
        if stamp < newest:
            return
        self._newest.first(origin.view_id, stamp)
        who, form = origin.actor.user_id, str(origin.view.get("callback_id") or "")
        self._typing.offer(origin.view_id, lambda: heard("typing", who, form, self._keep(origin), logging.DEBUG))

    async def _keep(self, origin: Origin) -> None:
        assert origin.view is not None
        if not await self._door.admits(origin, in_haste=True):
            return
        submission = parse(origin.view, origin.actor)
        try:
            await self._introductions.of(submission, live=True)
            reply = await self.work.call(self._desk.typing, submission)
        except StoreBusy:
            # Only a draft: the next key is tried again, and a message for each would be worse than none.
            return
        for effect in reply:
            if isinstance(effect, UpdateForm) and not effect.parent:
                stamp = str(origin.view.get("hash") or "") or None
                await self.replies.redraw(origin, origin.view_id, effect.form, stamp)
            elif not isinstance(effect, FieldErrors):
                await self.replies.perform(origin, (effect,))

    # -- around it ----------------------------------------------------------------------------------------------

    async def _workspace(self) -> str:
        return (await self.messenger.start()).workspace

    async def _failed(self, origin: Origin, doing: str, error: Exception, loading: Loading | None = None) -> None:
        ref = report_failure(doing, error)
        try:
            text = (await self._voices.of(origin.actor)).failed.format(ref=ref)
            await self.replies.tell(_without_trigger(origin), sentence(text), loading)
        except Exception as second:  # noqa: BLE001 - telling is all that could still be done
            report_failure("telling about it", second)


class _TimedApp(AsyncApp):
    """Tells how long each payload takes until it is acknowledged."""

    acknowledged: Acknowledged | None = None

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Bolt's own; it returns when the acknowledgement is there."""
        begun = time.perf_counter()
        try:
            return await super().async_dispatch(req)
        finally:
            if self.acknowledged is not None:
                self.acknowledged(inbound.payload_kind(req.body), time.perf_counter() - begun)


def _bolt(
    messenger: SlackMessenger, signing_secret: str, border: Border, acknowledged: Acknowledged | None
) -> AsyncApp:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # auth.test was asked once, at the start; Bolt's own way asks it again for every request.
        me = await messenger.start()
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=messenger.api.client.token,
            bot_id=me.bot_id,
            bot_user_id=me.user_id,
        )

    app = _TimedApp(
        # Bolt takes the app's name for a logger's, and gives that the level of the one it is handed.
        name=quiet_logger().name,
        logger=quiet_logger(),
        client=messenger.api.bare,
        signing_secret=signing_secret,
        before_authorize=border.pass_or_turn_away,
        authorize=authorize,
        raise_error_for_unhandled_request=True,
    )
    app.acknowledged = acknowledged
    return app


async def _on_options(ack: Ack) -> None:
    await ack(options=[])


async def _on_error(error: Exception) -> BoltResponse:
    """What no listener takes is acknowledged, since Slack would send it again and again, then switch us off."""
    if not isinstance(error, BoltUnhandledRequestError):
        report_failure("handling a request", error)
        return BoltResponse(status=500, body="")
    return BoltResponse(status=200, body="")


def _without_trigger(origin: Origin) -> Origin:
    return Origin(
        origin.kind, origin.actor, origin.channel, origin.message_ts, origin.thread_ts, origin.private, origin.direct,
        origin.response_url, team=origin.team,
    )  # fmt: skip
