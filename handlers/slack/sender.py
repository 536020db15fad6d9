"""The sending side of Slack."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from handlers.proxies import DIRECTLY, Proxies
from handlers.slack.api import Api, Refused, Timeouts
from handlers.slack.channels import Channels
from handlers.slack.errors import VIEW_FAULTS
from handlers.slack.escaping import escape
from handlers.slack.marks import carries, marked, metadata
from handlers.slack.people import PLATFORM, profile_of
from handlers.slack.render import render
from handlers.slack.words import Wording, english
from reporting.ledger import MessageRef
from reporting.messages import Message
from reporting.ports import AppFault, DeliveryError, Profile, TargetGone, Uncertain

Json = dict[str, Any]
T = TypeVar("T")
SLACK_API: Final = "https://slack.com/api/"
# How far the clocks may differ when looking for a message sent "since" an instant.
_SKEW = timedelta(seconds=60)
_HISTORY_PAGE = 200
_HISTORY_PAGES = 10
_GONE: Final = frozenset({"message_not_found"})


@dataclass(frozen=True, slots=True)
class Self:
    """Who the token belongs to."""

    workspace: str
    workspace_name: str
    user_id: str
    bot_id: str
    enterprise: str | None = None


class SlackMessenger:
    """One workspace. Implements `reporting.ports.Messenger`.

    Args:
        token: the bot token.
        base_url: of the Web API.
        proxies: which ones calls go through; never taken from the environment.
        wording: the adapter's own words for a locale.
        new_blocks: whether the workspace takes the blocks of 2026, as remembered from before.
        on_new_blocks: told when that turns out otherwise, to be remembered.
        refused: told of every call that Slack did not take.
        saying: told of the conversation before an answer is posted there, outside of the rate slots.
    """

    platform = PLATFORM
    looks_back = True

    def __init__(
        self,
        token: str,
        *,
        base_url: str = SLACK_API,
        proxies: Proxies = DIRECTLY,
        timeouts: Timeouts | None = None,
        wording: Wording = english,
        new_blocks: bool = True,
        on_new_blocks: Callable[[bool], None] | None = None,
        refused: Refused | None = None,
        saying: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self.api = Api(token, base_url, proxies, timeouts, refused)
        self.channels = Channels(self.api)
        self.wording = wording
        self._new_blocks = new_blocks
        self._on_new_blocks = on_new_blocks
        self._saying = saying
        self._self: Self | None = None

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> Self:
        """Open the connections and ask once who we are.

        Raises:
            DeliveryError: from Slack.
        """
        if self._self is None:
            answer = await self.api.call("auth.test")
            self._self = Self(
                workspace=str(answer["team_id"]),
                workspace_name=str(answer.get("team", "")),
                user_id=str(answer["user_id"]),
                bot_id=str(answer.get("bot_id", "")),
                enterprise=answer.get("enterprise_id"),
            )
        return self._self

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()

    @property
    def new_blocks(self) -> bool:
        """Whether the workspace takes the blocks of 2026. Setting it tells `on_new_blocks`."""
        return self._new_blocks

    @new_blocks.setter
    def new_blocks(self, value: bool) -> None:
        if value != self._new_blocks:
            self._new_blocks = value
            if self._on_new_blocks is not None:
                self._on_new_blocks(value)

    # -- drawing ------------------------------------------------------------------------------------------------

    def render(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[Json]:
        """The message as payloads `{text, blocks}`, with the newest blocks that the workspace takes."""
        return render(message, users, self.wording(locale), self._new_blocks, threaded)

    def render_plain(
        self, message: Message, users: Mapping[int, str], locale: str | None = None, threaded: bool = False
    ) -> list[Json]:
        """The same with the oldest blocks only."""
        return render(message, users, self.wording(locale), new_blocks=False, threaded=threaded)

    # -- messages -----------------------------------------------------------------------------------------------

    async def post(
        self, target: str, part: Mapping[str, Any], key: str, thread: MessageRef | None = None
    ) -> MessageRef:
        """Send one part, once.

        Raises:
            DeliveryError: `Uncertain` when it may have been sent.
        """
        channel = thread.channel if thread else target
        if channel.startswith("#"):
            channel = await self.channels.named(channel[1:])
        thread_ts = thread.message_id if thread else ""
        keyed = {"text": part["text"], "blocks": marked(part["blocks"], key), "metadata": metadata(key)}
        return await self._send(channel, keyed, thread_ts, target)

    async def say(self, channel: str, part: Mapping[str, Any], thread_ts: str = "") -> MessageRef:
        """Answer in a conversation (or to a person), without a key: an answer is of no use when it comes later.

        Raises:
            DeliveryError: from Slack.
        """
        if self._saying is not None:
            await self._saying(channel)
        return await self._send(channel, part, thread_ts, channel)

    async def _send(self, channel: str, part: Mapping[str, Any], thread_ts: str, target: str) -> MessageRef:
        try:
            answer = await self.guarded(
                "chat.postMessage", channel=channel, thread_ts=thread_ts or None, **part, **PLAIN_TEXT
            )
        except TargetGone:
            self.channels.forget(channel)
            raise
        self.channels.remember(target, str(answer["channel"]))
        return MessageRef(str(answer["channel"]), str(answer["ts"]))

    async def update(self, ref: MessageRef, part: Mapping[str, Any], key: str) -> None:
        """Replace a sent part.

        Raises:
            DeliveryError: from Slack.
        """
        await self.guarded(
            "chat.update",
            channel=ref.channel,
            ts=ref.message_id,
            text=part["text"],
            blocks=marked(part["blocks"], key, edited=True),
            metadata=metadata(key),
            parse="none",
            link_names=False,
        )

    async def delete(self, ref: MessageRef) -> None:
        """Remove a sent part; one that is gone already is fine.

        Raises:
            DeliveryError: from Slack.
        """
        try:
            await self.api.call("chat.delete", channel=ref.channel, ts=ref.message_id)
        except TargetGone as error:
            if error.code not in _GONE:
                raise

    async def find(self, target: str, key: str, since: datetime, thread: MessageRef | None = None) -> MessageRef | None:
        """Look through what we sent since shortly before `since` for the part with this key.

        Raises:
            DeliveryError: from Slack; `AppFault` when history may not be read, `Uncertain` when it goes on for longer
                than is looked through.
        """
        channel = thread.channel if thread else await self.channels.target(target)
        oldest = f"{(since - _SKEW).timestamp():.6f}"
        place: Json = {"ts": thread.message_id} if thread else {}
        method = "conversations.replies" if thread else "conversations.history"
        cursor = ""
        for _ in range(_HISTORY_PAGES):
            answer = await self.api.call(
                method, channel=channel, oldest=oldest, limit=_HISTORY_PAGE, include_all_metadata=True,
                cursor=cursor or None, **place,
            )  # fmt: skip
            for message in answer.get("messages", ()):
                if await self._ours(message) and carries(message, key):
                    return MessageRef(channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        # There is more than was looked through: "not there" would be a guess, and the message might go out twice.
        raise Uncertain("history_too_long", f"{_HISTORY_PAGES * _HISTORY_PAGE} messages since {oldest}")

    async def ephemeral(self, channel: str, user_id: str, part: Mapping[str, Any], thread_ts: str = "") -> None:
        """Show one part to one member of a channel; it is stored nowhere.

        Raises:
            DeliveryError: from Slack.
        """
        await self.guarded(
            "chat.postEphemeral",
            channel=channel,
            user=user_id,
            thread_ts=thread_ts or None,
            parse="none",
            link_names=False,
            **part,
        )

    async def respond(self, url: str, part: Mapping[str, Any], replace: bool = False) -> None:
        """Answer privately through a response_url, which works where we are no member.

        Raises:
            DeliveryError: it has expired, was used up, or refused the blocks.
        """
        body = {"response_type": "ephemeral", "replace_original": replace, **part}
        await self._noting(self.api.post(url, body, "response_url"))

    async def guarded(self, method: str, **arguments: Any) -> Json:
        """A call with blocks; remembers when the workspace turns out not to know the newest ones.

        Raises:
            DeliveryError: from Slack.
        """
        return await self._noting(self.api.call(method, **arguments))

    async def _noting(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except AppFault as error:
            if refuses_new_blocks(error):
                self.new_blocks = False
            raise

    async def _ours(self, message: Mapping[str, Any]) -> bool:
        me = await self.start()
        return message.get("bot_id") == me.bot_id or message.get("user") == me.user_id

    # -- people -------------------------------------------------------------------------------------------------

    async def profile(self, user_id: str) -> Profile | None:
        """What Slack knows of a person, or None if there is none; bots have `human` False.

        Raises:
            DeliveryError: from Slack.
        """
        return await self._profile("users.info", user=user_id, include_locale=True)

    async def lookup(self, email: str) -> Profile | None:
        """A person by mail address; needs the scope users:read.email.

        Raises:
            DeliveryError: from Slack.
        """
        return await self._profile("users.lookupByEmail", email=email)

    async def _profile(self, method: str, **arguments: Any) -> Profile | None:
        me = await self.start()
        try:
            answer = await self.api.call(method, **arguments)
        except TargetGone:
            return None
        return profile_of(answer["user"], me.workspace, me.enterprise)

    # -- files --------------------------------------------------------------------------------------------------

    async def upload(self, target: str, filename: str, content: bytes, comment: str = "", thread_ts: str = "") -> str:
        """Share a file; returns its id. The share appears a moment after this returns (Slack docs: working with files).

        Raises:
            DeliveryError: from Slack.
        """
        channel = await self.channels.target(target)
        ticket = await self.api.call("files.getUploadURLExternal", filename=filename, length=len(content))
        await self.api.post(str(ticket["upload_url"]), content, "upload")
        await self.api.call(
            "files.completeUploadExternal",
            files=[{"id": ticket["file_id"], "title": filename}],
            channel_id=channel,
            initial_comment=escape(comment) or None,
            thread_ts=thread_ts or None,
        )
        return str(ticket["file_id"])


# Typed text in the notification must not become a mention or pull in a preview.
PLAIN_TEXT: Final[Json] = {
    "mrkdwn": False, "parse": "none", "link_names": False, "unfurl_links": False, "unfurl_media": False,
}  # fmt: skip


def refuses_new_blocks(error: DeliveryError) -> bool:
    """Whether a refusal says that the workspace does not know a type, rather than that we drew something wrong."""
    if error.code == "invalid_blocks" and not error.detail:
        return True
    return error.code in VIEW_FAULTS and "unsupported type" in error.detail
