"""The state of one workspace, and how it is looked up. Rules about who may do what live in `api/`."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from playground.blocks import elements_of, walk
from playground.clock import SimClock
from playground.model import App, Channel, File, Json, Message, User

SLACKBOT = "USLACKBOT"
Listener = Callable[[str, Json], None]


@dataclass
class Workspace:
    """People, channels, messages and files of one Slack-like workspace."""

    team_id: str
    name: str
    domain: str
    app: App
    clock: SimClock
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    read_marks: dict[tuple[str, str], str] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    _last_micros: int = 0
    _serial: int = 0

    @classmethod
    def create(
        cls,
        *,
        team: str = "Acme",
        users: Iterable[User] = (),
        channels: Iterable[Channel] = (),
        app: App | None = None,
        clock: SimClock | None = None,
        domain: str = "",
        team_id: str = "T0PLAY",
    ) -> "Workspace":
        """A workspace with these people and channels; the bot and Slackbot are added.

        Args:
            clock: when not given, a clock that starts on Monday 2 November 2026, 09:00 UTC.

        Raises:
            ValueError: two users or channels share an id, or a channel names an unknown member.
        """
        from datetime import UTC, datetime

        space = cls(
            team_id=team_id,
            name=team,
            domain=domain or team.lower().replace(" ", "-"),
            app=app or App(),
            clock=clock or SimClock(datetime(2026, 11, 2, 9, tzinfo=UTC)),
        )
        space._add_user(User(SLACKBOT, "slackbot", "Slackbot"))
        bot = space.app
        space._add_user(User(bot.bot_user_id, bot.name.lower().replace(" ", ""), bot.name, is_bot=True))
        for user in users:
            space._add_user(user)
        for channel in channels:
            space._add_channel(channel)
        return space

    def _add_user(self, user: User) -> None:
        if user.id in self.users:
            raise ValueError(f"two users have the id {user.id}")
        self.users[user.id] = user

    def _add_channel(self, channel: Channel) -> None:
        unknown = [member for member in channel.members if member not in self.users]
        if channel.id in self.channels or unknown:
            raise ValueError(f"channel {channel.id}: used twice, or unknown members {unknown}")
        self.channels[channel.id] = channel
        if channel.with_bot and self.app.bot_user_id not in channel.members:
            channel.members.append(self.app.bot_user_id)

    # -- identifiers and time -------------------------------------------------------------------------------------

    def timestamp(self) -> str:
        """A new ts: the simulated instant, but never twice and never backwards."""
        self._last_micros = max(self._last_micros + 1, int(self.clock.epoch() * 1_000_000))
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """A new id that starts with `letter`, such as V or F."""
        self._serial += 1
        return f"{letter}0{self._serial:06d}"

    # -- people and conversations ---------------------------------------------------------------------------------

    def people(self) -> list[User]:
        """Everybody who can be played: no bots, no Slackbot."""
        return [user for user in self.users.values() if not user.is_bot and user.id != SLACKBOT]

    def person(self, user_id: str) -> User:
        """The user with this id.

        Raises:
            KeyError: there is none.
        """
        return self.users[user_id]

    def dm_with(self, user_id: str) -> Channel:
        """The direct conversation of a user with the app, opened when it did not exist."""
        members = [user_id, self.app.bot_user_id]
        for channel in self.channels.values():
            if channel.kind == "im" and set(channel.members) == set(members):
                return channel
        channel = Channel(id=self.dm_id(user_id), kind="im", members=members, created=int(self.clock.epoch()))
        self.channels[channel.id] = channel
        self.tell("state", {})
        return channel

    def dm_id(self, user_id: str) -> str:
        """The id that a user's direct conversation with the app has, or would have."""
        return f"D{user_id[1:]}"

    def is_app_dm(self, channel: Channel) -> bool:
        """Whether this is somebody's direct conversation with the app."""
        return channel.kind == "im" and self.app.bot_user_id in channel.members

    def display_name(self, channel: Channel) -> str:
        """The channel name as payloads give it."""
        return {"im": "directmessage", "private": "privategroup", "channel": channel.name}[channel.kind]

    # -- messages -------------------------------------------------------------------------------------------------

    def post(self, message: Message) -> Message:
        """Store a message and tell the listeners."""
        self.messages.setdefault(message.channel, []).append(message)
        self.changed(message)
        return message

    def changed(self, message: Message) -> None:
        """A message is new, different or gone: give its blocks ids and tell the listeners."""
        fill_ids(message.all_blocks)
        self.tell("message", {"channel": message.channel})

    def find(self, channel: str, ts: str) -> Message | None:
        """The message with this ts, unless it is gone."""
        for message in self.messages.get(channel, []):
            if message.ts == ts and not message.deleted:
                return message
        return None

    def visible(self, channel: str, user_id: str | None = None) -> list[Message]:
        """Messages and replies of a channel, oldest first; with `user_id` that person's ephemeral ones too."""
        return [
            message
            for message in self.messages.get(channel, [])
            if not message.deleted and (message.only_for is None or message.only_for == user_id)
        ]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """Replies in the thread of `ts`, oldest first."""
        return [message for message in self.visible(channel) if message.thread_ts == ts and message.ts != ts]

    def unread(self, channel: Channel, user_id: str) -> int:
        """How many messages of others came after the person last looked."""
        mark = self.read_marks.get((user_id, channel.id), "0")
        return sum(
            message.user != user_id and float(message.ts) > float(mark) for message in self.visible(channel.id, user_id)
        )

    def mark_read(self, channel_id: str, user_id: str) -> None:
        """Remember that a person has seen everything in a channel."""
        seen = self.visible(channel_id, user_id)
        if seen:
            self.read_marks[(user_id, channel_id)] = max((m.ts for m in seen), key=float)

    # -- telling --------------------------------------------------------------------------------------------------

    def tell(self, kind: str, detail: Json) -> None:
        """Call every listener; used for the page and for waiting tests."""
        for listener in list(self.listeners):
            listener(kind, detail)


def fill_ids(blocks: list[Json]) -> None:
    """Give every block and element without an id a random one, as Slack does on arrival."""
    for block in walk(blocks):
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
