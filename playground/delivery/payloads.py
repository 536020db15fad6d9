"""The JSON of commands, interactions and events (Slack docs: interaction payloads, Events API)."""

import uuid

from playground.api.render import message_json
from playground.model import Channel, Command, Json, Message, User, View
from playground.workspace import Workspace
from playground.world import World

LEGACY_TOKEN = "legacy"


def command_form(world: World, user: User, channel: Channel, command: Command, text: str, hook: str) -> Json:
    """The form fields of a slash command; `hook` is its response_url."""
    space = world.space
    return {
        "token": LEGACY_TOKEN,
        "team_id": space.team_id,
        "team_domain": space.domain,
        "channel_id": channel.id,
        "channel_name": space.display_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command.command,
        "text": text,
        "api_app_id": space.app.app_id,
        "is_enterprise_install": "false",
        "response_url": hook,
        "trigger_id": world.views.new_trigger(user.id),
    }


def interaction(world: World, user: User, kind: str, *, view: View | None = None, trigger: bool = True) -> Json:
    """What all interaction payloads share."""
    space = world.space
    body: Json = {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.home_team or space.team_id},
        "api_app_id": space.app.app_id,
        "token": LEGACY_TOKEN,
        "team": {"id": space.team_id, "domain": space.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if trigger:
        inside = view.id if view is not None and not view.is_home else None
        body["trigger_id"] = world.views.new_trigger(user.id, inside)
    return body


def in_message(world: World, message: Message, hook: str) -> Json:
    """The part of block_actions that says which message it was; an ephemeral one is not sent along."""
    space = world.space
    channel = space.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": space.display_name(channel)},
        "response_url": hook,
    }
    if not message.ephemeral:
        body["message"] = message_json(world, message)
    return body


def in_view(world: World, view: View, state: Json) -> Json:
    """The part of block_actions that says which view it was."""
    return {"container": {"type": "view", "view_id": view.id}, "view": world.views.wire(view, state)}


def view_submission(world: World, user: User, view: View, state: Json, response_urls: list[Json]) -> Json:
    """view_submission with the typed state."""
    body = interaction(world, user, "view_submission", view=view)
    return body | {"view": world.views.wire(view, state), "response_urls": response_urls}


def view_closed(world: World, user: User, view: View, state: Json, *, cleared: bool) -> Json:
    """view_closed; `state` is without input blocks."""
    body = interaction(world, user, "view_closed", trigger=False)
    return body | {"view": world.views.wire(view, state), "is_cleared": cleared}


def shortcut(world: World, user: User, callback_id: str) -> Json:
    """A global shortcut."""
    body = interaction(world, user, "shortcut")
    return body | {"callback_id": callback_id, "action_ts": world.space.timestamp()}


def event_envelope(space: Workspace, event: Json) -> Json:
    """The outer JSON of the Events API."""
    app = space.app
    authorization = {
        "enterprise_id": None,
        "team_id": space.team_id,
        "user_id": app.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": LEGACY_TOKEN,
        "type": "event_callback",
        "team_id": space.team_id,
        "api_app_id": app.app_id,
        "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
        "event_time": int(space.clock.epoch()),
        "event_context": f"4-{uuid.uuid4().hex}",
        "is_ext_shared_channel": False,
        "authorizations": [authorization],
        "event": event,
    }


def message_event(world: World, message: Message) -> Json:
    """A message event from a person."""
    space = world.space
    kind = {"im": "im", "private": "group", "channel": "channel"}[space.channels[message.channel].kind]
    return message_json(world, message) | {
        "channel": message.channel,
        "channel_type": kind,
        "event_ts": message.ts,
        "team": space.team_id,
    }


def change_event(world: World, message: Message, previous: Json) -> Json:
    """A message event with subtype message_changed or message_deleted."""
    kind = {"im": "im", "private": "group", "channel": "channel"}[world.space.channels[message.channel].kind]
    ts = world.space.timestamp()
    body: Json = {
        "type": "message",
        "channel": message.channel,
        "channel_type": kind,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "previous_message": previous,
    }
    if message.deleted:
        return body | {"subtype": "message_deleted", "deleted_ts": message.ts}
    return body | {"subtype": "message_changed", "message": message_json(world, message)}


def mention_event(world: World, message: Message) -> Json:
    """An app_mention event."""
    body = message_json(world, message)
    return body | {
        "type": "app_mention",
        "channel": message.channel,
        "event_ts": message.ts,
        "team": world.space.team_id,
    }


def home_event(world: World, user: User, tab: str) -> Json:
    """An app_home_opened event; the view is there once one was published."""
    space = world.space
    body: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": space.dm_with(user.id).id,
        "tab": tab,
        "event_ts": space.timestamp(),
    }
    view = world.views.homes.get(user.id)
    if view is not None and tab == "home":
        body["view"] = world.views.wire(view)
    return body
