"""Slack's payloads as neutral values. Nothing here calls anybody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from handlers.slack.actions import decode, is_link
from handlers.slack.escaping import unescape
from handlers.slack.forms import field_part, parse
from handlers.slack.people import PLATFORM
from handlers.text import clean
from reporting.interactions import Click, Command
from reporting.model import Identity

Json = Mapping[str, Any]
Kind = Literal["command", "message", "form", "home", "chat", "mention", "shortcut"]
_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
# Slack docs: the message event; a person's own words have no subtype, or one of these.
_SPOKEN = {None, "file_share", "thread_broadcast"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was done, and so where it can be answered.

    Attributes:
        private: the pressed message is one that only this person sees.
        direct: it was done in the direct conversation with us, where an answer is an ordinary message.
        team: the workspace that the person belongs to, where Slack says so.
    """

    kind: Kind
    actor: Identity
    channel: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    private: bool = False
    direct: bool = False
    response_url: str = ""
    trigger_id: str = ""
    view: Json | None = None
    team: str = ""

    @property
    def view_id(self) -> str:
        """The view it was done in, or an empty text."""
        return str(self.view["id"]) if self.view else ""


def actor(body: Json, workspace: str) -> Identity:
    """Who did it. The workspace is always our own: user ids are unique, and `team` may be another one's or null."""
    return Identity(PLATFORM, workspace, user_id(body))


def user_id(body: Json) -> str:
    """The chat user id of who did it."""
    user = body.get("user")
    return str(user["id"] if isinstance(user, Mapping) else body.get("user_id") or user)


def payload_kind(body: Json) -> str:
    """What a payload of Slack is about, as one of a few words."""
    return "command" if "command" in body else _KINDS.get(str(body.get("type")), "other")


_KINDS = {
    "block_actions": "click",
    "block_suggestion": "options",
    "view_submission": "submission",
    "view_closed": "close",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}


def pressed(body: Json) -> str:
    """The names of the buttons and menus that were pressed; empty when only something was typed."""
    origin = click_origin(body, "")
    pressed = [action for action in body.get("actions") or () if not is_typing(action, origin)]
    return ", ".join(decode(str(a.get("action_id", "")), str(a.get("value") or ""))[0] for a in pressed)


def team_of(body: Json) -> str:
    """The workspace that whoever did it belongs to; empty when the payload does not say."""
    user = body.get("user")
    if isinstance(user, Mapping):
        return str(user.get("team_id") or "")
    return str(body.get("user_team") or body.get("team") or body.get("team_id") or "")


def plain_line(text: str) -> str:
    """A typed line as people see it, with mentions of people as `@U123` (Slack docs: implementing slash commands)."""

    def shown(found: re.Match[str]) -> str:
        kind, target, label = found.groups()
        if kind == "@":
            return f"@{target}"
        if kind == "#":
            return f"#{label or target}"
        return label or (f"@{target}" if kind == "!" else target.removeprefix("mailto:"))

    return clean(unescape(_MARKUP.sub(shown, text))).replace("\n", " ").strip()


# ---------------------------------------------------------------- commands and messages


def from_command(body: Json, workspace: str) -> tuple[Command, Origin]:
    """A slash command; answered through its response_url, which works in every conversation."""
    who = actor(body, workspace)
    channel = str(body.get("channel_id", ""))
    command = Command(who, plain_line(body.get("text") or ""), channel, channel.startswith("D"))
    origin = Origin(
        "command",
        who,
        channel,
        response_url=str(body.get("response_url", "")),
        trigger_id=str(body.get("trigger_id", "")),
        team=team_of(body),
    )
    return command, origin


def from_chat(event: Json, workspace: str, me: str) -> tuple[Command, Origin] | None:
    """A direct message or a mention; None for everything that is not a person's own words to us."""
    spoken = event.get("subtype") in _SPOKEN and not event.get("bot_id") and not event.get("hidden")
    mention = event.get("type") == "app_mention"
    if not spoken or not event.get("user") or event["user"] == me:
        return None
    if not mention and event.get("channel_type") != "im":
        return None
    who = actor(event, workspace)
    channel = str(event["channel"])
    text = str(event.get("text") or "")
    if mention:
        text = re.sub(rf"<@{re.escape(me)}(\|[^<>]*)?>", " ", text)
    origin = Origin(
        "mention" if mention else "chat",
        who,
        channel,
        thread_ts=str(event.get("thread_ts") or ""),
        direct=not mention,
        team=team_of(event),
    )
    return Command(who, plain_line(text), channel, direct=not mention), origin


# ---------------------------------------------------------------- clicks


def click_origin(body: Json, workspace: str) -> Origin:
    """Where a block action was done."""
    view: Json | None = body.get("view")
    container = body.get("container") or {}
    kind: Kind = "message" if view is None else "home" if view.get("type") == "home" else "form"
    private = bool(container.get("is_ephemeral"))
    channel = str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")
    return Origin(
        kind,
        actor(body, workspace),
        channel,
        message_ts=str(container.get("message_ts") or ""),
        thread_ts=str(container.get("thread_ts") or ""),
        private=private,
        direct=channel.startswith("D") and not private,
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        view=view,
        team=team_of(body),
    )


def is_typing(action: Json, origin: Origin) -> bool:
    """Whether this is a live field of a form, and not a button or menu."""
    return origin.kind == "form" and field_part(str(action.get("block_id")), str(action.get("action_id"))) is not None


def from_action(action: Json, origin: Origin) -> Click | None:
    """A button or menu; None for a button that only opens an address, and for a menu with nothing chosen."""
    action_id = str(action.get("action_id", ""))
    if is_link(action_id):
        return None
    value = action.get("value")
    if action.get("type") != "button":
        value = (action.get("selected_option") or {}).get("value")
        if value is None:
            return None
    name, argument = decode(action_id, str(value or ""))
    return Click(
        action=name,
        value=argument,
        actor=origin.actor,
        place="form" if origin.kind == "form" else "home" if origin.kind == "home" else "message",
        channel=origin.channel,
        message_id=origin.message_ts,
        form=parse(origin.view, origin.actor) if origin.kind == "form" and origin.view else None,
    )
