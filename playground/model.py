"""What a workspace consists of: plain data, filled by the embedding program and by the app's calls."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
ChannelKind = Literal["channel", "private", "im"]

DEFAULT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "dnd:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "team:read",
    "users:read",
    "users:read.email",
)
DEFAULT_EVENTS = ("app_home_opened", "app_mention", "message.im", "user_change", "app_uninstalled", "tokens_revoked")


@dataclass
class User:
    """A member of the workspace.

    Attributes:
        quiet_hours: local start and end of "do not disturb", such as ("22:00", "08:00"), or None.
        featured: the page offers these people first.
        home_team: the id of another organisation's workspace, for people of shared channels.
    """

    id: str
    name: str
    real_name: str = ""
    title: str = ""
    tz: str = "UTC"
    locale: str = "en-US"
    email: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    home_team: str = ""
    featured: bool = False
    color: str = ""
    quiet_hours: tuple[str, str] | None = None


@dataclass
class Channel:
    """A conversation. `with_bot` says whether the app's bot is a member."""

    id: str
    name: str = ""
    kind: ChannelKind = "channel"
    members: list[str] = field(default_factory=list)
    archived: bool = False
    with_bot: bool = True
    topic: str = ""
    created: int = 0


@dataclass(frozen=True)
class Command:
    """A slash command of the app."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass
class App:
    """The one app of the workspace, as its manifest and its installation say.

    Attributes:
        events: names of subscribed bot events, such as `message.im`.
        home_tab, messages_tab: which tabs of App Home are switched on.
        active: False once the app was removed; every call then answers `account_inactive`.
    """

    name: str = "Rollcall"
    app_id: str = "A0PLAY"
    bot_user_id: str = "U0BOT"
    bot_id: str = "B0PLAY"
    bot_token: str = "xoxb-play"
    app_token: str = "xapp-play"
    signing_secret: str = "play-signing-secret"
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    events: tuple[str, ...] = DEFAULT_EVENTS
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[str, ...] = ()
    home_tab: bool = True
    messages_tab: bool = True
    active: bool = True


@dataclass
class File:
    """An upload: `ready_at` is the real monotonic instant from which Slack would have processed it."""

    id: str
    name: str
    length: int
    title: str = ""
    alt: str = ""
    mimetype: str = ""
    content: bytes | None = None
    completed: bool = False
    ready_at: float = 0.0
    shares: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Message:
    """A message or a reply. `only_for` is the one user who sees it when it is ephemeral."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    edited: Json | None = None
    from_app: bool = False
    only_for: str | None = None
    files: list[str] = field(default_factory=list)
    deleted: bool = False
    client_msg_id: str | None = None

    @property
    def all_blocks(self) -> list[Json]:
        """The blocks of the message and of its attachments."""
        return self.blocks + [block for entry in self.attachments for block in entry.get("blocks", [])]

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it and it is stored nowhere."""
        return self.only_for is not None


@dataclass
class View:
    """A modal or a Home tab of one user. `body` is what the app sent, with missing ids filled in."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    external_id: str = ""

    @property
    def is_home(self) -> bool:
        """Whether this is a Home tab."""
        return bool(self.body["type"] == "home")


@dataclass
class Trigger:
    """A one-time right to open a modal. `opened` is real monotonic time; `view` the modal it was made in."""

    id: str
    user: str
    opened: float
    view: str | None = None
    used: bool = False


@dataclass
class ResponseHook:
    """A response_url: where it may write and how often it still may."""

    id: str
    user: str
    channel: str
    expires: datetime
    source: Message | None = None
    uses: int = 0
