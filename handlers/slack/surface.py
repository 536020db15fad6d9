"""What the app shows to Slack: commands, shortcuts, events and scopes. Registration and manifest are made from this."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command."""

    name: str = "/rag"
    description: str = "Ask about project status: colours, risks, who is missing, history"
    hint: str = "[red | missing | PROJECT | help]"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A global shortcut; pressing it is a click on `action`."""

    callback_id: str
    name: str
    description: str
    action: str


@dataclass(frozen=True, slots=True)
class Event:
    """A subscribed event and the scope that it needs (empty: any)."""

    name: str
    scope: str = ""


SHORTCUTS: Final = (Shortcut("report", "Report status", "Open the status report you owe", "report.open"),)

EVENTS: Final = (
    Event("app_home_opened"),
    Event("app_mention", "app_mentions:read"),
    Event("app_uninstalled"),
    # That a channel is lost, renamed or back. Those of private channels are called `group_...`.
    Event("channel_archive", "channels:read"),
    Event("channel_left", "channels:read"),
    Event("channel_rename", "channels:read"),
    Event("channel_unarchive", "channels:read"),
    Event("group_archive", "groups:read"),
    Event("group_left", "groups:read"),
    Event("group_rename", "groups:read"),
    Event("group_unarchive", "groups:read"),
    Event("member_joined_channel", "channels:read"),
    Event("message.im", "im:history"),
    Event("tokens_revoked"),
    Event("user_change", "users:read"),
)

# What the calls of the adapter need (Slack docs: scopes), beside the scopes of commands and events.
CALL_SCOPES: Final = {
    "chat:write": "post, update and delete messages",
    "im:write": "open direct conversations",
    "im:history": "look for a message that may have been sent",
    "channels:history": "the same in public channels",
    "groups:history": "the same in private channels",
    "channels:read": "find channels by name",
    "groups:read": "find private channels by name",
    "users:read": "names, time zones and languages of people",
    "files:write": "send exports",
}
OPTIONAL_SCOPES: Final = {
    "chat:write.public": "post to public channels without being invited",
    "users:read.email": "find people by mail address when importing",
}


@dataclass(frozen=True, slots=True)
class Surface:
    """One app."""

    name: str = "Rollcall"
    bot_name: str = "rollcall"
    description: str = "Asks project leads for status and tells leadership what they must know"
    command: SlashCommand = field(default_factory=SlashCommand)
    shortcuts: tuple[Shortcut, ...] = SHORTCUTS
    events: tuple[Event, ...] = EVENTS

    def scopes(self) -> list[str]:
        """Every scope needed, sorted."""
        return sorted({"commands", *CALL_SCOPES, *(event.scope for event in self.events if event.scope)})

    def action_of(self, callback_id: str) -> str:
        """What a shortcut clicks; empty for one that is not ours."""
        return next((s.action for s in self.shortcuts if s.callback_id == callback_id), "")
