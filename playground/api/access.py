"""Which conversation an argument means, and whether the bot may read or write there."""

from playground.api.method import Call
from playground.errors import SlackError
from playground.model import Channel
from playground.workspace import SLACKBOT

READ = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY = {"channel": "channels:history", "private": "groups:history", "im": "im:history"}


def visible_channel(call: Call) -> Channel:
    """A channel that the bot may know of.

    Raises:
        SlackError: `channel_not_found` for an unknown one, and for a private one without the bot.
    """
    channel = call.space.channels.get(call.args.need("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.kind != "channel" and call.app.bot_user_id not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def readable_channel(call: Call) -> Channel:
    """A channel whose messages the bot may read.

    Raises:
        SlackError: `channel_not_found`, `missing_scope` or `not_in_channel`.
    """
    channel = visible_channel(call)
    call.require_scope(HISTORY[channel.kind])
    if call.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def writable_channel(call: Call) -> Channel:
    """Where a post goes: a channel, or a person whose direct conversation is opened on the way.

    Raises:
        SlackError: the bot may not post there.
    """
    target = call.args.need("channel")
    if target in call.space.users:
        return _direct(call, target)
    channel = by_name(call, target) or visible_channel(call)
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im":
        return _open_direct(call, channel)
    if call.app.bot_user_id not in channel.members and "chat:write.public" not in call.app.scopes:
        raise SlackError("not_in_channel")
    return channel


def by_name(call: Call, target: str) -> Channel | None:
    """A public channel by `#name` or `name`, which posting still accepts."""
    wanted = target.removeprefix("#")
    return next((c for c in call.space.channels.values() if c.kind == "channel" and c.name == wanted), None)


def _direct(call: Call, user_id: str) -> Channel:
    user = call.space.users[user_id]
    if user.is_bot or user.id == SLACKBOT or user.deleted:
        raise SlackError("channel_not_found")
    return _open_direct(call, call.space.dm_with(user_id))


def _open_direct(call: Call, channel: Channel) -> Channel:
    if not call.app.messages_tab:
        raise SlackError("messages_tab_disabled")
    if any(call.space.users[name].deleted for name in channel.members):
        raise SlackError("channel_not_found")
    return channel
